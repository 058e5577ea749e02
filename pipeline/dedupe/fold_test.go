package dedupe

import (
	"strings"
	"testing"
	"unicode"
)

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", " ", "a", " a  b\r\n c ", "\u3000你好\u00a0 世界\u3000", "\xff \xe4\xbd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
		if got := string(fold(s)); got != want {
			t.Errorf("fold(%q) = %q, want %q", s, got, want)
		}
	})
}
