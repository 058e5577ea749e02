// Package imap fetches the mails of a folder by IMAP (RFC 9051, RFC 3501), each once, and marks or moves them there.
package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
	"frontdesk/channels/email/imap/internal/wire"
	"frontdesk/channels/email/oauth"
)

// The ways to protect an IMAP connection.
const (
	TLS      = "tls"      // TLS from the first byte, usually port 993
	StartTLS = "starttls" // TLS after a greeting in the clear, usually port 143
	Plain    = "none"     // no protection: loopback only, unless Config.Insecure
)

// The ways to sign in.
const (
	// AuthPassword is LOGIN, or SASL PLAIN where LOGIN cannot do it; AuthXOAUTH2 is what Google and Microsoft take (not in an RFC).
	AuthPassword    = "password"
	AuthXOAUTH2     = "xoauth2"
	AuthOAuthBearer = "oauthbearer" // RFC 7628
)

// Post-actions that need no argument. "flag:NAME" and "move:FOLDER" are the others.
// With PostNone the mailbox is only ever read; PostSeen sets \Seen. The argument of flag is a keyword or a system flag
// such as \Flagged, that of move a folder's name as the server writes it.
const (
	PostNone = "none"
	PostSeen = "seen"
)

// Config describes one folder of one mailbox. Zero fields take the defaults that are named.
type Config struct {
	Inbox string // configured account
	// Host is a name or an address; the certificate must be for it. User is what the server knows the mailbox by, mostly its address.
	Host      string
	Port      int         // 993, or 143 with starttls and none
	TLS       string      // TLS
	TLSConfig *tls.Config // nil: the system's roots, TLS 1.2 at least
	Insecure  bool        // allows Plain beyond loopback
	User      string
	// Password may be an authorization code, as 163, 126 and QQ give them out for programs. It is in no error and no log.
	Password string
	Auth     string            // authPassword
	Tokens   oauth.TokenSource // for the other two
	Folder   string            // INBOX
	ID       ID                // what we say about ourselves, where the server asks for it (RFC 2971)

	Batch      int   // mails of one batch: 150
	BatchBytes int64 // octets of one batch: 16 MiB
	MaxSize    int64 // octets of one mail: 50 MiB; a larger one is parked with its beginning

	IdleFor        time.Duration // proof of life at least so often: 9 minutes, which is also the maximum
	NoIdle         bool          // never IDLE: for servers and middle boxes that cannot bear it
	Poll           time.Duration // between looks where the server has no IDLE: 60 s
	CommandTimeout time.Duration // silence after which a connection is dead: 60 s
	ConnectTimeout time.Duration // TCP and TLS: 30 s

	// Since makes the first connection take mail that was received at that time or later. The
	// default is to take what arrives from then on.
	Since time.Time
	// PostAction is what Mark does on the source: PostNone, PostSeen, "flag:NAME", "move:FOLDER".
	PostAction string

	Now func() time.Time // time.Now
}

// ID is what the client says about itself (RFC 2971 §3.3). 163 and 126 let nobody in without.
type ID struct {
	// An empty one is not sent; Name is Frontdesk when it is empty.
	Name, Version, Vendor, SupportURL string
}

// Fetcher pulls the mails of one folder. It implements channels.Fetcher, Reconciler, Marker and
// Prober. Fetch may run beside the others: they have a connection of their own.
type Fetcher struct {
	// cfg is with its defaults and never changes. auth is shared by all connections.
	cfg  Config
	auth *auth

	fetching sync.Mutex // held while Fetch runs
	// session is Fetch's connection, nil before the first and after a fault. ahead and strikes are what Fetch keeps between calls;
	// retry is retryAfter, or a test's.
	session *session
	ahead   ahead
	strikes strikes
	retry   func(tries int) time.Duration

	side sync.Mutex // held while the second connection is used
	// sideConn is the second connection, nil while there is none; sideIdle closes it after a while without work.
	sideConn *session
	sideIdle *time.Timer

	// state guards the rest. It is never held while the network is waited for.
	state  sync.Mutex
	cursor cursor // the last one that Fetch was given or gave back
	closed bool
	stop   context.CancelFunc // ends the Fetch that runs
}

var (
	_ channels.Fetcher    = (*Fetcher)(nil)
	_ channels.Reconciler = (*Fetcher)(nil)
	_ channels.Marker     = (*Fetcher)(nil)
	_ channels.Prober     = (*Fetcher)(nil)
)

// errClosed is what every method says after Close.
var errClosed = errors.New("the fetcher is closed")

// New checks the configuration. It opens no connection: the first Fetch does.
func New(cfg Config) (*Fetcher, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuring IMAP: %w", err)
	}
	return &Fetcher{cfg: cfg, auth: newAuth(cfg), retry: retryAfter}, nil
}

// withDefaults fills what is zero. IdleFor is below the ten minutes that channels.Fetcher allows; RFC 9051 §6.3.13 wants IDLE renewed
// every 29 minutes, so that is kept, too.
func (c Config) withDefaults() Config {
	c.TLS = cmp.Or(c.TLS, TLS)
	if c.Port == 0 {
		c.Port = 143
		if c.TLS == TLS {
			c.Port = 993
		}
	}
	c.Auth = cmp.Or(c.Auth, AuthPassword)
	c.Folder = cmp.Or(c.Folder, "INBOX")
	c.ID.Name = cmp.Or(c.ID.Name, "Frontdesk")
	c.Batch = cmp.Or(c.Batch, 150)
	c.BatchBytes = cmp.Or(c.BatchBytes, 16<<20)
	c.MaxSize = cmp.Or(c.MaxSize, 50<<20)
	c.IdleFor = cmp.Or(c.IdleFor, 9*time.Minute)
	c.Poll = cmp.Or(c.Poll, time.Minute)
	c.CommandTimeout = cmp.Or(c.CommandTimeout, time.Minute)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 30*time.Second)
	c.PostAction = cmp.Or(c.PostAction, PostNone)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) validate() error {
	return errors.Join(c.validateServer(), c.validateLogin(), c.validateLimits(), c.validatePost())
}

// validateServer wants TLS everywhere but on this machine: the password would go through the network in the clear.
func (c Config) validateServer() error {
	if c.Inbox == "" || c.Host == "" || c.User == "" {
		return errors.New("inbox, host and user are all needed")
	}
	if c.Port < 1 || c.Port > 65535 {
		return fmt.Errorf("port %d: want 1 to 65535", c.Port)
	}
	switch c.TLS {
	case TLS, StartTLS:
		return nil
	case Plain:
		if !c.Insecure && !loopback(c.Host) {
			return errors.New("a connection without TLS is for loopback only")
		}
		return nil
	}
	return fmt.Errorf("tls %q: want tls, starttls or none", c.TLS)
}

// validateLogin wants the credentials that the method needs.
func (c Config) validateLogin() error {
	switch c.Auth {
	case AuthPassword:
		if c.Password == "" {
			return errors.New("password is missing")
		}
		return nil
	case AuthXOAUTH2, AuthOAuthBearer:
		if c.Tokens == nil {
			return fmt.Errorf("auth %s needs a token source", c.Auth)
		}
		return nil
	}
	return fmt.Errorf("auth %q: want password, xoauth2 or oauthbearer", c.Auth)
}

// validateLimits keeps keys within channels.Delivery.Key's 512 bytes, and times within what channels.Fetcher promises.
func (c Config) validateLimits() error {
	switch {
	case len(folderName(c.Folder)) > 400:
		return errors.New("the folder's name is too long")
	case c.Batch < 1 || c.Batch > 1000:
		return fmt.Errorf("batch %d: want 1 to 1000", c.Batch)
	case c.BatchBytes < 1 || c.MaxSize < head:
		return fmt.Errorf("sizes: want a batch of 1 octet and a mail of %d at least", head)
	case c.IdleFor < 0 || c.IdleFor > 9*time.Minute:
		return fmt.Errorf("idle %v: want 9 minutes at most", c.IdleFor)
	case c.Poll < 0 || c.CommandTimeout < 0 || c.ConnectTimeout < 0:
		return errors.New("times must be positive")
	}
	return nil
}

func (c Config) validatePost() error {
	verb, arg, _ := strings.Cut(c.PostAction, ":")
	switch {
	case c.PostAction == PostNone, c.PostAction == PostSeen:
		return nil
	case verb == "flag" && arg != "" && !strings.ContainsFunc(arg, func(r rune) bool { return r > 0x7e || !wire.AtomChar(byte(r)) }):
		return nil
	case verb == "move" && arg != "" && !strings.EqualFold(arg, c.Folder):
		return nil
	}
	return fmt.Errorf("post-action %q: want none, seen, flag:NAME or move:FOLDER", c.PostAction)
}

// loopback asks no DNS: a name other than localhost is never local.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close ends both connections, and a Fetch that waits. The fetcher cannot be used again.
// It waits for the work that runs on the second connection, and returns nil in any case.
func (f *Fetcher) Close() error {
	f.state.Lock()
	f.closed = true
	if f.stop != nil {
		f.stop()
	}
	f.state.Unlock()

	f.fetching.Lock()
	f.drop()
	f.fetching.Unlock()

	f.side.Lock()
	defer f.side.Unlock()
	f.dropSide()
	return nil
}

// begin notes that a Fetch runs; Close can end it.
func (f *Fetcher) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	f.state.Lock()
	defer f.state.Unlock()
	if f.closed {
		return nil, nil, errClosed
	}
	ctx, f.stop = context.WithCancel(ctx)
	return ctx, f.stop, nil
}

// remember keeps the cursor for Reconcile.
func (f *Fetcher) remember(c cursor) {
	f.state.Lock()
	defer f.state.Unlock()
	f.cursor = c.clone()
}

// remembered is a copy of that cursor; its UIDValidity is 0 before the first one.
func (f *Fetcher) remembered() cursor {
	f.state.Lock()
	defer f.state.Unlock()
	return f.cursor.clone()
}

// drop closes Fetch's connection and forgets what was read ahead on it.
func (f *Fetcher) drop() {
	if f.session != nil {
		f.session.close()
		f.session = nil
	}
	f.ahead = ahead{}
}

// strikes counts how often the connection broke with the same mail next in line.
type strikes struct {
	// uid is the mail that was next in line, n how often in a row.
	uid imap.UID
	n   int
}

// hit counts one break; another mail begins anew.
func (s *strikes) hit(uid imap.UID) {
	if s.uid != uid {
		*s = strikes{uid: uid}
	}
	s.n++
}

// suspect reports whether that mail must be asked for alone.
func (s *strikes) suspect(uid imap.UID) bool { return s.uid == uid && s.n >= 2 }
