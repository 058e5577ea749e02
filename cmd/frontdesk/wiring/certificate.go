package wiring

import (
	"crypto/tls"
	"fmt"
	"reflect"
	"sync/atomic"
)

// Certificate is the one that listeners show. It can be exchanged; connections that stand keep the one they have seen.
type Certificate struct {
	now atomic.Pointer[tls.Certificate]
}

// Load reads the certificate and its key. What cannot be read changes nothing.
func (c *Certificate) Load(cert, key string) (changed bool, err error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return false, fmt.Errorf("reading the certificate of the listeners: %w", err)
	}
	old := c.now.Swap(&pair)
	return old != nil && !reflect.DeepEqual(old.Certificate, pair.Certificate), nil
}

// config is what a listener takes.
func (c *Certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil }}
}
