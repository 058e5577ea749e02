package redact

import (
	"strings"

	"frontdesk/pipeline/redact/aloud"
	"frontdesk/pipeline/redact/numbers"
	"frontdesk/pipeline/redact/values"
)

// shortest and longest payment card numbers (ISO/IEC 7812-1; Maestro has some of twelve digits)
const (
	minCard = 12
	maxCard = 19
)

// card masks a card number that starts with group g of n and returns how many groups it took.
// The longest number that fits wins.
// A number within a longer run is looked for only where that is long enough to hold one and something else.
func (x *scanner) card(g, n int) int {
	if k := x.cardGroups(g, n); k > 0 {
		x.maskCard(g, k)
		return k
	}
	if x.groups[g].n > 14 {
		return x.inRun(g)
	}
	return 0
}

// cardGroups returns how many groups from g on are a card number, 0 for none.
// It only tells; maskCard masks. Before the digits are gathered their first two say which lengths are possible at all.
func (x *scanner) cardGroups(g, n int) int {
	lengths := x.lengthsAt(g, n)
	if lengths == 0 {
		return 0
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
	for ; k > 0 && sums[k-1] >= minCard; k-- {
		if lengths&(1<<sums[k-1]) != 0 && x.isCard(g, k, sums[k-1]) {
			return k
		}
	}
	return 0
}

// lengthsAt are the lengths of cards that begin with the first two digits from group g on.
func (x *scanner) lengthsAt(g, n int) numbers.Lengths {
	if x.rightToLeft {
		return ^numbers.Lengths(0)
	}
	second := x.groups[g].off + 1
	if x.groups[g].n == 1 {
		if g+1 == n {
			return 0
		}
		second = x.groups[g+1].off
	}
	return numbers.LengthsOf(x.digits[x.groups[g].off], x.digits[second])
}

// isCard judges the groups g to g+k as one number.
// Three things speak for a card: how it is grouped, what network issues such numbers, and the check digit, which one number in
// ten passes by chance. What a word says counts where these leave doubt; a declared format (of orders and parcels) speaks against.
func (x *scanner) isCard(g, k, total int) bool {
	start := x.groups[g].start
	announced := x.cardBefore(start) || strings.HasSuffix(x.s[:start], "卡") || endsCard(x.s[x.groups[g+k-1].end:])
	shape := x.shape(g, k, total)
	if shape == irregular && !announced && !x.alone(g, k, total) {
		return false
	}
	var buf [maxCard]byte
	d := x.digitsOf(g, k, buf[:0])
	grade := numbers.Issued(d)
	if (grade == numbers.None || !numbers.Luhn(d)) && !x.reversed(d) {
		return false
	}
	switch {
	case shape == single && (x.decimals(g) || x.ordered(start, x.groups[g+k-1].end) && !(g+k < x.groupCount && x.expiryDate(g+k, x.groupCount) > 0)):
		return false
	case grade == numbers.Faint && !announced && shape != fours, grade == numbers.Weak && !announced && (x.orderBefore(start) || x.glued(start, x.groups[g+k-1].end)):
		return false
	case start > 0 && x.s[start-1] == '+' && total <= 14:
		return false // a telephone number
	}
	return !x.declared(start, x.groups[g+k-1].end)
}

// endsCard reports whether s, behind a number, says that it is a card: "…这张卡".
func endsCard(s string) bool {
	return cutFront(s, []string{"这个卡", "這個卡", "这张卡", "這張卡", "的卡", "那张卡"}) != s
}

// reversed reports whether d is a card as it is seen in a text that is shown from right to left.
func (x *scanner) reversed(d []byte) bool {
	if !x.rightToLeft {
		return false
	}
	var buf [maxCard]byte
	for i, c := range d {
		buf[len(d)-1-i] = c
	}
	return numbers.Issued(buf[:len(d)]) == numbers.Firm && numbers.Luhn(buf[:len(d)])
}

// glued reports whether the number at i to j is a part of an identifier of letters and digits: "592d4208650435394".
func (x *scanner) glued(i, j int) bool {
	from, to := x.identifier(i, j, false)
	return strings.ContainsAny(x.s[from:i], "0123456789") || strings.ContainsAny(x.s[j:to], "0123456789")
}

// decimals reports whether group g is what stands behind a decimal point.
func (x *scanner) decimals(g int) bool {
	i := x.groups[g].start
	return g > 0 && x.groups[g].sep == aloud.Dot && x.s[i-1] == '.' && i-x.groups[g-1].end == 1 && x.groups[g-1].n == 1
}

// alone reports whether a number that is parted in an unusual way is nothing but that: few pieces, the
// same separator between them, none of them a date.
// Fifteen and sixteen digits are the lengths of nearly all cards in use; at other lengths such a grouping is chance.
func (x *scanner) alone(g, k, total int) bool {
	gs := x.groups[g : g+k]
	if x.saidInParts(gs) {
		return !x.orderBefore(gs[0].start)
	}
	if k > 5 || total != 15 && total != 16 || x.orderBefore(gs[0].start) || k > 1 && x.listed(g, k) {
		return false
	}
	for i, p := range gs {
		if p.n < 2 || i > 0 && (p.sep != gs[1].sep || p.sep > aloud.Line) || p.n >= 6 && p.n <= 8 && x.dateLike(p) {
			return false
		}
	}
	return k == 2 || gs[1].sep == aloud.Line || gs[1].sep == aloud.Dash || k == 3 && min(gs[0].n, gs[1].n, gs[2].n) >= 4
}

// saidInParts reports whether words such as "then" and "the last four" join all groups to one number.
func (x *scanner) saidInParts(gs []group) bool {
	words := 0
	for i, p := range gs {
		if i > 0 && p.sep == aloud.Word {
			words++
		}
		if p.n < 4 {
			return false
		}
	}
	return words > 0 && words >= len(gs)-2
}

// dateLike reports whether a group reads as YYYYMMDD or YYMMDD.
func (x *scanner) dateLike(p group) bool {
	d := x.digits[p.off:][:p.n]
	if p.n == 8 {
		if c := numbers.Value(d, 2); c != 19 && c != 20 {
			return false
		}
		d = d[2:]
	}
	return len(d) == 6 && numbers.Day(d)
}

// windowLengths are the lengths of cards that are looked for within a longer run of digits, the usual
// ones first.
var windowLengths = [...]int{16, 15, 14, 19}

// inRun looks for a card within the run of digits that is group g, as when an expiry date or another
// card follows without a space. All of the run is masked then: nobody can tell what the rest is.
// It reads the run in x.s itself, since a group keeps its first maxDigits digits only. The cost is four looks at each place.
func (x *scanner) inRun(g int) int {
	p := x.groups[g]
	order := x.orderBefore(p.start) && !x.cardBefore(p.start) || x.ordered(p.start, p.end)
	var buf [maxCard]byte
	for i := p.start; i+14 <= p.end; i++ {
		for _, n := range windowLengths {
			if i+n > p.end || n == p.n {
				continue
			}
			d := buf[:0]
			for _, c := range []byte(x.s[i : i+n]) {
				d = append(d, c-'0')
			}
			if !usual(d, i == p.start) || !numbers.Luhn(d) {
				continue
			}
			if order && (i > p.start || !explained(x.s[i+n:p.end])) {
				continue
			}
			if x.declared(p.start, p.end) {
				return 0
			}
			if i == p.start && x.valueJoined(i, n, p.end) {
				x.count[cvv]++
			}
			x.mask(card, p.start, p.end, cardMask+x.s[i+n-4:i+n])
			x.cardEnd = p.end + 1
			return 1
		}
	}
	return 0
}

// valueJoined reports whether the digits joined to a card of n digits hold its verification value: behind an expiry date, in
// the data of a stripe, or by themselves where a word speaks of cards. Other digits behind what looks like a card are those of
// a longer number, and no reason to let an original go.
func (x *scanner) valueJoined(i, n, end int) bool {
	rest := x.s[i+n : end]
	switch k := len(rest); {
	case k == 7 || k == 8:
		return explained(rest)
	case k == 3 || k == 4 && n == 15:
		return x.cardBefore(i)
	case k > 8:
		return x.cardBefore(i) && rest[2:4] <= "12" && rest[2:4] != "00" // ISO/IEC 7813: YYMM
	}
	return false
}

// explained reports whether digits behind a card are what people write there: an expiry date, with or
// without a verification value, or another card.
func explained(rest string) bool {
	var d []byte
	for _, c := range []byte(rest) {
		d = append(d, c-'0')
	}
	switch len(d) {
	case 4, 7, 8:
		return numbers.MonthYear(numbers.Value(d, 2), numbers.Value(d[2:], 2))
	case 15, 16:
		return numbers.Issued(d) == numbers.Firm && numbers.Luhn(d)
	}
	return false
}

// usual reports whether d fits a range of the networks that issue most cards. Within longer runs only
// those are looked for: with all ranges every third number of twenty digits holds one by chance.
// first says that d begins the run: there a rarer network is believed, too.
func usual(d []byte, first bool) bool {
	p2, p4 := numbers.Value(d, 2), numbers.Value(d, 4)
	switch len(d) {
	case 14:
		return first && (p2 == 36 || p2 == 38 || p2 == 30 && d[2] <= 5)
	case 15:
		return p2 == 34 || p2 == 37
	case 16:
		return d[0] == 4 || p2 >= 51 && p2 <= 55 || p4 >= 2221 && p4 <= 2720 || p2 == 62 || p2 == 65 || p4 == 6011 || p4 >= 3528 && p4 <= 3589 ||
			first && numbers.Issued(d) == numbers.Firm
	}
	return p2 == 62 || first && numbers.Issued(d) == numbers.Firm
}

// maskCard masks k groups from g on, keeps the last four digits readable (PCI DSS allows them), and remembers the place for what stands beside.
func (x *scanner) maskCard(g, k int) {
	end := x.groups[g+k-1].end
	x.mask(card, x.groups[g].start, end, cardMask, x.tail(end, 4))
	x.cardEnd, x.cardDigits = end+1, 0
	for _, p := range x.groups[g : g+k] {
		x.cardDigits += p.n
	}
}

// tail returns the last digits before i; Chinese ones as they are written.
func (x *scanner) tail(i, digits int) string {
	if x.Untouched() && digits == 4 && i > 4 && x.s[i-4] < 0x80 && classes[x.s[i-4]] == number && classes[x.s[i-3]] == number && classes[x.s[i-2]] == number {
		return x.s[i-4 : i]
	}
	var out string
	for ; digits > 0 && i > 0; i-- {
		if classes[x.s[i-1]] != number {
			continue
		}
		digits--
		shown := x.s[i-1 : i]
		if from, to := x.Start(i-1), x.End(i); to-from == 3 && aloud.Numeral(x.src, from) >= 0 {
			shown = x.src[from:to]
		}
		out = shown + out
	}
	return out
}

// cardBefore reports whether the last word that says something about the number at i speaks of
// cards.
func (x *scanner) cardBefore(i int) bool {
	end, ok := x.near(cardWord, i, 60)
	return ok && end > x.last[orderWord]-1
}

// orderBefore reports whether a word before the number at i speaks of orders, and none after it of
// cards.
func (x *scanner) orderBefore(i int) bool {
	end, ok := x.near(orderWord, i, 32)
	return ok && end >= x.last[cardWord]-1
}

// ordered reports whether a word names the run of digits at i to j as the number of an order or the like, directly before it or
// behind: "order no. 4929…", "单号：6217…". What was paid with is parted from such a word by other words.
// Nobody writes the number of an order in disguise: it must be plain digits.
func (x *scanner) ordered(i, j int) bool {
	if x.src[x.Start(i):x.End(j)] != x.s[i:j] {
		return false
	}
	if x.orderBefore(i) && orderGap(x.s[x.last[orderWord]-1:i]) {
		return true
	}
	t := strings.TrimLeft(x.s[j:min(len(x.s), j+32)], " ,，")
	if n := values.Link(t); n > 0 {
		t = strings.ToLower(t[n:])
		for _, w := range [...]string{"my ", "the ", "our ", "a ", "我的", "这个", "這個"} {
			t = strings.TrimPrefix(t, w)
		}
		c, n := noContext, 0
		if len(t) > 2 && classes[t[0]] == wide {
			c, n = hanContext(t)
		}
		return n > 0 && c == orderWord || wordContext([]byte(values.WordAt(t, 0))) == orderWord
	}
	return false
}

// orderGap reports whether s, between a word for an order and a number, says nothing but that the number is the order's.
func orderGap(s string) bool {
	s = strings.ToLower(s)
	for s != "" {
		cut := cutFront(s, orderGaps)
		if cut == s {
			return false
		}
		s = cut
	}
	return true
}

// orderGaps may stand between a word for an order and its number.
var orderGaps = wordLists.Words("behind an order")

// cutFront returns s without the first of the words that it begins with.
func cutFront(s string, words []string) string {
	for _, w := range words {
		if cut, ok := strings.CutPrefix(s, w); ok {
			return cut
		}
	}
	return s
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
// The groupings are those printed on cards: 4-4-4-4, 4-6-5 (American Express), 4-6-4 (Diners Club), 6-13 or 8-11, digit by digit, or even.
func (x *scanner) shape(g, k, total int) shape {
	if k == 1 {
		return single
	}
	gs := x.groups[g : g+k]
	if (total == 15 || total == 14) && k == 3 && gs[0].n == 4 && gs[1].n == 6 {
		return grouped
	}
	if k == 2 && (gs[0].n == 6 || gs[0].n == 8) && total >= 16 {
		return grouped
	}
	if k == total && !x.listed(g, k) {
		return grouped
	}
	if x.wrapped(gs) {
		return grouped
	}
	all := total >= 14
	for i, p := range gs {
		all = all && (p.n == 4 || i == k-1 && p.n < 4)
	}
	if all {
		return fours
	}
	if (even(gs) && !x.listed(g, k)) || k > 3 && total >= 15 && even(gs[1:]) && gs[1].n == 4 && gs[0].n < 4 {
		return grouped
	}
	return irregular
}

// listed reports whether the groups g to g+k are a part of a longer list of numbers: bytes in decimal, a table. People write
// a card by itself, and behind it at most its expiry date and verification value.
// Tables and dumps of bytes pass the check digit in one of ten places, so without this question every log file would be masked.
func (x *scanner) listed(g, k int) bool {
	gs := x.groups[g : g+k]
	gap := x.s[gs[0].end:gs[1].start]
	program, most := strings.ContainsAny(gap, ",;\n"), gs[0].n
	if program {
		most = max(most, 3) // of a byte
	} else if gs[0].n == 1 {
		return false
	}
	like := func(p group, before int) bool {
		return p.n <= most && p.sep == gs[1].sep && x.s[before:p.start] == gap
	}
	if g > 0 && like(gs[0], x.groups[g-1].end) && x.groups[g-1].n <= most {
		return true
	}
	if g+k < x.groupCount && x.expiryDate(g+k, x.groupCount) > 0 {
		return false
	}
	more := 0
	for i := g + k; i < x.groupCount && like(x.groups[i], x.groups[i-1].end); i++ {
		more += x.groups[i].n
	}
	return more > 8 || more == 1 || more == 2
}

// even reports whether all groups are alike, but for a shorter last one, and parted in the same way.
func even(gs []group) bool {
	size := gs[0].n
	if size < 2 {
		return false
	}
	for i, p := range gs {
		if p.n != size && (i < len(gs)-1 || p.n > size) || i > 0 && p.sep != gs[1].sep {
			return false
		}
	}
	return true
}

// wrapped reports whether the only irregularity is one flowed line break (RFC 3676 §4.2): the
// line before it ends with a space, and without it the number is one run or groups of four.
func (x *scanner) wrapped(gs []group) bool {
	breaks, at := 0, 0
	for i, p := range gs[1:] {
		if p.sep == aloud.Line {
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
