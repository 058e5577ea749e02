// Package copying makes, behind the commit, what people read of formatted mails for as long as their tickets live: copies of their HTML in which
// nothing runs, loads or leads anywhere.
package copying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/pipeline/formatted"
	"frontdesk/pipeline/redact"
	"frontdesk/workers"
	"frontdesk/workers/copying/clean"
	"frontdesk/workers/decide"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/copies"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/view"
)

// Beats of making copies.
const (
	every   = 500 * time.Millisecond // a copy is that much behind its commit, and the time that it takes
	later   = 30 * time.Second       // after a failure, at most
	atOnce  = 16
	yieldTo = time.Second // how long a step waits for the line to rest
)

// Config is what a Maker is joined to.
type Config struct {
	Store *store.Store
	// Open makes an original readable. store.ErrNotFound: it is gone.
	Open   func(context.Context, view.Message) (decide.Original, error)
	Mask   *redact.Masker
	Polite *workers.Courtesy // with whom it shares the machine
	Logger *slog.Logger
}

// Maker makes copies. Any number of processes may run one: a copy that two make is the same.
type Maker struct {
	Config
	clean *clean.Cleaner
}

// New makes a Maker.
func New(c Config) *Maker { return &Maker{c, clean.New()} }

// Run makes copies until ctx ends.
func (m *Maker) Run(ctx context.Context) {
	pause := every
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		n, err := m.Beat(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.Logger.Error("making copies of formatted mails failed; trying again", "error", err)
			pause = min(2*max(pause, every), later)
		case n == atOnce:
			pause = time.Millisecond
		default:
			pause = every
		}
	}
}

// Beat makes the next copies, and tells how many messages it has looked at.
func (m *Maker) Beat(ctx context.Context, now time.Time) (int, error) {
	wanted, err := m.Store.Copies.Waiting(ctx, atOnce)
	failed := []error{err}
	for _, w := range wanted { // one that fails holds up none behind it
		m.Polite.GiveWayFor(ctx, yieldTo)
		failed = append(failed, m.one(ctx, w, now))
	}
	return len(wanted), errors.Join(failed...)
}

// one makes a copy. What cannot be opened or decoded has none: its text is read.
func (m *Maker) one(ctx context.Context, w copies.Wanted, now time.Time) error {
	made := ""
	o, err := m.Open(ctx, view.Message{ID: w.ID, Inbox: w.Inbox, Channel: w.Channel, Key: w.Key, ReceivedAt: base.Stamp{Time: w.At}})
	switch {
	case err == nil:
		made = m.copied(o, w.Parts)
	case errors.Is(err, store.ErrNotFound), errors.Is(err, keyring.ErrSealed), errors.Is(err, blobs.ErrNotFound): // an audit names it, if it should be there
	default:
		return fmt.Errorf("copying message %d: %w", w.ID, err)
	}
	return m.Store.Copies.Keep(ctx, w.ID, made, now)
}

// copied is the copy of an original; "" where something in it would have to be masked. A number may be spread over tags, so nothing is
// masked within formatted text: it is read as text. So is what makes the cleaning panic.
func (m *Maker) copied(o decide.Original, parts map[string]int) (made string) {
	defer func() {
		if recover() != nil {
			made = ""
		}
	}()
	if o.HTML == "" || secret(m.Mask, o.HTML) {
		return ""
	}
	if made = m.clean.HTML(o.HTML, parts); secret(m.Mask, made) {
		return ""
	}
	return made
}

// Whole tells of originals whether they may be read as they were sent: nothing in them would have to be masked.
func Whole(open func(context.Context, view.Message) (decide.Original, error), mask *redact.Masker) func(context.Context, view.Message) (bool, error) {
	return func(ctx context.Context, m view.Message) (bool, error) {
		o, err := open(ctx, m)
		if err != nil {
			return false, err
		}
		return !o.Masked && !o.Cut && !secret(mask, o.HTML), nil
	}
}

// secret reports whether something of HTML would have to be masked, however it is spread over tags.
func secret(mask *redact.Masker, html string) bool {
	spaced, unbound := formatted.Words(html)
	for _, text := range []string{spaced, unbound} {
		if _, found := mask.Text(text); len(found) > 0 {
			return true
		}
	}
	return false
}
