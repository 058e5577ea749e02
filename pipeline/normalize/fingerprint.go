package normalize

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fingerprint returns the normalized text under which near-repeats are equal: NFKC, lower case,
// every run of digits one "0", every run of white space and punctuation one space, none beside
// a Chinese or Japanese character. The caller digests it: it is still the customer's text.
func Fingerprint(text string) string {
	if !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	var last rune // last rune written; 0 at the start
	gap := false
	for _, r := range text {
		switch {
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

// isZeroWidth names the characters that nobody sees.
func isZeroWidth(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r == 0xfeff || r == 0x00ad || r == 0x2060
}

// isEmoji keeps pictographs: a lone thumbs-up is not a lone heart.
func isEmoji(r rune) bool { return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf }

// dense reports whether words of the script are written without spaces.
func dense(r rune) bool {
	return r >= 0x2e80 && (unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r))
}
