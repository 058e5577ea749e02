package learned

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/classify"
)

func TestTextsThatAreReadAlike(t *testing.T) {
	r := NewReader(classify.NewFolder())
	for _, c := range []struct{ name, a, b string }{
		{"Traditional characters read as Simplified ones", "退款還沒到帳戶", "退款还没到帐户"},
		{"capital letters read as small ones", "My PAYMENT Failed", "my payment failed"},
		{"full width reads as half width", "ＰＡＹＰＡＬ　１２", "paypal 99"},
		{"one number reads as another", "order 20260815 of 3", "order 7 of 99"},
		{"an apostrophe does not part a word", "I can’t pay", "i cant pay"},
		{"several spaces read as one", "pay   now", "pay now"},
	} {
		a := slices.Clone(r.Read("", c.a))
		if b := r.Read("", c.b); !slices.Equal(a, b) {
			t.Errorf("%s: %q and %q give other features", c.name, c.a, c.b)
		}
	}
}

func TestTextsThatAreReadApart(t *testing.T) {
	r := NewReader(classify.NewFolder())
	for _, c := range []struct{ name, a, b string }{
		{"words of two sentences make no pair", "it failed. card gone", "it failed card gone"},
		{"the order of words matters", "card declined", "declined card"},
		{"the order of Chinese characters matters", "到账", "账到"},
		{"a word is not the two that it is made of", "payback", "pay back"},
	} {
		a := slices.Clone(r.Read("", c.a))
		if b := r.Read("", c.b); slices.Equal(a, b) {
			t.Errorf("%s: %q and %q give the same features", c.name, c.a, c.b)
		}
	}
}

func TestOfALongTextTheBeginningCounts(t *testing.T) {
	r := NewReader(classify.NewFolder())
	for _, piece := range []string{"payment ", "付", "x", "\n", "\xff", "٣", "a b "} {
		if n := len(r.Read(strings.Repeat(piece, 200_000), strings.Repeat(piece, 200_000))); n > 2*maxFeatures {
			t.Errorf("%q again and again gives %d features", piece, n)
		}
	}
	doubling.Text(t, maxText/4, "", "", append(doubling.Units(), "my card 被拒了 ", "9 ", "-_"), func(text string) { r.Read("", text) })
}

func FuzzRead(f *testing.F) {
	f.Add("退款", "my payment failed 3 times, ok?")
	f.Add("\xff\xfe", "ＡＢＣ '' \n\n ٣")
	r := NewReader(classify.NewFolder())
	f.Fuzz(func(t *testing.T, subject, text string) {
		for _, x := range r.Read(subject, text) {
			if x.Hash == 0 || x.Block >= Blocks {
				t.Fatalf("feature %+v", x)
			}
		}
	})
}
