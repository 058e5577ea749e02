package stored

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/checking"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/persons"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// joins say which contacts are one person.
type joins struct{ *Desk }

// Persons joins the pages to who is one person.
func Persons(d *Desk) further.Persons { return joins{d} }

// Do joins, parts, or takes a step back.
func (d joins) Do(ctx context.Context, v viewer.Viewer, number int64, deed further.Deed) error {
	switch deed.What {
	case further.PersonJoin:
		return told(d.Store.Persons.Join(ctx, v, number, deed.Other, deed.Why, d.Now()))
	case further.PersonPart:
		return told(d.Store.Persons.Part(ctx, v, number, deed.Contact, deed.Why, d.Now()))
	case further.PersonUndo:
		return told(d.Store.Persons.Undo(ctx, v, number, deed.Step, d.Now()))
	case further.PersonApart:
		return told(d.Store.Persons.Distinct(ctx, v, number, deed.Other, d.Now()))
	case further.PersonCode:
		return d.code(ctx, v, number, deed.Other)
	}
	return pages.ErrNotFound
}

// Suggested are customers who may be the same person.
func (d joins) Suggested(ctx context.Context, v viewer.Viewer, number int64) (out []acts.Suggested, err error) {
	all, err := d.Store.Persons.Suggest(ctx, v, number)
	for _, s := range all {
		one := acts.Suggested{Number: s.Ticket.ID, Subject: s.Ticket.Subject, Who: d.known(s.Who), Why: contacts.WhyNumber}
		if !slices.Contains(s.Evidence, persons.Wrote) && !slices.Contains(s.Evidence, persons.Signed) {
			one.Why = contacts.WhyOrder
		}
		for _, e := range s.Evidence {
			one.Evidence = append(one.Evidence, string(e))
		}
		out = append(out, one)
	}
	return out, told(err)
}

// code sends a code to the customer of another ticket, and puts words that ask for it behind the viewer's draft.
func (d joins) code(ctx context.Context, v viewer.Viewer, number, other int64) error {
	_, err := d.Store.Checking.BeginJoining(ctx, v, checking.Ways(d.House.Ways), number, other, d.Now())
	for _, e := range []struct{ of, is error }{{persons.ErrUnfit, further.ErrUnfit}, {checking.ErrMany, further.ErrMany}} {
		if errors.Is(err, e.of) {
			return fmt.Errorf("%w: %w", e.is, err)
		}
	}
	if err != nil {
		return told(err)
	}
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return told(err)
	}
	return routines(d).append(ctx, v, number, challenge.Ask(g.Language, ""))
}

// same is who wrote a ticket, and adds the tickets of whom he is beside its contact to its others; by tells by whom each of these came.
func (d *Desk) same(ctx context.Context, v viewer.Viewer, k *agents.Ticket, names people) (out *acts.Same, by map[int64]acts.Known, err error) {
	p, err := d.Store.Persons.Of(ctx, v, k.Card.Ticket)
	if err != nil {
		return nil, nil, told(err)
	}
	by = map[int64]acts.Known{}
	for _, c := range p.Contacts {
		by[c.ID] = d.known(c)
	}
	for _, other := range p.Tickets {
		if !slices.ContainsFunc(k.Others, func(o view.Ticket) bool { return o.ID == other.ID }) {
			k.Others = append(k.Others, other)
		}
	}
	slices.SortStableFunc(k.Others, func(a, b view.Ticket) int { return b.OpenedAt.Compare(a.OpenedAt.Time) })
	codes := v.May(viewer.Answer, k.Queue) && k.MergedInto == 0 && k.Proven
	if len(p.Contacts)+len(p.Steps) == 0 && !p.May && !codes {
		return nil, by, nil
	}
	out = &acts.Same{Own: d.known(p.Own), May: p.May, Codes: codes, Joins: contacts.Joins(), Parts: contacts.Parts()}
	for _, c := range p.Contacts {
		out.Contacts = append(out.Contacts, by[c.ID])
	}
	for _, s := range p.Steps {
		one := acts.Step{ID: s.ID, Kind: s.Kind, Who: d.known(s.Who), With: d.known(s.With), Why: s.Why, At: s.At}
		if s.By != entries.Service {
			one.By = cmp.Or(names.byLogin[s.By], s.By)
		}
		out.Steps = append(out.Steps, one)
	}
	return out, by, nil
}

// known is a contact with the channel by which its address is written to.
func (d *Desk) known(c persons.Contact) acts.Known {
	out := acts.Known{ID: c.ID, Name: c.Name, Address: c.Value}
	if c.Kind != "" {
		_, out.Channel, _ = d.House.Ways("", c.Kind)
		out.Channel = cmp.Or(out.Channel, string(c.Kind))
	}
	return out
}
