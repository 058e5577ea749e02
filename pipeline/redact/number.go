package redact

import (
	"strings"
	"unicode/utf8"
)

// Bounds of one sequence of digit groups. A longer sequence is read in overlapping stretches.
const (
	maxGroups = 48
	maxDigits = 20 // digits of a group that are kept; longer groups are no card
	overlap   = 19 // a card has at most so many groups
	maxSep    = 3  // characters between two groups
)

// separator says what stands before a group.
type separator uint8

const (
	sepNone separator = iota
	sepSpace
	sepDash
	sepDot // dots, commas, slashes
	sepLine
)

// group is one run of digits, with everything in it that nobody sees.
type group struct {
	start, end int
	n          int // digits
	off        int // where they start in scanner.digits
	sep        separator
}

// number reads the sequence of digit groups that starts at i, masks what must be masked in it and
// returns where to go on.
func (x *scanner) number(i int) int {
	n, end, more := x.collect(i)
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
	return max(end, x.done)
}

// collect fills x.groups and tells how many there are, where they end, and whether the sequence
// goes on.
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
func (x *scanner) run1(g *group) int {
	i := g.start
	for {
		d, n := digitAt(x.s, i)
		if d < 0 {
			if z := zeroWidth(x.s, i); z > 0 {
				if d, _ := digitAt(x.s, i+z); d >= 0 {
					i += z
					continue
				}
			}
			g.end = i
			return i
		}
		if g.n < maxDigits {
			x.digits[g.off+g.n] = byte(d)
		}
		g.n++
		i += n
	}
}

// digitAt returns the digit at i and its length, -1 if there is none.
func digitAt(s string, i int) (d, n int) {
	if i >= len(s) {
		return -1, 0
	}
	if c := s[i]; c < 0x80 {
		if '0' <= c && c <= '9' {
			return int(c - '0'), 1
		}
		return -1, 0
	}
	if fullWidthDigit(s, i) {
		return int(s[i+2] - 0x90), 3
	}
	return -1, 0
}

// zeroWidth returns the length of invisible characters at i, soft line breaks of quoted-printable
// included.
func zeroWidth(s string, i int) int {
	n := 0
	for i+n < len(s) && n < 16 {
		t := s[i+n:]
		switch {
		case t[0] >= 0xe4 && t[0] <= 0xe9: // a Chinese character
			return n
		case t[0] >= 0x80:
			r, size := utf8.DecodeRuneInString(t)
			if !unseen(r) {
				return n
			}
			n += size
		case strings.HasPrefix(t, "=\r\n"):
			n += 3
		case strings.HasPrefix(t, "=\n"):
			n += 2
		default:
			return n
		}
	}
	return n
}

// unseen reports whether a character leaves no mark between two digits: soft hyphens, joiners, the
// marks of writing direction that are copied along from other programs, and what turns a digit into
// a keycap.
func unseen(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r == 0xfeff, r == 0x20e3:
		return true
	}
	return r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r >= 0xfe00 && r <= 0xfe0f
}

// separator reads what stands between the group that ends at i and the next one. next is -1 when
// no digit follows within reach.
func (x *scanner) separator(i int) (next int, sep separator) {
	s := x.s
	for count := 0; i < len(s); {
		if z := zeroWidth(s, i); z > 0 {
			i += z
			continue
		}
		if d, _ := digitAt(s, i); d >= 0 {
			return i, sep
		}
		kind, n := separatorAt(s, i)
		if n == 0 {
			break
		}
		if kind == sepLine && sep != sepLine {
			i += n
			for i < len(s) && (s[i] == ' ' || s[i] == '>' || s[i] == '\t') { // indented or quoted
				i++
			}
			sep = sepLine
			continue
		}
		if count++; count > maxSep || kind == sepLine {
			break
		}
		sep = max(sep, kind)
		i += n
	}
	return -1, sepNone
}

// separatorAt classifies one character.
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
	case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
		return sepLine, 2
	case c != 0xc2 && c != 0xe2 && c != 0xe3 && c != 0xef: // first bytes of the others
		return sepNone, 0
	}
	for _, w := range wideSeparators {
		if strings.HasPrefix(s[i:], w.char) {
			return w.sep, len(w.char)
		}
	}
	return sepNone, 0
}

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
func (x *scanner) groupsAt(g, n int) int {
	if k := x.nationalID(g, n); k > 0 {
		return k
	}
	if k := x.card(g, n); k > 0 {
		return k + x.afterCard(g+k, n)
	}
	return x.byContext(g, n)
}

// afterCard masks the verification value in "4111 1111 1111 1111 12/27 123".
func (x *scanner) afterCard(g, n int) int {
	if g+2 >= n {
		return 0
	}
	month, year, value := x.groups[g], x.groups[g+1], x.groups[g+2]
	if month.n != 2 || year.n != 2 && year.n != 4 || value.n != 3 && value.n != 4 || year.sep != sepDot && year.sep != sepDash {
		return 0
	}
	if m := x.digits[month.off]*10 + x.digits[month.off+1]; m < 1 || m > 12 {
		return 0
	}
	x.mask(cvv, value.start, value.end, cvvMask)
	return 3
}

// byContext masks short numbers that words announce.
func (x *scanner) byContext(g, n int) int {
	p := x.groups[g]
	if p.n < 3 || p.n > 8 {
		return 0
	}
	if g > 0 && p.sep != sepLine && p.sep != sepSpace {
		return 0
	}
	if g+1 < n && p.n == 3 && x.groups[g+1].n == 3 && x.groups[g+1].sep <= sepDash && x.announced(codeWord, p.start) { // 493 021
		x.mask(otp, p.start, x.groups[g+1].end, otpMask)
		return 2
	}
	if g+1 < n && x.groups[g+1].sep >= sepDash && x.groups[g+1].sep < sepLine && x.groups[g+1].start-p.end == 1 {
		return 0 // an amount, a date, a part of something longer
	}
	switch {
	case p.n <= 4 && x.announced(cvvWord, p.start):
		x.mask(cvv, p.start, p.end, cvvMask)
	case p.n >= 4 && p.n <= 6 && x.announced(pinWord, p.start):
		x.mask(password, p.start, p.end, passwordMask)
	case p.n >= 4 && (x.announced(codeWord, p.start) || x.announcedAfter(p.end)):
		x.mask(otp, p.start, p.end, otpMask)
	default:
		return 0
	}
	return 1
}

// announced reports whether a word of that sort announces the number at i.
func (x *scanner) announced(c context, i int) bool {
	end, ok := x.near(c, i, maxGap)
	return ok && plain(x.s[end:i])
}

// announcedAfter recognises "493021 is your code", "493021是验证码" and "493021（验证码）".
func (x *scanner) announcedAfter(i int) bool {
	s := x.s[i:min(len(x.s), i+64)]
	rest, ok := strings.CutPrefix(s, " is ")
	for _, link := range []string{"是", "为", "為", "（", "(", "【", "["} {
		if ok {
			break
		}
		rest, ok = strings.CutPrefix(strings.TrimLeft(s, " ，,"), link)
	}
	if !ok {
		return false
	}
	if j := strings.IndexAny(rest, ".!?\n。！？0123456789"); j >= 0 {
		rest = rest[:j]
	}
	rest = strings.ToLower(rest)
	for _, w := range []string{"verification code", "security code", "one-time", "otp", "login code", "access code", "your code", "the code", "my code", "验证码", "驗證碼", "动态码", "校验码"} {
		if strings.Contains(rest, w) {
			return true
		}
	}
	return false
}
