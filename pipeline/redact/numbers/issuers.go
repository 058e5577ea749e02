package numbers

import "slices"

// issuer is a range of card numbers: the first digits from low to high, in as many digits as they
// have, and the lengths in use.
type issuer struct {
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
type Lengths uint32

func of(ns ...int) (out Lengths) {
	for _, n := range ns {
		out |= 1 << n
	}
	return out
}

var longCard = of(16, 17, 18, 19)

// issuers are the ranges of ISO/IEC 7812 that card networks use, as they publish them.
var issuers = []issuer{
	{4, 4, of(16, 19), Firm},                       // Visa; Elo's, Verve's and others' within it
	{4, 4, of(13), Weak},                           // Visa, cards of before 2000
	{51, 55, of(16), Firm},                         // Mastercard
	{2221, 2720, of(16), Firm},                     // Mastercard
	{34, 34, of(15), Firm}, {37, 37, of(15), Firm}, // American Express
	{300, 305, of(14, 16, 19), Firm}, {3095, 3095, of(14, 16, 19), Firm}, {36, 36, of(14, 16, 19), Firm}, {38, 39, of(14, 16, 19), Firm}, // Diners Club
	{3528, 3589, longCard, Firm},                       // JCB
	{1800, 1800, of(15), Firm},                         // JCB, older
	{2131, 2131, of(15), Firm},                         // JCB, older
	{62, 62, longCard, Firm},                           // UnionPay
	{81, 81, longCard, Firm},                           // UnionPay
	{6011, 6011, longCard, Firm},                       // Discover
	{644, 649, longCard, Firm},                         // Discover
	{65, 65, longCard, Firm},                           // Discover, RuPay, Troy, Elo, Verve
	{2200, 2205, longCard, Firm},                       // Mir
	{60, 60, of(16), Firm},                             // RuPay, Hipercard
	{508, 508, of(16), Firm},                           // RuPay
	{82, 82, of(16), Firm},                             // RuPay
	{353, 353, of(16), Firm}, {356, 356, of(16), Firm}, // RuPay with JCB
	{9792, 9792, of(16), Firm},                             // Troy
	{5060, 5061, of(16, 18, 19), Firm},                     // Verve
	{5078, 5079, of(16, 18, 19), Firm},                     // Verve
	{6500, 6500, of(16, 18, 19), Firm},                     // Verve
	{5041, 5041, of(16), Firm},                             // Elo
	{5066, 5067, of(16), Firm},                             // Elo
	{509, 509, of(16), Firm},                               // Elo
	{6277, 6277, of(16), Firm}, {6362, 6363, of(16), Firm}, // Elo
	{6062, 6062, of(13, 16, 19), Firm},                     // Hipercard
	{3841, 3841, of(13, 16, 19), Firm},                     // Hipercard
	{637, 637, of(16), Firm},                               // Hiper
	{9860, 9860, of(16), Firm},                             // Humo
	{8600, 8600, of(16), Firm},                             // Uzcard
	{9704, 9704, of(16, 19), Firm},                         // Napas
	{6054, 6054, of(16), Firm}, {6034, 6034, of(16), Firm}, // private label cards
	{5018, 5018, maestro, Firm}, {5020, 5020, maestro, Firm}, {5038, 5038, maestro, Firm}, {5612, 5612, maestro, Firm}, {5893, 5893, maestro, Firm},
	{6304, 6304, maestro, Firm}, {6390, 6390, maestro, Firm}, {67, 67, maestro, Firm}, {604, 604, of(12), Firm}, {56, 58, longCard, Faint}, // Maestro
	{5019, 5019, of(16), Firm}, {4571, 4571, of(16), Firm}, // Dankort
	{6333, 6333, longCard, Firm}, {6334, 6334, longCard, Firm}, {6364, 6364, longCard, Firm}, // Solo, Switch, BC
	{636, 636, longCard, Firm}, // InterPayment and others
	{94, 94, of(16), Firm},     // BC Card
	{1, 1, of(15), Weak},       // UATP
	{90, 99, longCard, Faint},  // older cards of Chinese banks
}

var maestro = of(12, 13, 14, 15, 16, 17, 18, 19)

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
func Value(d []byte, n int) int {
	v := 0
	for _, c := range d[:n] {
		v = v*10 + int(c)
	}
	return v
}

// Luhn is the check of ISO/IEC 7812-1 annex B.
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
