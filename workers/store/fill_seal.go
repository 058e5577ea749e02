package store

import "context"

// fillPlain is what lies sealed of a message that is copied: it is sealed anew for each copy's place.
type fillPlain struct {
	id       int64
	inbox    string
	original []byte // nil where it has expired
	decision []byte // nil where there is none
}

// unsealAll opens all that is to be copied.
func (f *Filler) unsealAll(ctx context.Context) error {
	type row struct {
		fillPlain
		blob string
	}
	var rows []row
	var newest int64
	err := f.store.db.read(ctx, func(t tx) error {
		rows = nil
		return t.run(ctx, ask(into(&newest), `SELECT coalesce(max(recorded_at), 0) FROM deliveries`), ask(func(s scanner) error {
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
			raw, meta, err := f.store.unseal(ctx, originalAt(r.id, r.inbox), r.blob, r.original)
			if err != nil {
				return err
			}
			r.original = packOriginal(raw, meta)
		}
		if r.decision != nil {
			if r.decision, err = f.store.ring.Open(ctx, r.decision, decisionAt(r.id)); err != nil {
				return err
			}
		}
		f.plain = append(f.plain, r.fillPlain)
	}
	f.sealer, err = f.store.ring.Originals(ctx, moment(newest))
	return err
}

var fillOriginals = updating[originalRow]("originals")

// sealCopies seals what belongs to n copies for their places.
func (f *Filler) sealCopies(bases map[string]int64, n int64) []call {
	var originals []originalRow
	var decisions []decisionRow
	for k := range n {
		for _, p := range f.plain {
			id := p.id + bases[ofMessages] - 1 + k*f.ids[ofMessages]
			if p.original != nil {
				originals = append(originals, originalRow{ID: id, Sealed: f.sealer.Seal(p.original, id, p.inbox), DataKey: f.sealer.ID})
			}
			if p.decision != nil {
				decisions = append(decisions, decisionRow{Message: id, Sealed: f.store.ring.Seal(p.decision, decisionAt(id))})
			}
		}
	}
	return []call{fillOriginals.put(originals...), resealDecisions.put(decisions...)}
}
