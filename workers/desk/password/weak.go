package password

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/configs/entropy"
)

// Shortest and longest password that may be chosen, in characters. The longest is there for the form alone.
const (
	Shortest = 10
	Longest  = 200
)

// leastBits is what guessing must cost who is slowed down, by our estimate: with ten tries a minute from each of a thousand addresses half
// of 2^28 take nine days of noise in the log, and several words, or ten characters of chance, have far more.
const leastBits = 28

// Reason says why a password may not be chosen; "" if it may. It is the key of a sentence.
type Reason string

// The reasons.
const (
	Fine  Reason = ""
	Short Reason = "short"
	Long  Reason = "long"
	Named Reason = "named" // it is the login, the name of the person or of the desk, or little more
	Weak  Reason = "weak"  // it is among the first that are tried
)

// Refused says whether a password may be chosen by who has these names: login, name, address, the desk's.
func Refused(password string, names ...string) Reason {
	password = norm.NFKC.String(password)
	switch n := utf8.RuneCountInString(password); {
	case n < Shortest:
		return Short
	case n > Longest:
		return Long
	case named(password, names):
		return Named
	case entropy.Certain(password) != "" || entropy.Bits(password) < leastBits:
		return Weak
	}
	return Fine
}

// named reports whether a password is a name with little put to it. What is left of it without the names must be hard to guess by itself.
func named(password string, names []string) bool {
	rest := strings.ToLower(password)
	for _, name := range names {
		name = strings.ToLower(norm.NFKC.String(name))
		words := append(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" .@_-+", r) }), name, strings.ReplaceAll(name, " ", ""))
		for _, w := range words {
			if utf8.RuneCountInString(w) >= 2 && len(w) >= 3 {
				rest = strings.ReplaceAll(rest, w, "")
			}
		}
	}
	return len(rest) < len(password) && (utf8.RuneCountInString(rest) < Shortest/2 || entropy.Bits(rest) < leastBits/2)
}
