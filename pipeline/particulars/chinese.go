package particulars

import (
	"strings"
	"unicode/utf8"
)

// hanDigit is the value of a Chinese digit, -1 for another character.
func hanDigit(r rune) int {
	switch r {
	case '零', '〇', '○':
		return 0
	case '一', '壹', '幺':
		return 1
	case '二', '两', '兩', '贰', '貳':
		return 2
	case '三', '叁', '參', '叄':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆', '陸':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

// hanScale is what a Chinese character multiplies with, 0 for another one.
func hanScale(r rune) float64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万', '萬':
		return 1e4
	case '亿', '億':
		return 1e8
	}
	return 0
}

// hanUnit is hanScale of what stands at i.
func hanUnit(s string, i int) float64 {
	r, _ := runeAt(s, i)
	return hanScale(r)
}

// hanAt reports whether a Chinese character stands at i.
func hanAt(s string, i int) bool {
	r, _ := runeAt(s, i)
	return r >= 0x3400 && r <= 0x9fff
}

// reader reads a Chinese number, also one with digits in it: "3万5", "2千3百".
type reader struct {
	s           string
	i           int
	most, total float64 // what is complete: up to 亿, and from there to 万
	section     float64 // what stands behind it
	pending     float64 // a digit whose place is not known yet, -1 for none
	least       float64 // "两三百": the smaller one
	last        float64 // the last scale
	digits      int     // Chinese digits in a row
	row         float64 // what they say, read one by one
	zero        bool    // a zero stands before the pending digit, so it is no short form
	scaled      bool
}

// chinese reads the number that begins at i.
// "几百" is a vague one, so that its 百 is not read for itself.
func chinese(s string, i int) (numeral, bool) {
	r, size := runeAt(s, i)
	if r == '几' || r == '幾' || r == '数' || r == '數' {
		if end := i + size; hanUnit(s, end) > 0 {
			for hanUnit(s, end) > 0 {
				end += len("百")
			}
			return numeral{from: i, to: end, vague: true}, true
		}
		return numeral{}, false
	}
	if hanDigit(r) < 0 && hanScale(r) == 0 && r != '廿' && r != '卅' {
		return numeral{}, false
	}
	n := numeral{from: i, to: i}
	n = han(s, n)
	return n, n.to > i
}

// han reads on behind n, which is empty or a number in digits.
func han(s string, n numeral) numeral {
	c := reader{s: s, i: n.to, pending: -1}
	if n.to > n.from {
		c.pending = n.value
		c.i = spaceEnd(s, n.to)
	}
	for c.step() {
	}
	n.value, n.least, n.to, n.scaled, n.plain = c.value(), c.least, c.i, c.scaled, false
	n.places, n.point = 0, false
	if n.to > n.from {
		n = n.hanDecimals(s)
	}
	return n
}

// step takes one character or a run of digits; false where the number ends.
func (c *reader) step() bool {
	if digit(c.s, c.i) {
		if !c.scaled || c.pending >= 0 {
			return false
		}
		f := figures(c.s, c.i)
		if f.places > 0 || f.value >= c.last {
			return false
		}
		c.pending, c.i = f.value, f.to
		c.zero = c.zero || f.to-f.from > 1
		return true
	}
	r, size := runeAt(c.s, c.i)
	switch d := hanDigit(r); {
	case d >= 0:
		return c.digit(float64(d), r, size)
	case r == '廿' || r == '卅':
		if c.pending >= 0 {
			return false
		}
		c.section, c.last, c.scaled, c.i = c.section+map[rune]float64{'廿': 20, '卅': 30}[r], 10, true, c.i+size
		return true
	}
	if scale := hanScale(r); scale > 0 {
		return c.scale(scale, size)
	}
	return c.odd(r, size)
}

// digit takes a Chinese digit.
func (c *reader) digit(d float64, r rune, size int) bool {
	if d == 0 && c.scaled && c.pending < 0 {
		c.zero, c.i = true, c.i+size
		return true
	}
	if r == '两' || r == '兩' {
		if c.digits > 0 || c.pending >= 0 {
			return false
		}
	}
	switch {
	case c.pending < 0:
		c.pending, c.digits, c.row = d, 1, d
	case c.digits == 0: // digits of ASCII stand before it
		return false
	case c.digits == 1 && d > c.pending && hanUnit(c.s, c.i+size) > 0: // "两三百"
		c.least, c.pending, c.digits = c.pending, d, 2
	case c.scaled || c.digits >= maxDigits:
		return false
	default:
		c.digits++
		c.row = c.row*10 + d
		c.pending = c.row
	}
	c.i += size
	return true
}

// scale takes 十, 百, 千, 万 or 亿.
func (c *reader) scale(scale float64, size int) bool {
	if c.digits > 2 || c.digits == 2 && c.least == 0 {
		return false
	}
	take := c.place
	if scale >= 1e4 {
		take = c.myriad
	}
	if !take(scale) {
		return false
	}
	c.pending, c.digits, c.last, c.zero, c.scaled = -1, 0, scale, false, true
	c.i += size
	return true
}

// place takes 十, 百 or 千, each of which stands behind a larger one; "千五" begins with one of them.
func (c *reader) place(scale float64) bool {
	if c.last > 0 && c.last <= scale {
		return false
	}
	p := c.pending
	if p < 0 {
		p = 1
	}
	if c.least > 0 {
		c.least = c.section + c.least*scale
	}
	c.section += p * scale
	return true
}

// myriad takes 万 or 亿, which multiply all that stands before them.
func (c *reader) myriad(scale float64) bool {
	if c.last >= 1e4 && c.last <= scale && c.section == 0 && c.pending < 0 || scale >= 1e8 && c.most > 0 {
		return false
	}
	c.section += max(c.pending, 0)
	if c.section == 0 && c.total == 0 { // "万二"
		c.section = 1
	}
	if c.least > 0 {
		c.least *= scale
	}
	if scale >= 1e8 {
		c.most, c.total = (c.total+c.section)*scale, 0
	} else {
		c.total = c.section * scale
	}
	c.section = 0
	return true
}

// odd takes what says "about": 三百多, 十几, 一千来, 百余. Behind it only 万 or 亿 goes on.
func (c *reader) odd(r rune, size int) bool {
	if !c.scaled || c.pending >= 0 {
		return false
	}
	switch r {
	case '几', '幾', '多', '来', '來', '余', '餘', '把':
		if u := hanUnit(c.s, c.i+size); u >= 1e4 && c.last < 1e4 {
			c.i += size
			return true
		}
		c.i += size
	}
	return false
}

// value is what was read, with the short form of the last digit: 三千五 is 3500, 两万三 23000, and 一百零五 105.
func (c *reader) value() float64 {
	p := max(c.pending, 0)
	if c.scaled && !c.zero && p < 10 && c.last >= 100 {
		p *= c.last / 10
	}
	return c.most + c.total + c.section + p
}

// hanDecimals reads decimals behind 点, where a scale or a unit of money says that it is no time of day: 三点五万, 两千点五块.
func (n numeral) hanDecimals(s string) numeral {
	rest, ok := strings.CutPrefix(s[n.to:], "点")
	if !ok {
		if rest, ok = strings.CutPrefix(s[n.to:], "點"); !ok {
			return n
		}
	}
	at, value, place := len(s)-len(rest), n.value, 0.1
	for range 4 {
		r, size := utf8.DecodeRuneInString(s[at:])
		d := hanDigit(r)
		if digit(s, at) {
			d = int(s[at] - '0')
		}
		if d < 0 {
			break
		}
		value, place, at = value+float64(d)*place, place/10, at+size
	}
	if place == 0.1 {
		return n
	}
	if u := hanUnit(s, at); u >= 1000 {
		n.value, n.to, n.scaled = round(value*u), at+len("万"), true
		return n
	}
	if _, _, ok := unitBehind(s, at); ok {
		n.value, n.to = round(value), at
	}
	return n
}
