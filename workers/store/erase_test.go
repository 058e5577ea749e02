package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
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
			if _, err := s.Erase(context.Background(), h.Ann, store.Erasure{Who: "op"}, time.Now()); err != nil {
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
	d, err := store.Dump(context.Background(), s)
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
	s, ctx, now := openSQLite(t), context.Background(), time.Now()
	got, err := s.Record(ctx, store.Lot{Items: []store.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: "k1", At: now, Raw: []byte("hello")}}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.Undecided(ctx, []int64{got[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	dec := storetest.Opening(t, s, pending[0], ann, now)
	dec.Plan.Contact.Add[0].Verified, dec.Plan.Row.Proven, dec.Plan.Ticket.Open.Claimed = false, false, true
	dec.Plan.Effects[0].To = message.Address{Kind: message.Email, Value: "envelope@elsewhere.example"}
	if err := s.Commit(ctx, []store.Decision{dec}, now); err != nil {
		t.Fatal(err)
	}
	p, err := s.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.EraseMessages(ctx, s, p, now); err != nil {
		t.Fatal(err)
	}
	out, err := s.Erase(ctx, p, store.Erasure{Who: "li"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if out.Effects != 1 || out.Tickets != 1 || out.Proof.Left() != 0 {
		t.Errorf("the second run erased %d effects and %d tickets, and left %d traces; want 1, 1 and 0", out.Effects, out.Tickets, out.Proof.Left())
	}
}

// TestAnErasureTakesTheExceptionsAlong: whom a person let in is forgotten with him, whichever of his messages taught
// it; what others taught stays.
func TestAnErasureTakesTheExceptionsAlong(t *testing.T) {
	s, ctx, now := openSQLite(t), context.Background(), time.Now()
	mail := func(key, from, subject string) store.Pending {
		d := channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: now, Raw: []byte("hello")}
		got, err := s.Record(ctx, store.Lot{Items: []store.Item{{Delivery: d}}}, now)
		if err != nil {
			t.Fatal(err)
		}
		pending, err := s.Undecided(ctx, []int64{got[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		plan := pipeline.Plan{Message: got[0].ID, State: pipeline.Parked, Cause: pipeline.CauseAutomated,
			Row: pipeline.MessageRow{Kind: "auto", From: message.Address{Kind: message.Email, Value: from}, Subject: subject}}
		if err := s.Commit(ctx, []store.Decision{{Pending: pending[0], Plan: plan}}, now); err != nil {
			t.Fatal(err)
		}
		return pending[0]
	}
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	for i, from := range []string{ann.Value, "bob@example.com"} {
		if err := s.Release(ctx, mail(from, from, "Report").ID, now, "li"); err != nil {
			t.Fatal(i, err)
		}
	}
	got, err := s.Record(ctx, store.Lot{Items: []store.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: "own", At: now, Raw: []byte("hello")}}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.Undecided(ctx, []int64{got[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ctx, []store.Decision{storetest.Opening(t, s, pending[0], ann, now)}, now); err != nil {
		t.Fatal(err)
	}
	p, err := s.PersonAt(ctx, ann.Identity())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erase(ctx, p, store.Erasure{Who: "li"}, now); err != nil {
		t.Fatal(err)
	}
	left, err := s.Exceptions(ctx, store.Page{})
	if err != nil || len(left) != 1 {
		t.Errorf("exceptions left: %+v, %v; want Bob's alone", left, err)
	}
}
