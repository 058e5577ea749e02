package particulars

import (
	"cmp"
	_ "embed" // the lists of words
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

//go:embed units.txt
var unitFile string

// unitLists are what units.txt says of each of its lists.
var unitLists = words.MustReadLists("particulars/units.txt", unitFile)

// unit is a unit of money.
type unit struct {
	word     string
	currency string  // ISO 4217; empty where it may be of several
	worth    float64 // of the currency: 0.01 for a cent
}

// shelf holds words by the slot of their first character, or by their last byte; longer ones first.
type shelf[T any] [256][]T

// slot tells characters apart by which words may begin; a few share one.
func slot(s string, i int) byte {
	if s[i] < utf8.RuneSelf {
		return s[i]
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return 0x80 | byte(r)
}

// behind are all units; ahead are those that may stand before a number, by their last byte.
var behind, ahead = func() (*shelf[unit], *shelf[unit]) {
	var behind, ahead shelf[unit]
	before := unitLists.Set("before")
	for _, name := range unitLists.Names() {
		currency, worth, ok := listed(name)
		if !ok {
			continue
		}
		for _, w := range unitLists.Words(name) {
			u := unit{w, currency, worth}
			behind[slot(w, 0)] = append(behind[slot(w, 0)], u)
			if before[w] {
				ahead[w[len(w)-1]] = append(ahead[w[len(w)-1]], u)
			}
		}
	}
	for i := range behind {
		slices.SortFunc(behind[i], func(a, b unit) int { return longerFirst(a.word, b.word) })
		slices.SortFunc(ahead[i], func(a, b unit) int { return longerFirst(a.word, b.word) })
	}
	return &behind, &ahead
}()

// listed reads the name of a list of units: a currency, and what its units are worth.
func listed(name string) (currency string, worth float64, ok bool) {
	currency, times, scaled := strings.Cut(name, " ")
	if currency != "?" && (len(currency) != 3 || strings.ToUpper(currency) != currency) {
		return "", 0, false
	}
	if currency == "?" {
		currency = ""
	}
	if !scaled {
		return currency, 1, true
	}
	worth, err := strconv.ParseFloat(times, 64)
	return currency, worth, err == nil
}

// pointed are the currencies in whose countries points part thousands.
var pointed = unitLists.Set("points part thousands")

// prefixes are words by their first character, so that a look at a place asks for few of them.
type prefixes shelf[string]

// prefixesOf makes a list of units.txt ready.
func prefixesOf(list string) *prefixes { return prefixesIn(unitLists.Words(list)) }

// prefixesIn makes words ready.
func prefixesIn(list []string) *prefixes {
	var out prefixes
	for _, w := range list {
		out[slot(w, 0)] = append(out[slot(w, 0)], w)
	}
	for i := range out {
		slices.SortFunc(out[i], longerFirst)
	}
	return &out
}

// longerFirst orders words so that none stands before one that begins or ends with it, and always in the same way.
func longerFirst(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }

// at is the word that stands at i; a word of letters must end there. "" for none.
func (p *prefixes) at(s string, i int) string {
	if i < 0 || i >= len(s) {
		return ""
	}
	for _, w := range p[slot(s, i)] {
		if strings.HasPrefix(s[i:], w) && !(letter(w, len(w)-1) && word(s, i+len(w))) {
			return w
		}
	}
	return ""
}

// suffixes are words by their last byte.
type suffixes shelf[string]

// suffixesOf makes lists of words ready.
func suffixesOf(lists ...[]string) *suffixes {
	var out suffixes
	for _, list := range lists {
		for _, w := range list {
			out[w[len(w)-1]] = append(out[w[len(w)-1]], w)
		}
	}
	for i := range out {
		slices.SortFunc(out[i], longerFirst)
	}
	return &out
}

// before is the word that ends at i; a word of letters must begin there. "" for none.
func (p *suffixes) before(s string, i int) string {
	if i <= 0 || i > len(s) {
		return ""
	}
	for _, w := range p[s[i-1]] {
		if strings.HasSuffix(s[:i], w) && !(letter(w, 0) && word(s, i-len(w)-1)) {
			return w
		}
	}
	return ""
}

var noUnit, together, counted = prefixesOf("no unit"), prefixesOf("together"), prefixesOf("counted")

// unitBehind is the unit at i, where two white spaces and an opening bracket may stand before it. end is behind it.
// Of two units that follow each other the second says the currency: 300元港币.
func unitBehind(s string, i int) (u unit, end int, ok bool) {
	at := spaceEnd(s, spaceEnd(s, i))
	if at < len(s) && s[at] == '(' {
		at++
	}
	u, end, ok = unitAt(s, at)
	if !ok {
		return unit{}, i, false
	}
	if u.word == "p" && (at != i || i > 2 && digit(s, i-3)) { // "1080p", "5 p"
		return unit{}, i, false
	}
	if u.currency == "CNY" && u.worth == 1 {
		next := end
		if next < len(s) && s[next] == '(' {
			next++
		}
		if second, stop, more := unitAt(s, next); more && second.worth == 1 && second.currency != "" && !letter(second.word, 0) {
			return second, stop, true
		}
	}
	return u, end, true
}

// unitAt is the unit that begins at i.
func unitAt(s string, i int) (u unit, end int, ok bool) {
	if i < 0 || i >= len(s) || noUnit.at(s, i) != "" {
		return unit{}, i, false
	}
	for _, u := range behind[slot(s, i)] {
		end := i + len(u.word)
		if !strings.HasPrefix(s[i:], u.word) || letter(u.word, len(u.word)-1) && word(s, end) {
			continue
		}
		if !letter(u.word, len(u.word)-1) && u.word[len(u.word)-1] < utf8.RuneSelf && digit(s, end) && i > 0 && s[i-1] == ' ' {
			continue // "5 $20": the sign is of what follows
		}
		return u, end, true
	}
	return unit{}, i, false
}

// unitBefore is the unit that ends at i, not before done; a space, a colon, and a sign of plus or minus may stand between.
func unitBefore(s string, done, i int) (unit, bool) {
	at := i
	if at > done && (s[at-1] == '-' || s[at-1] == '+' || s[at-1] == '~') {
		at--
	}
	if at > done && (s[at-1] == ' ' || s[at-1] == '\n' || s[at-1] == '\t') {
		at--
	}
	if at > done && (s[at-1] == ':' || s[at-1] == '=') {
		at--
	}
	if at <= done {
		return unit{}, false
	}
	head := s[done:at]
	for _, u := range ahead[head[len(head)-1]] {
		if strings.HasSuffix(head, u.word) && !(letter(u.word, 0) && word(s, at-len(u.word)-1)) {
			return u, true
		}
	}
	return unit{}, false
}

// round takes off what binary fractions add: 3.5000000001.
func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }
