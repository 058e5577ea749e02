package answer

import (
	"strconv"
	"strings"
)

// maxSums bounds what a statement of account, pasted whole, may cost.
const maxSums = 20

// Units of money as they stand before and behind a number, in lower case, longer ones before those
// that they end or begin with. Written in full because a pattern over all of them costs more than
// everything else that is asked of a short message.
var (
	unitsBefore = moneyLists.Words("before")
	unitsBehind = moneyLists.Words("behind")
	scales      = [...]string{"k", "千", "万", "萬", "亿", "億"}
)

// sums finds the sums in lower-case text in half width.
// A number without a unit beside it is passed over; done keeps two sums from sharing one unit between them.
func sums(text string) []Amount {
	var out []Amount
	done := 0 // what stands before it belongs to an earlier sum
	for i := 0; i < len(text) && len(out) < maxSums; {
		if !digit(text, i) {
			i++
			continue
		}
		end, continental := number(text, i)
		unit, scale, next := unitAround(text, done, i, end)
		if unit != "" {
			if value, err := valueOf(text[i:end], continental); err == nil {
				out = append(out, Amount{currency(unit), value * factor(scale)})
			}
			done = next
		}
		i = max(end, next)
	}
	return out
}

// unitAround finds the unit of the number text[from:to], and where the sum ends.
// A unit before the number wins over one behind it, as in "HK$300元".
func unitAround(text string, done, from, to int) (unit, scale string, end int) {
	if to-from > maxDigits {
		return "", "", to // the number of an order
	}
	end = to
	at := skipSpace(text, to)
	if scale = leading(text, at, scales[:]); scale != "" {
		end = at + len(scale)
		at = skipSpace(text, end)
	} else {
		at = skipSpace(text, at)
	}
	behind := leading(text, at, unitsBehind)
	if behind != "" {
		end = at + len(behind)
	}
	if before := trailing(text, done, from); before != "" {
		return before, scale, end
	}
	return behind, scale, end
}

// maxDigits is the longest number that is a sum, separators and decimals included.
const maxDigits = 16

// digit reports whether an ASCII digit stands at i; false beyond the text.
func digit(text string, i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }

// number is where the number ends that begins at i: digits, or groups of three with commas between them, and decimals behind a
// point. continental says that it is written as on the continent of Europe, with points between the groups and two decimals
// behind a comma: "1.299,00".
func number(text string, i int) (end int, continental bool) {
	whole := digitsEnd(text, i)
	end = grouped(text, i, whole, '.')
	listed := i > 1 && text[i-1] == ',' && digit(text, i-2)
	if follows := end + len(",00"); !listed && end < len(text) && text[end] == ',' && digitsEnd(text, end+1) == follows && !(follows < len(text) && (text[follows] == ',' || text[follows] == '.') && digit(text, follows+1)) {
		return follows, true
	}
	end = grouped(text, i, whole, ',')
	if end < len(text) && text[end] == '.' {
		end = max(end, digitsEnd(text, end+1))
	}
	if text[end-1] == '.' { // of a sentence
		end--
	}
	return end, false
}

// grouped steps over the groups of three digits behind those that stand from i to end.
func grouped(text string, i, end int, sign byte) int {
	for first := end; first-i <= 3 && end < len(text) && text[end] == sign && digitsEnd(text, end+1) == end+4; {
		end += 4
	}
	return end
}

// valueOf is the value of a number.
// It fails for more points than one.
func valueOf(number string, continental bool) (float64, error) {
	if continental {
		number = strings.ReplaceAll(strings.ReplaceAll(number, ".", ""), ",", ".")
	}
	return strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
}

// skipSpace steps over one white space.
func skipSpace(text string, i int) int {
	if i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') {
		return i + 1
	}
	return i
}

// leading is the word with which text[i:] begins.
// A word of letters must end there: "k" is no scale in "5 km". "" for none.
func leading(text string, i int, words []string) string {
	if i >= len(text) {
		return ""
	}
	for _, w := range words {
		if text[i] == w[0] && strings.HasPrefix(text[i:], w) && (!letter(w[len(w)-1]) || !wordAt(text, i+len(w))) {
			return w
		}
	}
	return ""
}

// trailing is the unit with which text[done:i] ends.
func trailing(text string, done, i int) string {
	if i > done && skipSpace(text, i-1) == i {
		i--
	}
	if i <= done {
		return ""
	}
	head := text[done:i]
	for _, w := range unitsBefore {
		if head[len(head)-1] == w[len(w)-1] && strings.HasSuffix(head, w) && (!letter(w[0]) || !letter(w[len(w)-1]) || !wordAt(text, i-len(w)-1)) {
			return w
		}
	}
	return ""
}

// letter reports whether c is a lower-case letter of ASCII.
func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// wordAt reports whether a letter, digit or underscore of ASCII stands there.
func wordAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (letter(text[i]) || digit(text, i) || text[i] == '_')
}
