package promise

import (
	"fmt"
	"sort"
	"time"
)

// idleDays is how long a calendar may stay closed before counting in it is given up.
// A year has one of everything that can be open, such as a festival; longer means a calendar that was not kept up.
const idleDays = 370

// Counting works in nanoseconds since 1970, which a 64-bit number holds between these years.
const firstYear, lastYear = 1700, 2200

// Add returns the earliest moment at which the desk has been open for the given business time
// since start. Zero business time is start itself; a span used up to its end is due at closing
// time, not at the next opening. It fails for negative time, and for a calendar that has no hours
// for more than a year.
// The cost is that of the days in between, but whole regular weeks are jumped over (skip): a promise of a year costs hardly more
// than one of a day. start's monotonic clock does not count.
func (h *Hours) Add(start time.Time, business time.Duration) (time.Time, error) {
	b := h.from(start)
	return b.add(business)
}

// beginning is a moment from which several times are counted: a promise and its warnings.
type beginning struct {
	// walker stands at that moment; it is a value, so each counting begins with a copy.
	at     time.Time
	walker walker
}

// from prepares counting from a moment.
func (h *Hours) from(start time.Time) beginning {
	b := beginning{at: start, walker: walker{h: h}}
	if countable(start) {
		b.walker = h.walk(start)
	}
	return b
}

// add is Hours.Add.
func (b *beginning) add(business time.Duration) (time.Time, error) {
	w := b.walker
	h := w.h
	if business < 0 {
		return time.Time{}, fmt.Errorf("counting in calendar %q: negative business time %s", h.name, business)
	}
	if !countable(b.at) {
		return time.Time{}, fmt.Errorf("counting in calendar %q: year %d is out of range", h.name, b.at.Year())
	}
	if business == 0 {
		return b.at, nil
	}
	left := int64(business)
	var room [8]span // more than most days have
	for last := w.day; w.day-last <= idleDays && w.day < lastDay; {
		if h.total > 0 {
			if n := w.skip((left-1)/h.total, lastDay); n > 0 {
				left -= n * h.total
				last = w.day
			}
		}
		for _, s := range w.open(room[:0]) {
			if s.to-s.from >= left {
				return time.Unix(0, s.from+left).In(b.at.Location()), nil
			}
			left -= s.to - s.from
			last = w.day
		}
	}
	return time.Time{}, fmt.Errorf("counting in calendar %q: no opening hours within %d days", h.name, idleDays)
}

// Between returns how much business time lies between a and b; it is negative when b is before a.
func (h *Hours) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -h.Between(b, a)
	}
	if !countable(a) || !countable(b) {
		return 0
	}
	var room [8]span
	end, sum := b.UnixNano(), int64(0)
	w := h.walk(a)
	for last := w.dayOf(b); w.day <= last; {
		// The day before the last may still be open at b: weeks are skipped only up to that.
		sum += w.skip(int64(last-1-w.day)/7, last-1) * h.total
		for _, s := range w.open(room[:0]) {
			sum += max(0, min(s.to, end)-s.from)
		}
	}
	return time.Duration(sum)
}

// Open reports whether the desk is open at that moment.
func (h *Hours) Open(at time.Time) bool {
	return h.Between(at, at.Add(1)) > 0
}

// countable reports whether a moment can be counted with.
func countable(t time.Time) bool {
	y := t.Year()
	return y >= firstYear && y <= lastYear
}

// lastDay is the number of the first day after lastYear.
const lastDay = (lastYear + 1 - 1970) * 3652425 / 10000

// walker goes through the opening hours day by day. Days are counted from 1970 in the calendar's
// zone; moments are nanoseconds since 1970 in UTC.
type walker struct {
	h       *Hours
	day     int   // next day to open
	cursor  int64 // everything before is counted
	next    int   // first exception that is not before day
	stretch stretch
}

// walk starts one day early, because yesterday's hours may pass midnight.
func (h *Hours) walk(start time.Time) walker {
	w := walker{h: h, cursor: start.UnixNano()}
	w.day = w.dayOf(start) - 1
	w.next = sort.Search(len(h.except), func(i int) bool { return h.except[i].day >= w.day })
	w.stretch = stretchAt(start, h.zone)
	return w
}

// dayOf is the number of the day on which a moment lies in the calendar's zone.
func (w *walker) dayOf(t time.Time) int {
	y, m, d := t.In(w.h.zone).Date()
	return Date{y, m, d}.number()
}

// open appends to out what is open of the next day and not yet counted, in UTC, and moves past it.
func (w *walker) open(out []span) []span {
	for _, s := range w.spans() {
		from := max(w.instant(s.from), w.cursor)
		to := w.instant(s.to)
		if to > from {
			out = append(out, span{from, to})
			w.cursor = to
		}
	}
	w.day++
	return out
}

// spans returns the hours of the next day, and steps over its exception.
func (w *walker) spans() []span {
	if w.next < len(w.h.except) && w.h.except[w.next].day == w.day {
		w.next++
		return w.h.except[w.next-1].spans
	}
	return w.h.week[weekday(w.day)]
}

// skip jumps over at most n whole weeks that are regular: without exceptions, without a change of
// the clocks, ending before the day limit. It returns how many it jumped over.
func (w *walker) skip(n int64, limit int) int64 {
	if n <= 0 {
		return 0
	}
	if w.next < len(w.h.except) {
		limit = min(limit, w.h.except[w.next].day)
	}
	w.reach(w.local(0))
	limit = min(limit, w.stretch.lastDay())
	n = min(n, int64(limit-w.day)/7)
	if n <= 0 || !w.stretch.holds(w.local(0)) || w.cursor > w.instant(0) {
		return 0
	}
	w.day += 7*int(n) - 1
	if s := w.h.week[weekday(w.day)]; len(s) > 0 {
		w.cursor = max(w.cursor, w.instant(s[len(s)-1].to))
	}
	w.day++
	return n
}

// weekday is the weekday of a day number: 1 January 1970 was a Thursday.
func weekday(day int) int { return ((day+4)%7 + 7) % 7 }

// local is a time of the next day as if the zone were UTC.
func (w *walker) local(of int64) int64 { return int64(w.day)*nanosPerDay + of }

// instant turns a time of the next day into UTC.
func (w *walker) instant(of int64) int64 {
	l := w.local(of)
	if !w.stretch.holds(l) {
		w.reach(l)
	}
	if w.stretch.holds(l) {
		return l - w.stretch.offset
	}
	return resolve(l, w.h.zone)
}

// reach moves the stretch to where the local time l lies.
func (w *walker) reach(l int64) {
	if !w.stretch.holds(l) {
		w.stretch = stretchAt(time.Unix(0, resolve(l, w.h.zone)), w.h.zone)
	}
}
