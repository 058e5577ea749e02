package commands

import (
	"reflect"
	"testing"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	who "frontdesk/pipeline/message"
)

// TestTheLastWordOnWritingCounts, whoever it comes from, and each address is written once.
func TestTheLastWordOnWritingCounts(t *testing.T) {
	ann := contacts.Address{Key: "ann", Identity: who.Identity{Kind: who.Phone, Value: "+8613800138000"}}
	said := func(on contacts.Event) domain.Command { return ConsentCame{ann, on} }
	refused := SendEnded{ID: 1, State: effects.Failed, Code: "21610", OptedOut: true}
	with := func(a contacts.Address, consent contacts.Consent) contacts.Address {
		a.Consent = consent
		return a
	}
	for _, c := range []struct {
		name  string
		known contacts.Consent // empty: nobody has said anything
		said  []domain.Command
		want  contacts.Address
	}{
		{"a stranger's STOP", "", []domain.Command{said(contacts.Stop)}, with(ann, contacts.OptedOut)},
		{"a stranger's START", "", []domain.Command{said(contacts.Start)}, with(ann, contacts.OptedIn)},
		{"STOP", contacts.OptedIn, []domain.Command{said(contacts.Stop)}, with(ann, contacts.OptedOut)},
		{"START", contacts.OptedOut, []domain.Command{said(contacts.Start)}, with(ann, contacts.OptedIn)},
		{"STOP once more", contacts.OptedOut, []domain.Command{said(contacts.Stop)}, with(ann, contacts.OptedOut)},
		{"STOP, then START", contacts.OptedIn, []domain.Command{said(contacts.Stop), said(contacts.Start)}, with(ann, contacts.OptedIn)},
		{"START, then STOP", contacts.OptedOut, []domain.Command{said(contacts.Start), said(contacts.Stop)}, with(ann, contacts.OptedOut)},
		{"the provider's word after START", contacts.OptedOut, []domain.Command{said(contacts.Start), refused}, with(ann, contacts.OptedOut)},
		{"the provider's word alone, of which the key is all that is known", "", []domain.Command{refused}, contacts.Address{Key: "ann", Consent: contacts.OptedOut}},
	} {
		k := sending(effects.Sending, nil) // to Ann
		if c.known != "" {
			k.Addresses["ann"] = with(ann, c.known)
		}
		plan, err := domain.Decide(c.said, k, most)
		if err != nil || !reflect.DeepEqual(plan.Addresses, []contacts.Address{c.want}) || k.Addresses["ann"] != c.want {
			t.Errorf("%s: %+v, known %+v, %v", c.name, plan.Addresses, k.Addresses, err)
		}
	}
}
