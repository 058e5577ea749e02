package parts

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestGrapheme(t *testing.T) {
	for _, c := range []struct{ name, first, rest string }{
		{"a letter", "a", "b"},
		{"a Chinese character", "汉", "字"},
		{"a line end", "\r\n", "x"},
		{"a newline stands alone", "\n", "\u0301"},
		{"a letter with combining marks", "e\u0301\u0323", "x"},
		{"a family", "👩\u200d👩\u200d👧", "👩"},
		{"a flag", "🇨🇳", "🇭🇰"},
		{"a skin tone", "👍🏽", "👍"},
		{"a rainbow flag", "🏳\ufe0f\u200d🌈", "2"},
		{"the flag of Wales", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "!"},
		{"a keycap", "1\ufe0f\u20e3", "2"},
		{"a syllable of jamo", "\u1112\u1161\u11ab", "\u1100"},
		{"a syllable and a final jamo", "가\u11a8", "나"},
		{"a byte that is no UTF-8", "\xff", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := grapheme(c.first + c.rest); got != len(c.first) {
				t.Errorf("first grapheme is %q, want %q", (c.first + c.rest)[:got], c.first)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"nothing", "", 5, nil},
		{"what fits stays whole", "abc", 3, []string{"abc"}},
		{"behind a word in the second half", "abcdef ghij", 9, []string{"abcdef ", "ghij"}},
		{"before a space that just does not fit", "abcdef ghij kl", 11, []string{"abcdef ghij", " kl"}},
		{"not at a word far back", "a bcdefghij", 8, []string{"a bcdefg", "hij"}},
		{"behind a Chinese sentence", "你好。我的订单没到", 4, []string{"你好。", "我的订单", "没到"}},
		{"never inside a surrogate pair", "ab😀cd", 3, []string{"ab", "😀c", "d"}},
		{"never inside a family", "aa👩\u200d👧b", 6, []string{"aa", "👩\u200d👧b"}},
		{"never between flag halves", "🇨🇳🇭🇰", 6, []string{"🇨🇳", "🇭🇰"}},
		{"a grapheme longer than a part is cut between runes", "e\u0301\u0301\u0301", 2, []string{"e\u0301", "\u0301\u0301"}},
		{"a rune longer than a part stands alone", "😀😀", 1, []string{"😀", "😀"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Split(c.text, func() Meter { return Units(c.limit) })
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("hello wörld 你好 👩\u200d👧", 4)
	f.Add("e\u0301\u0301\u0301\xff\xfe", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 2 + (limit&0x7fffffff)%100
		got := Split(text, func() Meter { return Units(limit) })
		if strings.Join(got, "") != text {
			t.Fatalf("parts of %q do not join to it: %q", text, got)
		}
		for _, p := range got {
			if p == "" || utf8.ValidString(text) && (!utf8.ValidString(p) || len(utf16.Encode([]rune(p))) > limit) {
				t.Fatalf("part %q of %q with limit %d", p, text, limit)
			}
		}
	})
}

// What is told from the number of a rune is what Unicode's tables say of it.
func TestShortWaysAgreeWithUnicode(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if want := unicode.Is(unicode.Cc, r) || r == '\u2028' || r == '\u2029'; control(r) != want {
			t.Errorf("control(%U) = %v, want %v", r, !want, want)
		}
		if r < firstMark && unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) {
			t.Errorf("%U is a mark below the first one", r)
		}
	}
	for a := rune(' '); a <= '~'; a++ {
		if control(a) || extends(a) || pictographic(a) || regional(a) {
			t.Errorf("%U is not as plain as it is taken for", a)
		}
	}
}
