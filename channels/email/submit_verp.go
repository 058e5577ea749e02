package email

import (
	"crypto/hmac"
	"encoding/hex"
	"strings"

	"frontdesk/channels"
)

// submitVERPMAC is how many hex digits sign a bounce address: 40 bits, since a local part has 64 bytes.
const submitVERPMAC = 10

// VERP is the envelope sender that names one outbox row: bounce+KEY.SIGNATURE@domain for the
// bounce address bounce@domain. The key is written in lower case letters, digits, - and _, and as
// =xx for all else, because relays may change letter case. ok is false when it would not fit into
// a local part.
func VERP(key, bounce string, mac channels.Digest) (addr string, ok bool) {
	base, domain, ok := smtpCut(strings.ToLower(bounce))
	if !ok || key == "" {
		return "", false
	}
	local := base + "+" + submitVERPEncode(key) + "." + submitVERPSign(mac, key)
	if len(local) > 64 {
		return "", false
	}
	return local + "@" + domain, true
}

// ParseVERP reads the outbox key from the address that a bounce came to. ok is false for every
// address that this installation has not signed.
func ParseVERP(addr string, mac channels.Digest) (key string, ok bool) {
	local, _, ok := smtpCut(strings.ToLower(strings.Trim(strings.TrimSpace(addr), "<>")))
	if !ok || len(local) > 64 {
		return "", false
	}
	_, tail, found := strings.Cut(local, "+")
	encoded, sig, dotted := strings.Cut(tail, ".")
	if !found || !dotted {
		return "", false
	}
	key, ok = submitVERPDecode(encoded)
	if !ok || !hmac.Equal([]byte(sig), []byte(submitVERPSign(mac, key))) {
		return "", false
	}
	return key, true
}

func submitVERPSign(mac channels.Digest, key string) string {
	return composeCut(composeSign(mac, "verp", key), submitVERPMAC)
}

func submitVERPPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func submitVERPEncode(key string) string {
	var b strings.Builder
	for i := range len(key) {
		if submitVERPPlain(key[i]) {
			b.WriteByte(key[i])
		} else {
			b.WriteByte('=')
			b.WriteString(hex.EncodeToString([]byte{key[i]}))
		}
	}
	return b.String()
}

func submitVERPDecode(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case submitVERPPlain(s[i]):
			b.WriteByte(s[i])
		case s[i] == '=' && i+2 < len(s):
			c, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil || submitVERPPlain(c[0]) {
				return "", false // each key is written in one way only
			}
			b.WriteByte(c[0])
			i += 2
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// composeMAC is how many hex digits of a digest sign an address: 64 bits.
const composeMAC = 16

// composeSign is a short signature over parts, the first of which says what is signed.
func composeSign(mac channels.Digest, parts ...string) string {
	bs := make([][]byte, len(parts))
	for i, p := range parts {
		bs[i] = []byte(p)
	}
	d := mac(bs...)
	return d[:min(composeMAC, len(d))]
}
