package web

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/internal/signature"
)

// vectors reads one file of the shared test vectors.
func vectors(t *testing.T, name string, into any) {
	t.Helper()
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("FRONTDESK_SHARED names no folder with test vectors")
	}
	data, err := os.ReadFile(filepath.Join(shared, "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

var testTime = time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC)

func testAltcha() altcha {
	return altcha{key: []byte("test-hmac-secret"), keyV2: []byte("test-key-secret"), difficulty: 500, lifetime: time.Hour}
}

// solution is the payload that a page makes of a challenge.
func solution(t testing.TB, c challengeV1) string {
	t.Helper()
	for n := 0; n <= c.Max; n++ {
		if (altcha{difficulty: c.Max / 2}).sealV1(c.Salt, n).Challenge == c.Challenge {
			return payload(t, map[string]any{"algorithm": c.Algorithm, "challenge": c.Challenge, "number": n, "salt": c.Salt, "signature": c.Signature, "took": 12})
		}
	}
	t.Fatal("nothing solves the challenge")
	return ""
}

func payload(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

func solutionV2(t *testing.T, c challengeV2) string {
	t.Helper()
	for n := uint32(0); ; n++ {
		key, err := c.Parameters.derive(n)
		if err != nil {
			t.Fatal(err)
		}
		if text := hex.EncodeToString(key); strings.HasPrefix(text, c.Parameters.KeyPrefix) {
			return payload(t, map[string]any{"challenge": c, "solution": map[string]any{"counter": n, "derivedKey": text, "time": 1.5}})
		}
	}
}

func TestAltchaV1Vectors(t *testing.T) {
	var file struct {
		Cases []struct {
			Key      string `json:"hmac_key"`
			Payload  string
			Verified bool
		}
	}
	vectors(t, "altcha-v1.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("the file has no cases")
	}
	for _, c := range file.Cases {
		a := altcha{key: []byte(c.Key)}
		if p, err := a.verify(c.Payload, testTime); (err == nil) != c.Verified || p.id == "" {
			t.Errorf("got %v, want verified %v", err, c.Verified)
		}
	}
}

func TestAltchaV2Vectors(t *testing.T) {
	var file struct {
		Cases []struct {
			Secret    string         `json:"hmac_secret"`
			KeySecret string         `json:"hmac_key_secret"`
			Challenge map[string]any `json:"challenge"`
			Solution  map[string]any `json:"solution"`
			Verified  bool
		}
	}
	vectors(t, "altcha-v2.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("the file has no cases")
	}
	for _, c := range file.Cases {
		a := altcha{key: []byte(c.Secret), keyV2: []byte(c.KeySecret)}
		p, err := a.verify(payload(t, map[string]any{"challenge": c.Challenge, "solution": c.Solution}), testTime)
		if (err == nil) != c.Verified {
			t.Errorf("got %v, want verified %v", err, c.Verified)
		}
		if want := c.Challenge["signature"]; p.id != want {
			t.Errorf("id: got %s, want the signature %s", p.id, want)
		}
		derived, _ := hex.DecodeString(c.Solution["derivedKey"].(string))
		parameters := c.Challenge["parameters"].(map[string]any)
		if got := hex.EncodeToString(signature.SHA256(a.keyV2, derived)); got != parameters["keySignature"] {
			t.Errorf("key signature: got %s, want %s", got, parameters["keySignature"])
		}
		c.Solution["counter"] = 1
		if _, err := a.verify(payload(t, map[string]any{"challenge": c.Challenge, "solution": c.Solution}), testTime); !errors.Is(err, errBadProof) {
			t.Errorf("another counter: got %v, want %v", err, errBadProof)
		}
	}
}

func TestAltchaOwnChallenges(t *testing.T) {
	a := testAltcha()
	one, err := a.issue(testTime)
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.issueV2(testTime)
	if err != nil {
		t.Fatal(err)
	}
	for name, solved := range map[string]string{"version 1": solution(t, one), "version 2": solutionV2(t, two)} {
		p, err := a.verify(solved, testTime.Add(time.Minute))
		if err != nil || !p.expires.Equal(testTime.Add(time.Hour)) {
			t.Errorf("%s: got %v until %v", name, err, p.expires)
		}
		if _, err := a.verify(solved, testTime.Add(time.Hour)); !errors.Is(err, errOldProof) {
			t.Errorf("%s after an hour: got %v, want %v", name, err, errOldProof)
		}
		other := altcha{key: []byte("another secret"), difficulty: 500}
		if _, err := other.verify(solved, testTime); !errors.Is(err, errBadProof) {
			t.Errorf("%s with another key: got %v, want %v", name, err, errBadProof)
		}
	}
}

// forged are payloads that were changed after they were solved.
func TestAltchaForged(t *testing.T) {
	a := testAltcha()
	c, err := a.issue(testTime)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := base64.StdEncoding.DecodeString(solution(t, c))
	change := func(key string, value any) string {
		var p map[string]any
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		p[key] = value
		return payload(t, p)
	}
	later := strings.Replace(c.Salt, "expires=1", "expires=2", 1)
	spliced := strings.TrimSuffix(c.Salt, "&") // so that a digit of the number could move into the expiry
	resealed := a.sealV1(spliced, 7)
	for name, p := range map[string]string{
		"another number": change("number", 100_000), "a negative number": change("number", -1), "a number in words": change("number", "one"),
		"a later expiry": change("salt", later), "another signature": change("signature", strings.Repeat("0", 64)),
		"another algorithm": change("algorithm", "SHA-1"), "no signature": change("signature", ""), "another challenge": change("challenge", "x"),
		"a salt without its end": payload(t, map[string]any{"algorithm": "SHA-256", "challenge": resealed.Challenge, "number": 7, "salt": spliced, "signature": resealed.Signature}),
		"no base64":              "{}", "no JSON": base64.StdEncoding.EncodeToString([]byte("hello")), "a list": base64.StdEncoding.EncodeToString([]byte("[]")),
		"nothing but an object": payload(t, map[string]any{"challenge": map[string]any{}}), "too long": strings.Repeat("A", maxPayload+4),
	} {
		if _, err := a.verify(p, testTime); !errors.Is(err, errBadProof) {
			t.Errorf("%s: got %v, want %v", name, err, errBadProof)
		}
	}
	if _, err := a.verify(" ", testTime); !errors.Is(err, errNoProof) {
		t.Errorf("nothing: got %v, want %v", err, errNoProof)
	}
}

// TestAltchaReplayHasOneID: whatever a replay changes about the payload, the key stays.
func TestAltchaReplayHasOneID(t *testing.T) {
	a := testAltcha()
	c, err := a.issue(testTime)
	if err != nil {
		t.Fatal(err)
	}
	solved := solution(t, c)
	want, err := a.verify(solved, testTime)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := base64.StdEncoding.DecodeString(solved)
	for name, changed := range map[string]string{
		"white space": strings.Replace(string(text), "{", "{ ", 1),
		"more keys":   strings.Replace(string(text), "{", `{"x":1,`, 1),
		"capitals":    strings.Replace(string(text), c.Signature, strings.ToUpper(c.Signature), 1),
	} {
		got, err := a.verify(base64.StdEncoding.EncodeToString([]byte(changed)), testTime)
		if err == nil && got.id != want.id {
			t.Errorf("%s: a second id %s for %s", name, got.id, want.id)
		}
	}
}

// TestAltchaV2CostIsOurs: a payload cannot make us work for a challenge we did not sign.
func TestAltchaV2CostIsOurs(t *testing.T) {
	a := testAltcha()
	p := parametersV2{Algorithm: "PBKDF2/SHA-256", Cost: maxCostV2 + 1, ExpiresAt: testTime.Add(time.Hour).Unix(), KeyLength: 32, KeyPrefix: "00", Nonce: "00", Salt: "00"}
	sealed, err := a.sealV2(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range []string{sealed, strings.Repeat("0", 64)} {
		text := payload(t, map[string]any{"challenge": challengeV2{p, sig}, "solution": map[string]any{"counter": 1, "derivedKey": "00"}})
		if _, err := a.verify(text, testTime); !errors.Is(err, errBadProof) {
			t.Errorf("got %v, want %v", err, errBadProof)
		}
	}
}

func BenchmarkAltchaVerify(b *testing.B) {
	a := testAltcha()
	c, err := a.issue(testTime)
	if err != nil {
		b.Fatal(err)
	}
	solved := solution(b, c)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.verify(solved, testTime); err != nil {
			b.Fatal(err)
		}
	}
}
