package ops

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/engine"
	"frontdesk/workers/gauges"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
)

// rig is a handler over a real store, and what it was made of.
type rig struct {
	t         testing.TB
	config    Config
	handler   http.Handler
	woken     atomic.Int32
	customers atomic.Int32 // each message is somebody else's

}

func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	redis, err := engine.StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Redis: redis.Client()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(); redis.Close() })
	s := storetest.SQLite(t)
	r := &rig{t: t}
	r.config = Config{Store: s, Engine: e, Registry: prometheus.NewRegistry(), Onlooker: watch.NewOnlooker(), Desk: "Test desk", Zone: "Asia/Shanghai", Token: testToken,
		Wake: func(context.Context) { r.woken.Add(1) }}
	r.config.Registry.MustRegister(gauges.New(t.Context(), s, e))
	for _, f := range change {
		f(&r.config)
	}
	if r.handler, err = New(r.config); err != nil {
		t.Fatal(err)
	}
	return r
}

// ask asks on this machine, with the token.
func (r *rig) ask(method, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.bare(method, path, append([]func(*http.Request){set("Authorization", "Bearer "+testToken)}, change...)...)
}

// bare asks on this machine, with no secret.
func (r *rig) bare(method, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, path, nil)
	req.RemoteAddr, req.Host = "127.0.0.1:50000", "localhost:8081"
	for _, f := range change {
		f(req)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w
}

// page asks for a page that must be there.
func (r *rig) page(path string) string {
	r.t.Helper()
	w := r.ask(http.MethodGet, path)
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: status %d, want 200\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// testToken is that of the rigs.
const testToken = "q7Zt2mVb9Lx4Rk8Wc1Ns6Yp3"

// sessionCookie is the name of the cookie where there is no TLS.
const sessionCookie = "frontdesk_ops"

// operator is who has acted without a name.
const operator = "operator"

// signIn signs in by the form and returns the cookie.
func (r *rig) signIn(name string, change ...func(*http.Request)) *http.Cookie {
	r.t.Helper()
	w := r.bare(http.MethodPost, "/login", append([]func(*http.Request){form("token", testToken, "name", name)}, change...)...)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 {
		r.t.Fatalf("signing in: status %d, cookies %v\n%s", w.Code, cookies, w.Body)
	}
	return cookies[0]
}

// with is a request of a browser that has the cookie.
func with(c *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) }
}

func form(pairs ...string) func(*http.Request) {
	return func(r *http.Request) {
		body := strings.TrimPrefix(frame.Query("", pairs...), "?")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
}

// record records a message and returns its id.
func (r *rig) record(key string) int64 {
	r.t.Helper()
	now := time.Now()
	item := intake.Item{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: key, At: now, Raw: []byte(key)}}
	got, err := r.config.Store.Intake.Record(r.t.Context(), intake.Lot{Items: []intake.Item{item}}, now)
	if err != nil {
		r.t.Fatal(err)
	}
	return got[0].ID
}

// decide records a message and commits an opening plan for it, as it was changed.
func (r *rig) decide(key string, change func(*pipeline.Plan)) pipeline.Plan {
	r.t.Helper()
	pending, err := r.config.Store.Backlog.Undecided(r.t.Context(), []int64{r.record(key)})
	if err != nil {
		r.t.Fatal(err)
	}
	dec := storetest.Opening(r.t, r.config.Store, pending[0], storetest.Phone(int(r.customers.Add(1))), time.Now())
	if change != nil {
		change(&dec.Plan)
	}
	if err := r.config.Store.Commit.Commit(r.t.Context(), []commit.Decision{dec}, time.Now()); err != nil {
		r.t.Fatal(err)
	}
	return dec.Plan
}

// park sets a message aside.
func (r *rig) park(key, cause string) pipeline.Plan {
	return r.decide(key, func(p *pipeline.Plan) {
		*p = pipeline.Plan{Message: p.Message, State: messages.Parked, Cause: cause, Evidence: "looks like " + cause, Row: p.Row}
	})
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func wantParts(t *testing.T, where, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("%s does not show %q", where, p)
		}
	}
}

func wantNone(t *testing.T, where, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(page, p) {
			t.Errorf("%s shows %q", where, p)
		}
	}
}
