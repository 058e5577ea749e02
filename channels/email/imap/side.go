package imap

import (
	"context"
	"errors"
	"time"

	"frontdesk/channels"
)

// sideIdle is how long the second connection is kept for the next Mark.
const sideIdle = 30 * time.Second

// aside does something on the second connection with a folder freshly opened, so that Fetch, which
// may be waiting in IDLE, is not disturbed. A kept connection that proves dead is replaced once.
func (f *Fetcher) aside(ctx context.Context, op, folder string, write bool, do func(*session) error) error {
	f.side.Lock()
	defer f.side.Unlock()
	op += " of inbox " + f.cfg.Inbox
	if f.isClosed() {
		return &channels.Error{Op: op, Class: channels.Temporary, Err: errClosed}
	}
	err := f.asideOnce(ctx, folder, write, do)
	if lost := (*lost)(nil); err != nil && errors.As(err, &lost) && ctx.Err() == nil {
		err = f.asideOnce(ctx, folder, write, do)
	}
	return fault(ctx, op, err)
}

// asideOnce keeps the connection after a refusal, which says nothing against it, and drops it after anything else.
func (f *Fetcher) asideOnce(ctx context.Context, folder string, write bool, do func(*session) error) error {
	err := f.openSide(ctx, folder, write)
	if err == nil {
		err = do(f.sideConn)
	}
	if _, refused := status(err); err != nil && !refused {
		f.dropSide()
	}
	return err
}

// openSide makes sure that the second connection stands and has the folder open.
// The folder is opened each time, even when it is the same: that is how a changed UIDVALIDITY is noticed.
func (f *Fetcher) openSide(ctx context.Context, folder string, write bool) (err error) {
	if f.sideConn != nil && f.sideConn.alive() {
		err = f.sideConn.choose(ctx, folder, write)
	} else {
		f.dropSide()
		f.sideConn, err = f.open(ctx, folder, write)
	}
	if err != nil {
		f.dropSide()
		return err
	}
	if f.sideIdle != nil {
		f.sideIdle.Stop()
	}
	f.sideIdle = time.AfterFunc(sideIdle, f.restSide)
	return nil
}

// restSide closes the second connection after a while without work.
func (f *Fetcher) restSide() {
	f.side.Lock()
	defer f.side.Unlock()
	f.dropSide()
}

// dropSide closes the second connection, if there is one. f.side is held.
func (f *Fetcher) dropSide() {
	if f.sideIdle != nil {
		f.sideIdle.Stop()
		f.sideIdle = nil
	}
	if f.sideConn != nil {
		f.sideConn.close()
		f.sideConn = nil
	}
}

func (f *Fetcher) isClosed() bool {
	f.state.Lock()
	defer f.state.Unlock()
	return f.closed
}
