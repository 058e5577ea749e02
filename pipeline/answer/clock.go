package answer

import "strings"

// clock looks for a day or a time that is written with digits:
//
//	[0-9]{4}\s?[-/.年]\s?[0-9]{1,2}\s?[-/.月]\s?[0-9]{1,2}
//	[0-9]{1,2}\s?月\s?[0-9]{1,2}
//	[0-9]{1,2}\s?[日号號][上下中晚凌]
//	\b[0-9]{1,2}/[0-9]{1,2}\b
//	\b[0-9]{1,2}:[0-9]{2}\b
//	[0-9]{1,2}\s?[点點]
//	[0-9]+\s?[个個]?(?:小[时時]|分[钟鐘]|天|[周週]|星期|[礼禮]拜|月)[之以]?前
//	\b[0-9]{1,2}\s?[ap]m\b
//	\b[0-9]{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b
//	\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* [0-9]{1,2}\b
//
// It goes through the digits of a text once; text is in lower case and half width.
func clock(text string) bool {
	for i := 0; i < len(text); {
		if !digit(text, i) {
			i++
			continue
		}
		end := digitsEnd(text, i)
		if end-i >= 4 && date(text, end) || behindDigits(text[skipWhite(text, end):]) {
			return true
		}
		if end-i <= 2 && bounded(text, i-1) && (shortTime(text, end) || monthBehind(text[end:])) {
			return true
		}
		if end-i <= 2 && bounded(text, end) && monthBefore(text[:i]) {
			return true
		}
		i = end
	}
	return false
}

// date reads month and day behind the year that ends at i.
// "2026年5月6日", "2026-05-06", "2026 / 5 / 6".
func date(text string, i int) bool {
	month, ok := parted(text, i, "年")
	end := digitsEnd(text, month)
	if !ok || end == month || end-month > 2 {
		return false
	}
	day, ok := parted(text, end, "月")
	return ok && digit(text, day)
}

// parted steps over one of the signs that part the numbers of a date; ok is false where there is none.
func parted(text string, i int, han string) (next int, ok bool) {
	i = skipWhite(text, i)
	if i < len(text) && (text[i] == '-' || text[i] == '/' || text[i] == '.') {
		return skipWhite(text, i+1), true
	}
	if strings.HasPrefix(text[i:], han) {
		return skipWhite(text, i+len(han)), true
	}
	return i, false
}

// skipWhite steps over one white space.
func skipWhite(text string, i int) int {
	if i < len(text) && space(text[i]) {
		return i + 1
	}
	return i
}

// behindDigits reports whether rest makes the digits before it a time in Chinese.
func behindDigits(rest string) bool {
	if rest == "" || rest[0] < 0x80 {
		return false
	}
	if strings.HasPrefix(rest, "点") || strings.HasPrefix(rest, "點") {
		return true
	}
	if day, ok := strings.CutPrefix(rest, "月"); ok && digit(day, skipWhite(day, 0)) {
		return true
	}
	if after, ok := cutAny(rest, "日", "号", "號"); ok {
		_, ok = cutAny(after, "上", "下", "中", "晚", "凌")
		return ok
	}
	rest, _ = cutAny(rest, "个", "個")
	rest, ok := cutAny(rest, "小时", "小時", "分钟", "分鐘", "天", "周", "週", "星期", "礼拜", "禮拜", "月")
	if !ok {
		return false
	}
	rest, _ = cutAny(rest, "之", "以")
	return strings.HasPrefix(rest, "前")
}

// cutAny cuts the first of the prefixes that fits; where one begins with another the longer one must come first.
func cutAny(s string, prefixes ...string) (rest string, ok bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}

// shortTime reports whether one or two digits that end at i are the beginning of "11/3", "10:35" or "9 pm".
func shortTime(text string, i int) bool {
	if i < len(text) && (text[i] == '/' || text[i] == ':') {
		end := digitsEnd(text, i+1)
		n := end - i - 1
		return (n == 2 || n == 1 && text[i] == '/') && bounded(text, end)
	}
	i = skipWhite(text, i)
	return i+1 < len(text) && (text[i] == 'a' || text[i] == 'p') && text[i+1] == 'm' && bounded(text, i+2)
}

// monthBehind reports whether rest makes the digits before it a day of a month: "3rd of march".
func monthBehind(rest string) bool {
	rest, _ = cutAny(rest, "st", "nd", "rd", "th")
	rest = strings.TrimPrefix(rest, " of")
	return len(rest) > 3 && rest[0] == ' ' && month(rest[1:]) && bounded(rest, lettersEnd(rest, 1))
}

// monthBefore reports whether head ends with the name of a month and a space: "march 3".
func monthBefore(head string) bool {
	head, ok := strings.CutSuffix(head, " ")
	if !ok {
		return false
	}
	from := len(head)
	for from > 0 && letter(head[from-1]) {
		from--
	}
	return bounded(head, from-1) && month(head[from:])
}

// month reports whether a word begins with the first three letters of a month.
func month(word string) bool {
	if len(word) < 3 {
		return false
	}
	switch word[:3] {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec":
		return true
	}
	return false
}
