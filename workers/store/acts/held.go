package acts

import (
	"context"
	"fmt"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Release says which of the held acknowledgements go: rows by their ids, whatever they are held for, or the
// oldest of one cause.
type Release struct {
	IDs   []int64
	Cause string // without IDs
	Inbox string // only those that go out by this inbox; empty: every inbox
	Limit int    // how many at most
	Who   string
	Wait  time.Duration // so long nothing is sent, and HoldBack can take it back
	// May reports whether anything may ever go to an address; nil lets everything go.
	May func(message.Address) bool
}

// Released is what a release has done.
type Released struct {
	Count   int   `json:"released"`
	Refused int   `json:"refused"` // of those that were asked for by id: nothing may ever go there, and they are held no more
	Act     int64 `json:"act"`     // its entry in the journal, for HoldBack; 0 when none went
}

// heldRow is one held acknowledgement.
type heldRow struct {
	id, at, ticket, message int64
	cause                   string
	to                      message.Address
}

// releaseMost is how many rows one release moves at most, and how many it looks at in one go.
const releaseMost = 1000

// ReleaseHeld lets held acknowledgements go, the oldest first, and makes their promises count again: kept when
// they go out in time, else broken. Each is in the journal.
func (s *Store) ReleaseHeld(ctx context.Context, r Release, now time.Time) (Released, error) {
	r.Limit = min(r.Limit, releaseMost)
	if len(r.IDs) > 0 {
		r.Limit = releaseMost
	}
	acts, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, max(r.Limit, 1))
	if err != nil {
		return Released{}, err
	}
	var out Released
	numbers := s.base.ChannelsThat(func(c descriptor.Traits) bool { return c.Address == message.Phone && !c.Typed })
	err = s.base.Write(ctx, func(t sql.Tx) error {
		rows, never, err := r.choose(ctx, t, numbers)
		out = Released{Count: len(rows)}
		if len(r.IDs) > 0 { // nobody has asked for the others
			out.Refused = len(never)
		}
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			out.Act = acts[0]
		}
		return s.plans.Carried(ctx, t, r.commands(rows, never), acts, now)
	})
	if err != nil {
		return Released{}, fmt.Errorf("releasing withheld acknowledgements: %w", err)
	}
	return out, nil
}

// choose locks the rows that go, and those that never may. Those of a cause are walked through in the order of their
// time, since some of them may never go. numbers are the channels on which a number itself writes.
func (r Release) choose(ctx context.Context, t sql.Tx, numbers []string) (rows, never []heldRow, err error) {
	after := heldRow{}
	for {
		n := 0
		err = t.Run(ctx, r.candidates(after, numbers, func(h heldRow) {
			switch after, n = h, n+1; {
			case h.cause == causes.PremiumNumber, r.May != nil && !r.May(h.to):
				never = append(never, h)
			case len(rows) < r.Limit:
				rows = append(rows, h)
			}
		}))
		if err != nil || len(r.IDs) > 0 || n < releaseMost || len(rows) >= r.Limit {
			break
		}
	}
	return rows, never, err
}

// candidates locks held rows: those that are named, or the next ones of a cause. Of numbers outside the served
// countries a whole cause lets only those go from which somebody has written to us; a number that was typed
// goes when a person has named its row.
func (r Release) candidates(after heldRow, numbers []string, each func(heldRow)) sql.Call {
	scan := func(row sql.Row) error {
		var h heldRow
		err := row.Scan(&h.id, &h.at, &h.ticket, &h.message, &h.cause, &h.to.Kind, &h.to.Value)
		each(h)
		return err
	}
	const columns, rest = `SELECT id, created_at, ticket, message, cause, to_kind, to_value FROM outbox WHERE `, ` AND kind = '` + effects.KindAcknowledgement + `' AND NOT erased AND `
	if len(r.IDs) > 0 {
		return sql.Ask(scan, columns+`(`+outbox.HeldCauses+` OR state = 'withheld' AND cause = '`+causes.PremiumNumber+`')`+rest+`id = ANY($1) ORDER BY id LIMIT $2 FOR UPDATE`, r.IDs, releaseMost)
	}
	return sql.Ask(scan, columns+outbox.HeldCauses+rest+`cause = $1 AND ($2 = '' OR inbox = $2) AND (cause <> '`+causes.NoServiceArea+`' OR message {in SELECT m.id FROM messages m WHERE m.id = outbox.message AND m.channel = ANY($6)})
AND (created_at, id) > ($3, $4) ORDER BY created_at, id LIMIT $5 FOR UPDATE SKIP LOCKED`,
		sql.Clean(r.Cause), sql.Clean(r.Inbox), after.at, after.id, releaseMost, numbers)
}

// commands let the chosen rows go, and say of those to which nothing may ever go that they wait for nobody: programs before
// causes.PremiumNumber held them like those that a person may let go.
func (r Release) commands(rows, never []heldRow) (out []domain.Command) {
	for _, h := range rows {
		out = append(out, commands.ReleaseHeld{Effect: h.id, Actor: r.Who, Wait: r.Wait})
	}
	for _, h := range never {
		if h.cause != causes.PremiumNumber {
			out = append(out, commands.NeverSend{Effect: h.id, Cause: causes.PremiumNumber})
		}
	}
	return out
}

// HoldBack takes a release back as far as nothing was sent yet: the rows that were released in that act of the
// journal are withheld again for what they were withheld for, and so are their promises. It returns how many;
// ErrNotFound when there is no such act.
func (s *Store) HoldBack(ctx context.Context, act int64, wait time.Duration, now time.Time, who string) (int, error) {
	acts, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, releaseMost)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.base.Write(ctx, func(t sql.Tx) error {
		at := int64(0)
		if err := t.Run(ctx, sql.Ask(sql.Into(&at), `SELECT at FROM journal WHERE id = $1 AND act = '`+entries.ActReleaseHeld+`'`, act)); err != nil {
			return err
		}
		if at == 0 {
			return sql.ErrNotFound
		}
		back, err := takeBack(ctx, t, at, sql.Micros(sql.Moment(at).Add(wait)), who)
		if n = len(back); err != nil || n == 0 {
			return err
		}
		return s.plans.Carried(ctx, t, back, acts, now)
	})
	if err != nil {
		return 0, fmt.Errorf("holding acknowledgements back: %w", err)
	}
	return n, nil
}

// takeBack locks what was released at that time and nobody has taken up yet, and makes the commands that withhold it again for
// what it was withheld for.
func takeBack(ctx context.Context, t sql.Tx, at, next int64, who string) (back []domain.Command, err error) {
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		c := commands.HoldBackHeld{Actor: who}
		err := row.Scan(&c.Effect, &c.Cause)
		back = append(back, c)
		return err
	}, `SELECT o.id, (SELECT j.detail FROM journal j WHERE j.message <> 0 AND j.message = o.message AND j.at = $2 AND j.act = '`+entries.ActReleaseHeld+`' LIMIT 1)
FROM outbox o WHERE o.wake_at > 0 AND o.wake_at = $1 AND o.next_at = $1 AND o.due_at = $2 AND o.state = 'due' AND o.attempts = 0 AND o.kind = '`+effects.KindAcknowledgement+`'
AND EXISTS (SELECT 1 FROM journal j WHERE j.message <> 0 AND j.message = o.message AND j.at = $2 AND j.act = '`+entries.ActReleaseHeld+`') ORDER BY o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED`, next, at, releaseMost))
	return back, err
}
