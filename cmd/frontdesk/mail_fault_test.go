package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/configs/values"
	"frontdesk/workers"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/view"
)

// alarms is the operator's system that is told when an inbox fails.
type alarms struct {
	url string
	mu  sync.Mutex
	got []map[string]string
}

func newAlarms(t *testing.T) *alarms {
	a := &alarms{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event map[string]string
		if err := json.NewDecoder(r.Body).Decode(&event); err == nil {
			a.mu.Lock()
			a.got = append(a.got, event)
			a.mu.Unlock()
		}
	}))
	t.Cleanup(srv.Close)
	a.url = srv.URL
	return a
}

// of counts the alarms about an inbox.
func (a *alarms) of(inbox string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, event := range a.got {
		if event["event"] == "inbox.failing" && event["inbox"] == inbox {
			n++
		}
	}
	return n
}

func (a *alarms) configure(c *configs.Config) {
	c.Webhooks = []configs.Webhook{{URL: a.url, Secret: values.NewSecret("webhook-test-secret"), Events: []string{"inbox.failing"}}}
}

// TestPain07PollerNeverHangsSilently breaks the connection to the mail server in four ways. Each
// time the inbox says so and the operator is told, and when the server is back, so are we.
func TestPain07PollerNeverHangsSilently(t *testing.T) {
	for _, c := range []struct {
		name string
		mode wireMode
		cut  bool // the connection that stands breaks too
	}{
		{"a server that accepts and never answers", wireHole, true},
		{"a server that breaks off inside a literal", wireSevers, false},
		{"a black hole in the middle of a connection", wireHole, false},
		{"a server that hangs up at once", wireRefuses, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := dovecot.Start(t)
			w, told := newBadWire(t, d.Addr), newAlarms(t)
			config := mailConfig(t, imapInbox("support", "support@desk.example", w.addr, d.User, "imap idle: 1s"), "")
			told.configure(&config)
			r := startWith(t, config, impatient(t, time.Second))
			r.connected("support")
			w.set(c.mode)
			if c.cut {
				w.cut()
			}
			d.Deliver(d.User, letter("li@customer.example", "Are you there?", "1@customer.example", strings.Repeat("A long letter. ", 400)))
			r.becomes(15*time.Second, "support", "failing")
			if got := r.inbox("support").LastError; got == "" || strings.Contains(got, "@") {
				t.Errorf("the last error is %q, want one without an address", got)
			}
			r.eventually(10*time.Second, func() string {
				if told.of("support") == 0 {
					return "the operator's webhook was not called"
				}
				return ""
			})
			w.set(wireOpen)
			r.becomes(20*time.Second, "support", "ok")
			r.settled(1)
			if got := r.bySubject("Are you there?"); got.State != "ticketed" {
				t.Errorf("the mail that waited = %+v", got)
			}
		})
	}
}

// TestPain07DefaultsRaiseTheAlarmInFiveMinutes adds up what a server that stops answering can cost
// with the times that nobody configures.
func TestPain07DefaultsRaiseTheAlarmInFiveMinutes(t *testing.T) {
	c := mailConfig(t, imapInbox("support", "support@desk.example", "127.0.0.1:143", "support"), "")
	idle := time.Duration(*mailOf(c.Inboxes[0]).IMAP.Idle)
	const farewell = 30 * time.Second // DONE is given so long to be answered
	if worst := idle + farewell; worst > 5*time.Minute {
		t.Errorf("a server that falls silent while we idle is noticed after %s, want 5 minutes at most", worst)
	}
}

// flaky is a source that times out for a while and then has one message.
type flaky struct {
	until time.Time
	tries []time.Time
	given bool
}

func (f *flaky) Fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	now := time.Now()
	if len(after) == 0 {
		return channels.Batch{Next: channels.Cursor(`{"at":0}`)}, nil
	}
	if now.Before(f.until) {
		f.tries = append(f.tries, now)
		time.Sleep(10 * time.Second)
		return channels.Batch{}, &channels.Error{Op: "fetching mail", Err: errors.New("i/o timeout")}
	}
	if !f.given {
		f.given = true
		return channels.Batch{Next: channels.Cursor(`{"at":1}`), Deliveries: []channels.Delivery{{Inbox: "support", Channel: "email", Key: "1", At: now, Raw: letter("a@b.example", "s", "", "t")}}}, nil
	}
	select {
	case <-ctx.Done():
		return channels.Batch{}, ctx.Err()
	case <-time.After(9 * time.Minute):
		return channels.Batch{}, nil
	}
}

func (f *flaky) Close() error { return nil }

// TestPain08NightlyTimeoutsDisableNothing lets a source time out for half an hour on a fake clock.
func TestPain08NightlyTimeoutsDisableNothing(t *testing.T) {
	c := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Int64
		f := &flaky{until: time.Now().Add(30 * time.Minute)}
		b, stop := runSource(t, c, f, func(service.InboxStatus) { failing.Add(1) })
		time.Sleep(36 * time.Minute) // the longest pause is five minutes
		inboxes, err := b.Store.View.Inboxes(t.Context())
		if err != nil || len(inboxes) != 1 || inboxes[0].State != "ok" {
			t.Errorf("half an hour of time-outs is over, inboxes = %+v, %v", inboxes, err)
		}
		messages, err := b.Store.View.Messages(t.Context(), view.Page{})
		if err != nil || len(messages) != 1 {
			t.Errorf("%d messages, %v; want the one that waited", len(messages), err)
		}
		stop()
		if n := len(f.tries); n < 6 || n > 20 {
			t.Errorf("%d tries in half an hour, want growing pauses: 6 to 20", n)
		}
		if n := len(f.tries); n > 3 && f.tries[n-1].Sub(f.tries[n-2]) <= f.tries[1].Sub(f.tries[0]) {
			t.Errorf("the pauses did not grow: %v", f.tries)
		}
		if n := failing.Load(); n != 1 {
			t.Errorf("%d alarms, want one", n)
		}
	})
}

// issuer is an authorization server that renews each refresh token with each use.
type issuer struct {
	url string

	mu      sync.Mutex
	serial  int
	refresh map[string]string // refresh token → account
	access  map[string]string // access token → account
	revoked map[string]bool
	uses    map[string]int
}

func newIssuer(t *testing.T) *issuer {
	s := &issuer{refresh: map[string]string{}, access: map[string]string{}, revoked: map[string]bool{}, uses: map[string]int{}}
	srv := httptest.NewServer(http.HandlerFunc(s.token))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *issuer) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	old := r.FormValue("refresh_token")
	account, known := s.refresh[old]
	if !known || s.revoked[account] {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	delete(s.refresh, old) // rotated: the old one is worth nothing
	s.serial++
	s.uses[account]++
	refresh, access := fmt.Sprintf("refresh-%d", s.serial), fmt.Sprintf("access-%d", s.serial)
	s.refresh[refresh], s.access[access] = account, account
	fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"Bearer","expires_in":3600}`, access, refresh)
}

// expire makes every access token of an account void.
func (s *issuer) expire(account string, revoke bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, of := range s.access {
		if of == account {
			delete(s.access, token)
		}
	}
	s.revoked[account] = revoke
}

// consent gives a new refresh token for an account.
func (s *issuer) consent(account, refresh string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[account] = false
	s.refresh[refresh] = account
}

func (s *issuer) owner(token string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.access[token]
}

func (s *issuer) used(account string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uses[account]
}

// TestPain09OneExpiredTokenStopsNoOther has two accounts with OAuth. Refresh tokens rotate, across a
// restart too; then one account's consent is withdrawn.
func TestPain09OneExpiredTokenStopsNoOther(t *testing.T) {
	t.Parallel()
	d, s, told := dovecot.Start(t), newIssuer(t), newAlarms(t)
	s.refresh["first-a"], s.refresh["first-b"] = "anna", "bert"
	w := newTokenWire(t, d, s)
	oauth := func(refresh string) string {
		return fmt.Sprintf("imap auth: xoauth2, oauth: {provider: custom, client_id: frontdesk, refresh_token: %s, token_url: %s}", refresh, s.url)
	}
	both := func(refresh string) string {
		return imapInbox("anna", "anna@desk.example", w.addr, "anna", oauth(refresh)) + imapInbox("bert", "bert@desk.example", w.addr, "bert", oauth("first-b"))
	}
	c := mailConfig(t, both("first-a"), "")
	told.configure(&c)
	r := start(t, c)
	r.connected("anna")
	r.connected("bert")

	r.stop()
	s.expire("anna", false)
	s.expire("bert", false)
	r = start(t, c)
	r.eventually(20*time.Second, func() string {
		if s.used("anna") < 2 || s.used("bert") < 2 {
			return fmt.Sprintf("%d and %d refreshes: the rotated tokens were not used after the restart", s.used("anna"), s.used("bert"))
		}
		return ""
	})
	r.becomes(20*time.Second, "anna", "ok")
	r.becomes(20*time.Second, "bert", "ok")

	s.expire("anna", true)
	w.cut()
	r.becomes(20*time.Second, "anna", "failing")
	r.becomes(20*time.Second, "bert", "ok")
	if !strings.Contains(r.inbox("anna").LastError, "anna") && !strings.Contains(r.logs.String(), "inbox=anna") {
		t.Error("neither the error nor the log names the account")
	}
	r.eventually(10*time.Second, func() string {
		if told.of("anna") == 0 {
			return "the operator was not told of anna"
		}
		return ""
	})
	if told.of("bert") > 1 { // the cut may have been noticed as a failure of its own
		t.Errorf("%d alarms about bert", told.of("bert"))
	}
	d.Deliver("bert", letter("li@customer.example", "For Bert", "b@customer.example", "Please look at order 12345."))
	r.settled(1)
	d.Deliver("anna", letter("wu@customer.example", "For Anna", "a@customer.example", "Please look at order 67890."))
	r.stop()
	s.consent("anna", "second-a")
	c.Inboxes = mailConfig(t, both("second-a"), "").Inboxes
	r = start(t, c)
	r.settled(2)
	r.becomes(20*time.Second, "anna", "ok")
	nowhere(t, filepath.Join(c.DataDir, "blobs"), r.logs.String(), "access-", "refresh-", "second-a")
	nowhere(t, filepath.Join(c.DataDir, "sink"), "", "access-", "refresh-", "second-a")
}

// forgetful is a source that lists three messages, of which it has handed over none by itself. One
// cannot be had at all.
type forgetful struct{ flaky }

func (f *forgetful) Reconcile(ctx context.Context, _ time.Time, recorded func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	keys := []string{"1", "2", "lost"}
	known, err := recorded(ctx, keys)
	if err != nil {
		return channels.Batch{}, channels.Count{}, err
	}
	var batch channels.Batch
	count := channels.Count{Source: len(keys)}
	for _, k := range keys {
		switch {
		case known[k]:
			count.Recorded++
		case k != "lost":
			batch.Deliveries = append(batch.Deliveries, channels.Delivery{Inbox: "support", Channel: "email", Key: k, At: time.Now(), Raw: letter("a@b.example", k, "", "text "+k)})
		}
	}
	return batch, count, nil
}

// TestPain04MissingMailIsShownAndAlarmed has a source hold a mail that never comes.
func TestPain04MissingMailIsShownAndAlarmed(t *testing.T) {
	c := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		var alarms atomic.Int64
		f := &forgetful{}
		f.given = true
		b, stop := runSource(t, c, f, func(service.InboxStatus) { alarms.Add(1) })
		time.Sleep(time.Minute)
		inboxes, err := b.Store.View.Inboxes(t.Context())
		if err != nil || len(inboxes) != 1 || inboxes[0].SourceCount != 3 || inboxes[0].RecordedCount != 2 {
			t.Errorf("inboxes = %+v, %v; want 3 at the source and 2 recorded", inboxes, err)
		}
		if alarms.Load() == 0 {
			t.Error("nobody was told of the missing mail")
		}
		stop()
	})
}

// runSource fetches one source into a store of its own, on the clock of the test.
func runSource(t *testing.T, c configs.Config, f channels.Fetcher, alarm func(service.InboxStatus)) (*installation.Base, func()) {
	t.Helper()
	b, err := installation.Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	meter := workers.NewMeter(prometheus.NewRegistry())
	health := workers.NewHealth(b.Store, quiet, alarm)
	health.Open("support", "email", "support@desk.example", true, time.Now())
	intake := receive.NewIntake(receive.IntakeConfig{Store: b.Store, Notifier: workers.NewNotifier(nil, quiet), Meter: meter, Logger: quiet})
	sources := receive.NewSources(b.Store, intake, health, "test", 0, meter, quiet)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		sources.Run(ctx, receive.Source{Inbox: "support", Channel: "email", Address: "support@desk.example", Stream: "imap:INBOX", Fetcher: f})
	})
	running.Go(func() { health.Run(ctx) })
	return b, func() {
		cancel()
		running.Wait()
		b.Close()
	}
}
