// Package aloud reads numbers as people write and say them in pieces: what parts the pieces, and what digits a piece stands for
// that is written in words of several languages, in Chinese numerals or in letters that look like digits.
package aloud

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/redact/fold"
)

// Separator says what stands before a group.
type Separator uint8

// The order of the separators is one of strength: what parts more is greater, and of several the greatest counts.
const (
	None Separator = iota
	Space
	Dash
	Dot  // dots, commas, slashes
	Mark // other signs
	Line
	Word // "and", "then"
)

// SeparatorAt classifies one character.
// n is its length in bytes, 0 for what ends the sequence. The common ones are told by their first byte.
func SeparatorAt(s string, i int) (Separator, int) {
	switch c := s[i]; {
	case c == ' ' || c == '\t':
		return Space, 1
	case c == '-' || c == '_':
		return Dash, 1
	case c == '.' || c == ',' || c == '/' || c == '*':
		return Dot, 1
	case c == '\n':
		return Line, 1
	case c == '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return Line, 2
		}
		return Line, 1
	case c == '\v' || c == '\f':
		return Line, 1
	case c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c):
		return Mark, 1
	case c != 0xc2 && (c < 0xe2 || c > 0xe3) && c != 0xef: // first bytes of the others
		return None, 0
	}
	for _, w := range wideSeparators {
		if strings.HasPrefix(s[i:], w.char) {
			return w.sep, len(w.char)
		}
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r >= 0x2010 && r <= 0x206f || r >= 0x3001 && r <= 0x303f && r != 0x3007 || r >= 0xff01 && r <= 0xff5e && (unicode.IsPunct(r) || unicode.IsSymbol(r)) || r >= 0x2190 && r <= 0x27bf {
		return Mark, n
	}
	return None, 0
}

// Tag returns the length of a tag of HTML without attributes, 0 if there is none.
func Tag(s string) int {
	for i := 1; i < len(s) && i < 10; i++ {
		switch {
		case s[i] == '>' && i > 1:
			return i + 1
		case !isLetter(s[i]) && s[i] != '/' && s[i] != ' ':
			return 0
		}
	}
	return 0
}

// joinWords are words that people put between the parts of a number.
var joinWords = []string{
	"and", "then", "space", "dash", "hyphen", "minus", "dot", "slash", "part", "next", "last", "one", "two", "three", "four", "first", "second", "third",
	"fourth", "comma", "block", "group", "followed", "by", "und", "dann", "et", "puis", "y", "e", "ending", "finally", "plus", "half", "rest", "remaining", "other", "uh", "um", "uhm", "er", "erm", "ok", "okay", "so", "goes", "on", "ends", "continues", "finishes", "with", "middle", "six", "eight", "digits",
}

// joinIndex holds them; joinStarts has, by the first letter, their lengths as bits: what follows a number is no such word as
// a rule, and is turned away there.
var joinIndex, joinStarts = func() (index map[string]bool, starts [32]uint16) {
	index = map[string]bool{}
	for _, w := range joinWords {
		index[w] = true
		starts[w[0]&31] |= 1 << len(w)
	}
	return index, starts
}()

// maxJoin is more than the longest of them has.
const maxJoin = 10

// Joiner returns the length of such a word at i, 0 for any other.
func Joiner(s string, i int) int {
	if !isLetter(s[i]) {
		return joinerHan(s[i:])
	}
	n := 1
	for i+n < len(s) && n < maxJoin && isLetter(s[i+n]) {
		n++
	}
	if joinStarts[s[i]&31]&(1<<n) == 0 {
		return 0
	}
	var b [maxJoin]byte
	for k := range n {
		b[k] = s[i+k] | 0x20
	}
	if joinIndex[string(b[:n])] {
		return n
	}
	return 0
}

// joinHan are the Chinese words.
var joinHan = []string{"空格", "横杠", "杠", "減", "减", "点", "點", "然后", "然後", "接着", "接著", "再", "逗号", "和", "加", "空", "月", "年", "后四位", "後四位", "末四位", "后八位", "後八位", "末八位", "后一半", "後一半", "剩下的", "剩下", "后面", "後面", "生日", "出生", "中间八位", "中間八位", "中间", "中間", "嗯", "呃", "额", "那个", "最后", "最後"}

// hanJoins marks the characters with which a word of joinHan begins.
const hanJoins = 0x80

// han has, for each character of the Basic Multilingual Plane, the digit and one that it stands for, and hanJoins.
var han = func() *[1 << 16]uint8 {
	t := new([1 << 16]uint8)
	for r, v := range fold.HanDigits() {
		t[r] = uint8(v + 1)
	}
	for _, w := range append([]string{"第"}, joinHan...) {
		r, _ := utf8.DecodeRuneInString(w)
		t[r] |= hanJoins
	}
	return t
}()

// joinerHan returns the length of such a word at the start of s, 0 without one.
func joinerHan(s string) int {
	if len(s) < 3 || s[0] < 0xe4 || s[0] > 0xe9 || han[uint16(s[0])<<12|uint16(s[1]&0x3f)<<6|uint16(s[2]&0x3f)]&hanJoins == 0 {
		return 0
	}
	for _, w := range joinHan {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return ordinalHan(s)
}

// ordinalHan returns the length of "第二段" and the like at the start of s, 0 for anything else.
func ordinalHan(s string) int {
	rest, ok := strings.CutPrefix(s, "第")
	if !ok || Numeral(rest, 0) < 0 {
		return 0
	}
	for _, part := range [...]string{"段", "组", "組", "节", "節", "部分", "截", "串"} {
		if strings.HasPrefix(rest[3:], part) {
			return 6 + len(part)
		}
	}
	return 0
}

// wideSeparators are the spaces, dashes and dots beyond ASCII that printed numbers and mail programs have.
var wideSeparators = []struct {
	char string
	sep  Separator
}{
	{"\u00a0", Space}, {"\u3000", Space}, {"\u2002", Space}, {"\u2003", Space}, {"\u2005", Space}, {"\u2007", Space}, {"\u2009", Space}, {"\u200a", Space}, {"\u202f", Space},
	{"\u2010", Dash}, {"\u2011", Dash}, {"\u2012", Dash}, {"\u2013", Dash}, {"\u2014", Dash}, {"\u2212", Dash}, {"－", Dash}, {"—", Dash},
	{"·", Dot}, {"．", Dot}, {"、", Dot}, {"，", Dot}, {"／", Dot}, {"。", Dot}, {"•", Dot},
}

// isLetter and isDigit ask for ASCII.
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
