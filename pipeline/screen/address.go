package screen

import (
	"strings"

	"frontdesk/pipeline/message"
)

// addr is the comparable form of an address.
func addr(s string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>"))
}

// unwrap returns the address inside a rewritten one: BATV ("prvs=tag=local@domain") and the
// sender rewriting scheme ("SRS0=hash=time=domain=local@forwarder", also SRS1). ok is false when
// a rewritten address cannot be read; other addresses are returned as they are.
func unwrap(address string) (inner string, ok bool) {
	local, domain, found := strings.Cut(addr(address), "@")
	if !found {
		return addr(address), true
	}
	switch {
	case strings.HasPrefix(local, "prvs="):
		parts := strings.Split(local, "=")
		if len(parts) != 3 {
			return "", false
		}
		// Both orders are in use: prvs=tag=local and prvs=local=tag; a tag is ten characters of hex.
		if isTag(parts[1]) {
			return parts[2] + "@" + domain, true
		}
		return parts[1] + "@" + domain, isTag(parts[2])
	case strings.HasPrefix(local, "srs0"):
		return unwrapSRS(local[4:])
	case strings.HasPrefix(local, "srs1"):
		_, rest, ok := strings.Cut(local[4:], "==") // SRS1=hash=forwarder==hash=time=domain=local
		if !ok {
			return "", false
		}
		return unwrapSRS("=" + rest)
	}
	return local + "@" + domain, true
}

// isTag reports whether a piece is a BATV tag.
func isTag(s string) bool {
	return len(s) == 10 && strings.Trim(s, "0123456789abcdef") == ""
}

// unwrapSRS reads "=hash=time=domain=local"; the first separator may also be + or -.
func unwrapSRS(s string) (string, bool) {
	if s == "" || !strings.ContainsAny(s[:1], "=+-") {
		return "", false
	}
	parts := strings.SplitN(s[1:], "=", 4)
	if len(parts) != 4 || parts[2] == "" || parts[3] == "" {
		return "", false
	}
	return parts[3] + "@" + parts[2], true
}

// Ours reports whether an address is one of ours, with or without a plus-part.
func (s Settings) Ours(address string) bool { return own(address, s.Own) }

// own reports whether an address is one of ours, with or without a plus-part.
func own(address string, list []string) bool {
	a := addr(address)
	if a == "" {
		return false
	}
	plain := withoutPlus(a)
	for _, o := range list {
		if o = addr(o); o == a || o == plain {
			return true
		}
	}
	return false
}

// withoutPlus is an address without its plus-part.
func withoutPlus(a string) string {
	local, domain, ok := strings.Cut(a, "@")
	if !ok {
		return a
	}
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	return local + "@" + domain
}

// marks are what people put between the words of a local part.
var marks = strings.NewReplacer("-", "", "_", "", ".", "")

// unmarked is a local part without such marks: no-reply, no_reply and noreply are one.
func unmarked(local string) string { return marks.Replace(local) }

// daemon reports whether the local part is that of a mail system. People have addresses such as mail.admin@ and
// mailer@; they are not among them.
func daemon(address string) bool {
	local, _, _ := strings.Cut(addr(address), "@")
	if strings.HasPrefix(local, "prvs=") || strings.HasPrefix(local, "srs") {
		if inner, ok := unwrap(address); ok {
			local, _, _ = strings.Cut(inner, "@")
		}
	}
	if !strings.Contains(local, "m") && !strings.HasPrefix(local, "bounce") {
		return false
	}
	switch unmarked(local) {
	case "mailerdaemon", "maildaemon", "mailerdemon", "mdaemon", "mmdf", "mailsystem", "maildeliverysystem", "maildeliverysubsystem", "mailerdaemons", "bouncehandler", "maildelivery", "mailerror":
		return true
	}
	return strings.HasPrefix(local, "mailer-daemon") || strings.HasPrefix(local, "microsoftexchange")
}

// carer reports whether the local part is one that RFC 2142 gives to whoever cares for a mail system, and from
// which that system may report, too.
func carer(address string) bool {
	local, _, _ := strings.Cut(addr(address), "@")
	switch strings.Trim(strings.ReplaceAll(local, "_", ""), "0123456789") {
	case "postmaster", "root", "daemon":
		return true
	}
	return false
}

// robot reports whether nobody reads the answers to an address.
// The lists are of what such addresses are called in use; to be among them costs a customer his acknowledgement, so words that people use
// in addresses are left out.
func robot(address string) bool {
	a := addr(address)
	if a == "" {
		return false
	}
	inner, ok := unwrap(a)
	if !ok || daemon(inner) || carer(inner) {
		return true
	}
	local, domain, _ := strings.Cut(inner, "@")
	switch local {
	case "nobody", "listserv", "majordomo", "mailman", "autoreply", "auto-reply", "autoresponder", "auto-confirm", "notifications", "notification", "hostmaster", "uucp", "cron", "bounce", "bounces":
		return true
	}
	squeezed := unmarked(local)
	for _, p := range []string{"noreply", "donotreply", "dontreply", "noresponder", "neantworten", "nichtantworten", "noanswer"} {
		if strings.HasPrefix(squeezed, p) || strings.HasSuffix(squeezed, p) {
			return true
		}
	}
	return listAddress(local, domain) || strings.HasSuffix(local, "-bounces") || strings.HasSuffix(local, "-bounce") || returning(local) || strings.HasSuffix(local, "-confirm")
}

// returning reports whether a local part is one that a mail service makes for what comes back: with a number in it, or
// an address. bounce-house@ is a shop.
func returning(local string) bool {
	rest, ok := strings.CutPrefix(local, "bounce")
	rest = strings.TrimPrefix(rest, "s")
	if !ok || rest == "" {
		return false
	}
	return (rest[0] == '+' || rest[0] == '-') && strings.ContainsAny(rest, "0123456789=")
}

// robotPath is robot for an envelope sender: list software without a host of its own sends what others write as
// owner-LIST@.
func robotPath(address, from string) bool {
	return robot(address) || strings.HasPrefix(addr(address), "owner-") && addr(address) != addr(from)
}

// listAddress knows the service addresses of a mailing list. A merchant is shop-owner@, and a company has a
// payment-request@: so only on a host of lists they are a list's.
func listAddress(local, domain string) bool {
	host, _, _ := strings.Cut(domain, ".")
	switch host {
	case "lists", "list", "listserv", "mailman", "groups", "ml", "mlists":
		return strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-owner") || strings.HasSuffix(local, "-request") || strings.HasSuffix(local, "-admin")
	}
	return false
}

// toUs reports whether one of the recipients, in the header or on the envelope, is ours.
func toUs(m message.Message, list []string) bool {
	for _, r := range m.Envelope.Recipients {
		if own(r, list) {
			return true
		}
	}
	for _, many := range [][]message.Address{m.To, m.Cc} {
		for _, a := range many {
			if own(a.Value, list) {
				return true
			}
		}
	}
	return false
}
