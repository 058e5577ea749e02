package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/sink"
	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
)

// rig is one running process of Frontdesk, with everything real but the network beyond loopback.
type rig struct {
	t      testing.TB
	config configs.Config
	app    *service.Service
	store  *store.Store
	logs   *syncBuffer
	cancel context.CancelFunc
	done   chan struct{}
	proven sync.Once
	aged   time.Duration // how far age has moved the database back
}

// testKey is a master key as 'openssl rand -base64 32' makes it.
const testKey = "M0s4iYkLdYh5nO1t7rKqzZ1bqYwYwqf0m4w2p2o8vXc="

// testConfig is the embedded default on free ports.
func testConfig(t testing.TB) configs.Config {
	t.Helper()
	c := configs.Default(t.TempDir(), kinds.All())
	c.Listen.HTTP, c.Listen.Ops, c.Listen.Desk, c.Listen.SMTP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	c.Acknowledgements.Enabled = true
	return c
}

// start runs the service until the test ends or stop is called.
func start(t testing.TB, c configs.Config) *rig {
	t.Helper()
	return startWith(t, c, nil)
}

// startWith is start with options beside the usual ones.
func startWith(t testing.TB, c configs.Config, prepare func(*service.Options)) *rig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &rig{t: t, config: c, logs: &syncBuffer{}, cancel: cancel, done: make(chan struct{})}
	o := service.Options{Logger: slog.New(slog.NewTextHandler(r.logs, nil)), Out: io.Discard, Poll: 50 * time.Millisecond}
	if prepare != nil {
		prepare(&o)
	}
	a, err := service.New(ctx, c, o)
	if err != nil {
		cancel()
		t.Fatalf("starting: %v", err)
	}
	r.app, r.store = a, a.Store()
	go func() {
		defer close(r.done)
		if err := a.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	}()
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("log:\n%s", tail(r.logs.String(), 8000))
		}
	})
	return r
}

// stop stops the service as SIGTERM would, and sees that its books are clean. It may be called twice.
func (r *rig) stop() {
	r.cancel()
	select {
	case <-r.done:
		r.proven.Do(func() { proveBooks(r.t, r.config, r.aged) })
	case <-time.After(60 * time.Second):
		r.t.Error("the service did not stop within a minute")
	}
}

func (r *rig) smtpAddr() string { return r.app.Addresses().SMTP }

func (r *rig) httpURL(path string) string { return "http://" + r.app.Addresses().HTTP + path }

// token opens the operator's page.
func (r *rig) token() string {
	r.t.Helper()
	text, err := service.ReadToken(service.TokenFile(r.config.DataDir))
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// base opens the store with its keys beside the service.
func (r *rig) base() *installation.Base {
	r.t.Helper()
	b, err := installation.Open(r.t.Context(), r.config, false)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(b.Close)
	return b
}

// accept records what a source has delivered, beside the service.
func (r *rig) accept(d channels.Delivery) error {
	r.t.Helper()
	_, err := r.store.Intake.Record(r.t.Context(), intake.Lot{Items: []intake.Item{{Delivery: d}}}, time.Now())
	r.ring()
	return err
}

// ring lets the service look for work at once, as a command does.
func (r *rig) ring() {
	r.t.Helper()
	if err := control.Ring(r.t.Context(), r.config.DataDir); err != nil {
		r.t.Fatal(err)
	}
}

// sink is the folder of the mails that were sent, read anew.
func (r *rig) sink() *sink.Sink {
	r.t.Helper()
	mails, err := sink.New(filepath.Join(r.config.DataDir, "sink"))
	if err != nil {
		r.t.Fatal(err)
	}
	return mails
}

// mail hands one message to the SMTP door; nil error means 250.
func (r *rig) mail(from string, to []string, raw string) error {
	conn, err := net.DialTimeout("tcp", r.smtpAddr(), 5*time.Second)
	if err != nil {
		return fmt.Errorf("dialling: %w", err)
	}
	client := smtp.NewClient(conn)
	defer client.Close()
	if err := client.SendMail(from, to, strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n"))); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return client.Quit()
}

// mustMail is mail for a test that expects a 250.
func (r *rig) mustMail(from string, raw string, to ...string) {
	r.t.Helper()
	if len(to) == 0 {
		to = []string{"support@desk.example"}
	}
	if err := r.mail(from, to, raw); err != nil {
		r.t.Fatalf("the SMTP door: %v", err)
	}
}

// human is a plain mail of a person.
func human(from, subject, id, body string, headers ...string) string {
	var extra strings.Builder
	for _, h := range headers {
		extra.WriteString(h + "\n")
	}
	if id != "" {
		extra.WriteString("Message-ID: <" + id + ">\n")
	}
	return fmt.Sprintf("From: %s\nTo: support@desk.example\nSubject: %s\nDate: Fri, 20 Nov 2026 10:00:00 +0800\n%sMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n",
		from, subject, extra.String(), body)
}

// eventually waits until ok returns "", which else says what is missing.
func (r *rig) eventually(within time.Duration, missing func() string) {
	r.t.Helper()
	deadline := time.Now().Add(within)
	for {
		what := missing()
		if what == "" {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("after %s: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// settled waits until n messages are decided, none is undecided, and no effect is open.
func (r *rig) settled(n int) {
	r.t.Helper()
	r.eventually(60*time.Second, func() string {
		counts, err := r.store.View.Counts(r.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		decided := int64(0)
		for _, c := range counts.Messages {
			decided += c
		}
		if decided < int64(n) || len(counts.Undecided) > 0 || counts.Unsent > 0 {
			return fmt.Sprintf("%d of %d messages decided, undecided %v, %d effects open", decided, n, counts.Undecided, counts.Unsent)
		}
		return ""
	})
}

func (r *rig) messages(filter ...string) []view.Message {
	r.t.Helper()
	p := view.Page{Limit: 1000}
	if len(filter) > 0 {
		p.State = filter[0]
	}
	return everything(r, r.store.View.Messages, p, func(m view.Message) int64 { return m.ID })
}

func (r *rig) tickets() []view.Ticket {
	return everything(r, r.store.View.Tickets, view.Page{Limit: 1000}, func(t view.Ticket) int64 { return t.ID })
}

func (r *rig) outbox(kind string) []view.OutboxRow {
	var out []view.OutboxRow
	for _, o := range everything(r, r.store.View.Outbox, view.Page{Limit: 1000}, func(o view.OutboxRow) int64 { return o.ID }) {
		if kind == "" || o.Kind == kind {
			out = append(out, o)
		}
	}
	return out
}

func (r *rig) promises(kind string) []view.Promise {
	var out []view.Promise
	for _, p := range everything(r, r.store.View.Promises, view.Page{Limit: 1000}, func(p view.Promise) int64 { return p.Ticket }) {
		if kind == "" || p.Kind == kind {
			out = append(out, p)
		}
	}
	return out
}

// everything reads all pages of a listing.
func everything[T any](r *rig, fetch func(context.Context, view.Page) ([]T, error), p view.Page, id func(T) int64) []T {
	r.t.Helper()
	var out []T
	for {
		page, err := fetch(r.t.Context(), p)
		if err != nil {
			r.t.Fatalf("listing: %v", err)
		}
		out = append(out, page...)
		if len(page) < p.Limit {
			return out
		}
		p.Before = id(page[len(page)-1])
	}
}

// sent returns the raw mails in the sink.
func (r *rig) sent() []string {
	r.t.Helper()
	var out []string
	sink := r.sink()
	for _, m := range sink.List() {
		f, err := sink.Open(m.Name)
		if err != nil {
			r.t.Fatalf("opening %s: %v", filepath.Base(m.Name), err)
		}
		var b bytes.Buffer
		b.ReadFrom(f)
		f.Close()
		out = append(out, b.String())
	}
	return out
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// syncBuffer is a buffer that the service may log into while a test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
