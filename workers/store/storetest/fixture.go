package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
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
	"frontdesk/workers/store/outbox"
)

// desk is a store with short words for what the cases do again and again.
type desk struct {
	*store.Store
	t   testing.TB
	ctx context.Context
	now time.Time
}

func newDesk(t testing.TB, s *store.Store) *desk {
	return &desk{Store: s, t: t, ctx: context.Background(), now: start.Add(time.Hour)}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func item(inbox, key, raw string) intake.Item {
	return intake.Item{Delivery: channels.Delivery{Inbox: inbox, Channel: "sms", Key: key, At: start, Raw: []byte(raw),
		Meta: map[string]string{meta.Remote: "192.0.2.7"}}}
}

// record records items and returns their ids.
func (d *desk) record(items ...intake.Item) []int64 {
	d.t.Helper()
	got, err := d.Intake.Record(d.ctx, intake.Lot{Items: items}, d.now)
	d.must(err)
	ids := make([]int64, len(got))
	for i, r := range got {
		ids[i] = r.ID
	}
	return ids
}

func (d *desk) pending(ids ...int64) []backlog.Pending {
	d.t.Helper()
	p, err := d.Backlog.Undecided(d.ctx, ids)
	d.must(err)
	if len(p) != len(ids) {
		d.t.Fatalf("got %d undecided messages, want %d", len(p), len(ids))
	}
	return p
}

func phone(n int) message.Address { return Phone(n) }

// Phone is the n-th telephone number of the tests.
func Phone(n int) message.Address {
	return message.Address{Kind: message.Phone, Value: fmt.Sprintf("+4930%09d", n)}
}

// opening is Opening at the desk's time.
func (d *desk) opening(p backlog.Pending, from message.Address) commit.Decision {
	d.t.Helper()
	return Opening(d.t, d.Store, p, from, d.now)
}

// Opening is the decision about a first message: a new contact, a ticket, a promise and an acknowledgement.
func Opening(t testing.TB, s *store.Store, p backlog.Pending, from message.Address, now time.Time) commit.Decision {
	t.Helper()
	return assign(t, s, commit.Decision{Pending: p, Known: []byte(`{}`), Config: "c0ffee", Plan: pipeline.Plan{
		Message: p.ID, State: messages.Ticketed,
		Contact: contacts.Plan{New: true, Name: "Ann", Language: "en", Add: []contacts.Claim{{Address: from, Verified: true}}},
		Ticket: tickets.Plan{New: true, At: p.At, Channel: p.Channel, Display: "Refund?", Open: tickets.Ticket{
			Inbox: p.Inbox, Queue: "payments", Category: "refund", Priority: "normal", Status: tickets.Open, Subject: "refund",
			Language: "en", Channels: []string{p.Channel}, Participants: []message.Identity{from.Identity()}, Messages: 1,
			OpenedAt: p.At, LastAt: p.At}},
		Row: pipeline.MessageRow{Proven: true, Kind: "message", From: from, Subject: "Refund?", Visible: "Where is my refund?", Language: "en",
			Category: "refund", Thread: p.Inbox + "|" + from.Value, Fingerprint: "f00d"},
		Promises: []promises.Plan{{Kind: promises.Acknowledgement, Due: p.At.Add(24 * time.Hour),
			Warn: []time.Time{p.At.Add(12 * time.Hour), p.At.Add(18 * time.Hour)}, Calendar: "always"}},
		Effects: []effects.Plan{{Kind: effects.KindAcknowledgement, Inbox: p.Inbox, Channel: p.Channel, To: from,
			Payload: json.RawMessage(`{"language":"en"}`), Due: now, Print: "f00d"}},
		Trace: []pipeline.Line{{Stage: "thread", Found: "new ticket", Why: "names no ticket"}},
	}})
}

func (d *desk) assigned(dec commit.Decision) commit.Decision {
	d.t.Helper()
	return assign(d.t, d.Store, dec)
}

func assign(t testing.TB, s *store.Store, dec commit.Decision) commit.Decision {
	t.Helper()
	ids, err := s.Base.IDs(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer ids.Done()
	dec.Plan.Assign(ids)
	return dec
}

// following continues the ticket of an earlier plan, whose versions are given.
func (d *desk) following(p backlog.Pending, first pipeline.Plan, contact, ticket int64) commit.Decision {
	return d.assigned(commit.Decision{Pending: p, Known: []byte(`{}`), Plan: pipeline.Plan{
		Message: p.ID, State: messages.Appended,
		Contact: contacts.Plan{ID: first.Contact.ID, Version: contact},
		Ticket:  tickets.Plan{ID: first.Ticket.ID, Version: ticket, At: p.At, Channel: "email", Numbers: []string{"A-77"}},
		Row:     pipeline.MessageRow{Kind: "message", From: first.Row.From, Visible: "And?"},
	}})
}

// open records and decides one first message of that sender.
func (d *desk) open(key string, from message.Address) pipeline.Plan {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", key, "Where is my refund?"))...)[0], from)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

func (d *desk) facts(asks ...pipeline.Asks) *pipeline.Facts {
	d.t.Helper()
	f, err := d.Facts.Facts(d.ctx, asks, nil, []string{"hotline"}, d.now)
	d.must(err)
	return f
}

// claim claims effects for two minutes.
func (d *desk) claim(ids ...int64) []outbox.EffectRow {
	d.t.Helper()
	rows, err := d.Outbox.ClaimEffects(d.ctx, ids, "worker-1", d.now, d.now.Add(2*time.Minute))
	d.must(err)
	return rows
}
