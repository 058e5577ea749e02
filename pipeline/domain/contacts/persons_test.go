package contacts

import (
	"testing"
	"time"
)

func TestANumberThatWasSilentMayBeSomebodyElses(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	span := func(from, to int) Span { return Span{now.AddDate(0, 0, -from), now.AddDate(0, 0, -to)} }
	for _, c := range []struct {
		name  string
		heard []Span
		want  bool
	}{
		{"nothing is known of it", nil, true},
		{"it wrote today alone", []Span{span(0, 0)}, false},
		{"it wrote 45 days ago", []Span{span(45, 45)}, false},
		{"it wrote 46 days ago", []Span{span(46, 46)}, true},
		{"it wrote now and then", []Span{span(120, 119), span(80, 80), span(40, 0)}, false},
		{"it was silent for two months, and writes again", []Span{span(100, 90), span(20, 0)}, true},
		{"that gap lies behind more that came", []Span{span(200, 150), span(60, 40), span(10, 0)}, true},
		{"a long conversation bridges it", []Span{span(200, 30), span(150, 150), span(0, 0)}, false},
	} {
		if got := Lapsed(c.heard, now); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
