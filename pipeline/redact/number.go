package redact

import (
	"strings"

	"frontdesk/pipeline/redact/aloud"
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

// group is one run of digits, with everything in it that nobody sees.
type group struct {
	// start and end are offsets in scanner.s.
	start, end int
	n          int // digits
	off        int // where they start in scanner.digits
	sep        aloud.Separator
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
	used, sep := 0, aloud.None
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
func (x *scanner) separator(i int) (next int, sep aloud.Separator) {
	s := x.s
	for count, lines, words := 0, 0, 0; i < len(s); {
		if classes[s[i]] == number {
			return i, sep
		}
		if x.Untouched() && (s[i] >= 0xc2 && i+2 < len(s) || classes[s[i]] == escape) {
			if _, yes := fold.Needed(s, i); yes {
				x.refold = true
				return -1, aloud.None
			}
		}
		kind, n := aloud.SeparatorAt(s, i)
		switch {
		case s[i] == '<' && aloud.Tag(s[i:]) > 0:
			i += aloud.Tag(s[i:])
			sep = max(sep, aloud.Line)
			continue
		case n == 0:
			if n = aloud.Joiner(s, i); n == 0 || words == 3 {
				return -1, aloud.None
			}
			if words > 0 && n > 2 && latinIndex[strings.ToLower(s[i:i+n])] == spokenWord && !x.readOutDone() {
				x.readAloud = true
			}
			words++
			sep, count = aloud.Word, 0
			i += n
			continue
		case kind == aloud.Line:
			if lines++; lines > 3 {
				return -1, aloud.None
			}
			i += n
			for i < len(s) && (s[i] == ' ' || s[i] == '>' || s[i] == '\t') { // indented or quoted
				i++
			}
			sep = max(sep, aloud.Line)
			continue
		}
		if count++; count > maxSep {
			break
		}
		sep = max(sep, kind)
		i += n
	}
	return -1, aloud.None
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
