package desk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// publicly is the address of the desk in tests of passkeys; passkeys are bound to its host.
const publicly = "https://desk.example"

func published(c *Config) { c.Origin = publicly }

// device is an authenticator with one passkey, and the browser that speaks to it. Each of its parts can lie.
type device struct {
	t      testing.TB
	id     []byte
	key    *ecdsa.PrivateKey
	handle []byte
	count  uint32
	step   uint32 // by how much it counts at each use
	site   string
	origin string
	flags  byte // of each answer
}

// Flags of authenticator data (Web Authentication §6.1).
const (
	present  = 1 << 0
	verified = 1 << 2
	eligible = 1 << 3
	attested = 1 << 6
)

func newDevice(t testing.TB) *device {
	t.Helper()
	d := &device{t: t, id: make([]byte, 32), step: 1, site: "desk.example", origin: publicly, flags: present | verified}
	rand.Read(d.id)
	var err error
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	return d
}

// asked is what a device reads of what it is asked.
type asked struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID, Name, DisplayName string
	} `json:"user"`
	RP               struct{ ID, Name string } `json:"rp"`
	RPID             string                    `json:"rpId"`
	UserVerification string                    `json:"userVerification"`
	Allow            []struct{ ID string }     `json:"allowCredentials"`
	Exclude          []struct{ ID string }     `json:"excludeCredentials"`
	Selection        struct {
		ResidentKey, UserVerification string
	} `json:"authenticatorSelection"`
	Attestation string `json:"attestation"`
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// data is authenticator data.
func (d *device) data(flags byte, more []byte) []byte {
	site := sha256.Sum256([]byte(d.site))
	d.count += d.step
	return append(binary.BigEndian.AppendUint32(append(site[:], flags), d.count), more...)
}

func (d *device) client(kind, challenge string) []byte {
	out, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

func (d *device) answer(response map[string]string) string {
	out, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(out)
}

// cose is the public key, as COSE writes one of P-256 for ES256 (RFC 9053); alg is its algorithm, in CBOR.
func (d *device) cose(alg byte) []byte {
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	out := append([]byte{0xa5, 0x01, 0x02, 0x03, alg, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
}

const es256 = 0x26

// create answers a question for a new passkey. alg: see cose.
func (d *device) create(q asked, alg byte) string {
	d.handle, _ = base64.RawURLEncoding.DecodeString(q.User.ID)
	more := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	data := d.data(d.flags|attested, append(append(more, d.id...), d.cose(alg)...))
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	return d.answer(map[string]string{"clientDataJSON": b64(d.client("webauthn.create", q.Challenge)), "attestationObject": b64(append(object, data...))})
}

// get answers a question for a passkey.
func (d *device) get(q asked) string {
	data, client := d.data(d.flags, nil), d.client("webauthn.get", q.Challenge)
	return d.answer(map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(d.signs(data, client)), "userHandle": b64(d.handle)})
}

func (d *device) signs(data, client []byte) []byte {
	of := sha256.Sum256(client)
	all := sha256.Sum256(append(data, of[:]...))
	out, err := ecdsa.SignASN1(rand.Reader, d.key, all[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// told is what the script of a page is told.
type told struct {
	Options *asked `json:"options"`
	To      string `json:"to"`
	Error   string `json:"error"`
	SignIn  string `json:"sign_in"`
}

// posts is what the script of a page sends.
func (b *browser) posts(path string, form url.Values) (*httptest.ResponseRecorder, told) {
	b.r.t.Helper()
	w := b.ask(http.MethodPost, path, form, "Accept", "application/json", "Sec-Fetch-Dest", "empty")
	var out told
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		b.r.t.Fatalf("%s answers with %d %q: %v", path, w.Code, w.Body, err)
	}
	return w, out
}

// question is what the browser is asked at a path.
func (b *browser) question(path string, form url.Values) asked {
	b.r.t.Helper()
	w, out := b.posts(path+"/ask", form)
	if out.Options == nil {
		b.r.t.Fatalf("%s asks nothing: %d %s", path, w.Code, w.Body)
	}
	return *out.Options
}

// Where passkeys are asked for.
const (
	alone     = "/desk/sign-in/passkey"
	asSecond  = "/desk/sign-in/second/passkey"
	ofOnesOwn = "/desk/me/second/passkeys"
)

// adds adds the device's passkey to who is signed in.
func (b *browser) adds(d *device, title string) {
	b.r.t.Helper()
	q := b.question(ofOnesOwn, url.Values{"before": {right}})
	if _, out := b.posts(ofOnesOwn, url.Values{"title": {title}, "answer": {d.create(q, es256)}}); out.To != "/desk/me/second?done=added" {
		b.r.t.Fatalf("the passkey is not added: %+v", out)
	}
}

// shows brings an answer to where one signs in by a passkey alone.
func (b *browser) shows(answer string) (*httptest.ResponseRecorder, told) {
	b.r.t.Helper()
	return b.posts(alone, url.Values{"answer": {answer}, "next": {"/desk/tickets/T-9"}})
}
