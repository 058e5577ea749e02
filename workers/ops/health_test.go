package ops

import (
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/storetest"
)

func TestReadyNamesWhatFails(t *testing.T) {
	closed, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Migrate: true, Keyring: storetest.Keyring(t)}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	well := newRig(t)
	noDatabase := newRig(t, func(c *Config) { c.Store = closed })
	dir := t.TempDir()
	noWrite := newRig(t, func(c *Config) { c.Store = storetest.Open(t, store.Options{Dir: dir}) })
	refuseWrites(t, filepath.Join(dir, "frontdesk.db"))
	noRedis := newRig(t)
	noRedis.config.Engine.Close()
	for _, c := range []struct {
		name   string
		rig    *rig
		status int
		body   string
	}{
		{"all is well", well, 200, `{"database":"ok","redis":"ok"}`},
		{"the database is away", noDatabase, 503, `{"database":"failing","redis":"ok"}`},
		{"the database takes no writes", noWrite, 503, `{"database":"failing","redis":"ok"}`},
		{"Redis is away", noRedis, 503, `{"database":"ok","redis":"failing"}`},
	} {
		w := c.rig.ask(http.MethodGet, "/readyz")
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || got != c.body {
			t.Errorf("%s: status %d %s, want %d %s", c.name, w.Code, got, c.status, c.body)
		}
		if w := c.rig.ask(http.MethodGet, "/healthz"); w.Code != http.StatusOK {
			t.Errorf("%s: healthz has status %d", c.name, w.Code)
		}
	}
	for _, c := range []struct {
		name, path string
		status     int
		body       string
	}{
		{"the database alone, while Redis is away", "/readyz?part=database", 200, `{"database":"ok"}`},
		{"Redis alone, while it is away", "/readyz?part=redis", 503, `{"redis":"failing"}`},
		{"a part that is none", "/readyz?part=disk", 400, "part is database, redis or sending"},
	} {
		w := noRedis.ask(http.MethodGet, c.path)
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || got != c.body {
			t.Errorf("%s: status %d %s, want %d %s", c.name, w.Code, got, c.status, c.body)
		}
	}
	if w := noDatabase.ask(http.MethodGet, "/"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "did not answer") {
		t.Errorf("the page without a database has status %d", w.Code)
	}
}

// TestAProviderThatRefusesUsIsSeenEverywhere: on the page, in the list of it, in the metrics, and by who asks for it; a balancer that
// asks whether the process is ready is not told, since every other process is refused as well.
func TestAProviderThatRefusesUsIsSeenEverywhere(t *testing.T) {
	r := newRig(t)
	if err := r.config.Store.Service.InboxSeen(t.Context(), []service.InboxStatus{{Inbox: "hotline", Channel: "sms", State: workers.InboxOK, Contact: time.Now()}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	seen := func(why string) (readyz, asked int, up string) {
		t.Helper()
		if err := r.config.Store.Service.InboxSending(t.Context(), map[string]string{"hotline": why}); err != nil {
			t.Fatal(err)
		}
		fresh := newRig(t, func(c *Config) {
			c.Store, c.Registry = r.config.Store, prometheus.NewRegistry()
			c.Registry.MustRegister(workers.NewGauges(t.Context(), c.Store, c.Engine))
		}) // pages and answers are kept for a second or two
		wantParts(t, "the metrics", fresh.page("/metrics"), "frontdesk_inbox_up{inbox=\"hotline\"} ")
		_, up, _ = strings.Cut(fresh.page("/metrics"), "frontdesk_inbox_up{inbox=\"hotline\"} ")
		if has := strings.Contains(fresh.page("/"), "the API answered 401"); has != (why != "") {
			t.Errorf("the page tells why: %v, want %v", has, why != "")
		}
		return fresh.ask(http.MethodGet, "/readyz").Code, fresh.bare(http.MethodGet, "/readyz?part=sending").Code, up[:1]
	}
	for _, c := range []struct {
		why   string
		asked int
		up    string
	}{{"", 200, "1"}, {"sending an SMS: the API answered 401 (20003)", 503, "0"}, {"", 200, "1"}} {
		if readyz, asked, up := seen(c.why); readyz != 200 || asked != c.asked || up != c.up {
			t.Errorf("%q: readyz %d, asked %d, up %s, want 200, %d, %s", c.why, readyz, asked, up, c.asked, c.up)
		}
	}
}

// refuseWrites makes the database answer questions and fail whatever changes it, as one on a full disk.
func refuseWrites(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TRIGGER full BEFORE UPDATE ON schema_migrations BEGIN SELECT RAISE(FAIL, 'no space left'); END`); err != nil {
		t.Fatal(err)
	}
}

// TestReadyTriesToWriteNowAndThenOnly: a probe that asks ten times a second costs no ten commits.
func TestReadyTriesToWriteNowAndThenOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pen
		writes := 0
		write := func() error { writes++; return errors.New("no") }
		for range 41 { // in four seconds
			if p.try(write) == nil {
				t.Error("a failed write is no failure")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if writes != 3 {
			t.Errorf("%d writes in four seconds, want one every two", writes)
		}
	})
}

func TestMetricsHoldTheGauges(t *testing.T) {
	r := newRig(t)
	r.decide("k1", nil)
	wantParts(t, "the metrics", r.page("/metrics"), `frontdesk_messages{state="ticketed"} 1`, `frontdesk_acknowledgements{state="due"} 1`, `frontdesk_queue_depth{queue="live",state="pending"} 0`)
}

func TestLanguageIsAsked(t *testing.T) {
	r := newRig(t)
	cookie := func(req *http.Request) { req.AddCookie(&http.Cookie{Name: "frontdesk_lang", Value: "zh"}) }
	for _, c := range []struct {
		name, path string
		change     []func(*http.Request)
		want       string
	}{
		{"nothing is known", "/", nil, `lang="en"`},
		{"the browser prefers Chinese", "/", []func(*http.Request){set("Accept-Language", "zh-TW,zh;q=0.9,en;q=0.5")}, `lang="zh-Hans"`},
		{"the browser prefers English", "/", []func(*http.Request){set("Accept-Language", "en-GB,zh;q=0.3")}, `lang="en"`},
		{"the browser prefers what we have not", "/", []func(*http.Request){set("Accept-Language", "fi")}, `lang="en"`},
		{"the browser talks nonsense", "/", []func(*http.Request){set("Accept-Language", "\x01;;;q=zz")}, `lang="en"`},
		{"chosen before", "/", []func(*http.Request){cookie, set("Accept-Language", "en")}, `lang="zh-Hans"`},
		{"chosen now", "/?lang=en", []func(*http.Request){cookie}, `lang="en"`},
		{"asked for what we have not", "/?lang=fi", nil, `lang="en"`},
	} {
		w := r.ask(http.MethodGet, c.path, c.change...)
		if !strings.Contains(w.Body.String(), "<html "+c.want) {
			t.Errorf("%s: not in %s", c.name, c.want)
		}
		if set := len(w.Result().Cookies()) == 1; set != strings.Contains(c.path, "lang=en") {
			t.Errorf("%s: cookie set is %v", c.name, set)
		}
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	well := newRig(t).config
	for name, change := range map[string]func(*Config){
		"no store": func(c *Config) { c.Store = nil }, "no engine": func(c *Config) { c.Engine = nil },
		"no registry": func(c *Config) { c.Registry = nil }, "no token": func(c *Config) { c.Token = " " }, "no such zone": func(c *Config) { c.Zone = "Mars/Base" },
	} {
		c := well
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: made all the same", name)
		}
	}
}
