package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

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
