package holidays

import (
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/configs/values"
)

// Imported is what an iCal file (RFC 5545) holds: whole days that are closed or worked, and how many events were left out and why.
type Imported struct {
	Set       Set
	Product   string // the program that made it (PRODID)
	Recurring int    // events with a rule of recurrence: which days they fall on is not computed
	Timed     int    // events with a time of day
	Others    int    // observances that close nothing, and days that another event has taken already
}

// Bounds of an iCal file.
const (
	maxICal   = 4 << 20
	maxEvents = 5_000

	firstYear, lastYear = 1900, 2200
)

// Errors of a file that is no calendar.
var (
	errNoCalendar = errors.New("this is no iCal file: it does not begin with BEGIN:VCALENDAR")
	errTooLarge   = errors.New("the file is too large for a calendar of holidays")
)

// FromICal reads an iCal file in one pass. A day is worked where the event says so: by X-APPLE-SPECIAL-DAY, or by its name (班, 补班, "workday").
// Where any event bears that property only those that bear it count, since such calendars hold festivals beside that close nothing.
func FromICal(text string) (Imported, error) {
	var out Imported
	if len(text) > maxICal {
		return out, errTooLarge
	}
	lines := unfolded(text)
	if len(lines) == 0 || !strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(lines[0], "\ufeff")), "BEGIN:VCALENDAR") {
		return out, errNoCalendar
	}
	var events []event
	var e *event
	inner := 0 // components within an event, such as alarms
	for _, line := range lines {
		name, params, value := property(line)
		switch {
		case e == nil && name == "PRODID":
			out.Product = Clip(value)
		case e == nil && name == "BEGIN" && strings.EqualFold(value, "VEVENT"):
			if len(events) >= maxEvents {
				return out, errTooLarge
			}
			e = &event{}
		case e != nil && name == "BEGIN":
			inner++
		case e != nil && name == "END" && inner > 0:
			inner--
		case e != nil && name == "END":
			events, e = append(events, *e), nil
		case e != nil && inner == 0:
			e.take(name, params, value)
		}
	}
	out.sort(events)
	return out, nil
}

// unfolded are the lines of a file: one that begins with a blank goes on with the one before it.
func unfolded(text string) []string {
	var out []string
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if rest, more := strings.CutPrefix(line, " "); more {
			b.WriteString(rest)
			continue
		}
		if rest, more := strings.CutPrefix(line, "\t"); more {
			b.WriteString(rest)
			continue
		}
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
		b.WriteString(line)
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// property cuts a line into the name of its property, its parameters and its value. A colon within quotes is part of a parameter.
func property(line string) (name, params, value string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			head := line[:i]
			name, params, _ = strings.Cut(head, ";")
			return strings.ToUpper(strings.TrimSpace(name)), strings.ToUpper(params), strings.TrimSpace(line[i+1:])
		}
	}
	return "", "", ""
}

// event is one event as far as it matters.
type event struct {
	first, end         values.Date // end is the day after its last one; zero: none is given
	timed, recurs      bool
	summary, special   string
	observed, canceled bool
}

func (e *event) take(name, params, value string) {
	switch name {
	case "DTSTART":
		e.first = day(value)
		e.timed = strings.Contains(value, "T") && !strings.Contains(params, "VALUE=DATE;") && !strings.HasSuffix(params, "VALUE=DATE")
	case "DTEND":
		e.end = day(value)
	case "RRULE", "RDATE":
		e.recurs = true
	case "SUMMARY":
		e.summary = unescaped(value)
	case "X-APPLE-SPECIAL-DAY":
		e.special = strings.ToUpper(value)
	case "DESCRIPTION":
		e.observed = strings.Contains(strings.ToLower(value), "observance")
	case "STATUS":
		e.canceled = strings.EqualFold(value, "CANCELLED")
	}
}

// day reads the day of a DATE or a DATE-TIME; zero where it is none.
func day(value string) (d values.Date) {
	if len(value) < 8 {
		return d
	}
	t, err := time.Parse("20060102", value[:8])
	if err != nil {
		return d
	}
	y, m, n := t.Date()
	return values.Date{Year: y, Month: m, Day: n}
}

var unescape = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`)

func unescaped(value string) string { return Clip(unescape.Replace(value)) }

// works reports whether the event is of days that are worked.
func (e *event) works() bool {
	if e.special != "" {
		return strings.Contains(e.special, "WORKDAY")
	}
	name := strings.ToLower(e.summary)
	for _, word := range []string{"补班", "補班", "上班", "（班）", "(班)", "workday", "working day"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return strings.HasSuffix(name, "班")
}

// bare is what the day is called, without what the calendar says of it.
func (e *event) bare() string {
	name := e.summary
	for _, mark := range []string{"（休）", "（班）", "(休)", "(班)"} {
		name = strings.TrimSpace(strings.TrimSuffix(name, mark))
	}
	return name
}

// sort makes a set of the events. The first event of a day counts.
func (out *Imported) sort(events []event) {
	marked := slices.ContainsFunc(events, func(e event) bool { return e.special != "" })
	seen := map[values.Date]bool{}
	years := map[int]*Year{}
	for _, e := range events {
		switch {
		case e.recurs:
			out.Recurring++
			continue
		case e.timed:
			out.Timed++
			continue
		case e.first.IsZero() || e.canceled || e.observed || marked && e.special == "":
			out.Others++
			continue
		}
		for _, d := range e.days() {
			if seen[d] || d.Year < firstYear || d.Year > lastYear {
				out.Others++
				continue
			}
			seen[d] = true
			if years[d.Year] == nil {
				years[d.Year] = &Year{Year: d.Year}
			}
			years[d.Year].Days = append(years[d.Year].Days, Day{Date: d, Works: e.works(), Name: e.bare()})
		}
	}
	for _, y := range years {
		out.Set = append(out.Set, *y)
	}
	out.Set.order()
}

// days are the days of an event, at most as many as a range has.
func (e *event) days() []values.Date {
	r := values.DateRange{First: e.first, Last: e.first}
	if !e.end.IsZero() && e.end.After(e.first) {
		last := e.end.In(time.UTC).AddDate(0, 0, -1)
		y, m, d := last.Date()
		r.Last = values.Date{Year: y, Month: m, Day: d}
	}
	return r.Days()
}
