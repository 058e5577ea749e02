// Package emailtest is for the tests of the mail channel's packages: what several of them need.
package emailtest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Digest is a keyed digest as the installation makes one.
func Digest(parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte("test key"))
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Now is when the tests take place.
var Now = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)

// CA makes a certificate for localhost and the pool that trusts it.
func CA(t testing.TB) (server *tls.Config, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test CA"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		DNSNames:              []string{"localhost", "relay.example"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

// Mail is an acknowledgement that is to be sent.
func Mail() channels.Outbound {
	return channels.Outbound{
		Inbox:     "support-mail",
		To:        message.Address{Kind: message.Email, Value: "lina@customer.example", Name: "Li Na"},
		Subject:   "Re: refund [#T-12]",
		Text:      "We have it.\n",
		MessageID: "ack.12.k.s@desk.example",
		Automatic: true,
	}
}

// Read is what a mail program makes of a composed mail: its header and its plain text.
func Read(t testing.TB, raw []byte) (mail.Header, string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("reading composed mail: %v\n%s", err, raw)
	}
	for _, p := range parts(t, textproto.MIMEHeader(m.Header), m.Body) {
		if p.Name == "" && strings.HasPrefix(p.Type, "text/plain") {
			return m.Header, string(p.Content)
		}
	}
	t.Fatalf("the mail has no text:\n%s", raw)
	return nil, ""
}

// Part is a part of a composed mail that holds no others.
type Part struct {
	Name, Type string // Name is empty for the texts
	ID         string // Content-ID, with brackets
	Content    []byte
}

// Parts are those of a composed mail, in its order, as another program than ours reads them.
func Parts(t testing.TB, raw []byte) []Part {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("reading composed mail: %v\n%s", err, raw)
	}
	return parts(t, textproto.MIMEHeader(m.Header), m.Body)
}

// parts walks through the multiparts.
func parts(t testing.TB, h textproto.MIMEHeader, body io.Reader) (out []Part) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatalf("type %q: %v", h.Get("Content-Type"), err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatalf("reading a part: %v", err)
			}
			out = append(out, parts(t, p.Header, p)...)
		}
	}
	switch cte := h.Get("Content-Transfer-Encoding"); cte {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Fatalf("transfer encoding %q", cte)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("reading body: %v", err)
	}
	p := Part{Type: h.Get("Content-Type"), ID: h.Get("Content-ID"), Content: content}
	if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		p.Name = params["filename"]
	}
	return []Part{p}
}

// Corpora is the folder of public mails, or skips the test.
func Corpora(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public mail corpora are not here")
	}
	return filepath.Join(shared, "corpora")
}

// DKIMKeys makes one signer of each kind for a domain, RSA and Ed25519, and what DNS says of them at the selectors r1 and e1.
func DKIMKeys(t testing.TB, domain string) (r, e crypto.Signer, txt map[string][]string) {
	t.Helper()
	one, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, two, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(one.Public())
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return one, two, map[string][]string{
		"r1._domainkey." + domain: {"v=DKIM1; k=rsa; p=" + b64(pub)},
		"e1._domainkey." + domain: {"v=DKIM1; k=ed25519; p=" + b64(two.Public().(ed25519.PublicKey))},
	}
}

// Error is what a connector says of a fault.
func Error(t testing.TB, err error) *channels.Error {
	t.Helper()
	e, ok := errors.AsType[*channels.Error](err)
	if !ok {
		t.Fatalf("error is %T %v, want *channels.Error", err, err)
	}
	return e
}

// ManyLetters is a label of so many bytes in which hardly a letter comes twice. What Punycode costs grows with the
// product of its letters and its different letters (RFC 3492 §6.3).
func ManyLetters(n int) string {
	var label strings.Builder
	for i := 0; label.Len() < n; i++ {
		label.WriteRune(rune(0x3400 + i%26_000))
	}
	return label.String()
}
