// Package answer finds the facts that the desk will need and a message does not give; package fit below it finds ready answers. Both are pure.
package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many bytes of a message are searched.
// It bounds the cost of a long mail; what a customer wants stands at its beginning.
const maxText = 8 << 10

// Finder finds facts. It is safe for concurrent use.
type Finder struct {
	// fold is given to New; signs are patterns that are compiled once.
	fold func(string) string
	signs
}

// New makes a Finder. fold brings text into the form in which words are compared, such as
// classify's Folder does; nil means lower case only.
func New(fold func(string) string) *Finder {
	if fold == nil {
		fold = strings.ToLower
	}
	return &Finder{fold, newSigns()}
}

// holds looks for a folded word; words of scripts that write them apart must stand alone.
// Chinese needs no boundary, since nothing in the text marks one.
func holds(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		if alone(text, at, at+len(word)) {
			return true
		}
		from = at + len(word)
	}
}

// alone reports whether the word text[from:to] is not a piece of a longer one.
func alone(text string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(text[from:])
	last, _ := utf8.DecodeLastRuneInString(text[:to])
	return !(apart(first) && apart(lastRune(text[:from]))) && !(apart(last) && apart(firstRune(text[to:])))
}

// firstRune and lastRune return 0 for an empty text.
func firstRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// apart reports whether the rune belongs to a script that writes words apart.
// Japanese and Thai do not, nor does Chinese; Korean does.
func apart(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
