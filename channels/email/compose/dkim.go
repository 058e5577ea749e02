package compose

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels"
)

// DKIMKey signs the mail of one domain (RFC 6376). The public half is published in DNS as
// Selector._domainkey.Domain.
type DKIMKey struct {
	// Domain is what stands in d=; it should be From's or its organization's, or DMARC has no use for it.
	Domain   string
	Selector string
	Signer   crypto.Signer // RSA of at least 2048 bits, or Ed25519 (RFC 8463)
}

// ParseDKIMKey reads a private key in PEM (PKCS #8 or PKCS #1).
// It checks nothing in DNS. pemKey is not kept.
func ParseDKIMKey(domain, selector string, pemKey []byte) (DKIMKey, error) {
	block, _ := pem.Decode(pemKey)
	if block == nil {
		return DKIMKey{}, errors.New("reading DKIM key: not PEM")
	}
	key, err := dkimPrivate(block.Bytes)
	if err != nil {
		return DKIMKey{}, fmt.Errorf("reading DKIM key: %w", err)
	}
	return DKIMKey{Domain: domain, Selector: selector, Signer: key}, nil
}

// dkimPrivate takes what receivers verify: RSA from 2048 bits (RFC 8301 §3.2 wants no less than 1024 and recommends 2048), or Ed25519.
func dkimPrivate(der []byte) (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(der); err != nil {
			return nil, errors.New("neither PKCS #8 nor PKCS #1") // the parser's own words may quote the key
		}
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 2048 {
			return nil, errors.New("RSA key is shorter than 2048 bits")
		}
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	default:
		return nil, fmt.Errorf("keys of type %T do not sign mail", parsed)
	}
}

// dkimFields are signed where the mail has them (RFC 6376 §5.4.1).
var dkimFields = []string{
	"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

// Sign puts one signature of each key before the mail. It reads the files that go with it, once for all keys.
// Without a key the mail comes back as it is. With an RSA and an Ed25519 key both signatures stand: receivers that do not know one take the other.
// An error is a *channels.Error.
func Sign(ctx context.Context, l Letter, keys []DKIMKey) (Letter, error) {
	if len(keys) == 0 {
		return l, nil
	}
	signers, err := dkimSigners(l.head(), keys)
	if err != nil {
		return l, &channels.Error{Op: "signing mail", Err: err}
	}
	all := make([]io.Writer, len(signers))
	for i, s := range signers {
		all[i] = s
	}
	err = l.Write(ctx, io.MultiWriter(all...))
	var fields headerWriter
	for _, s := range signers { // each is closed, whatever went wrong: it has a goroutine
		if cerr := s.Close(); cerr != nil && err == nil {
			err = &channels.Error{Op: "signing mail", Err: cerr}
		}
		if err == nil {
			fields.b.WriteString(s.Signature())
		}
	}
	if err != nil {
		return l, err
	}
	return l.under(fields.b.Bytes()), nil
}

// dkimSigners makes one of each key.
func dkimSigners(head []byte, keys []DKIMKey) (signers []*dkim.Signer, err error) {
	for _, key := range keys {
		s, err := dkimSigner(head, key)
		if err != nil {
			for _, s := range signers {
				_ = s.Close()
			}
			return nil, err
		}
		signers = append(signers, s)
	}
	return signers, nil
}

// dkimSigner uses relaxed canonicalization for both halves, which outlives the changes of white space that relays make (RFC 6376 §3.4).
func dkimSigner(head []byte, key DKIMKey) (*dkim.Signer, error) {
	return dkim.NewSigner(&dkim.SignOptions{
		Domain:                 key.Domain,
		Selector:               key.Selector,
		Signer:                 key.Signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             dkimPresent(head),
	})
}

// dkimPresent lists the fields to sign. From is listed once more than it is there, so that a
// second From breaks the signature.
func dkimPresent(head []byte) []string {
	head, _, _ = bytes.Cut(head, []byte("\r\n\r\n"))
	head = append([]byte("\r\n"), head...)
	var keys []string
	for _, f := range dkimFields {
		if bytes.Contains(head, []byte("\r\n"+f+":")) {
			keys = append(keys, f)
		}
	}
	return append(keys, "From")
}
