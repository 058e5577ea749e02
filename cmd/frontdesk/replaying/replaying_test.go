package replaying

import (
	"strings"
	"testing"
	"unicode"

	"frontdesk/workers/replay"
)

// What strangers wrote says nothing to the terminal on which it is told.
func TestNothingOfAStrangerSpeaksToTheTerminal(t *testing.T) {
	const hostile = "late \x1b[2J\x1b]0;owned\x07\r forged \u009b31m \u202egnorw\u2066 \b\x7f 订单 👩\u200d💻"
	var out strings.Builder
	verdict := replay.Verdict{Text: hostile + "\nsecond", Differences: []replay.Difference{{Field: hostile, Now: hostile}}}
	if err := (&report{w: &out, before: func() {}}).verdict(verdict); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, out.String())
		}
	}
	if strings.Count(out.String(), "订单 👩\u200d💻") < 3 || !strings.Contains(out.String(), "\n  second") {
		t.Errorf("what is visible is not all there:\n%s", out.String())
	}
}
