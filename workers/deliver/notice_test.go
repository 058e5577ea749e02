package deliver

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/view"
)

func TestANoticeIsSignedAndCarriesItsKey(t *testing.T) {
	var header http.Header
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		header = req.Header
		body, _ = io.ReadAll(req.Body)
	}))
	defer s.Close()
	hook := &WebhookOut{URL: s.URL, Secret: []byte("hook secret"), Client: s.Client(), Now: func() time.Time { return noon }}
	if err := hook.Notify(t.Context(), "notice:1", []byte(`{"event":"promise.breach"}`)); err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte("hook secret"))
	h.Write([]byte("1795176000." + string(body)))
	want := "t=1795176000,v1=" + hex.EncodeToString(h.Sum(nil))
	if got := header.Get("X-Frontdesk-Signature"); got != want || noon.Unix() != 1795176000 {
		t.Errorf("signature %q, want %q", got, want)
	}
	if string(body) != `{"event":"promise.breach"}` || header.Get("Idempotency-Key") != "notice:1" || header.Get("Content-Type") != "application/json" {
		t.Errorf("body %s, header %v", body, header)
	}
}

func TestWhatTheAnswerToANoticeMeans(t *testing.T) {
	for _, c := range []struct {
		status int
		class  channels.Class
		ok     bool
	}{
		{status: 200, ok: true}, {status: 204, ok: true}, {status: 302}, {status: 408}, {status: 425}, {status: 429, class: channels.Throttled},
		{status: 500}, {status: 503}, {status: 400, class: channels.Permanent}, {status: 401, class: channels.Permanent}, {status: 410, class: channels.Permanent},
	} {
		calls := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
		}))
		err := (&WebhookOut{URL: s.URL, Client: s.Client(), Now: time.Now}).Notify(t.Context(), "k", []byte(`{}`))
		s.Close()
		var e *channels.Error
		if (err == nil) != c.ok || !c.ok && (!errors.As(err, &e) || e.Class != c.class || e.After != 7*time.Second) {
			t.Errorf("%d: error is %#v, want class %q", c.status, err, c.class)
		}
		if calls != 1 {
			t.Errorf("%d: %d calls; a redirected event would arrive without its body", c.status, calls)
		}
	}
}

func TestTheAddressOfAWebhookIsInNoError(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	address := s.URL
	s.Close()
	for _, url := range []string{address + "/hooks/not-for-the-log", "http://[not-for-the-log/"} {
		err := (&WebhookOut{URL: url, Client: http.DefaultClient, Now: time.Now}).Notify(t.Context(), "k", []byte(`{}`))
		if err == nil || strings.Contains(err.Error(), "not-for-the-log") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestANoticeIsTriedAgainUntilTheReceiverTakesIt(t *testing.T) {
	r := newRig(t)
	status := 503
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer s.Close()
	r.notices["webhook-1"] = &WebhookOut{URL: s.URL, Client: s.Client(), Now: time.Now}
	d := r.deliverer()
	to := []NoticeTo{{Name: "webhook-1", Events: []string{"inbox.failing", "promise.breach"}}, {Name: "webhook-2", Events: []string{"promise.warning"}}}
	r.Must(r.Store.Outbox.Notify(t.Context(), Notices(to, "inbox.failing", "k", []byte(`{}`), noon), noon))
	rows, err := r.Store.View.Outbox(t.Context(), view.Page{})
	r.Must(err)
	if len(rows) != 1 || rows[0].Kind != effects.KindNotice {
		t.Fatalf("rows: %+v", rows)
	}
	r.deliver(d, rows[0].ID)
	r.Same("refused", []string{"due", "503"}, []string{r.Effect(rows[0].ID).State, r.Effect(rows[0].ID).LastError})
	status = 200
	r.Pass(time.Minute)
	r.deliver(d, rows[0].ID)
	r.Same("taken", "sent", r.Effect(rows[0].ID).State)
	outcomes, texts := r.said(rows[0].ID)
	r.Same("what was posted", [][]string{{"retry", "sent"}, {"", "{}"}}, [][]string{outcomes, texts})
}

// TestAReceiverThatLetsCallsWaitHoldsUpNobody: it is tried by one call at a time, after growing pauses; whoever answers, be it with an
// error, is called as ever.
func TestAReceiverThatLetsCallsWaitHoldsUpNobody(t *testing.T) {
	now := noon
	calls := map[string]int{}
	answer := map[string]error{"hangs": &channels.Error{Op: "posting webhook", Class: channels.Temporary, Err: context.DeadlineExceeded},
		"refuses": &channels.Error{Op: "posting webhook", Class: channels.Temporary, Code: "500", Err: errors.New("the receiver answered 500")}, "away": &channels.Error{Op: "posting webhook", Class: channels.Temporary, Err: errors.New("connection refused")}, "well": nil}
	notifiers := map[string]NoticeSender{}
	for name := range answer {
		notifiers[name] = notifyFunc(func() error { calls[name]++; return answer[name] })
	}
	n := newNoticing(notifiers)
	n.now = func() time.Time { return now }
	round := func(what, name string, rows, want int) (last commands.SendEnded) {
		t.Helper()
		before := calls[name]
		for i := range rows {
			last = n.do(t.Context(), outbox.EffectRow{ID: int64(i), Key: "k", Kind: effects.KindNotice, CreatedAt: now, Payload: []byte(`{"to":"` + name + `","event":{}}`)})
		}
		if got := calls[name] - before; got != want {
			t.Errorf("%s: %d of %d calls were made, want %d", what, got, rows, want)
		}
		return last
	}
	held := round("at first", "hangs", 20, 1)
	if held.State != effects.Due || held.Code != codeSilent || !held.Next.After(now) {
		t.Errorf("what waits is %+v, want it due again later", held)
	}
	for _, name := range []string{"refuses", "away", "well"} {
		round("one that "+name, name, 20, 20)
	}
	for _, pause := range []time.Duration{silentFirst, 2 * silentFirst, 4 * silentFirst, 8 * silentFirst, 16 * silentFirst, silentMost, silentMost} {
		now = now.Add(pause - time.Second)
		round("before the pause of "+pause.String()+" is over", "hangs", 5, 0)
		now = now.Add(time.Second)
		round("after it", "hangs", 5, 1)
	}
	answer["hangs"] = nil
	now = now.Add(silentMost)
	round("when it answers again", "hangs", 20, 20)
}

// TestAReceiverThatHasNotAnsweredYetTakesNobodysPlace: whoever calls it waits a moment. An answer that comes late counts for its row, which is not
// sent again; what waits meanwhile goes as soon as it has come.
func TestAReceiverThatHasNotAnsweredYetTakesNobodysPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes time.Duration
		err   error
		want  effects.State // of the row that was tried
		next  int           // calls of the second row
	}{
		{"an answer in time", 10 * time.Millisecond, nil, effects.Sent, 1},
		{"a late answer", 8 * time.Second, nil, effects.Sent, 1},
		{"a late refusal", 8 * time.Second, &channels.Error{Op: "posting webhook", Class: channels.Permanent, Code: "410", Err: errors.New("the receiver answered 410")}, effects.Failed, 1},
		{"none", time.Hour, nil, effects.Due, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				n := newNoticing(map[string]NoticeSender{"hook": waitFunc(func(ctx context.Context) error {
					calls.Add(1)
					select {
					case <-time.After(c.takes):
						return c.err
					case <-ctx.Done():
						return &channels.Error{Op: "posting webhook", Class: channels.Temporary, Err: ctx.Err()}
					}
				})})
				row := func(id int64) outbox.EffectRow {
					return outbox.EffectRow{ID: id, Key: "k", Kind: effects.KindNotice, CreatedAt: time.Now(), Payload: []byte(`{"to":"hook","event":{}}`)}
				}
				begun := time.Now()
				first := n.do(t.Context(), row(1))
				if took := time.Since(begun); took > patience {
					t.Errorf("its place was taken for %s", took)
				}
				if c.takes > patience {
					if first.State != effects.Due || first.Code != codeSilent {
						t.Errorf("while it is tried its row is %+v", first)
					}
					if held := n.do(t.Context(), row(2)); held.State != effects.Due || calls.Load() != 1 {
						t.Errorf("another row meanwhile: %+v, %d calls", held, calls.Load())
					}
					time.Sleep(time.Until(first.Next))
					first = n.do(t.Context(), row(1))
				}
				if first.State != c.want || calls.Load() != 1 {
					t.Errorf("%s after %d calls, want %s after 1", first.State, calls.Load(), c.want)
				}
				if n.do(t.Context(), row(2)); int(calls.Load())-1 != c.next {
					t.Errorf("%d calls for the next row, want %d", calls.Load()-1, c.next)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

type waitFunc func(context.Context) error

func (f waitFunc) Notify(ctx context.Context, _ string, _ json.RawMessage) error { return f(ctx) }

type notifyFunc func() error

func (f notifyFunc) Notify(context.Context, string, json.RawMessage) error { return f() }

// TestANoticeIsSignedAsStandardWebhooksSays, by the example of its own libraries.
func TestANoticeIsSignedAsStandardWebhooksSays(t *testing.T) {
	var header http.Header
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { header = req.Header }))
	defer s.Close()
	hook := &WebhookOut{URL: s.URL, Secret: []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Client: s.Client(), Now: func() time.Time { return time.Unix(1614265330, 0) }}
	if err := hook.Notify(t.Context(), "msg_p5jXN8AQM9LWM0D4loKWxJek", []byte(`{"test": 2432232314}`)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	hook.Secret = []byte("whsec_not base64")
	var refused *channels.Error
	if err := hook.Notify(t.Context(), "msg_1", []byte(`{}`)); !errors.As(err, &refused) || refused.Class != channels.Permanent {
		t.Errorf("with a broken secret: %v", err)
	}
}

// TestOfTicketsIsToldWhoWantsToKnow, with nobody's words; each event has one name for all its repeats.
func TestOfTicketsIsToldWhoWantsToKnow(t *testing.T) {
	to := []NoticeTo{{Name: "all", Events: []string{outbox.TicketOpened, outbox.TicketClosed}}, {Name: "refunds", Events: []string{outbox.TicketOpened}, Queues: []string{"refunds"}}, {Name: "late", Events: []string{"promise.breach"}}}
	told := outbox.Told{Event: outbox.TicketOpened, Key: "ticket.opened:42:once", At: noon, Ticket: 42, Queue: "payments", Category: "refund", Priority: "high", Language: "en", State: "open", By: "frontdesk"}
	rows := TicketNotices(to, told)
	if len(rows) != 1 || !strings.HasPrefix(rows[0].Key, "notice:all:ticket.opened:42") {
		t.Fatalf("rows: %+v", rows)
	}
	var n Notice
	if err := json.Unmarshal(rows[0].Payload, &n); err != nil || n.To != "all" || !strings.HasPrefix(n.ID, "msg_") || strings.Contains(n.ID, ".") {
		t.Fatalf("payload %s: %v", rows[0].Payload, err)
	}
	want := `{"data":{"ticket":"T-42","queue":"payments","category":"refund","priority":"high","language":"en","state":"open","by":"frontdesk"},"timestamp":"` + noon.UTC().Format(time.RFC3339Nano) + `","type":"ticket.opened"}`
	if string(n.Event) != want {
		t.Errorf("event %s, want %s", n.Event, want)
	}
	told.Queue = "refunds"
	if rows := TicketNotices(to, told); len(rows) != 2 {
		t.Errorf("in refunds: %d rows", len(rows))
	}
	told.Event = outbox.TicketAssigned
	if rows := TicketNotices(to, told); len(rows) != 0 {
		t.Errorf("what nobody wants: %d rows", len(rows))
	}
}
