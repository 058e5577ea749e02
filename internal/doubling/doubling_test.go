package doubling

import (
	"strings"
	"testing"
)

// recorder notes whether a check failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

var sink int

// TestASquareIsFound, and what costs in proportion passes.
func TestASquareIsFound(t *testing.T) {
	work := map[string]func(text string){
		"proportional": func(text string) { sink += strings.Count(text, "b") },
		"square": func(text string) {
			for i := range text {
				sink += strings.Count(text[i:], "b")
			}
		},
	}
	for name, do := range work {
		r := &recorder{TB: t}
		Check(r, 4<<10, func(n int) func() {
			text := strings.Repeat("a", n)
			return func() { do(text) }
		})
		if r.failed != (name == "square") {
			t.Errorf("%s: failed %v", name, r.failed)
		}
	}
}
