package base

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
)

// SecretOf is what a secret that we hand out is for, such as "operator session". One that was made for something else is none.
type SecretOf string

// Sizes of a secret, in bytes: what is random in it, and the mark by which it is known as ours.
const (
	secretRandom = 20
	secretMark   = 12
)

// Mint makes a secret and the keyed digest under which it is kept: who reads the database cannot use it, and who writes it needs the
// master key. Its mark is under our key: a wrong one is refused without a look into the database.
func (s *Store) Mint(of SecretOf) (secret, digest string) {
	var b [secretRandom + secretMark]byte
	rand.Read(b[:secretRandom]) // never fails (crypto/rand)
	copy(b[secretRandom:], s.markOf(of, b[:secretRandom]))
	return base64.RawURLEncoding.EncodeToString(b[:]), s.Ring.Digest([]byte(of), b[:])
}

// Minted returns the digest under which a secret is kept; it is not ok when we never made such a one.
func (s *Store) Minted(of SecretOf, secret string) (digest string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil || len(b) != secretRandom+secretMark || !hmac.Equal(b[secretRandom:], s.markOf(of, b[:secretRandom])) {
		return "", false
	}
	return s.Ring.Digest([]byte(of), b), true
}

func (s *Store) markOf(of SecretOf, random []byte) []byte {
	b, err := hex.DecodeString(s.Ring.Token([]byte("mark"), []byte(of), random))
	if err != nil {
		return nil // a digest is hexadecimal: this cannot be
	}
	return b[:secretMark]
}
