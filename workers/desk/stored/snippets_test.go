package stored

import (
	"errors"
	"testing"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/viewer"
)

// TestSnippetsAreFilledForTheirTicket, in the customer's language, with what their variables stand for.
func TestSnippetsAreFilledForTheirTicket(t *testing.T) {
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	d := Snippets(New(Config{Store: s, House: answering.House{Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true },
		Name: func(string) string { return "To*pay" }}}))
	lead := viewer.Viewer{User: 5, Login: "li", Name: "Li", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
	why := new(pages.Refusal)
	if err := d.Save(t.Context(), lead, pages.Snippet{Name: "a", Texts: map[string]string{"en": "{custmer}"}}); !errors.As(err, &why) || why.Word != "snippets.unknown" {
		t.Errorf("a variable that there is not: %v", err)
	}
	for _, n := range []pages.Snippet{{Name: "bye", Texts: map[string]string{"en": "{agent}, {desk}, {ticket}", "zh": "再见"}}, {Name: "nur", Texts: map[string]string{"zh": "您好"}}} {
		if err := d.Save(t.Context(), lead, n); err != nil {
			t.Fatal(err)
		}
	}
	if !d.Edits(lead) || d.Edits(agent) {
		t.Error("others than leads and administrators edit")
	}
	got, err := d.Fitting(t.Context(), agent, h.BobTicket)
	if err != nil || len(got) != 1 || got[0] != [2]string{"bye", "Chen, To\\*pay, " + thread.TicketNumber(h.BobTicket)} {
		t.Errorf("%q, %v", got, err)
	}
}
