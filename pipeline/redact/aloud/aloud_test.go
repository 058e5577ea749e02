package aloud

import (
	"strings"
	"testing"

	"frontdesk/pipeline/redact/fold"
)

func TestCharactersBetweenGroups(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Separator{
		" ":      Space,
		"\t":     Space,
		"\u00a0": Space,
		"\u3000": Space,
		"\u2009": Space,
		"\u202f": Space,
		"-":      Dash,
		"_":      Dash,
		"–":      Dash,
		"—":      Dash,
		"－":      Dash,
		"\u2212": Dash,
		".":      Dot,
		",":      Dot,
		"/":      Dot,
		"*":      Dot,
		"·":      Dot,
		"．":      Dot,
		"、":      Dot,
		"，":      Dot,
		"／":      Dot,
		"。":      Dot,
		"•":      Dot,
		"\n":     Line,
		"\r":     Line,
		"\r\n":   Line,
		"\v":     Line,
		"\f":     Line,
		"#":      Mark,
		"(":      Mark,
		":":      Mark,
		"|":      Mark,
		"：":      Mark,
		"（":      Mark,
		"→":      Mark,
		"“":      Mark,
		"★":      Mark,
		"a":      None,
		"卡":      None,
		"é":      None,
		"４":      None,
		"\x00":   None,
		"👍":      None,
		"〇":      None,
	} {
		got, n := SeparatorAt(in+"x", 0)
		if got != want || want != None && n != len(in) || want == None && n != 0 {
			t.Errorf("%q is a separator of sort %d and %d bytes, want %d", in, got, n, want)
		}
	}
	for in, want := range map[string]int{"<br>x": 4, "<br/>x": 5, "<br />x": 6, "</td>x": 5, "<p>": 3, "<>": 0, "<p class=x>": 0, "<1>": 0, "< >": 3, "<a": 0, "<blockquote>": 0} {
		if got := Tag(in); got != want {
			t.Errorf("%q begins with a tag of %d bytes, want %d", in, got, want)
		}
	}
}

func TestWordsBetweenGroups(t *testing.T) {
	t.Parallel()
	for _, w := range joinWords {
		for _, form := range []string{w, strings.ToUpper(w), w + " ", w + "1"} {
			if got := Joiner(form, 0); got != len(w) {
				t.Errorf("%q joins with %d bytes", form, got)
			}
		}
		if len(w) >= maxJoin {
			t.Errorf("%q is longer than what is looked at", w)
		}
		if got := Joiner(w+"zzq", 0); got != 0 {
			t.Errorf("%q joins", w+"zzq")
		}
	}
	for _, w := range joinHan {
		if got := joinerHan(w + "1"); got == 0 || !strings.HasPrefix(w, w[:min(got, len(w))]) {
			t.Errorf("%q joins with %d bytes", w, got)
		}
	}
	for _, in := range []string{"apples", "x", "元", "卡", "", "é", "1"} {
		if in != "" && Joiner(in, 0) != 0 {
			t.Errorf("%q joins", in)
		}
	}
}

func TestNumbersThatAreReadOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"digits in words", "four one one one", "4111"},
		{"in capitals", "FOUR ONE ONE ONE", "4111"},
		{"within a sentence", "my number is four one one one please", "my number is 4111 please"},
		{"with commas", "four, one, one, one", "4111"},
		{"with dashes", "four-one-one-one", "4111"},
		{"on two lines", "four one\none one", "41\n11"},
		{"double", "four double one", "411"},
		{"triple", "triple one four", "1114"},
		{"treble and quadruple", "treble one quadruple two", "1112222"},
		{"tens", "forty one eleven eleven", "411111"},
		{"twenty by itself", "twenty twenty twenty", "202020"},
		{"oh for nought", "oh one two", "012"},
		{"words and digits", "four 1 one 1", "4111"},
		{"German", "vier eins eins eins", "4111"},
		{"German with another spelling", "funf fuenf zwo", "552"},
		{"French", "quatre un un un", "4111"},
		{"Spanish", "cuatro uno uno uno", "4111"},
		{"Portuguese", "quatro um um um", "4111"},
		{"Italian", "quattro uno uno uno", "4111"},
		{"Dutch", "vier een een een", "4111"},
		{"Pinyin", "si yao yao yao", "4111"},
		{"Chinese", "四一一一", "4111"},
		{"Chinese of cheques", "肆壹壹壹", "4111"},
		{"Chinese of the telephone", "四幺幺幺", "4111"},
		{"Chinese with spaces", "四 一 一 一", "4111"},
		{"Chinese in a sentence", "卡号四一一一，谢谢", "卡号4111，谢谢"},
		{"one word is none", "one of them", "one of them"},
		{"two words are none", "one two", "one two"},
		{"a label before digits", "part one 4111", "part one 4111"},
		{"an article", "a one time code", "a one time code"},
		{"letters that look like digits, few", "lol OO", "lol OO"},
		{"letters that look like digits, as many as a card has", "4lll llll llll llll", "4111111111111111"},
		{"Os for noughts", "5OOO OOOO OOOO OOO4", "5000000000000004"},
		{"letters of which none says more than ones and noughts", "lOlO lOlO lOlO lOlO", "lOlO lOlO lOlO lOlO"},
		{"digits alone", "4111 1111", "4111 1111"},
		{"quoted-printable", "=3D 4111", "=3D 4111"},
		{"nothing", "", ""},
	} {
		if got := ReadOut(fold.Text(c.in)).Text; got != c.want {
			t.Errorf("%s: %q is read as %q, want %q", c.name, c.in, got, c.want)
		}
	}
}
