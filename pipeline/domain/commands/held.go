package commands

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
)

// ReleaseHeld is a person who lets a withheld acknowledgement go: it is due, and its promise counts again.
type ReleaseHeld struct {
	Effect int64
	Actor  string
	Wait   time.Duration // so long nothing is sent, and HoldBackHeld can take it back
}

// Needs are the row and its promise.
func (r ReleaseHeld) Needs(k *domain.Known) domain.Needs { return ofEffect(k, r.Effect) }

func ofEffect(k *domain.Known, id int64) (n domain.Needs) {
	if e, ok := k.Effects[id]; ok {
		n.Acknowledgements = []int64{e.Ticket}
		return n
	}
	n.Effects = []int64{id}
	return n
}

// Decide makes the row due.
func (r ReleaseHeld) Decide(d *domain.Draft) error {
	before := d.Effects[r.Effect]
	e := before
	if before.Erased || !e.Released(r.Wait, d.Now) {
		return domain.ErrNotSo
	}
	held(d, before, e, entries.Entry{Kind: entries.ActReleaseHeld, Actor: r.Actor, Detail: before.Cause}, func(p promises.Promise) (promises.Promise, bool) {
		return promises.OnRelease(p, before.Cause, d.Now)
	})
	return nil
}

// HoldBackHeld takes a release back of which nothing was sent yet: the row is withheld again for what it was withheld for.
type HoldBackHeld struct {
	Effect int64
	Actor  string
	Cause  string
}

// Needs are the row and its promise.
func (h HoldBackHeld) Needs(k *domain.Known) domain.Needs { return ofEffect(k, h.Effect) }

// Decide withholds the row again.
func (h HoldBackHeld) Decide(d *domain.Draft) error {
	before := d.Effects[h.Effect]
	e := before
	if !e.HeldBack(h.Cause) {
		return domain.ErrNotSo
	}
	held(d, before, e, entries.Entry{Kind: entries.ActHoldBack, Actor: h.Actor, Detail: h.Cause}, withdrawing(h.Cause, d.Now))
	return nil
}

func withdrawing(cause string, now time.Time) promises.Step {
	return func(p promises.Promise) (promises.Promise, bool) { return p.Withdrawn(cause, now) }
}

// held writes what an act makes of an acknowledgement and its promise.
func held(d *domain.Draft, before, after effects.Effect, e entries.Entry, step promises.Step) {
	d.SetEffect(before, after)
	e.Message, e.Ticket = after.Message, after.Ticket
	d.Enter(e, entries.Snapshot{Effect: before.State}, entries.Snapshot{Effect: after.State}, func() { d.StepAcknowledgement(after.Ticket, step) })
}

// NeverSend says of a withheld acknowledgement that nothing may ever go to its address: it waits for nobody.
type NeverSend struct {
	Effect int64
	Cause  string
}

// Needs are the row and its promise.
func (n NeverSend) Needs(k *domain.Known) domain.Needs { return ofEffect(k, n.Effect) }

// Decide withholds the row for that cause.
func (n NeverSend) Decide(d *domain.Draft) error {
	before := d.Effects[n.Effect]
	if before.State != effects.Withheld {
		return domain.ErrNotSo
	}
	e := before
	e.Cause = n.Cause
	d.SetEffect(before, e)
	d.StepAcknowledgement(e.Ticket, func(p promises.Promise) (promises.Promise, bool) {
		changed := p.State == promises.Void && p.Cause != n.Cause
		if changed {
			p.Cause = n.Cause
		}
		return p, changed
	})
	return nil
}
