package thread

import (
	"fmt"
	"strconv"
	"strings"
)

// MAC is a keyed digest of its parts as lower-case hex, made with the installation's token key.
type MAC func(parts ...[]byte) string

// tokenLength is how many characters of the alphabet a token carries. They hold 49 bits, not 50, since x is drawn twice as often as any
// other. Most tokens are met by a guess with one chance in 10^15; the best guess, of x alone, has one in 10^12. The sender must be a
// participant besides, and each guess is a mail.
const tokenLength = 10

// alphabet is without i, l, o, 0 and 1, which leaves 31 characters; the x stands in it twice, so that five bits choose one.
// It stays as it is. Mails that customers have must be read for as long as the key is kept, so the old tokens would be taken beside
// new ones for ever, and be as easy to guess as now. A row that is sent again after an upgrade must carry its former Message-ID, too.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789x"

// sign returns the short proof that this installation gave out a reference to the ticket. The
// purpose keeps a subject token from serving as a reply address.
// It is the same each time: an old mail's reference stays good for as long as the key does.
func sign(mac MAC, purpose string, ticket int64) string {
	sum := mac([]byte("ticket-token"), []byte(purpose), []byte(strconv.FormatInt(ticket, 10)))
	return shorten(sum)
}

// Purposes of tokens.
const (
	purposeSubject   = "subject"
	purposeAddress   = "address"
	purposeMessageID = "message-id"
)

// shorten turns hex into lower-case letters and digits that survive being read over a telephone
// and case-folding mail systems.
// Of each byte the lowest five bits are kept.
func shorten(hex string) string {
	var out strings.Builder
	for i := 0; i+1 < len(hex) && out.Len() < tokenLength; i += 2 {
		n, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			n = 0
		}
		out.WriteByte(alphabet[n%32])
	}
	return out.String()
}

// TicketNumber is a ticket's number as people read and write it: T-123.
func TicketNumber(ticket int64) string { return "T-" + strconv.FormatInt(ticket, 10) }

// SubjectToken is the reference that stands in the subject of our mails: [#T-123-abcdefghjk].
func SubjectToken(mac MAC, ticket int64) string {
	return "[#" + TicketNumber(ticket) + "-" + sign(mac, purposeSubject, ticket) + "]"
}

// Bounds of the search for a token, so that a subject of nothing but beginnings costs little. A mail system may fold
// a token, which makes it longer.
const (
	maxTokens = 64  // that are looked at in one subject
	maxWidth  = 128 // bytes of one, from its first bracket to its last
)

// FindSubjectToken finds the first genuine token in a subject.
// White space within a token is forgiven. What was forged is passed over, since a genuine one may stand behind it.
func FindSubjectToken(mac MAC, subject string) (ticket int64, ok bool) {
	rest := subject
	for range maxTokens {
		at := tokenStarts(rest)
		if at < 0 {
			return 0, false
		}
		rest = rest[at:]
		end := strings.IndexByte(rest[:min(len(rest), maxWidth)], ']')
		if end < 0 {
			continue
		}
		number, proof, ok := strings.Cut(strings.Join(strings.Fields(rest[:end]), ""), "-")
		if !ok {
			continue
		}
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && id > 0 && equal(strings.ToLower(proof), sign(mac, purposeSubject, id)) {
			return id, true
		}
	}
	return 0, false
}

// tokenStarts is where the number of the next token begins, in either case: some programs change a subject's.
func tokenStarts(s string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], "[#")
		if at < 0 || from+at+4 > len(s) {
			return -1
		}
		from += at + 2
		if (s[from]|0x20) == 't' && s[from+1] == '-' {
			return from + 2
		}
	}
}

// ReplyAddress is the signed form of one of our addresses: support+t123.abcdefghjk@desk.example.
// A plus-address of the configuration's gives up its own detail. What is no address comes back as it is.
func ReplyAddress(mac MAC, address string, ticket int64) string {
	return plus(address, "t", ticket, sign(mac, purposeAddress, ticket))
}

// ParseReplyAddress returns the ticket that a signed reply address names.
// Case does not count: some mail systems change it. The base and the domain are not looked at, since an alias of ours is as good.
func ParseReplyAddress(mac MAC, address string) (ticket int64, ok bool) {
	return parsePlus(mac, address, "t", purposeAddress)
}

// MessageID is the Message-ID (without brackets) of the mail that an outbox row sends. It is made of
// the row's key alone, so that a repeat after a crash carries the same one.
// kind says what sort of mail it is, without a dot in it, and domain is the desk's own.
func MessageID(mac MAC, kind string, ticket int64, key, domain string) string {
	unique := shorten(mac([]byte("outbound-message-id"), []byte(key)))
	return fmt.Sprintf("%s.%d.%s.%s@%s", kind, ticket, unique, sign(mac, purposeMessageID, ticket), domain)
}

// ParseMessageID returns the ticket that one of our own Message-IDs names.
// The domain is not looked at, so that a desk which changed its own still knows its old mails.
func ParseMessageID(mac MAC, id string) (ticket int64, ok bool) {
	local, _, found := strings.Cut(strings.Trim(strings.TrimSpace(id), "<>"), "@")
	if !found {
		return 0, false
	}
	parts := strings.Split(local, ".")
	if len(parts) != 4 {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || n <= 0 || !equal(strings.ToLower(parts[3]), sign(mac, purposeMessageID, n)) {
		return 0, false
	}
	return n, true
}

// MadeFor reports whether one of our own Message-IDs is that of the outbox row with this key.
func MadeFor(mac MAC, id, key string) bool {
	parts := strings.Split(id, ".")
	return len(parts) > 3 && equal(strings.ToLower(parts[2]), shorten(mac([]byte("outbound-message-id"), []byte(key))))
}

// equal compares proofs without telling by its running time how much of one was right.
func equal(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var diff byte
	for i := range len(a) {
		diff |= a[i] ^ b[i]
	}
	return diff == 0
}
