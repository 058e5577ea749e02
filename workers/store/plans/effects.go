package plans

import (
	"context"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

type checkRow struct {
	Effect int64
	AskAt  time.Time
}

var insertChecks = sql.Inserting[checkRow]("send_checks", "ON CONFLICT (effect) DO NOTHING")

// OutboxRow is a fresh row of the table outbox; what only its attempts bring begins empty.
type OutboxRow struct {
	ID                               int64
	Key, Kind                        string
	Ticket, Message, Contact         int64
	Inbox, Channel, Recipient        string
	ToKind                           message.AddressKind
	ToValue, ToName, Payload         string
	State                            effects.State
	Cause                            string
	CreatedAt, DueAt, NextAt, WakeAt time.Time
	Domain, DomainPrint              string
	Counted                          bool
	CountedAs                        string
}

// InsertOutbox writes effects whose key is new, and returns their ids.
var InsertOutbox = sql.Inserting[OutboxRow]("outbox", "ON CONFLICT (key) DO NOTHING RETURNING 'effect', id, ''",
	"attempts = 0", "sent_at = 0", "provider_id = ''", "parts_done = 0", "outcome_unknown = false", "needs_fallback = false", "last_error = ''",
	"holder = ''", "covered_by = 0")

// Arrivals are rows that are new unless their key was there already, with what they are counted as.
type Arrivals map[arrival]counted

// arrival names a row of a table whose inserts may meet an older row.
type arrival struct {
	table string
	id    int64
	kind  string
}

type counted struct{ what, state string }

// Expect notes a row that goes in, and counts it.
func (e Arrivals) Expect(count base.Tally, table string, id int64, kind, what, state string) {
	e[arrival{table, id, kind}] = counted{what, state}
	count.Move(what, "", state)
}

// Arrived takes the rows that were new; a key that was there already keeps its row.
func (e Arrivals) Arrived(row sql.Row) error {
	var a arrival
	err := row.Scan(&a.table, &a.id, &a.kind)
	delete(e, a)
	return err
}

// Correction takes back what was counted for rows that were there already.
func (e Arrivals) Correction() sql.Call {
	count := base.Tally{}
	for _, c := range e {
		count.Move(c.what, c.state, "")
	}
	return count.Call()
}

// Notify writes outbox rows that belong to no decision, with their ids, as part of a transaction. A row that was there already was counted too early:
// Correction takes that back in the same transaction.
func (s *Store) Notify(ctx context.Context, t sql.Tx, notices []effects.Plan, now time.Time) error {
	var rows []OutboxRow
	expected := Arrivals{}
	count := base.Tally{}
	for _, e := range notices {
		rows = append(rows, s.EffectRow(e, Origin{}, now))
		expected.Expect(count, "effect", e.ID, "", "effect", string(e.Start()))
	}
	if err := t.Run(ctx, InsertOutbox.Each(expected.Arrived, rows...), count.Call()); err != nil {
		return err
	}
	return t.Run(ctx, expected.Correction())
}

// Origin is what an effect belongs to.
type Origin struct{ Ticket, Message, Contact int64 }

// EffectRow is an effect as it is written first.
func (s *Store) EffectRow(e effects.Plan, of Origin, now time.Time) OutboxRow {
	to := e.To.Identity()
	row := OutboxRow{ID: e.ID, Key: s.base.Key(e.Key), Kind: sql.Clip(e.Kind), Ticket: of.Ticket, Message: of.Message, Contact: of.Contact, Inbox: e.Inbox,
		Channel: e.Channel, Recipient: s.base.Address(to), ToKind: to.Kind, ToValue: e.To.Value, ToName: e.To.Name, Payload: string(e.Payload),
		State: e.Start(), Cause: e.Cause, CreatedAt: now, DueAt: e.Due, CountedAs: s.base.Address(acknowledge.CountedAs(acknowledge.Mailbox(to), !e.Unproven))}
	if row.DueAt.IsZero() {
		row.DueAt = now
	}
	if row.State == effects.Due {
		row.NextAt, row.WakeAt = row.DueAt, row.DueAt
		if !row.DueAt.After(now) && of.Message != 0 { // whoever commits a decision rings for it; the rest the sweep finds
			row.WakeAt = now.Add(base.WakeAfter)
		}
		row.Counted = e.Kind == effects.KindAcknowledgement || e.Kind == effects.KindDigest
	}
	if row.Counted {
		row.Domain = sql.Clip(acknowledge.CountedDomain(base.DomainOf(to), !e.Unproven))
	}
	row.DomainPrint = s.base.PrintKey(row.Domain, e.Print)
	return row
}
