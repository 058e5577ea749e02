package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/configs/values"
	"frontdesk/workers/store/storetest/postgres"
)

// asProgram makes the test binary the program itself, for tests that need processes of their own.
const asProgram = "FRONTDESK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
		return
	}
	os.Exit(postgres.Main(m, &databases))
}

// member is one process of an installation.
type member struct {
	t    testing.TB
	args []string
	env  []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	lines []string // of stdout
	errs  *syncBuffer
	done  chan struct{}
	at    service.Addresses
}

// program runs the binary with these arguments until the test ends, and waits until it is ready.
func program(t testing.TB, env []string, args ...string) *member {
	t.Helper()
	p := &member{t: t, args: args, env: env, errs: &syncBuffer{}}
	p.up()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%v said:\n%s", args, tail(p.errs.String(), 4000))
		}
	})
	return p
}

// commandOf is the program with these arguments.
func commandOf(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	return cmd
}

// up starts the process and waits for its ready line.
func (p *member) up() {
	p.t.Helper()
	p.cmd = commandOf(p.env, p.args...)
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("starting the program: %v", err)
	}
	ready := make(chan string, 1)
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		for in := bufio.NewScanner(out); in.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, in.Text())
			p.mu.Unlock()
			if strings.HasPrefix(in.Text(), "ready ") {
				ready <- in.Text()
			}
		}
		cmd.Wait() //nolint:errcheck // its end is all that counts
	}(p.cmd, p.done)
	select {
	case line := <-ready:
		p.at = readyLine(p.t, line)
	case <-p.done:
		p.t.Fatalf("the program ended at its start:\n%s", tail(p.errs.String(), 4000))
	case <-time.After(60 * time.Second):
		p.t.Fatal("the program is not ready after a minute")
	}
}

// readyLine reads "ready http=… ops=… smtp=…", and desk=… behind it; a process without a listener leaves its address empty.
func readyLine(t testing.TB, line string) (a service.Addresses) {
	t.Helper()
	words := strings.Split(line, " ")
	if len(words) < 4 || len(words) > 5 || words[0] != "ready" {
		t.Fatalf("the ready line is %q", line)
	}
	for i, to := range []*string{&a.HTTP, &a.Ops, &a.SMTP, &a.Desk}[:len(words)-1] {
		value, ok := strings.CutPrefix(words[i+1], []string{"http=", "ops=", "smtp=", "desk="}[i])
		if !ok {
			t.Fatalf("the ready line is %q", line)
		}
		*to = value
	}
	return a
}

// token is the one that the process has made for its operator's page.
func (p *member) token() string {
	p.t.Helper()
	dir := ""
	for _, v := range p.env {
		if value, ok := strings.CutPrefix(v, "FRONTDESK_TEST_DIR="); ok {
			dir = value
		}
	}
	for i, a := range p.args {
		if a == "--data-dir" {
			dir = p.args[i+1]
		}
	}
	text, err := service.ReadToken(service.TokenFile(dir))
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// kill is kill -9, of this process by its id.
func (p *member) kill() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Kill()
	<-p.done
	p.cmd = nil
}

// end stops the process with SIGTERM and returns its exit code.
func (p *member) end() int {
	p.t.Helper()
	cmd := p.cmd
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(60 * time.Second):
		p.t.Fatal("the program did not stop within a minute")
	}
	p.cmd = nil
	return cmd.ProcessState.ExitCode()
}

func (p *member) stdout() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// fleet is an installation of several processes on one PostgreSQL and one Redis.
type fleet struct {
	*rig  // listings only: it runs no service
	dir   string
	n     int // processes so far
	mails *relayServer
}

// newFleet writes the configuration that the processes share, each with a folder of its own.
func newFleet(t testing.TB, database, redisURL string) *fleet {
	t.Helper()
	f := &fleet{dir: t.TempDir(), mails: newRelay(t)}
	key := filepath.Join(f.dir, "master.key")
	if err := os.WriteFile(key, []byte(testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(f.mails.addr)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`desk: {name: Desk, domain: desk.example}
data_dir: ${FRONTDESK_TEST_DIR}
blobs: {dir: %s}
database: {url: "%s"}
redis: {url: "%s"}
keys: {master: [{name: first, file: %s}]}
listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0}
limits: {smtp_messages_per_minute: 100000}
screening: {max_acks_to_strangers_hour: 0, max_acks_to_strangers_day: 0}
relays:
  - {name: out, host: %s, port: %s, tls: none, auth: none}
inboxes:
  - {name: support, channel: email, address: support@desk.example, smtp_door: true, relay: out}
`, filepath.Join(f.dir, "blobs"), database, redisURL, key, host, port)
	if err := os.WriteFile(f.file(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f.rig = f.listings(t)
	return f
}

func (f *fleet) file() string { return filepath.Join(f.dir, "frontdesk.yaml") }

// listings opens the fleet's database for reading.
func (f *fleet) listings(t testing.TB) *rig {
	t.Helper()
	own := filepath.Join(f.dir, "reader")
	c, err := configs.Load(f.file(), func(name string) (string, bool) { return own, name == "FRONTDESK_TEST_DIR" }, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	b, err := installation.Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return &rig{t: t, store: b.Store}
}

// start starts one process of the fleet.
func (f *fleet) start(roles string) *member {
	f.t.Helper()
	f.n++
	dir := filepath.Join(f.dir, fmt.Sprintf("process-%d", f.n))
	return program(f.t, []string{"FRONTDESK_TEST_DIR=" + dir}, "serve", "--config", f.file(), "--roles", roles)
}

// customers write mails to whatever door is open until all are taken, as mail servers do: a refused
// or broken one is sent again.
type customers struct {
	all     sync.WaitGroup
	refused int
	mu      sync.Mutex
}

// write lets n customers write, numbered from first, over the door that at names now.
func (f *fleet) write(first, n int, at func() string) *customers {
	w := &customers{}
	work := make(chan int, n)
	for i := range n {
		work <- first + i
	}
	close(work)
	for range 4 {
		w.all.Go(func() {
			for i := range work {
				w.until(f.t.Context(), i, at)
			}
		})
	}
	return w
}

func (w *customers) until(ctx context.Context, i int, at func() string) {
	from := fmt.Sprintf("c%d@mail%d.example", i, i)
	text := human(from, "Payment failed", fmt.Sprintf("m%d@mail.example", i), fmt.Sprintf("My payment for order A%06d failed, please check.", i))
	for ctx.Err() == nil {
		err := (&rig{}).mailTo(at(), from, text)
		if err == nil {
			return
		}
		w.mu.Lock()
		w.refused++
		w.mu.Unlock()
		timer := time.NewTimer(50 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// mailTo hands a mail to the door at an address.
func (*rig) mailTo(addr, from, raw string) error {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return err
	}
	conn.SetDeadline(time.Now().Add(40 * time.Second))
	client := smtp.NewClient(conn)
	defer client.Close()
	return client.SendMail(from, []string{"support@desk.example"}, strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
}

// kept waits until n mails are tickets, each acknowledged, and fails for whatever is twice. Where a
// process was killed between a send and its record, the same acknowledgement may go out again under
// the same Message-ID: resent tells how many may.
func (f *fleet) kept(n, resent int) {
	f.t.Helper()
	f.settled(n)
	if m, k := f.messages(), f.tickets(); len(k) != n {
		f.t.Errorf("%d messages and %d tickets, want %d tickets", len(m), len(k), n)
	}
	rows := f.outbox("acknowledgement")
	for _, o := range rows {
		if o.State != "sent" {
			f.t.Errorf("acknowledgement of ticket %d is %s %s", o.Ticket, o.State, o.Cause)
		}
	}
	if len(rows) != n {
		f.t.Errorf("%d acknowledgements, want %d", len(rows), n)
	}
	for _, p := range f.promises("acknowledgement") {
		if p.State != "kept" {
			f.t.Errorf("promise of ticket %d is %s", p.Ticket, p.State)
		}
	}
	ids, to := map[string]int{}, map[string]string{}
	for _, m := range f.mails.list() {
		ids[m.ID]++
		if other, ok := to[m.To]; ok && other != m.ID {
			f.t.Errorf("%s was acknowledged under two Message-IDs", m.To)
		}
		to[m.To] = m.ID
	}
	again := len(f.mails.list()) - len(ids)
	f.t.Logf("%d of %d acknowledgements went out again", again, n)
	if len(ids) != n || again > resent {
		f.t.Errorf("%d different mails reached the relay and %d again, want %d and at most %d", len(ids), again, n, resent)
	}
	proveStore(f.t.Context(), f.t, f.store, time.Hour)
}

// roused makes what a killed process had claimed due at once: it is else waited out, up to two
// minutes. Before that everything comes to rest, lest the claims of the living run out as well.
func (f *fleet) roused(database string) {
	f.t.Helper()
	last, since, open := "", time.Now(), true
	f.eventually(60*time.Second, func() string {
		counts, err := f.store.View.Counts(f.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		if now := fmt.Sprint(counts.Messages, counts.Undecided, counts.Effects); now != last {
			last, since = now, time.Now()
		}
		open = len(counts.Undecided) > 0 || counts.Unsent > 0
		if open && time.Since(since) < 6*time.Second {
			return "work goes on"
		}
		return ""
	})
	if !open {
		return
	}
	f.config.Database.URL = values.NewSecret(database)
	f.age(3 * time.Minute)
}

// metrics reads the metrics of a process.
func metrics(t testing.TB, p *member) string {
	t.Helper()
	return metricsAt(t, p.at.Ops, p.token())
}

// metricsAt reads the metrics at an operator's listener.
func metricsAt(t testing.TB, addr, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// recorded waits until so many mails are in the database.
func (f *fleet) recorded(n int) {
	f.t.Helper()
	f.eventually(60*time.Second, func() string {
		counts, err := f.store.View.Counts(f.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		if got := counts.Recorded["support"]; got < int64(n) {
			return fmt.Sprintf("%d of %d are recorded", got, n)
		}
		return ""
	})
}
