// Package phrases looks for the words of a list in a text, as words.
package phrases

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Boundary reports whether a word ends where the rest of the text begins: "hi" does not in "history", and "嗨" needs no space.
func Boundary(rest, word string) bool {
	if last := word[len(word)-1]; rest == "" || last >= 0x80 || last == ' ' {
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

// HasWord reports whether s has one of the words, in letters as a whole one: "accountant" is no account.
func HasWord(s string, words []string) bool {
	for _, w := range words {
		head, rest, found := strings.Cut(s, w)
		if !found {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(head); w[0] >= 0x80 || !unicode.IsLetter(before) && Boundary(strings.TrimPrefix(rest, "s"), w) {
			return true
		}
	}
	return false
}

// Starts are the first two bytes of words, the first one in three bits of it: most texts begin otherwise, and are turned away before a list is gone through.
type Starts [256]uint8

// StartsOf are those of a list, whose words have two bytes at least.
func StartsOf(words []string) *Starts {
	var out Starts
	for _, w := range words {
		out[w[1]] |= 1 << (w[0] & 7)
	}
	return &out
}

// Begin reports whether one of the words may stand at the beginning of s.
func (t *Starts) Begin(s string) bool { return len(s) > 1 && t[s[1]]&(1<<(s[0]&7)) != 0 }
