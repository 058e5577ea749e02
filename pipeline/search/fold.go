// Package search makes the words by which tickets are found: of texts, names and addresses as they come, and of what a person
// types into a search box. Both databases index the same words, so that they find the same.
//
//   - A word of letters and digits is one word, in lower case and without accents. Its beginning finds it.
//   - Scripts without spaces (Chinese, Japanese, Korean, Thai and their neighbours) give each character, and each two that
//     stand side by side. Traditional characters are read as Simplified ones.
//   - Full width is half width, as Unicode's compatibility forms say.
//   - A mail address is one word beside its parts; a telephone number is one word, the last digit first, so that every
//     national spelling of it is a beginning.
//
// It knows no database, and takes masked texts alone.
package search

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/words"
)

// Folder makes words. It does not change, so that many may use it at a time.
type Folder struct {
	simple *words.Simplifier
}

// New reads the table of characters.
func New() *Folder { return &Folder{simple: words.NewSimplifier()} }

// kind is what a character is to a search.
type kind uint8

const (
	gap   kind = iota // between words
	fold              // a line break: characters without spaces before and behind it are side by side
	plain             // a letter or digit of a script with spaces
	dense             // a character of a script without
)

// unit is one folded character: of an original character none, one or several come.
// The offsets let a snippet mark the original although it was compared folded.
type unit struct {
	r        rune
	kind     kind
	from, to int // of the original character, in bytes
}

// units folds a text, character by character.
// A generator and no list: texts of a megabyte are indexed without holding their units.
func (f *Folder) units(text string) iter.Seq[unit] {
	return func(yield func(unit) bool) {
		for i, r := range text {
			n := 1
			if r >= utf8.RuneSelf {
				n = max(1, utf8.RuneLen(r))
				if r == utf8.RuneError {
					_, n = utf8.DecodeRuneInString(text[i:])
				}
			}
			switch {
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				if !yield(unit{r, plain, i, i + n}) {
					return
				}
			case r >= 'A' && r <= 'Z':
				if !yield(unit{r + 'a' - 'A', plain, i, i + n}) {
					return
				}
			case words.Han(r):
				if !yield(unit{f.simple.Simple(r), dense, i, i + n}) {
					return
				}
			default:
				if !f.other(r, i, i+n, yield) {
					return
				}
			}
		}
	}
}

// other folds what is neither an ASCII letter nor a usual Chinese character.
// Compatibility forms are taken apart by NFKD, which also parts letters from their accents.
func (f *Folder) other(r rune, from, to int, yield func(unit) bool) bool {
	switch {
	case r == '\n' || r == '\r':
		return yield(unit{r, fold, from, to})
	case r < utf8.RuneSelf:
		return yield(unit{r, gap, from, to})
	case unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
		return true // joiners and the like stand within words
	case r >= 0xac00 && r <= 0xd7a3: // Hangul would fall into its letters
		return yield(unit{r, dense, from, to})
	}
	if s := spelled(r); s != "" {
		return each(s, from, to, yield)
	}
	for _, c := range norm.NFKD.String(string(r)) {
		u := unit{c, gap, from, to}
		switch {
		case c >= 0x300 && c <= 0x36f, c == 0x3099, c == 0x309a:
			continue // accents
		case words.Han(c):
			u.r, u.kind = f.simple.Simple(c), dense
		case !unicode.IsLetter(c) && !unicode.IsNumber(c) && !unicode.IsMark(c):
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) || c == 'ー':
			u.kind = dense
		default:
			u.r, u.kind = lower(c), plain
		}
		if !yield(u) {
			return false
		}
	}
	return true
}

// each yields the letters of one character's spelling.
func each(s string, from, to int, yield func(unit) bool) bool {
	for _, c := range s {
		if !yield(unit{c, plain, from, to}) {
			return false
		}
	}
	return true
}

// spelled is how people write letters that have no accent to take away, where they have no such key.
func spelled(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	case 'ø', 'Ø':
		return "o"
	case 'ł', 'Ł':
		return "l"
	case 'đ', 'Đ', 'ð', 'Ð':
		return "d"
	case 'þ', 'Þ':
		return "th"
	case 'ı':
		return "i"
	}
	return ""
}

// lower is the small letter; the final sigma of Greek is an ordinary one.
func lower(r rune) rune {
	if r == 'ς' {
		return 'σ'
	}
	return unicode.ToLower(r)
}
