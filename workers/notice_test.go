package workers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers/store"
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
	r.must(r.store.Notify(t.Context(), Notices(to, "inbox.failing", "k", []byte(`{}`), noon), noon))
	rows, err := r.store.Outbox(t.Context(), store.Page{})
	r.must(err)
	if len(rows) != 1 || rows[0].Kind != pipeline.KindNotice {
		t.Fatalf("rows: %+v", rows)
	}
	r.deliver(d, rows[0].ID)
	r.same("refused", []string{"due", "503"}, []string{r.effect(rows[0].ID).State, r.effect(rows[0].ID).LastError})
	status = 200
	r.pass(time.Minute)
	r.deliver(d, rows[0].ID)
	r.same("taken", "sent", r.effect(rows[0].ID).State)
}
