package classify

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// TestClassifyingIsLinear: the sentences of a text, and what it is folded to. Classify looks at the beginning of a text
// alone, which would hide a square; so its parts are measured.
func TestClassifyingIsLinear(t *testing.T) {
	rules, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	units := append(doubling.Units(), "not a refund. ", "don't ", "没有退款。", "不", "card was not delivered\n", "帳號", "ｒｅｆｕｎｄ ", "a.b", "\n\n\n", "refund card order ", "'")
	for name, work := range map[string]func(s string){
		"folding": func(s string) { c.folder.Fold(s) },
		"sentences": func(s string) {
			st := newState(len(c.categories), len(c.terms))
			st.reset("en")
			st.text = c.folder.runes(st.text[:0], s)
			for line := range strings.SplitSeq(string(st.text), "\n") {
				st.sentence(c, []rune(line), 1, "")
			}
		},
		"all": func(s string) { c.Classify(Input{Subject: s, Text: s, Language: s, Topic: s}) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, frame := range [][2]string{{"", ""}, {"I want a refund ", " please."}} {
				doubling.Text(t, 1<<10, frame[0], frame[1], units, work)
			}
		})
	}
}
