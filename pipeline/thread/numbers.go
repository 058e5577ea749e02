package thread

import (
	"slices"
	"strings"
)

// Numbers picks the order numbers and the like out of a redacted text: runs of letters and digits
// with at least six digits in them, upper-cased, at most eight.
// They tell two matters of one customer apart. Six digits leave out years, prices and times of day; 40 bytes leave out tokens
// and encoded data. Eight are enough for a comparison, and bound what is kept of a text that is nothing but numbers.
func Numbers(text string) []string {
	var out []string
	for i := 0; i < len(text) && len(out) < 8; i++ {
		if !alphanumeric(text[i]) {
			continue
		}
		start, digits := i, 0
		for ; i < len(text) && alphanumeric(text[i]); i++ {
			if text[i] <= '9' {
				digits++
			}
		}
		if digits < 6 || i-start > 40 {
			continue
		}
		if word := strings.ToUpper(text[start:i]); !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
