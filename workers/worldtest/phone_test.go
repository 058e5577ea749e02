package worldtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	accountSID = "AC00000000000000000000000000000001"
	authToken  = "a test token"
	hookURL    = "https://desk.example/hooks/hotline"
)

// provider answers our calls. written is called once the request is out.
type provider interface {
	name() string
	answer(p *process, r *http.Request, body []byte) (status int, answer any, lost bool)
}

// wire is the line between one process and a provider.
type wire struct {
	p  *process
	to provider
}

var errLine = errors.New("the line went dead")

// RoundTrip implements http.RoundTripper.
func (l wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	if err := l.p.point("calling a provider"); err != nil {
		return nil, err
	}
	w := l.p.w
	if w.away(l.to.name()) || w.trouble(w.odds.refused, "a provider cannot be reached") {
		return nil, errLine
	}
	wrote(r)
	if w.trouble(w.odds.slow, "a provider is slow") {
		select {
		case <-time.After(w.chaos.between(time.Second, 30*time.Second)):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		if err := l.p.point("waiting for a provider"); err != nil {
			return nil, err
		}
	}
	if l.p.handing(); r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	status, answer, lost := l.to.answer(l.p, r, body)
	l.p.gate()
	if err := l.p.point("having called a provider"); err != nil {
		return nil, err
	}
	if lost {
		return nil, errLine
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text)), Request: r}, nil
}

// phone is the SMS provider.
type phone struct {
	w  *world
	mu sync.Mutex
	n  int
	// list is what its API lists: messages of both directions, the newest first.
	list []map[string]any
}

func (t *phone) name() string { return "sms" }

func (t *phone) sid() string {
	t.n++
	return fmt.Sprintf("SM%032x", t.n)
}

func (t *phone) record(direction, status, from, to, body string, at time.Time) map[string]any {
	m := map[string]any{"sid": t.sid(), "account_sid": accountSID, "direction": direction, "status": status, "from": from, "to": to, "body": body,
		"num_media": "0", "num_segments": "1", "date_created": at.UTC().Format(time.RFC1123Z), "date_sent": at.UTC().Format(time.RFC1123Z)}
	t.list = slices.Insert(t.list, 0, m)
	return m
}

// receive takes a customer's SMS in and calls our webhook, once or several times.
func (t *phone) receive(it *item) {
	t.mu.Lock()
	at := time.Now().Add(t.w.skew).Truncate(time.Second)
	m := t.record("inbound", "received", it.from, hotline, it.text, at)
	t.mu.Unlock()
	it.raw = []byte(url.Values{"MessageSid": {m["sid"].(string)}, "SmsMessageSid": {m["sid"].(string)}, "AccountSid": {accountSID}, "From": {it.from}, "To": {hotline},
		"Body": {it.text}, "NumMedia": {"0"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}}.Encode())
	t.w.book.lies(it, "hotline", m["sid"].(string), at)
	for range 1 + t.w.storm() {
		t.w.after(t.w.lateness(), func() { t.call(it) })
	}
}

// call is one call of the webhook. Of a cut one nothing may be believed.
func (t *phone) call(it *item) {
	body := it.raw
	cut := t.w.trouble(t.w.odds.cut, "a webhook call is cut off")
	signed := signTwilio(hookURL, body)
	if cut {
		body = body[:len(body)*2/3]
	}
	p, status := t.w.post("/hooks/hotline", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Twilio-Signature": {signed}}, body)
	switch {
	case cut && status/100 == 2:
		t.w.fail("nothing half", "%s took a call that was cut off", p.name())
	case status/100 == 2:
		t.w.book.received(it, "hotline", it.keys["hotline"])
	}
}

func signTwilio(u string, body []byte) string {
	form, _ := url.ParseQuery(string(body))
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(u))
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// answer is the provider's API.
func (t *phone) answer(p *process, r *http.Request, body []byte) (int, any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.w
	if r.Method == http.MethodGet {
		return http.StatusOK, map[string]any{"messages": t.listed(r.URL.Query()), "next_page_uri": nil, "page_size": 1000}, false
	}
	form, _ := url.ParseQuery(string(body))
	to := form.Get("To")
	switch {
	case w.trouble(w.odds.throttled, "the SMS provider asks for patience"):
		return http.StatusTooManyRequests, map[string]any{"code": 20429, "message": "too many"}, false
	case strings.HasSuffix(to, "0000"):
		return http.StatusBadRequest, map[string]any{"code": 21211, "message": "no such number"}, false
	}
	lost := w.trouble(w.odds.lost, "the SMS provider's answer is lost")
	m := t.record("outbound-api", "queued", hotline, to, form.Get("Body"), time.Now().Truncate(time.Second))
	callback, _, _ := strings.Cut(form.Get("StatusCallback"), "#") // how often a call is repeated is no part of its address
	w.book.sent(&send{channel: "sms", key: keyOf(r.Context()), id: m["sid"].(string), to: to, text: form.Get("Body"), p: p, lost: lost})
	for _, status := range []string{"sent", w.fate(to)} {
		for range 1 + w.storm() {
			w.after(w.lateness()/4, func() { t.tell(callback, m["sid"].(string), to, status) })
		}
	}
	return http.StatusCreated, m, lost
}

func (t *phone) listed(q url.Values) []map[string]any {
	out := []map[string]any{}
	for _, m := range t.list {
		if (q.Get("To") == "" || q.Get("To") == m["to"]) && (q.Get("From") == "" || q.Get("From") == m["from"]) {
			out = append(out, m)
		}
	}
	return out
}

// tell calls back with the fate of one of our messages; nobody tries that again.
func (t *phone) tell(callback, sid, to, status string) {
	form := url.Values{"MessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {accountSID}, "From": {hotline}, "To": {to}, "MessageStatus": {status}, "SmsStatus": {status}}
	if status == "undelivered" {
		form.Set("ErrorCode", "30003")
	}
	body := []byte(form.Encode())
	u, _ := url.Parse(callback)
	t.w.post(u.RequestURI(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Twilio-Signature": {signTwilio(callback, body)}}, body)
}

// post calls the public door of one process; status 0 means that no answer came.
func (w *world) post(path string, header http.Header, body []byte) (*process, int) {
	p := w.anyone(func(p *process) bool { return p.takes })
	if p == nil {
		return nil, 0
	}
	r := httptest.NewRequestWithContext(p.front, http.MethodPost, path, bytes.NewReader(body))
	r.Header = header
	rec := httptest.NewRecorder()
	p.door.ServeHTTP(rec, r)
	if p.dead.Load() || w.trouble(w.odds.lost, "the answer of our webhook is lost") {
		return p, 0
	}
	return p, rec.Code
}
