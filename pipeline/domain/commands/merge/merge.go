// Package merge is the commands of people who have tickets worked on as one.
package merge

import (
	"slices"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// mostMerged bounds how many tickets are worked on as one.
const mostMerged = 50

// Tickets is a person who merges a ticket into another one, with all that is merged into it. It moves nothing: the source points at the
// target, where it is worked on from then on, so that taking it back is to take the pointer away.
type Tickets struct {
	Source, Target int64
	Actor          string
}

// Needs are both tickets, their items, what is merged into them, and the promises of all.
func (c Tickets) Needs(k *domain.Known) (n domain.Needs) {
	n.Tickets = append([]int64{c.Source, c.Target}, k.Members[c.Source]...)
	n.Whole(k, c.Source)
	n.Whole(k, c.Target)
	return n
}

// Decide closes the source and has the target do its work: it keeps the nearest deadline of both, the older place and the higher priority, and
// is open if either was. What was promised in the source stays promised, and is kept by what is done in the target. Of two who merge two tickets
// into each other the second finds one merged: domain.ErrMerged.
func (c Tickets) Decide(d *domain.Draft) error {
	source, there := d.Tickets[c.Source]
	target, both := d.Tickets[c.Target]
	switch {
	case source.MergedInto != 0, target.MergedInto != 0:
		return domain.ErrMerged
	case !there, !both, c.Source == c.Target, source.Erased, target.Erased, len(d.Members[c.Source])+len(d.Members[c.Target])+2 > mostMerged:
		return domain.ErrNotSo
	}
	joined := target
	joined.Version++
	joined.Priority = desk.Higher(target.Priority, source.Priority)
	if source.State == tickets.Open { // what is merged into it wants something of it
		joined.State, _ = tickets.Machine.Next(target.State, tickets.Continue)
	}
	gone := source
	gone.State, _ = tickets.Machine.Next(source.State, tickets.Merge)
	gone.MergedInto = c.Target
	gone.Version++
	d.SetTicket(source, gone)
	d.SetTicket(target, joined)
	point(d, d.Members[c.Source], c.Target)
	items := [2]desk.Item{d.Item(c.Source), d.Item(c.Target)}
	before, after := pair(source, target), pair(gone, joined)
	before.Desk, before.Other.Desk = entries.ItemOf(items[0]), entries.ItemOf(items[1])
	after.Other.Desk = before.Other.Desk
	d.Members[c.Target] = slices.Concat(d.Members[c.Target], []int64{c.Source}, d.Members[c.Source])
	delete(d.Members, c.Source)
	d.Enter(entries.Entry{Kind: entries.ActMerge, Actor: c.Actor, Ticket: c.Source}, before, after, func() {
		joinItems(d, items[0], items[1], joined)
	})
	e := d.Plan.Entries[len(d.Plan.Entries)-1]
	d.SetMerge(domain.Merge{Source: c.Source, Target: c.Target, Actor: c.Actor, Before: e.Before, After: e.After})
	beside(d, entries.Entry{Kind: entries.ActTakeIn, Actor: c.Actor, Ticket: c.Target}, target, joined, c.Source)
	return nil
}

// joinItems has the target's item do the work of both.
func joinItems(d *domain.Draft, source, target desk.Item, joined tickets.Status) {
	gone := source
	gone.State = desk.Gone
	if !source.Gone() {
		d.SetDesk(source, gone)
	}
	switch after := target.Joined(source); {
	case joined.State != tickets.Open:
	case after.Gone(): // an older program leaves tickets without one
		d.SetDesk(target, d.Fresh(joined))
	default:
		d.SetDesk(target, d.Owing(after.As(joined.Queue, joined.Language, joined.Category, joined.Priority)))
	}
}

// point has tickets that were merged before point at another root.
func point(d *domain.Draft, members []int64, root int64) {
	for _, id := range members {
		if before, there := d.Tickets[id]; there {
			after := before
			after.MergedInto = root
			d.SetTicket(before, after)
		}
	}
}

// pair is a ticket that is merged, with the one that it is merged into beside it.
func pair(source, other tickets.Status) entries.Snapshot {
	of := func(t tickets.Status) entries.Snapshot {
		return entries.Snapshot{Ticket: t.State, Version: t.Version, Priority: t.Priority}
	}
	s, o := of(source), of(other)
	s.Into, s.Other = other.ID, &o
	return s
}

// beside notes on the other ticket what was done with both.
func beside(d *domain.Draft, e entries.Entry, before, after tickets.Status, source int64) {
	e.Before, e.After = entries.Snapshot{Ticket: before.State, Into: source}, entries.Snapshot{Ticket: after.State, Into: source}
	d.Plan.Entries = append(d.Plan.Entries, e)
}

// Undo is a person who takes the merging of a ticket back. Its messages have stayed its own, also those that came later, and so do the
// answers that were written in either. What was settled meanwhile stays settled, but for what closing the root has settled in it.
type Undo struct {
	Source int64
	Root   int64 // in which it is worked on, so that both are locked in the order of their ids
	Actor  string
}

// Needs are both tickets with all that is merged there, their items and promises, and the mergings that stand.
func (c Undo) Needs(k *domain.Known) (n domain.Needs) {
	n.Tickets = append([]int64{c.Source, c.Root}, k.Members[c.Root]...)
	n.Merges = append([]int64{c.Source}, k.Members[c.Root]...)
	n.Closed = []int64{c.Root}
	n.Whole(k, c.Root)
	n.Desk = append(n.Desk, c.Source)
	return n
}

// Decide gives both what was theirs. The source is open if it was, or if its customer has written since; whoever had it has it. The root
// loses what it had by the source alone, as far as that has not changed since.
func (c Undo) Decide(d *domain.Draft) error {
	source, root := d.Tickets[c.Source], d.Tickets[c.Root]
	m, stands := d.Merges[c.Source]
	if !stands || source.MergedInto == 0 || source.MergedInto != c.Root || root.ID == 0 {
		return domain.ErrNotSo
	}
	freed, left := source, root
	freed.MergedInto = 0
	freed.Version++
	if !source.Erased && (m.Before.Ticket == tickets.Open || source.Version > m.After.Version) {
		freed.State, _ = tickets.Machine.Next(source.State, tickets.Unmerge)
	}
	left.Version++
	if was, became := m.Before.Other, m.After.Other; m.Target == c.Root && was != nil && became != nil {
		if became.Priority == root.Priority {
			left.Priority = was.Priority
		}
		if was.Ticket == tickets.Closed && became.Version == root.Version { // nothing has happened to it since
			left.State = tickets.Closed
		}
	}
	before, after := pair(source, root), pair(freed, left)
	before.Closed = d.Closed[c.Root]
	before.Other.Desk = entries.ItemOf(d.Item(c.Root))
	after.Other.Desk = before.Other.Desk
	d.SetTicket(source, freed)
	d.SetTicket(root, left)
	part(d, c.Source, c.Root)
	d.Enter(entries.Entry{Kind: entries.ActUndoMerge, Actor: c.Actor, Ticket: c.Source}, before, after, func() { partItems(d, m, freed, left) })
	m.Undone, m.Actor = true, c.Actor
	d.SetMerge(m)
	beside(d, entries.Entry{Kind: entries.ActGiveOut, Actor: c.Actor, Ticket: c.Root}, root, left, c.Source)
	return nil
}

// part gives a source what was merged into it before it was merged itself.
func part(d *domain.Draft, source, root int64) {
	var own, rest []int64
	for _, id := range d.Members[root] {
		switch {
		case id == source:
		case leads(d, id, source):
			own = append(own, id)
		default:
			rest = append(rest, id)
		}
	}
	point(d, own, source)
	d.Members[root], d.Members[source] = rest, own
}

// leads reports whether the mergings of a ticket lead to that one.
func leads(d *domain.Draft, ticket, to int64) bool {
	for range mostMerged {
		m, stands := d.Merges[ticket]
		if !stands || m.Target == to {
			return stands
		}
		ticket = m.Target
	}
	return false
}

// partItems gives back the work items of two tickets that were merged.
func partItems(d *domain.Draft, m domain.Merge, source, root tickets.Status) {
	now := d.Item(root.ID)
	was, became := itemThen(m.Before, m.Target == root.ID), itemThen(m.After, m.Target == root.ID)
	same := !now.Gone() && now.State == became.State && now.Since.Equal(became.Since) && now.Wake.Equal(became.Wake)
	if source.State == tickets.Open {
		freeItem(d, m, source, root, now, same)
	}
	switch {
	case now.Gone() && root.State == tickets.Open:
		d.SetDesk(now, d.Fresh(root))
		return
	case now.Gone():
		return
	}
	after := now
	if same && !was.Gone() {
		after = after.Turned(was)
	}
	if was.Owner == 0 && !was.Gone() && now.Owner != 0 && now.Owner == became.Owner { // it had the source's owner
		after = after.HandedBack(false)
	}
	if root.State == tickets.Closed {
		after.State = desk.Gone
	}
	d.SetDesk(now, d.Owing(after.As(after.Queue, after.Language, after.Category, root.Priority)))
}

// itemThen is the root's work item as a merging has noted it, where it was merged into that root itself.
func itemThen(s entries.Snapshot, direct bool) desk.Item {
	if !direct || s.Other == nil || s.Other.Desk == nil {
		return desk.Item{}
	}
	return *s.Other.Desk
}

// freeItem gives an open ticket that was merged its work item back. What has happened to the root's since (same: nothing has), has happened to
// it as well; what closing the root has settled counts again.
func freeItem(d *domain.Draft, m domain.Merge, source, root tickets.Status, now desk.Item, same bool) {
	if closed, byPerson := d.Closed[root.ID]; byPerson && root.State == tickets.Closed {
		d.StepWhole(source.ID, func(p promises.Promise) (promises.Promise, bool) { return promises.OnReopen(p, closed, d.Now) })
	}
	item := desk.Item{Ticket: source.ID}.As(source.Queue, source.Language, source.Category, source.Priority).Came(source.Last)
	if m.Before.Desk != nil {
		item = *m.Before.Desk
	}
	if !same && !now.Gone() && (m.Before.Desk != nil || now.State != desk.Waiting) {
		item = item.Turned(now)
	}
	if source.Last.After(item.Last) {
		item.Last = source.Last
	}
	d.SetDesk(d.Item(source.ID), d.Owing(item.As(source.Queue, source.Language, source.Category, source.Priority)))
}
