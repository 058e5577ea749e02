package dedupe

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// TestCompareCostsLinearTime: both texts are foreign, and chosen so that every beginning looks right.
func TestCompareCostsLinearTime(t *testing.T) {
	from := message.Address{Kind: message.Email, Value: "a@b.example"}
	for name, text := range map[string]func(n int) (a, b string){
		"two repetitions": func(n int) (string, string) { return strings.Repeat("a", n) + "b", strings.Repeat("a", 2*n) },
		"words": func(n int) (string, string) {
			return strings.Repeat("a ", n) + "b", "b" + strings.Repeat("a ", n) + "c"
		},
	} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<12, func(n int) func() {
				a, b := text(n)
				return func() { Compare(message.Message{From: from}, a, Twin{From: from.Identity(), Text: b}) }
			})
		})
	}
}

// TestALikenessKnowsNoSides: which of two texts came first is chance.
func TestALikenessKnowsNoSides(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want likeness
	}{
		{"", "", contained}, {"", "x", contained}, {"ok", "ok then", contained}, {"a b", "a new b", contained}, {"one", "two", different},
		{"the same beginning, then this", "the same beginning, then that other", similar},
		{strings.Repeat("x1 ", 30) + "left", "right" + strings.Repeat("x1 ", 30), similar},
	} {
		if got, back := alike([]byte(c.a), []byte(c.b)), alike([]byte(c.b), []byte(c.a)); got != c.want || back != c.want {
			t.Errorf("%q, %q: %v and %v, want %v", c.a, c.b, got, back, c.want)
		}
	}
}
