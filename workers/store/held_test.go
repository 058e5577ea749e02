package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/store"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
)

// TestTheIndexOfWhatIsHeldKnowsEveryCause: a database takes the index of a part of a table only where a statement repeats its condition,
// and a cause that the condition lacks is never listed and never let go.
func TestTheIndexOfWhatIsHeldKnowsEveryCause(t *testing.T) {
	quoted := regexp.MustCompile(`'([a-z-]+)'`)
	of := func(text string) (out []string) {
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		return slices.Sorted(slices.Values(out))
	}
	want := slices.Sorted(slices.Values(append(causes.Held(), "withheld")))
	if got := of(outbox.HeldCauses); !slices.Equal(got, want) {
		t.Errorf("the condition of statements names %v, causes.Held says %v", got, want)
	}
	for _, c := range []struct {
		name, query string
		open        func(testing.TB) *store.Store
		whole       bool // the database keeps the index's text as it was written
	}{
		{"SQLite", `SELECT sql FROM sqlite_master WHERE name = 'outbox_kept'`, openSQLite, true},
		{"PostgreSQL", `SELECT indexdef FROM pg_indexes WHERE indexname = 'outbox_kept'`, openPostgres, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, text := c.open(t), ""
			if err := s.Base.DB.Read(t.Context(), func(tx sql.Tx) error { return tx.Run(t.Context(), sql.Ask(sql.Into(&text), c.query)) }); err != nil {
				t.Fatal(err)
			}
			_, where, _ := strings.Cut(text, " WHERE ")
			if got := of(where); !slices.Equal(got, want) {
				t.Errorf("the index outbox_kept names %v, causes.Held says %v", got, want)
			}
			if c.whole && where != outbox.HeldCauses {
				t.Errorf("the index has the condition %q, statements have %q", where, outbox.HeldCauses)
			}
		})
	}
}
