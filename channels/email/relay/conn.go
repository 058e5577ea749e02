package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
)

// conn is one connection to the relay, greeted and logged in.
type conn struct {
	*smtp.Client
	// sock is the connection below TLS. sent counts mails, those that were refused included.
	sock  *socket
	cfg   *Config
	auth  string // mechanism that was used
	sent  int
	timer *time.Timer // ends it when unused
}

// socket remembers whether writing failed: then the relay cannot have seen the final dot. It
// also caps the deadlines of the library, which are its own until the first command is over.
type socket struct {
	net.Conn
	limit       atomic.Int64 // time.Duration; 0 for none
	writeFailed atomic.Bool
}

// Write implements net.Conn.
func (s *socket) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	if err != nil {
		s.writeFailed.Store(true)
	}
	return n, err
}

// SetDeadline implements net.Conn with the cap, if there is one.
func (s *socket) SetDeadline(t time.Time) error {
	if limit := time.Duration(s.limit.Load()); limit > 0 {
		if last := time.Now().Add(limit); t.IsZero() || t.After(last) {
			t = last
		}
	}
	return s.Conn.SetDeadline(t)
}

// dial connects, secures and logs in. Whatever goes wrong here is no fault of a mail.
// When ctx ends the socket is closed, which ends whatever is being waited for.
func (p *pool) dial(ctx context.Context) (*conn, error) {
	d := net.Dialer{Timeout: p.cfg.DialTimeout}
	raw, err := d.DialContext(ctx, "tcp", p.cfg.Addr)
	if err != nil {
		return nil, dialFault("connecting to relay", err)
	}
	c := &conn{sock: &socket{Conn: raw}, cfg: &p.cfg}
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	if err := c.open(ctx); err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// open does what comes before the first mail.
// The cap is taken off before the login: from then on the library's own timeouts are ours.
func (c *conn) open(ctx context.Context) error {
	c.sock.limit.Store(int64(c.cfg.CommandTimeout))
	_ = c.sock.SetDeadline(time.Time{})
	if err := c.secure(ctx); err != nil {
		return dialFault("securing connection to relay", err)
	}
	c.CommandTimeout = c.cfg.CommandTimeout
	c.SubmissionTimeout = c.cfg.SubmissionTimeout
	if err := c.Hello(c.cfg.Hello); err != nil {
		return dialFault("greeting relay", err)
	}
	c.sock.limit.Store(0)
	return c.login(ctx)
}

// secure brings TLS up. STARTTLS is never left out when the relay does not offer it: whoever sits between could take the offer away.
func (c *conn) secure(ctx context.Context) error {
	switch c.cfg.Security {
	case "none":
		c.Client = smtp.NewClient(c.sock)
		return nil
	case "tls":
		conn := tls.Client(c.sock, c.tlsConfig())
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		c.Client = smtp.NewClient(conn)
		return nil
	default:
		client, err := smtp.NewClientStartTLS(c.sock, c.tlsConfig())
		c.Client = client
		return err
	}
}

// tlsConfig names the relay for the certificate's check; a configuration that is given is cloned first.
func (c *conn) tlsConfig() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.cfg.TLSConfig != nil {
		cfg = c.cfg.TLSConfig.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(c.cfg.Addr)
	}
	return cfg
}

// bounceMax is the size of a mail, in bytes, above which its bounce is asked to hold the header alone.
const bounceMax = 1 << 20

// transmit hands one mail over, and says whose copies the relay would not take.
// The recipients are named with UTF8 only where an address needs it. From the final dot on a lost connection means Unknown: the relay
// may have taken the mail (endFault). Where a file breaks off there is no final dot, and the connection is of no use any more.
func (c *conn) transmit(ctx context.Context, m mail) ([]refusal, error) {
	utf8 := slices.ContainsFunc(m.letter.Recipients, func(a compose.Address) bool { return a.UTF8 })
	if ok, _ := c.Extension("SMTPUTF8"); utf8 && !ok {
		return nil, &channels.Error{Op: "submitting mail", Class: channels.Permanent, Code: "5.6.7", Err: compose.ErrUTF8}
	}
	c.sent++
	options := smtp.MailOptions{Size: m.letter.Size(), UTF8: utf8}
	if options.Size > bounceMax {
		options.Return = smtp.DSNReturnHeaders // a bounce is known by its header, and need not bring the files back (RFC 3461 §4.3)
	}
	if err := c.Mail(m.from, &options); err != nil {
		return nil, fault("naming sender to relay", sender, err)
	}
	refused, err := c.name(m)
	if err != nil {
		return nil, err
	}
	w, err := c.Data()
	if err != nil {
		return nil, m.unclear(fault("starting mail data", data, err))
	}
	// The library arms nothing while the data goes out.
	_ = c.sock.SetWriteDeadline(time.Now().Add(c.cfg.SubmissionTimeout))
	if err := m.letter.Write(ctx, w); err != nil {
		if e, ok := errors.AsType[*channels.Error](err); ok {
			return nil, e
		}
		return nil, fault("sending mail data", data, err)
	}
	if _, err := w.CloseWithResponse(); err != nil {
		return nil, m.unclear(c.endFault(err))
	}
	return refused, nil
}

// notify asks for no notices where nobody could get them, and for bounces only elsewhere
// (RFC 3461 §4.1). The library says it only to a relay that offers DSN.
func notify(from string) []smtp.DSNNotify {
	if from == "" {
		return []smtp.DSNNotify{smtp.DSNNotifyNever}
	}
	return []smtp.DSNNotify{smtp.DSNNotifyFailure}
}

// usable reports whether another mail may go over this connection after that outcome.
// After a refusal RSET brings the relay back to the beginning; after 421 or a lost connection there is nothing to bring back.
func (c *conn) usable(err error) bool {
	var reply reply
	switch {
	case err == nil, errors.Is(err, compose.ErrUTF8):
		return true
	case errors.As(err, &reply) && reply.code != 421:
		return c.Reset() == nil
	default:
		return false
	}
}

// quit ends the connection politely and fast.
// Two seconds are for a goodbye that nobody needs.
func (c *conn) quit() {
	c.CommandTimeout = 2 * time.Second
	if err := c.Client.Quit(); err != nil {
		c.kill()
	}
}

// kill ends it at once. It may be called from anywhere, at any time.
func (c *conn) kill() { _ = c.sock.Close() }

// describe says what was agreed with the relay.
func (c *conn) describe() string {
	words := []string{c.cfg.Addr}
	if state, ok := c.TLSConnectionState(); ok {
		words = append(words, tls.VersionName(state.Version))
	} else {
		words = append(words, "no TLS")
	}
	if c.auth != "" {
		words = append(words, "logged in by "+c.auth)
	}
	if size, ok := c.MaxMessageSize(); ok && size > 0 {
		words = append(words, fmt.Sprintf("mails up to %d MiB", size>>20))
	}
	return strings.Join(words, ", ")
}
