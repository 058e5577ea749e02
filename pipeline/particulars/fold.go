package particulars

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is what is read: plain in half width with the digits 0 to 9, and low the same in small letters.
// A byte stands at the same place in both, so what is found in one can be looked up in the other.
type text struct{ plain, low string }

// folded brings a text into its usual form: half width, digits of other scripts as 0 to 9, one kind of dash, no invisible marks. A space that
// does not break stands between digits only to part groups of three, so an apostrophe takes its place, which says so.
func folded(s string) text {
	if ascii(s) {
		return text{s, lower(s)}
	}
	var out strings.Builder
	out.Grow(len(s))
	var before rune // as it was written
	for _, r := range s {
		put(&out, before, r)
		before = r
	}
	plain := out.String()
	return text{plain, lower(plain)}
}

// put writes one character in its usual form.
func put(out *strings.Builder, before, r rune) {
	switch {
	case r < utf8.RuneSelf || r >= 0x3400 && r <= 0x9fff:
		out.WriteRune(r)
	case r >= 0xff01 && r <= 0xff5e:
		out.WriteRune(r - 0xfee0)
		if r == '，' && !(before >= '０' && before <= '９') { // of a sentence, never of a number
			out.WriteByte(' ')
		}
	case r == 0xa0 || r == 0x202f || r == 0x2007 || r == 0x2009:
		if unicode.IsDigit(before) {
			out.WriteByte('\'')
		} else {
			out.WriteByte(' ')
		}
	case unicode.In(r, unicode.Cf):
	case unicode.Is(unicode.Zs, r):
		out.WriteByte(' ')
	case r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == '﹣':
		out.WriteByte('-')
	case unicode.IsDigit(r):
		out.WriteByte('0' + digitOf(r))
	default:
		if usual, ok := signs[r]; ok {
			out.WriteString(usual)
		} else {
			out.WriteRune(r)
		}
	}
}

// signs are signs of money and numbers that stand in other forms: in GBK a pound sign is wide.
var signs = map[rune]string{'￥': "¥", '￡': "£", '￦': "₩", '￠': "¢", '﹩': "$", '﹐': ",", '﹒': ".", '﹕': ":", '〜': "~", '∼': "~", '’': "'", '‘': "'", '№': "no.", '、': ", "}

// digitOf is the value of a digit of any script: they stand in tens, in their order.
func digitOf(r rune) byte {
	for _, in := range unicode.Nd.R16 {
		if r <= rune(in.Hi) {
			return byte((r - rune(in.Lo)) % 10)
		}
	}
	for _, in := range unicode.Nd.R32 {
		if r <= rune(in.Hi) {
			return byte((r - rune(in.Lo)) % 10)
		}
	}
	return 0
}

// lower brings the letters of ASCII into small ones and leaves every byte at its place.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

// ascii reports whether a text has nothing beyond ASCII.
func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// digit, letter and alnum say what stands at i of a text in small letters; false beyond it.
func digit(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func letter(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= 'a' && s[i] <= 'z' }

func alnum(s string, i int) bool { return digit(s, i) || letter(s, i) }

// word reports whether a letter, digit or underscore of ASCII stands there.
func word(s string, i int) bool { return alnum(s, i) || i >= 0 && i < len(s) && s[i] == '_' }

// digitsEnd is where the digits end that stand at i; i itself where none stands there.
func digitsEnd(s string, i int) int {
	for digit(s, i) {
		i++
	}
	return i
}

// lettersEnd is where the letters end that stand at i.
func lettersEnd(s string, i int) int {
	for letter(s, i) {
		i++
	}
	return i
}

// spaceEnd steps over one white space.
func spaceEnd(s string, i int) int {
	if i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t') {
		return i + 1
	}
	return i
}

// runeAt is the character at i, 0 beyond the text.
func runeAt(s string, i int) (rune, int) {
	if i < 0 || i >= len(s) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(s[i:])
}
