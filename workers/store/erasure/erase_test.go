package erasure_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
)

// TestNothingIsLeftOfAPerson greps every column of every table, opened where it is sealed, without
// the search that the erasure itself does.
func TestNothingIsLeftOfAPerson(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			h := storetest.NewHousehold(t, s)
			before := dump(t, s)
			for _, secret := range h.Secrets {
				if holders(before, secret) == "" {
					t.Errorf("%q is nowhere before: the test tells nothing", secret)
				}
			}
			if _, err := s.Erasure.Erase(context.Background(), h.Ann, erasure.Erasure{Who: "op"}, time.Now()); err != nil {
				t.Fatal(err)
			}
			after := dump(t, s)
			for _, secret := range h.Secrets {
				if found := holders(after, secret); found != "" {
					t.Errorf("%q is still in %s", secret, found)
				}
			}
			for _, kept := range h.Kept {
				if holders(before, kept) != holders(after, kept) {
					t.Errorf("%q was in %s and is in %s", kept, holders(before, kept), holders(after, kept))
				}
			}
			if !strings.Contains(after["messages"], "joann.smith@customer.example") {
				t.Error("an address that only ends like hers was masked")
			}
		})
	}
}

func dump(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	d, err := erasure.Dump(context.Background(), s.Erasure)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func holders(tables map[string]string, secret string) string {
	var out []string
	for _, table := range []string{"deliveries", "originals", "undecided", "messages", "attachments", "decisions", "content_keys", "mail_references", "conversations",
		"contacts", "identities", "tickets", "promises", "outbox", "outbox_attempts", "receipts", "cursors", "inbox_status", "dead_letters", "journal", "tombstones", "leases"} {
		if strings.Contains(strings.ReplaceAll(strings.ToLower(tables[table]), "joann.smith", "joann"), strings.ToLower(secret)) {
			out = append(out, table)
		}
	}
	return strings.Join(out, ", ")
}

// TestAnErasureOfAClaimThatWasBrokenOffFindsTheRest: an acknowledgement of a claimed ticket may be another
// address's, that of the envelope. Once the message is blank only the ticket says whose it was.
func TestAnErasureOfAClaimThatWasBrokenOffFindsTheRest(t *testing.T) {
	s, ctx, now := storetest.SQLite(t), context.Background(), time.Now()
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	claimOf(t, s, ann, now)
	p, err := s.Erasure.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	if err := erasure.EraseMessages(ctx, s.Erasure, p, now); err != nil {
		t.Fatal(err)
	}
	out, err := s.Erasure.Erase(ctx, p, erasure.Erasure{Who: "li"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if out.Effects != 1 || out.Tickets != 1 || out.Proof.Left() != 0 {
		t.Errorf("the second run erased %d effects and %d tickets, and left %d traces; want 1, 1 and 0", out.Effects, out.Tickets, out.Proof.Left())
	}
}

// claimOf has somebody open a ticket in ann's name, acknowledged to the envelope's address.
func claimOf(t *testing.T, s *store.Store, ann message.Address, now time.Time, people ...message.Identity) commit.Decision {
	t.Helper()
	ctx := context.Background()
	got, err := s.Intake.Record(ctx, intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: "k1", At: now, Raw: []byte("hello")}}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.Backlog.Undecided(ctx, []int64{got[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	dec := storetest.Opening(t, s, pending[0], ann, now)
	dec.Plan.Contact.Add[0].Verified, dec.Plan.Row.Proven, dec.Plan.Ticket.Open.Claimed = false, false, true
	dec.Plan.Ticket.Open.Participants = append(dec.Plan.Ticket.Open.Participants, people...)
	dec.Plan.Effects[0].To = message.Address{Kind: message.Email, Value: "envelope@elsewhere.example"}
	if err := s.Commit.Commit(ctx, []commit.Decision{dec}, now); err != nil {
		t.Fatal(err)
	}
	return dec
}

// TestAnErasureTouchesNoMessageWhileItsAcknowledgementIsBeingSent: a blank message would not tell the next try whose
// the acknowledgement was, and that would go out about a ticket that is erased.
func TestAnErasureTouchesNoMessageWhileItsAcknowledgementIsBeingSent(t *testing.T) {
	s, ctx, now := storetest.SQLite(t), context.Background(), time.Now()
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	dec := claimOf(t, s, ann, now, message.Identity{Kind: message.Email, Value: "mallory@evil.example"})
	effect := dec.Plan.Effects[0].ID
	if _, err := s.Outbox.ClaimEffects(ctx, []int64{effect}, "host1:1", now, now.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	p, err := s.Erasure.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	waits := 0
	for _, o := range []erasure.Erasure{{Who: "li"}, {Who: "li", Wait: func(context.Context) bool { waits++; return waits < 20 }}} {
		if out, err := s.Erasure.Erase(ctx, p, o, now); err == nil || out.Messages != 0 {
			t.Fatalf("erased %d messages while an acknowledgement was being sent: %v", out.Messages, err)
		}
	}
	if err := s.Outbox.Settle(ctx, []commands.SendEnded{{ID: effect, State: effects.Due, Next: now.Add(time.Hour), Code: "451"}}, now); err != nil {
		t.Fatal(err)
	}
	out, err := s.Erasure.Erase(ctx, p, erasure.Erasure{Who: "li"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if out.Messages != 1 || out.Effects != 1 || out.Proof.Left() != 0 {
		t.Errorf("erased %d messages and %d effects, and left %d traces; want 1, 1 and 0", out.Messages, out.Effects, out.Proof.Left())
	}
	asks := pipeline.Asks{Tokens: []pipeline.Token{{Ticket: dec.Plan.Ticket.ID, How: thread.ByReplyAddress}}}
	f, err := s.Facts.Facts(ctx, []pipeline.Asks{asks}, nil, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if k := f.Tickets[dec.Plan.Ticket.ID]; k == nil || k.OpenedBy(message.Identity{Kind: message.Email, Value: "mallory@evil.example"}) {
		t.Errorf("who was on Cc counts as the one who opened the ticket of somebody who was erased: %+v", k)
	}
}

// TestNumbersGoWithWhoNamedThem: who writes in another's ticket leaves no number there when she is erased; what others
// have named too stays.
func TestNumbersGoWithWhoNamedThem(t *testing.T) {
	s, ctx, now := storetest.SQLite(t), context.Background(), time.Now()
	var pending []backlog.Pending
	for _, key := range []string{"k1", "k2", "k3"} {
		got, err := s.Intake.Record(ctx, intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: now, Raw: []byte("hello " + key)}}}}, now)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Backlog.Undecided(ctx, []int64{got[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, p...)
	}
	bob, ann := message.Address{Kind: message.Email, Value: "bob@example.com"}, message.Address{Kind: message.Email, Value: "ann@example.com"}
	first := storetest.Opening(t, s, pending[0], bob, now)
	first.Plan.Row.Visible, first.Plan.Ticket.Open.Numbers = "Order 1000001, please.", []string{"1000001"}
	first.Plan.Ticket.Open.Participants = append(first.Plan.Ticket.Open.Participants, ann.Identity())
	own := storetest.Opening(t, s, pending[1], ann, now)
	own.Plan.Row.Visible = "A question of mine"
	if err := s.Commit.Commit(ctx, []commit.Decision{first, own}, now); err != nil {
		t.Fatal(err)
	}
	joins := commit.Decision{Pending: pending[2], Known: []byte(`{}`), Plan: pipeline.Plan{Message: pending[2].ID, State: messages.Appended,
		Contact: contacts.Plan{ID: own.Plan.Contact.ID, Version: 1},
		Ticket:  tickets.Plan{ID: first.Plan.Ticket.ID, Version: 1, At: now, Channel: "email", Numbers: []string{"1000001", "2000002"}},
		Row:     pipeline.MessageRow{Kind: "message", From: ann, Proven: true, Visible: "Mine are 1000001 and 2000002."}}}
	if err := s.Commit.Commit(ctx, []commit.Decision{joins}, now); err != nil {
		t.Fatal(err)
	}
	p, err := s.Erasure.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erasure.Erase(ctx, p, erasure.Erasure{Who: "li"}, now); err != nil {
		t.Fatal(err)
	}
	f, err := s.Facts.Facts(ctx, []pipeline.Asks{{Tokens: []pipeline.Token{{Ticket: first.Plan.Ticket.ID, How: thread.ByReplyAddress}}}}, nil, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Tickets[first.Plan.Ticket.ID].Numbers; !slices.Equal(got, []string{"1000001"}) {
		t.Errorf("the ticket's numbers are %v, want those that its owner has named", got)
	}
}

// TestAnErasureTakesTheExceptionsAlong: whom a person let in is forgotten with him, whichever of his messages taught
// it; what others taught stays.
func TestAnErasureTakesTheExceptionsAlong(t *testing.T) {
	s, ctx, now := storetest.SQLite(t), context.Background(), time.Now()
	mail := func(key, from, subject string) backlog.Pending {
		d := channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: now, Raw: []byte("hello")}
		got, err := s.Intake.Record(ctx, intake.Lot{Items: []intake.Item{{Delivery: d}}}, now)
		if err != nil {
			t.Fatal(err)
		}
		pending, err := s.Backlog.Undecided(ctx, []int64{got[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		plan := pipeline.Plan{Message: got[0].ID, State: messages.Parked, Cause: causes.Automated,
			Row: pipeline.MessageRow{Kind: "auto", From: message.Address{Kind: message.Email, Value: from}, Subject: subject}}
		if err := s.Commit.Commit(ctx, []commit.Decision{{Pending: pending[0], Plan: plan}}, now); err != nil {
			t.Fatal(err)
		}
		return pending[0]
	}
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	for i, from := range []string{ann.Value, "bob@example.com"} {
		if err := s.Acts.Release(ctx, mail(from, from, "Report").ID, now, "li"); err != nil {
			t.Fatal(i, err)
		}
	}
	got, err := s.Intake.Record(ctx, intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: "own", At: now, Raw: []byte("hello")}}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.Backlog.Undecided(ctx, []int64{got[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit.Commit(ctx, []commit.Decision{storetest.Opening(t, s, pending[0], ann, now)}, now); err != nil {
		t.Fatal(err)
	}
	p, err := s.Erasure.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erasure.Erase(ctx, p, erasure.Erasure{Who: "li"}, now); err != nil {
		t.Fatal(err)
	}
	left, err := s.View.Exceptions(ctx, view.Page{})
	if err != nil || len(left) != 1 {
		t.Errorf("exceptions left: %+v, %v; want Bob's alone", left, err)
	}
}
