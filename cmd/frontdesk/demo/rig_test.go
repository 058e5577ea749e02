package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
)

// testConfig is the embedded default on free ports.
func testConfig(t testing.TB) configs.Config {
	t.Helper()
	c := configs.Default(t.TempDir(), kinds.All())
	c.Listen.HTTP, c.Listen.Ops, c.Listen.Desk, c.Listen.SMTP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	c.Acknowledgements.Enabled = true
	return c
}

// demoRig is one demonstration that runs.
type demoRig struct {
	t         *testing.T
	config    configs.Config
	out, logs *syncBuffer
	store     *store.Store // opened beside the service, as a command would
	cancel    context.CancelFunc
	done      chan error
	cookie    *http.Cookie // of who followed the link on the terminal
}

func startDemo(t *testing.T, c configs.Config) *demoRig {
	t.Helper()
	return startRig(t, c, Serve)
}

// startPlain starts the service alone, with nobody who writes to it.
func startPlain(t *testing.T, c configs.Config) *demoRig {
	t.Helper()
	return startRig(t, c, func(ctx context.Context, c configs.Config, o service.Options) error {
		s, err := service.New(ctx, c, o)
		if err != nil {
			return err
		}
		return s.Run(ctx)
	})
}

func startRig(t *testing.T, c configs.Config, serve func(context.Context, configs.Config, service.Options) error) *demoRig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &demoRig{t: t, config: c, out: &syncBuffer{}, logs: &syncBuffer{}, cancel: cancel, done: make(chan error, 1)}
	logger := slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	go func() { r.done <- serve(ctx, c, service.Options{Logger: logger, Out: r.out}) }()
	t.Cleanup(cancel)
	r.eventually(20*time.Second, func() string {
		if !strings.Contains(r.out.String(), "ready http=") {
			return "no ready line"
		}
		return ""
	})
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		t.Fatal(err)
	}
	r.store = b.Store
	t.Cleanup(b.Close)
	return r
}

func (r *demoRig) stop() {
	r.t.Helper()
	start := time.Now()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("serving the demonstration: %v", err)
		}
	case <-time.After(30 * time.Second):
		r.t.Fatal("the demonstration did not stop")
	}
	if took := time.Since(start); took > 8*time.Second {
		r.t.Errorf("stopping took %v, want seconds", took)
	}
	r.prove()
}

// prove audits the books of a service that has been stopped.
func (r *demoRig) prove() {
	r.t.Helper()
	books, err := r.store.Auditing.Audit(context.WithoutCancel(r.t.Context()), auditing.AuditOptions{Grace: 15 * time.Minute}, time.Now())
	if err != nil {
		r.t.Errorf("auditing: %v", err)
		return
	}
	for _, f := range books.Findings {
		if !f.Warning() {
			r.t.Errorf("the books are wrong: %s: message %d, ticket %d, effect %d %s: %s", f.Rule, f.Message, f.Ticket, f.Effect, f.Inbox, f.Detail)
		}
	}
}

func (r *demoRig) eventually(within time.Duration, missing func() string) {
	r.t.Helper()
	what := ""
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if what = missing(); what == "" {
			return
		}
	}
	logs := r.logs.String()
	r.t.Fatalf("after %s: %s\nterminal:\n%s\nlog:\n%s", within, what, r.out.String(), logs[max(0, len(logs)-4000):])
}

// at are the addresses that the terminal shows.
func (r *demoRig) at() service.Addresses {
	var at service.Addresses
	_, line, _ := strings.Cut(r.out.String(), "ready ")
	line, _, _ = strings.Cut(line, "\n")
	for word := range strings.FieldsSeq(line) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "http":
			at.HTTP = value
		case "ops":
			at.Ops = value
		case "smtp":
			at.SMTP = value
		}
	}
	return at
}

// page is an operator's page.
func (r *demoRig) page(path string) []byte {
	r.t.Helper()
	_, rest, _ := strings.Cut(r.out.String(), "\npage ")
	if link, _, _ := strings.Cut(rest, " ("); r.cookie == nil {
		r.cookie = r.followed(strings.TrimSpace(link))
	}
	res := r.get("http://"+r.at().Ops+path, r.cookie)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		r.t.Errorf("page %s: status %d, %v", path, res.StatusCode, err)
	}
	return body
}

// followed is the session that a link makes.
func (r *demoRig) followed(link string) *http.Cookie {
	r.t.Helper()
	res := r.get(link)
	defer res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/" || len(res.Cookies()) != 1 {
		r.t.Fatalf("the link has status %d to %q, cookies %v", res.StatusCode, to, res.Cookies())
	}
	return res.Cookies()[0]
}

func (r *demoRig) get(address string, cookies ...*http.Cookie) *http.Response {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return res
}

// settled waits until n messages are decided and nothing is left to do for them.
func (r *demoRig) settled(n int) {
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
