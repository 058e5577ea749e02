package normalize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/normalize/latin"
)

// FuzzShortcuts holds what was written out for speed against the plain way of doing the same.
func FuzzShortcuts(f *testing.F) {
	for _, s := range []string{"", "a\r\nb\rc\f\x00d", "x\u2028y\u2029z\u0085\u200b\ufeff\u00ad\u034f\u00ae", "\xc2\xe2\x80", "Margin : 0; COLOR:\t#444", "colour\u00a0:\u3000Ä", "don't O'Brien's 12a a1 ''", "user@host https://x.example/y",
		"订单１２３，已付款‥…‗ＡＢＣ～", "é e\u0301 ﬁ ½", "a\u0301‑b", "〇々〆", "thank you", "Sale. THANK YOU", "İ, thanks", "谢谢", "running ciones lijk schrieb że", "Re: x", "回复： x", "ＲＥ： x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if diff := cmp.Diff(Fingerprint(norm.NFKC.String(s)), Fingerprint(s)); diff != "" {
			t.Errorf("Fingerprint: %s", diff)
		}
		if p, _ := subjectPrefix(skipTags(foldSubject(s))); p != "" && !mayHavePrefix(s) {
			t.Errorf("the prefix %q is not expected", p)
		}
		for token := range strings.FieldsSeq(s) {
			if isASCII(token) {
				checkPlain(t, token)
			}
		}
	})
}

func checkPlain(t *testing.T, token string) {
	t.Helper()
	var want, got counts
	want.letters(token)
	want.addWords(token)
	got.plain(token)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(counts{}, latin.Scores{})); diff != "" {
		t.Errorf("plain(%q): %s", token, diff)
	}
}

// TestShortcutsOfLetters: no thanks are longer than what is looked at first.
func TestShortcutsOfLetters(t *testing.T) {
	for _, list := range [][]string{greetings, closings} {
		for _, words := range list {
			if len(words) < 2 {
				t.Errorf("%q is too short for its table", words)
			}
		}
	}
	for _, words := range thanks {
		if len(words)*3 > maxThanks {
			t.Errorf("%q is too long", words)
		}
	}
}
