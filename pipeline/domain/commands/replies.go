package commands

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
)

// SendReply is an agent who answers the customer, or leaves a note for colleagues. It changes no row that the line's decisions read, so
// that no decision is repeated for it.
type SendReply struct {
	Reply   replies.Plan
	Row     *effects.Plan // where it goes; nil for a note
	Contact int64
	Actor   string
	Seen    int64 // how much was said in the ticket when its writer began to send: Known.Talk, as his page had it
	Anyway  bool  // it goes though somebody has written since
}

// Needs are the ticket, what was said in it, and whether the page was sent before.
func (s SendReply) Needs(*domain.Known) domain.Needs {
	of := []int64{s.Reply.Ticket}
	return domain.Needs{Tickets: of, Desk: of, Talk: of, Pages: []string{s.Reply.Key}}
}

// Decide writes it, once a page. What was sent from that page before stays as it is.
func (s SendReply) Decide(d *domain.Draft) error {
	t, there := d.Tickets[s.Reply.Ticket]
	said := d.Talk[s.Reply.Ticket]
	switch note := s.Reply.Kind == replies.Note; {
	case there && t.MergedInto != 0:
		return domain.ErrMerged
	case !there, t.Erased, note != (s.Row == nil):
		return domain.ErrNotSo
	case d.Pages[s.Reply.Key] != 0:
		return nil
	case said != s.Seen && !s.Anyway:
		return domain.ErrOvertaken
	}
	e := entries.Entry{Kind: entries.ActNote, Actor: s.Actor, Ticket: t.ID, Message: s.Reply.Of, Detail: s.Reply.Despite}
	after := entries.Snapshot{Reply: s.Reply.ID, Talk: said + 1}
	var row *domain.Send
	if s.Row != nil {
		e.Kind, after.Effect = entries.ActReply, s.Row.Start()
		row = &domain.Send{Row: *s.Row, Ticket: t.ID, Message: s.Reply.Of, Contact: s.Contact}
	}
	d.Write(s.Reply, row)
	d.Enter(e, entries.Snapshot{Ticket: t.State, Talk: said}, after, func() {
		if before := d.Item(t.ID); row != nil {
			if item, means := before.Answered(s.Reply.Author, d.Now); means {
				d.SetDesk(before, item)
			}
		}
	})
	return nil
}

// unanswered makes it our turn again where an answer has ended without success.
func unanswered(d *domain.Draft, e effects.Effect) {
	if e.Kind == effects.KindReply && (e.State == effects.Failed || e.State == effects.Withheld) {
		shared(d, e)
		turn(d, d.Root(e.Ticket), desk.CallUp)
	}
}

// shared makes it our turn again where an answer counted that was written for another ticket.
func shared(d *domain.Draft, e effects.Effect) {
	for _, ticket := range d.Sharing[e.ID] {
		turn(d, d.Root(ticket), desk.CallUp)
	}
}

// turn moves a ticket's work item, where that means anything.
func turn(d *domain.Draft, ticket int64, on desk.Event) {
	before := d.Item(ticket)
	after, means := before.After(on)
	if !means {
		return
	}
	if on == desk.CallUp {
		recall(d, ticket)
		after = d.Owing(after)
	}
	d.SetDesk(before, after)
}

// UndoReply is an agent who takes an answer back before it goes out.
type UndoReply struct {
	Reply int64
	Actor string
	Cause string // with which its row is withheld
}

// Needs are the answer and its row.
func (u UndoReply) Needs(k *domain.Known) domain.Needs { return ofReply(k, u.Reply) }

func ofReply(k *domain.Known, id int64) domain.Needs {
	r, ok := k.Replies[id]
	switch {
	case !ok:
		return domain.Needs{Replies: []int64{id}}
	case r.Effect == 0:
		return domain.Needs{}
	}
	n := domain.Needs{Effects: []int64{r.Effect}, Roots: []int64{r.Ticket}}
	n.Whole(k, k.Root(r.Ticket))
	if e, known := k.Effects[r.Effect]; known {
		n.Shared(k, e)
	}
	return n
}

// Decide withholds the row, if nobody has begun with it: whoever claims it is the other side of the same race.
func (u UndoReply) Decide(d *domain.Draft) error {
	return again(d, u.Reply, desk.CallUp, entries.Entry{Kind: entries.ActUndoReply, Actor: u.Actor, Detail: u.Cause}, func(e *effects.Effect) bool { return e.HeldBack(u.Cause) })
}

// RetryReply is an agent who sends an answer once more that has failed, or that was withheld since the customer had said STOP.
type RetryReply struct {
	Reply int64
	Actor string
	Undo  string // the cause of answers that were taken back: those are written anew
}

// Needs are the answer and its row.
func (r RetryReply) Needs(k *domain.Known) domain.Needs { return ofReply(k, r.Reply) }

// Decide makes the row due. Where the customer has written since the provider had it for the first time it stays our turn: what comes once more is no answer to that.
func (r RetryReply) Decide(d *domain.Draft) error {
	return again(d, r.Reply, desk.Answer, entries.Entry{Kind: entries.ActRetryReply, Actor: r.Actor}, func(e *effects.Effect) bool {
		return e.Cause != r.Undo && !e.Erased && e.Again(d.Now)
	})
}

// wroteSince reports whether an answer is owed to what the customer has written since that moment; the zero time: there is none.
func wroteSince(d *domain.Draft, root int64, at time.Time) bool {
	newest, owed := d.Newest(root)
	return owed && !at.IsZero() && newest.Kind == promises.NextReply && newest.Start.After(at)
}

// again moves the row of an answer, and with it whose turn it is.
func again(d *domain.Draft, id int64, on desk.Event, e entries.Entry, move func(*effects.Effect) bool) error {
	r, there := d.Replies[id]
	before, sends := d.Effects[r.Effect]
	after := before
	if !there || !sends || !move(&after) {
		return domain.ErrNotSo
	}
	d.SetEffect(before, after)
	if on == desk.CallUp { // no part of the act: it is noted on its own ticket alone
		shared(d, before)
	}
	e.Ticket, e.Message = r.Ticket, before.Message
	d.Enter(e, entries.Snapshot{Effect: before.State, Reply: id}, entries.Snapshot{Effect: after.State, Reply: id}, func() {
		root := d.Root(r.Ticket)
		if before.Kind == effects.KindReply && !(on == desk.Answer && wroteSince(d, root, before.Sent)) {
			turn(d, root, on)
		}
	})
	return nil
}
