// Package parts cuts a text into the parts in which a channel takes it, where a reader would: behind
// a line or a word, or a Chinese sentence, and never inside what is seen as one character.
package parts

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Meter tells, rune by rune, whether a part still fits. It is used for one part only.
type Meter func(r rune) bool

// Split cuts text into parts that fit; joined together they are the text again, byte for byte. An
// empty text has no parts. A single rune makes a part even when its meter refuses it.
// The cost is linear in the text. It is used for SMS and chat alike; only the meter differs.
func Split(text string, meter func() Meter) []string {
	var out []string
	for text != "" {
		n := cut(text, meter())
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

// Units is a meter of at most limit UTF-16 code units.
func Units(limit int) Meter {
	return func(r rune) bool {
		limit -= utf16.RuneLen(max(r, 0))
		return limit >= 0
	}
}

// cut returns the length of the first part: everything, or up to the last good break in its second
// half, or up to the last whole grapheme, or, when one grapheme alone does not fit, its first runes.
func cut(text string, fits Meter) int {
	end, good := 0, 0
	for end < len(text) {
		size := grapheme(text[end:])
		if n := accepted(text[end:end+size], fits); n < size {
			switch next, _ := utf8.DecodeRuneInString(text[end:]); {
			case end == 0:
				_, first := utf8.DecodeRuneInString(text)
				return max(n, first)
			case good > end/2 && !unicode.IsSpace(next):
				return good
			}
			return end
		}
		if breaks(text[end : end+size]) {
			good = end + size
		}
		end += size
	}
	return end
}

// accepted is how many bytes of a grapheme the meter lets through.
func accepted(grapheme string, fits Meter) int {
	for i, r := range grapheme {
		if !fits(r) {
			return i
		}
	}
	return len(grapheme)
}

// breaks reports whether a part may well end behind this grapheme.
func breaks(grapheme string) bool {
	r, _ := utf8.DecodeRuneInString(grapheme)
	return unicode.IsSpace(r) && r != '\u00a0' || strings.ContainsRune("。！？；，、…", r)
}

// grapheme returns the length in bytes of the first user-perceived character of a text that is not
// empty, by the rules of Unicode Standard Annex #29 that matter in messages: line ends, combining
// marks, Hangul syllables, flags, and joined or modified emoji.
func grapheme(text string) int {
	if len(text) > 1 && printable(text[0]) && printable(text[1]) {
		return 1
	}
	prev, n := utf8.DecodeRuneInString(text)
	flags := 0
	if regional(prev) {
		flags = 1
	}
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(text[n:])
		switch {
		case prev == '\r' && r == '\n':
		case control(prev) || control(r):
			return n
		case extends(r) || prev == joiner && pictographic(r) || hangul(prev, r):
		case flags == 1 && regional(r):
			flags = 2
		default:
			return n
		}
		prev = r
		n += size
	}
	return n
}

// joiner is ZERO WIDTH JOINER, which makes one emoji of several.
const joiner = '\u200d'

// printable are the characters of ASCII that two of make two graphemes, whatever they are.
func printable(b byte) bool { return b >= ' ' && b <= '~' }

// control, regional and the tests below are the classes of the annex as far as they are needed.
func control(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' }

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// pictographic is wide on purpose: a joiner between other signs is rare, and keeping them together
// does no harm.
func pictographic(r rune) bool { return r >= 0x2190 }

// firstMark is the lowest combining mark of Unicode.
const firstMark = 0x300

// extends reports whether a rune belongs to the one before: marks, joiners, variation selectors,
// skin tones and the tags of regional flags.
func extends(r rune) bool {
	if r < firstMark {
		return false
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r == joiner || r == '\u200c' ||
		r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xe0020 && r <= 0xe007f
}

// hangul reports whether two conjoining jamo or a syllable and a jamo make one block.
func hangul(a, b rune) bool {
	lead := a >= 0x1100 && a <= 0x115f
	syllable := a >= 0xac00 && a <= 0xd7a3
	vowel, tail := b >= 0x1160 && b <= 0x11a7, b >= 0x11a8 && b <= 0x11ff
	switch {
	case lead:
		return b >= 0x1100 && b <= 0x11a7 || b >= 0xac00 && b <= 0xd7a3
	case syllable && (a-0xac00)%28 == 0: // a syllable without a final consonant
		return vowel || tail
	case a >= 0x1160 && a <= 0x11a7:
		return vowel || tail
	}
	return tail && (syllable || a >= 0x11a8 && a <= 0x11ff)
}
