package email

import (
	"fmt"
	"strings"

	"frontdesk/channels/descriptor"
)

// Review implements descriptor.Reviewer.
func (s *Section) Review(f *descriptor.Findings) {
	if s.IMAP != nil {
		plain(f, "imap", s.IMAP.Host, s.IMAP.TLS)
	}
	if s.Relay == "" && f.Acknowledges {
		f.Warn("relay", fmt.Sprintf("inbox %s has no relay: what it answers is kept in the mail sink, and its customers hear nothing; "+
			"name a relay of relays in it, or set acknowledgements.enabled: false", f.Inbox))
	}
	s.unproven(f)
	if i, known := relays(f.Around).named(s.Relay); known {
		s.otherMailbox(f, relays(f.Around).Relays[i])
	}
}

// unproven says that nobody checks the senders, and what that costs.
func (s *Section) unproven(f *descriptor.Findings) {
	way, hint := "LMTP", "write the name with which its server begins the Authentication-Results field of a mail"
	switch {
	case len(s.TrustedAuthserv) > 0:
		return
	case s.IMAP != nil:
		way = "IMAP"
		if id := authservOf(s.IMAP.Host); id != "" {
			hint = "for this provider write [" + id + "]"
		}
	case !s.SMTPDoor || !f.LMTP:
		return // our own SMTP listener checks
	}
	f.Note("trusted_authserv", fmt.Sprintf("inbox %s: nobody says whether the senders of what comes by %s are real, because trusted_authserv is empty. "+
		"All count as not proven: answers find their ticket only by references that we have signed, and acknowledgements carry "+
		"no words of the sender. To change that, %s (docs/channels/email-imap.md)", f.Inbox, way, hint))
}

// otherMailbox says that the inbox sends through a relay that takes mail of its own mailbox only, in the name of another address.
func (s *Section) otherMailbox(f *descriptor.Findings, r Relay) {
	if r.Envelope == "mailbox" && r.mailbox() && !strings.EqualFold(r.User, f.Address) {
		f.Note("relay", fmt.Sprintf("inbox %s: its mail names one address in From, and the relay %s signs in as another. Most relays that need "+
			"envelope: mailbox refuse that when the mail itself is sent, which check does not try (docs/channels/email-out.md)", f.Inbox, r.Name))
	}
}

// authservOf is what trusted_authserv should hold for a mailbox of a known provider; empty for others.
func authservOf(host string) string {
	host = strings.ToLower(host)
	for _, p := range []struct{ host, id string }{
		{"imap.gmail.com", "mx.google.com"}, {"outlook.office365.com", "microsoft"}, {"imap.fastmail.com", `"*.messagingengine.com"`},
		{"imap.zoho.com", "mx.zohomail.com"}, {"imappro.zoho.com", "mx.zohomail.com"}, {"imap.mail.yahoo.com", `"*.mail.yahoo.com"`},
		{"imap.qq.com", "mx.qq.com"},
	} {
		if host == p.host {
			return p.id
		}
	}
	return ""
}
