package check

import (
	"fmt"
	"strings"

	"frontdesk/configs"
)

// unprovenNotes says of which inboxes nobody checks the senders, and what that costs.
func unprovenNotes(c configs.Config) configs.Problems {
	var out configs.Problems
	traits := c.Kinds.Line()
	for i, in := range c.Inboxes {
		if !traits[in.Channel].Mail || len(in.TrustedAuthserv) > 0 {
			continue
		}
		way := ""
		switch {
		case in.IMAP != nil:
			way = "IMAP"
		case in.SMTPDoor && c.Listen.LMTP != "":
			way = "LMTP"
		default:
			continue // our own SMTP listener checks
		}
		hint := "write the name with which its server begins the Authentication-Results field of a mail"
		if in.IMAP != nil {
			if id := authservOf(in.IMAP.Host); id != "" {
				hint = "for this provider write [" + id + "]"
			}
		}
		out = append(out, configs.Problem{Path: fmt.Sprintf("inboxes[%d].trusted_authserv", i), Text: fmt.Sprintf("inbox %s: nobody says whether the senders of what comes by %s are real, because trusted_authserv is empty. "+
			"All count as not proven: answers find their ticket only by references that we have signed, and acknowledgements carry "+
			"no words of the sender. To change that, %s (docs/channels/email-imap.md)", in.Name, way, hint)})
	}
	return out
}

// mailboxNotes says which inboxes send through a relay that takes mail of its own mailbox only, in the name of another
// address.
func mailboxNotes(c configs.Config) configs.Problems {
	var out configs.Problems
	for i, in := range c.Inboxes {
		for _, r := range c.Relays {
			if r.Name == in.Relay && r.Envelope == "mailbox" && strings.Contains(r.User, "@") && !strings.EqualFold(r.User, in.Address) {
				out = append(out, configs.Problem{Path: fmt.Sprintf("inboxes[%d].relay", i), Text: fmt.Sprintf("inbox %s: its mail names one address in From, and the relay %s signs in as another. Most relays that need "+
					"envelope: mailbox refuse that when the mail itself is sent, which check does not try (docs/channels/email-out.md)", in.Name, r.Name)})
			}
		}
	}
	return out
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

// relayWarnings says whose acknowledgements by mail reach nobody: they need a relay. Without a configuration file all mail is kept in
// the sink, as the ready line's page shows.
func relayWarnings(c configs.Config) configs.Problems {
	if !c.Acknowledgements.Enabled {
		return nil
	}
	var out configs.Problems
	mail, traits := false, c.Kinds.Line()
	for i, in := range c.Inboxes {
		if !traits[in.Channel].Mail {
			continue
		}
		mail = true
		if in.Relay == "" {
			out = append(out, configs.Problem{Path: fmt.Sprintf("inboxes[%d].relay", i), Text: fmt.Sprintf("inbox %s has no relay: what it answers is kept in the mail sink, and its customers hear nothing; "+
				"name a relay of relays in it, or set acknowledgements.enabled: false", in.Name)})
		}
	}
	for i, in := range c.Inboxes {
		if in.Section != nil && in.Section.Facts().Leaves && !mail {
			out = append(out, configs.Problem{Path: fmt.Sprintf("inboxes[%d]", i), Text: fmt.Sprintf("inbox %s: a visitor leaves his mail address and hears nothing, because no inbox can write mail; "+
				"add an inbox with channel: email and a relay", in.Name)})
		}
	}
	return out
}
