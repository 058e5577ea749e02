package redact

// issuer is a range of card numbers: the first digits from low to high, in as many digits as they
// have, and the lengths in use.
type issuer struct {
	low, high int
	lengths   lengths
	grade     grade
}

// grade says how much a fitting number says by itself.
type grade uint8

const (
	none  grade = iota
	faint       // only a word for cards makes it one: the range is wide and hardly used
	weak        // a word for orders protects it
	firm        // it is a card wherever it stands
)

// lengths is a set of lengths, one bit each.
type lengths uint32

func of(ns ...int) (out lengths) {
	for _, n := range ns {
		out |= 1 << n
	}
	return out
}

var longCard = of(16, 17, 18, 19)

// issuers are the ranges of ISO/IEC 7812 that card networks use, as they publish them.
var issuers = []issuer{
	{4, 4, of(16, 19), firm},                       // Visa; Elo's, Verve's and others' within it
	{4, 4, of(13), weak},                           // Visa, cards of before 2000
	{51, 55, of(16), firm},                         // Mastercard
	{2221, 2720, of(16), firm},                     // Mastercard
	{34, 34, of(15), firm}, {37, 37, of(15), firm}, // American Express
	{300, 305, of(14, 16, 19), firm}, {3095, 3095, of(14, 16, 19), firm}, {36, 36, of(14, 16, 19), firm}, {38, 39, of(14, 16, 19), firm}, // Diners Club
	{3528, 3589, longCard, firm},                       // JCB
	{1800, 1800, of(15), firm},                         // JCB, older
	{2131, 2131, of(15), firm},                         // JCB, older
	{62, 62, longCard, firm},                           // UnionPay
	{81, 81, longCard, firm},                           // UnionPay
	{6011, 6011, longCard, firm},                       // Discover
	{644, 649, longCard, firm},                         // Discover
	{65, 65, longCard, firm},                           // Discover, RuPay, Troy, Elo, Verve
	{2200, 2205, longCard, firm},                       // Mir
	{60, 60, of(16), firm},                             // RuPay, Hipercard
	{508, 508, of(16), firm},                           // RuPay
	{82, 82, of(16), firm},                             // RuPay
	{353, 353, of(16), firm}, {356, 356, of(16), firm}, // RuPay with JCB
	{9792, 9792, of(16), firm},                             // Troy
	{5060, 5061, of(16, 18, 19), firm},                     // Verve
	{5078, 5079, of(16, 18, 19), firm},                     // Verve
	{6500, 6500, of(16, 18, 19), firm},                     // Verve
	{5041, 5041, of(16), firm},                             // Elo
	{5066, 5067, of(16), firm},                             // Elo
	{509, 509, of(16), firm},                               // Elo
	{6277, 6277, of(16), firm}, {6362, 6363, of(16), firm}, // Elo
	{6062, 6062, of(13, 16, 19), firm},                     // Hipercard
	{3841, 3841, of(13, 16, 19), firm},                     // Hipercard
	{637, 637, of(16), firm},                               // Hiper
	{9860, 9860, of(16), firm},                             // Humo
	{8600, 8600, of(16), firm},                             // Uzcard
	{9704, 9704, of(16, 19), firm},                         // Napas
	{6054, 6054, of(16), firm}, {6034, 6034, of(16), firm}, // private label cards
	{5018, 5018, maestro, firm}, {5020, 5020, maestro, firm}, {5038, 5038, maestro, firm}, {5612, 5612, maestro, firm}, {5893, 5893, maestro, firm},
	{6304, 6304, maestro, firm}, {6390, 6390, maestro, firm}, {67, 67, maestro, firm}, {604, 604, of(12), firm}, {56, 58, longCard, faint}, // Maestro
	{5019, 5019, of(16), firm}, {4571, 4571, of(16), firm}, // Dankort
	{6333, 6333, longCard, firm}, {6334, 6334, longCard, firm}, {6364, 6364, longCard, firm}, // Solo, Switch, BC
	{636, 636, longCard, firm}, // InterPayment and others
	{94, 94, of(16), firm},     // BC Card
	{1, 1, of(15), weak},       // UATP
	{90, 99, longCard, faint},  // older cards of Chinese banks
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

// lengthsOf are the lengths in use by the first two digits.
var lengthsOf = func() (t [100]lengths) {
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

// issued tells how well d fits a range: none when no card network issues numbers of that prefix and
// length.
func issued(d []byte) grade {
	best := none
	for _, r := range issuersOf[d[0]] {
		if r.lengths&(1<<len(d)) == 0 || r.grade <= best {
			continue
		}
		width := 1
		for v := r.low; v >= 10; v /= 10 {
			width++
		}
		if v := value(d, width); v >= r.low && v <= r.high {
			best = r.grade
		}
	}
	return best
}

// value is the number that the first n digits make.
func value(d []byte, n int) int {
	v := 0
	for _, c := range d[:n] {
		v = v*10 + int(c)
	}
	return v
}
