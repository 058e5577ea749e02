package signature

import (
	"encoding/base64"
	"encoding/hex"
	"testing"
)

// The digests are those of RFC 2202 §3 (SHA-1) and RFC 4231 §4.3 (SHA-256), test case 2.
func TestSumsOfTheRFCs(t *testing.T) {
	key := []byte("Jefe")
	one, two := []byte("what do ya want "), []byte("for nothing?")
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"SHA-1":   {SHA1(key, one, two), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
		"SHA-256": {SHA256(key, one, two), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := hex.EncodeToString(c.got); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !MatchHex(c.got, c.want) {
				t.Error("the right digest does not match")
			}
		})
	}
}

func TestMatch(t *testing.T) {
	sum := SHA256([]byte("k"), []byte("body"))
	b64, hx := base64.StdEncoding.EncodeToString(sum), hex.EncodeToString(sum)
	for _, c := range []struct {
		name      string
		got, want bool
	}{
		{"the right base64 matches", MatchBase64(sum, b64), true},
		{"base64 with a newline inside does not", MatchBase64(sum, b64[:4]+"\n"+b64[4:]), false},
		{"cut base64 does not", MatchBase64(sum, b64[:len(b64)-4]), false},
		{"empty base64 does not", MatchBase64(sum, ""), false},
		{"hex with something behind it does not", MatchHex(sum, hx+"00"), false},
		{"empty hex does not", MatchHex(sum, ""), false},
		{"hex of another key does not", MatchHex(sum, hex.EncodeToString(SHA256([]byte("j"), []byte("body")))), false},
		{"the right secret matches", MatchText("s3cret", "s3cret"), true},
		{"a longer one does not", MatchText("s3cret", "s3cret!"), false},
		{"no secret matches nothing", MatchText("", ""), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
}
