package redact

import (
	"strings"

	"frontdesk/pipeline/redact/numbers"
)

// declared reports whether what stands at i to j, alone or with the letters and digits joined to it,
// fits a format or is an international bank account number.
// The three stretches that are tried are the digits, the letters and digits around them, and the same with signs between.
func (x *scanner) declared(i, j int) bool {
	if x.account(i, j) {
		return true
	}
	from, to := x.identifier(i, j, false)
	wide, end := x.identifier(from, to, true)
	for _, at := range [...][2]int{{i, j}, {from, to}, {wide, end}} {
		if at[1]-at[0] > numbers.Longest {
			continue
		}
		if x.formats.Fit(x.s[at[0]:at[1]]) {
			return true
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
	for n := 0; i > 0 && n <= numbers.Longest && part(x.s[i-1]); n++ {
		i--
	}
	for n := 0; j < len(x.s) && n <= numbers.Longest && part(x.s[j]); n++ {
		j++
	}
	for j > i && signs && strings.IndexByte("-_./", x.s[j-1]) >= 0 {
		j--
	}
	return i, j
}

// account reports whether the number at i to j belongs to an international bank account number:
// a country, two check digits, the country's length, and a remainder of 1 (ISO 7064 MOD 97-10).
// 40 bytes before are searched: an account has 34 characters at most, in groups.
func (x *scanner) account(i, j int) bool {
	s := x.s
	for p := i; p >= 2 && i-p <= 40; p-- {
		c := s[p-1]
		if c == '\n' {
			return false
		}
		if upper(c) && upper(s[p-2]) && p+1 < len(s) && classes[s[p]] == number && classes[s[p+1]] == number && (p < 3 || classes[s[p-3]] != letter && classes[s[p-3]] != number) {
			if end := numbers.Account(s, p-2); end >= j {
				return true
			}
		}
	}
	return false
}

// upper reports whether c is a capital of ASCII.
func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
