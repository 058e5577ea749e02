package web

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func TestAnIDThatMayHoldACardIsDigested(t *testing.T) {
	digest := func(parts ...[]byte) string {
		h := sha256.New()
		for _, p := range parts {
			h.Write(p)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	for _, c := range []struct {
		id       string
		readable bool
	}{
		{"order-77", true}, {"550e8400-e29b-41d4-a716-446655440000", true}, {"4111111111111112", true},
		{"4111111111111111", false}, {"pay 4111 1111 1111 1111", false}, {"x4111-1111-1111-1111y", false},
	} {
		got := key("id:", c.id, digest)
		if strings.Contains(got, c.id) != c.readable {
			t.Errorf("key of %q = %q, readable should be %v", c.id, got, c.readable)
		}
		if again := key("id:", c.id, digest); again != got {
			t.Errorf("key of %q is not stable", c.id)
		}
	}
}
