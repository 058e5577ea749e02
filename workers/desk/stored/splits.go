package stored

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// splits make tickets of messages of others.
type splits struct{ *Desk }

// Splits joins the pages' splits to the store.
func Splits(d *Desk) further.Splits { return splits{d} }

// Offer is the form: the newest messages and notes of the ticket itself, and where it may go.
func (d splits) Offer(ctx context.Context, v viewer.Viewer, number int64) (acts.Parting, error) {
	var out acts.Parting
	k, err := d.Store.Desk.Ticket(ctx, v, number)
	if err != nil {
		return out, told(err)
	}
	lines, _, err := d.Store.Desk.Timeline(ctx, v, number, agents.Mark{}, splitting.Most)
	if err != nil {
		return out, told(err)
	}
	all, err := d.Store.Users.List(ctx)
	if err != nil {
		return out, told(err)
	}
	names := named(all)
	for _, l := range lines {
		if p, can := offered(l, names); can && l.Ticket == number {
			out.Parts = append(out.Parts, p)
		}
	}
	if err := d.answered(ctx, v, number, out.Parts); err != nil {
		return out, err
	}
	out.Queue, out.Owner = k.Queue, k.Owner
	for _, q := range append([]string{k.Queue}, d.Queues...) {
		if v.May(viewer.Answer, q) && !slices.Contains(out.Queues, q) {
			out.Queues = append(out.Queues, q)
		}
	}
	for _, u := range all {
		if u.State == users.Active && (u.ID == v.User || u.ID == k.Owner || v.May(viewer.Direct, k.Queue)) {
			out.People = append(out.People, acts.Person{ID: u.ID, Name: u.Name})
		}
	}
	return out, nil
}

// answered says which of the messages were answered, and when.
func (d splits) answered(ctx context.Context, v viewer.Viewer, number int64, parts []acts.Part) error {
	var messages []int64
	for _, p := range parts {
		if !p.Note {
			messages = append(messages, markOf(p.ID).ID)
		}
	}
	at, err := d.Store.Splitting.Answered(ctx, v, number, messages)
	for i, p := range parts {
		if !p.Note {
			parts[i].Answered = at[markOf(p.ID).ID]
		}
	}
	return told(err)
}

// offered is a line as it can be moved: a message of a customer's, or a note.
func offered(l agents.Line, names people) (p acts.Part, can bool) {
	p.ID, p.At = lineID(l.Mark), l.Time()
	switch {
	case l.Message != nil:
		p.By, p.Text, p.First = cmp.Or(l.Message.Name, l.Message.From), l.Message.Visible, l.Message.State == "ticketed"
		can = l.Message.Side == 0 && !l.Message.Erased
	case l.Reply != nil:
		p.By, p.Text, p.Note = cmp.Or(names.byID[l.Reply.Author], l.Reply.Name), l.Reply.Text, true
		can = l.Reply.Kind == replies.Note
	}
	p.Text, _ = begin(oneLine(p.Text))
	return p, can
}

// Split makes the ticket.
func (d splits) Split(ctx context.Context, v viewer.Viewer, number int64, p further.Parting) (int64, error) {
	c := splitting.Chosen{Ticket: number, Queue: p.Queue, Subject: p.Subject, Owner: p.Owner, Answered: p.Counts}
	for _, id := range p.Lines {
		switch m := markOf(id); m.Kind {
		case agents.KindMessage:
			c.Messages = append(c.Messages, m.ID)
		case agents.KindReply:
			c.Notes = append(c.Notes, m.ID)
		}
	}
	k, err := d.Store.Desk.Cards(ctx, v, []int64{number})
	if err != nil || len(k) == 0 {
		return 0, cmp.Or(told(err), pages.ErrNotFound)
	}
	if c.Queue = cmp.Or(p.Queue, k[0].Queue); c.Queue != k[0].Queue && !slices.Contains(d.Queues, c.Queue) {
		return 0, pages.ErrRefused
	}
	if p.Owner != 0 {
		who, err := d.Store.Users.Viewer(ctx, p.Owner)
		if errors.Is(err, store.ErrNotFound) || err == nil && (!who.May(viewer.Answer, c.Queue) || p.Owner != v.User && p.Owner != k[0].Owner && !v.May(viewer.Direct, c.Queue)) {
			return 0, further.ErrOwner
		}
		if err != nil {
			return 0, told(err)
		}
	}
	fresh, err := d.Store.Splitting.Split(ctx, v, d.Counting, c, d.Now())
	for _, e := range []struct{ of, is error }{{splitting.ErrNothing, further.ErrNoPart}, {splitting.ErrFirst, further.ErrNoPart}, {splitting.ErrMoved, further.ErrMoved}, {splitting.ErrWaits, further.ErrWaits},
		{domain.ErrOvertaken, further.ErrMoved}, {domain.ErrMerged, pages.ErrMerged}, {domain.ErrNotSo, further.ErrMoved}} {
		if errors.Is(err, e.of) {
			return 0, fmt.Errorf("%w: %w", e.is, err)
		}
	}
	return fresh, told(err)
}

// Unsplit takes it back.
func (d splits) Unsplit(ctx context.Context, v viewer.Viewer, number int64) (int64, error) {
	root, err := d.Store.Splitting.Undo(ctx, v, number, d.Now())
	return root, told(err)
}

// parted are the tickets that were split off one, and the one that it was split off.
func (d *Desk) parted(ctx context.Context, v viewer.Viewer, number int64, names people) (out []acts.Parted, err error) {
	all, err := d.Store.Splitting.Of(ctx, v, number)
	for _, s := range all {
		out = append(out, acts.Parted{Number: s.Ticket, From: s.Origin, Subject: s.Subject, By: cmp.Or(names.byLogin[s.By], s.By), At: s.At, Undo: s.Undo})
	}
	return out, told(err)
}
