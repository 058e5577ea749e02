package imap

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a small IMAP server on a real socket that can be told to misbehave. It knows what our
// fetcher says and no more.
type fake struct {
	t    testing.TB
	addr string
	tls  *tls.Config // for STARTTLS

	mu       sync.Mutex
	greeting string
	caps     string
	login    string // answer to LOGIN after the tag
	validity uint32
	uidNext  string // empty: computed; "-": not told
	mails    []fakeMail
	hook     func(c *fakeConn, tag, line string) bool // true: the line is dealt with
	lines    []string
	conns    []*fakeConn
}

type fakeMail struct {
	uid     int
	raw     string
	size    int // 0: the truth
	date    string
	deleted bool
}

type fakeConn struct {
	s    *fake
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex
}

const fakeDate = `"17-Jul-2025 02:44:25 +0000"`

func newFake(t testing.TB) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fake{t: t, addr: l.Addr().String(), caps: "IMAP4rev1 IDLE ID UIDPLUS MOVE AUTH=PLAIN SASL-IR", validity: 42, greeting: "* OK ready"}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c := &fakeConn{s: s, conn: conn, in: bufio.NewReader(conn)}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			wg.Go(c.serve)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.hangUp()
		wg.Wait()
	})
	return s
}

// hangUp closes every connection.
func (s *fake) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.conn.Close()
	}
}

func (s *fake) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// put adds a mail and tells the clients that idle.
func (s *fake) put(raw string) {
	s.mu.Lock()
	uid := 1
	if n := len(s.mails); n > 0 {
		uid = s.mails[n-1].uid + 1
	}
	s.mails = append(s.mails, fakeMail{uid: uid, raw: raw})
	n, conns := len(s.mails), slices.Clone(s.conns)
	s.mu.Unlock()
	for _, c := range conns {
		c.say("* %d EXISTS", n)
	}
}

// fill adds n mails.
func (s *fake) fill(n int) {
	for i := range n {
		s.put(fmt.Sprintf("Subject: %d\r\n\r\nbody %d\r\n", i+1, i+1))
	}
}

func (s *fake) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// said lists the commands that began so, without tags.
func (s *fake) said(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, l := range s.lines {
		if strings.HasPrefix(l, prefix) {
			out = append(out, l)
		}
	}
	return out
}

// config is that of a fetcher on this server. What a test changed in the server before is seen by the
// server's goroutines; later changes need set.
func (s *fake) config() Config {
	s.set(func() {})
	c := testConfig(s.addr, "support", "test-password")
	c.CommandTimeout, c.ConnectTimeout = 400*time.Millisecond, 400*time.Millisecond
	c.Since = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	return c
}

func (c *fakeConn) say(format string, args ...any) {
	c.raw(fmt.Sprintf(format, args...) + "\r\n")
}

func (c *fakeConn) raw(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.conn, text)
}

func (c *fakeConn) serve() {
	defer c.conn.Close()
	var greeting string
	c.s.set(func() { greeting = c.s.greeting })
	if greeting != "" {
		c.say("%s", greeting)
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		tag, rest, _ := strings.Cut(line, " ")
		var hook func(*fakeConn, string, string) bool
		c.s.set(func() {
			c.s.lines = append(c.s.lines, rest)
			hook = c.s.hook
		})
		if hook != nil && hook(c, tag, rest) {
			continue
		}
		c.answer(tag, rest)
	}
}

func (c *fakeConn) answer(tag, line string) {
	verb, rest, _ := strings.Cut(line, " ")
	if verb == "UID" {
		verb, rest, _ = strings.Cut(rest, " ")
	}
	switch strings.ToUpper(verb) {
	case "CAPABILITY":
		c.say("* CAPABILITY %s", c.s.caps)
	case "LOGIN":
		var login string
		c.s.set(func() { login = c.s.login })
		if login != "" {
			c.say("%s %s", tag, login)
			return
		}
	case "STARTTLS":
		c.say("%s OK begin", tag)
		secure := tls.Server(c.conn, c.s.tls)
		c.conn, c.in = secure, bufio.NewReader(secure)
		return
	case "EXAMINE", "SELECT":
		c.examine()
	case "SEARCH":
		c.search(rest)
	case "FETCH":
		c.fetch(rest)
	case "IDLE":
		c.say("+ idling")
		if l, _ := c.in.ReadString('\n'); strings.TrimSpace(l) != "DONE" {
			return
		}
	}
	c.say("%s OK done", tag)
}

func (c *fakeConn) examine() {
	c.s.mu.Lock()
	validity, next, n, told := c.s.validity, 1, len(c.s.mails), c.s.uidNext
	if n > 0 {
		next = c.s.mails[n-1].uid + 1
	}
	c.s.mu.Unlock()
	c.say("* %d EXISTS", n)
	if validity != 0 {
		c.say("* OK [UIDVALIDITY %d] valid", validity)
	}
	if told != "-" {
		if told == "" {
			told = strconv.Itoa(next)
		}
		c.say("* OK [UIDNEXT %s] next", told)
	}
}

// search knows UID sets only; like a real server it takes n:* to hold the last mail.
func (c *fakeConn) search(query string) {
	set, _, _ := strings.Cut(strings.TrimPrefix(query, "UID "), " ")
	var out []string
	for _, m := range c.s.in(set) {
		if !m.deleted {
			out = append(out, strconv.Itoa(m.uid))
		}
	}
	c.say("%s", strings.TrimSpace("* SEARCH "+strings.Join(out, " ")))
}

func (s *fake) in(set string) []fakeMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := 0
	if n := len(s.mails); n > 0 {
		last = s.mails[n-1].uid
	}
	want := map[int]bool{}
	for part := range strings.SplitSeq(set, ",") {
		a, b, ranged := strings.Cut(part, ":")
		from, to := fakeNumber(a, last), fakeNumber(b, last)
		if !ranged {
			to = from
		}
		for n := min(from, to); n <= max(from, to) && n <= max(last, from); n++ {
			want[n] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(s.mails), func(m fakeMail) bool { return !want[m.uid] })
}

func fakeNumber(s string, last int) int {
	if s == "*" {
		return last
	}
	n, _ := strconv.Atoi(s)
	return n
}

func (c *fakeConn) fetch(rest string) {
	set, items, _ := strings.Cut(rest, " ")
	for _, m := range c.s.in(set) {
		c.say("%s", m.line(items))
	}
}

// line is the FETCH answer for one mail.
func (m fakeMail) line(items string) string {
	if strings.Contains(items, "BODY") {
		raw, section := m.raw, "BODY[]"
		if strings.Contains(items, "HEADER") {
			raw, _, _ = strings.Cut(raw, "\r\n\r\n")
			section = "BODY[HEADER]"
		}
		if strings.Contains(items, "<0.") {
			section += "<0>"
			raw = raw[:min(len(raw), head)]
		}
		return fmt.Sprintf("* %d FETCH (UID %d %s {%d}\r\n%s)", m.uid, m.uid, section, len(raw), raw)
	}
	size, date := m.size, m.date
	if size == 0 {
		size = len(m.raw)
	}
	if date == "" {
		date = fakeDate
	}
	return fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s)", m.uid, m.uid, size, date)
}

// imapBodies reports whether the line asks for bodies, and of which mails.
func (s *fake) bodies(line string) ([]fakeMail, bool) {
	rest, ok := strings.CutPrefix(line, "UID FETCH ")
	if !ok || !strings.Contains(rest, "BODY") {
		return nil, false
	}
	set, _, _ := strings.Cut(rest, " ")
	return s.in(set), true
}

// tlsFront takes TLS connections and passes them on in the clear.
func tlsFront(t testing.TB, cfg *tls.Config, to string) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			wg.Go(func() { defer client.Close(); _, _ = io.Copy(client, server) })
			wg.Go(func() { defer server.Close(); _, _ = io.Copy(server, client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().String()
}
