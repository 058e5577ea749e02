package stored

import (
	"testing"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk"
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
	before := shown(agent, agents.Line{Reply: &agents.Reply{Kind: replies.Answer, Text: "**as typed**"}}, people{}, monday)
	if before.HTML != "" {
		t.Errorf("an answer of an older program is shown as %q", before.HTML)
	}
}
