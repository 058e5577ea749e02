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
var big = regexp.MustCompile(`\b(deliveries|originals|messages|attachments|decisions|content_keys|mail_references|conversations|contacts|identities|tickets|promises|outbox|outbox_attempts|receipts|journal)\b`)

// newestFirst are listings: they walk down a primary key and stop at their limit.
var newestFirst = regexp.MustCompile(`ORDER BY (\w+\.)?(id|ticket|message_id) DESC(, kind)? LIMIT \d+`)

func TestEveryStatementRunsOnAnIndex(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			statements := 0
			storetest.Run(t, func(t testing.TB) *store.Store {
				s := open(t)
				r := store.Watch(s)
				t.Cleanup(func() {
					plans, err := r.Plans(context.Background())
					if err != nil {
						t.Errorf("explaining: %v", err)
					}
					statements += len(plans)
					for text, plan := range plans {
						if bad := scan(name, text, plan); bad != "" {
							t.Errorf("%s\n  in: %s\n  plan:\n    %s", bad, text, strings.Join(plan, "\n    "))
						}
					}
				})
				return s
			})
			if statements < 100 {
				t.Errorf("only %d statements were seen", statements)
			}
		})
	}
}

// scan is the line of a plan that reads a whole table, or "".
func scan(database, text string, plan []string) string {
	for _, line := range plan {
		if !big.MatchString(line) && database == "postgres" {
			continue
		}
		switch {
		case database == "postgres" && strings.Contains(line, "Seq Scan on"):
			return line
		case database == "sqlite" && wholeTable(line) && !newestFirst.MatchString(text):
			return line
		}
	}
	return ""
}

// aliases of big tables in the statements.
var aliases = regexp.MustCompile(`^SCAN (deliveries|originals|messages|attachments|decisions|content_keys|mail_references|conversations|contacts|identities|tickets|promises|outbox|outbox_attempts|receipts|journal|[dmotu])\b`)

// partial are indexes over what is open or waits: small, whatever is done.
var partial = regexp.MustCompile(`USING (COVERING )?INDEX (messages_parked|promises_overdue|promises_next|outbox_wake|outbox_capped|undecided_\w+)`)

func wholeTable(line string) bool {
	return aliases.MatchString(line) && !partial.MatchString(line)
}
