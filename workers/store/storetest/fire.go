package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
)

const (
	fireWorkers = 4
	fireSenders = 6
	fireEach    = 8 // messages of one sender
)

// underFire lets workers take overlapping batches of a few customers' messages, in any order, until
// all are decided. However they get in each other's way, each customer is one contact with one
// ticket that holds all of his messages, and has one acknowledgement.
func underFire(d *desk) {
	var items []intake.Item
	for m := range fireEach {
		for s := range fireSenders {
			it := item("hotline", fmt.Sprintf("k%d-%d", s, m), phone(s).Value)
			it.At = start.Add(time.Duration(m) * time.Second)
			items = append(items, it)
		}
	}
	ids := d.record(items...)
	var wait sync.WaitGroup
	errs := make([]error, fireWorkers)
	for w := range fireWorkers {
		wait.Go(func() { errs[w] = d.work(slices.Clone(ids), rand.New(rand.NewPCG(uint64(w), 1))) })
	}
	wait.Wait()
	d.must(errors.Join(errs...))

	n, err := d.Backlog.CountUndecided(d.ctx, "hotline")
	d.must(err)
	d.same("undecided", 0, n)
	tickets, err := d.View.Tickets(d.ctx, view.Page{Limit: 1000})
	d.must(err)
	contacts := map[int64]int{}
	for _, t := range tickets {
		contacts[t.Contact] += t.MessageCount
	}
	d.same("tickets and contacts", []int{fireSenders, fireSenders}, []int{len(tickets), len(contacts)})
	for c, messages := range contacts {
		if messages != fireEach {
			d.t.Errorf("the ticket of contact %d counts %d messages, want %d", c, messages, fireEach)
		}
	}
	outbox, err := d.View.Outbox(d.ctx, view.Page{Limit: 1000})
	d.must(err)
	d.same("acknowledgements", fireSenders, len(outbox))
	d.counted()
}

// work takes random batches until nothing is undecided.
func (d *desk) work(ids []int64, random *rand.Rand) error {
	for range 10_000 {
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		pending, err := d.Backlog.Undecided(d.ctx, ids[:1+random.IntN(20)])
		if err != nil {
			return err
		}
		if len(pending) == 0 {
			if n, err := d.Backlog.CountUndecided(d.ctx, "hotline"); err != nil || n == 0 {
				return err
			}
			continue
		}
		decisions, err := d.decide(pending)
		if err != nil {
			return err
		}
		var gone *store.GoneError
		err = d.Commit.Commit(d.ctx, decisions, d.now)
		if err != nil && !errors.Is(err, store.ErrConflict) && !errors.As(err, &gone) {
			return err
		}
	}
	return errors.New("the messages were not decided")
}

// decide makes plans as the line does: facts once, each plan applied before the next one.
func (d *desk) decide(pending []backlog.Pending) ([]commit.Decision, error) {
	slices.SortStableFunc(pending, func(a, b backlog.Pending) int { return a.At.Compare(b.At) })
	asks := make([]pipeline.Asks, len(pending))
	for i, p := range pending {
		from := message.Identity{Kind: message.Phone, Value: string(p.Raw)}
		asks[i] = pipeline.Asks{From: from, Proven: true, Recipient: from}
	}
	facts, err := d.Facts.Facts(d.ctx, asks, nil, []string{"hotline"}, d.now)
	if err != nil {
		return nil, err
	}
	ids, err := d.Base.IDs(d.ctx, len(pending))
	if err != nil {
		return nil, err
	}
	defer ids.Done()
	var out []commit.Decision
	for i, p := range pending {
		from := message.Address{Kind: message.Phone, Value: strings.TrimSpace(string(p.Raw))}
		m := message.Message{ID: p.ID, Inbox: p.Inbox, Channel: p.Channel, At: p.At, From: from}
		plan := simplePlan(m, facts.For(m, asks[i]))
		plan.Assign(ids)
		facts.Apply(pipeline.Case{Message: m, Asks: asks[i]}, plan)
		out = append(out, commit.Decision{Pending: p, Plan: plan, Known: []byte(`{}`)})
	}
	return out, nil
}

// simplePlan opens a ticket for a sender's first message and continues it with the others.
func simplePlan(m message.Message, k pipeline.Known) pipeline.Plan {
	plan := pipeline.Plan{Message: m.ID, Row: pipeline.MessageRow{Kind: "message", From: m.From, Visible: "text"}}
	if k.Contact == nil {
		plan.Contact = contacts.Plan{New: true, Add: []contacts.Claim{{Address: m.From, Verified: true}}}
	} else {
		plan.Contact = contacts.Plan{ID: k.Contact.ID, Version: k.Contact.Version}
	}
	if len(k.Recent) > 0 {
		t := k.Recent[0]
		plan.State = messages.Appended
		plan.Ticket = tickets.Plan{ID: t.ID, Version: t.Version, At: m.At, Channel: m.Channel}
		return plan
	}
	plan.State = messages.Ticketed
	plan.Ticket = tickets.Plan{New: true, At: m.At, Channel: m.Channel, Display: "text"}
	plan.Ticket.Open.Status, plan.Ticket.Open.Messages = "open", 1
	plan.Ticket.Open.OpenedAt, plan.Ticket.Open.LastAt = m.At, m.At
	plan.Promises = []promises.Plan{{Kind: promises.Acknowledgement, Due: m.At.Add(24 * time.Hour)}}
	plan.Effects = []effects.Plan{{Kind: effects.KindAcknowledgement, Inbox: m.Inbox, Channel: m.Channel, To: m.From, Due: m.At}}
	return plan
}
