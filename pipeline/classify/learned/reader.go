// Package learned is a model that was trained on a desk's own messages: it reads a message into
// features once, and several heads give their opinion on them. It is pure and works without a network.
// What trains it is package training.
package learned

import (
	"math"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/words"
)

// Block is a kind of feature. Each is brought to one length of its own, so that a long word's many
// pieces do not drown the word.
type Block uint8

// Blocks of features.
const (
	Words  Block = iota // words and pairs of words, where words stand between spaces
	Pieces              // two to five letters within a word, its ends marked
	Han                 // Chinese characters and pairs of them
	Blocks              // how many there are
)

// Feature is one sign of a text: a hash of what was read, which may collide with another one's, and its kind.
type Feature struct {
	Hash  uint32
	Block Block
}

// Limits of reading: beyond them a text says nothing new, and the cost stays bounded.
const (
	maxText     = 4096 // bytes of subject and text that are read, each
	maxFeatures = 4096 // of one message
	maxWord     = 32   // letters of a word; a longer one is no word
)

// Pieces of words have so many letters, the marks of both ends among them.
const minPiece, maxPiece = 2, 5

// The marks of a word's ends, and what stands for any run of digits.
const (
	edge  = '_'
	digit = '0'
)

// Reader reads texts into features. It is not safe for concurrent use; each goroutine takes one of its own.
type Reader struct {
	folder *classify.Folder
	runes  []rune
	word   []rune
	out    []Feature
}

// NewReader makes a reader. The folder may be shared.
func NewReader(folder *classify.Folder) *Reader {
	return &Reader{folder: folder}
}

// Read returns the features of a message in the order in which they stand, repeated as often as they do.
// The result is valid until the next call. The cost is linear in the text, of which the first kilobytes count.
func (r *Reader) Read(subject, text string) []Feature {
	r.out = r.out[:0]
	r.field(subject)
	r.field(text)
	return r.out
}

// field reads one field. Words of two sentences make no pair.
func (r *Reader) field(text string) {
	r.runes = r.folder.Append(r.runes[:0], text[:min(len(text), maxText)])
	previous := uint32(0) // hash of the word before, 0 for none
	last := rune(0)       // the Chinese character before, 0 for none
	for i := 0; i < len(r.runes) && len(r.out) < maxFeatures; {
		c := r.runes[i]
		switch {
		case c == '\n':
			previous, last = 0, 0
			i++
		case c == ' ':
			last = 0
			i++
		case words.Han(c):
			r.character(last, c)
			last, previous = c, 0
			i++
		default:
			end := i + 1
			for end < len(r.runes) && r.runes[end] != ' ' && r.runes[end] != '\n' && !words.Han(r.runes[end]) {
				end++
			}
			previous = r.readWord(r.runes[i:end], previous)
			last = 0
			i = end
		}
	}
}

// character adds a Chinese character and the pair that it ends.
func (r *Reader) character(last, c rune) {
	h := mix(seedHan, uint32(c))
	r.out = append(r.out, Feature{finish(h), Han})
	if last != 0 {
		r.out = append(r.out, Feature{finish(mix(mix(seedPair, uint32(last)), uint32(c))), Han})
	}
}

// readWord adds a word, the pair that it ends and its pieces, and returns its hash for the next pair.
func (r *Reader) readWord(letters []rune, previous uint32) uint32 {
	r.word = append(r.word[:0], edge)
	whole := uint32(seedWord)
	for _, c := range letters[:min(len(letters), maxWord)] {
		if c >= '0' && c <= '9' {
			c = digit
			if r.word[len(r.word)-1] == digit {
				continue
			}
		}
		r.word = append(r.word, c)
		whole = mix(whole, uint32(c))
	}
	r.word = append(r.word, edge)
	whole = finish(whole)
	r.out = append(r.out, Feature{whole, Words})
	if previous != 0 {
		r.out = append(r.out, Feature{finish(mix(mix(seedPair, previous), whole)), Words})
	}
	for from := 0; from+minPiece <= len(r.word); from++ {
		h := uint32(seedPiece)
		for n, c := range r.word[from:min(from+maxPiece, len(r.word))] {
			h = mix(h, uint32(c))
			if n+1 >= minPiece {
				r.out = append(r.out, Feature{finish(h), Pieces})
			}
		}
	}
	return whole
}

// Seeds keep features of different kinds apart that hold the same letters.
const (
	seedWord  = 0x2545f491
	seedPair  = 0x9e3779b9
	seedPiece = 0x85ebca6b
	seedHan   = 0xc2b2ae35
)

// mix takes one more value into a hash (Fowler, Noll and Vo, with a rotation for whole words of 32 bits).
func mix(h, v uint32) uint32 {
	h = (h ^ v) * 0x01000193
	return h<<13 | h>>19
}

// finish spreads the bits (the end of MurmurHash3, public domain) and leaves out 0, which means none.
func finish(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return max(h, 1)
}

// damped is how often a feature counts that stands n times in a message.
func damped(n int) float32 { return 1 + float32(math.Log(float64(n))) }
