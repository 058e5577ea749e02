package email

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
)

// The ways to protect an IMAP connection.
const (
	IMAPTLS      = "tls"      // TLS from the first byte, usually port 993
	IMAPStartTLS = "starttls" // TLS after a greeting in the clear, usually port 143
	IMAPPlain    = "none"     // no protection: loopback only, unless IMAPConfig.Insecure
)

// The ways to sign in.
const (
	AuthPassword    = "password"
	AuthXOAUTH2     = "xoauth2"
	AuthOAuthBearer = "oauthbearer" // RFC 7628
)

// Post-actions that need no argument. "flag:NAME" and "move:FOLDER" are the others.
const (
	PostNone = "none"
	PostSeen = "seen"
)

// IMAPConfig describes one folder of one mailbox. Zero fields take the defaults that are named.
type IMAPConfig struct {
	Inbox string // configured account
	// Preset fills Host, Port, TLS and Auth for "gmail" and "microsoft".
	Preset    string
	Host      string
	Port      int         // 993, or 143 with starttls and none
	TLS       string      // IMAPTLS
	TLSConfig *tls.Config // nil: the system's roots, TLS 1.2 at least
	Insecure  bool        // allows IMAPPlain beyond loopback
	User      string
	Password  string
	Auth      string      // AuthPassword
	Tokens    TokenSource // for the other two
	Folder    string      // INBOX
	ID        IMAPID      // what we say about ourselves, where the server asks for it (RFC 2971)

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

// IMAPID is what the client says about itself (RFC 2971 §3.3). 163 and 126 let nobody in without.
type IMAPID struct {
	Name, Version, Vendor, SupportURL string
}

// IMAPFetcher pulls the mails of one folder. It implements channels.Fetcher, Reconciler, Marker and
// Prober. Fetch may run beside the others: they have a connection of their own.
type IMAPFetcher struct {
	cfg  IMAPConfig
	auth *imapAuth

	fetching sync.Mutex // held while Fetch runs
	session  *imapSession
	ahead    imapAhead
	strikes  imapStrikes
	retry    func(tries int) time.Duration

	side     sync.Mutex // held while the second connection is used
	sideConn *imapSession
	sideIdle *time.Timer

	state  sync.Mutex
	cursor imapCursor // the last one that Fetch was given or gave back
	closed bool
	stop   context.CancelFunc // ends the Fetch that runs
}

var (
	_ channels.Fetcher    = (*IMAPFetcher)(nil)
	_ channels.Reconciler = (*IMAPFetcher)(nil)
	_ channels.Marker     = (*IMAPFetcher)(nil)
	_ channels.Prober     = (*IMAPFetcher)(nil)
)

var errIMAPClosed = errors.New("the fetcher is closed")

// NewIMAPFetcher checks the configuration. It opens no connection: the first Fetch does.
func NewIMAPFetcher(cfg IMAPConfig) (*IMAPFetcher, error) {
	cfg = cfg.withPreset().withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuring IMAP: %w", err)
	}
	return &IMAPFetcher{cfg: cfg, auth: newIMAPAuth(cfg), retry: imapRetryAfter}, nil
}

func (c IMAPConfig) withPreset() IMAPConfig {
	p, ok := imapPreset(c.Preset)
	if !ok {
		return c
	}
	c.Host = cmp.Or(c.Host, p.host)
	c.Port = cmp.Or(c.Port, p.port)
	c.TLS = cmp.Or(c.TLS, IMAPTLS)
	if c.Auth == "" && c.Tokens != nil {
		c.Auth = AuthXOAUTH2
	}
	return c
}

func (c IMAPConfig) withDefaults() IMAPConfig {
	c.TLS = cmp.Or(c.TLS, IMAPTLS)
	if c.Port == 0 {
		c.Port = 143
		if c.TLS == IMAPTLS {
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

func (c IMAPConfig) validate() error {
	return errors.Join(c.validateServer(), c.validateLogin(), c.validateLimits(), c.validatePost())
}

func (c IMAPConfig) validateServer() error {
	if _, ok := imapPreset(c.Preset); c.Preset != "" && !ok {
		return fmt.Errorf("preset %q: want gmail or microsoft", c.Preset)
	}
	if c.Inbox == "" || c.Host == "" || c.User == "" {
		return errors.New("inbox, host and user are all needed")
	}
	if c.Port < 1 || c.Port > 65535 {
		return fmt.Errorf("port %d: want 1 to 65535", c.Port)
	}
	switch c.TLS {
	case IMAPTLS, IMAPStartTLS:
		return nil
	case IMAPPlain:
		if !c.Insecure && !imapLoopback(c.Host) {
			return errors.New("a connection without TLS is for loopback only")
		}
		return nil
	}
	return fmt.Errorf("tls %q: want tls, starttls or none", c.TLS)
}

func (c IMAPConfig) validateLogin() error {
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

func (c IMAPConfig) validateLimits() error {
	switch {
	case len(imapFolderName(c.Folder)) > 400:
		return errors.New("the folder's name is too long")
	case c.Batch < 1 || c.Batch > 1000:
		return fmt.Errorf("batch %d: want 1 to 1000", c.Batch)
	case c.BatchBytes < 1 || c.MaxSize < imapHead:
		return fmt.Errorf("sizes: want a batch of 1 octet and a mail of %d at least", imapHead)
	case c.IdleFor < 0 || c.IdleFor > 9*time.Minute:
		return fmt.Errorf("idle %v: want 9 minutes at most", c.IdleFor)
	case c.Poll < 0 || c.CommandTimeout < 0 || c.ConnectTimeout < 0:
		return errors.New("times must be positive")
	}
	return nil
}

func (c IMAPConfig) validatePost() error {
	verb, arg, _ := strings.Cut(c.PostAction, ":")
	switch {
	case c.PostAction == PostNone, c.PostAction == PostSeen:
		return nil
	case verb == "flag" && arg != "" && !strings.ContainsFunc(arg, func(r rune) bool { return r > 0x7e || !imapAtomChar(byte(r)) }):
		return nil
	case verb == "move" && arg != "" && !strings.EqualFold(arg, c.Folder):
		return nil
	}
	return fmt.Errorf("post-action %q: want none, seen, flag:NAME or move:FOLDER", c.PostAction)
}

func imapLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close ends both connections, and a Fetch that waits. The fetcher cannot be used again.
func (f *IMAPFetcher) Close() error {
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
func (f *IMAPFetcher) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	f.state.Lock()
	defer f.state.Unlock()
	if f.closed {
		return nil, nil, errIMAPClosed
	}
	ctx, f.stop = context.WithCancel(ctx)
	return ctx, f.stop, nil
}

// remember keeps the cursor for Reconcile.
func (f *IMAPFetcher) remember(c imapCursor) {
	f.state.Lock()
	defer f.state.Unlock()
	f.cursor = c.clone()
}

func (f *IMAPFetcher) remembered() imapCursor {
	f.state.Lock()
	defer f.state.Unlock()
	return f.cursor.clone()
}

// drop closes Fetch's connection and forgets what was read ahead on it.
func (f *IMAPFetcher) drop() {
	if f.session != nil {
		f.session.close()
		f.session = nil
	}
	f.ahead = imapAhead{}
}

// imapStrikes counts how often the connection broke with the same mail next in line.
type imapStrikes struct {
	uid imap.UID
	n   int
}

func (s *imapStrikes) hit(uid imap.UID) {
	if s.uid != uid {
		*s = imapStrikes{uid: uid}
	}
	s.n++
}

// suspect reports whether that mail must be asked for alone.
func (s *imapStrikes) suspect(uid imap.UID) bool { return s.uid == uid && s.n >= 2 }
