package header

import (
	"strconv"
	"strings"
	"time"
)

// Date reads a Date field (RFC 5322 §3.3) and what passes for one: any order of day, month name
// and year, two-digit years, missing seconds, zone names, "AM"/"PM", ISO 8601. It returns the zero
// time for what it cannot read.
// It is for Message.SentAt, and for imported mails that tell no other time. 256 bytes are
// looked at. A zone that is not named is UTC.
func Date(raw string) time.Time {
	s := Line(raw[:min(len(raw), 256)], "")
	if t, ok := isoDate(s); ok {
		return t
	}
	d := dateParts{zone: time.UTC}
	for _, word := range strings.FieldsFunc(dateWithoutComment(s), func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		d.take(word)
	}
	return d.time()
}

// isoDate reads the forms that begin with a four-digit year.
// The layouts are those that programs were seen to write; a new one goes into the list, more exact ones before shorter ones.
func isoDate(s string) (time.Time, bool) {
	if len(s) < 8 || !digit(s[2]) || !digit(s[3]) {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/01/02 15:04:05", "2006-01-02", "20060102150405"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateWithoutComment drops the "(CST)" after a zone.
func dateWithoutComment(s string) string {
	if before, _, ok := strings.Cut(s, "("); ok {
		return before
	}
	return s
}

// dateParts gathers what the words of a date say.
// Words come in any order, so each is judged by its form: the first number up to 31 is the day, a later one is the year.
type dateParts struct {
	// They are 0 until a word names them; clock says that the time of day was read.
	day, month, year  int
	hour, minute, sec int
	clock             bool
	zone              *time.Location
}

// take reads one word.
// A zone is only looked for behind the clock, because a "-" also stands in dates.
func (d *dateParts) take(w string) {
	switch {
	case (w[0] == '+' || w[0] == '-') && len(w) > 2 && d.clock:
		d.takeZone(w)
	case strings.Contains(w, ":"):
		d.takeClock(w)
	case strings.EqualFold(w, "pm"):
		if d.hour < 12 {
			d.hour += 12
		}
	case strings.EqualFold(w, "am"):
		if d.hour == 12 {
			d.hour = 0
		}
	case strings.Count(w, "-") == 2: // 21-Nov-1997
		for p := range strings.SplitSeq(w, "-") {
			if p != "" {
				d.take(p)
			}
		}
	case w[0] >= '0' && w[0] <= '9':
		d.takeNumber(w)
	default:
		d.takeName(w)
	}
}

// takeNumber reads a day ("21", "21st", "3rd.") or a year; years of two digits are read as RFC 5322 §4.3 says.
func (d *dateParts) takeNumber(w string) {
	n, err := strconv.Atoi(strings.TrimRight(w, ".thsndr"))
	switch {
	case err != nil:
	case d.day == 0 && n >= 1 && n <= 31 && len(w) <= 4:
		d.day = n
	case d.year == 0 && n >= 1900 && n <= 9999:
		d.year = n
	case d.year == 0 && n < 50: // RFC 5322 §4.3
		d.year = 2000 + n
	case d.year == 0 && n < 1000:
		d.year = 1900 + n
	}
}

// takeClock reads hh:mm[:ss], with a dot for the seconds' fraction.
// A leap second becomes the one before; what has letters in it says nothing.
func (d *dateParts) takeClock(w string) {
	if d.clock {
		return
	}
	w = strings.TrimRight(w, "Z")
	if i := strings.LastIndexAny(w, "+-"); i > 0 { // zone without space
		d.clock = true
		d.takeZone(w[i:])
		w = w[:i]
	}
	fields := strings.Split(w, ":")
	if len(fields) < 2 {
		return
	}
	values := [3]int{}
	for i := range min(len(fields), 3) {
		f, _, _ := strings.Cut(fields[i], ".")
		v, err := strconv.Atoi(f)
		if err != nil {
			return
		}
		values[i] = v
	}
	d.hour, d.minute, d.sec, d.clock = values[0], values[1], min(values[2], 59), true
}

// takeZone reads +hhmm, +hh:mm and +hh.
// Offsets above 18 hours are on no map and are ignored.
func (d *dateParts) takeZone(w string) {
	digits := strings.ReplaceAll(w[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return
	}
	if len(digits) <= 2 {
		n *= 100
	}
	seconds := (n/100*60 + n%100) * 60
	if seconds > 18*3600 {
		return
	}
	if w[0] == '-' {
		seconds = -seconds
	}
	d.zone = time.FixedZone("", seconds)
}

// takeName reads a month or a zone name; day names and everything else say nothing.
// A name counts by its first three letters; day names have none of a month's.
func (d *dateParts) takeName(w string) {
	lower := strings.ToLower(w)
	if len(lower) >= 3 && d.month == 0 {
		if i := strings.Index("jan feb mar apr may jun jul aug sep oct nov dec", lower[:3]); i >= 0 && i%4 == 0 {
			d.month = i/4 + 1
			return
		}
	}
	if rest, ok := strings.CutPrefix(lower, "gmt"); ok && len(rest) > 1 && (rest[0] == '+' || rest[0] == '-') {
		d.takeZone(rest)
		return
	}
	if h, ok := zoneHours(lower); ok && d.clock {
		d.zone = time.FixedZone("", h*3600)
	}
}

// zoneHours knows the zone names of RFC 5322 §4.3 and a few that are in use.
// The result is in hours east of UTC. CST is not there: it is six hours west in America and eight east in China.
func zoneHours(name string) (int, bool) {
	switch name {
	case "est":
		return -5, true
	case "edt":
		return -4, true
	case "cdt":
		return -5, true
	case "mst":
		return -7, true
	case "mdt":
		return -6, true
	case "pst":
		return -8, true
	case "pdt":
		return -7, true
	case "cet", "met", "bst":
		return 1, true
	case "cest", "mest":
		return 2, true
	case "jst", "kst":
		return 9, true
	case "hkt", "sgt":
		return 8, true
	}
	return 0, false
}

// time puts the parts together; what names no day of a plausible year is the zero time.
func (d *dateParts) time() time.Time {
	if d.day == 0 || d.month == 0 || d.year == 0 || d.hour > 24 || d.minute > 59 || d.hour < 0 || d.minute < 0 || d.sec < 0 {
		return time.Time{}
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, 0, d.zone)
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
