package particulars

import (
	"strings"
	"time"
)

// numbered reads a mark that begins with a number: a date, a time of the clock, "3 days ago".
func (t *clock) numbered(i int) mark {
	if digit(t.s, i-1) || i > 0 && t.s[i-1] == '.' && digit(t.s, i-2) {
		return mark{}
	}
	r, _ := runeAt(t.s, i)
	switch {
	case r == '半':
		return t.halfAgo(i)
	case r == '去' || r == '今' || r == '前':
		if strings.HasPrefix(t.s[i+len("去"):], "年") {
			return t.monthDay(i, i+len("去年"), t.at.Year()-map[rune]int{'去': 1, '前': 2}[r])
		}
		return mark{}
	case r >= 0x80 && hanDigit(r) < 0 && hanScale(r) == 0 && r != '廿' && r != '卅':
		return mark{}
	}
	v, end, ok := t.number(i)
	if !ok {
		return t.ago(i, i)
	}
	if digit(t.s, i) {
		if m := t.figured(i, end, v); m.kind != none {
			return m
		}
	}
	if strings.HasPrefix(t.s[end:], "年") {
		return t.ofYear(i, end+len("年"), v)
	}
	for _, read := range [...]func(i, end, v int) mark{t.ofMonth, t.ofPresentMonth, t.hours, t.englishDay} {
		if m := read(i, end, v); m.kind != none {
			return m
		}
	}
	return t.ago(i, end)
}

// ofYear reads the month behind a year.
func (t *clock) ofYear(i, at, year int) mark {
	if year < 100 && year >= 20 {
		year += 2000
	}
	if year <= 1900 || year >= 2100 {
		return mark{}
	}
	return t.monthDay(i, at, year)
}

// ofMonth reads a month that begins at i, and its day.
func (t *clock) ofMonth(i, _, _ int) mark { return t.monthDay(i, i, 0) }

// ofPresentMonth reads a day without its month: 15号. A line, a shop and a floor have such numbers, too.
func (t *clock) ofPresentMonth(i, end, v int) mark {
	rest, ok := cutAny(t.s[end:], "号", "號")
	if !ok || v < 1 || v > 31 || strings.HasSuffix(t.s[:i], "第") {
		return mark{}
	}
	if _, thing := cutAny(rest, "线", "線", "店", "楼", "樓", "房", "码", "碼"); thing {
		return mark{}
	}
	return mark{from: i, to: len(t.s) - len(rest), kind: day, day: t.dayOfMonth(v)}
}

// figured reads what is written with signs between digits: 2026-11-15, 15.11.2026, 5/3, 10:35.
func (t *clock) figured(i, end, v int) mark {
	if end >= len(t.s) {
		return mark{}
	}
	sign := t.s[end]
	if sign == ':' && end-i <= 2 {
		return t.colon(i, end, v)
	}
	if sign != '-' && sign != '/' && sign != '.' || !digit(t.s, end+1) {
		return mark{}
	}
	second := digitsEnd(t.s, end+1)
	if second-end > 3 || i > 0 && (t.s[i-1] == sign || t.s[i-1] == '#') || letter(t.s, i-1) {
		return mark{}
	}
	b := whole(t.s[end+1 : second])
	if second < len(t.s) && t.s[second] == sign && digit(t.s, second+1) {
		third := digitsEnd(t.s, second+1)
		c := whole(t.s[second+1 : third])
		if third < len(t.s) && t.s[third] == sign && digit(t.s, third+1) {
			return mark{}
		}
		return t.fullDay(i, third, [3]int{v, b, c}, [3]int{end - i, second - end - 1, third - second - 1})
	}
	return t.pair(i, end, second, v, b)
}

// pair reads two numbers with a sign between: 5/3, 11.3号.
func (t *clock) pair(i, end, second, v, b int) mark {
	if rest, said := cutAny(t.s[second:], "号", "號", "日"); t.s[end] == '.' && said && within(t.s[i:end], 12) && within(t.s[end+1:second], 31) {
		return mark{from: i, to: len(t.s) - len(rest), kind: day, day: t.lastDate(v, b)}
	}
	if t.s[end] != '/' || end-i > 2 || v == 24 && b == 7 || counter(t.s, i) || noDay.at(t.s, spaceEnd(t.s, second)) != "" || word(t.s, second) {
		return mark{}
	}
	return t.shortDay(i, second, v, b)
}

// counter reports whether pages or steps are counted at i.
func counter(s string, i int) bool {
	for _, w := range [...]string{"page ", "pages ", "step ", "part ", "score ", "第"} {
		if strings.HasSuffix(s[:i], w) {
			return true
		}
	}
	return false
}

// fullDay reads three numbers, of which the first or the last is the year.
func (t *clock) fullDay(i, end int, n, size [3]int) mark {
	y, m, d := n[0], n[1], n[2]
	if size[0] != 4 {
		if y, m, d = n[2], n[1], n[0]; size[2] == 2 && n[2] >= 20 && n[2] < 40 {
			y += 2000
		} else if size[2] != 4 {
			return mark{}
		}
		if m > 12 { // the American order
			m, d = d, m
		}
	}
	if y < 1990 || y > 2099 || m < 1 || m > 12 || d < 1 || d > 31 {
		return mark{}
	}
	if end < len(t.s) && t.s[end] == 't' && digit(t.s, end+1) {
		end++
	}
	return mark{from: i, to: end, kind: day, day: t.date(y, m, d)}
}

// shortDay reads "5/3": the month first in a Chinese text, else the day, unless only one of them can be, or one of them has not been yet.
func (t *clock) shortDay(i, end, a, b int) mark {
	monthFirst := a >= 1 && a <= 12 && b >= 1 && b <= 31
	dayFirst := b >= 1 && b <= 12 && a >= 1 && a <= 31
	chinese := hanAt(t.s, spaceEnd(t.s, end)) || i >= 3 && t.s[i-1] >= 0x80 || i >= 4 && t.s[i-2] >= 0x80
	switch {
	case monthFirst && (chinese || !dayFirst):
		return mark{from: i, to: end, kind: day, day: t.lastDate(a, b)}
	case dayFirst:
		return mark{from: i, to: end, kind: day, day: t.lastDate(b, a)}
	}
	return mark{}
}

// colon reads 10:35 and 10:35:12, with am or pm.
func (t *clock) colon(i, end, v int) mark {
	stop := digitsEnd(t.s, end+1)
	if stop-end != 3 || v > 24 || letter(t.s, i-1) && !(t.s[i-1] == 't' && digit(t.s, i-2)) || i > 0 && t.s[i-1] == ':' {
		return mark{}
	}
	minute := whole(t.s[end+1 : stop])
	if minute > 59 {
		return mark{}
	}
	if stop < len(t.s) && t.s[stop] == ':' && digitsEnd(t.s, stop+1) == stop+3 {
		stop += 3
	}
	if stop < len(t.s) && (t.s[stop] == '+' || t.s[stop] == 'z') && v >= 0 {
		if t.s[stop] == '+' && digit(t.s, stop+1) {
			stop = digitsEnd(t.s, stop+1)
			if stop < len(t.s) && t.s[stop] == ':' {
				stop = digitsEnd(t.s, stop+1)
			}
		}
	}
	m := mark{from: i, to: stop, kind: hour, hour: v, minute: minute, exact: true, half: v > 12 || v == 0 || t.s[i] == '0'}
	return t.halfDay(m)
}

// halfDay reads "am" or "pm" behind an hour.
func (t *clock) halfDay(m mark) mark {
	at := spaceEnd(t.s, m.to)
	for _, w := range [...]string{"am", "pm", "a.m.", "p.m.", "a.m", "p.m"} {
		if strings.HasPrefix(t.s[at:], w) && !word(t.s, at+len(w)) {
			m.to, m.half, m.pm = at+len(w), true, w[0] == 'p'
			if !m.pm {
				m.part = "am"
			}
			return m
		}
	}
	return m
}

// monthDay reads 11月3日 or 11月, from i, where the month stands at at; year is 0 where none was said.
func (t *clock) monthDay(i, at, year int) mark {
	v, end, ok := t.number(at)
	if !ok || v < 1 || v > 12 {
		return mark{}
	}
	rest, ok := strings.CutPrefix(t.s[end:], "月")
	if !ok {
		return mark{}
	}
	end = len(t.s) - len(rest)
	if d, to, ok := t.number(spaceEnd(t.s, end)); ok && d >= 1 && d <= 31 {
		if rest, said := cutAny(t.s[to:], "日", "号", "號"); said || to > end {
			m := mark{from: i, to: len(t.s) - len(rest), kind: day, day: t.lastDate(v, d)}
			if !said {
				m.to = to
			}
			if year > 0 {
				m.day = t.date(year, v, d)
			}
			return m
		}
	}
	m := mark{from: i, to: end, kind: month, day: t.lastDate(v, 1)}
	if year > 0 {
		m.day = t.date(year, v, 1)
	}
	return m
}

// hours reads 三点, 8点半, 3点20分, 8时5分, "9 pm", "three o'clock".
func (t *clock) hours(i, end, v int) mark {
	if v > 24 {
		return mark{}
	}
	m := mark{from: i, kind: hour, hour: v, half: v > 12 || v == 0}
	if rest, ok := cutAny(t.s[end:], " o'clock", "o'clock", " oclock"); ok {
		m.to = len(t.s) - len(rest)
		return t.halfDay(m)
	}
	rest, ok := cutAny(t.s[end:], "点钟", "點鐘", "点", "點")
	if !ok {
		m.to = end
		if half := t.halfDay(m); half.to > end && digit(t.s, i) && v <= 12 || v >= 1 && v <= 12 && t.atHour(i, end) {
			return half
		}
		return mark{}
	}
	m.to = len(t.s) - len(rest)
	said := strings.HasSuffix(t.s[:m.to], "钟") || strings.HasSuffix(t.s[:m.to], "鐘")
	if minute, to, ok := t.minutes(m.to); ok && !said {
		m.minute, m.to, m.exact = minute, to, true
		return m
	}
	if !said && (noHours.at(t.s, m.to) != "" || v == 1 && t.s[i] >= 0x80 && !t.partBefore(i)) {
		return mark{}
	}
	return m
}

// atHour reports whether a number is an hour by the words around it alone: "at 9 this morning", "at nine.".
func (t *clock) atHour(i, end int) bool {
	head := strings.TrimSuffix(strings.TrimSuffix(t.s[:i], "about "), "around ")
	if !strings.HasSuffix(head, "at ") && !strings.HasSuffix(head, "since ") || word(head, len(head)-7) && strings.HasSuffix(head, "since ") || strings.HasSuffix(head, "at ") && word(head, len(head)-4) {
		return false
	}
	if end >= len(t.s) {
		return true
	}
	if strings.IndexByte(",;!?\n)", t.s[end]) >= 0 || t.s[end] == '.' && !digit(t.s, end+1) {
		return true
	}
	for _, w := range [...]string{" in the", " this", " last", " yesterday", " today", " tonight", " on ", " and i", " but"} {
		if strings.HasPrefix(t.s[end:], w) {
			return true
		}
	}
	return false
}

// partBefore reports whether a part of a day or a day stands before i, so that 一点 is an hour.
func (t *clock) partBefore(i int) bool {
	for _, w := range [...]string{"午", "上", "晨", "晚", "夜", "天", "日", "晝", "昼"} {
		if strings.HasSuffix(t.s[:i], w) {
			return true
		}
	}
	return false
}

// minutes reads what stands behind 点: 半, 一刻, 二十, 05分. What goes on as a sum or a rate is none: 三点五万.
func (t *clock) minutes(i int) (v, end int, ok bool) {
	if rest, ok := strings.CutPrefix(t.s[i:], "半"); ok {
		return 30, len(t.s) - len(rest), true
	}
	for _, w := range [...]string{"一刻", "三刻"} {
		if strings.HasPrefix(t.s[i:], w) {
			return map[string]int{"一刻": 15, "三刻": 45}[w], i + len(w), true
		}
	}
	at := i
	if rest, ok := cutAny(t.s[at:], "零", "过", "過"); ok {
		at = len(t.s) - len(rest)
	}
	v, end, ok = t.number(at)
	if !ok || v > 59 {
		return 0, i, false
	}
	if rest, ok := cutAny(t.s[end:], "分钟", "分鐘"); ok && rest != "" || hanUnit(t.s, end) > 0 {
		return 0, i, false
	}
	if rest, ok := strings.CutPrefix(t.s[end:], "分"); ok {
		return v, len(t.s) - len(rest), true
	}
	if _, _, money := unitBehind(t.s, end); money || v < 10 && at == i || strings.HasPrefix(t.s[end:], "%") {
		return 0, i, false
	}
	return v, end, true
}

// halfAgo reads 半小时前 and 半个钟前.
func (t *clock) halfAgo(i int) mark {
	at := i + len("半")
	minutes, end, ok := timeUnits.at(t.s, at)
	if rest, before := cutAny(t.s[end:], "之前", "以前", "前"); ok && before && minutes >= 60 {
		return mark{from: i, to: len(t.s) - len(rest), kind: moment, day: t.at.Add(-time.Duration(minutes/2) * time.Minute)}
	}
	return mark{}
}

// ago reads "3 days ago", "an hour ago", 三天前, with the number between i and end; "a" and "half an" stand for one where it is empty.
func (t *clock) ago(i, end int) mark {
	v, part, at := 0, 1, end
	if end > i {
		v, _, _ = t.number(i)
	} else if !word(t.s, i-1) {
		v, part, at = few(t.s, i)
	}
	if v == 0 {
		return mark{}
	}
	half := 0
	if strings.HasPrefix(t.s[at:], "个半") || strings.HasPrefix(t.s[at:], "個半") {
		half, at = 1, at+len("个半")
	}
	at = spaceEnd(t.s, at)
	if strings.HasPrefix(t.s[at:], "of ") { // "a couple of days ago"
		at += len("of ")
	}
	minutes, stop, ok := timeUnits.at(t.s, at)
	if !ok {
		return mark{}
	}
	rest, ok := cutAny(t.s[stop:], " ago", " back", " before now", "之前", "以前", "前")
	if !ok || strings.HasPrefix(rest, "k") {
		return mark{}
	}
	m := mark{from: i, to: len(t.s) - len(rest), kind: day}
	switch {
	case minutes < 1440:
		m.kind, m.day = moment, t.at.Add(-time.Duration(v*minutes/part+half*minutes/2)*time.Minute)
	case minutes < 43200:
		m.day = t.today.AddDate(0, 0, -v*minutes/1440)
	default:
		m.kind, m.day = month, t.today.AddDate(0, 0, 1-t.today.Day()).AddDate(0, -v, 0)
	}
	return m
}

// few reads what stands for a number before "hours ago": "an" for one, "half an" for one of two parts, "a few" for three.
func few(s string, i int) (v, part, end int) {
	switch {
	case strings.HasPrefix(s[i:], "half an "):
		return 1, 2, i + len("half an ")
	case strings.HasPrefix(s[i:], "a few "):
		return 3, 1, i + len("a few ")
	case strings.HasPrefix(s[i:], "an "):
		return 1, 1, i + len("an ")
	case strings.HasPrefix(s[i:], "a "):
		return 1, 1, i + len("a ")
	}
	return 0, 1, i
}

// date is a day of the calendar, in the zone of the text.
func (t *clock) date(y, m, d int) time.Time {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, t.at.Location())
}

// lastDate is the last day of that month and number that has been, or one within the next thirty days.
func (t *clock) lastDate(m, d int) time.Time {
	out := t.date(t.at.Year()+1, m, d)
	for out.After(t.today.AddDate(0, 0, 30)) {
		out = t.date(out.Year()-1, m, d)
	}
	return out
}

// dayOfMonth is the last day of that number that has been, or one within the next three days.
func (t *clock) dayOfMonth(d int) time.Time {
	out := t.date(t.at.Year(), int(t.at.Month()), d)
	if out.After(t.today.AddDate(0, 0, 3)) {
		out = t.date(t.at.Year(), int(t.at.Month())-1, d)
	}
	return out
}

var monthNames = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
	"january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12}

// englishDay reads "3rd May", "the 12th of October 2025", "the 12th".
func (t *clock) englishDay(i, end, v int) mark {
	if v < 1 || v > 31 || !digit(t.s, i) {
		return mark{}
	}
	rest, ordinal := cutAny(t.s[end:], "st", "nd", "rd", "th")
	at := len(t.s) - len(rest)
	if ordinal && word(t.s, at) {
		return mark{}
	}
	next := spaceEnd(t.s, at)
	if next < len(t.s) && t.s[next] == '-' { // 03-Nov-2026
		next++
	}
	if strings.HasPrefix(t.s[next:], "of ") {
		next += len("of ")
		if n, stop, ok := monthWords.at(t.s, next); ok { // "the 3rd of this month"
			return mark{from: i, to: stop, kind: day, day: t.today.AddDate(0, 0, 1-t.today.Day()).AddDate(0, n, v-1)}
		}
	}
	stop := lettersEnd(t.s, next)
	if m, ok := monthNames[t.s[next:stop]]; ok && next > at && !word(t.s, stop) {
		return t.withYear(mark{from: i, to: stop, kind: day, day: t.lastDate(m, v)}, m, v)
	}
	if ordinal && strings.HasSuffix(t.s[:i], "the ") && noDay.at(t.s, spaceEnd(t.s, at)) == "" && !strings.HasPrefix(t.s[at:], " time") && !strings.HasPrefix(t.s[at:], " floor") && (at >= len(t.s) || strings.IndexByte(".,;!?\n)", t.s[at]) >= 0 || t.closes(at)) {
		return mark{from: i, to: at, kind: day, day: t.dayOfMonth(v)}
	}
	return mark{}
}

// closes reports whether a word follows with which a sentence goes on behind a day: "the 12th at nine", "on the 9th and".
func (t *clock) closes(i int) bool {
	at := spaceEnd(t.s, i)
	switch t.s[at:lettersEnd(t.s, at)] {
	case "at", "and", "but", "around", "about", "i", "my", "we", "the", "in", "for", "by", "from", "to", "it", "as":
		return true
	}
	return false
}

// withYear reads the year behind a day.
func (t *clock) withYear(m mark, mo, d int) mark {
	at := m.to
	for at < len(t.s) && (t.s[at] == ',' || t.s[at] == ' ' || t.s[at] == '-') && at < m.to+2 {
		at++
	}
	if end := digitsEnd(t.s, at); end-at == 4 && year(t.s[at:end]) {
		m.to, m.day = end, t.date(whole(t.s[at:end]), mo, d)
	}
	return m
}

// named reads what begins with an English word: "May 3rd, 2025", "in October", "noon", "half past nine", "quarter to six".
func (t *clock) named(i int) mark {
	if !letter(t.s, i) || word(t.s, i-1) {
		return mark{}
	}
	end := lettersEnd(t.s, i)
	w := t.s[i:end]
	switch w {
	case "noon", "midday":
		return mark{from: i, to: end, kind: hour, hour: 12, half: true}
	case "midnight":
		return mark{from: i, to: end, kind: hour, half: true}
	}
	if m, ok := monthNames[w]; ok {
		return t.monthNamed(i, end, m)
	}
	return t.past(i, end, w)
}

// monthNamed reads the day behind the name of a month, or the year; the name alone counts behind "in", "since" and the like.
func (t *clock) monthNamed(i, end, m int) mark {
	at := spaceEnd(t.s, end)
	if at < len(t.s) && t.s[end] == '.' {
		at = spaceEnd(t.s, end+1)
	}
	stop := digitsEnd(t.s, at)
	switch {
	case stop-at == 4 && year(t.s[at:stop]):
		return mark{from: i, to: stop, kind: month, day: t.date(whole(t.s[at:stop]), m, 1)}
	case stop > at && stop-at <= 2 && at > end:
		d := whole(t.s[at:stop])
		if rest, ok := cutAny(t.s[stop:], "st", "nd", "rd", "th"); ok {
			stop = len(t.s) - len(rest)
		}
		if d >= 1 && d <= 31 && !word(t.s, stop) {
			return t.withYear(mark{from: i, to: stop, kind: day, day: t.lastDate(m, d)}, m, d)
		}
		return mark{}
	}
	for _, w := range [...]string{"in ", "since ", "during ", "of ", "last ", "early ", "late ", "from "} {
		if strings.HasSuffix(t.s[:i], w) && !word(t.s, i-len(w)-1) {
			return mark{from: i, to: end, kind: month, day: t.lastDate(m, 1)}
		}
	}
	return mark{}
}

// past reads "half past nine", "quarter to six", "ten past three", "20 to four".
func (t *clock) past(i, end int, w string) mark {
	minute := 0
	switch w {
	case "half":
		minute = 30
	case "quarter":
		minute = 15
	default:
		n, to, ok := t.number(i)
		if !ok || n < 1 || n > 30 {
			return t.spokenAgo(i)
		}
		minute, end = n, to
	}
	rest, before := strings.CutPrefix(t.s[end:], " to ")
	if !before {
		var ok bool
		if rest, ok = strings.CutPrefix(t.s[end:], " past "); !ok {
			return t.spokenAgo(i)
		}
	}
	at := len(t.s) - len(rest)
	h, to, ok := t.number(at)
	if !ok || h < 1 || h > 12 || minute == 30 && before {
		return t.spokenAgo(i)
	}
	m := mark{from: i, to: to, kind: hour, hour: h, minute: minute, exact: true}
	if before {
		m.hour, m.minute = (h+11)%12, 60-minute
		if h == 1 {
			m.hour = 12
		}
	}
	return t.halfDay(m)
}

// spokenAgo reads "two hours ago", "half an hour ago", "three o'clock".
func (t *clock) spokenAgo(i int) mark {
	v, end, ok := t.number(i)
	if !ok {
		return t.ago(i, i)
	}
	if m := t.hours(i, end, v); m.kind != none {
		return m
	}
	return t.ago(i, end)
}
