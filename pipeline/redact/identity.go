package redact

import (
	"strings"

	"frontdesk/pipeline/redact/aloud"
	"frontdesk/pipeline/redact/numbers"
)

// nationalID masks an identity number of mainland China (GB 11643-1999) that starts with group g, in
// one run or in up to nine groups, or one of fifteen digits as they were before. It returns how many groups it took.
// The new form has 17 digits and a check character that may be X; the old one of 15 digits has no check, so a date and a province must do.
func (x *scanner) nationalID(g, n int) int {
	if first := x.digits[x.groups[g].off]; first == 0 || first == 9 || x.groups[g].n > 18 {
		return 0
	}
	if p := x.groups[g]; p.n > 1 && !numbers.Province(numbers.Value(x.digits[p.off:], 2)) {
		return 0
	}
	total := 0
	for k := 1; k <= 18 && g+k <= n; k++ {
		p := x.groups[g+k-1]
		if gap := p.start - x.groups[max(0, g+k-2)].end; k > 1 && (p.sep > aloud.Line || gap > 4) && (p.sep != aloud.Word || gap > maxBeside) {
			return 0
		}
		if total += p.n; total > 18 {
			return 0
		}
		if total >= 15 && total != 16 && (k <= 9 || k == total) && x.isID(g, k, total) {
			return k
		}
	}
	return 0
}

// isID masks the groups g to g+k of total digits if they are an identity number.
// For 15 digits a card of American Express and an order number come first, since nothing but a plausible date speaks for an identity number.
func (x *scanner) isID(g, k, total int) bool {
	start, end := x.groups[g].start, x.groups[g+k-1].end
	var buf [maxDigits]byte
	d := x.digitsOf(g, k, buf[:0])
	tail := ""
	switch total {
	case 15:
		if !numbers.OldIdentity(d) || x.orderBefore(start) || k > 1 && k != 3 || x.isCard(g, k, total) || x.declared(start, end) {
			return false
		}
	case 17:
		size := crossAt(x.s, end)
		if size == 0 {
			return false
		}
		tail, end = "X", end+size
		d = append(d, 10)
	}
	if total > 15 && (!numbers.Identity(d) || x.declared(start, end)) {
		return false
	}
	last := x.tail(x.groups[g+k-1].end, 4-len(tail))
	x.mask(nationalID, start, end, cardMask+last+tail)
	return true
}

// crossAt returns the length of the check character X at i, 0 if there is none.
// People also write a small x, a full-width one, or a multiplication sign.
func crossAt(s string, i int) int {
	if i < len(s) && (s[i] == ' ' || s[i] == '-') && i+1 < len(s) {
		if n := crossAt(s, i+1); n > 0 && (s[i+1]|0x20 == 'x') {
			return n + 1
		}
	}
	for _, c := range []string{"X", "x", "Ｘ", "ｘ", "×"} {
		if strings.HasPrefix(s[i:], c) {
			return len(c)
		}
	}
	return 0
}
