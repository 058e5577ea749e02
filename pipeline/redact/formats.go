package redact

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Formats are the forms of order, transaction and waybill numbers that are no cards whatever their
// digits say. Each is an expression of RE2 for the whole of such a number.
type Formats struct{ list []format }

// format is one of them, with the lengths of what fits it.
type format struct {
	re          *regexp.Regexp
	least, most int
	first       string            // bytes that a number can begin with; empty for any
	sign        string            // what is in each of them
	check       func(string) bool // its own check digit; nil for none
}

func (f format) fits(s string) bool {
	return len(s) >= f.least && len(s) <= f.most && (f.first == "" || strings.IndexByte(f.first, s[0]) >= 0) && strings.Contains(s, f.sign) && f.re.MatchString(s) && (f.check == nil || f.check(s))
}

// Bounds of one format.
const (
	MaxFormats  = 64  // in one list
	maxPattern  = 200 // bytes of an expression
	maxDeclared = 64  // bytes of a number that fits one
	leastFixed  = 8   // bytes of the shortest number that may fit one
)

// Declare compiles formats. The error says which expression is wrong and what to do about it.
func Declare(patterns []string) (Formats, error) {
	if len(patterns) > MaxFormats {
		return Formats{}, fmt.Errorf("%d formats, at most %d: join some with |", len(patterns), MaxFormats)
	}
	var out Formats
	for _, p := range patterns {
		re, err := declare(p)
		if err != nil {
			return Formats{}, fmt.Errorf("reading %q: %w", p, err)
		}
		out.list = append(out.list, re)
	}
	return out, nil
}

func declare(p string) (format, error) {
	if p == "" || len(p) > maxPattern {
		return format{}, fmt.Errorf("an expression has 1 to %d bytes", maxPattern)
	}
	tree, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return format{}, fmt.Errorf("parsing it: %w", err)
	}
	least, most := extent(tree)
	switch {
	case most < 0 || most > maxDeclared:
		return format{}, fmt.Errorf("it fits numbers without end or of more than %d characters: write {n} or {n,m} in place of * and +", maxDeclared)
	case least < leastFixed:
		return format{}, fmt.Errorf("it fits numbers of %d characters; a format has at least %d", least, leastFixed)
	}
	re, err := regexp.Compile(`^(?:` + p + `)$`)
	if err != nil {
		return format{}, fmt.Errorf("compiling it: %w", err)
	}
	if networks := fitting(re); len(networks) > 1 {
		return format{}, errors.New("it fits card numbers of " + strings.Join(networks, ", ") + "; begin it with the letters or digits that your numbers begin with")
	}
	return format{re: re, least: least, most: most * utf8.UTFMax}, nil
}

// extent returns the least and the most characters that an expression fits, -1 for no limit.
func extent(t *syntax.Regexp) (least, most int) {
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune), len(t.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpCapture:
		return extent(t.Sub[0])
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		least, _ = extent(t.Sub[0])
		return least, -1
	case syntax.OpQuest:
		_, most = extent(t.Sub[0])
		return 0, most
	case syntax.OpRepeat:
		least, most = extent(t.Sub[0])
		if t.Max < 0 || most < 0 {
			return least * t.Min, -1
		}
		return least * t.Min, most * t.Max
	case syntax.OpConcat:
		for _, s := range t.Sub {
			l, m := extent(s)
			least, most = least+l, sum(most, m)
		}
		return least, most
	case syntax.OpAlternate:
		least, most = extent(t.Sub[0])
		for _, s := range t.Sub[1:] {
			l, m := extent(s)
			least = min(least, l)
			if most < 0 || m < 0 {
				most = -1
			} else {
				most = max(most, m)
			}
		}
		return least, most
	}
	return 0, 0 // what fits between characters
}

func sum(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// fitting names the card networks whose published test numbers an expression fits.
func fitting(re *regexp.Regexp) []string {
	var out []string
	for _, n := range []struct{ network, number string }{
		{"Visa", "4111111111111111"}, {"Mastercard", "5555555555554444"}, {"Mastercard (2-series)", "2223003122003222"}, {"American Express", "378282246310005"},
		{"Discover", "6011111111111117"}, {"JCB", "3530111333300000"}, {"UnionPay", "6200000000000005"}, {"UnionPay (19 digits)", "6205500000000000004"},
		{"Diners Club", "30569309025904"}, {"Mir", "2200000000000053"},
	} {
		if re.MatchString(n.number) {
			out = append(out, n.network)
		}
	}
	return out
}

// builtIn are formats that many shops share. A run of digits that begins with a date is none of
// them: no network issues such numbers, and a card may hide behind one.
var builtIn = func() []format {
	const day = `20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])`
	var out []format
	for _, f := range []struct {
		first, sign, form string
		check             func(string) bool
	}{
		{"4", "", `42\d{8}` + day + `\d{10}`, nil},                                                    // WeChat Pay
		{"1", "", `10\d{8}` + day + `\d{8,10}`, nil},                                                  // WeChat Pay, older
		{"2", "", day + `\d{6,24}`, nil},                                                              // Alipay, UnionPay and all that begin with their day
		{"12", "", `(?:1[2-9]|2[01])\d{17}`, nil},                                                     // counters of time since 2010 in 64 bits
		{"1", "", `1[67]\d{8}\d{6,9}`, nil},                                                           // microseconds and nanoseconds since 1970
		{"", "-", `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`, nil}, // UUID
		{"", "-", `\d{3}-\d{7}-\d{7}`, nil},                                                           // Amazon
		{"8", "", `89\d{17,18}`, nil},                                                                 // SIM cards
		{"9", "", `9[1-5]\d{20}`, trade},                                                              // items of the United States Postal Service
	} {
		tree, err := syntax.Parse(f.form, syntax.Perl)
		if err != nil {
			panic(err) // written above
		}
		least, most := extent(tree)
		out = append(out, format{regexp.MustCompile(`^(?:` + f.form + `)$`), least, most, f.first, f.sign, f.check})
	}
	return out
}()

// trade is the check of GS1 for numbers of items: from the right, every other digit counts three times.
func trade(s string) bool {
	sum, weight := 0, 1
	for i := len(s) - 1; i >= 0; i-- {
		sum, weight = sum+weight*int(s[i]-'0'), 4-weight
	}
	return sum%10 == 0
}

// declared reports whether what stands at i to j, alone or with the letters and digits joined to it,
// fits a format or is an international bank account number.
func (x *scanner) declared(i, j int) bool {
	if x.account(i, j) {
		return true
	}
	from, to := x.identifier(i, j, false)
	wide, end := x.identifier(from, to, true)
	for _, at := range [...][2]int{{i, j}, {from, to}, {wide, end}} {
		if at[1]-at[0] > maxDeclared {
			continue
		}
		for _, list := range [...][]format{builtIn, x.formats.list} {
			for _, f := range list {
				if f.fits(x.s[at[0]:at[1]]) {
					return true
				}
			}
		}
		if wide == i && end == j {
			return false
		}
	}
	return false
}

// identifier widens i to j to the whole of the identifier around it: letters and digits, and where that is
// asked for the signs that part them.
func (x *scanner) identifier(i, j int, signs bool) (int, int) {
	part := func(c byte) bool {
		return classes[c] == letter || classes[c] == number || signs && (c == '-' || c == '_' || c == '.' || c == '/')
	}
	for n := 0; i > 0 && n <= maxDeclared && part(x.s[i-1]); n++ {
		i--
	}
	for n := 0; j < len(x.s) && n <= maxDeclared && part(x.s[j]); n++ {
		j++
	}
	for j > i && signs && strings.IndexByte("-_./", x.s[j-1]) >= 0 {
		j--
	}
	return i, j
}

// accounts are the lengths of international bank account numbers by country (ISO 13616).
const accounts = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

// account reports whether the number at i to j belongs to an international bank account number:
// a country, two check digits, the country's length, and a remainder of 1 (ISO 7064 MOD 97-10).
func (x *scanner) account(i, j int) bool {
	s := x.s
	for p := i; p >= 2 && i-p <= 40; p-- {
		c := s[p-1]
		if c == '\n' {
			return false
		}
		if upper(c) && upper(s[p-2]) && p+1 < len(s) && classes[s[p]] == number && classes[s[p+1]] == number && (p < 3 || classes[s[p-3]] != letter && classes[s[p-3]] != number) {
			if end := accountAt(s, p-2); end >= j {
				return true
			}
		}
	}
	return false
}

// accountAt returns where the account number at i ends, 0 if there is none.
func accountAt(s string, i int) int {
	want := 0
	for k := 0; k < len(accounts); k += 4 {
		if accounts[k:k+2] == s[i:i+2] {
			want = int(accounts[k+2]-'0')*10 + int(accounts[k+3]-'0')
		}
	}
	var b [34]byte
	n, j := 0, i
	for ; j < len(s) && n < want; j++ {
		switch c := s[j]; {
		case upper(c) || classes[c] == number:
			b[n] = c
			n++
		case (c == ' ' || c == '-') && classes[s[j-1]] != skip:
		default:
			return 0
		}
	}
	if n == 0 || n < want {
		return 0
	}
	rest := 0
	for k := range n {
		if c := b[(k+4)%n]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	if rest != 1 {
		return 0
	}
	return j
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
