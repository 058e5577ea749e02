package store_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
)

// big are the tables that grow with what is done.
var big = regexp.MustCompile(`\b(deliveries|originals|messages|attachments|decisions|content_keys|versions|send_checks|mail_references|conversations|contacts|identities|tickets|promises|turns|outbox|outbox_attempts|receipts|journal|entries|desk|searched)\b`)

// newestFirst are listings: they walk down an index in the order of time, or a primary key, and stop at their limit.
var newestFirst = regexp.MustCompile(`ORDER BY ((CASE WHEN t\.recorded_at > 0 THEN t\.recorded_at ELSE t\.opened_at END|\w+\.(recorded|created)_at) DESC, )?(\w+\.)?(id|ticket|message_id) DESC(, kind)? LIMIT \d+`)

// suite runs the conformance suite and sees that each statement of it runs on an index.
func suite(t *testing.T, open func(testing.TB) *store.Store) {
	statements := map[string]bool{}
	storetest.Run(t, func(t testing.TB) *store.Store {
		s := open(t)
		r := store.Watch(s)
		t.Cleanup(func() {
			plans, err := r.Plans(context.Background())
			if err != nil {
				t.Errorf("explaining: %v", err)
			}
			for text, plan := range plans {
				statements[text] = true
				if bad := scan(s.Base.Dialect(), text, plan); bad != "" {
					t.Errorf("%s\n  in: %s\n  plan:\n    %s", bad, text, strings.Join(plan, "\n    "))
				}
			}
		})
		return s
	})
	if !t.Skipped() && len(statements) < 60 {
		t.Errorf("only %d statements were seen", len(statements))
	}
}

// rowsOfColumns is a comparison of rows with columns of another one. Of the index that it could use SQLite then takes the first column alone.
var rowsOfColumns = regexp.MustCompile(`\([a-z]+\.\w+(, [a-z]+\.\w+)+\) [<>]=? \([a-z]+\.[^)]*\)`)

// scan is the line of a plan that reads a whole table, or "".
func scan(database, text string, plan []string) string {
	if database == "sqlite" {
		if compared := rowsOfColumns.FindString(text); compared != "" {
			return compared
		}
	}
	if newestFirst.MatchString(text) {
		return ""
	}
	for i, line := range plan {
		if database == "sqlite" && wholeTable(line) {
			return line
		}
		if database == "postgres" && big.MatchString(line) && (strings.Contains(line, "Seq Scan on") || wholeIndex(plan[i:])) {
			return line
		}
	}
	return ""
}

// wholeIndex reports whether the first line of a plan reads an index without a condition upon it.
func wholeIndex(plan []string) bool {
	if !strings.Contains(plan[0], "Index Scan") && !strings.Contains(plan[0], "Index Only Scan") || partial.MatchString(plan[0]) {
		return false
	}
	return len(plan) < 2 || !strings.Contains(plan[1], "Index Cond")
}

// aliases of big tables in the statements.
var aliases = regexp.MustCompile(`^SCAN (deliveries|originals|messages|attachments|decisions|content_keys|versions|send_checks|mail_references|conversations|contacts|identities|tickets|promises|turns|outbox|outbox_attempts|receipts|journal|entries|desk|searched|[demotu])( |$)`)

// partial are indexes over what is open or waits: small, whatever is done.
var partial = regexp.MustCompile(`(?i)using (covering index |index )?(messages_parked|contacts_erasing|promises_overdue|promises_next|turns_overdue|turns_next|outbox_wake|outbox_capped|outbox_kept|outbox_older|tickets_urgent|tickets_waiting|desk_next|desk_lane|desk_half|desk_wake|undecided_\w+)`)

func wholeTable(line string) bool {
	return aliases.MatchString(line) && !strings.Contains(line, "VIRTUAL TABLE") && !partial.MatchString(line)
}
