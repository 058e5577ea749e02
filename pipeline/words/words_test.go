package words

import (
	"strings"
	"testing"
)

func FuzzWords(f *testing.F) {
	f.Add("the card was lost", "card", "refund")
	f.Add("我的退款还没有到账", "退款", "订单")
	f.Add("aab", "ab", "aa")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		if len(a) < 2 || len(b) < 2 {
			return
		}
		has := func(word string) bool { return strings.Contains(text, word) }
		if got, want := NewList(a, b).In(text, nil), has(a) || has(b); got != want {
			t.Errorf("one of the words is in the text = %v, want %v", got, want)
		}
		if has(a) && !PairsOf(text).May(a) {
			t.Error("a word that is there is said not to be")
		}
	})
}

func TestAPlaceHasToFit(t *testing.T) {
	l := NewList("card")
	whole := func(text string) func(from, to int) bool {
		return func(from, to int) bool { return to == len(text) || text[to] == ' ' }
	}
	for text, want := range map[string]bool{"cardinal": false, "cardinal card": true, "a card": true, "": false, "c": false} {
		if got := l.In(text, whole(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
