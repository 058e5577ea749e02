package particulars

import (
	"strconv"
	"strings"
)

// numeral is a number as it stands in a text: "1,299.00", "3万5", "三千五", "a hundred and fifty".
type numeral struct {
	from, to int
	value    float64
	least    float64 // of "两三百" the first: 200, while value is 300; 0 for others
	places   int     // behind the decimal point
	comma    bool    // the decimals stand behind a comma, or the groups behind points
	plain    bool    // nothing but digits, signs between them, and decimals
	vague    bool    // "几百": it begins like a number and says none
	scaled   bool    // it has a word for hundreds, thousands or more
	point    bool    // one point with three digits behind it, which in some countries parts thousands
}

// maxDigits is the longest number that is read, separators and decimals included.
const maxDigits = 16

// numeralAt reads the number that begins at i of a text in small letters. ok is false where none does.
func numeralAt(s string, i int) (n numeral, ok bool) {
	switch {
	case digit(s, i):
		n = figures(s, i)
		if n.to-n.from > maxDigits {
			n.vague = true
			return n, true
		}
		if n.plain && n.to < len(s) {
			n = scaledFigures(s, n)
		}
		return n, true
	case letter(s, i):
		if word(s, i-1) {
			return numeral{}, false
		}
		return spoken(s, i)
	case s[i] >= 0xe3 && s[i] <= 0xe9:
		return chinese(s, i)
	}
	return numeral{}, false
}

// figures reads a number of digits: groups of three with commas between them, or as in India of two and a last one of three, and decimals behind
// a point; or, as on the continent of Europe, points between the groups and decimals behind a comma: "1.299,00". Spaces and
// apostrophes part groups, too.
func figures(s string, i int) numeral {
	n := numeral{from: i, plain: true}
	whole := digitsEnd(s, i)
	listed := i > 1 && s[i-1] == ',' && digit(s, i-2)
	if end := grouped(s, i, whole, '.'); !listed && decimals(s, end, ',') > 0 && decimals(s, end, ',') <= 2 && !decimalsFollowed(s, end) {
		if places := decimals(s, end, ','); places == 2 || end > whole || continental(s, end+1+places) {
			n.to, n.places, n.comma = end+1+places, places, true
			return n.valued(s)
		}
	} else if end >= whole+len(".000.000") {
		n.to, n.comma = end, true
		return n.valued(s)
	}
	for _, sign := range [...]byte{',', '\'', ' '} {
		n.to = grouped(s, i, whole, sign)
		if sign == ',' && n.to == whole {
			n.to = indian(s, i, whole)
		}
		if n.to > whole {
			break
		}
	}
	if places := decimals(s, n.to, '.'); places > 0 {
		n.point = places == 3 && n.to == whole && whole-i <= 3
		n.to, n.places = n.to+1+places, places
	} else if places := decimals(s, n.to, ','); n.to > whole && places == 2 && !decimalsFollowed(s, n.to) {
		n.to, n.places, n.comma = n.to+1+places, places, true
	}
	return n.valued(s)
}

// continental reports whether the unit at i is one of a country that writes decimals behind a comma: "12,5 €".
func continental(s string, i int) bool {
	u, _, ok := unitBehind(s, i)
	return ok && pointed[u.currency]
}

// decimals counts the digits behind a sign at end.
func decimals(s string, end int, sign byte) int {
	if end >= len(s) || s[end] != sign {
		return 0
	}
	return digitsEnd(s, end+1) - end - 1
}

// decimalsFollowed reports whether another group follows the decimals, so that they are none.
func decimalsFollowed(s string, end int) bool {
	next := digitsEnd(s, end+1)
	return next < len(s) && (s[next] == ',' || s[next] == '.') && digit(s, next+1)
}

// grouped steps over the groups of three digits behind those that stand from i to end.
func grouped(s string, i, end int, sign byte) int {
	for first := end; first-i <= 3 && end < len(s) && s[end] == sign && digitsEnd(s, end+1) == end+4 && end-i < maxDigits; {
		end += 4
	}
	return end
}

// indian steps over groups of two digits and a last one of three: "1,23,456".
func indian(s string, i, end int) int {
	if end-i > 2 {
		return end
	}
	at := end
	for at < len(s) && s[at] == ',' && digitsEnd(s, at+1) == at+3 && at-i < maxDigits {
		at += 3
	}
	if at > end && at < len(s) && s[at] == ',' && digitsEnd(s, at+1) == at+4 {
		return at + 4
	}
	return end
}

// valued fills in the value of what stands from n.from to n.to.
func (n numeral) valued(s string) numeral {
	digits := make([]byte, 0, maxDigits)
	for i := n.from; i < n.to && len(digits) <= maxDigits; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case (c == '.' && !n.comma || c == ',' && n.comma) && i == n.to-n.places-1:
			digits = append(digits, '.')
		}
	}
	n.value, _ = strconv.ParseFloat(string(digits), 64) // digits and at most one point cannot fail
	return n
}

// scale is a word behind digits that multiplies them.
type scale struct {
	word  string
	times float64
	money bool // it is said of money alone, as "grand"
}

// scales are those of English; the Chinese ones are read by chinese.
var scales = [...]scale{
	{"thousand", 1e3, false}, {"grand", 1e3, true}, {"hundred", 1e2, false}, {"million", 1e6, false}, {"billion", 1e9, false},
	{"lakhs", 1e5, true}, {"lakh", 1e5, true}, {"crores", 1e7, true}, {"crore", 1e7, true}, {"mio", 1e6, true}, {"bn", 1e9, false}, {"k", 1e3, false}, {"m", 1e6, false}, {"w", 1e4, false}, // 3w is 3万
}

// oddEnd steps over what says "and some more" behind a number.
func oddEnd(s string, i int) int {
	for _, w := range [...]string{"+", "多", "来", "來", "余", "餘", "几", "幾"} {
		if strings.HasPrefix(s[i:], w) && !digit(s, i+len(w)) {
			return i + len(w)
		}
	}
	return i
}

// scaledFigures reads what multiplies the digits of n: "5 thousand", "2.5k", "3万5", "2千".
func scaledFigures(s string, n numeral) numeral {
	if end := oddEnd(s, n.to); end > n.to && n.value >= 10 { // 300多块, "50+元"
		if n.to = end; hanUnit(s, end) >= 1e4 {
			n.to, n.value, n.scaled, n.plain = n.to+len("万"), n.value*hanUnit(s, end), true, false
		}
		return n
	}
	at := spaceEnd(s, n.to)
	if at < len(s) && s[at] >= 0xe3 {
		if u := hanUnit(s, at); u > 0 {
			return han(s, n)
		}
		if at == n.to && strings.HasPrefix(s[at:], "点") || strings.HasPrefix(s[at:], "點") {
			return han(s, n)
		}
		return n
	}
	if !letter(s, at) {
		return n
	}
	end := lettersEnd(s, at)
	if word(s, end) || end < len(s) && s[end] >= 0x80 && s[end] < 0xe3 { // a letter of another alphabet goes on
		return n
	}
	for _, c := range scales {
		if s[at:end] == c.word {
			if c.word == "w" && at > n.to {
				return n
			}
			n.to, n.value, n.scaled, n.plain, n.point = oddEnd(s, end), n.value*c.times, true, false, false
			return n
		}
	}
	return n
}
