// Package words looks for many words in a text without trying each of them. It serves the stages of the
// line, which know nothing of each other, and knows nothing of them.
package words

import (
	"iter"
	"strings"
)

// List is a list of words that are looked for in one pass over a text. It does not change, so that
// many may use it at a time.
type List struct {
	second [256]uint8        // the same filter as Pairs, of the first bigrams of the words
	starts [1 << 10][]string // the words by five bits of each of their first two bytes
}

// start is a word's place among the starts.
func start(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// NewList makes a list of words of two bytes and more each.
// A shorter word is a mistake of the program's and panics. Words are compared byte by byte: whoever looks in any case of letters lowers both.
func NewList(words ...string) *List {
	l := &List{}
	for _, word := range words {
		l.second[word[1]] |= 1 << (word[0] & 7)
		at := &l.starts[start(word[0], word[1])]
		*at = append(*at, word)
	}
	return l
}

// In reports whether one of the words stands in the text at a place that fits, told in bytes; nil takes
// every place.
// The cost is one look at a table for each byte, and little more where a word may begin. A text that is made of beginnings of words costs
// as many comparisons a byte as words begin so.
func (l *List) In(text string, fits func(from, to int) bool) bool {
	for i := 0; i+1 < len(text); i++ {
		if l.second[text[i+1]]&(1<<(text[i]&7)) == 0 {
			continue
		}
		for _, word := range l.starts[start(text[i], text[i+1])] {
			if strings.HasPrefix(text[i:], word) && (fits == nil || fits(i, i+len(word))) {
				return true
			}
		}
	}
	return false
}

// All gives the words of the list, in no order.
func (l *List) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, words := range l.starts {
			for _, word := range words {
				if !yield(word) {
					return
				}
			}
		}
	}
}

// Pairs is a Bloom filter of the byte bigrams of a text: 256 × 8 bits, one row for the second byte of a bigram, one bit for
// three bits of the first. It costs one pass over the text, and then turns nearly every word away that the text does not hold.
type Pairs [256]uint8

// PairsOf makes the filter of a text.
// The longer the text, the fewer words are turned away.
func PairsOf(text string) *Pairs {
	var p Pairs
	for i := 1; i < len(text); i++ {
		p[text[i]] |= 1 << (text[i-1] & 7)
	}
	return &p
}

// May is false only when the word cannot be in the text. It looks at the word's first bigram and at its last.
func (p *Pairs) May(word string) bool {
	n := len(word)
	return n < 2 || p[word[1]]&(1<<(word[0]&7)) != 0 && p[word[n-1]]&(1<<(word[n-2]&7)) != 0
}
