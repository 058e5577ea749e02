package relay

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

// relay is a relay on the wire that misbehaves as it is told.
type relay struct {
	t    testing.TB
	addr string
	tls  *tls.Config

	mu       sync.Mutex
	plan     plan
	conns    int
	open     map[net.Conn]struct{}
	mails    []got
	commands []string
	ended    chan struct{} // told when a connection ends
}

// plan is how the relay behaves on the connections that begin from now on.
type plan struct {
	implicitTLS bool
	extensions  []string          // beside what TLS and auth add
	mechanisms  string            // of AUTH
	secret      string            // what AUTH must bring, decoded; several steps joined by |
	answers     map[string]string // verb, or GREETING, BODY for after the dot: the answer in place of success
	refuses     map[string]string // address: the answer to its RCPT
	drop        string            // verb at which the connection is cut without an answer; INBODY, DOT
	silent      string            // verb that gets no answer; GREETING
	mailsMax    int               // after which the relay hangs up, telling nobody
	then        *plan             // how it behaves after one mail or connection; nil: as before
}

// got is one mail that the relay took.
type got struct {
	Mail, Rcpt string   // Rcpt is the first one that was taken
	Copies     []string // the others
	Raw        string
}

func startRelay(t testing.TB, plan plan) *relay {
	t.Helper()
	server, _ := emailtest.CA(t)
	return startRelayTLS(t, plan, server)
}

func startRelayTLS(t testing.TB, plan plan, server *tls.Config) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{t: t, addr: l.Addr().String(), tls: server, plan: plan,
		open: map[net.Conn]struct{}{}, ended: make(chan struct{}, 1000)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { r.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		r.restart()
		wg.Wait()
	})
	return r
}

// restart cuts every connection.
func (r *relay) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		_ = c.Close()
	}
}

func (r *relay) become(plan plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan = plan
}

func (r *relay) got() (mails []got, conns int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got(nil), r.mails...), r.conns
}

func (r *relay) said(command string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.commands {
		if c == command {
			return true
		}
	}
	return false
}

// began reports whether a command with this beginning came.
func (r *relay) began(command string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.commands, func(c string) bool { return strings.HasPrefix(c, command) })
}

// relaySession is one connection to the relay.
type relaySession struct {
	r    *relay
	plan plan
	conn net.Conn
	text *textproto.Conn
	mail got
	said int // MAIL commands
	done int
}

func (r *relay) serve(c net.Conn) {
	r.mu.Lock()
	r.conns++
	r.open[c] = struct{}{}
	s := &relaySession{r: r, plan: r.plan, conn: c}
	if r.plan.then != nil {
		r.plan = *r.plan.then
	}
	r.mu.Unlock()
	defer func() {
		_ = c.Close()
		r.mu.Lock()
		delete(r.open, c)
		r.mu.Unlock()
		r.ended <- struct{}{}
	}()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if s.plan.implicitTLS {
		s.conn = tls.Server(c, r.tls)
	}
	s.text = textproto.NewConn(s.conn)
	if !s.answer("GREETING", "220 relay.example ESMTP") {
		return
	}
	for s.command() {
	}
}

// answer gives the planned answer for that verb; false ends the connection.
func (s *relaySession) answer(verb, success string) bool {
	if s.plan.silent == verb {
		_, _ = io.Copy(io.Discard, s.conn)
		return false
	}
	if s.plan.drop == verb {
		return false
	}
	if a := s.plan.answers[verb]; a != "" {
		success = a
	}
	return s.text.PrintfLine("%s", success) == nil && !strings.HasPrefix(success, "421")
}

func (s *relaySession) command() bool {
	line, err := s.text.ReadLine()
	if err != nil {
		return false
	}
	s.r.mu.Lock()
	s.r.commands = append(s.r.commands, line)
	s.r.mu.Unlock()
	verb, arg, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO":
		return s.answer(verb, s.hello())
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		return s.auth(arg)
	case "MAIL":
		if s.said++; s.said > 1 && s.plan.then != nil {
			s.plan = *s.plan.then
		}
		s.mail = got{Mail: arg}
		return s.answer(verb, "250 2.1.0 Ok")
	case "RCPT":
		return s.rcpt(arg)
	case "DATA":
		return s.data()
	case "QUIT":
		s.answer(verb, "221 2.0.0 Bye")
		return false
	default:
		return s.answer(verb, "250 2.0.0 Ok")
	}
}

func (s *relaySession) rcpt(arg string) bool {
	to, _, _ := strings.Cut(strings.TrimPrefix(arg, "TO:<"), ">")
	switch refusal := s.plan.refuses[to]; {
	case refusal != "":
		return s.text.PrintfLine("%s", refusal) == nil && !strings.HasPrefix(refusal, "421")
	case s.mail.Rcpt == "":
		s.mail.Rcpt = arg
	default:
		s.mail.Copies = append(s.mail.Copies, arg)
	}
	return s.answer("RCPT", "250 2.1.5 Ok")
}

func (s *relaySession) hello() string {
	ext := append([]string{"relay.example", "PIPELINING"}, s.plan.extensions...)
	if _, secure := s.conn.(*tls.Conn); !secure && s.r.tls != nil {
		ext = append(ext, "STARTTLS")
	}
	if s.plan.mechanisms != "" {
		ext = append(ext, "AUTH "+s.plan.mechanisms)
	}
	return "250-" + strings.Join(ext[:len(ext)-1], "\r\n250-") + "\r\n250 " + ext[len(ext)-1]
}

func (s *relaySession) startTLS() bool {
	if !s.answer("STARTTLS", "220 2.0.0 Go") {
		return false
	}
	s.conn = tls.Server(s.conn, s.r.tls)
	s.text = textproto.NewConn(s.conn)
	return true
}

// auth takes the initial response, then asks on until everything expected was said.
func (s *relaySession) auth(arg string) bool {
	mech, initial, _ := strings.Cut(arg, " ")
	got := relayDecode(initial)
	if mech == "LOGIN" {
		for _, ask := range []string{"VXNlcm5hbWU6", "UGFzc3dvcmQ6"} {
			_ = s.text.PrintfLine("334 %s", ask)
			line, _ := s.text.ReadLine()
			got += relayDecode(line) + "|"
		}
	}
	if got == s.plan.secret {
		return s.answer("AUTH", "235 2.7.0 Welcome")
	}
	if mech == "XOAUTH2" {
		_ = s.text.PrintfLine("334 eyJzdGF0dXMiOiI0MDEifQ==")
		_, _ = s.text.ReadLine()
	}
	return s.text.PrintfLine("535 5.7.8 wrong password for someone@desk.example") == nil
}

func relayDecode(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return string(b)
}

func (s *relaySession) data() bool {
	if !s.answer("DATA", "354 Go on") {
		return false
	}
	if a := s.plan.answers["DATA"]; a != "" {
		return true
	}
	if s.plan.drop == "INBODY" {
		_, _ = bufio.NewReader(s.conn).ReadByte()
		return false
	}
	raw, err := io.ReadAll(s.text.DotReader())
	if err != nil || s.plan.drop == "DOT" {
		return false
	}
	if !strings.HasPrefix(s.plan.answers["BODY"], "4") && !strings.HasPrefix(s.plan.answers["BODY"], "5") {
		s.mail.Raw = string(raw)
		s.r.mu.Lock()
		s.r.mails = append(s.r.mails, s.mail)
		s.r.mu.Unlock()
	}
	s.done++
	ok := s.answer("BODY", "250 2.0.0 Ok: queued as 1")
	return ok && (s.plan.mailsMax == 0 || s.done < s.plan.mailsMax)
}

// testConfig sends through that relay without TLS.
func testConfig(r *relay) Config {
	return Config{
		Addr:     r.addr,
		Security: "none",
		From:     message.Address{Kind: message.Email, Value: "support@desk.example", Name: "ACME 客服"},
		Now:      func() time.Time { return emailtest.Now },
	}
}

func newTestter(t testing.TB, cfg Config) *Submitter {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
