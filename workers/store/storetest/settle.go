package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/view"
)

// greeting is the decision about a first message that says nothing.
func (d *desk) greeting(p backlog.Pending) commit.Decision {
	dec := d.opening(p, phone(1))
	t := &dec.Plan.Ticket
	t.Display, t.Open.Queue, t.Open.Category, t.Open.Blank = "Hi", "general", "other", p.At.Add(8*time.Hour)
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: "first-reply", Due: p.At.Add(8 * time.Hour), Warn: []time.Time{p.At.Add(4 * time.Hour)}, Calendar: "office"},
		promises.Plan{Kind: "resolution", Due: p.At.Add(20 * time.Hour)})
	return dec
}

// matter is the decision about the message that follows the greeting: earlier for one promise, later for another, new for a third.
func (d *desk) matter(p backlog.Pending, first pipeline.Plan) commit.Decision {
	dec := d.following(p, first, 1, 1)
	dec.Plan.Ticket.Settle = &tickets.SettlePlan{Queue: "security", Category: "security-fraud", Priority: "urgent", Language: "zh-Hans", Display: "My card was stolen",
		Ack: json.RawMessage(`{"language":"zh-Hans","category":"security-fraud"}`), To: phone(1).Identity()}
	dec.Plan.Promises = []promises.Plan{{Kind: "first-reply", Due: p.At.Add(time.Hour), Warn: []time.Time{p.At.Add(30 * time.Minute)}, Calendar: "always"},
		{Kind: "resolution", Due: p.At.Add(40 * time.Hour)}, {Kind: "another-kind", Due: p.At.Add(2 * time.Hour)}}
	return dec
}

func commitSettle(d *desk) {
	for _, apart := range []bool{false, true} {
		key := map[bool]string{false: "one batch", true: "two batches"}[apart]
		pending := d.pending(d.record(item("hotline", key+"1", "Hi"), item("hotline", key+"2", "My card was stolen"))...)
		first := d.greeting(pending[0])
		if apart { // a stranger's number of its own
			first.Plan.Row.From, first.Plan.Contact.Add[0].Address, first.Plan.Effects[0].To = phone(2), phone(2), phone(2)
			first.Plan.Ticket.Open.Participants[0] = phone(2).Identity()
		}
		second := d.matter(pending[1], first.Plan)
		second.Plan.Ticket.Settle.To = first.Plan.Effects[0].To.Identity()
		if batch := []commit.Decision{first, second}; apart {
			d.must(d.Commit.Commit(d.ctx, batch[:1], d.now))
			d.must(d.Commit.Commit(d.ctx, batch[1:], d.now))
		} else {
			d.must(d.Commit.Commit(d.ctx, batch, d.now))
		}
		d.settled(first.Plan.Ticket.ID, first.Plan.Effects[0].ID, pending)
	}
	counts, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	d.same("promises that are due", int64(8), counts.Promises["due"])
}

func (d *desk) settled(ticket, effect int64, pending []backlog.Pending) {
	d.t.Helper()
	tickets, err := d.View.Tickets(d.ctx, view.Page{})
	d.must(err)
	i := slices.IndexFunc(tickets, func(t view.Ticket) bool { return t.ID == ticket })
	got := tickets[i]
	d.same("ticket", []string{"security", "security-fraud", "urgent", "My card was stolen"}, []string{got.Queue, got.Category, got.Priority, got.Subject})
	owed, err := d.View.PromisesOf(d.ctx, []int64{ticket})
	d.must(err)
	due := map[string]time.Time{}
	for _, p := range owed[ticket] {
		due[p.Kind] = p.DueAt.Time
	}
	greeted, told := pending[0].At, pending[1].At
	d.same("promises", map[string]time.Time{"acknowledgement": greeted.Add(24 * time.Hour), "first-reply": told.Add(time.Hour),
		"resolution": greeted.Add(20 * time.Hour), "another-kind": told.Add(2 * time.Hour)}, due)
	row := d.claim(effect)
	var payload struct{ Category string }
	d.must(json.Unmarshal(row[0].Payload, &payload))
	d.same("acknowledgement", "security-fraud", payload.Category)
}

func commitSettleTwice(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "Hi"), item("hotline", "k2", "My card was stolen"), item("hotline", "k3", "Where is my refund?"))...)
	first := d.greeting(pending[0])
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	sending := d.claim(first.Plan.Effects[0].ID)
	other := d.matter(pending[2], first.Plan)
	other.Plan.Ticket.Settle.Category = "refund"
	errs := d.commitAtOnce([]commit.Decision{d.matter(pending[1], first.Plan)}, []commit.Decision{other})
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), store.ErrConflict) {
		d.t.Errorf("errors are %v: want one commit and one conflict", errs)
	}
	d.same("what is being sent", `{"language":"en"}`, string(sending[0].Payload))
}
