package erasure

import (
	"context"
	"encoding/json"
	"slices"

	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
)

// saidRow is what one attempt has sent, as it lies there.
type saidRow struct {
	effect, attempt int64
	erased          bool
	sealed          []byte
}

// said searches what was sent. What was sent to the person goes with its effect; what was sent to others may name
// him, as a digest's text does. Of an effect that is erased nothing may be left. It walks by the pair of keys, and
// opens outside of the reading.
func (w *sweep) said(ctx context.Context) error {
	last := [2]int64{-1, -1}
	for {
		var rows []saidRow
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			rows = nil
			return t.Run(ctx, sql.Ask(scanSaid(&rows), `SELECT a.effect, a.n, o.erased, a.words FROM outbox_attempts a JOIN outbox o ON o.id = a.effect
WHERE (a.effect, a.n) > ($1, $2) AND a.words IS NOT NULL ORDER BY a.effect, a.n LIMIT $3`, last[0], last[1], sweepSealed))
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			last = [2]int64{r.effect, r.attempt}
			if slices.Contains(w.found.Effects, r.effect) {
				continue
			}
			said, err := w.s.outbox.OpenWords(ctx, r.effect, r.attempt, r.sealed)
			if err != nil {
				return err
			}
			switch {
			case !r.erased && !w.n.in(said.Subject, said.Text):
				w.seen(said.Subject, said.Text)
			case !slices.Contains(w.found.Others.Words, r.effect):
				w.found.Others.Words = append(w.found.Others.Words, r.effect)
			}
		}
		w.found.Searched["words"] += int64(len(rows))
		w.tell("words", w.found.Searched["words"])
		if len(rows) < sweepSealed {
			return ctx.Err()
		}
	}
}

func scanSaid(rows *[]saidRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var r saidRow
		err := row.Scan(&r.effect, &r.attempt, &r.erased, &r.sealed)
		*rows = append(*rows, r)
		return err
	}
}

// otherWords masks the person in what was sent to others, and removes what is left of sends to the person. What is
// sealed anew is sealed for its own attempt, as before.
func (e *eraser) otherWords(ctx context.Context, ids []int64) error {
	n := e.s.names(e.p)
	var rows []saidRow
	err := e.s.base.DB.Read(ctx, func(t sql.Tx) error {
		rows = nil
		return t.Run(ctx, sql.Ask(scanSaid(&rows), `SELECT a.effect, a.n, o.erased, a.words FROM outbox_attempts a JOIN outbox o ON o.id = a.effect
WHERE a.effect = ANY($1) AND a.words IS NOT NULL ORDER BY a.effect, a.n`, ids))
	})
	if err != nil {
		return err
	}
	var calls []sql.Call
	for _, r := range rows {
		var sealed []byte
		if !r.erased {
			said, err := e.s.outbox.OpenWords(ctx, r.effect, r.attempt, r.sealed)
			if err != nil {
				return err
			}
			said.Subject, said.Text = n.mask(said.Subject), n.mask(said.Text)
			plain, err := json.Marshal(said)
			if err != nil {
				return err
			}
			sealed = e.s.base.Ring.Seal(plain, outbox.WordsAt(r.effect, r.attempt))
		}
		calls = append(calls, sql.Do(`UPDATE outbox_attempts SET words = $3 WHERE effect = $1 AND n = $2`, r.effect, r.attempt, sealed))
	}
	e.out.Mentions += len(rows)
	return e.s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, calls...) })
}
