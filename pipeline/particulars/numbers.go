package particulars

import (
	_ "embed" // the lists of words
	"math/big"
	"slices"
	"strings"
	"unicode"

	"frontdesk/pipeline/words"
)

//go:embed numbers.txt
var numberFile string

var numberLists = words.MustReadLists("particulars/numbers.txt", numberFile)

// announcers are the words before a number that say what it is of; ofOrders says which of them announce an order or a transaction.
var (
	announcers = suffixesOf(numberLists.Words("orders"), numberLists.Words("others"))
	ofOrders   = numberLists.Set("orders")
	betweens   = suffixesOf(numberLists.Words("between"))
	things     = prefixesIn(numberLists.Words("counted things"))
)

// Bounds of a number: characters, what it needs of digits where a word announces it and where none does, and how many are kept of a text.
const (
	longestNumber  = 40
	leastAnnounced = 3
	leastBare      = 6
	maxNumbers     = 8
)

// Numbers finds the numbers of orders and transactions in a redacted text, each once, at most eight, in capitals and without signs, so that
// two spellings of one number are equal: "TP-2026-0815", "tp 2026 0815". Behind a word that announces it, or a hash, a number is one with four
// characters and three digits; by itself it needs six digits. What is said to be something else, or has its form, is none: a telephone number,
// a day, a sum of money, an account, a version.
func Numbers(s string) []string {
	t := folded(s)
	var out []string
	var last chain
	for i := 0; i < len(t.low) && len(out) < maxNumbers; {
		if !alnum(t.low, i) {
			i++
			continue
		}
		if end := lettersEnd(t.low, i); wordAlone(t.low, i, end) { // most of a text, so it must cost little
			i = end
			continue
		}
		c := chainAt(t, i)
		if c.before, c.beforeEnds = last.said, last.to; c.digits > 0 && c.isNumber(t) {
			last = c
			if name := c.name(t); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		i = max(c.to, i+1)
	}
	return out
}

// wordAlone reports whether letters from i to end are a word that no number begins with: no digit follows, and no sign that joins.
func wordAlone(s string, i, end int) bool {
	switch {
	case end == i || digit(s, end):
		return false
	case end == len(s):
		return true
	case s[end] == ' ', s[end] == '\'':
		return !digit(s, end+1)
	}
	return s[end] != '-' && s[end] != '_' && s[end] != '/'
}

// chain is a run of letters and digits with single signs between its pieces: "TP-2026-0815", "4821 3377 0012".
type chain struct {
	from, to int
	digits   int
	letters  int
	dashes   int
	slashes  int
	spaces   int
	groups   [12]int // lengths of the first pieces
	pieces   int
	plus     bool // a plus sign stands before it
	// said is the word that announces it; before is that of the last number, which ends at beforeEnds: 订单88213和88214.
	said, before string
	beforeEnds   int
}

// chainAt reads the chain that begins at i.
func chainAt(t text, i int) chain {
	c := chain{from: i, to: i, plus: i > 0 && t.low[i-1] == '+' || i > 1 && t.low[i-1] == '(' && t.low[i-2] == '+'}
	c.piece(t, i)
	for c.to < len(t.low) && c.to-c.from <= longestNumber {
		switch s := t.low[c.to]; {
		case (s == '-' || s == '_') && alnum(t.low, c.to+1):
			c.dashes++
			c.piece(t, c.to+1)
		case (s == ' ' || s == '\'') && c.goesOn(t, c.to+1):
			c.spaces++
			c.piece(t, c.to+1)
		case s == '/' && c.letters > 1 && c.letters <= 4 && (c.digits == 0 || c.slashes > 0) && digit(t.low, c.to+1) && capitals(t.plain[c.from:c.from+c.groups[0]]) && !alone[t.low[c.from:c.from+c.groups[0]]]: // INV/2026/00912
			c.slashes++
			c.piece(t, c.to+1)
		default:
			return c
		}
	}
	return c
}

// piece takes the letters and digits at i.
func (c *chain) piece(t text, i int) {
	end := i
	for ; alnum(t.low, end); end++ {
		if digit(t.low, end) {
			c.digits++
		} else {
			c.letters++
		}
	}
	if c.pieces < len(c.groups) {
		c.groups[c.pieces] = end - i
	}
	c.pieces++
	c.to = end
}

// goesOn reports whether what stands behind a space belongs to the same number: a group of two to five digits behind digits, up to the
// twelfth; behind one to four capitals, or behind a piece that has both, digits alone.
func (c *chain) goesOn(t text, i int) bool {
	end := i
	for alnum(t.low, end) {
		end++
	}
	if end == i || c.pieces >= len(c.groups) || end < len(t.low) && (t.low[end] == ':' || t.low[end] == '/' || t.low[end] == '.' && digit(t.low, end+1)) {
		return false
	}
	figures := digitsEnd(t.low, i) == end
	switch {
	case iban(t.plain, c.from):
		return true
	case !figures:
		return false
	case c.letters == 0:
		return c.groupFollows(t.low, end-i)
	case c.digits == 0: // "TP 2026 0815"
		return c.pieces == 1 && c.letters <= 4 && end-i >= 3 && capitals(t.plain[c.from:c.to]) && !alone[t.low[c.from:c.to]] && announcers.before(t.low, c.to) == ""
	}
	return c.digits >= 2 && end-i >= 3 && end-i <= 5
}

// groupFollows reports whether a group of so many digits can follow digits: as in an order, or longer in a telephone number.
func (c *chain) groupFollows(s string, size int) bool {
	switch {
	case size >= 2 && size <= 5 && c.groups[0] <= 5, c.plus && size <= 9:
		return true
	}
	return c.groups[0] == 5 && s[c.from] == '0' && size <= 6
}

// alone are words of capitals that are no beginning of a number: units of money, and what stands before sums.
var alone = map[string]bool{"usd": true, "hkd": true, "cny": true, "rmb": true, "eur": true, "gbp": true, "rm": true, "nt": true, "hk": true, "us": true, "sgd": true, "twd": true, "jpy": true, "the": true, "my": true, "at": true, "in": true, "on": true, "for": true, "is": true, "of": true, "to": true, "and": true, "i": true, "a": true}

// capitals reports whether all letters are capitals, and there is one.
func capitals(s string) bool {
	return strings.ContainsFunc(s, unicode.IsUpper) && !strings.ContainsFunc(s, unicode.IsLower)
}

// name is the one spelling of a number.
func (c *chain) name(t text) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-/_ '", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, t.low[c.from:c.to])
}

// isNumber reports whether a chain names an order or a transaction.
func (c *chain) isNumber(t text) bool {
	if c.to-c.from > longestNumber || c.to < len(t.low) && t.low[c.to] == '@' || c.inAddress(t.low) {
		return false
	}
	if c.ticket(t.low) || c.money(t.low) || iban(t.plain, c.from) || c.day(t.low) || c.fraction(t.low) {
		return false
	}
	word := c.announced(t.low)
	c.said = word
	switch {
	case word != "" && !ofOrders[word]:
		return false
	case word != "" && c.digits >= leastAnnounced && c.digits+c.letters > leastAnnounced:
		if word == "order" && things.at(t.low, spaceEnd(t.low, c.to)) != "" { // "an order of 200000 pieces"
			return false
		}
		return word != "#" && !loose[word] || !c.telephone(t.low)
	case c.digits < leastBare || c.telephone(t.low) || c.letters == 0 && things.at(t.low, spaceEnd(t.low, c.to)) != "":
		return false
	}
	return !c.identity(t.low) && !c.spelledDay(t.low)
}

// ticket reports whether a chain is the number of one of the desk's own tickets, as its mails write it: "[#T-1042-k7f3]", "T-1042".
func (c *chain) ticket(s string) bool {
	return c.groups[0] == 1 && s[c.from] == 't' && c.dashes >= 1 && c.pieces <= 3 && digitsEnd(s, c.from+2) == c.from+2+c.groups[1]
}

// loose are words that announce numbers of all kinds: behind them a telephone number stays one.
var loose = map[string]bool{"number": true, "numbers": true, "no": true, "no.": true, "id": true, "nr": true, "nr.": true}

// announced is the word that says what the number is of; "" for none. Of what stands between them a few words and signs are stepped over.
func (c *chain) announced(s string) string {
	at := c.from
	for n := 0; n < 6 && at > 0; n++ {
		trimmed := strings.TrimRight(s[max(0, at-4):at], " \t\n:=.,()[]\"'+*~")
		at -= min(at, 4) - len(trimmed)
		if at > 0 && at == c.beforeEnds {
			return c.before
		}
		if w := announcers.before(s, at); w != "" {
			return w
		}
		if strings.HasSuffix(s[:at], "：") || strings.HasSuffix(s[:at], "“") || strings.HasSuffix(s[:at], "「") || strings.HasSuffix(s[:at], "【") {
			at -= len("：")
			continue
		}
		w := betweens.before(s, at)
		if w == "" {
			return ""
		}
		at -= len(w)
	}
	return ""
}

// inAddress reports whether a chain is a piece of a mail address.
func (c *chain) inAddress(s string) bool {
	for i := c.to; i < len(s) && i < c.to+longestNumber; i++ {
		if s[i] == '@' {
			return true
		}
		if !word(s, i) && s[i] != '.' && s[i] != '-' && s[i] != '+' {
			break
		}
	}
	for i := c.from - 1; i >= 0 && i > c.from-longestNumber; i-- {
		if s[i] == '@' {
			return true
		}
		if !word(s, i) && s[i] != '.' && s[i] != '-' {
			break
		}
	}
	return false
}

// money reports whether a chain is a sum of money.
func (c *chain) money(s string) bool {
	if c.letters > 0 && !digit(s, c.from) {
		return false
	}
	n, ok := numeralAt(s, c.from)
	if !ok || n.vague || n.to < c.to && c.letters == 0 && n.to < c.from+c.groups[0] {
		return false
	}
	if _, before := unitBefore(s, 0, c.from); before && c.letters == 0 {
		return true
	}
	_, _, behind := unitBehind(s, n.to)
	return behind
}

// fraction reports whether a chain is a piece of a decimal number, of a version or of an address of the network.
func (c *chain) fraction(s string) bool {
	return c.from > 1 && s[c.from-1] == '.' && digit(s, c.from-2) || c.to < len(s)-1 && s[c.to] == '.' && digit(s, c.to+1) && c.letters == 0
}

// day reports whether a chain is a day or begins with one that its signs show: "2026-08-15", "15-08-2026", "2026-08-15t10".
func (c *chain) day(s string) bool {
	if c.pieces < 3 || c.dashes < 2 || c.groups[1] > 2 {
		return false
	}
	first, second := s[c.from:c.from+c.groups[0]], s[c.from+c.groups[0]+1:c.from+c.groups[0]+1+c.groups[1]]
	rest := s[c.from+c.groups[0]+c.groups[1]+2 : c.to]
	third := rest[:digitsEnd(rest, 0)]
	if c.pieces > 3 && c.letters == 0 && c.spaces == 0 {
		return false
	}
	return len(first) == 4 && year(first) && within(second, 12) && within(third, 31) || len(third) == 4 && year(third) && within(first, 31) && within(second, 31)
}

// spelledDay reports whether eight digits are a day: 20260815, 15082026; or six a month: 202608.
func (c *chain) spelledDay(s string) bool {
	d := s[c.from:c.to]
	switch {
	case c.pieces != 1 || c.letters > 0:
		return false
	case len(d) == 8:
		return year(d[:4]) && within(d[4:6], 12) && within(d[6:], 31) || year(d[4:]) && within(d[:2], 31) && within(d[2:4], 31)
	case len(d) == 6:
		return year(d[:4]) && within(d[4:], 12)
	}
	return false
}

// year and within say whether digits can be a year of our time, or a number from one to most.
func year(d string) bool { return len(d) == 4 && (d[:2] == "19" || d[:2] == "20") }

func within(d string, most int) bool {
	if len(d) == 0 || len(d) > 2 {
		return false
	}
	v := 0
	for i := range len(d) {
		if d[i] < '0' || d[i] > '9' {
			return false
		}
		v = v*10 + int(d[i]-'0')
	}
	return v >= 1 && v <= most
}

// identity reports whether digits are an identity number of mainland China or a payment card's: they have a day of birth, or a check digit
// behind the beginning of a card.
func (c *chain) identity(s string) bool {
	d := figuresOf(s[c.from:c.to])
	switch {
	case c.letters == 1 && s[c.to-1] == 'x' && len(d) == 17, c.letters == 0 && len(d) == 18:
		return d[0] >= '1' && d[0] <= '8' && year(d[6:10]) && within(d[10:12], 12) && within(d[12:14], 31)
	case c.letters == 0 && (len(d) == 16 || len(d) == 15 && d[0] == '3'):
		return strings.IndexByte("3456", d[0]) >= 0 && luhn(d)
	}
	return false
}

// figuresOf are the digits of a text.
func figuresOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// luhn reports whether the last digit is the check digit of those before it.
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// telephone reports whether a chain has the form of a telephone number: with a plus sign, one of mainland China or Hong Kong, with a
// country's number, or with a zero or an area in groups.
func (c *chain) telephone(s string) bool {
	if c.letters > 0 {
		return false
	}
	d := figuresOf(s[c.from:c.to])
	switch {
	case c.plus:
		return len(d) >= 7 && len(d) <= 16
	case len(d) == 11 && d[0] == '1' && d[1] >= '3' && (!c.parted(s) || c.pieces == 3 && c.groups[0] == 3):
		return true
	case len(d) == 8 && c.pieces == 1: // a mobile one of Hong Kong; what else has eight digits at a stretch is more often an order
		return strings.IndexByte("569", d[0]) >= 0
	case len(d) == 8 && c.pieces == 2 && strings.IndexByte("235679", d[0]) >= 0:
		return c.groups[0] == 4
	case d[0] == '0' && len(d) >= 9 && len(d) <= 14, c.behindArea(s):
		return true
	}
	return c.parted(s) && c.inParts(d) || c.abroad(d)
}

// parted reports whether a chain has several groups, or one behind an area in brackets.
func (c *chain) parted(s string) bool {
	return c.pieces > 1 || strings.HasSuffix(s[:c.from], ")") || strings.HasSuffix(s[:c.from], ") ")
}

// behindArea reports whether an area with a zero stands before a chain: "0171/1234567".
func (c *chain) behindArea(s string) bool {
	i := c.from - 1
	if i < 1 || s[i] != '/' || !digit(s, i-1) {
		return false
	}
	for i > 0 && i > c.from-7 && digit(s, i-1) {
		i--
	}
	return s[i] == '0'
}

// inParts reports whether groups are those of a hotline, or of a telephone number of America: 400-820-8820, 415-555-2671.
func (c *chain) inParts(d string) bool {
	switch {
	case (strings.HasPrefix(d, "400") || strings.HasPrefix(d, "800") || d[0] == '1') && len(d) >= 10 && len(d) <= 11 && c.groups[0] <= 4:
		return true
	case len(d) == 10 && c.pieces == 3 && c.groups[0] == 3 && c.groups[1] == 3:
		return true
	}
	return c.pieces <= 2 && len(d) == 7 && c.groups[0] == 3 // behind an area in brackets
}

// abroad reports whether digits begin with the number of a country in which the desk's customers are most, and go on as its telephone numbers do.
func (c *chain) abroad(d string) bool {
	for _, country := range [...]string{"852", "853", "86", "886", "65", "44", "60", "81"} {
		rest, ok := strings.CutPrefix(d, country)
		switch {
		case !ok:
		case country == "86" && len(rest) == 11 && rest[0] == '1', country == "852" && len(rest) == 8, country == "853" && len(rest) == 8, country == "886" && len(rest) == 9 && rest[0] == '9':
			return true
		case c.pieces > 1 && c.groups[0] == len(country) && len(rest) >= 8 && len(rest) <= 11:
			return true
		}
	}
	return false
}

// iban reports whether the number of a bank account begins at i: two capitals and two check digits that fit, with or without spaces.
func iban(s string, i int) bool {
	if i+4 > len(s) || !capitals(s[i:i+2]) || !digit(s, i+2) || !digit(s, i+3) {
		return false
	}
	var all []byte
	for j := i; j < len(s) && len(all) <= 34 && (s[j] == ' ' || s[j] >= '0' && s[j] <= '9' || s[j] >= 'A' && s[j] <= 'Z'); j++ {
		if s[j] == ' ' {
			continue
		}
		all = append(all, s[j])
		if len(all) >= 15 && (j+1 == len(s) || s[j+1] == ' ' || !word(lower(s[j+1:j+2]), 0)) && mod97(all) {
			return true
		}
	}
	return false
}

// mod97 reports whether the check digits of an account number fit.
func mod97(b []byte) bool {
	var digits strings.Builder
	for _, c := range slices.Concat(b[4:], b[:4]) {
		if c >= 'A' {
			digits.WriteByte('1' + (c-'A'+10)/10 - 1)
			digits.WriteByte('0' + (c-'A'+10)%10)
			continue
		}
		digits.WriteByte(c)
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}
