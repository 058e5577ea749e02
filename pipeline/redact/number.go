package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/redact/fold"
)

// Bounds of one sequence of digit groups. A longer sequence is read in overlapping stretches.
const (
	// With maxDigits it gives the scanner an array of fixed size, so that a number costs no allocation.
	maxGroups = 48
	maxDigits = 20 // digits of a group that are kept; longer groups are no card
	overlap   = 19 // a card has at most so many groups
	maxSep    = 8  // characters between two groups
)

// separator says what stands before a group.
type separator uint8

const (
	// The order is one of strength: what parts more is greater, and of several the greatest counts.
	sepNone separator = iota
	sepSpace
	sepDash
	sepDot  // dots, commas, slashes
	sepMark // other signs
	sepLine
	sepWord // "and", "then"
)

// group is one run of digits, with everything in it that nobody sees.
type group struct {
	// start and end are offsets in scanner.s.
	start, end int
	n          int // digits
	off        int // where they start in scanner.digits
	sep        separator
}

// number reads the sequence of digit groups that starts at i, masks what must be masked in it and
// returns where to go on.
// Stretches overlap by as many groups as a card may have, so none is missed at a seam. Each group is tried as the beginning of everything.
func (x *scanner) number(i int) int {
	n, end, more := x.collect(i)
	x.groupCount = n
	stop := n
	if more {
		stop = n - overlap
	}
	g := 0
	for g < stop {
		if k := x.groupsAt(g, n); k > 0 {
			g += k
		} else {
			g++
		}
	}
	if g < n {
		return x.groups[g].start
	}
	return max(end, x.past)
}

// collect fills x.groups and tells how many there are, where they end, and whether the sequence
// goes on.
// The first group has no separator. end is behind the last group.
func (x *scanner) collect(i int) (n, end int, more bool) {
	used, sep := 0, sepNone
	for {
		g := group{start: i, off: used, sep: sep}
		i = x.run1(&g)
		used += min(g.n, maxDigits)
		x.groups[n] = g
		n++
		next, s := x.separator(i)
		if next < 0 {
			return n, i, false
		}
		if n == maxGroups {
			return n, i, true
		}
		i, sep = next, s
	}
}

// run1 reads one run of digits into g and returns its end.
// n counts all digits of the run, also those that are not kept.
func (x *scanner) run1(g *group) int {
	i := g.start
	for i < len(x.s) && classes[x.s[i]] == number {
		if g.n < maxDigits {
			x.digits[g.off+g.n] = x.s[i] - '0'
		}
		g.n++
		i++
	}
	g.end = i
	return i
}

// separator reads what stands between the group that ends at i and the next one. next is -1 when
// no digit follows within reach.
// It also finds out whether the text must be read in another way first: with signs that nobody sees, or with numbers in words.
func (x *scanner) separator(i int) (next int, sep separator) {
	s := x.s
	for count, lines, words := 0, 0, 0; i < len(s); {
		if classes[s[i]] == number {
			return i, sep
		}
		if x.Untouched() && (s[i] >= 0xc2 && i+2 < len(s) || classes[s[i]] == escape) {
			if _, yes := fold.Needed(s, i); yes {
				x.refold = true
				return -1, sepNone
			}
		}
		kind, n := separatorAt(s, i)
		switch {
		case s[i] == '<' && tag(s[i:]) > 0:
			i += tag(s[i:])
			sep = max(sep, sepLine)
			continue
		case n == 0:
			if n = joiner(s, i); n == 0 || words == 3 {
				return -1, sepNone
			}
			if words > 0 && n > 2 && latinIndex[strings.ToLower(s[i:i+n])] == spokenWord && !x.readOutDone() {
				x.readAloud = true
			}
			words++
			sep, count = sepWord, 0
			i += n
			continue
		case kind == sepLine:
			if lines++; lines > 3 {
				return -1, sepNone
			}
			i += n
			for i < len(s) && (s[i] == ' ' || s[i] == '>' || s[i] == '\t') { // indented or quoted
				i++
			}
			sep = max(sep, sepLine)
			continue
		}
		if count++; count > maxSep {
			break
		}
		sep = max(sep, kind)
		i += n
	}
	return -1, sepNone
}

// separatorAt classifies one character.
// n is its length in bytes, 0 for what ends the sequence. The common ones are told by their first byte.
func separatorAt(s string, i int) (separator, int) {
	switch c := s[i]; {
	case c == ' ' || c == '\t':
		return sepSpace, 1
	case c == '-' || c == '_':
		return sepDash, 1
	case c == '.' || c == ',' || c == '/' || c == '*':
		return sepDot, 1
	case c == '\n':
		return sepLine, 1
	case c == '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return sepLine, 2
		}
		return sepLine, 1
	case c == '\v' || c == '\f':
		return sepLine, 1
	case c > ' ' && c < 0x7f && classes[c] != letter && classes[c] != number:
		return sepMark, 1
	case c != 0xc2 && (c < 0xe2 || c > 0xe3) && c != 0xef: // first bytes of the others
		return sepNone, 0
	}
	for _, w := range wideSeparators {
		if strings.HasPrefix(s[i:], w.char) {
			return w.sep, len(w.char)
		}
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r >= 0x2010 && r <= 0x206f || r >= 0x3001 && r <= 0x303f && r != 0x3007 || r >= 0xff01 && r <= 0xff5e && (unicode.IsPunct(r) || unicode.IsSymbol(r)) || r >= 0x2190 && r <= 0x27bf {
		return sepMark, n
	}
	return sepNone, 0
}

// tag returns the length of a tag of HTML without attributes, 0 if there is none.
func tag(s string) int {
	for i := 1; i < len(s) && i < 10; i++ {
		switch {
		case s[i] == '>' && i > 1:
			return i + 1
		case classes[s[i]] != letter && s[i] != '/' && s[i] != ' ':
			return 0
		}
	}
	return 0
}

// joinWords are words that people put between the parts of a number.
var joinWords = []string{
	"and", "then", "space", "dash", "hyphen", "minus", "dot", "slash", "part", "next", "last", "one", "two", "three", "four", "first", "second", "third",
	"fourth", "comma", "block", "group", "followed", "by", "und", "dann", "et", "puis", "y", "e", "ending", "finally", "plus",
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

// joiner returns the length of such a word at i, 0 for any other.
func joiner(s string, i int) int {
	if classes[s[i]] != letter {
		return joinerHan(s[i:])
	}
	n := 1
	for i+n < len(s) && n < maxJoin && classes[s[i+n]] == letter {
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
var joinHan = []string{"空格", "横杠", "杠", "減", "减", "点", "點", "然后", "然後", "接着", "接著", "再", "逗号", "和", "加", "空", "月", "年", "中间", "中間", "后四位", "後四位", "末四位", "后面", "後面", "最后", "最後"}

// joinerHan returns the length of such a word at the start of s, 0 without one.
func joinerHan(s string) int {
	if len(s) < 3 || s[0] < 0xe4 || s[0] > 0xe9 || hanAt(s)&hanJoins == 0 {
		return 0
	}
	for _, w := range joinHan {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

// wideSeparators are the spaces, dashes and dots beyond ASCII that printed numbers and mail programs have.
var wideSeparators = []struct {
	char string
	sep  separator
}{
	{"\u00a0", sepSpace}, {"\u3000", sepSpace}, {"\u2002", sepSpace}, {"\u2003", sepSpace}, {"\u2005", sepSpace}, {"\u2007", sepSpace}, {"\u2009", sepSpace}, {"\u200a", sepSpace}, {"\u202f", sepSpace},
	{"\u2010", sepDash}, {"\u2011", sepDash}, {"\u2012", sepDash}, {"\u2013", sepDash}, {"\u2014", sepDash}, {"\u2212", sepDash}, {"－", sepDash}, {"—", sepDash},
	{"·", sepDot}, {"．", sepDot}, {"、", sepDot}, {"，", sepDot}, {"／", sepDot}, {"。", sepDot}, {"•", sepDot},
}

// digitsOf returns the digits of the groups g to g+k in buf.
func (x *scanner) digitsOf(g, k int, buf []byte) []byte {
	for _, p := range x.groups[g : g+k] {
		buf = append(buf, x.digits[p.off:p.off+min(p.n, maxDigits)]...)
	}
	return buf
}

// groupsAt masks what starts with group g of n and returns how many groups it took, 0 for none.
// The surest comes first: an identity number or a card is what it is by its check digit, a short number only by its words.
func (x *scanner) groupsAt(g, n int) int {
	if k := x.nationalID(g, n); k > 0 {
		return k
	}
	if k := x.valueBeforeCard(g, n); k > 0 {
		return k + x.afterCard(g+k, n)
	}
	if k := x.card(g, n); k > 0 {
		return k + x.afterCard(g+k, n)
	}
	if k := x.expiry(g, n); k > 0 {
		return k
	}
	if p := x.groups[g]; p.n == 4 && strings.HasSuffix(x.s[:p.start], cardMask) {
		return 1 // the last digits of what was masked before: "•••• 1111 CVV •••"
	}
	return x.byContext(g, n)
}
