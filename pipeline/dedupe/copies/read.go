package copies

import (
	"strings"
	"unicode"
)

// reader goes through a text once and hands its shingles and numbers to a drawing. Latin letters, digits and all other scripts with
// spaces are one stream, of which four characters in a row are a shingle; Chinese, Japanese and Korean characters are another one, of
// which two are. So a word of the other script between two words of the one parts nothing.
type reader struct {
	d *drawing

	latin   block  // the last characters of the stream, the newest last
	letters int    // how many it has had
	space   bool   // a space is due before the next one
	han     uint32 // the last one of the other stream
	hans    int
	length  int // characters of both, without spaces

	number   block // the one that is being read
	digits   int   // of it
	comma    bool  // a comma stands behind them
	spelled  block // the one in Chinese numerals that is being read
	numerals int   // of it
}

// gram is how many characters of the first stream make a shingle.
const gram = 4

// read takes in one text. A number ends with it, as a word does.
func (r *reader) read(text string) {
	for _, c := range text {
		r.take(fold(c))
	}
	r.endNumber()
	r.endNumerals()
	r.space = true
}

// fold makes one of what people type alike: capitals, full width, digits of other scripts.
func fold(c rune) rune {
	switch {
	case c < 0x80:
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	case c >= 0xFF01 && c <= 0xFF5E:
		return fold(c - 0xFF01 + '!')
	case c >= 0x0660 && c <= 0x0669:
		return c - 0x0660 + '0'
	case c >= 0x06F0 && c <= 0x06F9:
		return c - 0x06F0 + '0'
	}
	return unicode.ToLower(c)
}

// numerals are the Chinese ones.
const numerals = "〇零一二三四五六七八九十百千万億亿两兩壹贰叁肆伍陆柒捌玖拾佰仟萬廿卅"

func (r *reader) take(c rune) {
	digit := c >= '0' && c <= '9'
	if digit {
		r.comma = false
		r.digits++
		add(&r.number, r.digits, uint32(c-'0')+1)
	} else if r.digits > 0 {
		if c == ',' && !r.comma { // of thousands, if a digit follows
			r.comma = true
			return
		}
		r.endNumber()
	}
	at := -1
	if !digit && c >= 0x3007 {
		at = strings.IndexRune(numerals, c)
	}
	if at < 0 {
		r.endNumerals()
	} else {
		r.numerals++
		add(&r.spelled, r.numerals, uint32(at)+1)
	}
	r.word(c, digit)
}

// word puts a character into its stream.
func (r *reader) word(c rune, digit bool) {
	switch {
	case c < 0x80:
		if digit || c >= 'a' && c <= 'z' {
			r.letter(c)
		} else if c != '\'' {
			r.space = true
		}
	case c == '’' || c == '\u200b' || c == '\ufeff' || unicode.Is(unicode.Mn, c):
	case eastern(c):
		r.character(c)
	case unicode.IsLetter(c) || unicode.IsDigit(c):
		r.letter(c)
	default:
		r.space = true
	}
}

// eastern reports whether a character stands for as much as a syllable, and words have no space between them.
func eastern(c rune) bool {
	return c >= firstHan && c <= lastHan || c >= 0x3005 && c <= 0x3007 || c >= 0x3040 && c <= 0x30FF || c >= 0x3400 && c <= 0x4DBF || c >= 0xAC00 && c <= 0xD7A3 || c >= 0x20000 && c <= 0x3FFFF
}

// letter adds to the first stream.
func (r *reader) letter(c rune) {
	r.length++
	if r.space && r.letters > 0 {
		r.push(' ')
	}
	r.space = false
	r.push(c)
}

func (r *reader) push(c rune) {
	r.d.whole(uint32(c))
	r.latin[0], r.latin[1], r.latin[2], r.latin[3] = r.latin[1], r.latin[2], r.latin[3], uint32(c)
	if r.letters++; r.letters >= gram {
		r.d.shingle(r.latin)
	}
}

// character adds to the second stream.
func (r *reader) character(c rune) {
	r.length++
	r.space = true
	r.d.whole(uint32(c))
	s := sound(c)
	if r.hans++; r.hans > 1 {
		r.d.shingle(block{r.han, s, east})
	}
	r.han = s
}

// add notes a digit, the n-th of its number. Sixteen digits are told apart for certain, which leaves room for longer ones.
func add(number *block, n int, digit uint32) {
	at := n % len(number)
	number[at] = number[at]*101 + digit
}

func (r *reader) endNumber() {
	if r.digits >= 2 {
		r.d.number(r.number, r.digits)
	}
	r.number, r.digits, r.comma = block{}, 0, false
}

// endNumerals ends a number in Chinese numerals; one alone is a word more often than a number.
func (r *reader) endNumerals() {
	if r.numerals >= 2 {
		r.d.number(r.spelled, spelled+r.numerals)
	}
	r.spelled, r.numerals = block{}, 0
}

// spelled sets numbers in Chinese numerals apart from others.
const spelled = 1 << 20

// end hands over what was too short to be a shingle.
func (r *reader) end() {
	if r.letters > 0 && r.letters < gram {
		r.d.shingle(r.latin)
	}
	if r.hans == 1 {
		r.d.shingle(block{r.han, 0, east})
	}
}
