package promise

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWarningsComeWhileSomebodyWorks: those of a promise by the wall clock wait for the next opening of any calendar, and are none where that is too
// late. Those of an acknowledgement are for the operator.
func TestWarningsComeWhileSomebodyWorks(t *testing.T) {
	zone := time.FixedZone("HKT", 8*3600)
	hours := func(name string, spans ...Span) *Hours {
		c := Calendar{Name: name, Zone: zone}
		for day := time.Monday; day <= time.Friday; day++ {
			c.Week[day] = spans
		}
		h, err := c.Compile()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	office, late := hours("office", Span{9 * time.Hour, 18 * time.Hour}), hours("late", Span{20 * time.Hour, 22 * time.Hour})
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, zone) } // 1 December is a Tuesday
	for _, c := range []struct {
		name      string
		calendars map[string]*Hours
		kind      Kind
		within    time.Duration
		from      time.Time
		want      []time.Time
	}{
		{"in the office", map[string]*Hours{"office": office}, FirstReply, 2 * time.Hour, at(1, 10, 0), []time.Time{at(1, 11, 0), at(1, 11, 36)}},
		{"at night they wait for the morning, once", map[string]*Hours{"office": office}, NextReply, 16 * time.Hour, at(1, 19, 0), []time.Time{at(2, 9, 0)}},
		{"or for whoever comes first", map[string]*Hours{"office": office, "late": late}, FirstReply, 16 * time.Hour, at(1, 10, 0), []time.Time{at(1, 20, 0)}},
		{"nobody hears one that would be too late", map[string]*Hours{"office": office}, FirstReply, time.Hour, at(1, 2, 0), nil},
		{"an acknowledgement's come at any time", map[string]*Hours{"office": office}, Acknowledgement, time.Hour, at(1, 2, 0), []time.Time{at(1, 2, 30), at(1, 2, 48)}},
		{"without calendars they come at any time", nil, FirstReply, time.Hour, at(1, 2, 0), []time.Time{at(1, 2, 30), at(1, 2, 48)}},
	} {
		p := Policy{Calendars: c.calendars, Warn: []float64{0.5, 0.8}}
		made := p.count(Rule{Kind: c.kind, Within: c.within, Clock: Wall}, Facts{}, c.from, 0)
		if d := cmp.Diff(c.want, made.Warn); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
