package challenge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func keyed(key string) MAC {
	return func(parts ...[]byte) string {
		m := hmac.New(sha256.New, []byte(key))
		for _, p := range parts {
			m.Write([]byte{byte(len(p))})
			m.Write(p)
		}
		return hex.EncodeToString(m.Sum(nil))
	}
}

// TestALinkNamesItsCheckAlone: no other key makes it, nothing of it can be left out, and it tells nothing of the code.
func TestALinkNamesItsCheckAlone(t *testing.T) {
	ours := keyed("ours")
	link := Link(ours, 1_234_567)
	if id, ok := Linked(ours, link); !ok || id != 1_234_567 {
		t.Errorf("%q names %d, %t", link, id, ok)
	}
	if strings.Contains(link, Code(ours, 1_234_567)) || strings.ContainsFunc(link, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') }) {
		t.Errorf("the link %q", link)
	}
	name, proof, _ := strings.Cut(link, "-")
	for what, other := range map[string]string{"nothing": "", "its name alone": name, "without its proof": name + "-", "a cut proof": link[:len(link)-1], "a longer one": link + "q", "another check's": "r-" + proof, "capitals": strings.ToUpper(link),
		"a zero before it": "q" + link, "with digits": number(name) + "-" + number(proof), "a sign before it": "+" + link, "of another key": Link(keyed("theirs"), 1_234_567), "a negative one": "-1-" + proof, "too large a number": strings.Repeat("z", 40) + "-" + proof} {
		if id, ok := Linked(ours, other); ok {
			t.Errorf("%s (%q) names %d", what, other, id)
		}
	}
}

// TestALinkIsNoGuess: a customer who sends the link back has tried nothing.
func TestALinkIsNoGuess(t *testing.T) {
	ours := keyed("ours")
	for id := range int64(1000) {
		for _, id := range []int64{1 + id, 36*36*36*36*36 + id, 1_790_000_000_000 + id} {
			if link := "https://desk.example.com/check/" + Link(ours, id); len(Answers(link)) != 0 {
				t.Fatalf("%s is a guess of %v", link, Answers(link))
			}
		}
	}
}

// FuzzLinks: what leads to a check is its link and nothing else.
func FuzzLinks(f *testing.F) {
	ours := keyed("ours")
	f.Add(Link(ours, 7))
	f.Add("7-")
	f.Fuzz(func(t *testing.T, link string) {
		if id, ok := Linked(ours, link); ok && Link(ours, id) != link {
			t.Fatalf("%q leads to %d", link, id)
		}
	})
}
