package parse

import (
	"strings"
	"time"

	"frontdesk/channels/internal/mimewalk"
)

// maxCalendar is how much of an invitation is read, in bytes.
const maxCalendar = 256 << 10

// invitationText is what an invitation says, for a person to read: what, when, where, and its description
// (RFC 5545 §3.6.1), of its first event or task. It is "" for what is no calendar.
// It is what stands in Text when an invitation is all that a mail holds.
func invitationText(ics string) string {
	e := readEvent(ics[:min(len(ics), maxCalendar)])
	var lines []string
	for _, l := range []string{e.text["SUMMARY"], e.when(), e.text["LOCATION"]} {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	out := strings.Join(lines, "\n")
	if d := strings.TrimSpace(e.text["DESCRIPTION"]); d != "" {
		out = strings.TrimPrefix(out+"\n\n"+d, "\n\n")
	}
	return out
}

// event is what is read of an event.
type event struct {
	// text is by property name (SUMMARY, LOCATION, DESCRIPTION), unescaped. start and end are as written, empty where none is given.
	text       map[string]string
	start, end string
	zone       string // TZID of the start
}

// readEvent reads the properties of the first event or task. Those of the alarms and zones inside and before it are
// others' words.
// inside is the path of components that are open, eight at most: deeper ones are of no interest.
func readEvent(ics string) event {
	e := event{text: map[string]string{}}
	var inside []string
	for line := range unfoldedLines(ics) {
		name, params, value := property(line)
		switch {
		case name == "BEGIN":
			inside = append(inside[:min(len(inside), 8)], strings.ToUpper(value))
		case name == "END":
			if at := len(inside); at > 0 {
				inside = inside[:at-1]
			}
			if v := strings.ToUpper(value); v == "VEVENT" || v == "VTODO" {
				return e
			}
		case len(inside) > 0 && (inside[len(inside)-1] == "VEVENT" || inside[len(inside)-1] == "VTODO"):
			e.take(name, params, value)
		}
	}
	return e
}

// take keeps a property; of one that comes twice the first counts. A task has DUE in the place of an end.
func (e *event) take(name string, params []mimewalk.Param, value string) {
	switch name {
	case "SUMMARY", "LOCATION", "DESCRIPTION":
		if e.text[name] != "" {
			return
		}
		for _, p := range params { // vCalendar 1.0
			if p.Name == "encoding" && strings.EqualFold(p.Value, "quoted-printable") {
				b, _ := mimewalk.Decode(mimewalk.QuotedPrintable, []byte(value))
				value = string(b)
			}
		}
		e.text[name] = unescapeCalendar(value)
	case "DTSTART", "DUE":
		if e.start != "" {
			return
		}
		e.start = value
		for _, p := range params {
			if p.Name == "tzid" {
				e.zone = p.Value
			}
		}
	case "DTEND":
		e.end = value
	}
}

// when is the time of an event, in the zone that it names.
func (e *event) when() string {
	start, day := calendarTime(e.start, e.zone)
	end, _ := calendarTime(e.end, e.zone)
	switch {
	case start == "":
		return strings.TrimSpace(e.start)
	case end == "" || day:
		return start
	}
	return start + " – " + end
}

// calendarTime writes a time of RFC 5545 §3.3.4 and §3.3.5; day says that it is a whole day.
func calendarTime(value, zone string) (text string, day bool) {
	if t, err := time.Parse("20060102T150405Z", value); err == nil {
		return t.Format("2006-01-02 15:04") + " UTC", false
	}
	if t, err := time.Parse("20060102T150405", value); err == nil {
		return strings.TrimSpace(t.Format("2006-01-02 15:04") + " " + zone), false
	}
	if t, err := time.Parse("20060102", value); err == nil {
		return t.Format("2006-01-02"), true
	}
	return "", false
}

// unfoldedLines yields content lines: one that begins with a space or a tab goes on with the one before it (§3.1).
func unfoldedLines(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var held []byte
		flush := func() bool { return len(held) == 0 || yield(string(held)) }
		for line := range strings.SplitSeq(s, "\n") {
			line = strings.TrimSuffix(line, "\r")
			if line != "" && (line[0] == ' ' || line[0] == '\t') && len(held) > 0 {
				held = append(held, line[1:]...)
				continue
			}
			if !flush() {
				return
			}
			held = append(held[:0], line...)
		}
		flush()
	}
}

// property takes a content line apart.
func property(line string) (name string, params []mimewalk.Param, value string) {
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if quoted {
				continue
			}
			name, params = mimewalk.ParseParams(line[:i])
			return strings.ToUpper(name), params, line[i+1:]
		}
	}
	return "", nil, ""
}

// unescapeCalendar reads the escapes of a text (§3.3.11).
func unescapeCalendar(v string) string {
	return strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(v)
}
