// Package smtpd is the server that mail is handed to, by SMTP (RFC 5321) or LMTP (RFC 2033).
package smtpd

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
)

// Config says how mail comes in by SMTP (RFC 5321) or LMTP (RFC 2033). Zero fields take the
// default that their comment names.
type Config struct {
	Addr     string       // host:port to listen on, where port 0 picks a free one; or unix:/path, for our own user and the group of the socket
	Listener net.Listener // used instead of Addr when set, for sockets made elsewhere
	LMTP     bool         // speak LMTP: one answer per recipient, no sender checks
	Domain   string       // name in the greeting; "localhost"

	// Recipients finds the inbox of an address. It is asked with the address in lower case, first as
	// it came and then without its +suffix. Nobody else's mail is taken (550 at RCPT).
	Recipients func(addr string) (inbox string, ok bool)

	MaxBytes      int64 // largest message, advertised by SIZE (RFC 1870); 50 MiB
	MaxLineLength int   // longest line, in commands and in data; never below 1 MiB
	MaxRecipients int   // recipients of one message; 100
	MaxSessions   int   // sessions at a time, of all remotes; 512
	// Budget bounds the bytes of all messages that are not recorded yet; nil makes one of 8 × MaxBytes.
	Budget *limits.Budget
	// Shares bounds what messages of one remote take of the budget, own mail servers and this machine apart; nil bounds nothing.
	Shares *guard.Shares
	// Limits bounds single remotes; MaxSessions and Budget bound all together.
	Limits Limits

	ReadTimeout     time.Duration // for one command line; for 64 KiB of a message, where it is more than 2 minutes, these; 5 minutes
	Patience        time.Duration // without progress, after which a session makes room for another; 10 seconds
	TransferTimeout time.Duration // for one whole message; 30 minutes
	StopTimeout     time.Duration // for messages under way when Serve is told to stop; 20 seconds

	TLSConfig *tls.Config     // offers STARTTLS when set
	Verdicts  verdict.Judge   // checks SPF, DKIM and DMARC before the commit; nil checks nothing
	Digest    channels.Digest // makes delivery keys
	// Now is time.Now unless a test sets it. Deadlines of sockets go by the real clock all the same.
	Now func() time.Time
	Log *slog.Logger // protocol trouble, without addresses or texts; nil logs nothing
}

// withDefaults fills what is zero.
func (c Config) withDefaults() Config {
	c.Domain = cmp.Or(c.Domain, "localhost")
	c.MaxBytes = cmp.Or(c.MaxBytes, 50<<20)
	c.MaxLineLength = max(c.MaxLineLength, 1<<20)
	c.MaxRecipients = cmp.Or(c.MaxRecipients, 100)
	c.MaxSessions = cmp.Or(c.MaxSessions, 512)
	if c.Budget == nil {
		c.Budget = limits.NewBudget(8*c.MaxBytes, c.MaxBytes)
	}
	c.ReadTimeout = cmp.Or(c.ReadTimeout, 5*time.Minute)
	c.Patience = cmp.Or(c.Patience, 10*time.Second)
	c.TransferTimeout = cmp.Or(c.TransferTimeout, 30*time.Minute)
	c.StopTimeout = cmp.Or(c.StopTimeout, 20*time.Second)
	c.Limits = c.Limits.withDefaults()
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Listener takes mail in by SMTP or LMTP. It answers 250 only after the accept function has
// returned, that is after the commit; a client that goes away before the end of its message leaves
// nothing behind.
type Listener struct {
	// cfg has its defaults and does not change. accept is set by Serve, before the first session begins.
	cfg    Config
	door   *door
	server *smtp.Server
	served atomic.Bool

	ctx    context.Context // of every accept call: outlives Serve's until StopTimeout is over
	accept channels.Accept
}

var _ channels.Listener = (*Listener)(nil)

// New binds the address, so that Addr is known and a taken port is an error at once.
// Connections wait in the socket's queue until Serve.
// Recipients and Digest are needed; everything else has a default.
func New(cfg Config) (*Listener, error) {
	if cfg.Recipients == nil {
		return nil, errors.New("setting up SMTP listener: no Recipients function")
	}
	if cfg.Digest == nil {
		return nil, errors.New("setting up SMTP listener: no Digest function")
	}
	cfg = cfg.withDefaults()
	inner := cfg.Listener
	if inner == nil {
		var err error
		if inner, err = listen(cfg.Addr); err != nil {
			return nil, fmt.Errorf("listening for SMTP: %w", err)
		}
	}
	l := &Listener{cfg: cfg, door: newDoor(inner, cfg)}
	l.server = l.newServer()
	return l, nil
}

// newServer sets the protocol library up. Its own limits are the same as ours, so that EHLO tells them (SIZE).
func (l *Listener) newServer() *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(l.newSession))
	srv.LMTP = l.cfg.LMTP
	srv.Domain = l.cfg.Domain
	srv.MaxRecipients = l.cfg.MaxRecipients
	srv.MaxMessageBytes = l.cfg.MaxBytes
	srv.MaxLineLength = l.cfg.MaxLineLength
	srv.ReadTimeout = l.cfg.ReadTimeout
	srv.WriteTimeout = time.Minute
	srv.TLSConfig = l.cfg.TLSConfig
	srv.EnableSMTPUTF8 = true // the bytes pass through untouched
	srv.ErrorLog = log{l.cfg.Log}
	return srv
}

// Addr is the bound address.
func (l *Listener) Addr() net.Addr { return l.door.Addr() }

// LMTP reports whether it speaks that.
func (l *Listener) LMTP() bool { return l.cfg.LMTP }

// Close gives the address back when Serve was never called.
func (l *Listener) Close() error { return l.door.Close() }

// Serve takes mail until ctx ends. Sessions run concurrently, each calls accept on its own. At the
// end new connections are refused, messages under way are finished within StopTimeout, and every
// other session is told 421. The context that accept gets lives until StopTimeout is over.
func (l *Listener) Serve(ctx context.Context, accept channels.Accept) error {
	if !l.served.CompareAndSwap(false, true) {
		return errors.New("serving SMTP: Serve was called twice")
	}
	commits, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	l.ctx, l.accept = commits, accept

	failed := make(chan error, 1)
	go func() { failed <- l.server.Serve(l.door) }()
	select {
	case err := <-failed:
		l.stop(cancel)
		return fmt.Errorf("serving SMTP: %w", err)
	case <-ctx.Done():
		l.door.stop()
		<-failed //nolint:errcheck // no session begins any more; only then may the sessions be waited for
		l.stop(cancel)
		return nil
	}
}

// stop ends all sessions: idle ones at once, those in the middle of a message when it is settled
// or the time is up.
func (l *Listener) stop(cancelCommits context.CancelFunc) {
	l.door.stop()
	giveUp := time.AfterFunc(l.cfg.StopTimeout, func() {
		cancelCommits()
		l.door.closeAll()
	})
	defer giveUp.Stop()
	// Shutdown only closes listeners and waits: the sessions end because the door ended them.
	_ = l.server.Shutdown(context.WithoutCancel(l.ctx))
	l.door.taking.Wait() // chunks are read beside their session, which may be over before
}
