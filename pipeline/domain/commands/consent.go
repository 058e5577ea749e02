package commands

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
)

// ConsentCame says what was said about writing to an address: STOP, or START. It is the person's word there; whoever acts in his name
// gives the same command.
type ConsentCame struct {
	Address contacts.Address // what stands there as its consent is not looked at
	On      contacts.Event
}

// Needs are the address.
func (c ConsentCame) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Addresses: []contacts.Address{c.Address}}
}

// Decide heeds it.
func (c ConsentCame) Decide(d *domain.Draft) error { return heed(d, c.Address, c.On) }

// heed changes the consent of an address. Of one of which nothing is known nobody has said anything yet.
func heed(d *domain.Draft, said contacts.Address, on contacts.Event) error {
	a, known := d.Addresses[said.Key]
	if !known {
		a = contacts.Address{Key: said.Key, Consent: contacts.OptedIn}
	}
	to, means := contacts.Machine.Next(a.Consent, on)
	if !means {
		return domain.ErrNotSo
	}
	a.Consent = to
	if !said.Identity.IsZero() {
		a.Identity = said.Identity
	}
	d.SetAddress(a)
	return nil
}
