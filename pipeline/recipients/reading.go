package recipients

import (
	"slices"

	"frontdesk/pipeline/message"
)

// Bounds of what is kept of one mail. A list of people that is longer is a mailing, and nobody answers all of it.
const (
	mostAddresses  = 100 // of each field
	mostReferences = 20  // the nearest count
	longestName    = 200 // bytes
	longestID      = 998 // a Message-ID, RFC 5322 §2.1.1
)

// Reading is what agents need of a mail beyond its masked text: what an answer to it stands on. Message-IDs are without brackets.
type Reading struct {
	MessageID  string            `json:"message_id,omitempty"`
	References []string          `json:"references,omitempty"` // oldest first
	ReplyTo    []message.Address `json:"reply_to,omitempty"`
	To         []message.Address `json:"to,omitempty"`
	Cc         []message.Address `json:"cc,omitempty"`
}

// IsZero reports whether nothing is there.
func (r Reading) IsZero() bool {
	return r.MessageID == "" && len(r.References)+len(r.ReplyTo)+len(r.To)+len(r.Cc) == 0
}

// Read is the reading of a mail, bounded. Names are taken as they are in the message, where they are masked already. What may not be kept
// (keep: a text in which something would have to be masked) is left out, and so is what is no address of mail.
func Read(m message.Message, keep func(string) bool) Reading {
	ids := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == "" || len(id) > longestID || !keep(id) })
	}
	r := Reading{References: ids(m.References[max(0, len(m.References)-mostReferences):]),
		ReplyTo: kept(m.ReplyTo, keep), To: kept(m.To, keep), Cc: kept(m.Cc, keep)}
	for _, id := range ids([]string{m.MessageID}) {
		r.MessageID = id
	}
	return r
}

// kept are the addresses of a field that can be written to, each once.
func kept(all []message.Address, keep func(string) bool) (out []message.Address) {
	seen := map[message.Identity]bool{}
	for _, a := range all {
		if len(out) == mostAddresses {
			break
		}
		if id := a.Identity(); !seen[id] && Usable(a) && keep(a.Value) {
			seen[id] = true
			if len(a.Name) > longestName {
				a.Name = ""
			}
			out = append(out, a)
		}
	}
	return out
}

// Without is the reading with all that a test finds taken out: addresses by their value, Message-IDs, and names, whose addresses stay.
func (r Reading) Without(named func(string) bool) Reading {
	people := func(all []message.Address) (out []message.Address) {
		for _, a := range all {
			if named(a.Value) {
				continue
			}
			if named(a.Name) {
				a.Name = ""
			}
			out = append(out, a)
		}
		return out
	}
	out := Reading{References: slices.DeleteFunc(slices.Clone(r.References), named), ReplyTo: people(r.ReplyTo), To: people(r.To), Cc: people(r.Cc)}
	if !named(r.MessageID) {
		out.MessageID = r.MessageID
	}
	return out
}

// Addresses are all who are named.
func (r Reading) Addresses() []message.Address { return slices.Concat(r.ReplyTo, r.To, r.Cc) }
