package particulars

import (
	_ "embed" // the lists of words
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/words"
)

//go:embed times.txt
var timeFile string

var timeLists = words.MustReadLists("particulars/times.txt", timeFile)

// Time is a day or a time that a text names.
type Time struct {
	From time.Time `json:"from"` // where it begins, in the zone in which the text was read
	// Unit is how exactly it was said: minute, hour, part (of a day), day, week, month.
	Unit string `json:"unit"`
	Part string `json:"part,omitempty"` // morning, noon, afternoon, evening, night
}

const maxTimes = 12

// mark is a piece of a time as it stands in the text.
type mark struct {
	from, to int
	kind     kind
	day      time.Time // of kinds day, week and month: its midnight
	part     string
	hour     int
	minute   int
	exact    bool // minutes were said
	half     bool // am or pm, or 24 hours, were said, so that the hour needs no part of a day
	pm       bool
}

// kind is what a mark says.
type kind int

const (
	none kind = iota
	day
	week
	month
	part
	hour
	moment
)

// Times finds days and times, as somebody means them who writes at the time that is given, in its zone: "昨天下午三点", "last Friday",
// "3rd May", "两小时前", "half past nine". A day without a year is the last one that has been, or one within the next month; a time without a day
// is the last one that has been. It returns at most twelve.
func Times(s string, at time.Time) []Time {
	t := clock{s: folded(cut(s)).low, at: at, today: midnight(at)}
	var out []Time
	var open mark
	for i := 0; i < len(t.s) && len(out) < maxTimes; {
		m := t.markAt(i)
		if m.kind == none {
			i = t.next(i)
			continue
		}
		if joined, ok := t.join(open, m); ok {
			open = joined
		} else {
			out = t.close(out, open)
			open = m
		}
		i = max(m.to, i+1)
	}
	out = t.close(out, open)
	return out[:min(len(out), maxTimes)]
}

// clock reads one text.
type clock struct {
	s     string
	at    time.Time
	today time.Time
}

// midnight is the beginning of a day.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// next steps to where the next mark may begin.
func (t *clock) next(i int) int {
	if digit(t.s, i) {
		return digitsEnd(t.s, i)
	}
	return next(t.s, i)
}

// tabled are words with what they say.
type tabled[T any] struct {
	words prefixes
	says  map[string]T
}

// tableOf reads a list of "word = value".
func tableOf[T any](list string, read func(string) T) *tabled[T] {
	out := &tabled[T]{says: map[string]T{}}
	for _, row := range timeLists.Words(list) {
		w, value, _ := strings.Cut(row, " = ")
		out.says[w] = read(value)
	}
	out.words = *prefixesIn(slices.Collect(maps.Keys(out.says)))
	return out
}

// at is the word that stands at i with what it says.
func (p *tabled[T]) at(s string, i int) (says T, end int, ok bool) {
	w := p.words.at(s, i)
	if w == "" || letter(w, 0) && word(s, i-1) {
		return says, i, false
	}
	return p.says[w], i + len(w), true
}

// whole reads a whole number of a table; what is none says 0, and a test holds the file to numbers.
func whole(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// dayWord is what a word says of a day.
type dayWord struct {
	days int
	part string
}

var (
	dayWords = tableOf("days", func(s string) dayWord {
		days, part, _ := strings.Cut(s, ",")
		return dayWord{whole(days), part}
	})
	partWords  = tableOf("parts", func(s string) string { return s })
	weekWords  = tableOf("weeks", whole)
	monthWords = tableOf("months", whole)
	nowWords   = tableOf("now", func(string) bool { return true })
	timeUnits  = tableOf("units", whole)
	joints     = prefixesIn(timeLists.Words("joints"))
	noHours    = prefixesIn(timeLists.Words("no hours"))
	noDay      = prefixesIn(timeLists.Words("no day"))
)

// bare is week's value of a word that needs the name of a day behind it: 周.
const bare = 9

// markAt reads the mark that begins at i; kind none for none.
func (t *clock) markAt(i int) mark {
	if _, end, ok := nowWords.at(t.s, i); ok {
		return mark{from: i, to: end, kind: moment, day: t.at, exact: true}
	}
	if d, end, ok := dayWords.at(t.s, i); ok {
		m := mark{from: i, to: end, kind: day, day: t.today.AddDate(0, 0, d.days), part: d.part}
		return m
	}
	if m := t.weekAt(i); m.kind != none {
		return m
	}
	if m := t.monthAt(i); m.kind != none {
		return m
	}
	if p, end, ok := partWords.at(t.s, i); ok {
		if p == "night" && strings.HasPrefix(t.s[i:end], "晚") && end-i == len("晚") && !t.counted(end) {
			return mark{}
		}
		return mark{from: i, to: end, kind: part, part: p}
	}
	if m := t.named(i); m.kind != none {
		return m
	}
	return t.numbered(i)
}

// counted reports whether a number stands there, so that a single 晚 before it is of the time: 晚8点.
func (t *clock) counted(end int) bool {
	r, _ := runeAt(t.s, end)
	return digit(t.s, end) || hanDigit(r) > 0 || hanScale(r) == 10
}

// weekAt reads a week or a day of one: 上周, 上周五, 周五.
func (t *clock) weekAt(i int) mark {
	w, end, ok := weekWords.at(t.s, i)
	if !ok {
		return t.weekday(i)
	}
	monday := t.today.AddDate(0, 0, -(int(t.today.Weekday())+6)%7)
	r, size := runeAt(t.s, end)
	d := hanDigit(r)
	switch {
	case r == '日' || r == '天':
		d = 7
	case digit(t.s, end) && !digit(t.s, end+1):
		d = int(t.s[end] - '0')
	}
	if d < 1 || d > 7 || t.s[i] < 0x80 {
		if w == bare || t.s[i] < 0x80 && t.weekdayFollows(end) {
			return mark{}
		}
		return mark{from: i, to: end, kind: week, day: monday.AddDate(0, 0, 7*w)}
	}
	end += size
	if w == bare {
		if rest := t.s[end:]; strings.HasPrefix(rest, "个") || strings.HasPrefix(rest, "年") || strings.HasPrefix(rest, "前") {
			return mark{}
		}
		return mark{from: i, to: end, kind: day, day: t.lastDay(d%7, true)}
	}
	return mark{from: i, to: end, kind: day, day: monday.AddDate(0, 0, 7*w+d-1)}
}

// weekdayFollows reports whether the name of a day follows: "last week Friday".
func (t *clock) weekdayFollows(i int) bool { return t.weekday(spaceEnd(t.s, i)).kind != none }

// lastDay is the last day of that name that has been, today's included where it may be meant.
func (t *clock) lastDay(weekday int, today bool) time.Time {
	back := (int(t.today.Weekday()) - weekday + 7) % 7
	if back == 0 && !today {
		back = 7
	}
	return t.today.AddDate(0, 0, -back)
}

var weekdays = map[string]int{"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
	"sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6}

// weekday reads the English name of a day; a short one only behind "last", "this", "on" or "next".
func (t *clock) weekday(i int) mark {
	if !letter(t.s, i) || word(t.s, i-1) {
		return mark{}
	}
	from, w := i, t.s[i:lettersEnd(t.s, i)]
	lead := ""
	switch w {
	case "last", "this", "on", "next":
		lead = w
		i = spaceEnd(t.s, i+len(w))
		w = t.s[i:lettersEnd(t.s, i)]
	}
	d, ok := weekdays[w]
	if !ok || word(t.s, i+len(w)) || lead == "" && len(w) < len("monday") {
		return mark{}
	}
	m := mark{from: from, to: i + len(w), kind: day, day: t.lastDay(d, lead != "last")}
	if lead == "next" {
		m.day = m.day.AddDate(0, 0, 7)
	}
	return m
}

// monthAt reads a month that is told from the present one, with a day where one follows: 上个月15号, "last month". 去年12月 is read by calendar.
func (t *clock) monthAt(i int) mark {
	n, end, ok := monthWords.at(t.s, i)
	if !ok {
		return mark{}
	}
	first := t.today.AddDate(0, 0, 1-t.today.Day()).AddDate(0, n, 0)
	at := end
	if v, to, ok := t.number(at); ok && v >= 1 && v <= 31 {
		if rest, ok := cutAny(t.s[to:], "号", "號", "日"); ok {
			return mark{from: i, to: len(t.s) - len(rest), kind: day, day: first.AddDate(0, 0, v-1)}
		}
	}
	return mark{from: i, to: end, kind: month, day: first}
}

// number reads a whole number at i, in digits, Chinese or English.
func (t *clock) number(i int) (v, end int, ok bool) {
	if i >= len(t.s) {
		return 0, i, false
	}
	if digit(t.s, i) {
		end = digitsEnd(t.s, i)
		if end-i > 4 {
			return 0, i, false
		}
		return whole(t.s[i:end]), end, true
	}
	n, ok := numeralAt(t.s, i)
	if !ok || n.vague || n.value != float64(int(n.value)) || n.value > 9999 {
		return 0, i, false
	}
	return int(n.value), n.to, true
}

// cutAny cuts the first of the prefixes that fits.
func cutAny(s string, prefixes ...string) (rest string, ok bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}

// join puts two marks together that tell one time: a day and its part, a part and its hour, an hour and the day behind it.
func (t *clock) join(a, b mark) (mark, bool) {
	if a.kind == none || !t.adjoin(a.to, b.from) {
		return mark{}, false
	}
	out, ok := mark{}, false
	switch b.kind {
	case part:
		out, ok = a.withPart(b)
	case hour:
		out, ok = a.withHour(b)
	case day:
		out, ok = a.withDay(b)
	}
	out.from, out.to = a.from, b.to
	return out, ok
}

// withPart is a mark with the part of the day that follows it.
func (m mark) withPart(b mark) (mark, bool) {
	free := m.part == "" && (m.kind == day || m.kind == part || m.kind == hour && !m.half)
	if !free && !(m.kind == day && m.part == "night" && b.part == "small") {
		return mark{}, false
	}
	m.part = b.part
	return m, true
}

// withHour is a day or a part of one with the hour that follows it.
func (m mark) withHour(b mark) (mark, bool) {
	if m.kind != day && m.kind != part {
		return mark{}, false
	}
	b.day = m.day
	if m.part != "" {
		b.part = m.part
	}
	return b, true
}

// withDay is an hour or a part of a day with the day that follows it, and a week with its day.
func (m mark) withDay(b mark) (mark, bool) {
	switch {
	case m.kind == hour && m.day.IsZero():
		m.day = b.day
		if m.part == "" {
			m.part = b.part
		}
		return m, true
	case m.kind == part && b.part == "":
		b.part = m.part
		return b, true
	case m.kind == week && b.to-b.from <= len("wednesday"):
		b.day = m.day.AddDate(0, 0, (int(b.day.Weekday())+6)%7)
		return b, true
	}
	return mark{}, false
}

// adjoin reports whether nothing stands between two places but a few words that join a day with its time.
func (t *clock) adjoin(from, to int) bool {
	if to-from > 24 {
		return false
	}
	for from < to {
		if strings.IndexByte(" ,-()\t", t.s[from]) >= 0 {
			from++
			continue
		}
		w := joints.at(t.s, from)
		if w == "" {
			return false
		}
		from += len(w)
	}
	return from == to
}

// close makes a time of a mark that is complete; one that says nothing by itself adds none.
func (t *clock) close(out []Time, m mark) []Time {
	switch m.kind {
	case moment:
		return append(out, Time{From: m.day, Unit: "minute"})
	case day:
		if m.part != "" {
			return append(out, Time{m.day.Add(partHour(m.part)), "part", partName(m.part)})
		}
		return append(out, Time{From: m.day, Unit: "day"})
	case week:
		return append(out, Time{From: m.day, Unit: "week"})
	case month:
		return append(out, Time{From: m.day, Unit: "month"})
	case hour:
		unit := "hour"
		if m.exact {
			unit = "minute"
		}
		return append(out, Time{From: t.hourOf(m), Unit: unit})
	}
	return out
}

// partHour is where a part of a day begins, and partName its name; the small hours are the night's.
func partHour(p string) time.Duration {
	return map[string]time.Duration{"morning": 6 * time.Hour, "noon": 12 * time.Hour, "afternoon": 13 * time.Hour, "evening": 18 * time.Hour, "night": 20 * time.Hour}[p]
}

func partName(p string) string {
	if p == "small" {
		return "night"
	}
	return p
}

// hourOf resolves an hour by its part of the day, or by the time at which it is written.
func (t *clock) hourOf(m mark) time.Time {
	d, h := m.day, m.hour
	if d.IsZero() {
		d = t.today
	}
	switch {
	case m.half:
		h = m.of24()
	case m.part != "":
		var later int
		h, later = partly(m.part, h)
		d = d.AddDate(0, 0, later)
	case m.day.IsZero() && h <= 12:
		return t.latest(h, m.minute)
	case h >= 1 && h <= 6: // 昨天三点 is in the afternoon
		h += 12
	}
	out := t.moment(d, h, m.minute)
	if m.day.IsZero() && out.After(t.at) {
		out = out.AddDate(0, 0, -1)
	}
	return out
}

// of24 is an hour that was said with am or pm, or by the clock of 24 hours.
func (m mark) of24() int {
	switch {
	case m.pm && m.hour < 12:
		return m.hour + 12
	case !m.pm && m.hour == 12 && m.part == "am":
		return 0
	}
	return m.hour
}

// partly is an hour of a part of the day; a night ends on the next one.
func partly(part string, h int) (hour, later int) {
	switch part {
	case "afternoon", "evening":
		if h < 12 {
			h += 12
		}
	case "noon":
		if h < 9 {
			h += 12
		}
	case "night":
		switch {
		case h >= 6 && h < 12:
			h += 12
		case h < 6 || h == 12:
			return h % 12, 1
		}
	case "small":
		h %= 12
	}
	return h, 0
}

// latest is the last time that the hands of a clock have stood so.
func (t *clock) latest(h, minute int) time.Time {
	for _, out := range [...]time.Time{t.moment(t.today, h%12+12, minute), t.moment(t.today, h%12, minute)} {
		if !out.After(t.at) {
			return out
		}
	}
	return t.moment(t.today.AddDate(0, 0, -1), h%12+12, minute)
}

// moment is an hour and a minute of a day.
func (t *clock) moment(d time.Time, h, minute int) time.Time {
	y, mo, da := d.Date()
	return time.Date(y, mo, da, h, minute, 0, 0, d.Location())
}
