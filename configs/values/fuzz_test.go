package values

import (
	"testing"
	"time"
)

// FuzzScalars reads foreign text as each kind of value: what is taken is in range, and what has a
// written form reads back as the same.
func FuzzScalars(f *testing.F) {
	for _, s := range []string{"1d12h", "25MiB", "2026-10-01..2026-10-07", "09:00-12:00", "24:00", "99999999999999w", "9223372036854775807k", "0000-00-00", "-1s", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d Duration
		if d.Parse(text) == nil && d < 0 {
			t.Errorf("%q is a length of %v", text, d)
		}
		var size Size
		if size.Parse(text) == nil && size < 0 {
			t.Errorf("%q is a size of %d", text, size)
		}
		var r, back DateRange
		if r.Parse(text) == nil && (back.Parse(r.String()) != nil || back != r || len(r.Days()) == 0 || len(r.Days()) > 366) {
			t.Errorf("%q is %v, read back %v, %d days", text, r, back, len(r.Days()))
		}
		var s, again Span
		if s.Parse(text) == nil && (again.Parse(s.String()) != nil || again != s || s.Start < 0 || s.End > 24*60 || s.Start >= s.End) {
			t.Errorf("%q is %v", text, s)
		}
		var day Date
		if day.Parse(text) == nil && day.In(time.UTC).Format(time.DateOnly) != day.String() {
			t.Errorf("%q is %v", text, day)
		}
	})
}
