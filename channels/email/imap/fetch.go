package imap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/channels"
)

// Fetch brings the next mails in UID order, or waits for some (see channels.Fetcher). The first call,
// with a nil cursor, fixes the place from which mail is taken and returns at once.
//
// When the folder's UIDVALIDITY has changed, the mails received since everything was last fetched
// are delivered again under new keys: nothing is lost, and what was recorded before is recognised by
// its content. More than three changes in a day are an error of class Permanent.
func (f *Fetcher) Fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	f.fetching.Lock()
	defer f.fetching.Unlock()
	op := "fetching mail of inbox " + f.cfg.Inbox
	ctx, cancel, err := f.begin(ctx)
	if err != nil {
		return channels.Batch{}, &channels.Error{Op: op, Class: channels.Permanent, Err: err}
	}
	defer cancel()
	batch, err := f.fetch(ctx, after)
	if err != nil {
		f.drop()
		return channels.Batch{}, fault(ctx, op, err)
	}
	return batch, nil
}

// fetch is Fetch without its lock and its error. It loops because a change in the folder may be none for us: another client's
// flag, a mail that is deleted again. It returns as soon as the cursor has moved, or when IdleFor is over.
func (f *Fetcher) fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	begun := time.Now()
	cur, fixed, fresh, err := f.resume(ctx, after)
	if err != nil {
		return channels.Batch{}, err
	}
	f.remember(cur)
	if fixed {
		return batch(nil, cur, true)
	}
	for {
		p := &pull{f: f, cur: cur.clone(), now: f.cfg.Now()}
		if err := p.take(ctx); err != nil {
			return channels.Batch{}, err
		}
		if p.moved {
			f.remember(p.cur)
			return p.batch()
		}
		left := f.cfg.IdleFor - time.Since(begun)
		if left <= 0 || fresh { // a new connection that works is news by itself
			return p.quiet()
		}
		if err := f.waitFor(ctx, p, left); err != nil {
			return channels.Batch{}, err
		}
	}
}

// waitFor waits until the folder changes, a pending mail is due, or left is over.
func (f *Fetcher) waitFor(ctx context.Context, p *pull, left time.Duration) error {
	if due, ok := p.cur.nextDue(f.cfg.Now()); ok {
		left = min(left, due+time.Millisecond)
	}
	s, err := p.session(ctx)
	if err != nil {
		return err
	}
	return s.wait(ctx, left, f.cfg.Poll)
}

// resume connects if needed and reads the cursor. fixed says that the cursor is new (first
// connection, new epoch) and must be committed before anything is taken; fresh, that the connection is.
func (f *Fetcher) resume(ctx context.Context, after channels.Cursor) (cur cursor, fixed, fresh bool, err error) {
	if len(after) > 0 {
		if cur, err = decodeCursor(after); err != nil {
			return cur, false, false, &channels.Error{Op: "fetching mail of inbox " + f.cfg.Inbox, Class: channels.Permanent, Err: err}
		}
	}
	if fresh, err = f.ready(ctx); err != nil {
		return cur, false, fresh, err
	}
	if len(after) == 0 {
		return f.first(), true, fresh, nil
	}
	if f.session.validity == cur.UIDValidity && !(fresh && f.session.behind(cur.Last)) {
		return cur, false, fresh, nil
	}
	next, wait, changed := cur.epoch(f.session.validity, f.session.next, f.cfg.Now())
	if !changed {
		return cur, false, fresh, &channels.Error{
			Op: "fetching mail of inbox " + f.cfg.Inbox, Class: channels.Permanent, After: min(wait, time.Hour), Code: "UIDVALIDITY",
			Err: errors.New("the folder's UIDVALIDITY changes again and again"),
		}
	}
	return next, true, fresh, nil
}

// ready makes sure of a connection; fresh says that it is a new one.
// A connection that was replaced has another folder state, so what was read ahead is dropped with the old one.
func (f *Fetcher) ready(ctx context.Context) (fresh bool, err error) {
	if f.session != nil && f.session.alive() {
		return false, nil
	}
	f.drop()
	f.session, err = f.open(ctx, f.cfg.Folder, false)
	return true, err
}

// first is the cursor of a folder that was never read: what is in it already is history, unless it
// was received at cfg.Since or later.
func (f *Fetcher) first() cursor {
	now := f.cfg.Now()
	last := max(f.session.next, 1) - 1
	c := cursor{UIDValidity: f.session.validity, Last: last, Fence: last, Begun: now, Floor: now}
	if !f.cfg.Since.IsZero() {
		c.Last, c.Since, c.Begun, c.Floor = 0, f.cfg.Since, f.cfg.Since, f.cfg.Since
	}
	return c
}

// batch is a result whose cursor moves. ds may be nil: then the cursor alone is committed.
func batch(ds []channels.Delivery, cur cursor, more bool) (channels.Batch, error) {
	next, err := cur.encode()
	if err != nil {
		return channels.Batch{}, err
	}
	return channels.Batch{Deliveries: ds, Next: next, More: more}, nil
}

// batch is the result of a pull that moved.
func (p *pull) batch() (channels.Batch, error) {
	a := &p.f.ahead
	p.caughtUp()
	_, due := p.cur.due(p.now)
	more := len(a.entries) > 0 || len(a.found) > 0 || due || p.cur.Last < p.cur.Fence
	b, err := batch(p.out, p.cur, more)
	b.Lag = p.lag()
	return b, err
}

// quiet is the proof of life. It moves the floor once an hour, so that an idle folder is not a
// stream of commits.
func (p *pull) quiet() (channels.Batch, error) {
	b := channels.Batch{Lag: p.lag()}
	was := p.cur.Floor
	if p.caughtUp(); p.cur.Floor.Sub(was) < time.Hour {
		return b, nil
	}
	p.f.remember(p.cur)
	next, err := p.cur.encode()
	if err != nil {
		return b, fmt.Errorf("moving the floor: %w", err)
	}
	b.Next = next
	return b, nil
}

// caughtUp moves the floor to the last search if nothing is outstanding.
func (p *pull) caughtUp() {
	a := &p.f.ahead
	open := len(a.entries) > 0 || len(a.found) > 0 || len(p.cur.Pending) > 0 || p.cur.Last < p.cur.Fence
	if !open && a.searched.After(p.cur.Floor) {
		p.cur.Floor = a.searched
	}
}

// lag is the age of the oldest mail that is known and not fetched.
// 0 when nothing is known to wait. Mails that were found by number only have no date yet and do not count.
func (p *pull) lag() time.Duration {
	oldest := p.now
	for _, e := range p.f.ahead.entries {
		if !e.at.IsZero() && e.at.Before(oldest) {
			oldest = e.at
		}
	}
	for _, q := range p.cur.Pending {
		if !q.At.IsZero() && q.At.Before(oldest) {
			oldest = q.At
		}
	}
	return p.now.Sub(oldest)
}
