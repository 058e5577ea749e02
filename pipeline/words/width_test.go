package words

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TestAUsualTextReadsAsUnicodeUnifiesIt: whatever Usual takes has the same letters, marks and digits in every form of Unicode.
func TestAUsualTextReadsAsUnicodeUnifiesIt(t *testing.T) {
	said := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '\'' || r == '’' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	taken := 0
	for r := rune(1); r <= unicode.MaxRune; r++ {
		text := "a" + string(r) + "b"
		if !Usual(text) {
			continue
		}
		taken++
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			unified := strings.Map(Narrow, form.String(text)) // NFC and NFD keep the width
			if got, want := said(strings.Map(Narrow, text)), said(unified); got != want {
				t.Errorf("%U: %q, unified in form %d %q", r, got, form, want)
			}
		}
	}
	if taken < 27_000 {
		t.Errorf("only %d characters are usual", taken)
	}
	for name, text := range map[string]string{"an accent": "é", "a mark of its own": "e\u0301", "kana": "が", "an emoji": "👍", "a compatibility character": "\uf900", "a ligature": "ﬁ", "a circled digit": "①", "half-width kana": "ｶ"} {
		if Usual("ok" + text) {
			t.Errorf("%s is taken for usual", name)
		}
	}
}

func BenchmarkUsual(b *testing.B) {
	for b.Loop() {
		Usual("我昨天转账500元到朋友账户，钱扣了但是对方没有收到")
	}
}
