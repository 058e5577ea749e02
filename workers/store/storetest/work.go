package storetest

import (
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/view"
)

// openTickets: urgent ones first, of those the oldest; each once, page by page; closed ones are not there.
func openTickets(d *desk) {
	type spec struct {
		priority string
		age      time.Duration
	}
	for i, c := range []spec{{"normal", 3 * time.Hour}, {"urgent", time.Hour}, {"low", 9 * time.Hour}, {"urgent", 2 * time.Hour}, {"high", 5 * time.Hour},
		{"normal", 3 * time.Hour}, {"urgent", 8 * time.Hour}} {
		in := item("hotline", fmt.Sprintf("k%d", i), "text")
		in.At = d.now.Add(-c.age)
		dec := d.opening(d.pending(d.record(in)...)[0], phone(i+1))
		dec.Plan.Ticket.Open.Priority = c.priority
		dec.Plan.Row.From.Name = fmt.Sprintf("customer %d", i)
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	}
	d.must(d.Acts.CloseTicket(d.ctx, 7, d.now, "zhou"))
	d.same("the most urgent first", []int64{4, 2, 5, 1, 6, 3}, d.working(view.Work{Limit: 2}))
	d.same("who waits longest first", []int64{3, 5, 1, 6, 4, 2}, d.working(view.Work{Limit: 2, Waiting: true}))
	who, err := d.View.Customers(d.ctx, []int64{4, 2, 99})
	d.must(err)
	d.same("customers", map[int64]view.Customer{4: {Name: "customer 3", Address: phone(4).Value, Kind: "phone"}, 2: {Name: "customer 1", Address: phone(2).Value, Kind: "phone"}}, who)

	bad := item("support", "p1", "garbage")
	dec := d.opening(d.pending(d.record(bad)...)[0], phone(1))
	dec.Plan.Row.From.Name = "Kim"
	dec.Plan = pipeline.Plan{Message: dec.Plan.Message, State: messages.Parked, Cause: causes.Spam, Evidence: "why", Row: dec.Plan.Row}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	parked, err := d.View.Parked(d.ctx, view.Page{})
	d.must(err)
	d.same("what is set aside tells who wrote it, and of what", view.ParkedMessage{ID: dec.Plan.Message, Cause: causes.Spam, Evidence: "why", Inbox: "support",
		Channel: parked[0].Channel, From: phone(1).Value, Name: "Kim", Proven: true, Subject: "Refund?", Text: "Where is my refund?", ReceivedAt: parked[0].ReceivedAt}, parked[0])
}

// working are the ids of all open tickets, read page by page.
func (d *desk) working(w view.Work) (out []int64) {
	d.t.Helper()
	for range 50 {
		rows, err := d.View.OpenTickets(d.ctx, w)
		d.must(err)
		if len(rows) == 0 {
			return out
		}
		for _, t := range rows {
			out = append(out, t.ID)
		}
		w.After = rows[len(rows)-1].ID
	}
	d.t.Fatal("the pages do not end")
	return nil
}

func takenBack(d *desk) {
	bad := item("hotline", "k1", "garbage")
	bad.Cause = causes.Spam
	parked := d.record(bad)[0]
	if err := d.Acts.Undismiss(d.ctx, parked, d.now, "zhou"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking back what nobody dismissed: %v", err)
	}
	d.must(d.Acts.Dismiss(d.ctx, parked, d.now, "zhou"))
	d.must(d.Acts.Undismiss(d.ctx, parked, d.now, "li"))
	d.counted()
	got, err := d.View.Parked(d.ctx, view.Page{})
	d.must(err)
	d.same("set aside again", []int64{parked}, []int64{got[0].ID})

	dec := d.opening(d.pending(d.record(item("hotline", "k2", "text"))...)[0], phone(1))
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: "first-reply", Due: d.now.Add(time.Hour), Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	before, err := d.View.Promises(d.ctx, view.Page{})
	d.must(err)
	if err := d.Acts.ReopenTicket(d.ctx, dec.Plan.Ticket.ID, d.now, "zhou"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("reopening an open ticket: %v", err)
	}
	d.must(d.Acts.CloseTicket(d.ctx, dec.Plan.Ticket.ID, d.now, "zhou"))
	d.must(d.Acts.ReopenTicket(d.ctx, dec.Plan.Ticket.ID, d.now.Add(time.Second), "li"))
	after, err := d.View.Promises(d.ctx, view.Page{})
	d.must(err)
	d.same("promises", before, after)
	d.counted()
	acts, err := d.View.TicketActs(d.ctx, dec.Plan.Ticket.ID)
	d.must(err)
	d.same("acts", []string{"zhou close", "li reopen"}, []string{acts[0].Who + " " + acts[0].Act, acts[1].Who + " " + acts[1].Act})

	d.must(d.Acts.CloseTicket(d.ctx, dec.Plan.Ticket.ID, d.now.Add(2*time.Second), "zhou"))
	gone, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, gone, erasure.Erasure{Who: "li"}, d.now.Add(3*time.Second))
	d.must(err)
	if err := d.Acts.ReopenTicket(d.ctx, dec.Plan.Ticket.ID, d.now.Add(4*time.Second), "li"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("reopening a ticket whose customer is erased: %v", err)
	}
	d.counted()
}

func takeOut(d *desk) {
	first := d.open("k1", phone(1))
	d.must(d.Acts.CloseTicket(d.ctx, first.Ticket.ID, d.now, "zhou"))
	append := d.following(d.pending(d.record(item("hotline", "k2", "And?"))...)[0], first, 1, 2)
	append.Plan.Ticket.Reopen, append.Plan.Ticket.Priority, append.Plan.Row.Reference = true, "urgent", "r2"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{append}, d.now))
	ticket := func() []any {
		k := d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: first.Ticket.ID}}}).Tickets[first.Ticket.ID]
		return []any{k.Status, k.Priority, k.Messages}
	}
	d.same("what it changed", []any{tickets.Open, "urgent", 2}, ticket())

	d.must(d.Acts.TakeOut(d.ctx, append.Plan.Message, d.now, "li"))
	d.counted()
	d.same("what is as before", []any{tickets.Closed, "normal", 1}, ticket())
	if err := d.Acts.TakeOut(d.ctx, append.Plan.Message, d.now, "li"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking it out twice: %v", err)
	}
	if err := d.Acts.TakeOut(d.ctx, first.Message, d.now, "li"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking out what opened the ticket: %v", err)
	}
	again := d.pending(append.Plan.Message)[0]
	d.same("answers to it", int64(0), d.facts(pipeline.Asks{References: []string{"r2"}}).References["r2"])
	facts, err := d.Facts.Facts(d.ctx, nil, []int64{again.ID}, nil, d.now)
	d.must(err)
	d.same("apart from", first.Ticket.ID, facts.Apart[again.ID])

	apart := d.opening(again, phone(2))
	apart.Plan.Row.Reference = "r2"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{apart}, d.now))
	d.same("its answers afterwards", apart.Plan.Ticket.ID, d.facts(pipeline.Asks{References: []string{"r2"}}).References["r2"])
	d.counted()
	acts, err := d.View.TicketActs(d.ctx, first.Ticket.ID)
	d.must(err)
	d.same("the last act", "li take-out", acts[len(acts)-1].Who+" "+acts[len(acts)-1].Act)
}
