package imap

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// wait returns when the folder has changed, or after d, by IDLE where the server has it (RFC 2177)
// and else by looking every poll. An error means that the connection is dead.
// It says nothing of what has changed: the caller looks. A server that refuses IDLE once is not asked again on this connection.
func (s *session) wait(ctx context.Context, d, poll time.Duration) error {
	if s.has(imap.CapIdle) && !s.noIdle {
		refused, err := s.idle(ctx, d)
		if !refused {
			return err
		}
		s.noIdle = true
	}
	return s.poll(ctx, d, poll)
}

// idle waits for the server to tell. refused means that it does not want to.
// It ends by DONE, whose answer is waited for at most 30 seconds: the connection is needed for the mail that has come.
func (s *session) idle(ctx context.Context, d time.Duration) (refused bool, err error) {
	var cmd *imapclient.IdleCommand
	err = s.run(ctx, s.quiet, func() (err error) {
		cmd, err = s.client.Idle()
		return err
	})
	if err != nil {
		_, refused = status(err)
		return refused, err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.wake:
	case <-timer.C:
	case <-s.client.Closed():
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		s.close() // nobody waits for a farewell
	}
	return false, s.run(ctx, min(s.quiet, 30*time.Second), func() error {
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	})
}

// poll asks once every poll. A server tells of new mail in the answer to NOOP (RFC 9051 §6.1.2).
// It returns after one question, whether or not something is new.
func (s *session) poll(ctx context.Context, d, poll time.Duration) error {
	timer := time.NewTimer(min(d, poll))
	defer timer.Stop()
	select {
	case <-s.wake:
		return nil
	case <-timer.C:
	case <-s.client.Closed():
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.run(ctx, s.quiet, func() error { return s.client.Noop().Wait() })
}

// drained empties wake: what it told of is looked at now.
func (s *session) drained() {
	select {
	case <-s.wake:
	default:
	}
}
