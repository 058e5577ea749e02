package search

import "strings"

// Digits of a telephone number; those of a customer's own are found by their last ones.
const (
	shortestPhone = 7
	longestPhone  = 15
)

// phonesIn are the digits of what may be telephone numbers in a text: digits with the signs that stand within one. It takes
// a little more than is one, which costs a word each.
// Its cost is linear in the text.
func phonesIn(text string) (out []string) {
	for i := 0; i < len(text); {
		if !digit(text[i]) && text[i] != '+' && text[i] != '(' {
			i++
			continue
		}
		end := i
		for end < len(text) && (digit(text[end]) || strings.IndexByte("+ ()-./", text[end]) >= 0) {
			end++
		}
		for _, d := range numbersIn(text[i:end]) {
			if len(d) >= shortestPhone && len(d) <= longestPhone {
				out = append(out, d)
			}
		}
		i = end + 1
	}
	return out
}

// numbersIn are the digits of a run as one number, and of those parts of it that stand apart.
func numbersIn(run string) []string {
	out := []string{digitsOf(run)}
	if parts := strings.Fields(run); len(parts) > 1 {
		for _, part := range parts {
			out = append(out, digitsOf(part))
		}
	}
	return out
}

// digit reports whether c is a digit of ASCII; others were folded before.
func digit(c byte) bool { return c >= '0' && c <= '9' }

// digitsOf are the digits of a number without what a country puts before it in calls: 00 or 0, in brackets too.
func digitsOf(text string) string {
	international := strings.HasPrefix(strings.TrimSpace(text), "+")
	text = strings.Replace(text, "(0)", "", 1)
	d := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if rest, called := strings.CutPrefix(d, "00"); called && !international {
		return rest
	}
	if !international {
		d = strings.TrimPrefix(d, "0")
	}
	return d
}

// mailsIn are the mail addresses in a text. Each byte is looked at a bounded number of times.
// It finds what looks like one; whether there is such a mailbox does not matter for finding it again.
func mailsIn(text string) (out []string) {
	for at, from := strings.IndexByte(text, '@'), 0; at >= 0; {
		low := at
		for low > from && at-low < longestWord && local(text[low-1]) {
			low--
		}
		high := at + 1
		for high < len(text) && high-at < 4*longestWord && domain(text[high]) {
			high++
		}
		if address := strings.TrimRight(text[low:high], ".-"); low < at && len(address) > at-low+1 {
			out = append(out, address)
		}
		from = at + 1
		next := strings.IndexByte(text[from:], '@')
		if next < 0 {
			break
		}
		at = from + next
	}
	return out
}

// local reports whether c may stand before the @ without quotes (RFC 5322 §3.2.3).
func local(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}

// domain reports whether c may stand behind it.
func domain(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.'
}
