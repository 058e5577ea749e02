package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestDigitsOfNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"national", "13912345678", "13912345678"},
		{"in groups", "139 1234 5678", "13912345678"},
		{"with its country", "+86 139 1234 5678", "8613912345678"},
		{"with the call abroad", "0086 139 1234 5678", "8613912345678"},
		{"with a nought", "07700 900123", "7700900123"},
		{"with a nought in brackets", "+44 (0)7700 900123", "447700900123"},
		{"noughts behind a plus stay", "+0086139", "0086139"},
		{"brackets", "(212) 555-0100", "2125550100"},
		{"points", "139.1234.5678", "13912345678"},
		{"two noughts alone", "00", ""},
		{"a nought alone", "0", ""},
		{"no digits", "+-()", ""},
		{"nothing", "", ""},
	} {
		if got := digitsOf(c.in); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestNumbersInTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"one", "call 13912345678 now", []string{"13912345678"}},
		{"in groups", "call 139 1234 5678 now", []string{"13912345678"}},
		{"two beside each other are a number, too, and each by itself", "9123 4567 81234567", []string{"81234567"}},
		{"a comma parts them", "91234567,81234567", []string{"91234567", "81234567"}},
		{"too short", "call 123456", nil},
		{"as short as one is", "call 1234567", []string{"1234567"}},
		{"as long as one is", "123456789012345", []string{"123456789012345"}},
		{"too long", "1234567890123456", nil},
		{"a day and a number", "2026-05-03 13912345678", []string{"13912345678"}},
		{"between Chinese", "请打13912345678谢谢", []string{"13912345678"}},
		{"a plus behind a letter", "a+8613912345678", []string{"8613912345678"}},
		{"brackets that hold nothing", "()()()", nil},
		{"nothing", "", nil},
	} {
		got := phonesIn(c.in)
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %q has %q, not %q", c.name, c.in, got, w)
			}
		}
		if c.want == nil && len(got) > 0 {
			t.Errorf("%s: %q has %q", c.name, c.in, got)
		}
	}
}

func TestMailAddressesInTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"one", "write to ann@x.example now", []string{"ann@x.example"}},
		{"with a full stop", "ann@x.example.", []string{"ann@x.example"}},
		{"with a dash behind it", "ann@x.example-", []string{"ann@x.example"}},
		{"in brackets", "<ann@x.example>", []string{"ann@x.example"}},
		{"two", "ann@x.example,bob@y.example", []string{"ann@x.example", "bob@y.example"}},
		{"signs that a name may have", "a.b+c_d'e@x.example", []string{"a.b+c_d'e@x.example"}},
		{"in capitals", "ANN@X.EXAMPLE", []string{"ANN@X.EXAMPLE"}},
		{"without a domain", "ann@ x", nil},
		{"without a name", "@x.example", nil},
		{"a domain of points", "ann@...", nil},
		{"two signs", "ann@@x.example", nil},
		{"in Chinese", "发到ann@x.example吧", []string{"ann@x.example"}},
		{"a name that is too long is cut", strings.Repeat("a", 200) + "@x.example", []string{strings.Repeat("a", longestWord) + "@x.example"}},
		{"nothing", "", nil},
	} {
		if diff := cmp.Diff(c.want, mailsIn(c.in)); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", c.name, c.in, diff)
		}
	}
}

func TestPartsOfWhatIsTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"words", "lost card", []string{"lost", "card"}},
		{"spaces around", "  lost   card  ", []string{"lost", "card"}},
		{"a number with spaces is one", "139 1234 5678", []string{"139 1234 5678"}},
		{"a number between words", "call 139 1234 5678 now", []string{"call", "139 1234 5678", "now"}},
		{"a number with its country", "+86 139 1234 5678", []string{"+86 139 1234 5678"}},
		{"a number that is too long: what is left of it may be one", "1234 5678 1234 5678", []string{"1234", "5678 1234 5678"}},
		{"a number that is too short", "12 34", []string{"12", "34"}},
		{"a number and letters", "1234567x", []string{"1234567x"}},
		{"an order number", "TP0012 refund", []string{"TP0012", "refund"}},
		{"a day", "2026-05-03", []string{"2026-05-03"}},
		{"signs", "( ) -", []string{"(", ")", "-"}},
		{"nothing", "", nil},
	} {
		var got []string
		for p := range parts(c.in) {
			got = append(got, p)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", c.name, c.in, diff)
		}
		for range parts(c.in) {
			break
		}
	}
}

func TestUnitsOfATextCoverIt(t *testing.T) {
	t.Parallel()
	f := New()
	for _, text := range []string{"Hello 世界", "ﬁne ﷺ", "e\u0301x", "a\u200bb", "カード ｶﾞ", "Straße", "\xffa", "👍🏽", "한국", "ไทย", "a\r\nb", "①½", "\U0002a6d6", "İı", ""} {
		at := 0
		for u := range f.units(text) {
			if u.from < at || u.to <= u.from || u.to > len(text) {
				t.Errorf("%q: %+v behind %d", text, u, at)
			}
			at = u.from
			if u.kind == plain && !(u.r >= 'a' && u.r <= 'z' || u.r >= '0' && u.r <= '9' || u.r >= utf8.RuneSelf) {
				t.Errorf("%q: %q is a letter", text, u.r)
			}
		}
		for range f.units(text) {
			break
		}
	}
}

func TestWordsAreCutAtTheirLength(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want int
	}{{"", 0}, {"abc", 3}, {strings.Repeat("a", longestWord), longestWord}, {strings.Repeat("a", longestWord+1), longestWord}, {strings.Repeat("é", longestWord), longestWord}, {strings.Repeat("款", longestWord), longestWord - longestWord%3}, {"a" + strings.Repeat("款", longestWord), 1 + (longestWord-1)/3*3}} {
		if got := cut(c.in); len(got) != c.want || !utf8.ValidString(got) || !strings.HasPrefix(c.in, got) {
			t.Errorf("%.20q of %d bytes is cut to %d, want %d", c.in, len(c.in), len(got), c.want)
		}
	}
	for in, want := range map[string]string{"abc1": "abc1", "a.b": "a" + string(signASCII+'.') + "b", "A": string(signASCII + 'A'), "款": "款", string(signMail): "", "\xff": "", " ": string(signASCII + ' ')} {
		if got := moved(in); got != want {
			t.Errorf("%q is moved to %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "", "1": "1", "123": "321"} {
		if got := reversed(in); got != want {
			t.Errorf("%q is %q from its end, want %q", in, got, want)
		}
	}
}

func TestWhereSnippetsBeginAndEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       string
		cut        bool
	}{
		{"the beginning of the text", "my ⟨refund", "my ", false},
		{"the beginning of a sentence", "Hello. My ⟨refund", " My ", false},
		{"a Chinese sentence", "您好。我的⟨退款", "我的", false},
		{"a line", "one\ntwo ⟨refund", "two ", false},
		{"a question", "why? my ⟨refund", " my ", false},
		{"a point in a number", "version 5.2 ⟨refund", "version 5.2 ", false},
		{"far behind the beginning", strings.Repeat("x", 100) + "⟨refund", strings.Repeat("x", snippetBefore), true},
		{"far behind, in Chinese", strings.Repeat("款", 100) + "⟨refund", strings.Repeat("款", snippetBefore), true},
	} {
		text := strings.Replace(c.text, "⟨", "", 1)
		hit := strings.Index(c.text, "⟨")
		from, cut := back(text, hit)
		if got := text[from:hit]; got != c.want || cut != c.cut {
			t.Errorf("%s: it begins with %q, cut %v, want %q, %v", c.name, got, cut, c.want, c.cut)
		}
	}
	for _, c := range []struct {
		text string
		want int
		cut  bool
	}{{"", 0, false}, {"abc", 3, false}, {strings.Repeat("a", snippetAfter), snippetAfter, false}, {strings.Repeat("a", snippetAfter+1), snippetAfter, true}, {strings.Repeat("款", snippetAfter+5), 3 * snippetAfter, true}} {
		if to, cut := ahead(c.text, 0); to != c.want || cut != c.cut {
			t.Errorf("%d bytes end at %d, cut %v", len(c.text), to, cut)
		}
	}
}

// TestAPatternStandsWhereItMay: words as whole ones or beginnings, characters anywhere, ends of numbers behind letters.
func TestAPatternStandsWhereItMay(t *testing.T) {
	t.Parallel()
	f := New()
	for _, c := range []struct {
		name, text, typed string
		marked            string
	}{
		{"a word", "my card", "card", "card"},
		{"a beginning marks the whole word", "my cardholder", "card", "cardholder"},
		{"an end marks nothing", "my postcard", "card", ""},
		{"two letters mark no longer word", "an android", "an", "an"},
		{"characters", "我的银行卡号", "银行卡", "银行卡"},
		{"over a line", "银\n行", "银行", "银\n行"},
		{"digits behind letters", "order TP0012", "0012", "0012"},
		{"digits behind digits", "order 990012", "0012", ""},
		{"few digits behind letters", "order TP12", "12", ""},
		{"an address", "to ann@x.example!", "ann@x.example", "ann@x.example"},
		{"an address's beginning", "to ann@x.example!", "ann@x", "ann@x"},
		{"an address within another", "to joann@x.example!", "ann@x.example", ""},
		{"a ligature is marked whole", "ﬁne", "fine", "ﬁne"},
		{"an accent that stands apart", "cafe\u0301", "cafe", "cafe"},
	} {
		q := f.Read(c.typed)
		got := ""
		for _, s := range f.spans(c.text, q) {
			got += c.text[s.from:s.to]
		}
		if got != c.marked {
			t.Errorf("%s: %q in %q marks %q, want %q", c.name, c.typed, c.text, got, c.marked)
		}
	}
}
