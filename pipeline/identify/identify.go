// Package identify finds out who wrote: which contact the sender's address belongs to, whether the
// channel proves it, and which further addresses the message claims. It is pure.
package identify

import (
	"strings"

	"frontdesk/pipeline/message"
)

// Identity is one address of a contact as it is known.
type Identity struct {
	message.Identity
	Verified bool `json:"verified,omitempty"`  // a provider or DMARC vouched for it at least once
	OptedOut bool `json:"opted_out,omitempty"` // the person said STOP there
	Failed   bool `json:"failed,omitempty"`    // a send there failed for good
}

// Contact is one person as far as the desk knows.
type Contact struct {
	ID         int64      `json:"id"`
	Version    int64      `json:"version"` // grows with each decision; a commit that read an older one is repeated
	Name       string     `json:"name,omitempty"`
	Language   string     `json:"language,omitempty"`
	Identities []Identity `json:"identities,omitempty"`
}

// Owns reports whether the identity is one of the contact's.
func (c *Contact) Owns(id message.Identity) bool {
	_, ok := c.Lookup(id)
	return ok
}

// Lookup returns what is known of one of the contact's identities.
func (c *Contact) Lookup(id message.Identity) (Identity, bool) {
	if c == nil {
		return Identity{}, false
	}
	for _, own := range c.Identities {
		if own.Identity == id {
			return own, true
		}
	}
	return Identity{}, false
}

// Claim is an address that the message adds to its contact.
type Claim struct {
	Address  message.Address `json:"address"`
	Verified bool            `json:"verified,omitempty"`
}

// Finding says who wrote.
type Finding struct {
	Contact  int64   // id of the known contact; 0 when this is a new one
	Version  int64   // version of the known contact
	Verified bool    // the sender is proven to be who From says
	Name     string  // display name to keep for a new contact
	Add      []Claim // addresses the contact gains: From first for a new contact
	Reason   string
}

// Sender finds the contact of a message. known is the contact that owns the From identity, or nil;
// taken names the claimed identities that already belong to somebody: a claim never merges contacts,
// so those are left alone.
func Sender(m message.Message, known *Contact, taken map[message.Identity]bool) Finding {
	f := Finding{Verified: m.Proven, Name: displayName(m.From.Name)}
	from := m.From.Identity()
	switch {
	case from.IsZero():
		f.Reason = "no sender address; a contact without addresses"
	case known != nil:
		f.Contact, f.Version = known.ID, known.Version
		f.Reason = "known address"
		if own, _ := known.Lookup(from); m.Proven && !own.Verified {
			f.Add = append(f.Add, Claim{Address: canonical(m.From), Verified: true})
			f.Reason = "known address, now proven"
		}
	default:
		f.Add = append(f.Add, Claim{Address: canonical(m.From), Verified: m.Proven})
		f.Reason = "first message of this address"
	}
	f.Add = append(f.Add, claims(m.Also, known, taken, from)...)
	return f
}

func claims(also []message.Address, known *Contact, taken map[message.Identity]bool, from message.Identity) []Claim {
	var out []Claim
	for _, a := range also {
		id := a.Identity()
		if id.IsZero() || id == from || taken[id] || known.Owns(id) {
			continue
		}
		out = append(out, Claim{Address: canonical(a)})
	}
	return out
}

func canonical(a message.Address) message.Address {
	id := a.Identity()
	return message.Address{Kind: id.Kind, Value: id.Value, Name: displayName(a.Name)}
}

// displayName keeps at most 140 runes of a name that a stranger chose, on one line.
func displayName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > 140 {
		return string(runes[:140])
	}
	return name
}
