package check

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email"
	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
)

// certificate writes a certificate of ca.example that counts for a while, and its key, into a folder.
func certificate(t *testing.T, dir string, begin, end time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca.example"}, NotBefore: begin, NotAfter: end}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"ca.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckTellsHowLongCertificatesCount, from the files that the configuration names.
func TestCheckTellsHowLongCertificatesCount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	end := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	certificate(t, dir, end.Add(-25*time.Hour), end)
	c := configs.Config{CAFile: dir + "/ca.pem", Listen: configs.Listen{TLSCert: dir + "/ca.pem"}, Shared: map[string]descriptor.Shared{email.Channel: &email.Shared{Relays: []email.Relay{{CAFile: dir + "/ca.pem"}}}}}
	for _, at := range []struct {
		name          string
		now           time.Time
		warns, failed bool
	}{
		{"long before", end.Add(-40 * 24 * time.Hour), false, true}, // it does not count yet
		{"the day before", end.Add(-time.Hour), true, false},
		{"afterwards", end.Add(time.Hour), false, true},
	} {
		got := certificates(c, at.now)
		if len(got) != 3 || got[0].what != "ca_file" || got[1].what != "relays[0].ca_file" || got[2].what != "listen.tls_cert" {
			t.Fatalf("%s: %+v", at.name, got)
		}
		for _, r := range got {
			if (r.warning != "") != at.warns || (r.err != nil) != at.failed || !strings.Contains(r.found, "ca.example") {
				t.Errorf("%s: %+v", at.name, r)
			}
		}
	}
	if got := certificates(configs.Config{CAFile: dir + "/key.pem"}, end); len(got) != 1 || got[0].err == nil || !strings.Contains(got[0].err.Error(), "no certificate") {
		t.Errorf("a key in place of certificates: %+v", got)
	}
	if _, err := trust.Authorities(dir + "/none.pem"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
