package imap

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// pull is the work of one Fetch: it moves a copy of the cursor and gathers deliveries.
type pull struct {
	// cur is a copy: it is handed out with the batch and counts only when the runner has committed it. moved says that it differs from
	// the one before. now is fixed for the whole pull. out are the deliveries so far, deaths the connections that broke (deathsMax).
	f      *Fetcher
	cur    cursor
	now    time.Time
	out    []channels.Delivery
	moved  bool
	deaths int
}

// take brings the next run of new mails, and one pending mail whose time has come. New mail goes
// first: a bad mail delays the others by no more than its own attempts.
func (p *pull) take(ctx context.Context) error {
	if len(p.cur.Pending) < pendingMax {
		if err := p.takeNew(ctx); err != nil && !p.moved {
			return err
		}
	}
	if err := p.takePending(ctx); err != nil && !p.moved {
		return err
	}
	slices.SortStableFunc(p.out, p.byUID)
	return nil
}

// byUID orders deliveries of one pull: a pending mail is older than the new ones.
// All keys of a pull are of one folder and epoch, so the UID alone decides.
func (p *pull) byUID(a, b channels.Delivery) int {
	x, _ := parseKey(a.Key)
	y, _ := parseKey(b.Key)
	return int(int64(x.uid) - int64(y.uid))
}

// takeNew fetches one run of mails behind the cursor. An error may leave a part of the run fetched; that part is settled and
// delivered, and the error is told by the next pull, if it is still there.
func (p *pull) takeNew(ctx context.Context) error {
	if err := p.refill(ctx); err != nil {
		return err
	}
	run, want := p.choose()
	if len(run) == 0 {
		return nil
	}
	var uids []imap.UID
	for _, e := range run {
		if !e.gone && e.why == "" && p.cur.owns(e.uid, e.at) {
			uids = append(uids, e.uid)
		}
	}
	var h haul
	var err error
	if len(uids) > 0 {
		h, err = p.haul(ctx, uids, want)
	}
	p.settle(run, h)
	return err
}

// refill looks for new mail and reads sizes and dates ahead.
// Four batches are read ahead: sizes cost one round trip however many there are, and batches are then made without asking again.
// Entries end at the first mail of which nothing is known, so that none is skipped.
func (p *pull) refill(ctx context.Context) error {
	a := &p.f.ahead
	if !a.fits(p.cur) {
		*a = ahead{last: p.cur.Last, validity: p.cur.UIDValidity, turn: p.cur.Turn}
	}
	if len(a.entries) > 0 {
		return nil
	}
	if len(a.found) == 0 {
		if err := p.find(ctx); err != nil {
			return err
		}
	}
	if len(a.found) == 0 {
		return nil
	}
	window := a.found[:min(len(a.found), 4*p.f.cfg.Batch)]
	h, err := p.haul(ctx, window, wantMeta())
	for _, uid := range window {
		if !h.knows(uid) {
			break
		}
		m := h.got[uid]
		a.entries = append(a.entries, entry{uid: uid, size: m.size, at: m.at, gone: h.gone[uid], why: h.failed[uid]})
	}
	a.found = a.found[len(a.entries):]
	if len(a.entries) > 0 {
		return nil
	}
	return err
}

// find searches behind the cursor: first among the mails that were there when the epoch began, as
// far as they can be ours, then among the later ones.
func (p *pull) find(ctx context.Context) error {
	s, err := p.session(ctx)
	if err != nil {
		return err
	}
	s.drained()
	a := &p.f.ahead
	searched := p.f.cfg.Now()
	if p.cur.Last < p.cur.Fence {
		if a.found, err = s.after(ctx, p.cur.Last, p.cur.Fence, p.cur.Since); err != nil || len(a.found) > 0 {
			return err
		}
		p.cur.Last, p.moved = p.cur.Fence, true
		a.last = p.cur.Last
	}
	if a.found, err = s.after(ctx, p.cur.Last, 0, time.Time{}); err == nil {
		a.searched = searched
	}
	return err
}

// after lists the mails behind last, up to a UID (0: no end) and received on since's day or later.
func (s *session) after(ctx context.Context, last, to imap.UID, since time.Time) ([]imap.UID, error) {
	if last == ^imap.UID(0) {
		return nil, nil
	}
	criteria := &imap.SearchCriteria{
		UID:     []imap.UIDSet{{{Start: last + 1, Stop: to}}},
		NotFlag: []imap.Flag{imap.FlagDeleted},
	}
	if !since.IsZero() {
		// SINCE knows days only, and those of the server's time zone.
		criteria.Since = since.UTC().Add(-day)
	}
	uids, err := s.search(ctx, criteria)
	// last+1:* always holds the last mail, however old (RFC 9051 §6.4.8).
	return slices.DeleteFunc(uids, func(uid imap.UID) bool { return uid <= last || to != 0 && uid > to }), err
}

// choose picks the next run: as many mails as fit into a batch, or one oversized mail alone.
// A batch is bounded by number and octets because the runner holds it in memory as a whole until its commit. Sizes are what the
// server says; limit allows twice that, since some only estimate (slack).
func (p *pull) choose() ([]entry, want) {
	entries := p.f.ahead.entries
	room := pendingMax - len(p.cur.Pending)
	var n int
	var bytes int64
	sizes := map[imap.UID]int64{}
	for _, e := range entries {
		if n == p.f.cfg.Batch || n == room || n > 0 && bytes+max(e.size, 0) > p.f.cfg.BatchBytes {
			break
		}
		if e.size > p.f.cfg.MaxSize && e.why == "" {
			if n == 0 {
				return entries[:1], wantPart(imap.PartSpecifierNone)
			}
			break
		}
		sizes[e.uid] = 2*max(e.size, 0) + slack
		bytes += max(e.size, 0)
		n++
	}
	limit := func(uid imap.UID) int64 { return min(sizes[uid], p.f.cfg.MaxSize+slack) }
	return entries[:n], wantBody(limit, bytes)
}

// settle moves the cursor over the entries whose fate is known, in order, and stops at the first
// that is not.
// The cursor must not pass a mail whose fate is open: the mail would never be asked for again.
func (p *pull) settle(run []entry, h haul) {
	n := 0
	for _, e := range run {
		m, got := h.got[e.uid]
		why := e.why
		if why == "" {
			why = h.failed[e.uid]
		}
		switch {
		case e.gone || h.gone[e.uid]:
			p.cur.Gone++
		case e.why == "" && !p.cur.owns(e.uid, e.at): // history
		case got && m.over:
			p.pend(pending{UID: e.uid, At: e.at, Size: max(e.size, p.f.cfg.MaxSize+1), Why: "it is larger than announced"}, p.now)
		case got:
			p.deliver(e, m.raw)
		case why != "":
			p.pend(pending{UID: e.uid, Tries: 1, At: e.at, Size: e.size, Why: why}, p.now.Add(p.f.retry(1)))
		default:
			p.advance(run, n)
			return
		}
		n++
	}
	p.advance(run, n)
}

// advance moves the cursor behind the first n entries. Something worked, so earlier breaks count no more.
func (p *pull) advance(run []entry, n int) {
	if n == 0 {
		return
	}
	a := &p.f.ahead
	p.cur.Last, p.moved = run[n-1].uid, true
	a.entries, a.last = a.entries[n:], p.cur.Last
	p.f.strikes = strikes{}
}

// pend puts a mail aside until a time; the cursor passes it.
func (p *pull) pend(q pending, after time.Time) {
	q.After = after
	p.cur.put(q)
	p.moved = true
}

// deliver adds a mail; one over the limit goes to a person, with its beginning.
func (p *pull) deliver(e entry, raw []byte) {
	d := p.f.delivery(p.cur, e.uid, e.at, raw)
	if e.size > p.f.cfg.MaxSize {
		p.f.tooLarge(&d, e.size)
	}
	p.out = append(p.out, d)
	p.moved = true
}

// delivery is a mail as it is recorded. A date that is missing or in the future is replaced by now: promises count from it.
func (f *Fetcher) delivery(cur cursor, uid imap.UID, at time.Time, raw []byte) channels.Delivery {
	if now := f.cfg.Now(); at.IsZero() || at.After(now) {
		at = now
	}
	return channels.Delivery{
		Inbox: f.cfg.Inbox, Channel: "email", Key: cur.key(f.cfg.Folder, uid), At: at, Raw: raw,
		Meta: map[string]string{meta.Folder: f.cfg.Folder},
	}
}

// tooLarge parks a mail with the beginning that was fetched, so that a person can see whom to answer.
func (f *Fetcher) tooLarge(d *channels.Delivery, size int64) {
	d.Cause = "too-large"
	d.Evidence = fmt.Sprintf("the mail has %d octets, the limit is %d; its first %d were fetched", size, f.cfg.MaxSize, len(d.Raw))
}
