package imap

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
)

// reconcileMax is how many missing mails one reconciliation brings; Batch.More asks for the others. channels.Reconciler wants a few hundred at most.
const reconcileMax = 200

// recorded asks which of the keys are recorded.
type recorded = func(ctx context.Context, keys []string) (map[string]bool, error)

// Reconcile compares what the folder holds since then, up to the bookmark, with what is recorded,
// and brings what is missing: mails that appeared below the bookmark, or that carried \Deleted when
// it passed. What lies beyond the bookmark, or is pending, is Fetch's; what was in the folder before it was
// connected is nobody's. Before the first Fetch of this process there is no bookmark, and nothing
// is brought.
func (f *Fetcher) Reconcile(ctx context.Context, since time.Time, recorded func(ctx context.Context, keys []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	cur := f.remembered()
	if cur.UIDValidity == 0 {
		return channels.Batch{}, channels.Count{}, nil
	}
	var batch channels.Batch
	var count channels.Count
	err := f.aside(ctx, "reconciling folder", f.cfg.Folder, false, func(s *session) error {
		if s.validity != cur.UIDValidity {
			return nil // Fetch will see to the new epoch
		}
		r := &review{f: f, s: s, cur: cur, since: since, recorded: recorded}
		if err := r.review(ctx); err != nil {
			return err
		}
		batch, count = channels.Batch{Deliveries: r.out, More: r.more}, r.count
		return nil
	})
	return batch, count, err
}

// review is the work of one Reconcile.
type review struct {
	// cur is a copy of Fetch's bookmark; nothing here moves it. since is what the runner asked for.
	f        *Fetcher
	s        *session
	cur      cursor
	since    time.Time
	recorded recorded

	// count, out and more are the result; bytes is what out holds, against BatchBytes.
	count channels.Count
	out   []channels.Delivery
	bytes int64
	more  bool
}

// review lists the folder and compares 500 mails at a time: as many keys the database is asked for at once.
func (r *review) review(ctx context.Context) error {
	if r.cur.Last == 0 {
		return nil
	}
	uids, err := r.s.after(ctx, 0, r.cur.Last, r.since)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(uids, 500) {
		if err := r.compare(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// compare looks at some mails: which are ours, in the period, and not recorded?
// Keys alone are compared, never contents. A mail of which the server tells no date is left out.
func (r *review) compare(ctx context.Context, uids []imap.UID) error {
	mails := map[imap.UID]mail{}
	if err := r.s.ask(ctx, uids, wantMeta(), func(m mail) { mails[m.uid] = m }); err != nil {
		return err
	}
	var keys []string
	var ours []mail
	for _, uid := range uids {
		if m, ok := mails[uid]; ok && !m.at.Before(r.since) && r.cur.owns(uid, m.at) {
			ours = append(ours, m)
			keys = append(keys, r.cur.key(r.f.cfg.Folder, uid))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	known, err := r.recorded(ctx, keys)
	if err != nil {
		return err
	}
	for i, m := range ours {
		r.count.Source++
		if known[keys[i]] {
			r.count.Recorded++
			continue
		}
		if err := r.bring(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// bring fetches a mail that is not recorded, as far as there is room. A mail that cannot be had is
// left out, and counted as missing.
func (r *review) bring(ctx context.Context, m mail) error {
	if _, pending := slices.BinarySearchFunc(r.cur.Pending, m.uid, comparePending); pending {
		return nil
	}
	if len(r.out) >= reconcileMax || r.bytes > 0 && r.bytes+m.size > r.f.cfg.BatchBytes {
		r.more = true
		return nil
	}
	want := wantBody(func(imap.UID) int64 { return r.f.cfg.MaxSize + slack }, m.size)
	if m.size > r.f.cfg.MaxSize {
		want = wantPart(imap.PartSpecifierNone)
	}
	var raw []byte
	err := r.s.ask(ctx, []imap.UID{m.uid}, want, func(got mail) { raw = got.raw })
	if _, refused := status(err); err != nil && !refused {
		return err
	}
	if len(raw) == 0 {
		return nil
	}
	d := r.f.delivery(r.cur, m.uid, m.at, raw)
	if m.size > r.f.cfg.MaxSize {
		r.f.tooLarge(&d, m.size)
	}
	r.bytes += int64(len(raw))
	r.out = append(r.out, d)
	return nil
}
