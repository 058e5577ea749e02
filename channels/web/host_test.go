package web

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
)

// host is a small stand-in for the public listener: it records by key and answers as the contract
// says.
type host struct {
	*httptest.Server
	mu       sync.Mutex
	ids      map[string]int64
	recorded []channels.Delivery // every new one, bad ones too
	now      time.Time
}

func newHost(t *testing.T, hook webhook.Receiver, page http.Handler) *host {
	t.Helper()
	h := &host{ids: map[string]int64{}, now: testTime}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && page != nil {
			page.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading request: %v", err)
		}
		send(w, h.call(hook, webhook.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: body, Remote: remoteHost(r)}))
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) call(hook webhook.Receiver, r webhook.Request) channels.Answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	got, err := hook.Receive(r, h.now)
	if err != nil {
		return failed(err)
	}
	var recorded []channels.Recorded
	for _, d := range got.Deliveries {
		recorded = append(recorded, h.record(d))
	}
	for _, d := range got.Bad {
		recorded = append(recorded, h.record(d))
	}
	if got.Reply != nil {
		got.Answer = got.Reply(recorded)
	}
	got.Answer.Status = cmp.Or(got.Answer.Status, http.StatusOK)
	return got.Answer
}

func (h *host) record(d channels.Delivery) channels.Recorded {
	id, known := h.ids[d.Key]
	if !known {
		h.recorded = append(h.recorded, d)
		id = int64(len(h.recorded))
		h.ids[d.Key] = id
	}
	other := known && d.Content != "" && h.recorded[id-1].Content != d.Content
	return channels.Recorded{ID: id, Key: d.Key, New: !known, Other: other}
}

// failed is the answer to a refusal; the status of its own answer goes first.
func failed(err error) channels.Answer {
	e, ok := errors.AsType[*channels.Error](err)
	if !ok {
		return channels.Answer{Status: http.StatusInternalServerError}
	}
	var answer channels.Answer
	if e.Answer != nil {
		answer = *e.Answer
	}
	answer.Status = cmp.Or(answer.Status, map[channels.Class]int{channels.Unauthorized: 401, channels.Permanent: 400, channels.TooLarge: 413, channels.Throttled: 429}[e.Class], 503)
	return answer
}

// file is one file of a multipart body.
type file struct{ field, name, mediaType, content string }

// multi makes a multipart body and its content type.
func multi(t testing.TB, values map[string]string, files ...file) (string, []byte) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.SetBoundary("a-boundary-of-the-test"); err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", multipart.FileContentDisposition(f.field, f.name))
		if f.mediaType != "" {
			h.Set("Content-Type", f.mediaType)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.Bytes()
}

// exchange does one request and reads the answer.
func exchange(t *testing.T, method, url string, header map[string]string, body []byte) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}
