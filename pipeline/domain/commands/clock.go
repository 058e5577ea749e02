package commands

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/promises"
)

// PromiseCame says that the next moment of a promise has come: that of a warning, or its deadline.
type PromiseCame struct{ Promise promises.Key }

// Needs are the promise.
func (c PromiseCame) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Promises: []int64{c.Promise.Ticket}}
}

// Decide warns, or breaks it.
func (c PromiseCame) Decide(d *domain.Draft) error {
	p, there := d.Promises[c.Promise]
	if !there || !p.Open() || p.Next.IsZero() || p.Next.After(d.Now) {
		return domain.ErrNotSo
	}
	d.Step(c.Promise, func(p promises.Promise) (promises.Promise, bool) {
		after, moved := p.Wake(d.Now)
		d.Plan.Moved = append(d.Plan.Moved, moved)
		return after, true
	})
	return nil
}

// PromiseAnew says that the first message with a matter settles a ticket that a greeting has opened: its promises were made anew, and each
// open one moves to the earlier of its two times. Kinds that the ticket has none of are added by whoever commits the message.
type PromiseAnew struct {
	Ticket int64
	Made   []promises.Promise
}

// Needs are the ticket's promises.
func (c PromiseAnew) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Promises: []int64{c.Ticket}}
}

// Decide moves them forward, never back.
func (c PromiseAnew) Decide(d *domain.Draft) error {
	for _, made := range c.Made {
		d.Step(promises.Key{Ticket: c.Ticket, Kind: made.Kind}, func(p promises.Promise) (promises.Promise, bool) { return p.Hastened(made, d.Now) })
	}
	return nil
}
