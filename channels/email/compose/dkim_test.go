package compose

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"frontdesk/channels/email/internal/emailtest"
)

// FuzzDKIMKey reads foreign bytes as a private key: the parser's words, which may quote it, stay away.
func FuzzDKIMKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		key, err := ParseDKIMKey("desk.example", "s", raw)
		if (err == nil) != (key.Signer != nil) {
			t.Errorf("key %v, error %v", key.Signer != nil, err)
		}
		if err != nil && len(err.Error()) > 120 {
			t.Errorf("error of %d bytes", len(err.Error()))
		}
	})
}

func TestParseDKIMKey(t *testing.T) {
	r1, e1, _ := emailtest.DKIMKeys(t, "desk.example")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(k crypto.Signer) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(r1.(*rsa.PrivateKey))})
	for _, tc := range []struct {
		name string
		pem  []byte
		ok   bool
	}{
		{"RSA in PKCS #8", pkcs8(r1), true},
		{"RSA in PKCS #1", pkcs1, true},
		{"Ed25519", pkcs8(e1), true},
		{"RSA of 1024 bits", pkcs8(small), false},
		{"no PEM", []byte("hello"), false},
		{"PEM of something else", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, err := ParseDKIMKey("desk.example", "s", tc.pem)
			if (err == nil) != tc.ok || tc.ok && key.Signer == nil {
				t.Errorf("error = %v, want ok %v", err, tc.ok)
			}
		})
	}
}
