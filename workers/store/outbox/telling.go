package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands/split"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Events of tickets, of which webhooks are told.
const (
	TicketOpened    = "ticket.opened"
	TicketAssigned  = "ticket.assigned"
	TicketReplied   = "ticket.replied" // an answer was handed over
	TicketClosed    = "ticket.closed"
	TicketEscalated = "ticket.escalated"
)

// Told is an event of a ticket, as those are told who want to know. It holds nobody's words and no address.
type Told struct {
	Event    string
	Key      string // once for each event: who is told of it twice knows that by it
	At       time.Time
	Ticket   int64
	Queue    string // where the ticket is when it is told; so all that follows
	Category string
	Priority string
	Language string
	State    string
	Owner    string // login; of ticket.assigned who got it then; empty: nobody
	By       string // login of who has done it, or entries.Service
	Imported bool   // it is history that was brought in: nobody is told that it was opened
	Reason   string // of ticket.escalated: which step; of ticket.closed: why, as a key
}

// Tell tells of what has happened to tickets since the last call, at most of so many changes: to tells what rows that makes. They are written in the
// transaction in which the place moves on, so that a process which dies tells nothing twice and leaves nothing out, and any number of processes may
// call it. again: there is more. The first call only notes where to begin;
// changes.ErrRestored: so did this one.
func (s *Store) Tell(ctx context.Context, to func(Told) []effects.Plan, now time.Time, most int) (again bool, err error) {
	seen := changes.New(s.base)
	from, begun, err := s.toldUntil(ctx)
	if err != nil {
		return false, err
	}
	if !begun {
		if from, err = seen.Now(ctx); err != nil {
			return false, err
		}
		return false, s.base.Do(ctx, "noting from where on tickets are told of", sql.Do(`INSERT INTO told_walk (one, turn, n) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING`, from.Turn, from.N))
	}
	lately, err := seen.After(ctx, from, most)
	if err != nil {
		return false, err
	}
	if len(lately) == 0 {
		return false, seen.Here(ctx, changes.ToldWalk, from)
	}
	happened, err := s.happened(ctx, lately)
	if err != nil {
		return false, err
	}
	var rows []effects.Plan
	for _, e := range happened {
		rows = append(rows, to(e)...)
	}
	return len(lately) == most, s.told(ctx, rows, from, lately[len(lately)-1].Mark, now)
}

// StopTelling forgets up to where tickets were told of: nobody wants to know any more. What happens until somebody does again is told to nobody.
func (s *Store) StopTelling(ctx context.Context) error {
	return s.base.Do(ctx, "forgetting up to where tickets were told of", sql.Do(`DELETE FROM told_walk`))
}

func (s *Store) toldUntil(ctx context.Context) (m changes.Mark, begun bool, err error) {
	err = s.base.Read(ctx, "looking up to where tickets were told of", sql.Ask(func(row sql.Row) error {
		begun = true
		return row.Scan(&m.Turn, &m.N)
	}, `SELECT turn, n FROM told_walk WHERE one = 1`))
	return m, begun, err
}

// errTold says that another process has told of it.
var errTold = errors.New("another process has told of it")

// told writes the rows and moves the place on, where it is still the one from which they were made.
func (s *Store) told(ctx context.Context, rows []effects.Plan, from, until changes.Mark, now time.Time) error {
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(len(rows))})
	if err != nil {
		return err
	}
	defer ids.Done()
	err = s.base.Write(ctx, func(t sql.Tx) error {
		moved := false
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			moved = true
			var one int64
			return row.Scan(&one)
		}, `UPDATE told_walk SET turn = $3, n = $4 WHERE one = 1 AND turn = $1 AND n = $2 RETURNING one`, from.Turn, from.N, until.Turn, until.N)); err != nil {
			return err
		}
		if !moved {
			return errTold
		}
		return s.noted(ctx, t, numbered(rows, ids), now)
	})
	if err != nil && !errors.Is(err, errTold) {
		return fmt.Errorf("telling of tickets: %w", err)
	}
	return nil
}

// noted writes the rows, and that they are to be forgotten.
func (s *Store) noted(ctx context.Context, t sql.Tx, rows []effects.Plan, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	if err := s.plans.Notify(ctx, t, rows, now); err != nil {
		return err
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return t.Run(ctx, sql.Do(`INSERT INTO told (effect, at) SELECT o.id, CAST($2 AS bigint) FROM outbox o WHERE o.id = ANY($1)`, sql.Sorted(ids), sql.Micros(now)))
}

// moment names what was noted of a ticket at one time.
type moment struct {
	ticket, at int64
	kind       string
}

// happened are the events that lie in changes, in their order.
func (s *Store) happened(ctx context.Context, lately []changes.Change) (out []Told, err error) {
	var of []int64
	first := lately[0].At
	for _, c := range lately {
		if c.Ticket != 0 {
			of = append(of, c.Ticket)
		}
		if c.At.Before(first) {
			first = c.At
		}
	}
	about, noted, logins := map[int64]Told{}, map[moment]entries.Entry{}, map[int64]string{}
	answers := map[int64][]int64{}
	if of = sql.Sorted(of); len(of) == 0 {
		return nil, nil
	}
	err = s.base.Read(ctx, "reading of what tickets are told",
		sql.Ask(func(row sql.Row) error {
			var t Told
			var owner int64
			err := row.Scan(&t.Ticket, &t.Queue, &t.Category, &t.Priority, &t.Language, &t.State, &owner, &t.Owner, &t.Imported)
			about[t.Ticket] = t
			return err
		}, `SELECT t.id, t.queue, t.category, t.priority, t.language, t.status, coalesce(d.owner, 0), coalesce(who.login, ''),
EXISTS (SELECT 1 FROM messages m JOIN deliveries v ON v.id = m.id WHERE m.ticket <> 0 AND m.ticket = t.id AND v.imported) FROM tickets t LEFT JOIN desk d ON d.ticket = t.id LEFT JOIN users who ON who.id = d.owner
WHERE t.id = ANY($1)`, of),
		sql.Ask(func(row sql.Row) error {
			var at moment
			var e entries.Entry
			var before, after string
			err := row.Scan(&at.ticket, &at.at, &at.kind, &e.Detail, &before, &after)
			e.Before, _ = entries.Read(before)
			e.After, _ = entries.Read(after)
			noted[at] = e
			return err
		}, `SELECT ticket, at, kind, reason, before, after FROM entries WHERE ticket = ANY($1) AND at >= $2`, of, sql.Micros(first)),
		sql.Ask(sql.Pair(func(ticket, reply int64) { answers[ticket] = append(answers[ticket], reply) }),
			`SELECT r.ticket, r.id FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.ticket = ANY($1) AND r.kind = '`+string(replies.Answer)+`' AND o.state IN ('sent', 'delivered') AND o.sent_at >= $2 ORDER BY r.id`, of, sql.Micros(first.Add(-time.Minute))),
		sql.Ask(sql.Pair(func(id int64, login string) { logins[id] = login }), `SELECT id, login FROM users`))
	if err != nil {
		return nil, err
	}
	for _, c := range lately {
		t, there := about[c.Ticket]
		if !there {
			continue
		}
		t.At, t.By = c.At, c.Actor
		out = append(out, events(t, c, noted[moment{c.Ticket, sql.Micros(c.At), c.Kind}], answers[c.Ticket], logins)...)
	}
	return out, nil
}

// events are those of one change of a ticket; e is its entry.
func events(t Told, c changes.Change, e entries.Entry, answers []int64, logins map[int64]string) (out []Told) {
	add := func(event, key string, t Told) {
		t.Event, t.Key = event, fmt.Sprintf("%s:%d:%s", event, t.Ticket, key)
		out = append(out, t)
	}
	here := fmt.Sprintf("%d:%d", c.Turn, c.N)
	switch t.Reason = e.Detail; c.Kind {
	case entries.Opened, split.ActSplitOff:
		t.Reason = ""
		if !t.Imported {
			add(TicketOpened, "once", t)
		}
	case entries.ActClose:
		add(TicketClosed, here, t)
	case promises.ActEscalate:
		add(TicketEscalated, here, t)
	case tables.ChangeSent:
		t.Reason, t.By = "", entries.Service
		for _, reply := range answers {
			add(TicketReplied, fmt.Sprint(reply), t)
		}
	}
	t.Reason = ""
	if now, was := e.After.Desk, e.Before.Desk; now != nil && now.Owner != 0 && (was == nil || was.Owner != now.Owner) {
		t.Owner = logins[now.Owner]
		add(TicketAssigned, here, t)
	}
	return out
}

// Redeliver sends a notice once more that was sent, or has failed: as a row of its own, under the number by which its receiver knows it. ErrNotFound:
// there is no such notice, or it is on its way.
func (s *Store) Redeliver(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: 1, tables.SequenceOther: 1})
	if err != nil {
		return err
	}
	defer ids.Done()
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var channel, payload string
		found := false
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			found = true
			return row.Scan(&channel, &payload)
		}, `SELECT channel, payload FROM outbox WHERE id = $1 AND kind = '`+effects.KindNotice+`' AND state IN ('sent', 'delivered', 'failed')`, id)); err != nil {
			return err
		}
		if !found || !json.Valid([]byte(payload)) {
			return sql.ErrNotFound
		}
		again := effects.Plan{Kind: effects.KindNotice, Key: fmt.Sprintf("again:%d:%d", id, now.UnixMicro()), Channel: channel, Payload: []byte(payload), Due: now}
		if err := s.noted(ctx, t, numbered([]effects.Plan{again}, ids), now); err != nil {
			return err
		}
		return t.Run(ctx, base.Note(ids.Next(tables.SequenceOther), now, who, "redeliver", 0, 0, fmt.Sprint(id)))
	})
	if err != nil {
		return fmt.Errorf("sending notice %d once more: %w", id, err)
	}
	return nil
}

// ForgetNotices drops what webhooks were told of tickets with their attempts, of before a moment, at most so many, and says how many.
// What is still on its way stays, and holds up nothing.
func (s *Store) ForgetNotices(ctx context.Context, before time.Time, most int) (gone int, err error) {
	err = s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
		gone = 0
		var old, ids []int64
		count := base.Tally{}
		if err := t.Run(ctx, sql.Ask(sql.Each64(&old), `SELECT d.effect FROM told d WHERE d.at < $1 AND (SELECT o.state FROM outbox o WHERE o.id = d.effect) IN ('sent', 'delivered', 'failed', 'withheld') ORDER BY d.at LIMIT $2`, sql.Micros(before), int64(most))); err != nil || len(old) == 0 {
			return err
		}
		if err := t.Run(ctx, sql.Ask(sql.Pair(func(id int64, state string) {
			ids = append(ids, id)
			count.Move(tables.CountEffect, state, "")
		}), `SELECT o.id, o.state FROM outbox o WHERE o.id = ANY($1) AND o.state IN ('sent', 'delivered', 'failed', 'withheld')`, sql.Sorted(old))); err != nil || len(ids) == 0 {
			return err
		}
		gone = len(ids)
		slices.Sort(ids)
		return t.Run(ctx, sql.Do(`DELETE FROM outbox_attempts WHERE effect = ANY($1)`, ids), sql.Do(`DELETE FROM outbox WHERE id = ANY($1)`, ids), sql.Do(`DELETE FROM told WHERE effect = ANY($1)`, ids), count.Call())
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting notices: %w", err)
	}
	return gone, nil
}
