package numbers

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
// The zero value has the built-in forms alone. It does not change, so many may use it at a time.
type Formats struct{ list []format }

// format is one of them, with the lengths of what fits it.
type format struct {
	// least and most are in bytes. first and sign turn nearly everything away before the expression is run.
	re          *regexp.Regexp
	least, most int
	first       string            // bytes that a number can begin with; empty for any
	sign        string            // what is in each of them
	check       func(string) bool // its own check digit; nil for none
}

// fits asks the cheap questions first.
func (f format) fits(s string) bool {
	return len(s) >= f.least && len(s) <= f.most && (f.first == "" || strings.IndexByte(f.first, s[0]) >= 0) && strings.Contains(s, f.sign) && f.re.MatchString(s) && (f.check == nil || f.check(s))
}

// Longest is how many bytes a number has at most that fits a format.
const Longest = 64

// Fit reports whether s is a number of one of these forms, or of one that many shops share.
func (f Formats) Fit(s string) bool {
	for _, list := range [...][]format{builtIn, f.list} {
		for _, form := range list {
			if form.fits(s) {
				return true
			}
		}
	}
	return false
}

// Bounds of formats.
const (
	// All bounds are for configuration: each declared form is tried at each number of a text that could be a card.
	maxFormats = 64  // in one list
	maxPattern = 200 // bytes of an expression
	leastFixed = 8   // bytes of the shortest number that may fit one
)

// Declare compiles formats. The error says which expression is wrong and what to do about it.
func Declare(patterns []string) (Formats, error) {
	if len(patterns) > maxFormats {
		return Formats{}, fmt.Errorf("%d formats, at most %d: join some with |", len(patterns), maxFormats)
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

// declare refuses what would be dangerous: a form that fits cards of more than one network would switch masking off. One network is
// allowed, since a desk's own numbers may begin as that one's do.
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
	case most < 0 || most > Longest:
		return format{}, fmt.Errorf("it fits numbers without end or of more than %d characters: write {n} or {n,m} in place of * and +", Longest)
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
// It goes over the parsed expression, whose depth its length bounds. Assertions such as \b count nothing.
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

// sum adds two lengths; no limit stays no limit.
func sum(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// fitting names the card networks whose published test numbers an expression fits.
// They are the numbers that the networks and their processors publish for tests; no account has them.
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
// s has digits alone; the expression has seen to that.
func trade(s string) bool {
	sum, weight := 0, 1
	for i := len(s) - 1; i >= 0; i-- {
		sum, weight = sum+weight*int(s[i]-'0'), 4-weight
	}
	return sum%10 == 0
}
