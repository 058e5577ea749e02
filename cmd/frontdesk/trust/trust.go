// Package trust reads the authorities that connections believe.
package trust

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"time"

	"frontdesk/configs"
	"frontdesk/internal/publicnet"
)

// Authorities reads the certificates of a file (PEM), in their order. Anything else in it is passed over. A file
// without any certificate is an error: a typing mistake in the path must not mean "the system's".
func Authorities(path string) ([]*x509.Certificate, error) {
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

// Roots are the authorities that a connection believes: those of its own file alone, else the common file's beside the system's.
// nil means the system's.
// A file of one's own (a relay's ca_file) replaces all others, so that a pinned authority is the only one.
func Roots(own, common string) (*x509.CertPool, error) {
	pool, path := x509.NewCertPool(), own
	if own == "" {
		if path = common; path == "" {
			return nil, nil
		}
		if system, err := x509.SystemCertPool(); err == nil { // where there are none, ours are all
			pool = system
		}
	}
	certs, err := Authorities(path)
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

// Client is an HTTP client for addresses of the operator's own choice. Nothing guards it: what strangers name goes
// through the SSRF guard of channels/internal/safehttp instead. within bounds a whole request with its answer.
func Client(pool *x509.CertPool, within time.Duration) *http.Client {
	c := &http.Client{Timeout: within}
	if pool != nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = believing(pool)
		c.Transport = transport
	}
	return c
}

// Guarded is Client for addresses to which a name may lead anywhere: it connects to the public Internet alone, whatever a name says by then. private: to
// any network; so it does where the address of the configuration is one of this machine itself.
func Guarded(pool *x509.CertPool, within time.Duration, private bool) *http.Client {
	c := Client(pool, within)
	if private {
		return c
	}
	transport, ok := c.Transport.(*http.Transport)
	if !ok {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	dialer := &net.Dialer{Timeout: within, Control: publicOnly}
	transport.DialContext, transport.Proxy = dialer.DialContext, nil
	c.Transport = transport
	return c
}

// ErrPrivate says that an address lies in a private network.
var ErrPrivate = errors.New("the address lies in a private network; where it should, write private: true beside its url")

// publicOnly refuses a connection to what is not the public Internet, once its name has been looked up.
func publicOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !publicnet.Public(to.Addr()) {
		return ErrPrivate
	}
	return nil
}

// Files are the files with authorities that a configuration names, by their paths: pairs of path and file name, in
// the order of the report.
func Files(c configs.Config) [][2]string {
	out := [][2]string{{"ca_file", c.CAFile}}
	for _, f := range c.Files() {
		if !f.Secret {
			out = append(out, [2]string{f.Path, f.Name})
		}
	}
	out = append(out, [2]string{"redis.ca_file", c.Redis.CAFile})
	return slices.DeleteFunc(out, func(f [2]string) bool { return f[1] == "" })
}
