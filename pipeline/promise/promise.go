package promise

import (
	"slices"
	"time"
)

// Promise is one deadline as it is promised; what becomes of it is the business of pipeline/domain.
type Promise struct {
	// Kind is one of the kinds; all times are moments, in whatever zone.
	Kind     Kind        `json:"kind"`
	From     time.Time   `json:"from"`               // when the time began to run
	Due      time.Time   `json:"due"`                // to the minute for promises that are told to the customer
	Half     time.Time   `json:"half,omitzero"`      // when half of the time is over; zero: by the wall clock
	Warn     []time.Time `json:"warn,omitempty"`     // warnings still to come, earliest first
	Step     time.Time   `json:"step,omitzero"`      // when something is done about it if it is still owed then; zero: never
	Calendar string      `json:"calendar,omitempty"` // empty: wall-clock time
	Note     string      `json:"note,omitempty"`     // what was unusual in making it
}

// Make makes the promises of a new ticket: acknowledgement, first reply and resolution as far as
// the policy promises them. Time runs from at, when the source received the message; now is when
// it is decided. A message that we read so late that its first reply or resolution would be due
// already is promised one counted from now, and Note says so; an acknowledgement never is.
// It never fails, since a customer must not lose his promise by a fault in a calendar; what is unusual stands in Note. p must have passed Validate.
func Make(p Policy, f Facts, at, now time.Time) []Promise {
	kinds := [...]Kind{Acknowledgement, FirstReply, Resolution}
	var out []Promise
	for _, kind := range kinds {
		if made, ok := makeOne(p, kind, f, at, now); ok {
			if out == nil {
				out = make([]Promise, 0, len(kinds))
			}
			out = append(out, made)
		}
	}
	return out
}

// Next makes the promise of a reply to what a customer writes after our answer, as Make makes that of the first one; ok is false when the policy
// promises nothing of the kind.
func Next(p Policy, f Facts, at, now time.Time) (made Promise, ok bool) {
	return makeOne(p, NextReply, f, at, now)
}

// Anew counts a promise of that kind anew from the moment from which it was counted before, by which so much of its time was used: 0, but for one whose
// clock has stood still. ok is false when the policy promises nothing of the kind.
func Anew(p Policy, kind Kind, f Facts, from time.Time, used time.Duration) (made Promise, ok bool) {
	r, ok := p.rule(kind, f)
	if !ok || r.Within == 0 {
		return Promise{}, false
	}
	return p.count(r, f, from, used), true
}

// makeOne makes one promise; ok is false when the policy promises nothing of that kind.
func makeOne(p Policy, kind Kind, f Facts, at, now time.Time) (made Promise, ok bool) {
	r, ok := p.rule(kind, f)
	if !ok || r.Within == 0 {
		return Promise{}, false
	}
	made = p.count(r, f, at, 0)
	if kind != Acknowledgement && !made.Due.After(now) {
		made = p.count(r, f, now, 0)
		made.Note = join(made.Note, "counted from when it was read: already due when it came to us")
	}
	made.Warn = slices.DeleteFunc(made.Warn, func(t time.Time) bool { return !t.After(now) })
	made.Step = p.first(f, made)
	return made, true
}

// count applies one rule from the moment from, by which so much of its time was used. A calendar that cannot be counted in never costs
// the promise: the time then runs by the wall clock.
func (p Policy) count(r Rule, f Facts, from time.Time, used time.Duration) Promise {
	made := Promise{Kind: r.Kind, From: from}
	rest := func(d time.Duration) time.Duration { return max(0, d-used) }
	wall := func(d time.Duration) (time.Time, error) { return from.Add(rest(d)), nil }
	add := wall
	if r.clock() == Business {
		if h := p.calendar(r, f); h != nil {
			made.Calendar = h.name
			start := h.from(from)
			add = func(d time.Duration) (time.Time, error) { return start.add(rest(d)) }
		} else {
			made.Note = "counted by the wall clock: no calendar is known"
		}
	}
	due, err := add(r.Within)
	if err != nil {
		made.Calendar, made.Note = "", "counted by the wall clock: "+err.Error()
		add = wall
		due, _ = wall(r.Within)
	}
	made.Due = due
	if r.Kind != Acknowledgement {
		made.Due = toMinute(due, from)
	}
	if half, err := add(r.Within / 2); err == nil && made.Calendar != "" && r.Kind != Acknowledgement {
		made.Half = half
	}
	made.Warn = warnings(add, r, p.Warn, made.Due)
	if made.Calendar == "" && r.Kind != Acknowledgement { // what a program owes is told to its operator, who is called at any time
		made.Warn = p.heard(made.Warn, made.Due)
	}
	return made
}

// heard moves warnings of a promise that runs by the wall clock into somebody's working hours: to the next opening of any calendar, and where that
// comes after the deadline there is none, since nobody would hear it. Without calendars everybody always works.
func (p Policy) heard(warn []time.Time, due time.Time) []time.Time {
	if len(p.Calendars) == 0 {
		return warn
	}
	var out []time.Time
	for _, t := range warn {
		var first time.Time
		for _, h := range p.Calendars {
			if open, err := h.Add(t, 1); err == nil && (first.IsZero() || open.Before(first)) {
				first = open
			}
		}
		first = first.Add(-1)
		if !first.Before(t) && first.Before(due) && !slices.ContainsFunc(out, first.Equal) {
			out = append(out, first)
		}
	}
	return out
}

// warnings are the moments at which fractions of the time are over, counted by the same clock, earliest first; nil for none.
func warnings(add func(time.Duration) (time.Time, error), r Rule, fallback []float64, due time.Time) []time.Time {
	fractions := r.Warn
	if fractions == nil {
		fractions = fallback
	}
	var out []time.Time
	if len(fractions) > 0 {
		out = make([]time.Time, 0, len(fractions))
	}
	for _, f := range fractions {
		if t, err := add(time.Duration(float64(r.Within) * f)); err == nil && t.Before(due) {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// toMinute cuts off the seconds, so that the time written to the customer is the time on the
// clock; it never goes back to or before the start.
func toMinute(due, from time.Time) time.Time {
	if cut := due.Truncate(time.Minute); cut.After(from) {
		return cut
	}
	return due
}

// join puts two notes together.
func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
