package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/email"
	"frontdesk/channels/email/imap"
	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/store/view"
)

// mailConfig is a configuration file with those inboxes and relays (YAML list items), read as
// `serve --config` reads it. The file is config.yaml in the data directory.
func mailConfig(t testing.TB, inboxes, relays string) configs.Config {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	text := `desk: {name: Frontdesk, domain: desk.example}
data_dir: ` + dir + `
keys: {master: [{name: first, file: ` + dir + `/keys/master.key}]}
listen: {http: "127.0.0.1:0", ops: "127.0.0.1:0", smtp: "127.0.0.1:0"}
screening: {max_acks_to_strangers_hour: 0, max_acks_to_strangers_day: 0}
inboxes:
` + inboxes
	if relays != "" {
		text += "relays:\n" + relays
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(path, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		t.Fatalf("the test's configuration: %v", err)
	}
	return c
}

// imapInbox is one inbox that is fetched from a server on loopback. more are further lines.
func imapInbox(name, address, server, user string, more ...string) string {
	host, port, _ := net.SplitHostPort(server)
	text := fmt.Sprintf("  - name: %s\n    channel: email\n    address: %s\n    imap: {host: %s, port: %s, tls: none, user: %s, password: test-password%s}\n",
		name, address, host, port, user, strings.Join(append([]string{""}, imapOptions(more)...), ", "))
	for _, line := range more {
		if !strings.HasPrefix(line, "imap ") {
			text += "    " + line + "\n"
		}
	}
	return text
}

// imapOptions are the lines that belong into the imap section.
func imapOptions(more []string) []string {
	var out []string
	for _, line := range more {
		if option, ok := strings.CutPrefix(line, "imap "); ok {
			out = append(out, option)
		}
	}
	return out
}

func doorInbox(name, address string, more ...string) string {
	text := fmt.Sprintf("  - name: %s\n    channel: email\n    address: %s\n    smtp_door: true\n", name, address)
	for _, line := range more {
		text += "    " + line + "\n"
	}
	return text
}

func relayLine(name, addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf("  - {name: %s, host: %s, port: %s, tls: none}\n", name, host, port)
}

// mailOf is what an inbox of mail configures.
func mailOf(in configs.Inbox) *email.Section { return in.Section.(*email.Section) }

// impatient gives the IMAP fetchers time-outs of a second, which have no place in the configuration
// file, and lets them look for mail every 50 ms on servers without IDLE.
func impatient(t testing.TB, timeout time.Duration) func(*service.Options) {
	return func(o *service.Options) {
		o.Connectors = map[string]wiring.Connect{email.Channel: func(w *wiring.Wiring, in configs.Inbox, n wiring.Needs) error {
			before := len(w.Sources)
			if err := wiring.Open(w, in, n); err != nil {
				return err
			}
			m := mailOf(in).IMAP
			for i, src := range w.Sources[before:] {
				idle := time.Duration(0)
				if m.Idle != nil {
					idle = m.Idle.Std()
				}
				f, err := imap.New(imap.Config{Inbox: in.Name, Host: m.Host, Port: m.Port, TLS: imap.Plain, Insecure: true, User: m.User,
					Password: m.Password.Reveal(), Folder: strings.TrimPrefix(src.Stream, "imap:"), MaxSize: int64(m.MaxSize), PostAction: imap.PostNone,
					CommandTimeout: timeout, ConnectTimeout: timeout, Poll: 50 * time.Millisecond, IdleFor: idle, NoIdle: m.Idle != nil && idle == 0})
				if err != nil {
					return err
				}
				w.Sources[before+i].Fetcher = f
			}
			return nil
		}}
	}
}

// connected waits until the inbox has its bookmark, so that what is delivered now is new mail.
func (r *rig) connected(inbox string) {
	r.t.Helper()
	r.eventually(30*time.Second, func() string {
		cursor, err := r.store.Intake.Cursor(r.t.Context(), inbox, "imap:INBOX")
		if err != nil {
			return err.Error()
		}
		if in := r.inbox(inbox); len(cursor) == 0 || in.State != "ok" {
			return fmt.Sprintf("inbox %s is %q (%s), its bookmark %q", inbox, in.State, in.LastError, cursor)
		}
		return ""
	})
}

func (r *rig) inbox(name string) view.Inbox {
	r.t.Helper()
	inboxes, err := r.store.View.Inboxes(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, in := range inboxes {
		if in.Name == name {
			return in
		}
	}
	return view.Inbox{}
}

// becomes waits until the inbox is in that state.
func (r *rig) becomes(within time.Duration, inbox, state string) {
	r.t.Helper()
	r.eventually(within, func() string {
		if in := r.inbox(inbox); in.State != state {
			return fmt.Sprintf("inbox %s is %q (%s), want %q", inbox, in.State, in.LastError, state)
		}
		return ""
	})
}

func (r *rig) story(id int64) view.Story {
	r.t.Helper()
	st, err := r.store.View.Trace(r.t.Context(), id)
	if err != nil {
		r.t.Fatalf("the story of message %d: %v", id, err)
	}
	return st
}

// bySubject finds the one message with that subject.
func (r *rig) bySubject(subject string) view.Message {
	r.t.Helper()
	var found []view.Message
	for _, m := range r.messages() {
		if m.Subject == subject && m.State != "duplicate" {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d messages have the subject %q, want 1", len(found), subject)
	}
	return found[0]
}

// rewrite runs statements on the SQLite file of an installation, beside the service or while it stands
// still: a fault that is put in, or time that passes.
func rewrite(t testing.TB, c configs.Config, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.DataDir, "frontdesk.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// hasten lets the pauses pass after which effects are tried again.
func hasten(t testing.TB, c configs.Config) {
	t.Helper()
	past := strconv.FormatInt(time.Now().Add(-time.Second).UnixMicro(), 10)
	rewrite(t, c, `UPDATE outbox SET next_at = `+past+`, wake_at = `+past+` WHERE state = 'due'`)
}

// arrived is a mail as a delivery agent puts it down: with CRLF and the envelope sender on top.
func arrived(from, raw string) []byte {
	return []byte("Return-Path: <" + from + ">\r\n" + strings.ReplaceAll(raw, "\n", "\r\n"))
}

// letter is a person's mail as it lies in a mailbox.
func letter(from, subject, id, body string, headers ...string) []byte {
	return arrived(from, human(from, subject, id, body, headers...))
}

// mailDesk is a service with one mailbox on a Dovecot of its own, connected.
func mailDesk(t *testing.T, more ...string) (*rig, *dovecot.Server, configs.Config) {
	t.Helper()
	d := dovecot.Start(t)
	c := mailConfig(t, imapInbox("support", "support@desk.example", d.Addr, d.User, more...), "")
	d.DeliverAt(d.User, letter("old@customer.example", "from before", "old@customer.example", "history"), time.Now().Add(-240*time.Hour))
	r := start(t, c)
	r.connected("support")
	return r, d, c
}

// relayed is one mail that a relay has taken.
type relayed struct {
	From, To, ID, Raw string
}

// relayServer is a mail server that takes what we send. It can be stopped and come back at its address.
type relayServer struct {
	t    testing.TB
	addr string

	mu    sync.Mutex
	mails []relayed
	srv   *smtp.Server
	taken func(relayed) // called when a mail is taken, before the 250

	refuse func(verb, arg string) error // asked at MAIL and RCPT; nil takes everything. Set before the first mail
}

func newRelay(t testing.TB) *relayServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &relayServer{t: t, addr: l.Addr().String()}
	x.serve(l)
	t.Cleanup(x.stop)
	return x
}

func (x *relayServer) serve(l net.Listener) {
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &relaySession{relayServer: x}, nil }))
	srv.Domain, srv.AllowInsecureAuth = "relay.example", true
	x.mu.Lock()
	x.srv = srv
	x.mu.Unlock()
	go srv.Serve(l)
}

// stop ends the relay and its connections at once.
func (x *relayServer) stop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.srv != nil {
		x.srv.Close()
	}
	x.srv = nil
}

// back starts the relay again at its old address.
func (x *relayServer) back() {
	x.t.Helper()
	l, err := net.Listen("tcp", x.addr)
	if err != nil {
		x.t.Fatal(err)
	}
	x.serve(l)
}

// when sets what happens as a mail is taken.
func (x *relayServer) when(taken func(relayed)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.taken = taken
}

func (x *relayServer) list() []relayed {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.mails)
}

type relaySession struct {
	*relayServer
	m relayed
}

func (s *relaySession) Reset()        { s.m = relayed{} }
func (s *relaySession) Logout() error { return nil }

func (s *relaySession) Mail(from string, _ *smtp.MailOptions) error {
	s.m.From = from
	return s.word("MAIL", from)
}

func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.m.To = to
	return s.word("RCPT", to)
}

func (s *relaySession) word(verb, arg string) error {
	if s.refuse == nil {
		return nil
	}
	return s.refuse(verb, arg)
}

func (s *relaySession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.m.Raw = string(raw)
	s.m.ID = headerOf(s.m.Raw, "Message-ID")
	s.mu.Lock()
	s.mails = append(s.mails, s.m)
	taken := s.taken
	s.mu.Unlock()
	if taken != nil {
		taken(s.m)
	}
	return nil
}

// headerOf reads an unfolded header field.
func headerOf(raw, name string) string {
	head, _, _ := strings.Cut(strings.ReplaceAll(raw, "\r\n", "\n"), "\n\n")
	for _, line := range strings.Split(strings.NewReplacer("\n ", " ", "\n\t", " ").Replace(head), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// badWire is a connection between the service and a server that can be made to misbehave.
type badWire struct {
	t      testing.TB
	addr   string
	target string

	mu    sync.Mutex
	mode  wireMode
	fatal string            // words of the server on which the connection breaks
	seen  func(line []byte) // told what the client says
	conns []net.Conn
}

type wireMode string

const (
	wireOpen    wireMode = "passes everything on"
	wireHole    wireMode = "swallows everything"         // accepts and never answers
	wireSevers  wireMode = "breaks off inside a literal" // half of a long answer arrives
	wireRefuses wireMode = "hangs up at once"
)

func newBadWire(t testing.TB, target string) *badWire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &badWire{t: t, addr: l.Addr().String(), target: target, mode: wireOpen}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.cut()
		wg.Wait()
	})
	return w
}

func (w *badWire) set(m wireMode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = m
}

func (w *badWire) is(m wireMode) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mode == m
}

// watch is told what the client says, before the server hears it.
func (w *badWire) watch(f func([]byte)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = f
}

// poison breaks every connection on which the server says those words.
func (w *badWire) poison(words string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fatal = words
}

// cut ends every connection.
func (w *badWire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func (w *badWire) carry(client net.Conn) {
	defer client.Close()
	if w.is(wireRefuses) {
		return
	}
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		defer server.Close()
		w.pass(server, client, true)
	})
	both.Go(func() {
		defer client.Close()
		w.pass(client, server, false)
	})
	both.Wait()
}

// pass copies one direction and misbehaves as told.
func (w *badWire) pass(to, from net.Conn, up bool) {
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		if n > 0 {
			w.mu.Lock()
			mode, seen, fatal := w.mode, w.seen, w.fatal
			w.mu.Unlock()
			if up && seen != nil {
				seen(b[:n])
			}
			switch at := literal(b[:n]); {
			case mode == wireHole:
				continue
			case fatal != "" && !up && strings.Contains(string(b[:n]), fatal):
				return
			case mode == wireSevers && !up && at > 0:
				to.Write(b[:at+(n-at)/2])
				return
			default:
				if _, err := to.Write(b[:n]); err != nil {
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}

// literal finds where the first literal of an answer begins, -1 for none.
func literal(b []byte) int {
	if at := strings.Index(string(b), "}\r\n"); at > 0 {
		return at + 3
	}
	return -1
}

// files counts the regular files below the data directory's blobs and their bytes.
func storage(t testing.TB, c configs.Config) (files int, bytes int64) {
	t.Helper()
	err := filepath.WalkDir(c.Blobs.Dir, func(_ string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files, bytes = files+1, bytes+info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, bytes
}

// rows counts the rows of every table that a message touches.
func rows(t testing.TB, c configs.Config) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.DataDir, "frontdesk.db")+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]int{}
	for _, table := range []string{"deliveries", "originals", "undecided", "messages", "attachments", "decisions", "content_keys", "mail_references",
		"contacts", "identities", "tickets", "promises", "outbox", "outbox_attempts", "dead_letters", "journal"} {
		n := 0
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatalf("counting %s: %v", table, err)
		}
		out[table] = n
	}
	return out
}

// lookUp reads one text from the SQLite file beside the service.
func lookUp(t testing.TB, c configs.Config, query string, args ...any) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.DataDir, "frontdesk.db")+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out string
	if err := db.QueryRow(query, args...).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}
