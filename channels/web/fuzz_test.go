package web

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
)

// FuzzAltcha hands foreign proofs of work to the verifier: whatever is taken is a challenge that was
// issued here, and its solution, and it is not taken after its time.
func FuzzAltcha(f *testing.F) {
	a := altcha{key: []byte("0123456789abcdef"), keyV2: []byte("fedcba9876543210"), difficulty: 50, lifetime: time.Hour}
	issued := a.sealV1("aabb?expires="+"1777900000"+"&", 7)
	solved, err := json.Marshal(map[string]any{"algorithm": issued.Algorithm, "challenge": issued.Challenge, "number": 7, "salt": issued.Salt, "signature": issued.Signature})
	if err != nil {
		f.Fatal(err)
	}
	before := time.Unix(1777900000, 0).Add(-time.Minute)
	if _, err := a.verify(base64.StdEncoding.EncodeToString(solved), before); err != nil {
		f.Fatalf("the challenge that every other is measured by: %v", err)
	}
	f.Add(solved)
	f.Add([]byte(`{"challenge":{"parameters":{"algorithm":"PBKDF2/SHA-256","cost":9999999999,"keyLength":-1,"salt":"zz"},"signature":""},"solution":{"counter":-1,"derivedKey":"00"}}`))
	f.Add([]byte(`{"challenge":{},"solution":null}`))
	f.Add([]byte(`{"algorithm":"SHA-256","challenge":"","number":1e99,"salt":"?expires=99999999999999999999&"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		payload := base64.StdEncoding.EncodeToString(text)
		began := time.Now()
		p, err := a.verify(payload, before)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%v for one proof", took)
		}
		if err != nil {
			return
		}
		if p.id != issued.Signature {
			t.Errorf("a challenge that nobody issued is taken: %q", text)
		}
		if _, err := a.verify(payload, p.expires); err == nil {
			t.Error("a proof is taken after its time")
		}
	})
}
