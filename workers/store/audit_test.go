package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"frontdesk/pipeline"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/storetest"
)

// damage is something that is done to healthy books, and what the audit must say then, and nothing else.
type damage struct {
	name  string
	do    []string
	whole bool // only the audit of everything sees it
	want  auditing.Finding
}

// sqlf fills ids into a statement.
func sqlf(format string, ids ...any) []string { return []string{fmt.Sprintf(format, ids...)} }

// counted moves a counter along with the rows that a damage adds or takes away.
func counted(name string, n int) string {
	return fmt.Sprintf(`UPDATE counters SET n = n + %d WHERE name = '%s' AND shard = (SELECT min(shard) FROM counters WHERE name = '%s')`, n, name, name)
}

func effect(p pipeline.Plan) int64 { return p.Effects[0].ID }

func damages(w *storetest.Town) []damage {
	return slices.Concat(messageDamages(w), promiseDamages(w), otherDamages(w))
}

// messageDamages are those of messages, originals, decisions, tickets and copies.
func messageDamages(w *storetest.Town) []damage {
	return []damage{
		{"a recorded message that waits nowhere", sqlf(`DELETE FROM undecided WHERE message_id = %d`, w.Undecided), false,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Undecided, Inbox: "hotline"}},
		{"a decided message whose row is gone", sqlf(`DELETE FROM messages WHERE id = %d`, w.Report), false,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Report, Inbox: "support"}},
		{"a message that is decided and undecided", sqlf(`INSERT INTO undecided (message_id, inbox, bulk, imported, released, state, recorded_at, wake_at, wakes, claims)
SELECT id, inbox, bulk, imported, false, 'awaiting', recorded_at, recorded_at, 0, 0 FROM deliveries WHERE id = %d`, w.Dismissed), false,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Dismissed, Inbox: "hotline"}},
		{"a message that was never recorded", append(sqlf(`DELETE FROM deliveries WHERE id = %d`, w.Dismissed), counted("inbox:hotline", -1)), true,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Dismissed}},
		{"an undecided message that was never recorded", append(sqlf(`DELETE FROM deliveries WHERE id = %d`, w.Undecided), counted("inbox:hotline", -1)), true,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Undecided}},

		{"an undecided message without its original", sqlf(`DELETE FROM originals WHERE id = %d`, w.Undecided), false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Undecided, Inbox: "hotline"}},
		{"a parked message without its original", sqlf(`DELETE FROM originals WHERE id = %d`, w.Parked), false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"an original that is gone before its time", sqlf(`DELETE FROM originals WHERE id = %d`, w.Sent.Message), false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Sent.Message, Inbox: "hotline"}},
		{"a large original that is not among the blobs", sqlf(`UPDATE originals SET blob = 'deadbeef' WHERE id = %d`, w.Parked), false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"a lost data key, of a large original", []string{`DELETE FROM data_keys WHERE kind = 'original' AND slot = (SELECT min(slot) FROM data_keys WHERE kind = 'original')`}, false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"a data key that cannot be unwrapped", []string{`UPDATE data_keys SET wrapped = (SELECT k.wrapped FROM data_keys k WHERE k.kind = 'token')
WHERE kind = 'original' AND slot = (SELECT min(slot) FROM data_keys WHERE kind = 'original')`}, false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"a data key under a master key that nobody has", []string{`UPDATE data_keys SET master = 'lost' WHERE kind = 'original' AND slot = (SELECT min(slot) FROM data_keys WHERE kind = 'original')`}, false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"a data key in the place of another one", []string{`UPDATE data_keys SET id = -1 WHERE kind = 'original' AND slot = (SELECT min(slot) FROM data_keys WHERE kind = 'original')`,
			`UPDATE data_keys SET id = (SELECT max(id) + 1000 FROM data_keys) WHERE id = -1`}, false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Parked, Inbox: "hotline"}},
		{"original bytes that were changed", sqlf(`UPDATE originals SET sealed = (SELECT o.sealed FROM data_keys k, originals o WHERE false) WHERE id = %d`, w.Undecided), false,
			auditing.Finding{Rule: auditing.RuleOriginal, Message: w.Undecided, Inbox: "hotline"}},
		{"a decision that is not kept", sqlf(`DELETE FROM decisions WHERE message = %d`, w.Sent.Message), false,
			auditing.Finding{Rule: auditing.RuleDecision, Message: w.Sent.Message, Inbox: "hotline"}},

		{"a ticket that is gone", append(sqlf(`UPDATE messages SET ticket = 999999 WHERE id = %d`, w.Answer), sqlf(`UPDATE tickets SET messages = 1 WHERE id = %d`, w.Answered.Ticket.ID)...), false,
			auditing.Finding{Rule: auditing.RuleTicket, Message: w.Answer, Ticket: 999999, Inbox: "hotline"}},
		{"a ticket that counts too many messages", sqlf(`UPDATE tickets SET messages = 3 WHERE id = %d`, w.Answered.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RuleTicket, Message: w.Answered.Message, Ticket: w.Answered.Ticket.ID}},
		{"a ticket that nothing opened", append(sqlf(`UPDATE messages SET state = 'appended' WHERE id = %d`, w.Opted.Message),
			sqlf(`DELETE FROM outbox WHERE message = %d`, w.Opted.Message)...), false,
			auditing.Finding{Rule: auditing.RuleTicket, Message: w.Opted.Message, Ticket: w.Opted.Ticket.ID}},

		{"a copy of nothing", sqlf(`UPDATE messages SET duplicate_of = 999999 WHERE id = %d`, w.Copy.Message), false,
			auditing.Finding{Rule: auditing.RuleCopy, Message: w.Copy.Message}},
		{"a copy of itself", sqlf(`UPDATE messages SET duplicate_of = id WHERE id = %d`, w.Copy.Message), false,
			auditing.Finding{Rule: auditing.RuleCopy, Message: w.Copy.Message}},
		{"two tickets of one content", sqlf(`UPDATE messages SET content = 'c0ffee01' WHERE id = %d`, w.Sent.Message), false,
			auditing.Finding{Rule: auditing.RuleCopy, Message: w.Sent.Message, Ticket: w.Sent.Ticket.ID}},
		{"a content that nobody would know again", sqlf(`DELETE FROM content_keys WHERE message = %d`, w.Original.Message), false,
			auditing.Finding{Rule: auditing.RuleCopy, Message: w.Original.Message, Ticket: w.Original.Ticket.ID}},
	}
}

// promiseDamages are those of promises and acknowledgements.
func promiseDamages(w *storetest.Town) []damage {
	return []damage{
		{"a ticket without its promise", sqlf(`DELETE FROM promises WHERE ticket = %d`, w.Sent.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Sent.Message, Ticket: w.Sent.Ticket.ID}},
		{"a promise that nothing wakes", sqlf(`UPDATE promises SET next_at = 0 WHERE ticket = %d`, w.Due.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Due.Message, Ticket: w.Due.Ticket.ID}},
		{"a promise that nobody looked at", sqlf(`UPDATE promises SET next_at = 1 WHERE ticket = %d`, w.Due.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Due.Message, Ticket: w.Due.Ticket.ID}},
		{"a promise that is void without a cause", append(sqlf(`UPDATE promises SET cause = '' WHERE ticket = %d`, w.Opted.Ticket.ID),
			sqlf(`UPDATE outbox SET cause = '' WHERE ticket = %d`, w.Opted.Ticket.ID)...), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Opted.Message, Ticket: w.Opted.Ticket.ID}},
		{"a promise called kept that was kept too late", sqlf(`UPDATE promises SET state = 'kept' WHERE ticket = %d`, w.Late.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Late.Message, Ticket: w.Late.Ticket.ID}},
		{"a promise that counts from another time", sqlf(`UPDATE promises SET start_at = start_at + 1000000 WHERE ticket = %d`, w.Sent.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RulePromise, Message: w.Sent.Message, Ticket: w.Sent.Ticket.ID}},

		{"no acknowledgement, and none withheld", sqlf(`DELETE FROM outbox WHERE id = %d`, effect(w.Due)), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Due.Message, Ticket: w.Due.Ticket.ID}},
		{"a kept promise, and nothing went out", sqlf(`UPDATE outbox SET sent_at = 0, state = 'failed' WHERE id = %d`, effect(w.Sent)), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Sent.Message, Ticket: w.Sent.Ticket.ID, Effect: effect(w.Sent)}},
		{"an acknowledgement that went out, and an open promise", sqlf(`UPDATE promises SET state = 'warned', settled_at = 0, next_at = 9000000000000000 WHERE ticket = %d`, w.Answered.Ticket.ID), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Answered.Message, Ticket: w.Answered.Ticket.ID, Effect: effect(w.Answered)}},
		{"a void promise of another cause", sqlf(`UPDATE outbox SET cause = 'disabled' WHERE id = %d`, effect(w.History)), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.History.Message, Ticket: w.History.Ticket.ID, Effect: effect(w.History)}},
		{"a void promise, and an acknowledgement that went out", sqlf(`UPDATE outbox SET state = 'sent', sent_at = 1 WHERE id = %d`, effect(w.History)), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.History.Message, Ticket: w.History.Ticket.ID, Effect: effect(w.History)}},
		{"an acknowledgement owed that failed for good", sqlf(`UPDATE outbox SET state = 'failed', next_at = 0, wake_at = 0 WHERE id = %d`, effect(w.Due)), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Due.Message, Ticket: w.Due.Ticket.ID, Effect: effect(w.Due)}},
		{"a fallback that nothing follows", sqlf(`DELETE FROM outbox WHERE message = %d AND state <> 'fallback'`, w.Unreachable.Message), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Unreachable.Message, Ticket: w.Unreachable.Ticket.ID, Effect: effect(w.Unreachable)}},
		{"a capped acknowledgement that no digest will list", sqlf(`DELETE FROM outbox WHERE id = %d`, w.Digest.Effects[1].ID), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Digest.Message, Ticket: w.Digest.Ticket.ID, Effect: effect(w.Digest)}},
		{"a capped acknowledgement whose digest never went out", sqlf(`UPDATE outbox SET sent_at = 0, state = 'failed' WHERE id = %d`, w.Capped.Effects[1].ID), false,
			auditing.Finding{Rule: auditing.RuleAcknowledgement, Message: w.Capped.Message, Ticket: w.Capped.Ticket.ID, Effect: effect(w.Capped)}},

		{"a customer who was acknowledged twice", sqlf(`UPDATE outbox SET state = 'sent' WHERE id = %d`, effect(w.Bounced)), false,
			auditing.Finding{Rule: auditing.RuleTwice, Message: w.Bounced.Message, Ticket: w.Bounced.Ticket.ID, Effect: w.Fallback}},
		{"a machine that was acknowledged", sqlf(`UPDATE messages SET kind = 'auto' WHERE id = %d`, w.Sent.Message), false,
			auditing.Finding{Rule: auditing.RuleMachine, Message: w.Sent.Message, Ticket: w.Sent.Ticket.ID, Effect: effect(w.Sent)}},
		{"a report that was acknowledged", sqlf(`UPDATE outbox SET kind = 'acknowledgement', message = %d WHERE id = %d`, w.Report, w.Capped.Effects[1].ID), false,
			auditing.Finding{Rule: auditing.RuleMachine, Message: w.Report, Ticket: w.Capped.Ticket.ID, Effect: w.Capped.Effects[1].ID}},
	}
}

// otherDamages are those of what waits, of counters and of rows that belong to nothing.
func otherDamages(w *storetest.Town) []damage {
	return []damage{
		{"an effect that nobody does", sqlf(`UPDATE outbox SET next_at = 1 WHERE id = %d`, effect(w.Due)), false,
			auditing.Finding{Rule: auditing.RuleOverdue, Message: w.Due.Message, Ticket: w.Due.Ticket.ID, Effect: effect(w.Due), Inbox: "hotline"}},
		{"an effect that nothing wakes", sqlf(`UPDATE outbox SET wake_at = 0 WHERE id = %d`, effect(w.Due)), false,
			auditing.Finding{Rule: auditing.RuleOverdue, Message: w.Due.Message, Ticket: w.Due.Ticket.ID, Effect: effect(w.Due)}},
		{"an effect that waits with a reason", sqlf(`UPDATE outbox SET next_at = 1 WHERE id = %d`, effect(w.Broken)), false, auditing.Finding{}},
		{"a claim that ran out long ago", sqlf(`UPDATE outbox SET next_at = 1, state = 'sending', last_error = 'temporary' WHERE id = %d`, effect(w.Broken)), false,
			auditing.Finding{Rule: auditing.RuleOverdue, Message: w.Broken.Message, Ticket: w.Broken.Ticket.ID, Effect: effect(w.Broken), Inbox: "hotline"}},
		{"a message that waits for hours", sqlf(`UPDATE undecided SET recorded_at = 1 WHERE message_id = %d`, w.Undecided), false,
			auditing.Finding{Rule: auditing.RuleBacklog, Message: w.Undecided, Inbox: "hotline"}},
		{"a message that somebody else is asked about", sqlf(`UPDATE undecided SET recorded_at = 1, state = 'awaiting' WHERE message_id = %d`, w.Undecided), false, auditing.Finding{}},

		{"a counter that is wrong", []string{counted("message:ticketed", 1)}, true, auditing.Finding{Rule: auditing.RuleCounters}},
		{"a ticket of nobody", append(sqlf(`INSERT INTO tickets (id, version, contact, inbox, queue, category, priority, status, subject, display, language, channels, numbers,
participants, informed, messages, opened_at, last_at, follows) SELECT 999999, version, contact, inbox, queue, category, priority, status, subject, display, language, channels,
numbers, participants, informed, messages, opened_at, last_at, follows FROM tickets WHERE id = %d`, w.Sent.Ticket.ID), counted("ticket:open", 1)), true,
			auditing.Finding{Rule: auditing.RuleStray, Ticket: 999999}},
		{"a promise of no ticket", append(sqlf(`INSERT INTO promises (ticket, kind, state, cause, calendar, start_at, due_at, warn, next_at, settled_at)
SELECT 999999, kind, state, cause, calendar, start_at, due_at, warn, next_at, settled_at FROM promises WHERE ticket = %d`, w.Sent.Ticket.ID), counted("promise:kept", 1)), true,
			auditing.Finding{Rule: auditing.RuleStray, Ticket: 999999}},
		{"an effect of no ticket", sqlf(`UPDATE outbox SET ticket = 999999 WHERE id = %d`, w.Digest.Effects[1].ID), true,
			auditing.Finding{Rule: auditing.RuleStray, Effect: w.Digest.Effects[1].ID}},
		{"an answer that nothing sends", sqlf(`INSERT INTO replies (id, key, ticket, kind, author, author_name, at, channel, inbox, recipients, subject, text, language, answer_to, effect)
VALUES (999999, 'page', %d, 'reply', 1, 'Wang', 1, 'sms', 'hotline', '{"to":[]}', '', 'Yes.', 'en', 0, 999999)`, w.Sent.Ticket.ID), true, auditing.Finding{Rule: auditing.RuleReply, Ticket: w.Sent.Ticket.ID}},
		{"a note that goes nowhere", sqlf(`INSERT INTO replies (id, key, ticket, kind, author, author_name, at, channel, inbox, recipients, subject, text, language, answer_to, effect)
VALUES (999999, 'page', %d, 'note', 1, 'Wang', 1, '', '', '', '', 'Hm.', '', 0, 0)`, w.Sent.Ticket.ID), true, auditing.Finding{}},
		{"a first reply that is kept by nothing", append(sqlf(`INSERT INTO promises (ticket, kind, state, cause, calendar, start_at, due_at, warn, next_at, settled_at)
SELECT ticket, 'first-reply', 'kept', '', calendar, start_at, due_at, warn, next_at, settled_at FROM promises WHERE ticket = %d AND kind = 'acknowledgement'`, w.Sent.Ticket.ID), counted("promise:kept", 1)), true,
			auditing.Finding{Rule: auditing.RuleReply, Ticket: w.Sent.Ticket.ID}},
		{"an open ticket that is nobody's work", append(sqlf(`DELETE FROM desk WHERE ticket = %d`, w.Sent.Ticket.ID), `INSERT INTO desk_walk (one, ended_at) VALUES (1, 1)`), true,
			auditing.Finding{Rule: auditing.RuleDesk, Ticket: w.Sent.Ticket.ID}},
		{"an open ticket that an older program has left, before the first walk", sqlf(`DELETE FROM desk WHERE ticket = %d`, w.Sent.Ticket.ID), true, auditing.Finding{}},
		{"work on a ticket that is not there", []string{`INSERT INTO desk (ticket, queue, language, category, priority, state, owner, last_owner, since_at, rank_at, half_at, due_at, wake_at, given_at, begun_at, last_at)
VALUES (999999, 'q', 'en', 'c', 'low', 'waiting', 0, 0, 1, 1, 0, 0, 0, 0, 0, 1)`, `INSERT INTO desk_walk (one, ended_at) VALUES (1, 1)`}, true, auditing.Finding{Rule: auditing.RuleDesk, Ticket: 999999}},
		{"an agent of whom more is said than he has", []string{`INSERT INTO agents (person, presence, heard_at, since_at, room, load, not_begun, missed, given_at) VALUES (9, 'offline', 0, 0, 0, 2, 0, 0, 0)`,
			`INSERT INTO desk_walk (one, ended_at) VALUES (1, 1)`}, true, auditing.Finding{Rule: auditing.RuleHands}},
		{"one delivery recorded twice", append([]string{`DROP INDEX deliveries_key`},
			sqlf(`UPDATE deliveries SET inbox = 'hotline', key = 'sent' WHERE id = %d`, w.Report)...), false,
			auditing.Finding{Rule: auditing.RuleRecorded, Message: w.Report, Inbox: "hotline"}},
	}
}

// keeping are the tables that damages change.
var keeping = strings.Fields("data_keys deliveries originals undecided messages decisions content_keys tickets promises outbox counters desk desk_walk agents replies")

// TestAuditFindsTheDamage: whatever is damaged in healthy books is found, and nothing else.
func TestAuditFindsTheDamage(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			w := storetest.NewTown(t, s)
			damaged := func(statements ...string) {
				t.Helper()
				if err := store.Damage(t.Context(), s, statements...); err != nil {
					t.Fatal(err)
				}
			}
			var restore []string
			for _, table := range keeping {
				damaged(fmt.Sprintf(`CREATE TABLE kept_%s AS SELECT * FROM %s`, table, table))
				restore = append(restore, `DELETE FROM `+table, fmt.Sprintf(`INSERT INTO %s SELECT * FROM kept_%s`, table, table))
			}
			for _, d := range damages(w) {
				t.Run(d.name, func(t *testing.T) {
					damaged(d.do...)
					auditDamage(t, s, w, d)
				})
				damaged(restore...)
			}
		})
	}
}

// TestALostDataKeyIsFoundInEachMessageItSealed: the service itself remembers the key and goes on, the
// next process will not; the audit says so while there is a backup to take it from.
func TestALostDataKeyIsFoundInEachMessageItSealed(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			w := storetest.NewTown(t, s)
			err := store.Damage(t.Context(), s, `DELETE FROM data_keys WHERE kind = 'original' AND slot >= (SELECT max(substr(slot, 1, 10)) FROM data_keys WHERE kind = 'original')`)
			if err != nil {
				t.Fatal(err)
			}
			b, err := s.Auditing.Audit(t.Context(), auditing.AuditOptions{}, w.Now)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, f := range b.Findings {
				if got = append(got, f.Message); f.Rule != auditing.RuleOriginal || !strings.Contains(f.Detail, "cannot be opened: data key") {
					t.Errorf("finding %+v", f)
				}
			}
			if want := []int64{w.Digest.Message, w.Due.Message, w.Undecided}; !cmp.Equal(want, got) || b.Clean() {
				t.Errorf("found %v, want %v", got, want)
			}
		})
	}
}

func auditDamage(t *testing.T, s *store.Store, w *storetest.Town, d damage) {
	t.Helper()
	b, err := s.Auditing.Audit(t.Context(), auditing.AuditOptions{Hasty: !d.whole, Grace: time.Minute}, w.Now)
	if err != nil {
		t.Fatal(err)
	}
	want := []auditing.Finding{d.want}
	if d.want.Rule == "" {
		want = []auditing.Finding{}
	}
	if diff := cmp.Diff(want, b.Findings, cmpopts.IgnoreFields(auditing.Finding{}, "Detail")); diff != "" {
		t.Errorf("findings (-want +got):\n%s\n%+v", diff, b.Findings)
	}
	if clean := d.want.Rule == "" || d.want.Warning(); b.Clean() != clean {
		t.Errorf("clean = %v, want %v", b.Clean(), clean)
	}
}
