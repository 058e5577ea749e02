package relay

import (
	"crypto/hmac"
	"encoding/hex"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/email/header"
)

// verpmac is how many hex digits sign a bounce address: 40 bits, since a local part has 64 bytes. Whoever guesses can make one outbox
// row fail; each guess costs him a mail, and he would have to know the row's key as well.
const verpmac = 10

// verp is the envelope sender that names one outbox row: bounce+KEY.SIGNATURE@domain for the
// bounce address bounce@domain. The key is written in lower case letters, digits, - and _, and as
// =xx for all else, because relays may change letter case. ok is false when it would not fit into
// a local part.
// VERP is the variable envelope return path: a bounce comes to an address that says which mail it is about, whatever its text says.
func verp(key, bounce string, mac channels.Digest) (addr string, ok bool) {
	base, domain, ok := header.SplitAddress(strings.ToLower(bounce))
	if !ok || key == "" {
		return "", false
	}
	local := base + "+" + verpEncode(key) + "." + verpSign(mac, key)
	if len(local) > 64 {
		return "", false
	}
	return local + "@" + domain, true
}

// ParseVERP reads the outbox key from the address that a bounce came to. ok is false for every
// address that this installation has not signed.
// Only an address in which signature and key belong together is read; the domain is not compared, since several may lead to one desk.
func ParseVERP(addr string, mac channels.Digest) (key string, ok bool) {
	local, _, ok := header.SplitAddress(strings.ToLower(strings.Trim(strings.TrimSpace(addr), "<>")))
	if !ok || len(local) > 64 {
		return "", false
	}
	_, tail, found := strings.Cut(local, "+")
	encoded, sig, dotted := strings.Cut(tail, ".")
	if !found || !dotted {
		return "", false
	}
	key, ok = verpDecode(encoded)
	if !ok || !hmac.Equal([]byte(sig), []byte(verpSign(mac, key))) {
		return "", false
	}
	return key, true
}

// verpSign is the signature in hex. The word before the key keeps it apart from everything else that is signed with the same digest.
func verpSign(mac channels.Digest, key string) string {
	d := mac([]byte("verp"), []byte(key))
	return d[:min(verpmac, len(d))]
}

// verpPlain reports whether a byte is written as it is.
func verpPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// verpEncode writes the others as =xx, in lower case.
func verpEncode(key string) string {
	var b strings.Builder
	for i := range len(key) {
		if verpPlain(key[i]) {
			b.WriteByte(key[i])
		} else {
			b.WriteByte('=')
			b.WriteString(hex.EncodeToString([]byte{key[i]}))
		}
	}
	return b.String()
}

// verpDecode reads it back; false for what verpEncode never writes, and for an empty key.
func verpDecode(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case verpPlain(s[i]):
			b.WriteByte(s[i])
		case s[i] == '=' && i+2 < len(s):
			c, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil || verpPlain(c[0]) {
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
