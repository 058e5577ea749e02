package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/limits"
	"frontdesk/channels/meta"
)

const (
	firstBuffer = 16 << 10 // of any message
	step        = 64 << 10 // progress that renews the read deadline
	// stepTime is how long a step may take: 64 KiB in two minutes are 4 kbit/s.
	stepTime  = 2 * time.Minute
	strangers = 20 // unknown recipients after which a session is ended
	// probe is how long it is listened whether the peer is still there.
	probe = 20 * time.Millisecond
)

// session is the state between EHLO and QUIT. With BDAT the library runs Data beside the
// commands, hence the lock.
type session struct {
	// mu guards the rest: env is the message under way, strangers counts unknown recipients of the whole session.
	l    *Listener
	conn *smtp.Conn
	sock *conn

	mu        sync.Mutex
	env       envelope
	strangers int
}

// envelope is what MAIL and RCPT said.
type envelope struct {
	// from is empty for the null sender; rcpts are those that an inbox was found for.
	from  string
	size  int64 // declared, not to be trusted
	rcpts []recipient
}

// recipient is an address as it came, with the inbox that takes its mail.
type recipient struct{ addr, inbox string }

// newSession begins a session for the library, unless its connection is about to end.
func (l *Listener) newSession(c *smtp.Conn) (smtp.Session, error) {
	sock := socket(c.Conn())
	if sock == nil || sock.isEnding() {
		return nil, closing()
	}
	return &session{l: l, conn: c, sock: sock}, nil
}

// socket finds our connection below TLS.
// It is nil for a connection that did not come through the door.
func socket(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	sock, _ := c.(*conn)
	return sock
}

// Reset forgets the message under way.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.env = envelope{}
}

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Mail starts a message.
// The order is from cheap to dear, and a message that could never be held is refused before its bytes travel.
func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	switch {
	case s.sock.isEnding():
		return closing()
	case unclean(from):
		return says(501, 5, 1, 7, "Bad sender address syntax")
	case !s.l.door.limits.allow(s.sock.remote, s.l.cfg.Now()):
		return says(451, 4, 7, 1, "Too many messages, slow down")
	case opts.Size > 0 && !s.l.cfg.Budget.Fits(min(opts.Size, s.l.cfg.MaxBytes)):
		return readError(errBudget)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.env = envelope{from: from, size: opts.Size}
	return nil
}

// Rcpt adds a recipient if one of our inboxes has that address.
// Whoever tries names gets the session's end: addresses cannot be listed that way at any speed.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if unclean(to) {
		return says(501, 5, 1, 3, "Bad recipient address syntax")
	}
	inbox, ok := inbox(s.l.cfg.Recipients, to)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		s.env.rcpts = append(s.env.rcpts, recipient{addr: to, inbox: inbox})
		return nil
	}
	if s.strangers++; s.strangers > strangers {
		s.sock.end()
		return says(421, 4, 7, 0, "Too many unknown recipients")
	}
	return says(550, 5, 1, 1, "No such mailbox here")
}

// Data receives one message and returns only when it is committed or refused. In LMTP the library
// repeats the outcome for each recipient: all inboxes are committed together or not at all.
func (s *session) Data(r io.Reader) error {
	if !s.sock.begin() {
		return closing()
	}
	defer s.sock.finish()
	s.mu.Lock()
	env := s.env
	s.mu.Unlock()

	buf := buffer{l: s.l, sock: s.sock, hold: s.l.cfg.Budget.Hold()}
	defer buf.release()
	data := linesOf(r)
	raw, err := buf.read(data, env.size)
	tooLarge := errors.Is(err, smtp.ErrDataTooLarge)
	if tooLarge {
		s.skipRest(r)
	}
	if err != nil {
		s.sock.drain()
		if tooLarge && data != r {
			_, _ = io.Copy(io.Discard, data) // the answer comes behind the end, which the library may overlook
		}
		return readError(err)
	}
	s.sock.receiving(time.Time{})
	buf.hold.Whole()
	if s.cutShort(r) {
		return says(451, 4, 4, 2, "Connection lost within the message")
	}
	ds := s.deliveries(env, raw)
	s.check(s.l.ctx, env, raw, ds)
	if _, err = s.l.accept(s.l.ctx, ds...); err != nil {
		return refusal(err)
	}
	return nil
}

// skipRest makes the rest of the data cheap to throw away, where it can be seen: not in chunks, whose
// end is counted, and not under TLS.
func (s *session) skipRest(r io.Reader) {
	_, chunked := r.(*io.PipeReader)
	_, secure := s.conn.TLSConnectionState()
	s.sock.skips = !chunked && !secure
}

// cutShort reports whether the peer went away inside its last chunk. The library takes a chunk
// that ends with the connection for a whole one (DATA is safe: it needs its final dot). Under TLS
// a polite close hides the end of the socket, so there it is looked for.
func (s *session) cutShort(r io.Reader) bool {
	if _, chunked := r.(*io.PipeReader); !chunked {
		return false
	}
	if _, secure := s.conn.TLSConnectionState(); secure {
		return s.sock.probe(probe)
	}
	return s.sock.gone.Load()
}

// deliveries makes one delivery for each inbox, in the order in which the recipients came. They
// share the raw bytes.
func (s *session) deliveries(env envelope, raw []byte) []channels.Delivery {
	now := s.l.cfg.Now()
	var ds []channels.Delivery
	byInbox := make(map[string][]string, 1)
	for _, r := range env.rcpts {
		addrs, seen := byInbox[r.inbox]
		if !slices.Contains(addrs, r.addr) {
			byInbox[r.inbox] = append(addrs, r.addr)
		}
		if !seen {
			ds = append(ds, channels.Delivery{Inbox: r.inbox, Channel: "email", At: now, Raw: raw})
		}
	}
	for i := range ds {
		addrs := byInbox[ds[i].Inbox]
		ds[i].Key = key(s.l.cfg.Digest, env.from, addrs, raw)
		ds[i].Meta = s.facts(env.from, addrs)
	}
	return ds
}

// key is the same for a message that the sender hands over again because our 250 got lost,
// whatever the order of its recipients.
func key(digest channels.Digest, from string, addrs []string, raw []byte) string {
	sorted := make([]string, len(addrs))
	for i, a := range addrs {
		sorted[i] = strings.ToLower(a)
	}
	slices.Sort(sorted)
	return "smtp:" + digest([]byte(from), []byte(strings.Join(sorted, "\n")), raw)
}

// facts are what of the envelope is not in the message (channels/meta), cleaned for storage.
func (s *session) facts(from string, addrs []string) map[string]string {
	m := map[string]string{
		meta.MailFrom:   text(from),
		meta.Recipients: text(strings.Join(addrs, "\n")),
		meta.Helo:       text(s.conn.Hostname()),
	}
	if s.sock.remote.IsValid() {
		m[meta.Remote] = s.sock.remote.String()
	}
	if state, ok := s.conn.TLSConnectionState(); ok {
		m[meta.TLS] = tls.VersionName(state.Version)
	}
	return m
}

// check adds the verdicts. LMTP peers are our own mail server, which has checked already and
// whose address says nothing about the sender.
func (s *session) check(ctx context.Context, env envelope, raw []byte, ds []channels.Delivery) {
	if s.l.cfg.Verdicts == nil || s.l.cfg.LMTP || !s.sock.remote.IsValid() {
		return
	}
	j := s.l.cfg.Verdicts.Judge(ctx, verdict.Sender{Remote: s.sock.remote, Helo: s.conn.Hostname(), MailFrom: env.from, Raw: raw})
	for _, d := range ds {
		j.Note(d.Meta)
	}
}

// buffer collects one message within the budget, of which it takes what its bytes need as they come: who
// announces much and sends little keeps nothing from others.
type buffer struct {
	l      *Listener
	sock   *conn
	hold   *limits.Hold
	took   int64    // capacity of all pieces
	shared int64    // of its remote's share
	full   [][]byte // pieces that came before the one that is being filled
	size   int      // of these
}

// piece is the size up to which the buffer doubles. A larger message lies in pieces until its end
// has come, so that what grows beyond the limit was never copied.
const piece = 4 << 20

// errBudget asks the sender to come back: memory is short, and his message is not at fault.
var errBudget = errors.New("too many messages under way")

// read collects the message to its end. Memory is taken as bytes come (grow), the deadline moves with each step of progress, and end bounds
// it all. On an error the pieces are dropped at once.
func (b *buffer) read(r io.Reader, hint int64) ([]byte, error) {
	if hint > 0 && !b.l.cfg.Budget.Fits(min(hint, b.l.cfg.MaxBytes)) {
		return nil, errBudget
	}
	end := time.Now().Add(b.l.cfg.TransferTimeout)
	b.sock.receiving(end)
	b.hold.Yields(b.sock)
	buf, err := b.grow(nil, firstBuffer)
	armed := -step
	for err == nil {
		if len(buf) == cap(buf) {
			if buf, err = b.next(buf); err != nil {
				break
			}
		}
		if b.size+len(buf)-armed >= step {
			armed = b.size + len(buf)
			b.sock.progress(armed)
			b.arm(end)
		}
		var n int
		n, err = r.Read(buf[len(buf):min(cap(buf), len(buf)+step)])
		buf = buf[:len(buf)+n]
		if int64(b.size+len(buf)) > b.l.cfg.MaxBytes {
			err = smtp.ErrDataTooLarge
		}
		if err == nil && time.Now().After(end) {
			err = context.DeadlineExceeded
		}
	}
	if errors.Is(err, io.EOF) {
		return b.whole(buf), nil
	}
	b.full = nil
	if errors.Is(err, smtp.ErrDataTooLarge) {
		_ = b.sock.SetReadDeadline(end) // the rest is read and thrown away before the answer
	}
	return nil, err
}

// arm gives the next step its time. The library arms none while a message comes in.
func (b *buffer) arm(end time.Time) {
	t := time.Now().Add(min(b.l.cfg.ReadTimeout, stepTime))
	if t.After(end) {
		t = end
	}
	_ = b.sock.SetReadDeadline(t)
}

// next makes room behind a full buffer.
func (b *buffer) next(buf []byte) ([]byte, error) {
	if cap(buf) < piece {
		return b.grow(buf, int64(2*cap(buf)))
	}
	b.full = append(b.full, buf)
	b.size += len(buf)
	return b.grow(nil, min(piece, b.l.cfg.MaxBytes+512-int64(b.size)))
}

// whole joins the pieces.
func (b *buffer) whole(last []byte) []byte {
	if len(b.full) == 0 {
		return last
	}
	all := make([]byte, 0, b.size+len(last))
	for i, piece := range b.full {
		all = append(all, piece...)
		b.full[i] = nil
	}
	return append(all, last...)
}

// grow makes a buffer of that size with what is in buf, and takes the difference from the remote's share and from the budget, in that order.
func (b *buffer) grow(buf []byte, size int64) ([]byte, error) {
	size = max(size, firstBuffer)
	size = min(size, max(b.l.cfg.MaxBytes+512, firstBuffer))
	more := size - int64(cap(buf))
	if !b.hold.Share(b.l.cfg.Shares, b.sock.Who(), more) {
		return nil, errBudget
	}
	b.shared += more
	if !b.hold.Press(b.took + more) {
		return nil, errBudget
	}
	b.took += more
	return append(make([]byte, 0, size), buf...), nil
}

// release gives back all that the message has taken.
func (b *buffer) release() {
	b.hold.Release()
	b.l.cfg.Shares.Give(b.sock.Who(), b.shared)
	b.shared = 0
}
