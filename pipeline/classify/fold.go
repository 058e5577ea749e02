package classify

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/words"
)

// Folder brings text into the one form in which terms are compared: compatibility characters and
// full width unified (NFKC), lower case, Traditional characters as Simplified ones, apostrophes
// gone, other punctuation as one space, ends of sentences as one line feed, no space between two
// Chinese characters. It is safe for concurrent use.
// It differs from the search's folder: here sentences matter, since the groups of a term must stand in one.
type Folder struct {
	simple  *words.Simplifier
	buffers sync.Pool // of *[]rune, for Fold
}

// NewFolder reads the table of characters.
func NewFolder() *Folder { return &Folder{simple: words.NewSimplifier()} }

// Fold returns the text in its comparable form.
// It allocates the result alone; the runes are borrowed.
func (f *Folder) Fold(text string) string {
	buffer, _ := f.buffers.Get().(*[]rune)
	if buffer == nil {
		buffer = new([]rune)
	}
	*buffer = f.runes((*buffer)[:0], text)
	folded := string(*buffer)
	f.buffers.Put(buffer)
	return folded
}

// Append appends the comparable form of the text to dst, a rune a place, as a learned model reads it.
func (f *Folder) Append(dst []rune, text string) []rune { return f.runes(dst, text) }

// runes appends the comparable form to dst.
// NFKC is asked for only where the text has characters that it could change (words.Usual), since it is the dearest step.
func (f *Folder) runes(dst []rune, text string) []rune {
	if !words.Usual(text) {
		text = norm.NFKC.String(text)
	}
	w := writer{out: dst, start: len(dst)}
	for i, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			w.letter(r)
		case r >= 'A' && r <= 'Z':
			w.letter(r + 'a' - 'A')
		case r == ' ':
			w.gap = max(w.gap, space)
		case words.Han(r):
			w.letter(f.simple.Simple(r))
		default:
			w.other(unicode.ToLower(words.Narrow(r)), text[i:])
		}
	}
	return w.out
}

// writer appends letters with what must stand between them.
type writer struct {
	out   []rune
	start int
	gap   gap
}

// gap is what lies between two letters, the stronger the greater.
type gap int

const (
	none     gap = iota
	space        // white space: nothing between Chinese characters
	newline      // one line break: as space, two of them end a sentence
	mark         // punctuation inside a sentence
	sentence     // its end
)

// letter writes what the gap before it is worth, then the letter. Gaps at the beginning are worth nothing.
func (w *writer) letter(r rune) {
	if w.gap != none && len(w.out) > w.start {
		last := w.out[len(w.out)-1]
		switch {
		case w.gap == sentence:
			w.out = append(w.out, '\n')
		case w.gap == mark || !words.Han(last) || !words.Han(r):
			w.out = append(w.out, ' ')
		}
	}
	w.gap = none
	w.out = append(w.out, r)
}

// other handles everything that is neither ASCII letter or digit nor a Chinese character; rest is
// the text from here.
func (w *writer) other(r rune, rest string) {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		w.letter(r)
	case r == '\n' && w.gap == newline:
		w.gap = sentence
	case r == '\n':
		w.gap = max(w.gap, newline)
	case unicode.IsSpace(r):
		w.gap = max(w.gap, space)
	case r == '\'' || r == '’' || r == '‘' || r == '`' || r == 0xfffd || unicode.Is(unicode.Cf, r):
	case ends(r, rest):
		w.gap = sentence
	default:
		w.gap = max(w.gap, mark)
	}
}

// ends reports whether the character ends a sentence; a full stop does so only before a space or
// at the end, for there are numbers and host names.
func ends(r rune, rest string) bool {
	switch r {
	case '!', '?', ';', '。':
		return true
	case '.':
		_, n := utf8.DecodeRuneInString(rest) // which may be of full width
		next, _ := utf8.DecodeRuneInString(rest[n:])
		return n == len(rest) || unicode.IsSpace(next)
	}
	return false
}
