// Package promise turns what is known about a message into the deadlines that the desk owes its
// sender, and counts them in business time. It is pure: calendars, policies and times come in as
// values, and nothing here reads a clock.
package promise

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Span is one stretch of opening hours, in wall-clock time from the midnight that begins its day.
// From lies in the day (0 ≤ From < 24h). To is later than From and may pass midnight, up to 48h:
// {22h, 30h} is ten in the evening to six the next morning, and belongs to the day it begins on.
type Span struct {
	From, To time.Duration
}

// Date is a day of the civil calendar, without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String writes the date in the form 2026-05-01.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// number counts days from 1 January 1970.
func (d Date) number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// Workday is a make-up workday (调休): a date that works although its weekday or a holiday says
// otherwise. It has the hours of the weekday As, unless Spans gives hours of its own.
type Workday struct {
	Date  Date
	As    time.Weekday
	Spans []Span
}

// SpecialDay is a date with hours of its own, such as a sale or a festival. No spans means closed.
type SpecialDay struct {
	Date  Date
	Spans []Span
}

// Calendar describes when a desk works. For one date a special day wins over a make-up workday,
// that over a holiday, and that over the week. The same date may not be a holiday and a make-up
// workday at once.
type Calendar struct {
	// Name is the configuration's. Zone is needed; a week without hours is open on its special days and make-up workdays alone.
	Name     string
	Zone     *time.Location
	Week     [7][]Span // by time.Weekday, Sunday first
	Holidays []Date
	Workdays []Workday
	Special  []SpecialDay
}

// Hours is a checked Calendar, ready to count. It is safe for concurrent use.
type Hours struct {
	// week and except are in nanoseconds from midnight; except is sorted by day and has each day once.
	name   string
	zone   *time.Location
	week   [7][]span
	total  int64 // nanoseconds that a regular week is open
	except []exception
}

// span is a Span in nanoseconds.
type span struct{ from, to int64 }

// exception is one date whose hours are not those of its weekday.
type exception struct {
	// day counts from 1 January 1970; no spans means closed.
	day   int
	spans []span
}

const (
	secondsPerDay = 24 * 60 * 60
	nanosPerDay   = int64(24 * time.Hour)
)

// Compile checks the calendar and makes it ready to count.
// It is called when the configuration is read. The error names the calendar and the day; c is not kept.
func (c Calendar) Compile() (*Hours, error) {
	if c.Zone == nil {
		return nil, fmt.Errorf("calendar %q: no time zone", c.Name)
	}
	h := &Hours{name: c.Name, zone: c.Zone}
	for day, spans := range c.Week {
		s, err := checkSpans(spans)
		if err != nil {
			return nil, fmt.Errorf("calendar %q, %s: %w", c.Name, time.Weekday(day), err)
		}
		h.week[day] = s
	}
	if err := h.checkWeek(); err != nil {
		return nil, fmt.Errorf("calendar %q: %w", c.Name, err)
	}
	if err := h.addExceptions(c); err != nil {
		return nil, fmt.Errorf("calendar %q, %w", c.Name, err)
	}
	return h, nil
}

// Name is the calendar's name.
func (h *Hours) Name() string { return h.name }

// Zone is the calendar's time zone.
func (h *Hours) Zone() *time.Location { return h.zone }

// checkSpans sorts the spans of one day and refuses those that are empty, out of range or overlap.
func checkSpans(in []Span) ([]span, error) {
	out := make([]span, 0, len(in))
	for _, s := range in {
		if s.From < 0 || s.From >= 24*time.Hour || s.To <= s.From || s.To > 48*time.Hour {
			return nil, fmt.Errorf("span %s to %s: the start must lie in the day, the end after it and within 48h", s.From, s.To)
		}
		out = append(out, span{int64(s.From), int64(s.To)})
	}
	slices.SortFunc(out, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	for i := 1; i < len(out); i++ {
		if out[i].from < out[i-1].to {
			return nil, errors.New("spans overlap")
		}
	}
	return out, nil
}

// checkWeek refuses a day whose hours run into the next day's, and adds up the week.
func (h *Hours) checkWeek() error {
	for day, spans := range h.week {
		for _, s := range spans {
			h.total += s.to - s.from
		}
		next := h.week[(day+1)%7]
		if n := len(spans); n > 0 && len(next) > 0 && spans[n-1].to-nanosPerDay > next[0].from {
			return fmt.Errorf("the hours of %s run into those of the next day", time.Weekday(day))
		}
	}
	return nil
}

// addExceptions sorts the dates that are not as their weekday is. A special day may stand on a holiday, and wins.
func (h *Hours) addExceptions(c Calendar) error {
	byDay := map[int][]span{}
	for _, d := range c.Holidays {
		byDay[d.number()] = nil
	}
	for _, w := range c.Workdays {
		day := w.Date.number()
		if _, taken := byDay[day]; taken {
			return fmt.Errorf("%s: a make-up workday given twice or also a holiday", w.Date)
		}
		spans, err := h.workdaySpans(w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Date, err)
		}
		byDay[day] = spans
	}
	seen := map[int]bool{}
	for _, s := range c.Special {
		day := s.Date.number()
		if seen[day] {
			return fmt.Errorf("%s: a special day given twice", s.Date)
		}
		spans, err := checkSpans(s.Spans)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Date, err)
		}
		byDay[day], seen[day] = spans, true
	}
	for day, spans := range byDay {
		h.except = append(h.except, exception{day, spans})
	}
	slices.SortFunc(h.except, func(a, b exception) int { return a.day - b.day })
	return nil
}

// workdaySpans are the hours of a make-up workday.
func (h *Hours) workdaySpans(w Workday) ([]span, error) {
	if len(w.Spans) > 0 {
		return checkSpans(w.Spans)
	}
	if w.As < time.Sunday || w.As > time.Saturday || len(h.week[w.As]) == 0 {
		return nil, fmt.Errorf("a make-up workday takes the hours of %s, which has none", w.As)
	}
	return h.week[w.As], nil
}
