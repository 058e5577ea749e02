package values

import (
	"strings"
	"unicode"
)

// What stands around a value is asked of the text alone: what ties, counts and parts.

// links tie a number to what it is.
var links = []string{"is ", "was ", "by ", "via ", "are ", "as ", "= ", "=", "- ", "– ", "— ", "是", "为", "為", "就是", "（", "(", "【", "[", ": ", "："}

// Link returns the length of what ties a number to its word at the start of t ("is ", "=", "是"), 0 if nothing does.
func Link(t string) int {
	for _, l := range links {
		if t != "" && t[0] == l[0] && strings.HasPrefix(t, l) {
			return len(l)
		}
	}
	return 0
}

// units are words behind a number that say what it counts, by their first byte.
// They lie by their first byte, since this is asked for every number that could be a value.
var units = func() (t [256][]string) {
	for _, u := range lists.Words("units") {
		t[u[0]] = append(t[u[0]], u)
	}
	return t
}()

// Amount reports whether the number at i to j counts something.
// Signs of money and units are looked for within 8 bytes before and 16 behind.
func Amount(s string, i, j int) bool {
	before := s[max(0, i-8):i]
	for before != "" && before[len(before)-1] == ' ' {
		before = before[:len(before)-1]
	}
	if before != "" {
		switch c := before[len(before)-1]; {
		case c == '$' || c == '#':
			return true
		case c >= 0x80 || letter(c):
			for _, sign := range []string{"€", "£", "¥", "￥", "₹", "usd", "eur", "rmb", "cny", "gbp", "paid", "元"} {
				if len(before) >= len(sign) && strings.EqualFold(before[len(before)-len(sign):], sign) {
					return true
				}
			}
		}
	}
	t := s[j:min(len(s), j+16)]
	for t != "" && t[0] == ' ' {
		t = t[1:]
	}
	if t == "" {
		return false
	}
	c := t[0]
	if letter(c) {
		c |= 0x20
	}
	for _, u := range units[c] {
		if len(t) >= len(u) && strings.EqualFold(t[:len(u)], u) && (len(t) == len(u) || !letter(u[0]) || !letter(t[len(u)]) || t[len(u)]|0x20 == 's') {
			return true
		}
	}
	return false
}

// Measured reports whether the number that ends at i is joined to a unit: "21976k".
func Measured(s string, i int) bool {
	j := i
	for j < len(s) && j-i < 3 && letter(s[j]) {
		j++
	}
	switch strings.ToLower(s[i:j]) {
	case "k", "m", "g", "kb", "mb", "gb", "kib", "mib", "gib", "ms", "s", "px", "kg", "cm", "mm":
		return true
	}
	return false
}

// PairAt returns where the second of a pair begins whose first ends at i: "anna / tulip77"; 0 where there is none.
func PairAt(s string, i int) int {
	for _, by := range [...]string{" / ", ", ", " | "} {
		if strings.HasPrefix(s[i:], by) && i+len(by) < len(s) {
			return i + len(by)
		}
	}
	return 0
}

// CutEnd returns s without the first of the words that it ends with.
func CutEnd(s string, words []string) string {
	for _, w := range words {
		if cut, ok := strings.CutSuffix(s, w); ok {
			return cut
		}
	}
	return s
}

// OneSentence reports whether no sentence or paragraph ends in s.
func OneSentence(s string) bool {
	for _, end := range []string{". ", "! ", "? ", ".\n", "!\n", "?\n", ";", "\n\n", "。", "！", "？", "；"} {
		if strings.Contains(s, end) {
			return false
		}
	}
	return true
}

// EndsWith reports whether s ends with one of the words, a particle behind it left aside.
func EndsWith(s string, words []string) bool {
	s = strings.TrimSuffix(s, "的")
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}

// ThreeFollow reports whether three digits are spoken of behind 后面: 后面那三个数字.
func ThreeFollow(s string) bool {
	for _, w := range [...]string{"那", "的", "这", "這", "边", "邊"} {
		s = strings.TrimPrefix(s, w)
	}
	return strings.HasPrefix(s, "三个数") || strings.HasPrefix(s, "三個數") || strings.HasPrefix(s, "三位数") || strings.HasPrefix(s, "三位數") || strings.HasPrefix(s, "3位数") || strings.HasPrefix(s, "3个数")
}

// LastWord returns the last word of s in lower case, with the marks that touch it.
func LastWord(s string) string {
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	return strings.ToLower(s[strings.LastIndexFunc(s, unicode.IsSpace)+1:])
}
