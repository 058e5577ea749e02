package message

import (
	"strings"
	"testing"
	"unicode"
)

func FuzzLower(f *testing.F) {
	for _, s := range []string{"", "abc", "ABC", "订单 T123，ＡＢＣ", "订单 T123，好！", "É", "\xff Ā", "Ⅷ", "ß İ K"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Lower(s), strings.ToLower(s); got != want {
			t.Errorf("Lower(%q) = %q, want %q", s, got, want)
		}
	})
}

func TestLowerLowersEveryCharacter(t *testing.T) {
	for r := range rune(unicode.MaxRune) {
		if s := "A" + string(r); Lower(s) != strings.ToLower(s) {
			t.Errorf("%U: %q, want %q", r, Lower(s), strings.ToLower(s))
		}
	}
}
