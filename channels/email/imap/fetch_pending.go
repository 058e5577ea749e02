package imap

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// triesMax is how often a mail is asked for before it goes to a person unread. With retryAfter that takes some 80 seconds for a mail
// which surely cannot be read, and some 80 minutes for one that the server refuses (slowly).
const triesMax = 5

// retryAfter is the wait after that many attempts.
func retryAfter(tries int) time.Duration {
	waits := [...]time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second}
	return waits[min(max(tries, 1), len(waits))-1]
}

// takePending asks again for one mail that could not be read before.
// One a Fetch is enough: a pending mail costs a round trip, and new mail must not wait for many of them. Its attempts are counted in
// the cursor, so a restart does not begin them anew.
func (p *pull) takePending(ctx context.Context) error {
	q, ok := p.cur.due(p.now)
	if !ok {
		return nil
	}
	if q.Tries >= triesMax {
		return p.park(ctx, q)
	}
	m, err := p.again(ctx, &q)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case m.gone:
		p.cur.settle(q.UID)
		p.cur.Gone++
		p.moved = true
		return nil
	case m.raw != nil:
		p.cur.settle(q.UID)
		p.deliver(entry{uid: q.UID, at: q.At, size: q.Size}, m.raw)
		return nil
	}
	if status, refused := status(err); refused && general(status) {
		return err
	}
	q.Tries++
	wait := p.f.retry(q.Tries)
	if m.why != "" {
		q.Why = m.why
	}
	if err != nil || strings.HasPrefix(q.Why, refusedWhy) {
		wait *= slowly // it may be the server's trouble and not the mail's
	}
	p.pend(q, p.now.Add(wait))
	return nil
}

// slowly stretches the waits after failures that are not surely the mail's own.
const slowly = 60

// again is what came of one more attempt.
type again struct {
	// One of the three is set: the mail, that it is there no more, or why it could not be had; none when nobody knows.
	raw  []byte
	gone bool
	why  string
}

// again asks for a pending mail alone, completing what is known of it. The last attempts do without
// size and date, which themselves may be what cannot be read.
// A mail that turned out to be from before the folder was connected counts as gone: it is nobody's.
func (p *pull) again(ctx context.Context, q *pending) (again, error) {
	uids := []imap.UID{q.UID}
	if q.At.IsZero() && q.Tries < 3 {
		h, err := p.haul(ctx, uids, wantMeta())
		m, got := h.got[q.UID]
		if !got {
			return again{gone: h.gone[q.UID], why: h.failed[q.UID]}, err
		}
		q.At, q.Size = m.at, m.size
		if !p.cur.owns(q.UID, q.At) {
			return again{gone: true}, nil
		}
	}
	want := wantBody(func(imap.UID) int64 { return p.f.cfg.MaxSize + slack }, p.f.cfg.MaxSize)
	if q.Size > p.f.cfg.MaxSize {
		want = wantPart(imap.PartSpecifierNone)
	}
	h, err := p.haul(ctx, uids, want)
	m := h.got[q.UID]
	if m.over {
		q.Size = max(q.Size, p.f.cfg.MaxSize+1) // next time only its beginning
		return again{why: "it is larger than announced"}, err
	}
	return again{raw: m.raw, gone: h.gone[q.UID], why: h.failed[q.UID]}, err
}

// park gives up on a mail: a person gets what could be had of it, its header at best.
// Losing it silently is the one thing that must not happen: where not even the header comes, a line of ours stands for the mail.
func (p *pull) park(ctx context.Context, q pending) error {
	h, err := p.haul(ctx, []imap.UID{q.UID}, wantPart(imap.PartSpecifierHeader))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if status, refused := status(err); refused && general(status) {
		return err
	}
	p.cur.settle(q.UID)
	p.moved = true
	if h.gone[q.UID] {
		p.cur.Gone++
		return nil
	}
	raw := h.got[q.UID].raw
	if len(raw) == 0 {
		raw = fmt.Appendf(nil, "X-Frontdesk-Unread: uid=%d; size=%d\r\n\r\n", q.UID, max(q.Size, 0))
	}
	d := p.f.delivery(p.cur, q.UID, q.At, raw)
	d.Cause = "unparsable"
	d.Evidence = fmt.Sprintf("UID %d could not be fetched in %d attempts: %s", q.UID, q.Tries, q.Why)
	p.out = append(p.out, d)
	return nil
}
