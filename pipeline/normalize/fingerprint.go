package normalize

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fingerprint returns the normalized text under which near-repeats are equal: NFKC, lower case,
// every run of digits one "0", every run of white space and punctuation one space, none beside
// a Chinese or Japanese character. The caller digests it: it is still the customer's text.
// It serves to tell that somebody, mostly a robot, says the same thing again: a text that differs in its numbers alone is the same.
// Linear in the text.
func Fingerprint(text string) string {
	if !simple(text) {
		text = norm.NFKC.String(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	var last rune // last rune written; 0 at the start
	gap := false
	for _, r := range text {
		if r >= 0xff01 && r <= 0xff5e {
			r -= 0xfee0 // full width: only simple texts still have it
		}
		switch {
		case 'a' <= r && r <= 'z', commonHan(r):
		case '0' <= r && r <= '9' || r >= 0x80 && unicode.IsDigit(r):
			r = '0'
		case unicode.IsLetter(r):
			r = unicode.ToLower(r)
		case unicode.IsMark(r) || isZeroWidth(r):
			if unicode.IsMark(r) && last != 0 && !gap {
				b.WriteRune(r)
			}
			continue
		case isEmoji(r):
		default:
			gap = true
			continue
		}
		if r == '0' && last == '0' {
			gap = false
			continue
		}
		if gap && last != 0 && !dense(last) && !dense(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, gap = r, false
	}
	return b.String()
}

// simple reports whether a text needs no normal form but for its full-width letters, digits and signs:
// ASCII, Chinese characters and their usual punctuation, of which nothing is kept. Nothing in it
// combines with what stands beside it.
func simple(text string) bool {
	for _, r := range text {
		switch {
		case r < 0x80, r >= firstHan && r <= lastHan, r >= 0x2010 && r <= 0x2027, r >= 0x3000 && r <= 0x3020, r >= 0xff01 && r <= 0xff5e:
		default:
			return false
		}
	}
	return true
}

// isZeroWidth names the characters that nobody sees.
func isZeroWidth(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r == 0xfeff || r == 0x00ad || r == 0x2060
}

// isEmoji keeps pictographs: a lone thumbs-up is not a lone heart.
func isEmoji(r rune) bool { return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf }

// dense reports whether words of the script are written without spaces.
func dense(r rune) bool {
	return commonHan(r) || r >= 0x2e80 && (unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r))
}
