// Package relay hands mail over to a mail server that sends it on (submission, RFC 6409).
package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/pipeline/message"
)

// Config says how an inbox's mail goes out through a relay (RFC 6409). Zero fields take the
// default that their comment names.
type Config struct {
	Addr      string      // host:port
	Security  string      // "starttls" (default, never done without), "tls", or "none" for loopback
	TLSConfig *tls.Config // roots and the like; the relay's host name is filled in
	Hello     string      // EHLO name; the domain of From
	Auth      Auth

	From     message.Address // the inbox's address and display name
	Loop     string          // see compose.Config
	Envelope string          // sender of automatic mail: "null" (default, <>), "verp", or "mailbox"
	Mailbox  string          // the mailbox that signs in, the sender of all mail for "mailbox"; the inbox's address
	Bounce   string          // address behind VERP, such as bounce@desk.example; needed for "verp"
	MAC      channels.Digest // signs VERP addresses
	DKIM     []compose.DKIMKey

	Connections       int           // at a time; 4
	MailsPerConn      int           // after which a connection is replaced; 100
	Idle              time.Duration // for which an unused connection is kept; 30 seconds
	DialTimeout       time.Duration // 30 seconds
	CommandTimeout    time.Duration // for each answer, and for the greeting; 2 minutes
	SubmissionTimeout time.Duration // for the answer to the final dot; 10 minutes (RFC 5321 §4.5.3.2.6)

	// Now is time.Now when nil.
	Now func() time.Time
}

// Auth is who we are to the relay. An empty Username logs nobody in.
type Auth struct {
	Mechanism string // "plain", "login", "xoauth2"; empty: what the relay offers, by the secret we have
	// Password is for plain and login, Token for xoauth2. Neither stands in an error or a log.
	Username string
	Password string
	Token    func(ctx context.Context) (string, error) // OAuth 2 access token, fetched at each login
}

// withDefaults fills what is zero.
func (c Config) withDefaults() Config {
	c.Security = cmp.Or(c.Security, "starttls")
	c.Envelope = cmp.Or(c.Envelope, "null")
	c.Mailbox = cmp.Or(c.Mailbox, c.From.Value)
	c.Hello = cmp.Or(c.Hello, c.From.Domain(), "localhost")
	c.Connections = cmp.Or(c.Connections, 4)
	c.MailsPerConn = cmp.Or(c.MailsPerConn, 100)
	c.Idle = cmp.Or(c.Idle, 30*time.Second)
	c.DialTimeout = cmp.Or(c.DialTimeout, 30*time.Second)
	c.CommandTimeout = cmp.Or(c.CommandTimeout, 2*time.Minute)
	c.SubmissionTimeout = cmp.Or(c.SubmissionTimeout, 10*time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// validate refuses what could never work, and a connection in the clear to another machine: the password would go over it.
func (c Config) validate() error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return errors.New("relay address is not host:port")
	}
	switch c.Security {
	case "starttls", "tls":
	case "none":
		if !loopback(host) {
			return errors.New("a relay on another machine needs starttls or tls")
		}
	default:
		return fmt.Errorf("unknown security %q", c.Security)
	}
	switch c.Auth.Mechanism {
	case "", "plain", "login", "xoauth2":
	default:
		return fmt.Errorf("unknown authentication mechanism %q", c.Auth.Mechanism)
	}
	if c.Auth.Mechanism == "xoauth2" && c.Auth.Token == nil {
		return errors.New("xoauth2 needs a token")
	}
	if _, err := compose.ParseAddress(c.From.Value, false); err != nil {
		return fmt.Errorf("inbox address: %w", err)
	}
	return c.validateEnvelope()
}

// validateEnvelope wants the address that the kind of envelope sender needs.
func (c Config) validateEnvelope() error {
	switch c.Envelope {
	case "null":
		return nil
	case "mailbox":
		if _, err := compose.ParseAddress(c.Mailbox, false); err != nil {
			return fmt.Errorf("mailbox address: %w", err)
		}
		return nil
	case "verp":
		if c.MAC == nil {
			return errors.New("verp needs a digest")
		}
		if _, err := compose.ParseAddress(c.Bounce, false); err != nil {
			return fmt.Errorf("bounce address: %w", err)
		}
		return nil
	default:
		return fmt.Errorf("unknown envelope sender %q", c.Envelope)
	}
}

// loopback asks no DNS: a name other than localhost is never local.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Submitter hands mail to a relay over a few connections that it keeps open.
// Send, Probe and Close may be called at the same time; a call waits when all connections are in use.
type Submitter struct {
	cfg  Config
	pool *pool
}

var (
	_ channels.Sender = (*Submitter)(nil)
	_ channels.Prober = (*Submitter)(nil)
)

// New checks the configuration and connects to nothing yet.
// It fails for a configuration that Send could never use.
func New(cfg Config) (*Submitter, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("setting up mail submission: %w", err)
	}
	return &Submitter{cfg: cfg, pool: newPool(cfg)}, nil
}

// mail is one mail on its way, with its envelope.
type mail struct {
	// from is the reverse-path, empty for <>; letter is the whole mail, signed, and whom it goes to.
	from   string
	letter compose.Letter
}

// Send composes, signs and submits. To decides: a mail that the relay does not take for To goes to nobody, and its error is that of To;
// one that it takes went out, and Receipt.Refused has those of Cc whom it would not take. So a repeat never brings anybody a second copy.
// Files are read once before the relay is spoken to and once more while they go out.
//
// Errors: Permanent when the recipient's address or the mail itself is at
// fault, Refused when the relay does not take our sender or has had enough of our mail, Unauthorized when it wants
// another login, Unknown when the connection was lost between the final dot and its answer, else Temporary. Code is the
// relay's code, such as "550 5.1.1".
func (s *Submitter) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	letter, err := s.compose(ctx, out)
	if err != nil {
		return channels.Receipt{}, err
	}
	refused, err := s.pool.submit(ctx, mail{from: s.envelope(key, out), letter: letter})
	if err != nil {
		return channels.Receipt{}, err
	}
	r := channels.Receipt{Key: key, ProviderID: out.MessageID, Status: channels.StatusSent, At: s.cfg.Now()}
	r.Refused, r.Reason = told(refused)
	return r, nil
}

// compose makes the mail, and finds out whether all of it can be read before the relay is spoken to.
func (s *Submitter) compose(ctx context.Context, out channels.Outbound) (compose.Letter, error) {
	letter, err := compose.Mail(out, compose.Config{From: s.cfg.From, Loop: s.cfg.Loop, Now: s.cfg.Now(), UTF8: true})
	switch {
	case err != nil:
		return letter, err
	case len(s.cfg.DKIM) > 0:
		return compose.Sign(ctx, letter, s.cfg.DKIM)
	}
	return letter, letter.Ready(ctx)
}

// envelope is the reverse-path. Automatic mail must not be answered, so it is sent from <> or from
// a VERP address, which is answered by nobody (RFC 3834 §3.3); people's mail gets its bounces.
// A key too long for VERP goes out under the plain bounce address: its bounce is then found by the Message-ID. So does a mail with
// copies: whatever comes back to a signed address is believed to be about To, and a colleague's full mailbox must not cost a customer his
// address. A report about To names him beside the Message-ID.
func (s *Submitter) envelope(key string, out channels.Outbound) string {
	if s.cfg.Envelope == "verp" {
		if addr, ok := verp(key, s.cfg.Bounce, s.cfg.MAC); ok && len(out.Cc) == 0 {
			return addr
		}
		return s.cfg.Bounce
	}
	switch {
	case s.cfg.Envelope == "mailbox":
		return s.cfg.Mailbox
	case out.Automatic && s.cfg.Envelope == "null":
		return ""
	}
	return s.cfg.From.Value
}

// Probe logs in to the relay and begins an acknowledgement to ourselves: it names its envelope sender, and the address at which
// bounces come back, or the inbox where nobody wants them. Then it takes that back; no mail is sent.
// An error that is a *channels.Misgiving is a warning: mail goes out, and something about it will not work well.
func (s *Submitter) Probe(ctx context.Context) (string, error) {
	c, err := s.pool.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.quit()
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	if err := c.Noop(); err != nil {
		return "", fault("probing relay", elsewhere, err)
	}
	from := s.envelope("check", channels.Outbound{Automatic: true})
	if err := c.Mail(from, nil); err != nil {
		return "", s.senderRefused(err)
	}
	doubt := s.returnRefused(from, c.Rcpt(cmp.Or(from, s.cfg.From.Value), nil))
	if err := c.Reset(); err != nil {
		return "", fault("probing relay", elsewhere, err)
	}
	return c.describe(), doubt
}

// returnRefused says what follows when the relay takes no mail for the address at which bounces come back.
// A relay that only puts off (greylisting) says nothing yet; at the null sender our own address stands for any recipient.
func (s *Submitter) returnRefused(from string, err error) error {
	if err == nil {
		return nil
	}
	fault := fault("naming our own address to relay", recipient, err)
	later := fault.Class == channels.Temporary || fault.Class == channels.Throttled
	switch {
	case errors.Is(fault, errStale):
		return fault
	case later:
		return &channels.Misgiving{Text: fmt.Sprintf("it puts off mail for %s for now (%s); try again in a quarter of an hour", cmp.Or(from, s.cfg.From.Value), fault.Code)}
	case from == "":
		return &channels.Misgiving{Text: fmt.Sprintf("it takes no mail for %s (%s), the inbox's own address: see that it lets this user write to everybody", s.cfg.From.Value, fault.Code)}
	}
	advice := "bounces could not come back: let the mail server take this address, or set envelope: null"
	if s.cfg.Envelope == "verp" {
		advice = "bounces come to addresses like this one and could not come back: let the mail server take what stands behind a + (recipient delimiter), or set envelope: null"
	}
	fault.Err = fmt.Errorf("%w: it takes no mail for %s; %s", fault.Err, from, advice)
	return fault
}

// senderRefused says what to do when the relay does not take the envelope sender.
func (s *Submitter) senderRefused(err error) error {
	fault := fault("naming sender to relay", sender, err)
	if fault.Class != channels.Refused {
		return fault
	}
	advice := "it takes no mail from the envelope sender that it was given; many providers take their own mailbox only: set envelope: mailbox"
	if s.cfg.Envelope == "mailbox" {
		advice = "it takes no mail from this mailbox; write the mailbox that signs in as user, and as address of the inbox"
	}
	fault.Err = fmt.Errorf("%w: %s", fault.Err, advice)
	return fault
}

// Close ends the kept connections. Sends under way are not cut off.
func (s *Submitter) Close() error {
	s.pool.close()
	return nil
}
