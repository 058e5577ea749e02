package workers

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
)

// Notifier tells a system of the operator's about an event. key is the same at each repeat.
type Notifier interface {
	Notify(ctx context.Context, key string, event json.RawMessage) error
}

// Notice is the payload of a notice's row.
type Notice struct {
	To    string          `json:"to"` // name of the notifier
	Event json.RawMessage `json:"event"`
}

// noticing does the rows of kind notice.
type noticing struct {
	notifiers map[string]Notifier
	now       func() time.Time
}

func (n *noticing) do(ctx context.Context, row store.EffectRow) store.Outcome {
	var p Notice
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return store.Outcome{ID: row.ID, State: store.EffectFailed, Code: "payload", Detail: err.Error()}
	}
	to := n.notifiers[p.To]
	if to == nil {
		return store.Outcome{ID: row.ID, State: store.EffectFailed, Code: "not-configured", Detail: "the webhook is not configured any more"}
	}
	if err := to.Notify(ctx, row.Key, p.Event); err != nil {
		return failure(row, err, n.now())
	}
	return store.Outcome{ID: row.ID, State: store.EffectSent}
}

// WebhookOut posts events as JSON, signed with
// X-Frontdesk-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">.
type WebhookOut struct {
	URL    string
	Secret []byte
	Client *http.Client
	Now    func() time.Time
}

// Notify posts one event. Any 2xx is a success; 4xx other than 408, 425 and 429 will never be one.
func (w *WebhookOut) Notify(ctx context.Context, key string, event json.RawMessage) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(event))
	if err != nil {
		return &channels.Error{Op: "making webhook request", Class: channels.Permanent, Err: withoutURL(err)}
	}
	at := strconv.FormatInt(w.Now().Unix(), 10)
	mac := hmac.New(sha256.New, w.Secret)
	mac.Write([]byte(at + "."))
	mac.Write(event)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	req.Header.Set("X-Frontdesk-Signature", "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil)))
	client := *w.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a redirected POST becomes a GET without the event
	resp, err := client.Do(req)
	if err != nil {
		return &channels.Error{Op: "posting webhook", Class: channels.Temporary, Err: withoutURL(err)}
	}
	resp.Body.Close()
	return webhookStatus(resp)
}

// withoutURL drops the address from an error: it may hold a secret.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func webhookStatus(resp *http.Response) error {
	code := resp.StatusCode
	fail := func(class channels.Class) error {
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &channels.Error{Op: "posting webhook", Class: class, Code: strconv.Itoa(code), After: time.Duration(after) * time.Second,
			Err: fmt.Errorf("the receiver answered %d", code)}
	}
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusTooManyRequests:
		return fail(channels.Throttled)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= 500, code < 400:
		return fail(channels.Temporary)
	default:
		return fail(channels.Permanent)
	}
}
