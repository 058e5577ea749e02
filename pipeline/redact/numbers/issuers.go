package numbers

import (
	_ "embed" // the ranges
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/pipeline/words"
)

// issuer is a range of card numbers: the first digits from low to high, in as many digits as they
// have, and the lengths in use.
type issuer struct {
	// lengths are those in use within the range, grade how sure a number of it is.
	low, high int
	lengths   Lengths
	grade     Grade
}

// Grade says how much a fitting number says by itself.
type Grade uint8

// The grades.
const (
	None  Grade = iota // no network issues such numbers
	Faint              // only a word for cards makes it one: the range is wide and hardly used
	Weak               // a word for orders protects it
	Firm               // it is a card wherever it stands
)

// Lengths is a set of lengths, one bit each.
// Bit n stands for n digits.
type Lengths uint32

//go:embed issuers.txt
var issuerFile string

// issuers are the ranges of ISO/IEC 7812 that card networks use, as the file has them.
var issuers = mustReadIssuers("redact/numbers/issuers.txt", issuerFile)

// mustReadIssuers ends the program for a file that cannot be read: it is part of it, and a test finds that first.
func mustReadIssuers(file, text string) []issuer {
	out, err := readIssuers(file, text)
	if err != nil {
		panic(err)
	}
	return out
}

// readIssuers reads the rows of a file: "2221-2720 firm 16", "4 weak 13", "62 firm 16-19".
// A network is a list of the file; its name is for people. To add a range, add a row there: Go needs no change.
func readIssuers(file, text string) ([]issuer, error) {
	lists, err := words.ReadLists(file, text)
	if err != nil {
		return nil, err
	}
	var out []issuer
	for _, network := range lists.Names() {
		if err := lists.Each(network, func(row string) error {
			r, err := readIssuer(strings.Fields(row))
			out = append(out, r)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// grades are the words for them in the file.
var grades = map[string]Grade{"firm": Firm, "weak": Weak, "faint": Faint}

// readIssuer reads one row and checks what would else fail silently.
func readIssuer(fields []string) (r issuer, err error) {
	if len(fields) < 3 || grades[fields[1]] == None {
		return r, errors.New("a row has the first digits, firm, weak or faint, and the lengths")
	}
	r.grade = grades[fields[1]]
	if r.low, r.high, err = span(fields[0]); err != nil {
		return r, err
	}
	if len(strconv.Itoa(r.low)) != len(strconv.Itoa(r.high)) {
		return r, errors.New("the first digits from and to are of different lengths")
	}
	for _, f := range fields[2:] {
		least, most, err := span(f)
		if err != nil {
			return r, err
		}
		if least < shortest || most > longest {
			return r, fmt.Errorf("a card has %d to %d digits", shortest, longest)
		}
		for n := least; n <= most; n++ {
			r.lengths |= 1 << n
		}
	}
	return r, nil
}

// Lengths of the numbers of cards (ISO/IEC 7812-1; Maestro has some of twelve digits).
const shortest, longest = 12, 19

// span reads "62" and "51-55".
func span(text string) (from, to int, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if from, err = strconv.Atoi(first); err != nil {
		return 0, 0, fmt.Errorf("reading a number: %w", err)
	}
	if to = from; ranged {
		if to, err = strconv.Atoi(last); err != nil {
			return 0, 0, fmt.Errorf("reading a number: %w", err)
		}
	}
	if from < 1 || to < from {
		return 0, 0, fmt.Errorf("%s is no span of numbers", text)
	}
	return from, to, nil
}

// issuersOf are the ranges by their first digit.
var issuersOf = func() (t [10][]issuer) {
	for _, r := range issuers {
		first := r.low
		for first >= 10 {
			first /= 10
		}
		t[first] = append(t[first], r)
	}
	return t
}()

// LengthsOf are the lengths in use of numbers that begin with those two digits.
func LengthsOf(first, second byte) Lengths { return lengthsOf[int(first)*10+int(second)] }

// lengthsOf are the lengths in use by the first two digits.
var lengthsOf = func() (t [100]Lengths) {
	for _, r := range issuers {
		low, high := r.low, r.high
		for low >= 100 {
			low, high = low/10, high/10
		}
		if low < 10 {
			low, high = low*10, high*10+9
		}
		for p := low; p <= high; p++ {
			t[p] |= r.lengths
		}
	}
	return t
}()

// Issued tells how well d fits a range: None when no card network issues numbers of that prefix and
// length.
// d has 12 digits at least. The best grade of all fitting ranges counts.
func Issued(d []byte) Grade {
	best := None
	for _, r := range issuersOf[d[0]] {
		if r.lengths&(1<<len(d)) == 0 || r.grade <= best {
			continue
		}
		width := 1
		for v := r.low; v >= 10; v /= 10 {
			width++
		}
		if v := Value(d, width); v >= r.low && v <= r.high {
			best = r.grade
		}
	}
	return best
}

// Value is the number that the first n digits make.
// n is at most 18, so it fits an int.
func Value(d []byte, n int) int {
	v := 0
	for _, c := range d[:n] {
		v = v*10 + int(c)
	}
	return v
}

// Luhn is the check of ISO/IEC 7812-1 annex B.
// d has the check digit at its end. It finds every single wrong digit and most swapped neighbours; one number in ten passes by chance.
func Luhn(d []byte) bool {
	sum, double := 0, false
	for _, v := range slices.Backward(d) {
		v := int(v)
		if double {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum, double = sum+v, !double
	}
	return sum%10 == 0
}
