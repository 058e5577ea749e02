package redact

import (
	"strings"
	"testing"

	"frontdesk/pipeline/redact/fold"
)

func TestCheckCharactersOfIdentityNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"X": 1, "x": 1, "Ｘ": 3, "ｘ": 3, "×": 2, " X": 2, "-x": 2, " Ｘ": 0, "  X": 0, "Y": 0, "": 0, " ": 0, "*": 0} {
		if got := crossAt(in, 0); got != want {
			t.Errorf("%q is a check of %d bytes, want %d", in, got, want)
		}
	}
}

// TestIdentityNumbersInEveryForm: of eighteen and of fifteen digits, in groups of people, with each check character.
func TestIdentityNumbersInEveryForm(t *testing.T) {
	t.Parallel()
	for _, c := range []maskedAs{
		{"one run", "110101199003077571", "•••• 7571"},
		{"province, birthday, rest", "110101 19900307 7571", "•••• 7571"},
		{"groups of six", "110101 199003 077571", "•••• 7571"},
		{"dashes", "110101-19900307-7571", "•••• 7571"},
		{"digits apart", "1 1 0 1 0 1 1 9 9 0 0 3 0 7 7 5 7 1", "•••• 7571"},
		{"a line in its middle", "110101\n199003077571", "•••• 7571"},
		{"X", "11010519491231002X", "•••• 002X"},
		{"a small x", "11010519491231002x", "•••• 002X"},
		{"X apart", "11010519491231002 X", "•••• 002X"},
		{"a cross", "11010519491231002×", "•••• 002X"},
		{"full width", "１１０１０１１９９００３０７７５７１", "•••• 7571"},
		{"Arabic digits", "١١٠١٠١١٩٩٠٠٣٠٧٧٥٧١", "•••• 7571"},
		{"Chinese digits", "一一零一零一一九九零零三零七七五七一", "•••• 七五七一"},
		{"behind its word", "身份证号码：110101199003077571。", "身份证号码：•••• 7571。"},
		{"in an order's sentence", "订单用的身份证110101199003077571", "订单用的身份证•••• 7571"},
		{"between letters", "id110101199003077571x", "id•••• 7571x"},
		{"two", "110101199003077571和11010519491231002X", "•••• 7571和•••• 002X"},
		{"of fifteen digits", "身份证110101900307757", "身份证•••• 7757"},
		{"of fifteen digits in an order", "订单110101900307757", ""},
		{"seventeen digits", "11010119900307757", ""},
		{"nineteen", "1101011990030775711", ""},
		{"a wrong check", "110101199003077570", ""},
		{"X where a digit belongs", "11010119900307757X", ""},
		{"a digit where X belongs", "110105194912310021", ""},
		{"a province that is none", "190101199003077571", ""},
		{"month 13", "110101199013077571", ""},
		{"day 32", "110101199003327571", ""},
		{"a year of two thousand years ago", "110101000003077571", ""},
		{"a date and a number", "19900307 110101", ""},
		{"with a point in it", "110101199003.077571", "•••• 7571"},
	} {
		want := c.want
		if want == "" {
			want = c.in
		}
		if got, _ := Text(c.in); got != want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.in, got, want)
		}
	}
}

func TestCardsWithinLongerRuns(t *testing.T) {
	t.Parallel()
	for _, c := range []maskedAs{
		{"a date behind it", "41111111111111111227", "•••• 1111"},
		{"a date and a value behind it", "41111111111111111227123", "•••• 1111"},
		{"a card behind it", "41111111111111115500000000000004", "•••• 1111"},
		{"digits before it", "994111111111111111", "•••• 1111"},
		{"an order's number that begins like one", "order 41111111111111119", ""},
		{"a card's word before it", "card 41111111111111119", "card •••• 1111"},
		{"an order's number with a date behind", "order 41111111111111111227", "order •••• 1111"},
		{"a number that begins with its day", "2026050341111111111111111", ""},
		{"thirteen digits", "4111111111111", ""},
		{"a run of a card's digits alone", "4444444444444444", ""},
		{"hundred digits", strings.Repeat("7", 100), ""},
		{"hundred digits and a card", strings.Repeat("7", 100) + "4111111111111111", "•••• 1111"},
		{"a card and hundred digits", "4111111111111111" + strings.Repeat("7", 100), "•••• 1111"},
	} {
		want := c.want
		if want == "" {
			want = c.in
		}
		if got, _ := Text("x " + c.in + " y"); got != "x "+want+" y" {
			t.Errorf("%s: %q became %q, want %q", c.name, c.in, got, want)
		}
	}
}

func TestNamesThatAreAlikeAreKeptApart(t *testing.T) {
	t.Parallel()
	var a alikeNames
	fields := map[string]string{"x": "1"}
	for _, want := range []string{"x_", "x_3", "x_4"} {
		got := a.free("x", fields)
		if got != want {
			t.Errorf("the next of x is %q, want %q", got, want)
		}
		fields[got] = "2"
	}
	if got := a.free("y", fields); got != "y" {
		t.Errorf("a name that is free becomes %q", got)
	}
}

// TestMasksGrowNoText without end: what a mask hides is at least as long as half of it, and a huge text stays within its size.
func TestMasksGrowNoText(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"cards":            "4111111111111111 ",
		"values":           "cvv 123 ",
		"codes":            "code 4930 ",
		"passwords":        "password: abc ",
		"identity numbers": "110101199003077571 ",
		"words":            "退款 refund ",
		"digits":           "1 2 3 ",
		"bullets":          "•••• ",
		"marks":            "\u200b4\u200b1",
		"escapes":          "&#52;",
	} {
		text := strings.Repeat(unit, 3000)
		got, found := Text(text)
		if len(got) > 4*len(text) {
			t.Errorf("%s: %d bytes become %d", name, len(text), len(got))
		}
		if sum := 0; len(found) > 0 {
			for _, f := range found {
				sum += f.Count
			}
			if sum > 3000 {
				t.Errorf("%s: %d are found in 3000", name, sum)
			}
		}
	}
}

// TestAFoldedTextIsMaskedInTheOriginal: where each byte came from decides what goes.
func TestAFoldedTextIsMaskedInTheOriginal(t *testing.T) {
	t.Parallel()
	for _, c := range []maskedAs{
		{"full width", "前４１１１１１１１１１１１１１１１后", "前•••• 1111后"},
		{"marks between", "前4\u200b1\u200b1\u200b1\u200b1111\u200b1111\u200b1111后", "前•••• 1111后"},
		{"an accent before", "é4111111111111111", "é•••• 1111"},
		{"a ligature behind", "4111111111111111ﬁ", "•••• 1111ﬁ"},
		{"a reference before", "&eacute;4111111111111111", "&eacute;•••• 1111"},
		{"references within", "4111&#49;&#49;&#49;&#49;11111111", "•••• 1111"},
		{"a soft line break", "4111=\n111111111111", "•••• 1111"},
		{"a code of full width", "验证码：４９３０２１，请", "验证码：••••••，请"},
		{"a value in a circle", "cvv ①②③ ok", "cvv ••• ok"},
		{"a password behind accents", "contraseña: Kx7pq2 é", "contraseña: •••••••• é"},
	} {
		if got, _ := Text(c.in); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.in, got, c.want)
		}
		x := scanner{Folded: fold.Text(c.in), s: fold.Text(c.in).Text, src: c.in}
		x.run()
		if x.out == nil {
			t.Errorf("%s: nothing is found in its folded form", c.name)
		}
	}
}
