package answer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWhatStandsAroundDigits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 200)
	for _, c := range []struct{ name, in, want string }{
		{"no digits", "no digits here", ""},
		{"a digit alone", "5", "5\n"},
		{"a short text is taken whole", "I paid 5 yuan", "I paid 5 yuan\n"},
		{"a long text before", long + "5", strings.Repeat("a", before) + "5\n"},
		{"a long text behind", "5" + long, "5" + strings.Repeat("a", after) + "\n"},
		{"two that stand close are one line", "5 and 6", "5 and 6\n"},
		{"two that stand far apart are two", "5" + long + "6", "5" + strings.Repeat("a", after) + "\n" + strings.Repeat("a", before) + "6\n"},
		{"characters are not cut", strings.Repeat("款", 30) + "5" + strings.Repeat("款", 30), strings.Repeat("款", before/3) + "5" + strings.Repeat("款", after/3) + "\n"},
		{"nothing", "", ""},
	} {
		got := nearDigits(c.in)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%s: a character is cut", c.name)
		}
	}
	for _, c := range []struct{ name, in, want string }{
		{"no sign", "nobody", ""},
		{"one", "anna@x.example", "anna@x.example\n"},
		{"a long text around", long + "@" + long, strings.Repeat("a", 80) + "@" + strings.Repeat("a", 79) + "\n"},
		{"a sign alone", "@", "@\n"},
	} {
		if got := aroundAt(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := strings.Count(aroundAt(strings.Repeat("a@b.example"+long, 50)), "\n"); got > 4 {
		t.Errorf("%d signs are looked at", got)
	}
	for _, c := range []struct{ at, want int }{{-1, 0}, {0, 0}, {1, 1}, {2, 1}, {3, 1}, {4, 4}, {5, 5}, {99, 5}} {
		if got := align("a款b", c.at); got != c.want {
			t.Errorf("%d is moved to %d, want %d", c.at, got, c.want)
		}
	}
}

func TestWhatFollowsACue(t *testing.T) {
	t.Parallel()
	cues := []string{"says", "提示"}
	for _, c := range []struct {
		name, in string
		least    int
		want     bool
	}{
		{"words", "it says failed", 4, true},
		{"a mark and words", "it says: failed", 4, true},
		{"quotation marks", "it says “failed”", 4, true},
		{"too few letters", "it says no", 4, false},
		{"as many as are asked for", "it says fail", 4, true},
		{"a full stop", "it says. failed", 4, false},
		{"nothing", "it says", 1, false},
		{"spaces are no letters", "it says a b", 3, false},
		{"a second one that has something", "it says. it says failed", 4, true},
		{"Chinese", "提示系统繁忙", 4, true},
		{"Chinese with a mark", "提示：系统繁忙", 4, true},
		{"Chinese with a verb", "提示是系统繁忙", 4, true},
		{"Chinese and a comma", "提示，系统繁忙", 4, false},
		{"no cue", "failed", 1, false},
		{"digits count", "says 5003", 4, true},
		{"a picture ends it", "says 👍 failed", 1, false},
	} {
		if got := follows(c.in, cues, c.least); got != c.want {
			t.Errorf("%s: %q: %v", c.name, c.in, got)
		}
	}
}

func TestWhatStandsInQuotationMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     bool
	}{
		{"English", "“failed”", true},
		{"Chinese", "「失败了」", true},
		{"double Chinese", "『失败了』", true},
		{"a title", "《失败了》", true},
		{"heavy brackets", "【失败了】", true},
		{"plain", `"failed"`, true},
		{"plain, of two", `say "hi" and "failed"`, false},
		{"too short", "“ok”", false},
		{"as long as is asked for", "“abc”", true},
		{"Chinese characters count one each", "“失败了”", true},
		{"two of Chinese", "“失败”", false},
		{"nothing closes them", "“failed", false},
		{"turned round", "”failed“", false},
		{"over two lines", "“fai\nled”", false},
		{"another pair behind a short one", "“ok” 「失败了」", true},
		{"none", "failed", false},
	} {
		if got := quotes(c.in, 3); got != c.want {
			t.Errorf("%s: %q: %v", c.name, c.in, got)
		}
	}
}

// TestLowerIsOnePass: it is what two passes would make, for every character.
func TestLowerIsOnePass(t *testing.T) {
	t.Parallel()
	for r := rune(1); r < 0x30000; r++ {
		if r >= 0xd800 && r <= 0xdfff {
			continue
		}
		if got, want := lower(string(r)), strings.ToLower(halfWidth(string(r))); got != want {
			t.Errorf("%U becomes %q, want %q", r, got, want)
		}
	}
}

func TestSpellingsOfNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"a word", "amount", "amount"},
		{"words in capitals", "ORDER_NUMBER", "order-number"},
		{"a camel", "orderNumber", "order-number"},
		{"a camel with an abbreviation", "orderID", "order-id"},
		{"a camel of three humps", "myOrderNumber", "my-order-number"},
		{"digits", "line2", "line2"},
		{"digits and a capital", "line2Text", "line2text"},
		{"spaces", "order  number", "order-number"},
		{"marks around", "--order.number:", "order-number"},
		{"Chinese", "订单号", "订单号"},
		{"Chinese with a space", "订单 号", "订单-号"},
		{"full width", "Ｏｒｄｅｒ＿Ｎｏ", "order-no"},
		{"accents stay", "Número", "número"},
		{"signs alone", "?!", ""},
		{"a picture", "💳 card", "card"},
		{"a long one", strings.Repeat("x", 1000), strings.Repeat("x", longestName)},
		{"nothing", "", ""},
	} {
		got := spelled(c.in)
		if got != c.want {
			t.Errorf("%s: %q is spelled %.40q, want %.40q", c.name, c.in, got, c.want)
		}
		if again := spelled(got); again != got {
			t.Errorf("%s: spelled again it is %q", c.name, again)
		}
	}
}
