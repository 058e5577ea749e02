package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"frontdesk/configs"
)

// readAuthorities reads the certificates of a file (PEM). Anything else in it is passed over.
func readAuthorities(path string) ([]*x509.Certificate, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities: %w", err)
	}
	var out []*x509.Certificate
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the authorities: %s: %w", path, err)
		}
		out = append(out, cert)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("reading the authorities: %s holds no certificate in PEM", path)
	}
	return out, nil
}

// roots are the authorities that a connection believes: those of its own file alone, else the common file's beside the system's.
// nil means the system's.
func roots(own, common string) (*x509.CertPool, error) {
	pool, path := x509.NewCertPool(), own
	if own == "" {
		if path = common; path == "" {
			return nil, nil
		}
		if system, err := x509.SystemCertPool(); err == nil { // where there are none, ours are all
			pool = system
		}
	}
	certs, err := readAuthorities(path)
	if err != nil {
		return nil, err
	}
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool, nil
}

// believing is how a client connects that believes these authorities; nil for its own way.
func believing(pool *x509.CertPool) *tls.Config {
	if pool == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// plainClient is an HTTP client for addresses of the operator's own choice. It follows no redirects where strict is set.
func plainClient(pool *x509.CertPool, within time.Duration, strict bool) *http.Client {
	c := &http.Client{Timeout: within}
	if pool != nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = believing(pool)
		c.Transport = transport
	}
	if strict {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c
}

// trusted are the files with authorities that a configuration names, by their paths.
func trusted(c configs.Config) [][2]string {
	out := [][2]string{{"ca_file", c.CAFile}}
	for i, in := range c.Inboxes {
		if in.IMAP != nil {
			out = append(out, [2]string{fmt.Sprintf("inboxes[%d].imap.ca_file", i), in.IMAP.CAFile})
		}
	}
	for i, r := range c.Relays {
		out = append(out, [2]string{fmt.Sprintf("relays[%d].ca_file", i), r.CAFile})
	}
	out = append(out, [2]string{"redis.ca_file", c.Redis.CAFile})
	return slices.DeleteFunc(out, func(f [2]string) bool { return f[1] == "" })
}

// refusedAuthorities are files that hold no certificate.
func refusedAuthorities(c configs.Config, add func(string, error)) {
	for _, f := range trusted(c) {
		_, err := readAuthorities(f[1])
		add(f[0], err)
	}
}

// expiresSoon is how long before its end a certificate is warned of.
const expiresSoon = 30 * 24 * time.Hour

// checkCertificates tells how long each certificate counts that stands in a file of the configuration.
func checkCertificates(c configs.Config, now time.Time) []checked {
	var out []checked
	files := trusted(c)
	if c.Listen.TLSCert != "" {
		files = append(files, [2]string{"listen.tls_cert", c.Listen.TLSCert})
	}
	for _, f := range files {
		certs, err := readAuthorities(f[1])
		if err != nil {
			out = append(out, checked{what: f[0], path: f[0], err: err})
			continue
		}
		if f[0] == "listen.tls_cert" {
			certs = certs[:1] // the others are what it hangs on
		}
		for _, cert := range certs {
			out = append(out, expiry(f[0], cert, now))
		}
	}
	return out
}

// expiry tells until when a certificate counts.
func expiry(at string, cert *x509.Certificate, now time.Time) checked {
	name := cert.Subject.CommonName
	if name == "" && len(cert.DNSNames) > 0 {
		name = cert.DNSNames[0]
	}
	until := cert.NotAfter.UTC().Format(time.DateOnly)
	out := checked{what: at, path: at, found: fmt.Sprintf("%q counts until %s", name, until)}
	switch {
	case now.After(cert.NotAfter):
		out.err = fmt.Errorf("%q has expired on %s: put a new certificate into the file, then reload (SIGHUP)", name, until)
	case now.Before(cert.NotBefore):
		out.err = errors.New("it does not count before " + cert.NotBefore.UTC().Format(time.DateTime) + " UTC: wait, or look at the clock of this machine")
	case now.Add(expiresSoon).After(cert.NotAfter):
		out.warning = fmt.Sprintf("%q expires on %s; put a new certificate into the file before, then reload (SIGHUP)", name, until)
	}
	return out
}
