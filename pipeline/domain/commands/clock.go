package commands

import (
	"slices"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
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
//
// Recount says that they were counted anew by other calendars or policies, which leaves an entry with the times before and after.
type PromiseAnew struct {
	Ticket  int64
	Made    []promises.Promise
	Recount bool
}

// Needs are the ticket's promises, and for a recount its work item.
func (c PromiseAnew) Needs(k *domain.Known) domain.Needs {
	n := domain.Needs{Promises: []int64{c.Ticket}}
	if c.Recount {
		n.Whole(k, c.Ticket)
	}
	return n
}

// recount moves each promise that it concerns. ErrNotSo: none.
func (c PromiseAnew) recount(d *domain.Draft) error {
	moved := func(made promises.Promise) promises.Step {
		return func(p promises.Promise) (promises.Promise, bool) { return p.Recounted(made, d.Now) }
	}
	changes, told := false, false
	for _, made := range c.Made {
		p, there := d.Promises[promises.Key{Ticket: c.Ticket, Kind: made.Kind, Turn: made.Turn}]
		if there {
			after, will := moved(made)(p)
			changes, told = changes || will, told || !after.Due.Equal(p.Due)
		}
	}
	if !changes {
		return domain.ErrNotSo
	}
	run := func() {
		for _, made := range c.Made {
			d.Step(promises.Key{Ticket: c.Ticket, Kind: made.Kind, Turn: made.Turn}, moved(made))
		}
		before := d.Item(c.Ticket)
		d.SetDesk(before, d.Owing(before))
	}
	if !told { // only what is done about them when
		run()
		return nil
	}
	d.Enter(entries.Entry{Kind: entries.ActRecount, Actor: entries.Service, Ticket: c.Ticket}, entries.Snapshot{}, entries.Snapshot{}, run)
	return nil
}

// ResumePromises has the clock of what is promised in a ticket run again, which stood still while it was the customer's turn: each promise as it was read, and
// as it is counted now.
type ResumePromises struct {
	Ticket int64
	Made   []domain.Change[promises.Promise]
}

// Needs are the ticket's work item and promises.
func (c ResumePromises) Needs(k *domain.Known) (n domain.Needs) {
	n.Whole(k, c.Ticket)
	return n
}

// Decide leaves an entry with the times before and after. Where nothing is to run again any more it changes nothing: several of these are one plan.
func (c ResumePromises) Decide(d *domain.Draft) error {
	before := d.Item(c.Ticket)
	if before.Gone() || before.Resume.IsZero() {
		return nil
	}
	any := slices.ContainsFunc(c.Made, func(m domain.Change[promises.Promise]) bool {
		_, will := d.Promises[m.Before.Key()].Resumed(m.Before, m.After)
		return will
	})
	run := func() {
		for _, m := range c.Made {
			d.Step(m.Before.Key(), func(p promises.Promise) (promises.Promise, bool) { return p.Resumed(m.Before, m.After) })
		}
		d.SetDesk(before, d.Owing(before))
	}
	if !any {
		run()
		return nil
	}
	d.Enter(entries.Entry{Kind: promises.ActResume, Actor: entries.Service, Ticket: c.Ticket}, entries.Snapshot{}, entries.Snapshot{}, run)
	return nil
}

// Decide moves them forward, never back; of a recount see Promise.Recounted.
func (c PromiseAnew) Decide(d *domain.Draft) error {
	if c.Recount {
		return c.recount(d)
	}
	for _, made := range c.Made {
		d.Step(promises.Key{Ticket: c.Ticket, Kind: made.Kind}, func(p promises.Promise) (promises.Promise, bool) { return p.Hastened(made, d.Now) })
	}
	return nil
}
