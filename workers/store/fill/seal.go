package fill

import (
	"context"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// fillPlain is what lies sealed of a message that is copied: it is sealed anew for each copy's place.
type fillPlain struct {
	id       int64
	inbox    string
	original []byte // nil where it has expired
	decision []byte // nil where there is none
}

// unsealAll opens all that is to be copied, once: sealed bytes are bound to their message, so each copy is sealed for
// its own.
func (f *Filler) unsealAll(ctx context.Context) error {
	type row struct {
		fillPlain
		blob string
	}
	var rows []row
	var newest int64
	err := f.store.DB.Read(ctx, func(t sql.Tx) error {
		rows = nil
		return t.Run(ctx, sql.Ask(sql.Into(&newest), `SELECT coalesce(max(recorded_at), 0) FROM deliveries`), sql.Ask(func(s sql.Row) error {
			var r row
			err := s.Scan(&r.id, &r.inbox, &r.blob, &r.original, &r.decision)
			rows = append(rows, r)
			return err
		}, `SELECT d.id, d.inbox, coalesce(o.blob, ''), o.sealed, c.sealed FROM fill_deliveries d
LEFT JOIN fill_originals o ON o.id = d.id LEFT JOIN fill_decisions c ON c.message = d.id ORDER BY d.id`))
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.original != nil || r.blob != "" {
			raw, meta, err := f.store.Unseal(ctx, base.OriginalAt(r.id, r.inbox), r.blob, r.original)
			if err != nil {
				return err
			}
			r.original = base.PackOriginal(raw, meta)
		}
		if r.decision != nil {
			if r.decision, err = f.store.Ring.Open(ctx, r.decision, base.DecisionAt(r.id)); err != nil {
				return err
			}
		}
		f.plain = append(f.plain, r.fillPlain)
	}
	f.sealer, err = f.store.Ring.Originals(ctx, sql.Moment(newest))
	return err
}

// fillOriginals writes the sealed bytes of copies over those that were copied.
var fillOriginals = sql.Updating[tables.OriginalRow]("originals")

// sealCopies seals what belongs to n copies for their places. Large originals, which lie in the blob store, lie in
// the rows of copies.
func (f *Filler) sealCopies(bases map[string]int64, n int64) []sql.Call {
	var originals []tables.OriginalRow
	var decisions []tables.DecisionRow
	for k := range n {
		for _, p := range f.plain {
			id := p.id + bases[ofMessages] - 1 + k*f.ids[ofMessages]
			if p.original != nil {
				originals = append(originals, tables.OriginalRow{ID: id, Sealed: f.sealer.Seal(p.original, id, p.inbox), DataKey: f.sealer.ID})
			}
			if p.decision != nil {
				decisions = append(decisions, tables.DecisionRow{Message: id, Sealed: f.store.Ring.Seal(p.decision, base.DecisionAt(id))})
			}
		}
	}
	return []sql.Call{fillOriginals.Put(originals...), tables.ResealDecisions.Put(decisions...)}
}
