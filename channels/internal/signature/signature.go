// Package signature holds what connectors share to prove that a call came from the provider:
// keyed digests compared in constant time, and the window of a signed time. None of its functions
// says how a given signature was wrong.
package signature

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // providers sign with HMAC-SHA1; nothing else is made with it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
)

// SHA1 is the HMAC-SHA1 (RFC 2104) of the parts joined together.
func SHA1(key []byte, parts ...[]byte) []byte { return sum(sha1.New, key, parts) }

// SHA256 is the HMAC-SHA256 (RFC 2104) of the parts joined together.
func SHA256(key []byte, parts ...[]byte) []byte { return sum(sha256.New, key, parts) }

// sum joins without separators: callers whose parts could be cut otherwise put lengths or line ends between them.
func sum(h func() hash.Hash, key []byte, parts [][]byte) []byte {
	mac := hmac.New(h, key)
	for _, p := range parts {
		mac.Write(p) // a hash.Hash never returns an error
	}
	return mac.Sum(nil)
}

// MatchHex reports whether given is sum in hexadecimal, of either case, with nothing around it.
func MatchHex(sum []byte, given string) bool {
	raw, err := hex.DecodeString(given)
	return err == nil && hmac.Equal(sum, raw)
}

// MatchBase64 reports whether given is sum in standard, padded base64 (RFC 4648 §4).
func MatchBase64(sum []byte, given string) bool {
	return hmac.Equal([]byte(base64.StdEncoding.EncodeToString(sum)), []byte(given))
}

// MatchText reports whether a shared secret was given, without telling by its timing how much of it
// was right, nor how long it is. An empty secret matches nothing.
func MatchText(secret, given string) bool {
	a, b := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && secret != ""
}
