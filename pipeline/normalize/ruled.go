package normalize

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/normalize/cards"
	"frontdesk/pipeline/normalize/phrases"
)

// Bounds of a signature below a ruler.
const (
	maxRuled     = 8  // lines
	maxRuledLine = 60 // runes
)

// ruled returns where the ruler stands above a signature at the end of a reply; end where there is none. It is a guess, so
// all of its lines must look like a visiting card, and the ruler must stand apart from the words above.
func (c *cutter) ruled(end int) int {
	found := 0
	for i := end - 1; i > c.from && i >= end-maxRuled; i-- {
		switch l := &c.lines[i]; {
		case l.kind == blank:
		case l.kind == rule:
			if found == 0 || c.lines[i-1].kind != blank || !c.written(c.from, i) {
				return end
			}
			return i
		case (l.kind == text || l.kind == label) && isCardLine(strings.TrimSpace(l.s)):
			found++
		default:
			return end
		}
	}
	return end
}

// isCardLine reports whether a line can stand on a visiting card: an address or a number with what it is, a name, a
// title, a company. Words of a sentence, amounts and order numbers can't.
func isCardLine(s string) bool {
	if utf8.RuneCountInString(s) > maxRuledLine || strings.ContainsAny(s, "?？!！。；;") {
		return false
	}
	l := strings.ToLower(s)
	if strings.IndexByte(l, '@') > 0 && len(strings.Fields(l)) <= 4 || strings.Contains(l, "www.") || strings.Contains(l, "://") {
		return true
	}
	if strings.ContainsAny(s, "0123456789") {
		return s[0] == '+' && len(strings.Fields(l)) <= 6 || phrases.ContainsAny(l, numbered) && len(strings.Fields(l)) <= 8
	}
	if n := han(s); n > 0 {
		return n <= 4 || n <= 24 && phrases.ContainsAny(s, offices)
	}
	return cards.Titled(s)
}

// What stands before numbers, and what people and companies are called on Chinese and Japanese cards.
var (
	numbered = mailLists.Words("card numbers")
	offices  = mailLists.Words("card offices")
)
