package numbers

import (
	"strings"
	"testing"
)

func TestRowsOfIssuers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, row string
		want      issuer
	}{
		{"one digit", "4 firm 16", issuer{4, 4, 1 << 16, Firm}},
		{"several lengths", "4 firm 16 19", issuer{4, 4, 1<<16 | 1<<19, Firm}},
		{"a span of lengths", "62 firm 16-19", issuer{62, 62, 1<<16 | 1<<17 | 1<<18 | 1<<19, Firm}},
		{"spans and lengths", "6062 firm 13 16-17", issuer{6062, 6062, 1<<13 | 1<<16 | 1<<17, Firm}},
		{"a range", "2221-2720 firm 16", issuer{2221, 2720, 1 << 16, Firm}},
		{"a number that is less sure", "4 weak 13", issuer{4, 4, 1 << 13, Weak}},
		{"the least sure", "90-99 faint 16", issuer{90, 99, 1 << 16, Faint}},
		{"the shortest and the longest", "5 firm 12-19", issuer{5, 5, 0xff << 12, Firm}},
	} {
		got, err := readIssuers("a.txt", "[a]\n"+c.row)
		if err != nil || len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %+v and %v, want %+v", c.name, got, err, c.want)
		}
	}
}

func TestRowsThatAreNoIssuers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, row, want string }{
		{"nothing but digits", "4", "a row has"},
		{"no lengths", "4 firm", "a row has"},
		{"no grade", "4 16 19", "a row has"},
		{"a grade that is none", "4 sure 16", "a row has"},
		{"a grade in capitals", "4 FIRM 16", "a row has"},
		{"letters for digits", "4x firm 16", "reading a number"},
		{"a range without an end", "51- firm 16", "reading a number"},
		{"a range that goes back", "55-51 firm 16", "no span"},
		{"a range of two widths", "9-10 firm 16", "different lengths"},
		{"nought", "0 firm 16", "no span"},
		{"less than nought", "-4 firm 16", "reading a number"},
		{"a length that is too short", "4 firm 11", "12 to 19"},
		{"a length that is too long", "4 firm 20", "12 to 19"},
		{"a span of lengths that is too long", "4 firm 16-20", "12 to 19"},
		{"a length that is none", "4 firm x", "reading a number"},
		{"a comma between lengths", "4 firm 16,19", "reading a number"},
	} {
		_, err := readIssuers("a.txt", "[good]\n5 firm 16\n[a]\n# about it\n"+c.row)
		if err == nil || !strings.HasPrefix(err.Error(), "a.txt:5: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error on line 5 with %q", c.name, err, c.want)
		}
	}
	if _, err := readIssuers("a.txt", "4 firm 16"); err == nil || !strings.HasPrefix(err.Error(), "a.txt:1: ") {
		t.Errorf("a row of no network: %v", err)
	}
}

// TestNoTwoRowsSayTheSame: a row within another one of the same lengths and no more sure says nothing.
func TestNoTwoRowsSayTheSame(t *testing.T) {
	t.Parallel()
	width := func(n int) (w int) {
		for ; n > 0; n /= 10 {
			w++
		}
		return w
	}
	for i, a := range issuers {
		for k, b := range issuers {
			if i != k && width(a.low) == width(b.low) && a.low >= b.low && a.high <= b.high && a.lengths&^b.lengths == 0 && a.grade <= b.grade && (a != b || i < k) {
				t.Errorf("%+v lies within %+v", a, b)
			}
		}
	}
}

// TestWhatIsIssuedIsWithinItsLengths for every range, at its ends and beside them, in every length.
func TestWhatIsIssuedIsWithinItsLengths(t *testing.T) {
	t.Parallel()
	for _, r := range issuers {
		for _, prefix := range []int{r.low, r.high, (r.low + r.high) / 2} {
			for n := 8; n <= 24; n++ {
				d := numberOf(prefix, n)
				in := n <= longest && r.lengths&(1<<n) != 0
				got := Issued(d)
				if in && got < r.grade {
					t.Errorf("%v is of grade %d, its range says %d", d, got, r.grade)
				}
				if got != None && LengthsOf(d[0], d[1])&(1<<n) == 0 {
					t.Errorf("%v is issued, but its length is none of its first digits", d)
				}
				if (n < shortest || n > longest) && got != None {
					t.Errorf("%d digits are issued: %v", n, d)
				}
			}
		}
	}
}

// numberOf is a number of n digits that begins with a prefix; noughts follow.
func numberOf(prefix, n int) []byte {
	d := make([]byte, n)
	var front []byte
	for v := prefix; v > 0; v /= 10 {
		front = append([]byte{byte(v % 10)}, front...)
	}
	copy(d, front)
	return d
}

func TestMonthsAndYearsOfCards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		month, year int
		want        bool
	}{{1, 15, true}, {12, 50, true}, {12, 27, true}, {0, 27, false}, {13, 27, false}, {12, 14, false}, {12, 51, false}, {-1, 27, false}, {99, 99, false}} {
		if got := MonthYear(c.month, c.year); got != c.want {
			t.Errorf("%d/%d: %v", c.month, c.year, got)
		}
	}
}

func TestDaysOfSixDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"260503": true, "260100": false, "260132": false, "260001": false, "261301": false, "261231": true, "000101": true, "991231": true} {
		if got := Day(digits(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestAccountsOfEveryCountry: a number with the right check of each country is one, and none that differs in its check, its length or a letter.
func TestAccountsOfEveryCountry(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := 0; k+4 <= len(accounts); k += 4 {
		country, n := accounts[k:k+2], int(accounts[k+2]-'0')*10+int(accounts[k+3]-'0')
		if seen[country] || n < 15 || n > 34 {
			t.Errorf("%s is there twice, or its length %d is none of ISO 13616", country, n)
		}
		seen[country] = true
		rest := strings.Repeat("0123456789", 4)[:n-4]
		account := country + checkOf(country, rest) + rest
		if got := Account("x "+account+".", 2); got != 2+n {
			t.Errorf("%s ends at %d, want %d", account, got, 2+n)
		}
		grouped := ""
		for i := 0; i < n; i += 4 {
			grouped += account[i:min(n, i+4)] + " "
		}
		if got := Account(grouped, 0); got != len(strings.TrimSpace(grouped)) {
			t.Errorf("%q ends at %d", grouped, got)
		}
		wrong := []byte(account)
		wrong[3] = '0' + (wrong[3]-'0'+1)%10
		for name, other := range map[string]string{
			"another check":   string(wrong),
			"one digit less":  account[:n-1],
			"small letters":   strings.ToLower(account),
			"two spaces":      account[:4] + "  " + account[4:],
			"a point":         account[:4] + "." + account[4:],
			"another country": "ZZ" + account[2:],
		} {
			if got := Account(other, 0); got != 0 {
				t.Errorf("%s with %s, %q, ends at %d", country, name, other, got)
			}
		}
	}
}

// checkOf are the two check digits (ISO 7064 MOD 97-10).
func checkOf(country, rest string) string {
	n := 0
	for _, c := range rest + country + "00" {
		if c >= 'A' {
			n = (n*100 + int(c-'A') + 10) % 97
		} else {
			n = (n*10 + int(c-'0')) % 97
		}
	}
	n = 98 - n
	return string([]byte{byte('0' + n/10), byte('0' + n%10)})
}
