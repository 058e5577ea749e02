// Package values holds the types of single values in a configuration, and what is asked of their form. It is a leaf, so that
// a channel's folder can say what an inbox of it configures.
package values

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Scalar is a type that is written as one value in the file. The error of Parse says what to write
// instead, never what was written.
type Scalar interface{ Parse(text string) error }

// OneOrMore is a list that may be written as one value.
// Nil is a key that was not written.
type OneOrMore []string

// Duration is a length of time, written as "90s", "24h", "30d", "2w" or a sum such as "1d12h".
// A day has 24 hours here, whatever the clocks do; a negative length cannot be written.
type Duration time.Duration

// Std returns the duration as the standard library's.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the duration as the standard library does.
func (d Duration) String() string { return time.Duration(d).String() }

// errDuration and its like are made once: they say what to write, in the words of the handbook.
var errDuration = errors.New(`write a length of time such as "90s", "24h", "30d" or "2w"`)

// Parse implements Scalar.
func (d *Duration) Parse(text string) error {
	total, rest := time.Duration(0), text
	for rest != "" {
		part, tail, err := durationPart(rest)
		if err != nil || total > math.MaxInt64-part {
			return errDuration
		}
		total, rest = total+part, tail
	}
	if text == "" {
		return errDuration
	}
	*d = Duration(total)
	return nil
}

// durationPart reads one number and its unit from the front of text.
// "ms" stands before "m" in the list, since the first that fits is taken.
func durationPart(text string) (time.Duration, string, error) {
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if digits <= 0 {
		return 0, "", errDuration
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil {
		return 0, "", errDuration
	}
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}, {"w", 7 * 24 * time.Hour}} {
		if tail, ok := strings.CutPrefix(text[digits:], u.name); ok {
			if n > int64(math.MaxInt64/u.size) {
				return 0, "", errDuration
			}
			return time.Duration(n) * u.size, tail, nil
		}
	}
	return 0, "", errDuration
}

// Size is a number of bytes, written as "25MiB", "10MB", "64KiB" or a plain number of bytes.
type Size int64

var errSize = errors.New(`write a size such as "25MiB", "512KiB" or a number of bytes`)

// Parse implements Scalar.
func (s *Size) Parse(text string) error {
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(text)
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil {
		return errSize
	}
	unit, ok := sizeUnit(strings.TrimSpace(text[digits:]))
	if !ok || n > math.MaxInt64/unit {
		return errSize
	}
	*s = Size(n * unit)
	return nil
}

// sizeUnit is a unit in bytes, in any case of letters. A bare letter is binary: whoever writes "25M" means what his mail server means by it.
func sizeUnit(name string) (int64, bool) {
	switch strings.ToLower(name) {
	case "", "b":
		return 1, true
	case "kib", "k":
		return 1 << 10, true
	case "mib", "m":
		return 1 << 20, true
	case "gib", "g":
		return 1 << 30, true
	case "kb":
		return 1e3, true
	case "mb":
		return 1e6, true
	case "gb":
		return 1e9, true
	}
	return 0, false
}

// Date is a day in the calendar, without a time zone. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// IsZero reports whether no day is meant.
func (d Date) IsZero() bool { return d == Date{} }

// String writes the day as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// In returns the start of the day in that time zone.
// Where the clocks skip midnight, it is what time.Date gives: a moment an hour beside it.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// Next returns the day after.
// It counts in UTC, where each day has 24 hours.
func (d Date) Next() Date {
	y, m, day := d.In(time.UTC).AddDate(0, 0, 1).Date()
	return Date{y, m, day}
}

// After reports whether d is later than o.
func (d Date) After(o Date) bool { return d.In(time.UTC).After(o.In(time.UTC)) }

var errDate = errors.New(`write a day such as "2026-10-01"`)

// Parse implements Scalar.
func (d *Date) Parse(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errDate
	}
	y, m, day := t.Date()
	*d = Date{y, m, day}
	return nil
}

// DateRange is a run of days, both ends included.
// One day is a range whose ends are equal. The zero range is no day.
type DateRange struct{ First, Last Date }

// maxRange is the longest run of days that makes sense as one entry of a calendar.
// It also bounds what one line of a file can cost: a calendar keeps an entry for each day.
const maxRange = 366

// Days lists every day of the range.
// It is empty where Last is before First, which Parse refuses.
func (r DateRange) Days() []Date {
	var days []Date
	for d := r.First; !d.After(r.Last) && len(days) < maxRange; d = d.Next() {
		days = append(days, d)
	}
	return days
}

// String writes the range as in the file.
func (r DateRange) String() string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + ".." + r.Last.String()
}

var errRange = errors.New(`write a day such as "2026-10-01", or a range of at most a year such as "2026-10-01..2026-10-07"`)

// Parse implements Scalar.
func (r *DateRange) Parse(text string) error {
	first, last, found := strings.Cut(text, "..")
	if !found {
		last = first
	}
	var got DateRange
	if got.First.Parse(first) != nil || got.Last.Parse(last) != nil || got.First.After(got.Last) {
		return errRange
	}
	if got.Last.In(time.UTC).Sub(got.First.In(time.UTC)) >= maxRange*24*time.Hour {
		return errRange
	}
	*r = got
	return nil
}

// Span is a part of a day, in minutes from its start; End may be 24:00 (1440).
type Span struct{ Start, End int }

// String writes the span as in the file.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60)
}

var errSpan = errors.New(`write a span such as "09:00-12:00"; one past midnight is written as two, the second on the next day`)

// Parse implements Scalar.
func (s *Span) Parse(text string) error {
	from, to, found := strings.Cut(text, "-")
	start, okStart := clock(strings.TrimSpace(from))
	end, okEnd := clock(strings.TrimSpace(to))
	if !found || !okStart || !okEnd || start >= end {
		return errSpan
	}
	*s = Span{start, end}
	return nil
}

// clock reads "09:00" as minutes from the start of the day.
func clock(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil && len(text) == 5
}
