// Package fold writes a text as it is searched for numbers: digits of every script as 0 to 9, Latin letters without accents,
// references resolved, and nothing that cannot be seen. It knows which bytes of the original each byte stands for.
package fold

import (
	"iter"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folded is a text as it is searched. from and to say which bytes of the original each byte
// stands for; both are nil while the text is the original itself.
// The map of bytes costs eight bytes for each; so a text is folded only when it has something that asks for it (Needed).
type Folded struct {
	Text     string
	from, to []int32
}

// Original is a text as it came.
func Original(s string) Folded { return Folded{Text: s} }

// Untouched reports whether the text is the original itself.
func (f *Folded) Untouched() bool { return f.from == nil }

// Start is where the byte at i begins in the original.
// End and Start together give the stretch of the original that Text[i:j] stands for, marks and joiners within it included.
func (f *Folded) Start(i int) int {
	if f.from == nil {
		return i
	}
	return int(f.from[i])
}

// End is where the byte before j ends in the original.
func (f *Folded) End(j int) int {
	if f.to == nil {
		return j
	}
	return int(f.to[j-1])
}

// Writer writes a folded text.
// Bytes must be put in the order of the original.
type Writer struct {
	// from and to have an entry for each byte of b. 32 bits are enough: no text is as long as two gigabytes.
	b        strings.Builder
	from, to []int32
}

// NewWriter makes room for n bytes.
func NewWriter(n int) *Writer {
	f := &Writer{from: make([]int32, 0, n), to: make([]int32, 0, n)}
	f.b.Grow(n)
	return f
}

// Put writes one byte that stands for original bytes from up to to.
func (f *Writer) Put(c byte, from, to int) {
	f.b.WriteByte(c)
	f.from, f.to = append(f.from, int32(from)), append(f.to, int32(to))
}

// Done returns what was written.
func (f *Writer) Done() Folded { return Folded{f.b.String(), f.from, f.to} }

// Text folds s.
// Linear in s. Chinese characters stay as they are; numerals.go of package redact reads them.
func Text(s string) Folded {
	f := NewWriter(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if escapes(c) {
			if r, n := escaped(s, i); n > 0 {
				if r != 0 {
					f.rune(r, s, i, i+n)
				}
				i += n
				continue
			}
		}
		if c < utf8.RuneSelf {
			f.Put(c, i, i+1)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		f.rune(r, s, i, i+n)
		i += n
	}
	return f.Done()
}

// rune writes what r is folded to, for the original bytes i to j.
// A character that becomes several bytes, such as ⑽, has all of them stand for the whole of it.
func (f *Writer) rune(r rune, s string, i, j int) {
	form, changed := plainForm(r)
	switch {
	case changed:
		for k := range len(form) {
			f.Put(form[k], i, j)
		}
	case r < utf8.RuneSelf:
		f.Put(byte(r), i, j)
	case j-i == utf8.RuneLen(r) || r == utf8.RuneError:
		for k := i; k < j; k++ {
			f.Put(s[k], k, k+1)
		}
	default: // an escape of some other character
		for _, c := range []byte(string(r)) {
			f.Put(c, i, j)
		}
	}
}

// plainForm returns the ASCII form of a character, empty for one that nobody sees; changed is
// false for those that stay as they are.
// The first case is for speed: the common scripts have nothing to fold.
func plainForm(r rune) (form string, changed bool) {
	switch {
	case r < 0x80, r >= 0x2010 && r <= 0x2027, r >= 0x3001 && r <= 0x3020, r >= 0x3040 && r <= 0x30ff, r >= 0x3400 && r <= 0x9fff,
		r >= 0xac00 && r <= 0xd7a3, r >= 0x370 && r <= 0x482, r >= 0x48a && r <= 0x52f, r >= 0xff01 && r <= 0xff0f:
		return "", false
	case unseen(r):
		return "", true
	case r == 0x2800 || r == 0x1361 || unicode.Is(unicode.Zs, r) || r == 0x2028 || r == 0x2029 || r == 0x85:
		return " ", true
	}
	if d := digit(r); d != "" {
		return d, true
	}
	return compatible(r)
}

// unseen reports whether a character leaves no mark of its own: formatting and joining characters,
// marks upon other characters, fillers.
// General categories Cf, Mn, Me and Mc, and what Unicode calls default ignorable.
func unseen(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Mc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// counted are rows of numbered signs without a decomposition: the first one and its number.
// A new row of signs is added with its first and last character and the number of the first.
var counted = []struct {
	first, last rune
	value       int
}{
	{0x2776, 0x277f, 1}, {0x2780, 0x2789, 1}, {0x278a, 0x2793, 1}, {0x24eb, 0x24f4, 11}, {0x24f5, 0x24fe, 1}, {0x24ff, 0x24ff, 0},
	{0x1f10b, 0x1f10c, 0}, {0x1f51f, 0x1f51f, 10}, {0x3021, 0x3029, 1}, {0x1d360, 0x1d368, 1}, {0x1f100, 0x1f100, 0}, {0x1f101, 0x1f10a, 0},
}

// digit returns the digits that r stands for, empty if it is no digit.
func digit(r rune) string {
	if d, ok := decimal(r); ok {
		return string(rune('0' + d))
	}
	for _, row := range counted {
		if r >= row.first && r <= row.last {
			n := row.value + int(r-row.first)
			if n < 10 {
				return string(rune('0' + n))
			}
			return string([]rune{rune('0' + n/10), rune('0' + n%10)})
		}
	}
	return ""
}

// decimal returns the value of a decimal digit (general category Nd). The tables of the standard
// library hold them as stretches of whole tens.
func decimal(r rune) (d int, ok bool) {
	if r <= 0xffff {
		for _, row := range unicode.Nd.R16 {
			if r <= rune(row.Hi) {
				return int(r-rune(row.Lo)) % 10, r >= rune(row.Lo)
			}
		}
		return 0, false
	}
	for _, row := range unicode.Nd.R32 {
		if r <= rune(row.Hi) {
			return int(r-rune(row.Lo)) % 10, r >= rune(row.Lo)
		}
	}
	return 0, false
}

// compatible returns the digits or Latin letters that r is a variant of (Unicode's compatibility
// decomposition): ① is 1, ⑴ is 1, ² is 2, Ｃ is C, é is e.
// The letters without a decomposition stand in the switch above it. Fractions are left alone.
func compatible(r rune) (string, bool) {
	switch r {
	case 'ł', 'Ł':
		return "l", true
	case 'ø', 'Ø':
		return "o", true
	case 'đ', 'Đ':
		return "d", true
	case 'ı':
		return "i", true
	case 'ß':
		return "ss", true
	}
	var buf [utf8.UTFMax]byte
	d := norm.NFKD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition()
	if d == nil {
		return "", false
	}
	var letters, digits []byte
	for _, c := range string(d) {
		switch v := hanDigit(c); {
		case c == '⁄':
			return "", false // a fraction
		case c >= '0' && c <= '9':
			digits = append(digits, byte(c))
		case v >= 0 && c != '两':
			digits = append(digits, byte('0'+v))
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters = append(letters, byte(c))
		}
	}
	if len(digits) > 0 {
		return string(digits), true
	}
	return string(letters), len(letters) > 0
}

// escaped reads a character that is written as a reference of HTML (&#52; &nbsp;), of a URL (%34),
// of quoted-printable (=34, soft line breaks) or of JSON (\u0034); n is 0 if there is none. r is 0
// for a soft line break.
// Texts come so out of forms, logs and mails that were pasted as source; a card number in them is as readable to a thief.
func escaped(s string, i int) (r rune, n int) {
	t := s[i:min(len(s), i+16)]
	switch {
	case strings.HasPrefix(t, "&#"):
		return reference(t)
	case strings.HasPrefix(t, "&amp;#"):
		if r, n = reference("&" + t[5:]); n > 0 {
			n += 4
		}
		return r, n
	case len(t) > 2 && t[0] == '\\' && (t[1] == 'n' || t[1] == 'r' || t[1] == 't') && digitByte(t[2]) && i > 0 && digitByte(s[i-1]):
		return ' ', 2
	case strings.HasPrefix(t, "&nbsp;"):
		return ' ', 6
	case strings.HasPrefix(t, "=\r\n"):
		return 0, 3
	case strings.HasPrefix(t, "=\n"):
		return 0, 2
	case (t[0] == '%' || t[0] == '=') && len(t) >= 3:
		if v, ok := hex(t[1:3]); ok && v >= 0x20 && v < 0x7f && (t[0] == '%' || v <= '9' && v >= '0' && (len(t) == 3 || t[3] == '=' || i > 2 && s[i-3] == '=')) {
			return v, 3
		}
	case strings.HasPrefix(t, `\u`) && len(t) >= 6:
		if v, ok := hex(t[2:6]); ok && v >= 0x20 {
			return v, 6
		}
	case strings.HasPrefix(t, `\x`) && len(t) >= 4:
		if v, ok := hex(t[2:4]); ok && v >= 0x20 && v < 0x7f {
			return v, 4
		}
	}
	return 0, 0
}

// reference reads a numeric character reference of HTML.
// The semicolon may be missing, as browsers allow it.
func reference(t string) (rune, int) {
	i, base, v := 2, 10, 0
	if i < len(t) && t[i]|0x20 == 'x' {
		i, base = 3, 16
	}
	first := i
	for ; i < len(t); i++ {
		d, ok := hex(t[i : i+1])
		if !ok || int(d) >= base {
			break
		}
		v = v*base + int(d)
	}
	if i == first || v < 0x20 || v > unicode.MaxRune {
		return 0, 0
	}
	if i < len(t) && t[i] == ';' {
		i++
	}
	return rune(v), i
}

// hex reads a number of hexadecimal digits, all of s; false for anything else.
func hex(s string) (v rune, ok bool) {
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// Needed reports whether the character at i asks for a folded text: it is a digit or a letter in
// disguise, or nobody sees it and it stands behind a letter or digit. n is its length.
// It is asked for every character that is not plainly ordinary, so it must not allocate.
func Needed(s string, i int) (n int, yes bool) {
	if s[i] < utf8.RuneSelf {
		r, n := escaped(s, i)
		return 1, n > 0 && (s[i] != '&' && s[i] != '%' || r >= '0' && r <= '9' || i > 0 && digitByte(s[i-1]))
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == 0xa0 || r == 0x3000 || r >= 0x2002 && r <= 0x200a || r == 0x202f {
		return n, false
	}
	form, changed := plainForm(r)
	if changed && form == "" {
		at := i > 0 && (letterByte(s[i-1]) || digitByte(s[i-1])) || r == RightToLeft
		return n, at
	}
	return n, changed
}

// RightToLeft shows what follows it in reverse.
const RightToLeft = '\u202e'

// escapes reports whether a byte may begin a character that is written as a reference.
// It is the cheap question before escaped.
func escapes(c byte) bool { return c == '&' || c == '%' || c == '=' || c == '\\' }

// digitByte and letterByte ask for ASCII.
func digitByte(c byte) bool { return '0' <= c && c <= '9' }

func letterByte(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// HanDigits yields the characters of hanDigits with their digits.
func HanDigits() iter.Seq2[rune, int] { return maps.All(hanDigits) }

// hanDigits holds the characters that stand for a digit when a number is read out in Chinese: the
// plain ones, those of cheques, those of the telephone and of the radio.
var hanDigits = func() map[rune]int {
	out := map[rune]int{}
	for v, list := range []string{"零〇洞", "一壹幺壱弌", "二贰貳两兩弍", "三叁參叄弎", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾"} {
		for _, r := range list {
			out[r] = v
		}
	}
	return out
}()

// hanDigit returns the digit that r stands for, -1 if it is none.
func hanDigit(r rune) int {
	if v, ok := hanDigits[r]; ok {
		return v
	}
	return -1
}
