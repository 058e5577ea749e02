package passkeys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/webauthn"
)

func TestSites(t *testing.T) {
	for address, want := range map[string]Site{
		"https://desk.example":          {"desk.example", "https://desk.example"},
		"https://Desk.Example.:443/x":   {"desk.example", "https://desk.example"},
		"https://desk.example:8443":     {"desk.example", "https://desk.example:8443"},
		"http://localhost:8082":         {"localhost", "http://localhost:8082"},
		"http://localhost:80":           {"localhost", "http://localhost"},
		"http://a.localhost":            {"a.localhost", "http://a.localhost"},
		"https://localhost":             {"localhost", "https://localhost"},
		"http://desk.example":           {},
		"http://localhost.evil.example": {},
		"http://127.0.0.1:8082":         {},
		"https://127.0.0.1":             {},
		"https://[::1]:8443":            {},
		"https://[fe80::1%25eth0]:8443": {},
		"https://":                      {},
		"desk.example":                  {},
		"javascript:alert(1)":           {},
		"https://desk.example:port/":    {},
		"ftp://localhost":               {},
	} {
		if got, ok := SiteOf(address); got != want || ok != (want != Site{}) {
			t.Errorf("SiteOf(%q) = %v, %t, want %v", address, got, ok, want)
		}
	}
	for address, want := range map[string]string{
		"http://127.0.0.1:8082": "http://localhost:8082", "http://[::1]:8082/x": "http://localhost:8082", "https://127.3.2.1": "https://localhost", "http://[::ffff:127.0.0.1]": "http://localhost",
		"http://192.0.2.7:8082": "", "http://desk.example": "", "http://localhost": "", "%": "", "": "",
	} {
		if got := Localhost(address); got != want {
			t.Errorf("Localhost(%q) = %q, want %q", address, got, want)
		}
	}
}

// played is somebody with a key of which we have the other half.
func played(t testing.TB) (*Asker, Person, *ecdsa.PrivateKey, []byte) {
	t.Helper()
	a, err := New("Topay", Site{"desk.example", "https://desk.example"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	id := []byte("sixteen bytes id")
	kept, err := keyOf(webauthn.Credential{ID: id, PublicKey: append(append(cose, 0x22, 0x58, 0x20), point[33:]...)})
	if err != nil {
		t.Fatal(err)
	}
	return a, Person{Handle: []byte("handle of thirty-two bytes......"), Login: "tom", Keys: []Key{kept}}, key, id
}

// answered is a right answer to a question.
func answered(t testing.TB, q Question, key *ecdsa.PrivateKey, id, handle []byte) []byte {
	t.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal(q.Options, &asked); err != nil {
		t.Fatal(err)
	}
	client, err := json.Marshal(map[string]any{"type": "webauthn.get", "challenge": asked.Challenge, "origin": "https://desk.example", "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	site, of := sha256.Sum256([]byte("desk.example")), sha256.Sum256(client)
	data := binary.BigEndian.AppendUint32(append(site[:], 5), 1)
	all := sha256.Sum256(append(data[:len(data):len(data)], of[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, all[:])
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	out, err := json.Marshal(map[string]any{"id": b64(id), "rawId": b64(id), "type": "public-key",
		"response": map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(handle)}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnAnswerIsHeldAgainstItsQuestion(t *testing.T) {
	a, tom, key, id := played(t)
	anyone, err := a.Anyone()
	if err != nil {
		t.Fatal(err)
	}
	one, err := a.One(tom)
	if err != nil {
		t.Fatal(err)
	}
	right := answered(t, anyone, key, id, tom.Handle)
	if of, ok := Whose(right); !ok || of != base64.RawURLEncoding.EncodeToString(id) {
		t.Errorf("it is %q's: %t", of, ok)
	}
	shown, err := a.Shown(tom, anyone.Kept, right)
	if err != nil || shown.Count != 1 || shown.ID != tom.Keys[0].ID {
		t.Fatalf("a right answer gives %+v: %v", shown, err)
	}
	counted := tom
	counted.Keys = []Key{shown}
	if _, err := a.Shown(counted, anyone.Kept, right); !errors.Is(err, ErrCopied) {
		t.Errorf("a count that stands still: %v", err)
	}
	if _, err := a.Shown(tom, one.Kept, right); !errors.Is(err, ErrRefused) {
		t.Errorf("an answer to another question: %v", err)
	}
	if _, err := a.Shown(tom, one.Kept, answered(t, one, key, id, nil)); err != nil {
		t.Errorf("besides the password no handle is needed: %v", err)
	}
	if _, err := a.Shown(Person{Handle: tom.Handle, Login: "tom"}, anyone.Kept, right); !errors.Is(err, ErrRefused) {
		t.Errorf("an answer of a key that was taken away: %v", err)
	}
	if _, err := a.Shown(tom, []byte("{}"), right); !errors.Is(err, ErrRefused) {
		t.Errorf("an answer to nothing: %v", err)
	}
	if strings.Contains(string(shown.Record), "attestation\":{\"c") {
		t.Errorf("more is kept than is needed: %s", shown.Record)
	}
}

// FuzzAnswers: whatever bytes come for an answer, nobody is let in by any but the right one, and nothing breaks.
func FuzzAnswers(f *testing.F) {
	a, tom, key, id := played(f)
	q, err := a.Anyone()
	if err != nil {
		f.Fatal(err)
	}
	made, err := a.Create(tom)
	if err != nil {
		f.Fatal(err)
	}
	right := answered(f, q, key, id, tom.Handle)
	for _, seed := range []string{"", "{}", "null", "[]", `{"id":"YQ","rawId":"YQ","type":"public-key","response":{}}`, `{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVkABA"}}`,
		`{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AA","userHandle":"AA"}}`} {
		f.Add([]byte(seed))
	}
	for n := 0; n < len(right); n += 40 {
		f.Add(right[:n])
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		Whose(answer)
		if _, err := a.Shown(tom, q.Kept, answer); err == nil && !same(answer, right) {
			t.Errorf("%q lets in", answer)
		}
		if _, err := a.Created(tom, made.Kept, answer); err == nil {
			t.Errorf("%q is a new passkey", answer)
		}
	})
}

// same reports whether two texts are the same JSON, in what of it is signed.
func same(a, b []byte) bool {
	read := func(text []byte) (out [3]string) {
		var of struct {
			Response struct{ ClientDataJSON, AuthenticatorData, Signature string }
		}
		if json.Unmarshal(text, &of) == nil {
			out = [3]string{of.Response.ClientDataJSON, of.Response.AuthenticatorData, of.Response.Signature}
		}
		return out
	}
	return read(a) == read(b)
}
