package numbers

import (
	"fmt"
	"strings"
	"testing"
)

// digits makes digits of what a person reads; what is no digit parts them for the eye alone. X is ten.
func digits(s string) (out []byte) {
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			out = append(out, byte(c-'0'))
		case c == 'X':
			out = append(out, 10)
		}
	}
	return out
}

// TestIssued takes a number from the inside, and one from beyond either end, of each range that has neighbours.
func TestIssued(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		want         Grade
	}{
		{"Visa", "4000 0000 0000 0000", Firm},
		{"Visa of nineteen digits", "4999 9999 9999 9999 999", Firm},
		{"old Visa of thirteen", "4222 2222 2222 2", Weak},
		{"no Visa has fifteen", "4222 2222 2222 222", None},
		{"nor seventeen", "4222 2222 2222 2222 2", None},
		{"below Mastercard lies an Elo and no more", "5099 0000 0000 0000", Firm},
		{"50 of no network", "5000 0000 0000 0000", None},
		{"the first of Mastercard", "5100 0000 0000 0000", Firm},
		{"the last of Mastercard", "5599 9999 9999 9999", Firm},
		{"Mastercard of seventeen digits", "5500 0000 0000 0000 0", None},
		{"beyond it Maestro, of which a word must speak", "5600 0000 0000 0000", Faint},
		{"59 is nobody's", "5900 0000 0000 0000", None},
		{"below Mastercard's second range", "2220 9999 9999 9999", None},
		{"its first", "2221 0000 0000 0000", Firm},
		{"its last", "2720 9999 9999 9999", Firm},
		{"beyond it", "2721 0000 0000 0000", None},
		{"Mir", "2204 9999 9999 9999", Firm},
		{"beyond Mir", "2206 0000 0000 0000", None},
		{"American Express", "3400 000000 00000", Firm},
		{"American Express", "3799 999999 99999", Firm},
		{"35 of fifteen digits", "3500 000000 00000", None},
		{"American Express of sixteen digits", "3400 0000 0000 0000", None},
		{"Diners Club", "3000 000000 0000", Firm},
		{"Diners Club", "3059 999999 9999", Firm},
		{"beyond it", "3060 000000 0000", None},
		{"Diners Club", "3095 000000 0000", Firm},
		{"beside it", "3096 000000 0000", None},
		{"Diners Club of fifteen digits", "3600 000000 00000", None},
		{"below JCB", "3527 0000 0000 0000", None},
		{"the first of JCB", "3528 0000 0000 0000", Firm},
		{"the last of JCB", "3589 0000 0000 0000", Firm},
		{"beyond JCB", "3590 0000 0000 0000", None},
		{"old JCB", "1800 000000 00000", Firm},
		{"old JCB of sixteen digits", "1800 0000 0000 0000", None},
		{"old JCB", "2131 000000 00000", Firm},
		{"an air travel card, where no order speaks", "1000 000000 00000", Weak},
		{"UnionPay of seventeen", "6200 0000 0000 0000 0", Firm},
		{"UnionPay", "8199 9999 9999 9999", Firm},
		{"RuPay", "8200 0000 0000 0000", Firm},
		{"RuPay of seventeen", "8200 0000 0000 0000 0", None},
		{"Discover", "6011 0000 0000 0000", Firm},
		{"below its second range", "6439 0000 0000 0000", None},
		{"within it", "6440 0000 0000 0000", Firm},
		{"its last", "6499 0000 0000 0000", Firm},
		{"Maestro of twelve digits", "6759 0000 0000", Firm},
		{"Maestro of eleven", "6759 0000 000", None},
		{"Verve of eighteen", "5060 0000 0000 0000 00", Firm},
		{"Verve of seventeen", "5060 0000 0000 0000 0", None},
		{"Troy", "9792 0000 0000 0000", Firm},
		{"an old Chinese card beside it", "9793 0000 0000 0000", Faint},
		{"Humo", "9860 0000 0000 0000", Firm},
		{"Uzcard", "8600 0000 0000 0000", Firm},
		{"beside it", "8601 0000 0000 0000", None},
		{"Hipercard of thirteen digits", "6062 8200 0000 0", Firm},
		{"BC Card", "9400 0000 0000 0000", Firm},
		{"0 begins no card", "0000 0000 0000 0000", None},
		{"7 begins no card", "7000 0000 0000 0000", None},
		{"twenty digits are no card", "6200 0000 0000 0000 0000", None},
	} {
		d := digits(c.number)
		got := Issued(d)
		if got != c.want {
			t.Errorf("%s: %s is of grade %d, want %d", c.name, c.number, got, c.want)
		}
		if in := LengthsOf(d[0], d[1])&(1<<len(d)) != 0; got != None && !in {
			t.Errorf("%s: %s is issued, but %d digits are not among the lengths of its first two", c.name, c.number, len(d))
		}
	}
}

func TestLuhn(t *testing.T) {
	t.Parallel()
	for _, valid := range []string{"0", "18", "4111 1111 1111 1111", "5555 5555 5555 4444", "3782 822463 10005", "6200 0000 0000 0005", "6205 5000 0000 0000 004", "3056 930902 5904", "2200 0000 0000 0053"} {
		d := digits(valid)
		if !Luhn(d) {
			t.Errorf("%s does not pass", valid)
		}
		for i := range d { // no single digit may be another one
			for other := byte(1); other < 10; other++ {
				d[i] = (d[i] + other) % 10
				if Luhn(d) {
					t.Errorf("%s passes with digit %d changed by %d", valid, i, other)
				}
				d[i] = (d[i] + 10 - other) % 10
			}
		}
	}
	if Luhn(digits("1411 1111 1111 1111")) {
		t.Error("a 4 at another place passes")
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		want         bool
	}{
		{"with X as its check", "110105 19491231 002X", true},
		{"with a digit as its check", "440524 18800101 0014", false}, // a birthday before 1900
		{"another check digit", "110105 19491231 0021", false},
		{"two digits in the wrong order", "110150 19491231 002X", false},
		{"a province that is none", "160105 19491231 002X", false},
		{"month 13", "110105 19491331 002X", false},
		{"month 0", "110105 19490031 002X", false},
		{"day 32", "110105 19491232 002X", false},
		{"day 0", "110105 19491200 002X", false},
		{"the year 2100", "110105 21001231 002X", false},
	} {
		if got := Identity(digits(c.number)); got != c.want {
			t.Errorf("%s: %s = %v", c.name, c.number, got)
		}
	}
	// Of all eleven check characters one fits, whatever the number.
	for _, front := range []string{"11010519491231002", "31010119900307001", "65010120001001999", "91010119991231888", "11010520010228002"} {
		fits := 0
		for check := range byte(11) {
			if Identity(append(digits(front), check)) {
				fits++
			}
		}
		if fits != 1 {
			t.Errorf("%d check characters fit %s, want 1", fits, front)
		}
	}
}

// TestIdentityLooksAtEachPart with the check made to fit, so that nothing but the part that is wrong can refuse it.
func TestIdentityLooksAtEachPart(t *testing.T) {
	t.Parallel()
	checked := func(front string) (got bool) {
		for check := range byte(11) {
			got = got || Identity(append(digits(front), check))
		}
		return got
	}
	for _, c := range []struct {
		front string
		want  bool
	}{
		{"11010519491231002", true},
		{"10010519491231002", false},
		{"16010519491231002", false},
		{"71010519491231002", true},
		{"72010519491231002", false},
		{"81010519491231002", true},
		{"84010519491231002", false},
		{"91010519491231002", true},
		{"11010518991231002", false},
		{"11010519000101002", true},
		{"11010520991231002", true},
		{"11010521000101002", false},
		{"11010519490031002", false},
		{"11010519491331002", false},
		{"11010519491200002", false},
		{"11010519491232002", false},
	} {
		if got := checked(c.front); got != c.want {
			t.Errorf("%s with the check that fits = %v", c.front, got)
		}
	}
}

func TestOldIdentity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number string
		want   bool
	}{
		{"110105 491231 002", true},
		{"110105 200101 002", true},
		{"110105 191231 002", false}, // nobody born before 1920 has one
		{"110105 491331 002", false},
		{"110105 491232 002", false},
		{"160105 491231 002", false},
		{"110005 491231 002", false}, // no city 00
		{"117005 491231 002", true},
		{"117105 491231 002", false},
		{"119005 491231 002", true}, // counties that the province governs itself
		{"119105 491231 002", false},
	} {
		if got := OldIdentity(digits(c.number)); got != c.want {
			t.Errorf("%s = %v", c.number, got)
		}
	}
}

func TestDayAndMonthYear(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"261129": true, "260101": true, "261231": true, "260001": false, "261301": false, "260100": false, "260132": false, "000131": true} {
		if got := Day(digits(s)); got != want {
			t.Errorf("Day(%s) = %v", s, got)
		}
	}
	for _, c := range []struct {
		month, year int
		want        bool
	}{{1, 15, true}, {12, 50, true}, {0, 27, false}, {13, 27, false}, {6, 14, false}, {6, 51, false}} {
		if got := MonthYear(c.month, c.year); got != c.want {
			t.Errorf("MonthYear(%d, %d) = %v", c.month, c.year, got)
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"in one run", "DE89370400440532013000 please", "DE89370400440532013000"},
		{"in groups", "DE89 3704 0044 0532 0130 00 please", "DE89 3704 0044 0532 0130 00"},
		{"with dashes", "DE89-3704-0044-0532-0130-00", "DE89-3704-0044-0532-0130-00"},
		{"with letters", "GB82 WEST 1234 5698 7654 32.", "GB82 WEST 1234 5698 7654 32"},
		{"the shortest", "NO93 8601 1117 947", "NO93 8601 1117 947"},
		{"what follows is not its own", "NO938601111794712", "NO9386011117947"},
		{"with another check", "DE88370400440532013000", ""},
		{"two digits exchanged", "DE89370400440532010300", ""},
		{"one digit too few", "DE8937040044053201300", ""},
		{"a country without such numbers", "US89370400440532013000", ""},
		{"two blanks between groups", "DE89  3704 0044 0532 0130 00", ""},
		{"letters that are not capitals", "DE89 3704 0044 0532 013o 00", ""},
		{"nothing but the country", "DE", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.in[:Account(c.in, 0)]; got != c.want {
				t.Errorf("the account number is %q, want %q", got, c.want)
			}
		})
	}
}

// TestFormatsThatNeedNoDeclaration, and neighbours that are none of them.
func TestFormatsThatNeedNoDeclaration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		want         bool
	}{
		{"WeChat Pay", "4200001234202611291234567890", true},
		{"WeChat Pay with a day that is none", "4200001234202613291234567890", false},
		{"WeChat Pay, a digit short", "420000123420261129123456789", false},
		{"WeChat Pay, older", "10041234562026112912345678", true},
		{"a day and a counter", "20261129123456", true},
		{"a day and a short counter", "2026112912345", false},
		{"a day of another century", "18261129123456", false},
		{"the 32nd", "20261132123456", false},
		{"the 30th of the tenth", "20261030123456", true},
		{"a counter of time", "1993456789012345678", true},
		{"microseconds since 1970", "1732860000123456", true},
		{"of before 2017", "1432860000123456", false},
		{"a UUID", "123e4567-e89b-42d3-a456-426614174000", true},
		{"a UUID with a group too short", "123e4567-e89b-42d3-a45-426614174000", false},
		{"Amazon", "402-1234567-1234567", true},
		{"Amazon with other groups", "4021-123456-1234567", false},
		{"a SIM card", "8944110012345678901", true},
		{"a SIM card of another scheme", "8844110012345678901", false},
		{"an item of the post with its check digit", "9400110200881234567897", false},
		{"a card", "4111111111111111", false},
		{"nothing", "", false},
	} {
		if got := (Formats{}).Fit(c.number); got != c.want {
			t.Errorf("%s: Fit(%q) = %v", c.name, c.number, got)
		}
	}
	// Of the ten last digits of an item of the post one is its check.
	fits := 0
	for last := range 10 {
		if (Formats{}).Fit(fmt.Sprintf("940011020088123456789%d", last)) {
			fits++
		}
	}
	if fits != 1 {
		t.Errorf("%d items of the post fit, want one", fits)
	}
}

func TestDeclare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, pattern, refused string }{
		{"letters and digits", `TX\d{16}`, ""},
		{"the digits that one's own numbers begin with", `45\d{14}`, ""},
		{"alternatives", `TX\d{8}|SO\d{10}`, ""},
		{"a part that may be missing", `TX\d{8}(-\d{2})?`, ""},
		{"as short as may be", `\d{8}`, ""},
		{"shorter", `\d{7}`, "fits numbers of 7 characters"},
		{"short without the part that may be missing", `\d{4}(\d{8})?`, "fits numbers of 4 characters"},
		{"as long as may be", `TX\d{62}`, ""},
		{"longer", `TX\d{63}`, "more than 64 characters"},
		{"without end", `TX\d+`, "without end"},
		{"without end, with none of it", `TX\d{8}\d*`, "without end"},
		{"repeated for ever", `(TX\d{8}){2,}`, "without end"},
		{"one of several alternatives without end", `TX\d{8}|\d+`, "without end"},
		{"everything", `.{8,64}`, "card numbers of"},
		{"cards of all networks", `\d{16}`, "Visa, Mastercard"},
		{"alternatives of which one fits cards", `TX\d{16}|[2-6]\d{15}`, "card numbers of"},
		{"cards of one network alone: a shop may begin its numbers so", `4\d{15}`, ""},
		{"none", `TX[`, "parsing"},
		{"empty", ``, "1 to 200 bytes"},
		{"too long", strings.Repeat("a", 201), "1 to 200 bytes"},
		{"characters of several bytes are counted as such", `订单\d{8}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Declare([]string{c.pattern})
			switch {
			case c.refused == "" && err != nil:
				t.Errorf("%q is refused: %v", c.pattern, err)
			case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
				t.Errorf("%q: the error is %v, want one that says %q", c.pattern, err, c.refused)
			}
		})
	}
	many := make([]string, maxFormats+1)
	for i := range many {
		many[i] = fmt.Sprintf(`TX%02d\d{8}`, i)
	}
	if _, err := Declare(many[:maxFormats]); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	if _, err := Declare(many); err == nil {
		t.Error("one more is taken")
	}
}

// TestADeclaredFormatFitsTheWholeNumber and nothing beside it.
func TestADeclaredFormatFitsTheWholeNumber(t *testing.T) {
	t.Parallel()
	f, err := Declare([]string{`TX\d{8}(?:-\d{2})?`, `订单\d{8}`})
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]bool{
		"TX12345678": true, "TX12345678-12": true, "订单12345678": true,
		"xTX12345678": false, "TX123456789": false, "TX12345678-1": false, "TX1234567": false, "tx12345678": false, "订单1234567": false, "": false,
	} {
		if got := f.Fit(number); got != want {
			t.Errorf("Fit(%q) = %v", number, got)
		}
	}
}
