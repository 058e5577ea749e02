package words

import (
	"slices"
	"testing"
)

// TestListFindsItsWords, wherever they stand, and nothing that only begins or ends like one.
func TestListFindsItsWords(t *testing.T) {
	t.Parallel()
	l := NewList("refund", "refuse", "退款", "退", "ab")
	for text, want := range map[string]bool{
		"":                      false,
		"r":                     false,
		"refund":                true,
		"a refund, please":      true,
		"prefunded":             true,
		"refun":                 false,
		"efund":                 false,
		"Refund":                false, // the caller folds
		"they refuse":           true,
		"refu refus refund":     true,
		"我要退款":                  true,
		"退":                     true,
		"\xe9\x80":              false, // two bytes of 退
		"付款":                    false,
		"a b":                   false,
		"xxab":                  true,
		"aab":                   true,
		"\x00\xff refun\x00 ab": true,
	} {
		if got := l.In(text, nil); got != want {
			t.Errorf("In(%q) = %v", text, got)
		}
	}
	if got := slices.Sorted(l.All()); !slices.Equal(got, []string{"ab", "refund", "refuse", "退", "退款"}) {
		t.Errorf("the list holds %q", got)
	}
	for range l.All() {
		break // a caller may have seen enough
	}
	if NewList().In("anything", nil) {
		t.Error("a list of nothing finds something")
	}
}

// TestEachPlaceIsTried until one fits.
func TestEachPlaceIsTried(t *testing.T) {
	t.Parallel()
	var at []int
	found := NewList("ab", "abc").In("ab abc xab", func(from, to int) bool {
		at = append(at, from, to)
		return from == 8
	})
	if want := []int{0, 2, 3, 5, 3, 6, 8, 10}; !found || !slices.Equal(at, want) {
		t.Errorf("found %v, tried %v, want %v", found, at, want)
	}
}

// TestPairsNeverHideAWord: what is in the text is never turned away; most others are.
func TestPairsNeverHideAWord(t *testing.T) {
	t.Parallel()
	const text = "My payment 付款失败 was refused: order T-17"
	p := PairsOf(text)
	for from := range text {
		for to := from + 1; to <= len(text); to++ {
			if !p.May(text[from:to]) {
				t.Fatalf("%q is in the text and turned away", text[from:to])
			}
		}
	}
	for _, word := range []string{"refund", "lawyer", "盗刷", "退款", "zz", "gift card"} {
		if p.May(word) {
			t.Errorf("%q passes", word)
		}
	}
	if !PairsOf("").May("") || !PairsOf("").May("x") || PairsOf("").May("xy") || PairsOf("x").May("xx") {
		t.Error("of texts and words of less than two bytes")
	}
}
