package intake

import (
	"context"

	"frontdesk/workers/store/sql"
)

// tombsAsked are the keys of a lot that may be those of erased deliveries: the ones that were readable
// then. Keys of mail and SMS tell nothing, so they stay as they are and cost no question here.
type tombsAsked struct {
	calls []sql.Call
	hits  map[string]int64 // digest → the erased message
	names map[string]int   // digest → entry
}

// tombsOf makes the question for a lot's keys; no call where none of them is of the kind that tells something.
func (s *Store) tombsOf(entries []entry) *tombsAsked {
	a := &tombsAsked{hits: map[string]int64{}, names: map[string]int{}}
	for i, e := range entries {
		if e.same == i && s.base.Telling(e.item.Channel, e.key) {
			a.names[s.base.DeliveryTomb(sql.Clean(e.item.Inbox), e.key)] = i
		}
	}
	if len(a.names) > 0 {
		a.calls = []sql.Call{sql.Ask(sql.Pair(func(digest string, message int64) { a.hits[digest] = message }), `SELECT digest, message FROM tombstones WHERE digest = ANY($1)`, sql.KeysOf(a.names))}
	}
	return a
}

// heed makes repeats of those that turn out to be erased. It is called before the insert, so that not
// even a deleted row holds their keys, and after it, so that an erasure that ends meanwhile is seen.
func (a *tombsAsked) heed(entries []entry) []sql.Call {
	var ids []int64
	for digest, message := range a.hits {
		e := &entries[a.names[digest]]
		if e.fresh {
			ids = append(ids, e.id)
		}
		e.fresh, e.as = false, message
	}
	if len(ids) == 0 {
		return nil
	}
	return []sql.Call{sql.Do(`DELETE FROM deliveries WHERE id = ANY($1)`, sql.Sorted(ids))}
}

// dropRepeated removes the large originals that were put for repeats and that no row names: the
// original of the first one has expired, or was erased. What it cannot remove is collected later.
func (s *Store) dropRepeated(ctx context.Context, entries []entry) {
	var digests []string
	for _, e := range entries {
		if !e.fresh && e.blob != "" {
			digests = append(digests, e.blob)
		}
	}
	if len(digests) > 0 {
		s.files.CollectPage(context.WithoutCancel(ctx), digests) //nolint:errcheck // see above
	}
}
