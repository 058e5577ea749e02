package promise

import (
	"testing"
	"time"
)

// randomCalendar makes a calendar of the bytes: every byte pair is one day's span. ok is false
// when the bytes make a calendar that Compile refuses.
func randomCalendar(loc *time.Location, shape []byte) (*Hours, bool) {
	c := Calendar{Name: "fuzz", Zone: loc}
	span := func(a, b byte) Span {
		from := time.Duration(a%96) * 15 * time.Minute
		return Span{from, from + time.Duration(b%100+1)*15*time.Minute}
	}
	for i := 0; i+1 < len(shape) && i < 40; i += 2 {
		s := span(shape[i], shape[i+1])
		day := Date{2026, 1, 1 + int(shape[i])*2}
		switch {
		case i < 14:
			c.Week[i/2] = append(c.Week[i/2], s)
		case shape[i+1]%4 == 0:
			c.Holidays = append(c.Holidays, day)
		case shape[i+1]%4 == 1:
			c.Workdays = append(c.Workdays, Workday{Date: day, Spans: []Span{s}})
		default:
			c.Special = append(c.Special, SpecialDay{Date: day, Spans: []Span{s}})
		}
	}
	h, err := c.Compile()
	return h, err == nil
}

// FuzzAddBetween checks that Between is the inverse of Add, that Add answers with the earliest
// moment, and that both agree with a walk in small steps.
func FuzzAddBetween(f *testing.F) {
	names := []string{"UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"}
	f.Add(uint8(1), []byte{36, 32, 36, 32, 36, 32, 36, 32, 36, 32}, int64(1_767_225_600), int64(40*60))
	f.Add(uint8(2), []byte{0, 95, 0, 95, 0, 95, 0, 95, 0, 95, 0, 95, 0, 95}, int64(1_772_900_000), int64(2000*60))
	f.Add(uint8(3), []byte{88, 32, 88, 32, 88, 32, 88, 32, 88, 32, 88, 32, 88, 32, 3, 4, 9, 9, 30, 3}, int64(1_774_000_000), int64(90*60))
	f.Fuzz(func(t *testing.T, zoneIndex uint8, shape []byte, unix, minutes int64) {
		h, ok := randomCalendar(zone(t, names[int(zoneIndex)%len(names)]), shape)
		if !ok || minutes < 0 || minutes > 60*24*400 {
			return
		}
		start := time.Unix(1_767_225_600+unix%(400*86400), 0)
		business := time.Duration(minutes) * time.Minute
		due, err := h.Add(start, business)
		if err != nil {
			return
		}
		if got := h.Between(start, due); got != business {
			t.Fatalf("Between(%s, %s) = %s, want %s", start, due, got, business)
		}
		if business > 0 && h.Between(start, due.Add(-1)) >= business {
			t.Fatalf("%s is not the earliest moment", due)
		}
		end := start.Add(time.Duration(min(minutes, 60*24*30)) * time.Minute)
		if got, want := h.Between(start, end), stepwise(h, start, end); got != want {
			t.Fatalf("Between(%s, %s) = %s, step by step %s", start, end, got, want)
		}
	})
}

// stepwise adds up the time day by day from the definition, with no skipping: the moments of a
// day are asked of the time package, and what two days claim is counted once.
func stepwise(h *Hours, a, b time.Time) time.Duration {
	sum, counted := time.Duration(0), a
	local := a.In(h.zone)
	for back := -2; ; back++ {
		midnight := time.Date(local.Year(), local.Month(), local.Day()+back, 0, 0, 0, 0, time.UTC)
		if midnight.After(b.Add(48 * time.Hour)) {
			return sum
		}
		spans := h.week[midnight.Weekday()]
		for _, e := range h.except {
			if int64(e.day) == midnight.Unix()/secondsPerDay {
				spans = e.spans
			}
		}
		for _, s := range spans {
			from := time.Unix(0, resolve(midnight.UnixNano()+s.from, h.zone))
			to := time.Unix(0, resolve(midnight.UnixNano()+s.to, h.zone))
			if from.Before(counted) {
				from = counted
			}
			if to.After(b) {
				to = b
			}
			if to.After(from) {
				sum += to.Sub(from)
				counted = to
			}
		}
	}
}
