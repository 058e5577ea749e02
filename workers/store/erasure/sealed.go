package erasure

import (
	"context"
	"errors"
	"slices"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// sealedRow is one row with sealed bytes. blob names them where they lie in the blob store; then sealed is empty.
type sealedRow struct {
	id      int64
	channel string
	inbox   string
	blob    string
	sealed  []byte
}

// decisions opens each decision and looks for the person in what was known and in the trace.
func (w *sweep) decisions(ctx context.Context) error {
	return w.sealed(ctx, "decisions", `SELECT message, '', '', '', sealed FROM decisions WHERE message > $1 ORDER BY message LIMIT $2`, func(r sealedRow) error {
		plain, err := w.s.base.Ring.Open(ctx, r.sealed, base.DecisionAt(r.id))
		if err != nil {
			return err
		}
		if w.n.inJSON(string(plain)) {
			if w.own[r.id] && !w.gone[r.id] {
				return nil // goes with its message
			}
			w.found.Others.Decisions = append(w.found.Others.Decisions, r.id)
		}
		return nil
	})
}

// opinions of scanners go with the message; those on somebody else's name nobody but in a file's name, or in a
// scanner's own words. The key has three parts, by which it walks; sealed bytes are opened after each page was read.
func (w *sweep) opinions(ctx context.Context) error {
	var last struct {
		message   int64
		Row, part string
	}
	last.message = -1
	type opinion struct {
		message int64
		at      keyring.Place
		sealed  []byte
	}
	for {
		var rows []opinion
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				var o opinion
				var verdict string
				err := row.Scan(&last.message, &last.Row, &last.part, &verdict, &o.sealed)
				o.message, o.at = last.message, base.OpinionAt(last.message, last.Row, last.part, verdict)
				rows = append(rows, o)
				return err
			}, `SELECT message, scanner, part, verdict, sealed FROM opinions WHERE (message, scanner, part) > ($1, $2, $3) ORDER BY message, scanner, part LIMIT $4`,
				last.message, last.Row, last.part, sweepSealed))
		})
		if err != nil {
			return err
		}
		for _, o := range rows {
			plain, err := w.s.base.Ring.Open(ctx, o.sealed, o.at)
			if err != nil {
				return err
			}
			if (w.own[o.message] && w.gone[o.message] || w.n.in(string(plain))) && !slices.Contains(w.found.Others.Opinions, o.message) {
				w.found.Others.Opinions = append(w.found.Others.Opinions, o.message)
			}
		}
		w.found.Searched["opinions"] += int64(len(rows))
		w.tell("opinions", w.found.Searched["opinions"])
		if len(rows) < sweepSealed {
			return ctx.Err()
		}
	}
}

// originals opens each original that is kept: it costs most of a search, and is the only place where a parked message
// tells whose it is. What waits for its decision is looked at first, since it is no finding to be mended, but a
// reason to wait.
func (w *sweep) originals(ctx context.Context) error {
	if err := w.undecided(ctx); err != nil {
		return err
	}
	waiting := map[int64]bool{}
	for _, id := range w.found.Undecided {
		waiting[id] = true
	}
	return w.sealed(ctx, "originals", `SELECT o.id, d.channel, d.inbox, o.blob, o.sealed FROM originals o JOIN deliveries d ON d.id = o.id WHERE o.id > $1 ORDER BY o.id LIMIT $2`, func(r sealedRow) error {
		raw, meta, err := w.s.base.Unseal(ctx, base.OriginalAt(r.id, r.inbox), r.blob, r.sealed)
		if errors.Is(err, blobs.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		w.original(r, raw, meta, waiting[r.id])
		return nil
	})
}

// original says what an original that names the person means: one's own, one to be kept because somebody may still
// release it, or one of others that goes.
func (w *sweep) original(r sealedRow, raw []byte, meta map[string]string, waiting bool) {
	// Of his own the Message-ID is remembered: it may stand in a file of ours, such as the sink's mails.
	if w.own[r.id] {
		w.word("message id", messageIDOf(raw))
		return
	}
	if waiting || !w.n.inOriginal(r.channel, raw, meta) {
		return
	}
	switch {
	case w.kept[r.id] && w.from(raw, meta):
		// A parked message that the person wrote is his, though nobody has read it.
		w.own[r.id] = true
		w.found.Messages = append(w.found.Messages, r.id)
	case w.kept[r.id]:
		w.found.Kept = append(w.found.Kept, r.id)
	default:
		w.found.Others.Originals = append(w.found.Others.Originals, r.id)
	}
}

// undecided looks into what waits for its decision. Nobody has read it yet, so the original is all there is.
func (w *sweep) undecided(ctx context.Context) error {
	w.found.Undecided = nil
	return w.sealed(ctx, "undecided", `SELECT u.message_id, d.channel, d.inbox, o.blob, o.sealed FROM undecided u JOIN deliveries d ON d.id = u.message_id
JOIN originals o ON o.id = u.message_id WHERE u.message_id > $1 ORDER BY u.message_id LIMIT $2`, func(r sealedRow) error {
		raw, meta, err := w.s.base.Unseal(ctx, base.OriginalAt(r.id, r.inbox), r.blob, r.sealed)
		if err != nil {
			return err
		}
		if w.n.inOriginal(r.channel, raw, meta) {
			w.found.Undecided = append(w.found.Undecided, r.id)
		}
		return nil
	})
}

// sealed walks over rows with sealed bytes; look is called outside of the reading, because opening may ask the
// database for a key, which would wait for a connection while it holds one.
func (w *sweep) sealed(ctx context.Context, table, query string, look func(sealedRow) error) error {
	last := int64(-1)
	for {
		var rows []sealedRow
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				var r sealedRow
				err := row.Scan(&r.id, &r.channel, &r.inbox, &r.blob, &r.sealed)
				rows = append(rows, r)
				return err
			}, query, last, sweepSealed))
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := look(r); err != nil {
				return err
			}
			last = r.id
		}
		w.found.Searched[table] += int64(len(rows))
		w.tell(table, w.found.Searched[table])
		if len(rows) < sweepSealed {
			return ctx.Err()
		}
	}
}
