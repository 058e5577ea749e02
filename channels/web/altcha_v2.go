package web

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"frontdesk/channels/internal/signature"
)

// Cost of version 2 (PBKDF2, RFC 8018 §5.2): each try derives a key with costV2 rounds, and a solution takes one try for
// every triesV2 of the difficulty. A round weighs more than a hash of version 1, hence fewer.
const (
	costV2  = 5000
	triesV2 = 500
)

// maxCostV2 bounds what verifying one payload may cost.
// It is a second line: the signature over the parameters is checked before, so the cost is one that we have written. It is
// above costV2 so that challenges of a version with another cost still count while processes of both versions run.
const maxCostV2 = 100_000

// parametersV2 are what a challenge of version 2 says. The fields stand in alphabetical order: their
// JSON is what is signed.
type parametersV2 struct {
	// Algorithm is PBKDF2/SHA-256 and nothing else. Cost is rounds a try, ExpiresAt seconds since 1970, KeyLength bytes.
	Algorithm string `json:"algorithm"`
	Cost      int    `json:"cost"`
	ExpiresAt int64  `json:"expiresAt"`
	KeyLength int    `json:"keyLength"`
	// KeyPrefix is hex: the first half of the right key, by which a solver knows that he has found it. KeySignature lets somebody
	// who trusts the signature verify without deriving; verifyV2 derives all the same. Nonce and Salt are hex of random bytes.
	KeyPrefix    string `json:"keyPrefix"`
	KeySignature string `json:"keySignature,omitempty"`
	Nonce        string `json:"nonce"`
	Salt         string `json:"salt"`
}

// challengeV2 is what a page gets for ?version=2, and what it sends back within its solution.
type challengeV2 struct {
	Parameters parametersV2 `json:"parameters"`
	// Signature is of the parameters' JSON, in hex (sealV2).
	Signature string `json:"signature"`
}

// issueV2 makes a challenge of version 2: find the counter for which the key derived from
// nonce and counter begins with KeyPrefix.
func (a altcha) issueV2(now time.Time) (challengeV2, error) {
	_, number, err := a.draw()
	if err != nil {
		return challengeV2{}, err
	}
	nonce, salt := make([]byte, 16), make([]byte, 16)
	for _, b := range [][]byte{nonce, salt} {
		if _, err := rand.Read(b); err != nil {
			return challengeV2{}, fmt.Errorf("drawing a nonce: %w", err)
		}
	}
	p := parametersV2{
		Algorithm: "PBKDF2/SHA-256", Cost: costV2, ExpiresAt: now.Add(a.lifetime).Unix(), KeyLength: 32,
		Nonce: hex.EncodeToString(nonce), Salt: hex.EncodeToString(salt),
	}
	derived, err := p.derive(uint32(number / triesV2))
	if err != nil {
		return challengeV2{}, err
	}
	p.KeyPrefix = hex.EncodeToString(derived[:len(derived)/2])
	p.KeySignature = hex.EncodeToString(signature.SHA256(a.keyV2, derived))
	sealed, err := a.sealV2(p)
	return challengeV2{p, sealed}, err
}

// sealV2 signs the canonical JSON of the parameters.
// What comes back is parsed and written anew before it is signed, so key order and spaces that a
// browser changed do not matter, and fields that we do not know are not covered by anything.
func (a altcha) sealV2(p parametersV2) (string, error) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(p); err != nil {
		return "", fmt.Errorf("writing challenge: %w", err)
	}
	return hex.EncodeToString(signature.SHA256(a.key, bytes.TrimSuffix(text.Bytes(), []byte("\n")))), nil
}

// derive makes the key of one counter (RFC 8018 §5.2).
func (p parametersV2) derive(counter uint32) ([]byte, error) {
	nonce, err := hex.DecodeString(p.Nonce)
	if err != nil {
		return nil, errBadProof
	}
	salt, err := hex.DecodeString(p.Salt)
	if err != nil {
		return nil, errBadProof
	}
	key, err := pbkdf2.Key(sha256.New, string(binary.BigEndian.AppendUint32(nonce, counter)), salt, p.Cost, p.KeyLength)
	if err != nil {
		return nil, fmt.Errorf("deriving key: %w", err)
	}
	return key, nil
}

// verifyV2 checks version 2. The signature comes first, so that nobody chooses what it costs us.
// After that one derivation follows; that is the most expensive step of a post (costV2 rounds of HMAC), and no stranger can
// ask for it with a challenge of his own.
func (a altcha) verifyV2(text []byte) (proof, error) {
	var p struct {
		Challenge challengeV2 `json:"challenge"`
		Solution  struct {
			Counter    uint32 `json:"counter"`
			DerivedKey string `json:"derivedKey"`
		} `json:"solution"`
	}
	if json.Unmarshal(text, &p) != nil {
		return proof{}, errBadProof
	}
	in := p.Challenge.Parameters
	sealed, err := a.sealV2(in)
	if err != nil || !signature.MatchText(sealed, p.Challenge.Signature) {
		return proof{}, errBadProof
	}
	if in.Algorithm != "PBKDF2/SHA-256" || in.Cost < 1 || in.Cost > maxCostV2 || in.KeyLength < 16 || in.KeyLength > 64 || in.KeyPrefix == "" {
		return proof{}, errBadProof
	}
	derived, err := in.derive(p.Solution.Counter)
	key := hex.EncodeToString(derived)
	if err != nil || !signature.MatchText(key, p.Solution.DerivedKey) || !strings.HasPrefix(key, in.KeyPrefix) {
		return proof{}, errBadProof
	}
	return proof{sealed, time.Unix(in.ExpiresAt, 0)}, nil
}
