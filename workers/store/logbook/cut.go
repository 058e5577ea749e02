package logbook

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// checkpoint is where the chain begins that is still there: behind the last line that was cut off. The zero one: nothing was.
type checkpoint struct {
	last Line // its number, moment and hash; the rest of it is gone
	at   time.Time
	mark string
}

// askCheckpoint asks for it.
func askCheckpoint(into *checkpoint) sql.Call {
	return sql.Ask(func(row sql.Row) error {
		var at, cut int64
		err := row.Scan(&into.last.N, &at, &into.last.Hash, &cut, &into.mark)
		into.last.At, into.at = sql.Moment(at), sql.Moment(cut)
		return err
	}, `SELECT n, at, hash, cut_at, mark FROM logbook_cut WHERE one = 1`)
}

// sign is the keyed digest of a checkpoint: whoever has none of the keys of the installation can make none that says what he wants gone.
func (s *Store) sign(c checkpoint) string {
	return s.base.Digest([]byte("desk logbook cut"), []byte(c.last.Hash), strconv.AppendInt(nil, c.last.N, 10), strconv.AppendInt(nil, sql.Micros(c.last.At), 10), strconv.AppendInt(nil, sql.Micros(c.at), 10))
}

// ours reports whether the program has made it.
func (s *Store) ours(c checkpoint) bool { return c.last.N == 0 && c.mark == "" || c.mark == s.sign(c) }

// Cut cuts off lines from before that moment, the oldest first, at most so many, and tells how many those were. What is left still fits together from
// the checkpoint that it leaves, and the log has a line about it. The newest line always stays. Where the part that is to go does not fit together it
// stays: what somebody has done to it has yet to be looked at.
func (s *Store) Cut(ctx context.Context, before time.Time, most int, now time.Time) (n int, err error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return 0, err
	}
	err = s.base.DB.Alone(ctx, func(t sql.Tx) error {
		n = 0
		var from checkpoint
		if err := t.Run(ctx, askCheckpoint(&from)); err != nil {
			return err
		}
		if !s.ours(from) {
			return errBroken{changedCut}
		}
		var page []Line
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			l, err := scan(row)
			page = append(page, l)
			return err
		}, `SELECT `+columns+` FROM logbook ORDER BY n LIMIT $1`, int64(most)+1))
		if err != nil {
			return err
		}
		last := from.last
		for _, l := range page[:max(0, len(page)-1)] { // the last one of a page may be the newest
			if !l.At.Before(before) {
				break
			}
			if why := s.unfit(last, l); why != "" {
				return errBroken{why}
			}
			last, n = l, n+1
		}
		if n == 0 {
			return nil
		}
		to := checkpoint{last: Line{N: last.N, At: last.At, Hash: last.Hash}, at: now}
		to.mark = s.sign(to)
		return t.Run(ctx, sql.Do(`DELETE FROM logbook WHERE n <= $1`, last.N),
			sql.Do(`INSERT INTO logbook_cut (one, n, at, hash, cut_at, mark) VALUES (1, $1, $2, $3, $4, $5)
ON CONFLICT (one) DO UPDATE SET n = excluded.n, at = excluded.at, hash = excluded.hash, cut_at = excluded.cut_at, mark = excluded.mark`,
				to.last.N, sql.Micros(to.last.At), to.last.Hash, sql.Micros(to.at), to.mark),
			note(ids[0], Line{At: now, Who: Program, Act: ActCut, Object: strconv.FormatInt(last.N, 10)}))
	})
	if err != nil {
		return 0, fmt.Errorf("cutting what is old off the log: %w", err)
	}
	return n, nil
}

// changedCut says that somebody else has written where the log begins.
const changedCut = "the record of what was cut off the log is not what this program wrote"

// errBroken says that the log does not fit together.
type errBroken struct{ why string }

func (e errBroken) Error() string { return e.why + "; run 'frontdesk audit'" }
