// Package identify finds out who wrote. A contact is found by a proven address alone: one that its
// channel, a signature or a code vouches for on this very message. An address that somebody merely
// typed is a claim: it stays with its message and ticket, and finds nobody. It is pure.
package identify

import (
	"strings"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
)

// Finding says who wrote.
type Finding struct {
	Contact  int64            // id of the known contact; 0 when this is a new one
	Version  int64            // version of the known contact
	Verified bool             // the sender is proven to be who From says
	Name     string           // display name to keep for a new contact
	Add      []contacts.Claim // From where it is new, then what the message claims beside it
	Reason   string
}

// Sender finds the contact of a message. known is the contact that has proven to own the From
// identity, or nil; it counts only where the message is proven too.
// It is pure. A claim is kept too, with its message: Add says which addresses are verified.
func Sender(m message.Message, known *contacts.Contact) Finding {
	f := Finding{Verified: m.Proven, Name: displayName(m.From.Name)}
	from := m.From.Identity()
	switch {
	case from.IsZero():
		f.Verified, f.Reason = false, "no sender address; a contact without addresses"
	case !m.Proven:
		f.Add = append(f.Add, contacts.Claim{Address: canonical(m.From)})
		f.Reason = "nothing proves the sender: his address is a claim"
	case known != nil:
		f.Contact, f.Version = known.ID, known.Version
		f.Reason = "proven address of a known contact"
	default:
		f.Add = append(f.Add, contacts.Claim{Address: canonical(m.From), Verified: true})
		f.Reason = "first proven message of this address"
	}
	f.Add = append(f.Add, claims(m.Also, from)...)
	return f
}

// claims are the further addresses of a message, each once. Arriving beside a proven one proves nothing.
func claims(also []message.Address, from message.Identity) []contacts.Claim {
	var out []contacts.Claim
	seen := map[message.Identity]bool{from: true}
	for _, a := range also {
		id := a.Identity()
		if id.IsZero() || seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, contacts.Claim{Address: canonical(a)})
	}
	return out
}

// canonical is an address in the spelling by which identities are compared.
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
