package store_test

import (
	"context"
	"errors"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/storetest"
)

// A commit between the two rounds of reading must not be half seen: then a second ticket would be
// opened beside the one that has just been.
func TestFactsAreOneView(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx, who := context.Background(), storetest.Phone(1)
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		ids := []int64{recordOne(t, s, "k1", "one", day), recordOne(t, s, "k2", "two", day), recordOne(t, s, "k3", "three", day)}
		pending, err := s.Backlog.Undecided(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		first := storetest.Opening(t, s, pending[0], who, day)
		first.Plan.Row.Thread = "" // the contact is known, the conversation is not
		second, third := storetest.Opening(t, s, pending[1], who, day), storetest.Opening(t, s, pending[2], who, day)
		second.Plan.Contact = contacts.Plan{ID: first.Plan.Contact.ID, Version: 1}
		if err := s.Commit.Commit(ctx, []commit.Decision{first}, day); err != nil {
			t.Fatal(err)
		}
		store.BetweenRounds(s, func() {
			if err := s.Commit.Commit(ctx, []commit.Decision{second}, day); err != nil {
				t.Error(err)
			}
		})
		asks := pipeline.Asks{Proven: true, From: who.Identity(), Recipient: who.Identity(), Thread: second.Plan.Row.Thread}
		facts, err := s.Facts.Facts(ctx, []pipeline.Asks{asks}, nil, nil, day)
		if err != nil {
			t.Fatal(err)
		}
		k := facts.For(message.Message{From: who}, asks)
		if k.Contact.Version != 1 || len(k.Recent) != 1 || len(k.Named) != 0 {
			t.Errorf("half a commit was seen: contact version %d, %d tickets, %d named", k.Contact.Version, len(k.Recent), len(k.Named))
		}
		third.Plan.Contact = contacts.Plan{ID: k.Contact.ID, Version: k.Contact.Version}
		if err := s.Commit.Commit(ctx, []commit.Decision{third}, day); !errors.Is(err, store.ErrConflict) {
			t.Errorf("error is %v, want ErrConflict", err)
		}
	})
}
