package thread

import (
	"slices"
	"strings"
)

// Numbers picks the order numbers and the like out of a redacted text: runs of letters and digits
// with at least six digits in them, upper-cased, at most eight.
func Numbers(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !alphanumeric(r) }) {
		digits := 0
		for _, r := range word {
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		word = strings.ToUpper(word)
		if digits >= 6 && len(word) <= 40 && !slices.Contains(out, word) {
			out = append(out, word)
		}
		if len(out) == 8 {
			break
		}
	}
	return out
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
