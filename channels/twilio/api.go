package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
)

const (
	maxAnswer = 8 << 20 // a page of 1000 messages has about 2 MB
	// callTimeout is for one call with its answer. A send that takes longer is Unknown, and looked for before the next try.
	callTimeout = 20 * time.Second
)

// caller carries one call of twilio-go. The SDK's own client takes no context, hides the status of an
// answer that is not JSON and knows one host; its methods take no context either, so a caller holds
// that of its one call.
type caller struct {
	// ctx ends with the one call; that is why a struct may keep it here.
	ctx context.Context
	// c holds account, base address and client.
	c    *Connector
	body []byte // of the last good answer, as received
}

var _ client.BaseClient = (*caller)(nil)

// api returns the SDK's methods for one call, and the caller beneath them. The handler is made without
// client.NewRequestHandler, which reads TWILIO_EDGE and TWILIO_REGION from the environment.
func (c *Connector) api(ctx context.Context) (*openapi.ApiService, *caller) {
	k := &caller{ctx: ctx, c: c}
	return openapi.NewApiService(&client.RequestHandler{Client: k}), k
}

// AccountSid, SetTimeout, SetOauth and OAuth complete client.BaseClient.
// Time-outs and other ways to sign in are ours to choose, so the three last do nothing.
func (k *caller) AccountSid() string       { return k.c.cfg.AccountSID }
func (k *caller) SetTimeout(time.Duration) {}
func (k *caller) SetOauth(client.OAuth)    {}
func (k *caller) OAuth() client.OAuth      { return nil }

// SendRequest does one request and reads its whole answer. An error is a *failure.
func (k *caller) SendRequest(method, rawURL string, data url.Values, headers map[string]any, body ...byte) (*http.Response, error) {
	ctx, stop := context.WithTimeout(k.ctx, callTimeout)
	defer stop()
	ctx, seen := safehttp.Observe(ctx)
	r, err := k.request(ctx, method, rawURL, data, headers, body)
	if err != nil {
		return nil, &failure{err: err}
	}
	res, err := k.c.http.Do(r)
	if err != nil {
		return nil, &failure{sent: seen.Sent(), err: safehttp.Redact(err)}
	}
	defer res.Body.Close()
	k.body, err = safehttp.ReadAll(res.Body, maxAnswer)
	if res.StatusCode >= 300 {
		return nil, refusal(res.StatusCode, seen.RetryAfter(), k.body)
	}
	if err != nil {
		return nil, &failure{sent: true, err: errors.New("reading the answer failed")}
	}
	res.Body = io.NopCloser(bytes.NewReader(k.body))
	return res, nil
}

// request makes the request that the SDK asks for, at the configured base instead of Twilio's host.
// An address of another host is refused: account and token would go there.
func (k *caller) request(ctx context.Context, method, rawURL string, data url.Values, headers map[string]any, body []byte) (*http.Request, error) {
	path, ok := strings.CutPrefix(rawURL, apiURL)
	if !ok {
		return nil, errors.New("the SDK asks another host")
	}
	u := k.c.base.String() + path
	if method == http.MethodGet || method == http.MethodDelete {
		u += "?" + data.Encode()
	} else if len(body) == 0 {
		body = []byte(data.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, u, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("making the request failed")
	}
	for name, value := range headers {
		r.Header.Set(name, fmt.Sprint(value))
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "frontdesk")
	r.SetBasicAuth(k.c.cfg.AccountSID, k.c.cfg.AuthToken)
	return r, nil
}

// failure is a call that did not succeed. Its text never holds Twilio's message, which repeats
// telephone numbers.
type failure struct {
	sent   bool // the request left
	status int  // 0: no answer
	code   int  // Twilio's; 0 when the answer was not in its form
	// wait is what Retry-After asked for, 0 for nothing. err is nil where there is a status.
	wait time.Duration
	err  error
}

// Error implements error.
func (f *failure) Error() string {
	if f.status != 0 {
		return fmt.Sprintf("the API answered %d", f.status)
	}
	return f.err.Error()
}

// Unwrap implements error wrapping.
func (f *failure) Unwrap() error { return f.err }

// refusal keeps status and code of an answer that is none of success; its message is dropped.
// A body that is not JSON, as of a gateway, leaves the code 0.
func refusal(status int, wait time.Duration, body []byte) *failure {
	var e struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(body, &e) != nil {
		e.Code = 0
	}
	return &failure{sent: true, status: status, code: e.Code, wait: wait}
}

// codeNotFound says that Twilio knows no such resource.
const codeNotFound = 20404

// fail makes the connector's error of what the SDK returned. write says that the call would have
// changed something at Twilio, so that silence leaves it unknown.
func fail(op string, err error, write bool) *channels.Error {
	f, ok := errors.AsType[*failure](err)
	if !ok { // the SDK could not read a good answer
		f = &failure{sent: true, err: errors.New("the answer is not in the API's form")}
	}
	e := &channels.Error{Op: op, Class: f.class(write), Err: f}
	if write && f.code == codeNotFound && e.Class == channels.Permanent {
		e.Class = channels.Refused // there is nothing that a send could miss but the account
	}
	if f.code != 0 {
		e.Code = strconv.Itoa(f.code)
	}
	if e.Class == channels.Throttled {
		e.After = max(f.wait, time.Second)
	}
	return e
}

// class follows https://www.twilio.com/docs/api/errors. An answer of a gateway that waited in vain
// (502, 504) is as good as none.
// The codes come first, since Twilio answers 400 to most things.
func (f *failure) class(write bool) channels.Class {
	if c, ok := codeClass(f.code); ok {
		return c
	}
	switch {
	case f.status == http.StatusTooManyRequests:
		return channels.Throttled
	case f.status == 0, f.status == http.StatusBadGateway, f.status == http.StatusGatewayTimeout:
		if write && f.sent {
			return channels.Unknown
		}
		return channels.Temporary
	case f.status == http.StatusUnauthorized, f.status == http.StatusForbidden:
		return channels.Unauthorized
	case f.status >= 400 && f.status < 500 && f.code != 0:
		return channels.Permanent
	}
	return channels.Temporary
}

// codeClass knows the codes whose meaning the status does not tell.
// The numbers are those of Twilio's error dictionary. A new one goes to the class that says what to do about it.
func codeClass(code int) (channels.Class, bool) {
	switch code {
	case 20429, 21611, 30001, 30022, 63018: // too many requests; our queue is full
		return channels.Throttled, true
	case 10001, 20003, 20005, 20006, 30002: // account not active, credentials wrong, account suspended, access denied
		return channels.Unauthorized, true
	case 21212, 21603, 21659, 21660, 21703, 21704, 21705: // our number or messaging service is missing, another account's or empty
		return channels.Refused, true
	case 21610: // the recipient said STOP
		return channels.OptedOut, true
	case 63016: // outside the free-form window
		return channels.WindowClosed, true
	case 20500, 20503: // Twilio's own fault
		return channels.Temporary, true
	case 21211, 21408, 21602, 21606, 21608, 21612, 21614, 21617, 21620:
		// recipient, or our number for this recipient, not usable, region not enabled, empty or too long, trial account
		return channels.Permanent, true
	}
	return "", false
}
