package stored

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/outgoing"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/storetest"
)

// TestATimelineShowsALetterAsItWentOut: what a colleague typed is formatted, what a customer wrote and what was written before there were
// letters stands as it is.
func TestATimelineShowsALetterAsItWentOut(t *testing.T) {
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	d := New(Config{Store: s, House: answering.House{Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true }}})
	if _, err := s.Answering.Send(t.Context(), agent, answering.House{}, answering.Writing{Key: "page-letter", Kind: replies.Note, Ticket: h.BobTicket, Anyway: true, Text: "**Call** <b>him</b>"}, monday); err != nil {
		t.Fatal(err)
	}
	page, err := d.Ticket(t.Context(), agent, h.BobTicket, "")
	if err != nil {
		t.Fatal(err)
	}
	if l := page.Lines[len(page.Lines)-1]; l.HTML != "<p><strong>Call</strong> &lt;b&gt;him&lt;/b&gt;</p>" || l.Text != "**Call** <b>him</b>" {
		t.Errorf("the note is shown as %q", l.HTML)
	}
	for _, l := range page.Lines[:len(page.Lines)-1] {
		if l.Kind == desk.Message && l.HTML != "" {
			t.Errorf("formatted though it is no letter: %q", l.HTML)
		}
	}
	before := shown(agent, 7, agents.Line{Reply: &agents.Reply{Kind: replies.Answer, Text: "**as typed**"}}, people{}, monday)
	if before.HTML != "" {
		t.Errorf("an answer of an older program is shown as %q", before.HTML)
	}
}

// TestAPageSaysWhatTheCheckHasFound, and sends it when its writer gives that back.
func TestAPageSaysWhatTheCheckHasFound(t *testing.T) {
	check, err := outgoing.New(outgoing.Config{Cards: outgoing.Block, Words: []outgoing.Words{{Words: []string{"guaranteed"}, Action: outgoing.Warn}}})
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	d := New(Config{Store: s, House: answering.House{Check: check, Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true },
		Carries: map[string]message.Carries{"email": {Cc: 9}}}, Now: func() time.Time { return monday }})
	box, err := d.Box(t.Context(), agent, h.BobTicket, "")
	if err != nil {
		t.Fatal(err)
	}
	out := pages.Outgoing{Key: "page", Seen: box.Seen, Ground: box.Ground, Text: "guaranteed"}
	found := new(pages.Found)
	if _, err = d.Reply(t.Context(), agent, h.BobTicket, out); !errors.As(err, &found) || len(found.What) != 1 || found.What[0] != (desk.Reason{Word: "word", Of: "guaranteed"}) || found.Despite == "" {
		t.Fatalf("%+v, %v", found, err)
	}
	out.Despite = found.Despite
	if _, err = d.Reply(t.Context(), agent, h.BobTicket, out); err != nil {
		t.Fatal(err)
	}
	page, err := d.Ticket(t.Context(), agent, h.BobTicket, "")
	if err != nil || len(page.Lines) == 0 || len(page.Lines[len(page.Lines)-1].Despite) != 1 {
		t.Errorf("the ticket does not say so: %v", err)
	}
	out.Key, out.Text, out.Seen, out.Despite = "next", "4111 1111 1111 1111", out.Seen+1, `["card"]`
	if _, err = d.Reply(t.Context(), agent, h.BobTicket, out); !errors.As(err, &found) || found.Despite != "" {
		t.Errorf("what must not go out: %+v, %v", found, err)
	}
}
