package promise

import "time"

// Rest is how a promise is counted on whose clock has stood still.
type Rest struct {
	Used time.Duration // how much of its time was used between the moment from which its clock ran and the pause

	between    func(a, b time.Time) time.Duration
	add        func(time.Duration) (time.Time, error)
	paused, at time.Time
}

// Resume counts a promise of that calendar on: its clock ran from a moment, has stood still since paused, and runs again from at. A calendar
// that is there no more, or cannot be counted in, never costs the promise: the time then runs by the wall clock.
func (p Policy) Resume(calendar string, from, paused, at time.Time) Rest {
	r := Rest{paused: paused, at: at}
	r.between = func(a, b time.Time) time.Duration { return b.Sub(a) }
	r.add = func(d time.Duration) (time.Time, error) { return at.Add(d), nil }
	if h := p.Calendars[calendar]; calendar != "" && h != nil {
		start := h.from(at)
		r.between, r.add = h.Between, start.add
	}
	r.Used = max(0, r.between(from, paused))
	return r
}

// Moved is where a moment lies that was counted before the pause, with what was left until then kept; one that had come by then stays.
func (r Rest) Moved(t time.Time) time.Time {
	if !t.After(r.paused) {
		return t
	}
	left := r.between(r.paused, t)
	moved, err := r.add(left)
	if err != nil {
		return r.at.Add(left)
	}
	return moved
}
