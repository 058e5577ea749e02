package tidy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Boundary keeps "hi" from matching "history" and "嗨" from needing a space.
func Boundary(rest, greeting string) bool {
	if last := greeting[len(greeting)-1]; rest == "" || last >= 0x80 || last == ' ' {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\''
}

// BeginsWithAny reports whether s begins with one of the words, as a word.
func BeginsWithAny(s string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) && Boundary(s[len(w):], w) {
			return true
		}
	}
	return false
}

// ContainsAny reports whether s holds one of the words.
func ContainsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
