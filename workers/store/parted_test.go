package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
)

// olderDesk is what a program of before wrote: three contacts, of which the first had taken in another
// person's number by claim.
func olderDesk() []string {
	contact := func(id int) string {
		return fmt.Sprintf(`INSERT INTO contacts (id, version, name, language, created_at, erasing_at) VALUES (%d, 1, 'x', 'en', %d, 0)`, id, id)
	}
	identity := func(address, kind string, contact int, verified bool, at int) string {
		return fmt.Sprintf(`INSERT INTO identities (address, kind, value, contact, verified, opted_out, failed, created_at) VALUES ('%s:%s', '%s', '%s', %d, %t, false, false, %d)`,
			kind, address, kind, address, contact, verified, at)
	}
	note := func(id int, channel, kind, sender, state string, contact, ticket int) string {
		return fmt.Sprintf(`INSERT INTO messages (id, inbox, channel, state, cause, evidence, contact, ticket, duplicate_of, kind, sender, sender_kind, sender_value, sender_name,
subject, visible, quoted, language, category, thread, content, fingerprint, reference, redacted, counted, decided_at, expires_at)
VALUES (%d, 'in', '%s', '%s', '', '', %d, %d, 0, 'message', '%s:%s', '%s', '%s', '', '', '', '', 'en', '', '', '', '', '', '', true, 1, 0)`,
			id, channel, state, contact, ticket, kind, sender, kind, sender)
	}
	ticket := func(id, contact int) string {
		return fmt.Sprintf(`INSERT INTO tickets (id, version, contact, inbox, queue, category, priority, status, subject, display, language, channels, numbers, participants,
informed, messages, opened_at, last_at, follows) VALUES (%d, 1, %d, 'in', 'q', 'other', 'normal', 'open', '', '', 'en', '', '', '', '', 1, 1, 1, 0)`, id, contact)
	}
	return []string{
		`INSERT INTO sequences (name, next) VALUES ('contact', 100), ('ticket', 100), ('message', 100)`,
		contact(1), contact(2), contact(3), contact(4),
		identity("wang@victim.example", "email", 1, true, 1), identity("+85299887766", "phone", 1, true, 2),
		identity("li@nobody.example", "email", 2, false, 3), identity("+8613800138000", "phone", 2, false, 3),
		identity("+8613900001111", "phone", 3, true, 4), identity("@", "email", 4, false, 5), identity("a@b.example", "email", 4, true, 5),
		note(1, "email", "email", "wang@victim.example", "ticketed", 1, 1), note(2, "sms", "phone", "+85299887766", "appended", 1, 1),
		note(3, "sms", "phone", "+85299887766", "ticketed", 1, 2), note(4, "form", "email", "li@nobody.example", "ticketed", 2, 3),
		note(5, "sms", "phone", "+8613900001111", "ticketed", 3, 4),
		ticket(1, 1), ticket(2, 1), ticket(3, 2), ticket(4, 3),
	}
}

func TestContactsThatGrewTogetherByClaimComeApart(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		if err := store.MigrateBefore(ctx, o, day, 9); err != nil {
			t.Fatal(err)
		}
		for _, text := range olderDesk() {
			if err := store.Exec(ctx, o, text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		if _, err := store.Migrate(ctx, o, day); err != nil {
			t.Fatal(err)
		}
		lines, err := store.Parted(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		report := strings.Join(lines, "\n")
		if want := "contact 100 came apart from contact 1, with which nothing but a claim had joined it\n" +
			"ticket T-1 holds messages of contact 100 beside those of contact 1: look whether they belong together"; report != want {
			t.Errorf("report:\n%s\nwant:\n%s", report, want)
		}
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		who := func(kind message.AddressKind, value string) message.Identity {
			return message.Identity{Kind: kind, Value: value}
		}
		victim, attacker, nobody := who(message.Email, "wang@victim.example"), who(message.Phone, "+85299887766"), who(message.Email, "li@nobody.example")
		facts, err := s.Facts.Facts(ctx, []pipeline.Asks{{From: victim, Recipient: attacker}, {From: nobody, Recipient: who(message.Phone, "+8613800138000")},
			{From: who(message.Phone, "+8613900001111")}}, nil, nil, day)
		if err != nil {
			t.Fatal(err)
		}
		owners := fmt.Sprint(facts.Owners[victim], facts.Owners[attacker], facts.Owners[nobody], len(facts.Owners))
		if owners != "1 100 0 3" {
			t.Errorf("owners are %s, want 1 100 0 3", owners)
		}
		tickets, err := s.View.Tickets(ctx, view.Page{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, k := range tickets {
			got = append(got, fmt.Sprintf("%s contact %d proven %t", k.Number, k.Contact, k.Proven))
		}
		if want := "T-4 contact 3 proven true, T-3 contact 2 proven false, T-2 contact 100 proven true, T-1 contact 1 proven true"; strings.Join(got, ", ") != want {
			t.Errorf("tickets are %s\nwant %s", strings.Join(got, ", "), want)
		}
		ids, err := s.Base.IDs(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer ids.Done()
		if id := ids.Next(pipeline.SequenceContact); id <= 100 {
			t.Errorf("the next contact would be %d, which is taken", id)
		}
	})
}
