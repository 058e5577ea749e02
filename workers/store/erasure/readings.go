package erasure

import (
	"context"

	"frontdesk/pipeline/formatted"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// readings go with their message. That of somebody else's mail names the person where it was written to him as well. One whose message is
// blank already is left over, by a program that knew of none.
func (w *sweep) readings(ctx context.Context) error {
	return w.sealed(ctx, "readings", `SELECT message, '', '', '', sealed FROM readings WHERE message > $1 ORDER BY message LIMIT $2`, func(r sealedRow) error {
		reading, err := base.OpenReading(ctx, w.s.base.Ring, r.id, r.sealed)
		if err != nil {
			return err
		}
		if goes := w.own[r.id] && !w.gone[r.id]; !goes && (w.gone[r.id] || w.names(reading)) {
			once(&w.found.Others.Readings, r.id)
		}
		return nil
	})
}

// copies go with their message, too. One of somebody else's mail that names the person goes as a whole: its masked text stays.
func (w *sweep) copies(ctx context.Context) error {
	return w.sealed(ctx, "copies", `SELECT message, '', '', '', sealed FROM copies WHERE message > $1 ORDER BY message LIMIT $2`, func(r sealedRow) error {
		html, err := w.s.base.Ring.Open(ctx, r.sealed, base.CopyAt(r.id))
		if err != nil {
			return err
		}
		if goes := w.own[r.id] && !w.gone[r.id]; !goes && (w.gone[r.id] || w.n.in(formatted.Words(string(html)))) {
			once(&w.found.Others.Copies, r.id)
		}
		return nil
	})
}

// names reports whether a reading tells of the person.
func (w *sweep) names(r recipients.Reading) bool {
	if w.n.in(append([]string{r.MessageID}, r.References...)...) {
		return true
	}
	for _, a := range r.Addresses() {
		if w.n.in(a.Value, a.Name) {
			return true
		}
	}
	return false
}

// otherReadings takes the person out of what answers to others' mail stand on. What is left over of a blank message goes as a whole.
func (e *eraser) otherReadings(ctx context.Context, ids []int64) error {
	n := e.s.names(e.p)
	sealed, blank := map[int64][]byte{}, map[int64]bool{}
	err := e.s.base.DB.Read(ctx, func(t sql.Tx) error {
		clear(sealed)
		clear(blank)
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id, erased int64
			var b []byte
			err := row.Scan(&id, &b, &erased)
			sealed[id], blank[id] = b, erased != 0
			return err
		}, `SELECT r.message, r.sealed, m.erased_at FROM readings r JOIN messages m ON m.id = r.message WHERE r.message = ANY($1)`, ids))
	})
	if err != nil {
		return err
	}
	var rows []tables.ReadingRow
	var gone []int64
	for _, id := range sql.KeysOf(sealed) {
		r, err := base.OpenReading(ctx, e.s.base.Ring, id, sealed[id])
		if err != nil {
			return err
		}
		if r = r.Without(func(text string) bool { return n.in(text) }); blank[id] || r.IsZero() {
			gone = append(gone, id)
			continue
		}
		fresh, err := base.SealReading(e.s.base.Ring, id, r)
		if err != nil {
			return err
		}
		rows = append(rows, tables.ReadingRow{Message: id, Sealed: fresh})
	}
	e.out.Mentions += len(sealed)
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`DELETE FROM readings WHERE message = ANY($1)`, sql.OrNone(gone)), tables.ResealReadings.Put(rows...))
	})
}
