package commands

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
)

// EraseEffect says that the person is erased to whom a row goes: what is due is withheld, and what would go on at another
// address does not. What is under way is left as it is: the caller waits for it.
type EraseEffect struct {
	Effect int64
	Cause  string
}

// Needs are the row, and its ticket's promises.
func (c EraseEffect) Needs(k *domain.Known) (n domain.Needs) {
	e, ok := k.Effects[c.Effect]
	switch {
	case !ok:
		n.Effects = []int64{c.Effect}
	case e.State == effects.Due && e.Kind == effects.KindAcknowledgement && e.Ticket != 0:
		n.Promises = []int64{e.Ticket}
	}
	return n
}

// Decide withholds what is due, and looks for no other address.
func (c EraseEffect) Decide(d *domain.Draft) error {
	before, ok := d.Effects[c.Effect]
	e := before
	switch {
	case ok && e.State == effects.Due:
		e.Withhold(c.Cause)
		if e.Kind == effects.KindAcknowledgement { // its ticket may be another's, in whose name somebody wrote
			d.StepAll(e.Ticket, erasing(c.Cause, false, d))
		}
	case ok && e.State == effects.Failed && e.NeedsFallback:
		e.NoFallback()
	default:
		return nil
	}
	d.SetEffect(before, e)
	return nil
}

func erasing(cause string, nobodyLeft bool, d *domain.Draft) promises.Step {
	return func(p promises.Promise) (promises.Promise, bool) {
		return promises.OnErase(p, cause, nobodyLeft, d.Now)
	}
}

// ErasePromises says that a person whom a ticket concerns is erased: the acknowledgement is owed no more, and nothing is where
// nobody is left.
type ErasePromises struct {
	Ticket     int64
	NobodyLeft bool
	Cause      string
}

// Needs are the ticket's promises.
func (c ErasePromises) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Promises: []int64{c.Ticket}}
}

// Decide withdraws them.
func (c ErasePromises) Decide(d *domain.Draft) error {
	d.StepAll(c.Ticket, erasing(c.Cause, c.NobodyLeft, d))
	return nil
}
