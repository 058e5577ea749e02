package erasure

import (
	"context"
	"slices"

	"frontdesk/pipeline/search"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
)

// indexed takes tickets out of the index whose words are not theirs any more, and has them indexed anew; it happens
// where an older program, or a restored backup, has left them.
func (e *eraser) indexed(ctx context.Context, ids []int64) error {
	e.out.Mentions += len(ids)
	return e.s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, e.s.find.Unsearch(find.TicketsBy, ids)...) })
}

// searched asks the index for the person's addresses. A ticket that it names though none of them stands there is a finding;
// one in which it stands is found by what stands there.
func (w *sweep) searched(ctx context.Context) error {
	asked := map[string]bool{}
	for _, a := range w.p.Addresses {
		words := w.s.find.Reader().Words()
		words.Address(a.Kind, a.Value)
		for _, word := range words.List() {
			if search.Address(word) || word == a.Value {
				asked[word] = true
			}
		}
	}
	for _, word := range sql.KeysOf(asked) {
		looked, stale, err := w.s.find.Stale(ctx, word)
		if err != nil {
			return err
		}
		w.found.Searched["searched"] += int64(looked)
		for _, id := range stale {
			if !slices.Contains(w.found.Others.Indexed, id) {
				w.found.Others.Indexed = append(w.found.Others.Indexed, id)
			}
		}
	}
	w.tell("searched", w.found.Searched["searched"])
	return nil
}
