package fold

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"ASCII stays", "card 4111-1111, pin: 9!", "card 4111-1111, pin: 9!"},
		{"Chinese stays", "我的卡号是", "我的卡号是"},
		{"Japanese, Korean, Cyrillic and Greek stay", "カード 카드 карта κάρτα", "カード 카드 карта κάρτα"},
		{"full-width digits", "４１１１", "4111"},
		{"full-width letters", "ＣＶＶ", "CVV"},
		{"full-width punctuation stays", "卡号：４１１１，", "卡号：4111，"},
		{"Arabic-Indic digits", "٤١١١", "4111"},
		{"Persian digits", "۴۱۱۱", "4111"},
		{"Devanagari digits", "४१११", "4111"},
		{"Thai digits", "๔๑๑๑", "4111"},
		{"bold digits of mathematics", "𝟒𝟏𝟏𝟏", "4111"},
		{"digits with a dot", "⒋⒈", "41"},
		{"digits in a circle", "④①①①", "4111"},
		{"digits in a black circle", "❹❶", "41"},
		{"numbers of two digits in a circle", "⑩⑫", "1012"},
		{"numbers of two digits in a black circle", "⓫⓴", "1120"},
		{"nought in a circle", "⓪⓿", "00"},
		{"raised and lowered digits", "4²₁", "421"},
		{"counting rods", "𝍠𝍡", "12"},
		{"numerals of Suzhou", "〡〢〩", "129"},
		{"the key with a ten", "🔟", "10"},
		{"digits that are keys", "4\ufe0f\u20e31\ufe0f\u20e3", "41"},
		{"a fraction is no digit", "½", "½"},
		{"accents go", "contraseña Ünïcode", "contrasena Unicode"},
		{"accents that stand by themselves go", "e\u0301", "e"},
		{"letters that no decomposition knows", "łøđıß ŁØĐ", "lodiss lod"},
		{"a stroke through each digit", "4\u03361\u0336", "41"},
		{"a zero-width space", "4\u200b1", "41"},
		{"joiners, marks of direction, soft hyphen", "4\u200c1\u200d1\u200e1\u00ad", "4111"},
		{"a byte order mark", "\ufeff4", "4"},
		{"fillers of Korean", "4\u31641\uffa0", "41"},
		{"selectors of a variant", "4\ufe0e1\U000e0100", "41"},
		{"a mark of a vowel", "4\u093e1", "41"},
		{"blanks of any width", "4\u00a01\u20031\u30001", "4 1 1 1"},
		{"an empty pattern of Braille", "4\u28001", "4 1"},
		{"separators of lines", "4\u20281\u0085", "4 1 "},
		{"dashes stay", "4–1—1", "4–1—1"},
		{"a decimal reference", "&#52;&#49;", "41"},
		{"without its semicolon", "&#52 &#49", "4 1"},
		{"a hexadecimal reference", "&#x34;&#X31;", "41"},
		{"a reference to a reference", "&amp;#52;", "4"},
		{"a reference to a Chinese character", "&#21345;", "卡"},
		{"a reference to a control character stays", "&#7;", "&#7;"},
		{"one beyond Unicode stays", "&#1114112;", "&#1114112;"},
		{"one of nothing stays", "&#;", "&#;"},
		{"a named no-break space", "4&nbsp;1", "4 1"},
		{"another named one stays", "4&eacute;1", "4&eacute;1"},
		{"of a URL", "%34%31", "41"},
		{"a per cent sign stays", "10% of 34", "10% of 34"},
		{"a control character of a URL stays", "%0A", "%0A"},
		{"quoted-printable digits", "=34=31", "41"},
		{"the first and the last of them", "=30=39", "09"},
		{"what comes before and behind them stays", "=2F=3A", "=2F=3A"},
		{"one quoted-printable digit beside a letter is none", "a=34b", "a=34b"},
		{"a soft line break", "41=\r\n11=\n1", "41111"},
		{"JSON", `\u0034\u0031`, "41"},
		{"of a string in a program", `\x34\x31`, "41"},
		{"a line feed of JSON between digits", `4\n1`, "4 1"},
		{"not between others", `a\n1`, `a\n1`},
		{"a blank of a program's string", `4\x201`, "4 1"},
		{"what is no hexadecimal number stays", `\uzzzz \xzz`, `\uzzzz \xzz`},
		{"the last letter of Korean and of Cyrillic's rows stays", "\ud7a3\u048a\u30ff", "\ud7a3\u048a\u30ff"},
		{"half a reference stays", `\u00`, `\u00`},
		{"broken UTF-8 stays", "4\xff1", "4\xff1"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Text(c.in).Text); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// TestWhereEachByteCameFrom: what is masked in the folded text must be masked in the original, whole.
func TestWhereEachByteCameFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, find, want string }{
		{"x 4111 y", "4111", "4111"},
		{"x ４１１１ y", "4111", "４１１１"},
		{"x 4\u200b111 y", "4111", "4\u200b111"},
		{"x &#52;111; y", "4111", "&#52;111"},
		{"卡 ④①①① 完", "4111", "④①①①"},
		{"x ⑫ y", "12", "⑫"},
		{"x ⑫ y", "2", "⑫"},
		{"a=34=31=31=31z", "4111", "=34=31=31=31"},
		{"x 41=\n11 y", "4111", "41=\n11"},
		{"Straße 4", "ss", "ß"},
		{"x 卡 y", "卡", "卡"},
		{"x &#21345; y", "卡", "&#21345;"},
	} {
		f := Text(c.in)
		i := strings.Index(f.Text, c.find)
		if i < 0 {
			t.Errorf("%q is not in %q", c.find, f.Text)
			continue
		}
		if got := c.in[f.Start(i):f.End(i+len(c.find))]; got != c.want {
			t.Errorf("%q of %q stands for %q, want %q", c.find, f.Text, got, c.want)
		}
	}
	same := Original("４１")
	if !same.Untouched() || same.Start(3) != 3 || same.End(6) != 6 {
		t.Error("a text as it came does not stand for itself")
	}
	if folded := Text("41"); folded.Untouched() {
		t.Error("a folded text says that it is the original")
	}
}

// TestNeeded: a text is folded only where something in it is in disguise; most are not.
func TestNeeded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, before, at string
		want             bool
	}{
		{"a full-width digit", "", "４", true},
		{"a letter with an accent", "", "é", true},
		{"a Chinese character", "", "卡", false},
		{"an Arabic letter", "", "ع", false},
		{"a Chinese comma", "4", "，", false},
		{"a zero-width space behind a digit", "4", "\u200b", true},
		{"behind a letter", "a", "\u200b", true},
		{"behind a blank it hides nothing", " ", "\u200b", false},
		{"at the beginning neither", "", "\u200b", false},
		{"what shows the rest in reverse, anywhere", " ", "\u202e", true},
		{"a no-break space", "4", "\u00a0", false},
		{"a wide blank", "4", "\u3000", false},
		{"a thin one", "4", "\u2009", false},
		{"the empty pattern of Braille", "4", "\u2800", true},
		{"a reference to a digit", "", "&#52;", true},
		{"a reference to a letter, behind nothing", "", "&#97;", false},
		{"behind a digit", "4", "&#97;", true},
		{"an ampersand", "", "& ", false},
		{"a digit of a URL", "", "%34", true},
		{"a nine of a URL", "", "%39", true},
		{"a nought of a URL", "", "%30", true},
		{"a slash of a URL", "", "%2f", false},
		{"a soft line break", "4", "=\n", true},
		{"an equals sign", "a", "=b", false},
		{"JSON", "", `\u0034`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, got := Needed(c.before+c.at, len(c.before))
			if got != c.want {
				t.Errorf("Needed at %q behind %q = %v", c.at, c.before, got)
			}
			if _, size := utf8.DecodeRuneInString(c.at); n != size {
				t.Errorf("the character is %d bytes long, want %d", n, size)
			}
		})
	}
}

func TestHanDigits(t *testing.T) {
	t.Parallel()
	for chars, want := range map[string]int{"零〇洞": 0, "一壹幺壱": 1, "二贰貳两兩": 2, "三叁參": 3, "四肆": 4, "五伍": 5, "六陆陸": 6, "七柒拐": 7, "八捌": 8, "九玖勾": 9, "十百a4４": -1} {
		for _, r := range chars {
			if got := hanDigit(r); got != want {
				t.Errorf("%c is %d, want %d", r, got, want)
			}
		}
	}
	n := 0
	for r, v := range HanDigits() {
		if n++; hanDigit(r) != v {
			t.Errorf("%c is yielded with %d", r, v)
		}
	}
	if n < 30 {
		t.Errorf("%d characters are yielded", n)
	}
}

// TestWriter writes what stands for several bytes, and nothing.
func TestWriter(t *testing.T) {
	t.Parallel()
	w := NewWriter(2)
	w.Put('4', 0, 3)
	w.Put('1', 5, 6)
	if f := w.Done(); f.Text != "41" || f.Start(0) != 0 || f.End(1) != 3 || f.Start(1) != 5 || f.End(2) != 6 {
		t.Errorf("%+v", f)
	}
	if f := NewWriter(0).Done(); f.Text != "" || f.Untouched() {
		t.Errorf("what was written of nothing is %+v", f)
	}
}

// FuzzText: each byte stands for a stretch of the original, in order.
func FuzzText(f *testing.F) {
	for _, s := range []string{"4\u200b111 &#52; %34 =34=31 \\u0034 ④ é 卡", "&#x110000;&#52", "\xff\xe2\x80", "=\r\n=\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		at := 0
		for i := range len(got.Text) {
			from, to := got.Start(i), got.End(i+1)
			if from < at || to <= from || to > len(s) {
				t.Fatalf("byte %d of %q stands for %d to %d of %d bytes, behind %d", i, got.Text, from, to, len(s), at)
			}
			at = from
		}
		if again := Text(got.Text); utf8.ValidString(s) && !strings.ContainsAny(got.Text, `&%=\`) && again.Text != got.Text {
			t.Errorf("%q is folded to %q, and that to %q", s, got.Text, again.Text)
		}
	})
}
