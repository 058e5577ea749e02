package limits

import "time"

// Pace measures how fast a message comes of late: over the last one or two spans of time, so that nobody who began
// fast and then stands still is fast. It is not safe for concurrent use.
type Pace struct {
	// got is how much was there at the last Came; last is when it last grew.
	span        time.Duration
	began, last time.Time
	got         int64
	marks       [2]paceMark // how much had come at the begin of the last span but one, and of the last
}

// paceMark is how much had come at a time.
type paceMark struct {
	at  time.Time
	got int64
}

// NewPace begins to measure over spans of so long.
func NewPace(span time.Duration, now time.Time) Pace {
	m := paceMark{at: now}
	return Pace{span: span, began: now, last: now, marks: [2]paceMark{m, m}}
}

// Came says how much of the message is here by now.
func (p *Pace) Came(got int64, now time.Time) {
	if got > p.got {
		p.got, p.last = got, now
	}
	if now.Sub(p.marks[1].at) >= p.span {
		p.marks[0], p.marks[1] = p.marks[1], paceMark{now, p.got}
	}
}

// PerSecond is how many bytes a second came of late; 0 for a message that has stood still for a span.
func (p *Pace) PerSecond(now time.Time) float64 {
	if now.Sub(p.last) >= p.span {
		return 0
	}
	return float64(p.got-p.marks[0].got) / max(now.Sub(p.marks[0].at).Seconds(), 1)
}

// Counts reports whether the message has been coming for a span, so that its pace says something.
func (p *Pace) Counts(now time.Time) bool { return now.Sub(p.began) >= p.span }
