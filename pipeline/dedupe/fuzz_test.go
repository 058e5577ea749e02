package dedupe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

func fuzzDigest(parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte("test key"))
	for _, p := range parts {
		h.Write([]byte{byte(len(p)), byte(len(p) >> 8), byte(len(p) >> 16), 0})
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// FuzzKeys makes the keys of foreign mails: short hex that holds no word of the mail, equal for a mail
// whose body was re-wrapped and different for one with another sender.
func FuzzKeys(f *testing.F) {
	f.Add("<a@b>", "li@customer.example", "hello world", "where is my refund")
	f.Add("", "", "", "")
	f.Add("<>", "\xff", " \u00a0\n", "1234567")
	f.Fuzz(func(t *testing.T, id, from, body, fingerprint string) {
		m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, MessageID: id, From: message.Address{Kind: message.Email, Value: from}}
		k := Make(m, body, fingerprint, fuzzDigest)
		for _, s := range []string{k.Content, k.Fingerprint, k.Reference} {
			if len(s) > 64 || strings.Trim(s, "0123456789abcdef") != "" {
				t.Errorf("key %q", s)
			}
		}
		if again := Make(m, strings.ReplaceAll(body, "\n", "\r\n ")+"\n", fingerprint, fuzzDigest); again != k {
			t.Errorf("re-wrapped it has other keys: %+v, %+v", k, again)
		}
		m.From.Value = "x" + strings.TrimSpace(from)
		if other := Make(m, body, fingerprint, fuzzDigest); other.Content == k.Content {
			t.Error("another sender's mail has the same key")
		}
	})
}
