package twilio

import (
	"strings"

	"frontdesk/channels/descriptor"
)

// open makes the connector of an inbox.
func open(s descriptor.Setup) (descriptor.Ends, error) {
	account := s.Section.(*Section).Twilio
	path := "/hooks/" + s.Inbox
	c, err := New(Config{Roots: s.Roots, Inbox: s.Inbox, AccountSID: account.AccountSID, AuthToken: account.AuthToken.Reveal(), Number: ownNumber(s.Peer), From: account.From,
		Account: sameAccount(s), MessagingServiceSID: account.MessagingServiceSID, PublicURL: s.URL(path), BaseURL: account.BaseURL})
	if err != nil {
		return descriptor.Ends{}, err
	}
	return descriptor.Ends{Decoder: c, Catchup: c, Hooks: []descriptor.Hook{{Path: path, Webhook: c}}, Sender: c, Media: c,
		Probes: []descriptor.Probe{{What: "Twilio account", At: "twilio", Prober: c}}}, nil
}

// ownNumber is the number at which an inbox is written to: its address, else the number that it sends from. A name receives nothing.
func ownNumber(p descriptor.Peer) string {
	from := p.Section.(*Section).Twilio.From
	if p.Address == "" && strings.Trim(from, "+0123456789") == "" {
		return from
	}
	return p.Address
}

// sameAccount lists the inboxes of one Twilio account.
func sameAccount(s descriptor.Setup) []Neighbour {
	own := s.Section.(*Section).Twilio.AccountSID
	var out []Neighbour
	for _, p := range s.Peers {
		if t := p.Section.(*Section).Twilio; t != nil && t.AccountSID == own {
			out = append(out, Neighbour{Inbox: p.Inbox, Number: ownNumber(p), MessagingServiceSID: t.MessagingServiceSID})
		}
	}
	return out
}
