package auditing

import (
	"context"
	"fmt"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/sql"
)

// open audits what is open now, whatever the period: effects that wait beyond their time without a reason, and
// messages that wait for their decision for long. Both are small partial indexes (outbox_wake, undecided_inbox), so
// it costs the same on a large desk.
func (a *auditor) open(ctx context.Context) error {
	return a.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx,
			sql.Ask(sql.Into(&a.books.Effects.Open), `SELECT count(*) FROM outbox WHERE wake_at > 0`),
			sql.Ask(a.overdue, `SELECT id, kind, state, ticket, message, inbox, next_at, attempts, last_error FROM outbox
WHERE wake_at > 0 AND next_at < $1 AND (last_error = '' OR state <> 'due') ORDER BY wake_at`, a.late),
			sql.Ask(a.backlog, `SELECT message_id, inbox, recorded_at, claims FROM undecided
WHERE bulk {in SELECT b.bulk FROM (SELECT false AS bulk UNION SELECT true) AS b} AND state = '`+string(messages.Recorded)+`' AND recorded_at < $1`, a.late))
	})
}

// overdue is a row that nobody does. One that was tried and has an error is not overdue: it has a reason, and comes
// back.
func (a *auditor) overdue(row sql.Row) error {
	f := Finding{Rule: RuleOverdue}
	var kind, reason string
	var state effects.State
	var next int64
	var attempts int
	if err := row.Scan(&f.Effect, &kind, &state, &f.Ticket, &f.Message, &f.Inbox, &next, &attempts, &reason); err != nil {
		return err
	}
	a.books.Effects.Overdue++
	f.Detail = fmt.Sprintf("the %s was due at %s, after %d attempts, and nobody does it", kind, words(next), attempts)
	if state == effects.Sending {
		f.Detail = fmt.Sprintf("the %s was taken by a process whose claim ran out at %s, and nobody took it over", kind, words(next))
	}
	a.find(f)
	return nil
}

// backlog warns of a message that waits beyond the grace. claims tell whether it was tried and came to no end.
func (a *auditor) backlog(row sql.Row) error {
	f := Finding{Rule: RuleBacklog}
	var recorded int64
	var claims int
	if err := row.Scan(&f.Message, &f.Inbox, &recorded, &claims); err != nil {
		return err
	}
	f.Detail = fmt.Sprintf("it waits for its decision since %s", words(recorded))
	if claims > 0 {
		f.Detail += fmt.Sprintf("; it was begun %d times", claims)
	}
	a.find(f)
	return nil
}
