package fold

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestEveryDecimalDigitOfUnicode is a digit, and what stands beside its row is none.
func TestEveryDecimalDigitOfUnicode(t *testing.T) {
	t.Parallel()
	n := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		d, ok := decimal(r)
		if ok != unicode.Is(unicode.Nd, r) {
			t.Fatalf("%U is a digit: %v", r, ok)
		}
		if !ok {
			continue
		}
		n++
		if zero := r - rune(d); !unicode.Is(unicode.Nd, zero) || d < 0 || d > 9 {
			t.Errorf("%U is %d", r, d)
		}
		if got := Text("x" + string(r) + "y").Text; got != fmt.Sprintf("x%dy", d) {
			t.Errorf("%U is folded to %q, want %d", r, got, d)
		}
	}
	if n < 600 {
		t.Errorf("%d digits", n)
	}
}

// TestEveryLatinLetterOfUnicode that is one with a mark, or a form of one, is that letter.
func TestEveryLatinLetterOfUnicode(t *testing.T) {
	t.Parallel()
	n := 0
	for r := rune(0x80); r <= 0x1ffff; r++ {
		plain := norm.NFKD.String(string(r))
		base, _ := utf8.DecodeRuneInString(plain)
		if !unicode.IsLetter(r) || base >= utf8.RuneSelf || !unicode.IsLetter(base) || strings.ContainsFunc(plain, func(c rune) bool { return c == 'ʼ' || c == '·' }) {
			continue
		}
		n++
		got := Text("4" + string(r)).Text
		if len(got) < 2 || got[0] != '4' || !strings.EqualFold(got[1:2], string(base)) {
			t.Errorf("%U %c, which is %q, is folded to %q", r, r, plain, got)
		}
	}
	if n < 900 {
		t.Errorf("%d letters", n)
	}
}

// TestScriptsThatStay: no letter of these is changed, so that their words are still found.
func TestScriptsThatStay(t *testing.T) {
	t.Parallel()
	for name, span := range map[string][2]rune{
		"Greek":                      {0x391, 0x3c9},
		"Cyrillic":                   {0x400, 0x45f},
		"Hiragana":                   {0x3041, 0x3096},
		"Katakana":                   {0x30a1, 0x30fa},
		"Chinese":                    {0x4e00, 0x9fff},
		"Chinese, extension A":       {0x3400, 0x4dbf},
		"Hangul":                     {0xac00, 0xd7a3},
		"signs of full width":        {0xff01, 0xff0f},
		"dashes and quotation marks": {0x2010, 0x2027},
		"Chinese marks":              {0x3001, 0x3006},
	} {
		for r := span[0]; r <= span[1]; r++ {
			if unicode.Is(unicode.Cn, r) || !unicode.IsPrint(r) || name == "Chinese" && hanDigit(r) >= 0 {
				continue
			}
			if got := Text(string(r)).Text; got != string(r) {
				t.Errorf("%s: %U %c is folded to %q", name, r, r, got)
			}
			if _, needed := Needed(string(r), 0); needed {
				t.Errorf("%s: %U %c asks for a folded text", name, r, r)
			}
		}
	}
}

// TestWhatNobodySees leaves nothing behind a digit, wherever it stands in Unicode.
func TestWhatNobodySees(t *testing.T) {
	t.Parallel()
	n := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r <= 0xdfff || !unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			continue
		}
		if got := Text("4" + string(r) + "1").Text; got != "41" && r > 0x483 && !(r >= 0x600 && r <= 0x605) {
			t.Errorf("%U leaves %q", r, got)
		}
		n++
	}
	if n < 300 {
		t.Errorf("%d characters", n)
	}
}

// TestATextThatAsksForNothingIsItsOwnFold, but for blanks.
func TestATextThatAsksForNothingIsItsOwnFold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"I paid 200 for order TP0012.",
		"我昨天付了200元，订单TP0012。",
		"我昨天付了200元，訂單TP0012。",
		"カードの番号は 4111 です",
		"카드 번호는 4111 입니다",
		"мой заказ 4111",
		"ο αριθμός 4111",
		"הזמנה 4111",
		"طلب 4111",
		"คำสั่งซื้อ 4111",
		"50% off & more = fun",
		"a=b, c\\d, 10%",
		"“quoted” – and more…",
		"🙏 4111 👍",
		"",
	} {
		needed := false
		for i := 0; i < len(text); {
			n, yes := Needed(text, i)
			if n < 1 {
				t.Fatalf("%q at %d is %d bytes long", text, i, n)
			}
			needed, i = needed || yes, i+n
		}
		if got := Text(text).Text; !needed && strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") && !strings.ContainsFunc(text, unicode.IsMark) {
			t.Errorf("%q asks for nothing, and is folded to %q", text, got)
		}
	}
}

func TestReferencesAndTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		r        rune
		n        int
	}{
		{"a decimal one", "&#52;", '4', 5},
		{"without its end", "&#52 ", '4', 4},
		{"with noughts", "&#0052;", '4', 7},
		{"a hexadecimal one", "&#x34;", '4', 6},
		{"in capitals", "&#X34;", '4', 6},
		{"of a letter", "&#97;", 'a', 5},
		{"of a character of Chinese", "&#x5361;", '卡', 8},
		{"of a control character", "&#9;", 0, 0},
		{"of nothing", "&#;", 0, 0},
		{"of letters", "&#ab;", 0, 0},
		{"beyond Unicode", "&#x110000;", 0, 0},
		{"an escaped one", "&amp;#52;", '4', 9},
		{"an escaped one of nothing", "&amp;#;", 0, 0},
		{"an ampersand", "&", 0, 0},
		{"an escaped ampersand", "&amp;", 0, 0},
		{"a blank", "&nbsp;", ' ', 6},
		{"a byte of a URL", "%34", '4', 3},
		{"a letter of a URL", "%41", 'A', 3},
		{"a control character of a URL", "%0a", 0, 0},
		{"a byte of a URL that is no ASCII", "%e5", 0, 0},
		{"half a byte", "%3", 0, 0},
		{"a per cent sign", "% 34", 0, 0},
		{"quoted-printable", "=34", '4', 3},
		{"quoted-printable before another", "=34=35", '4', 3},
		{"quoted-printable of a letter", "=41", 0, 0},
		{"an equals sign before digits that go on", "=3456", 0, 0},
		{"a soft line break", "=\r\n", 0, 3},
		{"a soft line break of Unix", "=\n", 0, 2},
		{"a carriage return alone", "=\r", 0, 0},
		{"JSON", `\u0034`, '4', 6},
		{"JSON of Chinese", `\u5361`, '卡', 6},
		{"JSON of a control character", `\u0001`, 0, 0},
		{"JSON cut off", `\u003`, 0, 0},
		{"a byte of a program", `\x34`, '4', 4},
		{"a byte of a program that is no ASCII", `\xff`, 0, 0},
		{"a backslash", `\`, 0, 0},
		{"a letter", "a", 0, 0},
	} {
		if r, n := escaped(c.in, 0); r != c.r || n != c.n {
			t.Errorf("%s: %q is %q of %d bytes, want %q of %d", c.name, c.in, r, n, c.r, c.n)
		}
	}
	for _, in := range []string{`1\n2`, `1\t2`, `1\r2`} {
		if r, n := escaped(in, 1); r != ' ' || n != 2 {
			t.Errorf("between digits %q is %q of %d bytes", in, r, n)
		}
	}
}
