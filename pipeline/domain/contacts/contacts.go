// Package contacts is the contact: one person as far as the desk knows, and what a plan makes of him.
package contacts

import "frontdesk/pipeline/message"

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

// Plan creates or touches a contact. All zero: no contact is concerned.
type Plan struct {
	ID       int64
	New      bool
	Version  int64 // version that was read
	Name     string
	Language string // that he wrote in; empty: the words did not tell, and what is known stays
	Add      []Claim
}
