package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/commands/check"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/commands/side"
	"frontdesk/pipeline/domain/commands/split"
	"frontdesk/pipeline/domain/commands/tags"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/decided"
)

// Reasons for which an act cannot be decided again.
const (
	SkippedUnnoted = "done before acts were noted whole"
	SkippedEarlier = "what it takes back is not noted"
	SkippedErasure = "erasure" // it keeps nothing of what it was decided upon
	SkippedBroken  = "entry cannot be read"
)

// ActVerdict is what came of one act of a person.
type ActVerdict struct {
	ID          int64        `json:"id"` // in the journal
	Act         string       `json:"act"`
	Message     int64        `json:"message,omitempty"`
	Ticket      int64        `json:"ticket,omitempty"`
	At          base.Stamp   `json:"at"`
	Skipped     string       `json:"skipped,omitempty"` // why it could not be decided again
	Differences []Difference `json:"differences,omitempty"`
}

// Faulty reports whether the act cannot be decided again though it should be possible.
func (v ActVerdict) Faulty() bool { return v.Skipped == SkippedBroken }

// remade are the acts that the domain decides, by their names: what a person's command was. What else stands in the journal, such as
// that somebody has read an original, is decided by nothing.
var remade = map[string]func(decided.Act) domain.Command{
	entries.ActClose:   func(a decided.Act) domain.Command { return commands.CloseTicket{Ticket: a.Ticket, Reason: a.Reason} },
	entries.ActReopen:  func(a decided.Act) domain.Command { return commands.ReopenTicket{Ticket: a.Ticket} },
	entries.ActRelease: func(a decided.Act) domain.Command { return commands.ReleaseMessage{Message: a.Message} },
	entries.ActDismiss: func(a decided.Act) domain.Command { return commands.DismissMessage{Message: a.Message} },
	entries.ActUndismiss: func(a decided.Act) domain.Command {
		return commands.UndismissMessage{Message: a.Message}
	},
	entries.ActTakeOut:     func(a decided.Act) domain.Command { return commands.TakeOutMessage{Message: a.Message} },
	entries.ActReleaseHeld: func(a decided.Act) domain.Command { return commands.ReleaseHeld{Effect: a.ID} },
	entries.ActTake: func(a decided.Act) domain.Command {
		return commands.TakeTicket{Ticket: a.Ticket, User: ownerAfter(a), Reason: a.Reason, Weight: item(a.After).Weight}
	},
	entries.ActGive: func(a decided.Act) domain.Command {
		return commands.GiveTicket{Ticket: a.Ticket, To: ownerAfter(a), Weight: item(a.After).Weight}
	},
	entries.ActHandBack: func(a decided.Act) domain.Command { return commands.HandBack{Ticket: a.Ticket, Reason: a.Reason} },
	entries.ActRoute: func(a decided.Act) domain.Command {
		c := commands.RouteTicket{Ticket: a.Ticket, Queue: a.After.Queue, Category: a.After.Category, Priority: a.After.Priority, Reason: a.Reason, Confirms: true}
		switch a.Reason {
		case assign.ReasonOverflow:
			c.Actor = entries.Service
		case entries.ReasonLearned:
			c.Actor, c.Learned = entries.Service, true
		}
		return c
	},
	entries.ActSnooze: func(a decided.Act) domain.Command {
		return commands.SnoozeTicket{Ticket: a.Ticket, Until: item(a.After).Wake}
	},
	entries.ActWake:       func(a decided.Act) domain.Command { return commands.WakeTicket{Ticket: a.Ticket} },
	entries.ActSetPending: func(a decided.Act) domain.Command { return commands.SetPending{Ticket: a.Ticket} },
	entries.ActTag:        func(a decided.Act) domain.Command { return tags.Tag{Ticket: a.Ticket, Name: a.Reason} },
	entries.ActUntag: func(a decided.Act) domain.Command {
		return tags.Tag{Ticket: a.Ticket, Name: a.Reason, Off: true}
	},
	entries.ActMerge: func(a decided.Act) domain.Command {
		return merge.Tickets{Source: a.Ticket, Target: a.Before.Into}
	},
	entries.ActUndoMerge: func(a decided.Act) domain.Command {
		return merge.Undo{Source: a.Ticket, Root: a.Before.Into}
	},
	persons.ActJoin: func(a decided.Act) domain.Command {
		s := step(a.After)
		return persons.Join{Step: s.ID, Ticket: a.Ticket, Contact: s.Contact, Into: s.Root, Why: a.Reason}
	},
	persons.ActPart: func(a decided.Act) domain.Command {
		s := step(a.After)
		return persons.Part{Step: s.ID, Ticket: a.Ticket, Contact: s.Contact, Why: a.Reason}
	},
	persons.ActApart: func(a decided.Act) domain.Command {
		s := step(a.After)
		return persons.Distinct{Step: s.ID, Ticket: a.Ticket, Contact: s.Contact, From: s.Root}
	},
	persons.ActUndo: func(a decided.Act) domain.Command { return persons.Undo{Step: step(a.Before).ID, Ticket: a.Ticket} },
	split.ActSplit: func(a decided.Act) domain.Command {
		c := split.Messages{Ticket: a.Ticket, Acknowledged: effects.Plan{ID: a.ID, Kind: effects.KindAcknowledgement, Cause: causes.Split}}
		if a.After.Parted != nil {
			c.Parting = *a.After.Parted
		}
		return c
	},
	entries.ActSetWaiting: func(a decided.Act) domain.Command { return commands.SetWaiting{Ticket: a.Ticket} },
	entries.ActHoldBack:   func(a decided.Act) domain.Command { return commands.HoldBackHeld{Effect: a.ID, Cause: a.Reason} },
	entries.ActReply:      func(a decided.Act) domain.Command { return sentReply(a, replies.Answer) },
	entries.ActNote:       func(a decided.Act) domain.Command { return sentReply(a, replies.Note) },
	check.ActBegin: func(a decided.Act) domain.Command {
		kind, vouched, joins := check.Described(a.Reason)
		return check.Begin{Ticket: a.Ticket, Kind: kind, Vouched: vouched, Joins: joins, Row: effects.Plan{ID: a.ID, Kind: effects.KindCode}}
	},
	entries.ActForward: func(a decided.Act) domain.Command {
		return side.Ask{Reply: replies.Plan{ID: a.After.Reply, Kind: replies.Answer, Ticket: a.Ticket, Of: a.Message, Despite: a.Reason, Effect: a.ID, Side: 1},
			Row: effects.Plan{ID: a.ID, Kind: effects.KindForward}}
	},
	entries.ActUndoReply: func(a decided.Act) domain.Command { return commands.UndoReply{Reply: a.Before.Reply, Cause: a.Reason} },
	entries.ActRecount: func(a decided.Act) domain.Command {
		c := commands.PromiseAnew{Ticket: a.Ticket, Recount: true}
		for _, p := range a.After.Promises {
			c.Made = append(c.Made, p.Promise(a.Ticket))
		}
		return c
	},
	promises.ActEscalate: func(a decided.Act) domain.Command {
		c := commands.RouteTicket{Ticket: a.Ticket, Queue: a.After.Queue, Category: a.After.Category, Priority: a.After.Priority, Reason: a.Reason, Actor: entries.Service, Owed: &commands.Owed{}}
		for i, p := range a.Before.Promises {
			c.Owed.Promise, c.Owed.Step = p.Promise(a.Ticket).Key(), p.Step
			if i < len(a.After.Promises) {
				c.Owed.Next = a.After.Promises[i].Step
			}
		}
		return c
	},
	promises.ActResume: func(a decided.Act) domain.Command {
		c := commands.ResumePromises{Ticket: a.Ticket}
		for i, p := range a.After.Promises {
			c.Made = append(c.Made, domain.Change[promises.Promise]{Before: a.Before.Promises[min(i, len(a.Before.Promises)-1)].Promise(a.Ticket), After: p.Promise(a.Ticket)})
		}
		return c
	},
	entries.ActRetryReply: func(a decided.Act) domain.Command {
		return commands.RetryReply{Reply: a.Before.Reply, Undo: causes.Undone}
	},
}

// sentReply is what an agent wrote, as far as its entry has it: its words are no part of the decision. Who answers takes a ticket that
// nobody has, so whoever has it afterwards stands for the author.
func sentReply(a decided.Act, kind replies.Kind) commands.SendReply {
	s := commands.SendReply{Reply: replies.Plan{ID: a.After.Reply, Kind: kind, Ticket: a.Ticket, Author: ownerAfter(a), Of: a.Message, Despite: a.Reason}, Seen: a.Before.Talk}
	if kind == replies.Answer {
		s.Reply.Effect, s.Row = a.ID, &effects.Plan{ID: a.ID, Kind: effects.KindReply}
	}
	return s
}

// item is the work item of a snapshot; one that has none is gone.
func item(s entries.Snapshot) desk.Item {
	if s.Desk == nil {
		return desk.Item{State: desk.Gone}
	}
	return *s.Desk
}

func ownerAfter(a decided.Act) int64 { return item(a.After).Owner }

// actErase is an erasure in the journal. Commands decide a part of it, upon rows that it empties.
const actErase = "erase"

// decider is domain.Decide, or in tests one with other rules.
type decider func([]domain.Command, *domain.Known, time.Time) (domain.Plan, error)

// Acts decides again what people did, and hands each verdict to each, in the order of the journal's ids: the acts on the messages that o
// names and on the tickets that these opened; or those that were done in its time, on messages and tickets of its inbox. No
// configuration has a part in them.
func Acts(ctx context.Context, s *store.Store, o Options, each func(ActVerdict) error) (Tally, error) {
	sum := newTally()
	tell := func(acts []decided.Act) error {
		for _, a := range acts {
			v, decidable := actAgain(a, domain.Decide)
			if !decidable || len(o.IDs) == 0 && !o.lets(a.Inbox, a.At) {
				continue
			}
			sum.count(v.Skipped, v.Differences)
			if err := each(v); err != nil {
				return err
			}
		}
		return nil
	}
	if len(o.IDs) > 0 {
		acts, err := s.Decided.ActsOf(ctx, o.IDs)
		if err != nil {
			return sum, err
		}
		return sum, tell(acts)
	}
	for after := int64(0); ; {
		acts, err := s.Decided.ActsAfter(ctx, after, headsAtOnce)
		if err != nil || len(acts) == 0 {
			return sum, err
		}
		after = acts[len(acts)-1].ID
		if err := tell(acts); err != nil {
			return sum, err
		}
	}
}

// lets reports whether something of an inbox and a time is asked for.
func (o Options) lets(inbox string, at time.Time) bool {
	return (o.Inbox == "" || inbox == o.Inbox) && (o.From.IsZero() || !at.Before(o.From)) && (o.To.IsZero() || at.Before(o.To))
}

// actAgain decides one act again; decidable is false where no command decided it.
func actAgain(a decided.Act, decide decider) (v ActVerdict, decidable bool) {
	v = ActVerdict{ID: a.ID, Act: a.Kind, Message: a.Message, Ticket: a.Ticket, At: base.Stamp{Time: a.At}}
	command := remade[a.Kind]
	if command == nil && a.Kind != actErase {
		return v, false
	}
	if v.Skipped = actSkipped(a); v.Skipped != "" {
		return v, true
	}
	plan, err := decide([]domain.Command{command(a)}, knownOf(a), a.At)
	if errors.Is(err, domain.ErrNotSo) {
		v.Differences = []Difference{{Stage: a.Kind, Field: "act", Then: "done", Now: "refused"}}
		return v, true
	}
	v.Differences = compareActs(a, plan)
	return v, true
}

func actSkipped(a decided.Act) string {
	switch {
	case a.Kind == actErase:
		return SkippedErasure
	case a.Unreadable:
		return SkippedBroken
	case !a.Noted, a.Kind == entries.ActTakeOut && a.Before.Version == 0:
		return SkippedUnnoted
	case a.Kind == entries.ActUndoMerge && a.Merged == nil, a.Kind == entries.ActReopen && a.Closed.IsZero(), a.Kind == entries.ActUndismiss && !a.Dismissed:
		return SkippedEarlier
	}
	return ""
}

// knownOf is what was known when an act was decided, as far as its entry has it. What no entry tells is as it must have been, since the
// act was not refused: the original was there, and nobody was erased.
func knownOf(a decided.Act) *domain.Known {
	k := domain.NewKnown()
	b := a.Before
	if b.Message != "" {
		k.Messages[a.Message] = messages.Status{ID: a.Message, State: b.Message, Cause: a.Reason, Ticket: a.Ticket, Original: true}
	}
	if b.Ticket != "" {
		k.Tickets[a.Ticket] = tickets.Status{ID: a.Ticket, Version: b.Version, State: b.Ticket, Priority: b.Priority, Queue: b.Queue, Category: b.Category, Guesses: b.Guesses}
	}
	if b.Effect != "" {
		e := effects.Effect{ID: a.ID, Kind: effects.KindAcknowledgement, State: b.Effect, Ticket: a.Ticket, Message: a.Message}
		if b.Effect == effects.Withheld {
			e.Cause = a.Reason
		}
		if b.Reply != 0 {
			e.Kind = effects.KindReply
			k.Replies[b.Reply] = replies.Reply{ID: b.Reply, Ticket: a.Ticket, Kind: replies.Answer, Effect: a.ID}
		}
		k.AddEffect(e)
	}
	k.Talk[a.Ticket] = b.Talk
	for _, p := range slices.Concat(b.Promises, b.Beside) {
		made := p.Promise(a.Ticket)
		if part := a.After.Parted; part != nil && made.Ticket == part.Ticket { // the act has made it
			continue
		}
		k.Promises[made.Key()] = made
		if made.Ticket != a.Ticket && !slices.Contains(k.Members[a.Ticket], made.Ticket) {
			k.Members[a.Ticket] = append(k.Members[a.Ticket], made.Ticket)
		}
	}
	knowOther(a, k)
	knowPersons(a, k)
	knowParted(a, k)
	if !a.Closed.IsZero() {
		k.Closed[a.Ticket] = a.Closed
	}
	if a.Appended != nil {
		k.Appends[a.Message] = *a.Appended
	}
	if b.Desk != nil {
		k.Desk[a.Ticket] = *b.Desk
	}
	if a.Left != nil {
		k.Left[a.Ticket] = *a.Left
	}
	k.Dismissed[a.Message] = a.Dismissed
	k.Tags[domain.Tagged{Ticket: a.Ticket, Tag: a.Reason}] = a.Kind == entries.ActUntag
	if a.Kind == entries.ActGive && a.Reason == agents.ReasonBeyond {
		k.Agents[ownerAfter(a)] = agents.Agent{User: ownerAfter(a), Presence: agents.Online, Load: math.MaxInt32}
	}
	return k
}

// compareActs lists what an act would leave otherwise than its entry says.
func compareActs(a decided.Act, plan domain.Plan) (out []Difference) {
	add := func(field, then, now string) {
		if then != now {
			out = append(out, Difference{Stage: a.Kind, Field: field, Then: then, Now: now})
		}
	}
	now, reason := became(plan, a.Ticket)
	if len(plan.Desk) == 0 || len(plan.Splits) > 0 && now.Desk == nil {
		now.Desk = a.Before.Desk
	}
	add("message", string(a.After.Message), string(now.Message))
	add("ticket", string(a.After.Ticket), string(now.Ticket))
	add("priority", a.After.Priority, now.Priority)
	if a.Kind == entries.ActRoute || a.Kind == promises.ActEscalate && len(plan.Tickets) > 0 { // other acts do not note it
		add("queue", a.After.Queue, now.Queue)
		add("category", a.After.Category, now.Category)
		add("guesses", a.After.Guesses, now.Guesses)
	}
	add("effect", string(a.After.Effect), string(now.Effect))
	add("written", written(a.After), written(now))
	if a.Before.Desk != nil || a.After.Desk != nil { // older programs had no work items
		add("work item", itemWords(a.After), itemWords(now))
	}
	add("reason", clean(a.Reason), clean(reason))
	compareOther(a, plan, add)
	comparePersons(a, plan, add)
	add("tag", tagged(a), retagged(plan))
	then, anew := promisesOf(a, a.After.Promises), promisesOf(a, now.Promises)
	for _, p := range slices.Concat(a.Before.Promises, a.Before.Beside) {
		key := p.Promise(a.Ticket).Key()
		add("promise "+promiseName(p), then[key], anew[key])
	}
	return out
}

// written is what an act has written, in words; empty for one that moved what was written before.
func written(s entries.Snapshot) string {
	if s.Reply == 0 || s.Talk == 0 {
		return ""
	}
	return strconv.FormatInt(s.Reply, 10)
}

// became is what a plan makes of the things that its act is about, by the rows that it would write.
// Of two tickets that are merged, or were, it is that of the act.
func became(plan domain.Plan, ticket int64) (s entries.Snapshot, reason string) {
	for _, c := range plan.Messages {
		s.Message = c.After.State
	}
	for _, c := range plan.Tickets {
		if len(plan.Merges)+len(plan.Splits) == 0 || c.After.ID == ticket {
			s.Ticket, s.Priority, s.Queue, s.Category, s.Guesses = c.After.State, c.After.Priority, c.After.Queue, c.After.Category, c.After.Guesses
		}
	}
	for _, c := range plan.Effects {
		s.Effect = c.After.State
	}
	for _, w := range plan.Replies {
		if s.Reply = w.ID; w.Side == 0 {
			s.Talk = 1
		}
	}
	for _, w := range plan.Sends {
		s.Effect = w.Row.Start()
	}
	for _, c := range plan.Desk {
		if len(plan.Merges)+len(plan.Splits) == 0 || c.After.Ticket == ticket {
			s.Desk = entries.ItemOf(c.After)
		}
	}
	for _, c := range plan.Promises {
		s.Promises = append(s.Promises, entries.PromiseOf(c.After, ticket))
	}
	for _, e := range plan.Entries {
		reason = e.Detail
	}
	return s, reason
}

// itemWords are what an act makes of a work item, in words. Its place is no act's, but that of what has come.
func itemWords(s entries.Snapshot) string {
	i := item(s)
	words := string(i.State)
	if i.Owner != 0 {
		words += fmt.Sprintf(", of user %d", i.Owner)
	}
	if !i.Wake.IsZero() {
		words += ", until " + moment(i.Wake)
	}
	return words
}

// promisesOf is how the promises of an act's ticket stand after it, by kind, in words: those that it left alone as they were before.
func promisesOf(a decided.Act, changed []entries.Promise) map[promises.Key]string {
	out := map[promises.Key]string{}
	for _, p := range slices.Concat(a.Before.Promises, a.Before.Beside, changed) {
		words := stateWords(string(p.State), p.Cause) + ", due " + moment(p.Due)
		if !p.Settled.IsZero() {
			words += ", settled " + moment(p.Settled)
		}
		if !p.Paused.IsZero() {
			words += ", standing still since " + moment(p.Paused)
		}
		out[p.Promise(a.Ticket).Key()] = words
	}
	return out
}

// promiseName is the kind of a promise, with its turn.
func promiseName(p entries.Promise) string {
	if p.Turn == 0 {
		return p.Kind
	}
	return p.Kind + " " + strconv.FormatInt(p.Turn, 10)
}

// moment is a time as the database keeps it.
func moment(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }
