// Package identify finds out who wrote. A contact is found by a proven address alone: one that its
// channel, a signature or a code vouches for on this very message. An address that somebody merely
// typed is a claim: it stays with its message and ticket, and finds nobody. It is pure.
package identify

import (
	"strings"

	"frontdesk/pipeline/message"
)

// Identity is one address as it is known.
type Identity struct {
	message.Identity
	// Verified says that the address belongs to the contact it is listed with. Without it the address is a
	// claim of one message.
	Verified bool `json:"verified,omitempty"`
	OptedOut bool `json:"opted_out,omitempty"` // the person said STOP there
	Failed   bool `json:"failed,omitempty"`    // a send there failed for good
}

// Contact is one person as far as the desk knows.
type Contact struct {
	ID         int64      `json:"id"`
	Version    int64      `json:"version"` // grows with each decision; a commit that read an older one is repeated
	Name       string     `json:"name,omitempty"`
	Language   string     `json:"language,omitempty"`
	Identities []Identity `json:"identities,omitempty"` // proven ones only
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

// Claim is an address that a message brings along. Verified, it becomes the contact's own. Otherwise it
// stays with the message: an acknowledgement may go there, and that is all.
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
	Add      []Claim // From where it is new, then what the message claims beside it
	Reason   string
}

// Sender finds the contact of a message. known is the contact that has proven to own the From
// identity, or nil; it counts only where the message is proven too.
func Sender(m message.Message, known *Contact) Finding {
	f := Finding{Verified: m.Proven, Name: displayName(m.From.Name)}
	from := m.From.Identity()
	switch {
	case from.IsZero():
		f.Verified, f.Reason = false, "no sender address; a contact without addresses"
	case !m.Proven:
		f.Add = append(f.Add, Claim{Address: canonical(m.From)})
		f.Reason = "nothing proves the sender: his address is a claim"
	case known != nil:
		f.Contact, f.Version = known.ID, known.Version
		f.Reason = "proven address of a known contact"
	default:
		f.Add = append(f.Add, Claim{Address: canonical(m.From), Verified: true})
		f.Reason = "first proven message of this address"
	}
	f.Add = append(f.Add, claims(m.Also, from)...)
	return f
}

// claims are the further addresses of a message, each once. Arriving beside a proven one proves nothing.
func claims(also []message.Address, from message.Identity) []Claim {
	var out []Claim
	seen := map[message.Identity]bool{from: true}
	for _, a := range also {
		id := a.Identity()
		if id.IsZero() || seen[id] {
			continue
		}
		seen[id] = true
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
