package values

import (
	"strings"
	"testing"
)

// TestOrdinaryWordsAreNoPasswords, in small letters and in capitals.
func TestOrdinaryWordsAreNoPasswords(t *testing.T) {
	t.Parallel()
	for w := range ordinaryWords {
		if !Ordinary(w) || !Ordinary(strings.ToUpper(w)) || Typed(w) {
			t.Errorf("%q is taken for a password", w)
		}
	}
}

func TestTyped(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{"tulip77": true, "Tulip#Rose": true, "a1b2": false, "tulip": false, "12345678": false, "anna@example.com": false, "https://example.com/a1": false, "locked": false, strings.Repeat("a1", 33): false} {
		if got := Typed(v); got != want {
			t.Errorf("Typed(%q) = %v", v, got)
		}
	}
}

func TestRemark(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"我记得是tulip77": 12, "输入tulip77": 6, "被我改成a1": 12, "是tulip77": 0, "收不到": 0, "我记得是，": 0, "": 0, "应该是个很长很长的句子了是a1": 0} {
		if got := Remark(s); got != want {
			t.Errorf("Remark(%q) = %d, want %d", s, got, want)
		}
	}
}
