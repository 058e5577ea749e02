package email

import (
	"crypto/hmac"
	"strconv"
	"strings"

	"frontdesk/channels"
)

// composeMAC is how many hex digits of a digest sign an id: 64 bits.
const composeMAC = 16

// OutboundMessageID is the Message-ID, without brackets, of a mail of ours: kind.ticket.key.signature
// before the @. It is the same for the same outbox key, so that a repeated send is a repeated
// mail and not a second one. mac is the installation's digest.
func OutboundMessageID(kind string, ticket int64, key, domain string, mac channels.Digest) string {
	body := composeKind(kind) + "." + strconv.FormatInt(ticket, 10) + "." +
		composeSign(mac, "message-id key", key)
	domain = strings.ToLower(domain)
	return body + "." + composeSign(mac, "message-id", body, domain) + "@" + domain
}

// ParseMessageID reads the ticket from a Message-ID of ours, with or without brackets. ok is false
// for every id that this installation has not signed.
func ParseMessageID(id string, mac channels.Digest) (ticket int64, ok bool) {
	id = strings.ToLower(strings.Trim(strings.TrimSpace(id), "<>"))
	local, domain, ok := smtpCut(id)
	if !ok || len(id) > 500 {
		return 0, false
	}
	parts := strings.Split(local, ".")
	if len(parts) != 4 {
		return 0, false
	}
	want := composeSign(mac, "message-id", strings.Join(parts[:3], "."), domain)
	if !hmac.Equal([]byte(parts[3]), []byte(want)) {
		return 0, false
	}
	ticket, err := strconv.ParseInt(parts[1], 10, 64)
	return ticket, err == nil
}

// composeSign is a short signature over parts, the first of which says what is signed.
func composeSign(mac channels.Digest, parts ...string) string {
	bs := make([][]byte, len(parts))
	for i, p := range parts {
		bs[i] = []byte(p)
	}
	d := mac(bs...)
	return d[:min(composeMAC, len(d))]
}

// composeKind keeps letters, digits and hyphens.
func composeKind(kind string) string {
	kind = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(kind))
	if kind == "" {
		return "mail"
	}
	return composeCut(kind, 32)
}
