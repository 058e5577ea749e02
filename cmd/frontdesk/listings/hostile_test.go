package listings

import (
	"strings"
	"testing"
	"unicode"

	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/workers/store/view"
)

// hostileText clears a terminal, sets its title, writes to its clipboard, begins a line anew and turns one round.
const hostileText = "late \x1b[2J\x1b]0;owned\x07 \x1b]52;c;cm0gLXJm\x07\r forged \u009b31m \u202egnorw\u2066 \b\x7f 订单 👩\u200d💻"

// What strangers wrote says nothing to the terminal on which it is listed.
func TestNothingOfAStrangerSpeaksToTheTerminal(t *testing.T) {
	var out strings.Builder
	story := view.Story{Message: view.Message{ID: 1, From: hostileText, Subject: hostileText, Text: hostileText + "\nsecond", Key: hostileText}, Evidence: hostileText,
		Attachments: []view.Attached{{Name: hostileText, MediaType: hostileText, Note: hostileText}}, Ticket: &view.Ticket{Queue: hostileText}}
	tell(terminal.Visibly(&out), story)
	list := terminal.NewPrinter(&out, "ID\tTEXT", func(m view.Message) string { return terminal.Columns(m.ID, terminal.Line(m.Subject, 400), m.From) }, false)
	if err := list.Item(story.Message); err != nil {
		t.Fatal(err)
	}
	if err := list.End(); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, out.String())
		}
	}
	if strings.Count(out.String(), "订单 👩\u200d💻") < 8 || !strings.Contains(out.String(), "\n  second") {
		t.Errorf("what is visible is not all there:\n%s", out.String())
	}
}
