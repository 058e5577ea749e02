package audit

import (
	"strings"
	"testing"
	"text/tabwriter"
	"unicode"
)

// Names of inboxes and words of other servers stand in the books, and say nothing to the terminal.
func TestNothingOfAStrangerSpeaksToTheTerminal(t *testing.T) {
	var out strings.Builder
	page := &table{tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)}
	page.line("%s", "late \x1b[2J\x1b]0;owned\x07\r forged \u009b31m \u202egnorw\u2066 \b\x7f 订单 👩\u200d💻")
	if err := page.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, out.String())
		}
	}
	if !strings.Contains(out.String(), "订单 👩\u200d💻") {
		t.Errorf("what is visible is not all there:\n%s", out.String())
	}
}
