package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"testing"
)

// TestDigestsOfOneKeyAreTheSameSideBySide: what is used again carries nothing over.
func TestDigestsOfOneKeyAreTheSameSideBySide(t *testing.T) {
	k := &macKey{key: []byte("key")}
	want := func(parts ...string) string {
		h := hmac.New(sha256.New, k.key)
		for _, p := range parts {
			var length [8]byte
			binary.BigEndian.PutUint64(length[:], uint64(len(p)))
			h.Write(length[:])
			h.Write([]byte(p))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	var all sync.WaitGroup
	for _, parts := range [][]string{{}, {""}, {"a"}, {"a", "b"}, {"ab"}, {"erased address", "email", "li@customer.example"}} {
		all.Go(func() {
			var bytes [][]byte
			for _, p := range parts {
				bytes = append(bytes, []byte(p))
			}
			for range 100 {
				if got := k.sum(bytes); got != want(parts...) {
					t.Errorf("%q: %s, want %s", parts, got, want(parts...))
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkDigest(b *testing.B) {
	k := &macKey{key: []byte("key")}
	b.ReportAllocs()
	for b.Loop() {
		k.sum([][]byte{[]byte("erased address"), []byte("phone"), []byte("+8613800138000")})
	}
}
