// Package latin tells languages in Latin letters apart: a linear model over one to five letters in a row and over whole
// words, trained by the test of this package.
package latin

import (
	_ "embed" // the model
	"math"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

// codes are the languages that the model knows, in the order of its weights. English is the first.
var codes = [...]string{"en", "es", "fr", "de", "pt", "it", "nl", "id", "vi", "tr", "pl"}

const (
	languages = len(codes)
	bits      = 16   // there are 2 to the power of it buckets
	longest   = 5    // letters of a feature
	maxWord   = 24   // letters of a word that are looked at
	maxGrams  = 1200 // features of a text that are looked at: the first lines settle the language
	unit      = 56   // what a weight of 1 is as a byte
	offset    = 128  // what a weight of 0 is
)

// What has to speak for a language, in the units of the training, where 1 is what a row of the language should reach.
const (
	least      = -0.2 // its score with part of its lead over the second; below it the words do not tell
	lead       = 0.7  // which part
	forEnglish = 3    // is added to English: it is what most customers write who do not write Chinese, and what the others borrow from
)

// weights are those of all languages for each bucket, one after the other, each with offset added.
//
//go:embed model.bin
var weights string

//go:embed brands.txt
var brandsFile string

// brands are names that people write in every language, in lower case.
var brands = words.MustReadLists("latin/brands.txt", brandsFile).Set("brands")

// Scores is what the words so far say. The zero value has seen none.
type Scores struct {
	sum   [languages]int32
	grams int32
}

// Add counts a word: letters with apostrophes, in whatever case. It returns false for a name that says nothing about the language,
// and does not count it.
func (s *Scores) Add(word string) bool {
	if isBrand(word) {
		return false
	}
	if s.grams >= maxGrams {
		return true
	}
	var buffer [maxBuckets]uint32
	list := buckets(word, buffer[:0])
	s.add(list)
	s.grams += int32(len(list))
	return true
}

// add sums the weights of the buckets of a word, four languages with one addition: a byte of a row is added in 16 bits, which
// hold as many as a word has. The second load of a row begins later so that it ends with the row; what both hold counts once.
func (s *Scores) add(buckets []uint32) {
	const even, later = 0x00ff00ff00ff00ff, languages - 8
	var a, b, c, d uint64
	for _, bucket := range buckets {
		row := weights[int(bucket)*languages:][:languages]
		first, second := load(row), load(row[later:])
		a += first & even
		b += first >> 8 & even
		c += second & even
		d += second >> 8 & even
	}
	zero := int32(len(buckets)) * offset
	for i := range 4 {
		shift := 16 * i
		s.sum[2*i] += int32(a>>shift&0xffff) - zero
		s.sum[2*i+1] += int32(b>>shift&0xffff) - zero
		if at := later + 2*i; at >= 8 {
			s.sum[at] += int32(c>>shift&0xffff) - zero
		}
		if at := later + 2*i + 1; at >= 8 {
			s.sum[at] += int32(d>>shift&0xffff) - zero
		}
	}
}

// load reads eight bytes, the first as the lowest.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Language is the language of the words so far; "" where they do not tell.
func (s *Scores) Language() string {
	if s.grams == 0 {
		return ""
	}
	norm := 1 / (unit * math.Sqrt(float64(s.grams)))
	best, first, second := 0, math.Inf(-1), math.Inf(-1)
	for i, sum := range s.sum {
		if i == 0 {
			sum += forEnglish * unit
		}
		score := float64(sum) * norm
		switch {
		case score > first:
			best, first, second = i, score, first
		case score > second:
			second = score
		}
	}
	if first+(first-second)*lead < least {
		return ""
	}
	return codes[best]
}

// isBrand knows names by the list, and by their form: a capital behind a small letter, as in iPhone.
func isBrand(word string) bool {
	var lower [maxWord]byte
	if len(word) > maxWord {
		return false
	}
	small := false
	for i := range len(word) {
		c := word[i]
		switch {
		case 'a' <= c && c <= 'z':
			small = true
		case 'A' <= c && c <= 'Z':
			if small {
				return true
			}
			c |= 0x20
		}
		lower[i] = c
	}
	return brands[string(lower[:len(word)])]
}

// maxBuckets is how many features a word has at most.
const maxBuckets = (maxWord+2)*longest + 1

// buckets appends those of a word's features: the word itself, and its letters with a mark before and one behind, one to longest in a row.
func buckets(word string, out []uint32) []uint32 {
	var buffer [maxWord + 2]rune
	letters := append(buffer[:0], '^')
	for i := 0; i < len(word) && len(letters) <= maxWord; {
		r, size := rune(word[i]), 1
		switch {
		case r >= utf8.RuneSelf:
			r, size = utf8.DecodeRuneInString(word[i:])
			r = unicode.ToLower(r)
		case 'A' <= r && r <= 'Z':
			r |= 0x20
		}
		letters = append(letters, r)
		i += size
	}
	letters = append(letters, '$')
	n := len(letters)
	whole := uint32(seed)
	for _, r := range letters {
		whole = (whole ^ uint32(r)) * prime
	}
	out = append(out, bucket(whole^wholeWord))
	for from := range n {
		h := uint32(seed)
		for to := from; to < min(n, from+longest); to++ {
			h = (h ^ uint32(letters[to])) * prime
			if to > from || from > 0 && from < n-1 { // a mark alone says nothing
				out = append(out, bucket(h))
			}
		}
	}
	return out
}

// The hash is FNV-1a over characters. wholeWord tells a word from the same letters within one.
const (
	seed      = 2166136261
	prime     = 16777619
	wholeWord = 0x5bd1e995
)

// bucket folds a hash.
func bucket(h uint32) uint32 { return (h ^ h>>bits) & (1<<bits - 1) }
