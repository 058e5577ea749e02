package wiring

import (
	"crypto/tls"
	"fmt"
	"reflect"
	"sync/atomic"
)

// Certificate is the one that listeners show. It can be exchanged; connections that stand keep the one they have
// seen. Load and handshakes may happen at the same time. It must be loaded once before a listener uses it.
type Certificate struct {
	now atomic.Pointer[tls.Certificate]
}

// Load reads the certificate and its key. What cannot be read changes nothing.
// changed is false for the first certificate, and for the same one again: then a reload has nothing to tell.
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
