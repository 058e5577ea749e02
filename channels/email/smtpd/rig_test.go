package smtpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// testInboxes is the address book of the tests.
func testInboxes(addr string) (string, bool) {
	inbox, ok := map[string]string{
		"support@desk.example":       "support-mail",
		"help@desk.example":          "support-mail",
		"billing@desk.example":       "billing-mail",
		"bounce@desk.example":        "support-mail",
		"vip+gold@desk.example":      "vip-mail",
		"support@xn--fiqs8s.example": "china-mail",
	}[addr]
	return inbox, ok
}

// rig is a listener that serves, and what it accepted.
type rig struct {
	t    testing.TB
	addr string
	door *Listener
	stop func() error // ends Serve and returns its error

	mu    sync.Mutex
	calls [][]channels.Delivery
	fail  func(call int) error // error of the nth accept call, from 0
	gate  chan struct{}        // when set, accept waits for it
	in    chan struct{}        // told when accept is entered
}

// testConfig listens on a free port with the clock at emailtest.Now.
func testConfig() Config {
	return Config{
		Addr:       "127.0.0.1:0",
		Domain:     "desk.example",
		Recipients: testInboxes,
		Digest:     emailtest.Digest,
		Now:        func() time.Time { return emailtest.Now },
	}
}

func start(t testing.TB, change func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, in: make(chan struct{}, 1024)}
	cfg := testConfig()
	if change != nil {
		change(&cfg)
	}
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.addr, r.door = l.Addr().String(), l
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, r.accept) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = r.stop() })
	return r
}

func (r *rig) accept(ctx context.Context, ds ...channels.Delivery) ([]channels.Recorded, error) {
	r.mu.Lock()
	n := len(r.calls)
	r.calls = append(r.calls, ds)
	fail, gate := r.fail, r.gate
	r.mu.Unlock()
	select {
	case r.in <- struct{}{}:
	default:
	}
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fail != nil {
		if err := fail(n); err != nil {
			return nil, err
		}
	}
	return make([]channels.Recorded, len(ds)), nil
}

// accepted stops the listener, so that nothing can come any more, and returns what came.
func (r *rig) accepted() [][]channels.Delivery {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatalf("serving: %v", err)
	}
	if n := r.door.cfg.Budget.Held(); n != 0 {
		r.t.Errorf("%d bytes of the memory budget were not given back", n)
	}
	if n := len(r.door.door.conns); n != 0 {
		r.t.Errorf("%d sessions were not counted out", n)
	}
	return r.seen()
}

func (r *rig) seen() [][]channels.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([][]channels.Delivery(nil), r.calls...)
}

// talk is a scripted client that says exactly what it is told to.
type talk struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return newTalk(t, c)
}

func newTalk(t testing.TB, c net.Conn) *talk {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return &talk{t: t, Conn: c, r: bufio.NewReader(c)}
}

// reply reads one whole answer.
func (c *talk) reply() string {
	c.t.Helper()
	var all strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		all.WriteString(line)
		if err != nil {
			return all.String() + "[" + err.Error() + "]"
		}
		if len(line) >= 4 && line[3] == ' ' {
			return all.String()
		}
	}
}

// want reads one answer that must start so.
func (c *talk) want(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("answer = %q, want it to start with %q", got, prefix)
	}
	return got
}

func (c *talk) say(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, s); err != nil {
		c.t.Fatalf("writing to server: %v", err)
	}
}

// do says a command and wants an answer.
func (c *talk) do(command, prefix string) string {
	c.t.Helper()
	c.say(command + "\r\n")
	return c.want(prefix)
}

// greet goes as far as EHLO.
func (c *talk) greet() *talk {
	c.t.Helper()
	c.want("220 desk.example")
	c.do("EHLO client.example", "250")
	return c
}

// envelope goes as far as the last RCPT.
func (c *talk) envelope(from string, to ...string) *talk {
	c.t.Helper()
	c.do("MAIL FROM:<"+from+">", "250")
	for _, a := range to {
		c.do("RCPT TO:<"+a+">", "250")
	}
	return c
}

// pipes is a listener whose connections are within the process, so that a test may have a clock of its own
// (testing/synctest).
type pipes struct {
	calls chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func newPipes() *pipes {
	return &pipes{calls: make(chan net.Conn), over: make(chan struct{})}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.over:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.over) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial is dial for pipes.
func (l *pipes) dial(t testing.TB) *talk {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close() })
	select {
	case l.calls <- theirs:
	case <-l.over:
		t.Fatal("the listener is closed")
	}
	return newTalk(t, ours)
}

// farListener shows its connections as coming from another address.
type farListener struct {
	net.Listener
	remote func() netip.AddrPort
}

type farConn struct {
	net.Conn
	remote net.Addr
}

func (l farListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return farConn{Conn: c, remote: net.TCPAddrFromAddrPort(l.remote())}, nil
}

func (c farConn) RemoteAddr() net.Addr { return c.remote }

// fromFar makes the listener see every client at that address.
func fromFar(t testing.TB, cfg *Config, addr string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	remote := netip.AddrPortFrom(netip.MustParseAddr(addr), 40000)
	cfg.Listener = farListener{Listener: inner, remote: func() netip.AddrPort { return remote }}
}

// startTLS upgrades a talk that has not said EHLO yet.
func (c *talk) startTLS(cfg *tls.Config) *talk {
	c.t.Helper()
	c.want("220")
	c.do("EHLO client.example", "250")
	c.do("STARTTLS", "220")
	tc := tls.Client(c.Conn, cfg)
	if err := tc.Handshake(); err != nil {
		c.t.Fatalf("handshake: %v", err)
	}
	up := newTalk(c.t, tc)
	up.do("EHLO client.example", "250")
	return up
}

// testMail is a mail of about n bytes.
func testMail(n int) string {
	head := "From: Li Na <lina@customer.example>\r\nTo: support@desk.example\r\nSubject: refund\r\nMessage-ID: <1@customer.example>\r\n\r\n"
	line := strings.Repeat("payment ", 9) + "\r\n"
	return head + strings.Repeat(line, max(0, n-len(head))/len(line)+1)
}

// chunk is one chunk with its command.
func chunk(chunk string, last bool) string {
	tail := ""
	if last {
		tail = " LAST"
	}
	return fmt.Sprintf("BDAT %d%s\r\n%s", len(chunk), tail, chunk)
}
