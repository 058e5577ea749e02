package check

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
)

// refusedAuthorities are files that hold no certificate.
func refusedAuthorities(c configs.Config, add func(string, error)) {
	for _, f := range trust.Files(c) {
		_, err := trust.Authorities(f[1])
		add(f[0], err)
	}
}

// expiresSoon is how long before its end a certificate is warned of: a month, in which somebody who renews by hand
// surely looks once.
const expiresSoon = 30 * 24 * time.Hour

// certificates tells how long each certificate counts that stands in a file of the configuration: authorities
// (ca_file and those of relays, Redis …), and what the listeners show. Of those it tells the first one, the leaf.
func certificates(c configs.Config, now time.Time) []checked {
	var out []checked
	files := trust.Files(c)
	if c.Listen.TLSCert != "" {
		files = append(files, [2]string{"listen.tls_cert", c.Listen.TLSCert})
	}
	for _, f := range files {
		certs, err := trust.Authorities(f[1])
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
