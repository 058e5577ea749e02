package auditing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// auditSamples is how many originals under one data key are opened, within a day: the first, the last and one between
// them tell whether the key is there. Whether each lies in its own place only opening all can tell. A day has about a
// hundred keys of each process that records.
const auditSamples = 3

// auditOpens is how many originals are read in one go where a sample could not be opened.
const auditOpens = 32

// sealed: what was recorded can be opened with the keys that lie in the database, not with those that this process
// remembers: after a restore those of the database are all there are. Where a sample does not open, all of its group
// are tried, so that each is named.
func (r *auditSliceRows) sealed(ctx context.Context) error {
	if len(r.originals) == 0 {
		return nil
	}
	ring, err := r.a.s.base.Ring.Shelved(ctx)
	if err != nil {
		return err
	}
	for _, day := range r.days() {
		if !r.a.o.Sealed {
			shut, err := r.shut(ctx, ring, samples(r.small(day)))
			if err != nil {
				return err
			}
			if len(shut) == 0 {
				continue
			}
		}
		if ring, err = r.a.s.base.Ring.Shelved(ctx); err != nil { // a key may have been made meanwhile
			return err
		}
		for ids := range slices.Chunk(day, auditOpens) {
			shut, err := r.shut(ctx, ring, ids)
			if err != nil {
				return err
			}
			for _, s := range shut {
				r.a.find(Finding{Rule: RuleOriginal, Message: s.id, Inbox: r.delivered[s.id].inbox,
					Detail: fmt.Sprintf("its original cannot be opened: data key %d, under which it was sealed, is lost or another one, or its bytes are damaged or were not recorded for this message", s.key)})
			}
		}
	}
	return nil
}

// days are the deliveries that have an original, by the days of their recording and by their data keys.
func (r *auditSliceRows) days() (out [][]int64) {
	type group struct{ day, key int64 }
	at := map[group]int{}
	for _, id := range r.order {
		if _, there := r.originals[id]; !there {
			continue
		}
		g := group{r.delivered[id].recorded / (24 * time.Hour).Microseconds(), r.sealedBy[id]}
		i, known := at[g]
		if !known {
			i, at[g] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], id)
	}
	return out
}

// small leaves out those that lie in the blob store, unless there are no others.
func (r *auditSliceRows) small(day []int64) []int64 {
	if small := slices.DeleteFunc(slices.Clone(day), func(id int64) bool { return r.originals[id] != "" }); len(small) > 0 {
		return small
	}
	return day[:1]
}

// samples are the first, the middle and the last.
func samples(day []int64) []int64 {
	if len(day) <= auditSamples {
		return day
	}
	return []int64{day[0], day[len(day)/2], day[len(day)-1]}
}

// shutOriginal is one that cannot be opened, and the id of the key that sealed it.
type shutOriginal struct {
	id  int64
	key uint32
}

// shut are those of the originals that cannot be opened. One that is gone meanwhile is none of them.
func (r *auditSliceRows) shut(ctx context.Context, ring *keyring.Ring, ids []int64) (out []shutOriginal, err error) {
	sealed := map[int64][]byte{}
	err = r.a.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Pair(func(id int64, bytes []byte) { sealed[id] = bytes }), `SELECT id, sealed FROM originals WHERE id = ANY($1)`, sql.Sorted(ids)))
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		bytes, there := sealed[id]
		if blob := r.originals[id]; there && blob != "" {
			bytes, err = r.a.s.base.Blobs.Get(ctx, blob)
			if errors.Is(err, blobs.ErrNotFound) {
				continue // see blobs
			}
			if err != nil {
				return nil, err
			}
		}
		if !there {
			continue
		}
		if _, err := ring.Open(ctx, bytes, base.OriginalAt(id, r.delivered[id].inbox)); err != nil {
			out = append(out, shutOriginal{id, keyring.KeyOf(bytes)})
		}
	}
	return out, nil
}
