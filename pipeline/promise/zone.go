package promise

import (
	"math"
	"time"
)

// stretch is a time during which a zone's offset from UTC does not change. Its bounds are local
// and keep two days of distance from the change, so that inside it every local time exists once.
type stretch struct {
	from, to int64 // local nanoseconds
	offset   int64 // nanoseconds east of UTC
}

// margin holds the hours of a day that pass midnight, and the change of the clocks that may lie beside it.
const margin = 2 * nanosPerDay

// stretchAt is the stretch around a moment; without a bound where the zone has no change on that side.
func stretchAt(t time.Time, zone *time.Location) stretch {
	t = t.In(zone)
	_, off := t.Zone()
	s := stretch{from: math.MinInt64, to: math.MaxInt64, offset: int64(off) * int64(time.Second)}
	start, end := t.ZoneBounds()
	if countable(start) {
		s.from = start.UnixNano() + margin
	}
	if countable(end) {
		s.to = end.UnixNano() - margin
	}
	return s
}

// holds reports whether a local time lies in it.
func (s stretch) holds(local int64) bool { return local >= s.from && local < s.to }

// lastDay is the first day that does not lie in the stretch with all its hours.
func (s stretch) lastDay() int { return int(s.to/nanosPerDay) - 2 }

// resolve turns a local time into UTC. A time that the clocks jump over becomes the moment of the
// jump; of a time that comes twice the first is meant. So the order of local times is kept.
func resolve(local int64, zone *time.Location) int64 {
	days, rest := local/nanosPerDay, local%nanosPerDay
	t := time.Date(1970, 1, 1+int(days), 0, 0, 0, int(rest), zone)
	_, off := t.Zone()
	start, end := t.ZoneBounds()
	switch wall := t.UnixNano() + int64(off)*int64(time.Second); {
	case wall > local:
		return start.UnixNano()
	case wall < local:
		return end.UnixNano()
	}
	if start.IsZero() {
		return t.UnixNano()
	}
	_, before := start.Add(-1).Zone()
	if first := local - int64(before)*int64(time.Second); before > off && first < start.UnixNano() {
		return first
	}
	return t.UnixNano()
}
