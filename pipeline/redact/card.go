package redact

// shortest and longest payment card numbers (ISO/IEC 7812-1).
const (
	minCard = 13
	maxCard = 19
)

// card masks a card number that starts with group g of n and returns how many groups it took.
// The longest number that fits wins.
func (x *scanner) card(g, n int) int {
	if first := x.digits[x.groups[g].off]; first < 2 || first == 7 || x.iban(g, n) {
		return 0 // no network issues such numbers
	}
	var sums [maxCard]int
	total, k := 0, 0
	for k < n-g && k < maxCard {
		total += x.groups[g+k].n
		if total > maxCard {
			break
		}
		sums[k] = total
		k++
	}
	for ; k > 0; k-- {
		if sums[k-1] < minCard {
			return 0
		}
		if x.isCard(g, k, sums[k-1]) {
			x.maskCard(g, k)
			return k
		}
	}
	return 0
}

// isCard judges the groups g to g+k as one number.
func (x *scanner) isCard(g, k, total int) bool {
	announced := x.cardBefore(x.groups[g].start)
	shape := x.shape(g, k, total)
	if shape == irregular && !announced || shape == single && !announced && x.vetoed(g) {
		return false
	}
	if k > 1 && x.groups[g].start > 0 && x.s[x.groups[g].start-1] == '+' && total <= 15 {
		return false // a telephone number
	}
	var buf [maxCard]byte
	d := x.digitsOf(g, k, buf[:0])
	return issued(d, announced || shape == fours) && luhn(d)
}

func (x *scanner) maskCard(g, k int) {
	var buf [maxCard]byte
	d := x.digitsOf(g, k, buf[:0])
	tail := make([]byte, 0, len(cardMask)+4)
	tail = append(tail, cardMask...)
	for _, c := range d[len(d)-4:] {
		tail = append(tail, '0'+c)
	}
	x.mask(card, x.groups[g].start, x.groups[g+k-1].end, string(tail))
}

// cardBefore reports whether the last word that says something about the number at i speaks of
// cards.
func (x *scanner) cardBefore(i int) bool {
	end, ok := x.near(cardWord, i, 40)
	return ok && end > x.last[orderWord]-1
}

// vetoed reports whether a single run of digits is something else: an order number by the words
// before it, a part of an identifier by the characters before it.
func (x *scanner) vetoed(g int) bool {
	i := x.groups[g].start
	if end, ok := x.near(orderWord, i, 32); ok && end >= x.last[cardWord]-1 {
		return true
	}
	if sep := x.groups[g].sep; g > 0 && (sep == sepDash || sep == sepDot) && i-x.groups[g-1].end == 1 {
		return true
	}
	if i == 0 {
		return false
	}
	c := x.s[i-1]
	return classes[c] == letter || c == '_' || c == '-' && i > 1 && classes[x.s[i-2]] == letter
}

// shapes of a grouped number.
type shape int

const (
	irregular shape = iota
	single          // one run
	grouped         // as cards are printed or read out
	fours           // 4-4-4-4
)

// shape tells how the digits are grouped. A line break in the middle of a group that was wrapped
// by a mail program counts as none.
func (x *scanner) shape(g, k, total int) shape {
	if k == 1 {
		return single
	}
	gs := x.groups[g : g+k]
	if total == 15 && k == 3 && gs[0].n == 4 && gs[1].n == 6 || total == 14 && k == 3 && gs[0].n == 4 && gs[1].n == 6 {
		return grouped
	}
	if k == 2 && (gs[0].n == 6 || gs[0].n == 8) && total >= 16 || k == total {
		return grouped
	}
	if x.wrapped(gs) {
		return grouped
	}
	all := total >= 16
	for i, p := range gs {
		all = all && (p.n == 4 || i == k-1 && p.n < 4 && k > 4)
	}
	if all {
		return fours
	}
	return irregular
}

// wrapped reports whether the only irregularity is one flowed line break (RFC 3676 §4.2): the
// line before it ends with a space, and without it the number is one run or groups of four.
func (x *scanner) wrapped(gs []group) bool {
	breaks, at := 0, 0
	for i, p := range gs[1:] {
		if p.sep == sepLine {
			breaks, at = breaks+1, i+1
		}
	}
	if breaks != 1 || x.s[gs[at-1].end] != ' ' && x.s[gs[at-1].end] != '\r' && x.s[gs[at-1].end] != '\n' {
		return false
	}
	if len(gs) == 2 {
		return x.s[gs[0].end] == ' '
	}
	for i, p := range gs {
		n := p.n
		switch {
		case i == at-1:
			n += gs[at].n
		case i == at:
			continue
		}
		if n != 4 && n != 8 && i != len(gs)-1 {
			return false
		}
	}
	return true
}

// iban reports whether group g of n belongs to an international bank account number (ISO 13616-1):
// a country, two check digits and further groups that they are right for.
func (x *scanner) iban(g, n int) bool {
	i := x.groups[0].start
	if x.groups[0].n != 2 || n <= 3 || g >= 9 || i < 2 || !upper(x.s[i-1]) || !upper(x.s[i-2]) || i > 2 && classes[x.s[i-3]] == letter {
		return false
	}
	rest, total := 0, 0
	for k := 1; k < n && total <= maxIBAN; k++ {
		for _, d := range x.digits[x.groups[k].off:][:x.groups[k].n] {
			rest = (rest*10 + int(d)) % 97
		}
		total += x.groups[k].n
		if k >= g && total >= minIBAN && total <= maxIBAN && x.checked(rest, x.s[i-2], x.s[i-1]) {
			return true
		}
	}
	return false
}

// digits of an account number behind its check digits
const (
	minIBAN = 11
	maxIBAN = 30
)

// checked ends the check of ISO 7064 (MOD 97-10): the country's letters and the check digits come last.
func (x *scanner) checked(rest int, country ...byte) bool {
	for _, c := range country {
		rest = (rest*100 + int(c-'A') + 10) % 97
	}
	for _, d := range x.digits[x.groups[0].off:][:2] {
		rest = (rest*10 + int(d)) % 97
	}
	return rest == 1
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }

// luhn is the check of ISO/IEC 7812-1 annex B.
func luhn(d []byte) bool {
	sum, double := 0, false
	for i := len(d) - 1; i >= 0; i-- {
		v := int(d[i])
		if double {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum, double = sum+v, !double
	}
	return sum%10 == 0
}

// issued reports whether a card network issues numbers of that prefix and length. sure widens
// the check to forms that are rare among cards and common among other numbers.
func issued(d []byte, sure bool) bool {
	n := len(d)
	p2, p3, p4 := value(d, 2), value(d, 3), value(d, 4)
	p6 := value(d, 6)
	switch {
	case d[0] == 4: // Visa
		return n == 16 || sure && (n == 13 || n == 19)
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720: // Mastercard
		return n == 16
	case p2 == 34 || p2 == 37: // American Express
		return n == 15
	case p3 >= 300 && p3 <= 305, p4 == 3095, p2 == 36, p2 == 38 || p2 == 39: // Diners Club
		return n == 14 || n == 16 && sure
	case p4 >= 3528 && p4 <= 3589: // JCB
		return n == 16 || sure && n > 16
	case p2 == 62, p2 == 81: // UnionPay
		return n >= 16
	case p4 == 6011, p3 >= 644 && p3 <= 649, p2 == 65: // Discover
		return n == 16 || sure && n > 16
	case p4 >= 2200 && p4 <= 2204: // Mir
		return n == 16 || sure && n > 16
	case p4 == 5018, p4 == 5020, p4 == 5038, p4 == 5893, p4 == 6304, p4 == 6759, p4 >= 6761 && p4 <= 6763: // Maestro
		return n == 16 || sure
	case p2 == 60 || p3 == 508 || p2 == 82 || p4 == 9792: // RuPay, Troy
		return n == 16
	case p6 >= 940000 && p6 <= 999999 || p6 >= 900000 && p6 < 900010: // older cards of Chinese banks
		return sure && n >= 16
	}
	return false
}

// value is the number that the first n digits make.
func value(d []byte, n int) int {
	v := 0
	for _, c := range d[:n] {
		v = v*10 + int(c)
	}
	return v
}
