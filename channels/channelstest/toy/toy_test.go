package toy

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/descriptor"
	"frontdesk/channels/webhook"
	"frontdesk/configs/values"
	"frontdesk/pipeline/message"
)

const secret = "the account's secret, sixteen or more"

func opened(t *testing.T, base string) *connector {
	t.Helper()
	ends, err := Kind().Open(descriptor.Setup{Peer: descriptor.Peer{Inbox: "toys", Section: &Section{Toy: &Account{Secret: values.NewSecret(secret), BaseURL: base}}}})
	if err != nil {
		t.Fatal(err)
	}
	return ends.Sender.(*connector)
}

func call(body, key string) webhook.Request {
	h := http.Header{}
	if key != "" {
		h.Set("X-Toy-Signature", hex.EncodeToString(sum([]byte(key), []byte(body))))
	}
	return webhook.Request{Method: http.MethodPost, URL: &url.URL{Path: "/hooks/toys"}, Header: h, Body: []byte(body)}
}

func TestWebhook(t *testing.T) {
	c := opened(t, "")
	one := `{"messages":[{"id":"m-1","from":"u_7x","name":"Ann","text":"Where is my refund?","at":"2026-05-06T10:00:00Z"}]}`
	batch := `{"messages":[{"id":"a","from":"u_7x","text":"1"},{"id":7},{"id":"b","from":"u_8x","text":"2"}]}`
	channelstest.Webhook(t, channelstest.WebhookCase{
		Webhook: c, Decoder: c, Now: time.Date(2026, 5, 6, 10, 0, 1, 0, time.UTC), Secrets: []string{secret}, Good: 2,
		One:      func(time.Time) webhook.Request { return call(one, secret) },
		Missing:  func(time.Time) webhook.Request { return call(one, "") },
		Wrong:    func(time.Time) webhook.Request { return call(one, "another") },
		Oversize: func(time.Time) webhook.Request { return call(one+strings.Repeat(" ", maxBody), secret) },
		Batch:    func(time.Time) webhook.Request { return call(batch, secret) },
	})
}

// provider takes messages and fails as it is told.
type provider struct {
	mu    sync.Mutex
	taken []string
	fault channelstest.Fault
	stop  chan struct{}
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	fault := p.fault
	p.fault = ""
	p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	switch fault {
	case channelstest.ServerError:
		w.WriteHeader(http.StatusBadGateway)
	case channelstest.Unauthorized:
		w.WriteHeader(http.StatusUnauthorized)
	case channelstest.Slow:
		select {
		case <-p.stop:
		case <-r.Context().Done():
		}
	case channelstest.Refuse:
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":"no-such-user"}`)
	default:
		var m struct{ Text string }
		_ = json.Unmarshal(body, &m)
		p.mu.Lock()
		p.taken = append(p.taken, m.Text)
		p.mu.Unlock()
		_, _ = io.WriteString(w, `{"id":"p-1"}`)
		return
	}
	_, _ = io.WriteString(w, `{}`)
}

func TestSender(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{
		Carries: Kind().Traits.Carries,
		Faults:  []channelstest.Fault{channelstest.ServerError, channelstest.Unauthorized, channelstest.Slow, channelstest.Refuse},
		Open: func(t *testing.T) channelstest.SenderBench {
			p := &provider{stop: make(chan struct{})}
			server := httptest.NewServer(p)
			t.Cleanup(func() { close(p.stop); server.Close() })
			return channelstest.SenderBench{Sender: opened(t, server.URL), Secrets: []string{secret},
				Out:   channels.Outbound{Inbox: "toys", To: message.Address{Kind: "toy", Value: "u_7x"}, Thread: "u_7x", Text: "Hello"},
				Fault: func(f channelstest.Fault) { p.mu.Lock(); defer p.mu.Unlock(); p.fault = f },
				Taken: func() []string { p.mu.Lock(); defer p.mu.Unlock(); return p.taken }}
		},
	})
}
