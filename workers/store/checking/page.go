package checking

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/challenge"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Link names a check in the address of the page on which its code is entered.
func (s *Store) Link(check int64) string {
	return challenge.Link(challenge.MAC(s.base.Ring.Token), check)
}

// asked is a check at whose link a code is asked for.
type asked struct {
	ticket   int64
	proof    string
	language string
}

// read reads the check of a link, as far as it waits for a code.
func (s *Store) read(ctx context.Context, run func(context.Context, ...sql.Call) error, link, lock string, now time.Time) (id int64, a asked, waits bool, err error) {
	id, ours := challenge.Linked(challenge.MAC(s.base.Ring.Token), link)
	if !ours {
		return 0, a, false, nil
	}
	err = run(ctx, sql.Ask(func(row sql.Row) error {
		waits = true
		return row.Scan(&a.ticket, &a.proof, &a.language)
	}, `SELECT c.ticket, c.mac, t.language FROM checks c JOIN tickets t ON t.id = c.ticket WHERE c.id = $1 AND c.result = '' AND c.joins = 0 AND c.tries < $2 AND c.ends_at > $3`+lock, id, int64(challenge.Tries), sql.Micros(now)))
	return id, a, waits, err
}

// Waits reports whether a code is asked for at a link, and in which language its customer reads (BCP 47).
func (s *Store) Waits(ctx context.Context, link string, now time.Time) (language string, waits bool, err error) {
	_, a, waits, err := s.read(ctx, func(ctx context.Context, calls ...sql.Call) error {
		return s.base.Read(ctx, "looking for a check", calls...)
	}, link, "", now)
	return a.language, waits, err
}

// Enter tries what was entered at a link. What holds no code at all is wrong, and no try; all others are tries of the same five as those in the conversation. result is one of
// challenge's; waits is false where no code is asked for any more.
func (s *Store) Enter(ctx context.Context, link, code string, now time.Time) (result string, waits bool, err error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return "", false, fmt.Errorf("trying a code: %w", err)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var id int64
		var a asked
		var err error
		result = challenge.Open
		if id, a, waits, err = s.read(ctx, t.Run, link, " FOR UPDATE OF c", now); err != nil || !waits {
			return err
		}
		codes := challenge.Answers(code)
		if len(codes) == 0 {
			return nil
		}
		right := len(codes) == 1 && challenge.Same(challenge.Proof(challenge.MAC(s.base.Ring.Token), id, codes[0]), a.proof)
		count := base.Tally{}
		if result, waits, err = s.plans.Try(ctx, t, id, a.ticket, 0, right, ids[0], now, count); err != nil {
			return err
		}
		waits = waits && result == challenge.Open
		return t.Run(ctx, count.Call())
	})
	if err != nil {
		return "", false, fmt.Errorf("trying a code: %w", err)
	}
	return result, waits, nil
}
