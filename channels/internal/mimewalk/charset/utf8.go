package charset

import (
	"unicode"
	"unicode/utf8"
)

// sequences counts what a text looks like as UTF-8.
type sequences struct {
	follow int // continuation bytes of whole characters: each is a byte that chance hits one time in four
	bad    int // bytes that belong to no character
	broken int // places where such bytes stand together, as they do where one character was cut or is none (a surrogate)
}

// countUTF8 looks at the beginning of a text.
func countUTF8(b []byte) (s sequences) {
	b = b[:min(len(b), sample)]
	left := 0 // bytes that the broken character before may still have
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r != utf8.RuneError || n != 1:
			left = 0
		case left > 0 && b[0]&0xc0 == 0x80:
			s.bad++
			left--
		default:
			s.bad++
			s.broken++
			left = announced(b[0])
		}
		s.follow += n - 1
		b = b[n:]
	}
	return s
}

// announced is how many bytes the first byte of a character announces.
func announced(lead byte) int {
	switch {
	case lead >= 0xf0:
		return 3
	case lead >= 0xe0:
		return 2
	case lead >= 0xc0:
		return 1
	}
	return 0
}

// most reports whether a text that is labelled as UTF-8 is that, with single bytes that are broken: cut inside a
// character, or put in by a program that knows only Latin-1. In a text of another charset hardly any character
// is whole by accident.
func (s sequences) most() bool {
	return s.follow >= 2*s.bad || s.bad == 1 && s.follow > 0 || s.broken == 1 && s.follow >= 3
}

// surely is the same of a text that is labelled otherwise, or not at all.
func (s sequences) surely(fam family) bool {
	switch fam {
	case unknownLabel, asciiLabel:
		return s.follow >= 3*s.bad
	case singleByte, multibyte:
		return s.follow >= 6 && s.follow >= 8*s.bad
	}
	return false
}

// twoByteText reports whether valid UTF-8 with no character of more than two bytes is text of the West, of Russia, of
// Greece or of the Near East, rather than a few double-byte characters of East Asia that look like it: its
// letters stand within words of ASCII letters, or there are enough of them, all of one script. One double-byte
// character in five is valid UTF-8 by accident; four in a row are one case in a thousand.
func twoByteText(b []byte) bool {
	joined, apart := 0, 0 // Latin letters that touch an ASCII letter, and those that do not
	script, run, other := (*unicode.RangeTable)(nil), 0, false
	before := rune(0)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		i += n
		switch {
		case n == 1:
		case r >= 0x300 && r < 0x370 && isASCIILetter(before): // a letter in two characters
			joined++
		case !unicode.IsLetter(r):
			if r >= 0x100 {
				other = true
			}
		case r < 0x250:
			next := rune(' ')
			if i < len(b) {
				next = rune(b[i])
			}
			if isASCIILetter(before) || isASCIILetter(next) {
				joined++
			} else {
				apart++
			}
		default:
			s := scriptOf(r)
			other = other || s == nil || script != nil && s != script
			script = s
			run++
		}
		before = r
	}
	switch {
	case other:
		return false
	case script != nil:
		return run >= fewLetters
	}
	return joined > 0 && joined >= apart || joined+apart == 0
}

// fewLetters is how many letters of a script must be seen before they are no accident.
const fewLetters = 4

func isASCIILetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

// scriptOf is the script of two-byte letters that are written today; nil for all others, such as old Cyrillic ones.
func scriptOf(r rune) *unicode.RangeTable {
	switch {
	case r >= 0x400 && r <= 0x45f || r == 0x490 || r == 0x491:
		return unicode.Cyrillic
	case r >= 0x386 && r <= 0x3ce:
		return unicode.Greek
	case r >= 0x5d0 && r <= 0x5ea:
		return unicode.Hebrew
	case r >= 0x620 && r <= 0x6d3:
		return unicode.Arabic
	}
	return nil
}
