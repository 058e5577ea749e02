package email

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
)

// smtpTestDigest is a keyed digest as the installation makes one.
func smtpTestDigest(parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte("test key"))
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

var smtpTestNow = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)

// smtpTestInboxes is the address book of the tests.
func smtpTestInboxes(addr string) (string, bool) {
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

// smtpRig is a listener that serves, and what it accepted.
type smtpRig struct {
	t    testing.TB
	addr string
	door *SMTPListener
	stop func() error // ends Serve and returns its error

	mu    sync.Mutex
	calls [][]channels.Delivery
	fail  func(call int) error // error of the nth accept call, from 0
	gate  chan struct{}        // when set, accept waits for it
	in    chan struct{}        // told when accept is entered
}

// smtpTestConfig listens on a free port with the clock at smtpTestNow.
func smtpTestConfig() SMTPConfig {
	return SMTPConfig{
		Addr:       "127.0.0.1:0",
		Domain:     "desk.example",
		Recipients: smtpTestInboxes,
		Digest:     smtpTestDigest,
		Now:        func() time.Time { return smtpTestNow },
	}
}

func startSMTP(t testing.TB, change func(*SMTPConfig)) *smtpRig {
	t.Helper()
	r := &smtpRig{t: t, in: make(chan struct{}, 1024)}
	cfg := smtpTestConfig()
	if change != nil {
		change(&cfg)
	}
	l, err := NewSMTPListener(cfg)
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

func (r *smtpRig) accept(ctx context.Context, ds ...channels.Delivery) ([]channels.Recorded, error) {
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
func (r *smtpRig) accepted() [][]channels.Delivery {
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

func (r *smtpRig) seen() [][]channels.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([][]channels.Delivery(nil), r.calls...)
}

// smtpTalk is a scripted client that says exactly what it is told to.
type smtpTalk struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dialSMTP(t testing.TB, addr string) *smtpTalk {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return newSMTPTalk(t, c)
}

func newSMTPTalk(t testing.TB, c net.Conn) *smtpTalk {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return &smtpTalk{t: t, Conn: c, r: bufio.NewReader(c)}
}

// reply reads one whole answer.
func (c *smtpTalk) reply() string {
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
func (c *smtpTalk) want(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("answer = %q, want it to start with %q", got, prefix)
	}
	return got
}

func (c *smtpTalk) say(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, s); err != nil {
		c.t.Fatalf("writing to server: %v", err)
	}
}

// do says a command and wants an answer.
func (c *smtpTalk) do(command, prefix string) string {
	c.t.Helper()
	c.say(command + "\r\n")
	return c.want(prefix)
}

// greet goes as far as EHLO.
func (c *smtpTalk) greet() *smtpTalk {
	c.t.Helper()
	c.want("220 desk.example")
	c.do("EHLO client.example", "250")
	return c
}

// envelope goes as far as the last RCPT.
func (c *smtpTalk) envelope(from string, to ...string) *smtpTalk {
	c.t.Helper()
	c.do("MAIL FROM:<"+from+">", "250")
	for _, a := range to {
		c.do("RCPT TO:<"+a+">", "250")
	}
	return c
}

// smtpPipes is a listener whose connections are within the process, so that a test may have a clock of its own
// (testing/synctest).
type smtpPipes struct {
	calls chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func newSMTPPipes() *smtpPipes {
	return &smtpPipes{calls: make(chan net.Conn), over: make(chan struct{})}
}

func (l *smtpPipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.over:
		return nil, net.ErrClosed
	}
}

func (l *smtpPipes) Close() error {
	l.once.Do(func() { close(l.over) })
	return nil
}

func (*smtpPipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial is dialSMTP for pipes.
func (l *smtpPipes) dial(t testing.TB) *smtpTalk {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close() })
	select {
	case l.calls <- theirs:
	case <-l.over:
		t.Fatal("the listener is closed")
	}
	return newSMTPTalk(t, ours)
}

// smtpFarListener shows its connections as coming from another address.
type smtpFarListener struct {
	net.Listener
	remote func() netip.AddrPort
}

type smtpFarConn struct {
	net.Conn
	remote net.Addr
}

func (l smtpFarListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return smtpFarConn{Conn: c, remote: net.TCPAddrFromAddrPort(l.remote())}, nil
}

func (c smtpFarConn) RemoteAddr() net.Addr { return c.remote }

// smtpFromFar makes the listener see every client at that address.
func smtpFromFar(t testing.TB, cfg *SMTPConfig, addr string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	remote := netip.AddrPortFrom(netip.MustParseAddr(addr), 40000)
	cfg.Listener = smtpFarListener{Listener: inner, remote: func() netip.AddrPort { return remote }}
}

// smtpTestCA makes a certificate for localhost and the pool that trusts it.
func smtpTestCA(t testing.TB) (server *tls.Config, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test CA"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		DNSNames:              []string{"localhost", "relay.example"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

// startTLS upgrades a talk that has not said EHLO yet.
func (c *smtpTalk) startTLS(cfg *tls.Config) *smtpTalk {
	c.t.Helper()
	c.want("220")
	c.do("EHLO client.example", "250")
	c.do("STARTTLS", "220")
	tc := tls.Client(c.Conn, cfg)
	if err := tc.Handshake(); err != nil {
		c.t.Fatalf("handshake: %v", err)
	}
	up := newSMTPTalk(c.t, tc)
	up.do("EHLO client.example", "250")
	return up
}

// smtpTestMail is a mail of about n bytes.
func smtpTestMail(n int) string {
	head := "From: Li Na <lina@customer.example>\r\nTo: support@desk.example\r\nSubject: refund\r\nMessage-ID: <1@customer.example>\r\n\r\n"
	line := strings.Repeat("payment ", 9) + "\r\n"
	return head + strings.Repeat(line, max(0, n-len(head))/len(line)+1)
}

// smtpChunk is one chunk with its command.
func smtpChunk(chunk string, last bool) string {
	tail := ""
	if last {
		tail = " LAST"
	}
	return fmt.Sprintf("BDAT %d%s\r\n%s", len(chunk), tail, chunk)
}
