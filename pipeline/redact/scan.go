package redact

import "unicode/utf8"

// Masks. The bullet is no digit, letter or separator, so that masked text is left alone later.
const (
	bullet       = "•"
	cvvMask      = "•••"
	otpMask      = "••••••"
	passwordMask = "••••••••"
	cardMask     = "•••• " // the last four digits follow
)

// context is a sort of words that says what a number near it is.
type context uint8

const (
	noContext context = iota
	cardWord
	orderWord
	cvvWord
	codeWord // of one-time codes
	pinWord
	bothWord // "security code": a verification value when short, else a one-time code
	passwordWord
	contexts
)

// scanner holds the state of one pass.
type scanner struct {
	s     string
	out   []byte // masked text so far; nil while nothing was found
	done  int    // s[:done] is in out
	count [kindCount]int

	last [contexts]int // end of the last word of each sort, plus one; 0 for none
	// word is the last ASCII word: its veto on a following "code", and where it ended.
	vetoAt int

	groups [maxGroups]group
	digits [maxGroups * maxDigits]byte
}

// class of a byte: what the scan does at it.
const (
	skip = iota
	letter
	number
	wide // first byte of a character that may matter
)

var classes = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			t[c] = letter
		case '0' <= c && c <= '9':
			t[c] = number
		case c == 0xe3 || c >= 0xe4 && c <= 0xe9 || c == 0xef:
			t[c] = wide
		}
	}
	return t
}()

func (x *scanner) run() {
	s := x.s
	for i := 0; i < len(s); {
		switch classes[s[i]] {
		case skip:
			i++
		case letter:
			i = x.word(i)
		case number:
			i = x.number(i)
		case wide:
			i = x.wide(i)
		}
	}
}

// note remembers that a context word ends at i.
func (x *scanner) note(c context, i int) { x.last[c] = i + 1 }

// near returns where the last word of that sort ended, if that is at most n bytes before i.
func (x *scanner) near(c context, i, n int) (end int, ok bool) {
	end = x.last[c] - 1
	return end, end >= 0 && i-end <= n
}

// mask replaces s[i:j].
func (x *scanner) mask(kind, i, j int, with string) {
	x.out = append(append(x.out, x.s[x.done:i]...), with...)
	x.done = j
	x.count[kind]++
}

// maxWord is the longest word that is looked up.
const maxWord = 12

// word reads an ASCII word and notes what it says. It returns where to go on.
func (x *scanner) word(i int) int {
	s, j := x.s, i+1
	for j < len(s) && classes[s[j]] == letter {
		j++
	}
	n := j - i
	if n < 2 || n > maxWord {
		return j
	}
	var b [maxWord]byte
	for k := range n {
		b[k] = s[i+k] | 0x20
	}
	switch c := wordContext(b[:n]); c {
	case noContext:
		if vetoesCode(b[:n]) {
			x.vetoAt = j + 1
		}
	case codeWord:
		if x.vetoAt == 0 || i+1-x.vetoAt > 2 {
			x.note(codeWord, j)
		}
		if end, ok := x.near(bothWord, i, 2); ok && end < i { // "security code"
			x.note(cvvWord, j)
			x.note(codeWord, j)
		}
	case cvvWord:
		x.note(cvvWord, j)
		if j < len(s) && s[j] == '2' && (j+1 == len(s) || classes[s[j+1]] != number) { // CVV2
			x.note(cvvWord, j+1)
			return j + 1
		}
	case passwordWord:
		return x.secret(j, false)
	case pinWord:
		x.note(pinWord, j)
		return x.secret(j, true)
	default:
		x.note(c, j)
	}
	return j
}

// wide looks at one character outside ASCII.
func (x *scanner) wide(i int) int {
	s := x.s
	if fullWidthDigit(s, i) {
		return x.number(i)
	}
	if len(s)-i < 3 {
		return i + 1
	}
	c, n := hanContext(s[i:])
	if n == 0 {
		if numeral(s, i) >= 0 {
			return x.numerals(i)
		}
		if s[i] >= 0xe4 && s[i] <= 0xe9 && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			return i + 3 // as nearly all are
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		return i + size
	}
	end := i + n
	switch c {
	case bothWord:
		x.note(cvvWord, end)
		x.note(codeWord, end)
	case passwordWord:
		return x.secret(end, false)
	default:
		x.note(c, end)
	}
	return end
}

// fullWidthDigit reports whether ０ to ９ stands at i.
func fullWidthDigit(s string, i int) bool {
	return i+2 < len(s) && s[i] == 0xef && s[i+1] == 0xbc && s[i+2] >= 0x90 && s[i+2] <= 0x99
}
