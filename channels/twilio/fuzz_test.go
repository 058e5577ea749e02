package twilio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
)

// FuzzForged calls the webhook with a signature that was not made with our token: it is refused as
// unauthorized, whatever else it says, and brings nothing in.
func FuzzForged(f *testing.F) {
	c, err := New(testConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sms("hello").Encode(), "", "c2lnbmF0dXJl", "application/x-www-form-urlencoded")
	f.Add(`{"a":1}`, "bodySHA256=00", "", "application/json")
	f.Add("", "a=1&a=2&%", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "multipart/form-data")
	f.Fuzz(func(t *testing.T, body, query, given, kind string) {
		u, err := url.Parse(testHook)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = query
		got, err := c.Receive(webhook.Request{Method: "POST", URL: u, Body: []byte(body),
			Header: http.Header{"X-Twilio-Signature": {given}, "Content-Type": {kind}}}, testNow())
		e, ok := errors.AsType[*channels.Error](err)
		if !ok || e.Class != channels.Unauthorized {
			t.Errorf("error is %v, want unauthorized", err)
		}
		if len(got.Deliveries)+len(got.Bad)+len(got.Receipts) > 0 {
			t.Errorf("a forged call brought %+v", got)
		}
	})
}

// saying is a provider that says one thing.
type saying struct{ body []byte }

func (a saying) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(a.body)))}, nil
}

// FuzzList reads foreign bytes as a page of Twilio's list of messages: reconciling ends, and what it
// hands over has the keys and times that the store needs.
func FuzzList(f *testing.F) {
	f.Add([]byte(`{"messages":[{"sid":"SM0123456789abcdef0123456789abcdef","direction":"inbound","status":"received","from":"+4930","to":"+4931","body":"x","num_media":"0","date_sent":"Mon, 04 May 2026 09:00:00 +0000"}],"next_page_uri":null}`))
	f.Add([]byte(`{"messages":[{"sid":"","direction":"inbound","date_sent":"never"},null],"next_page_uri":"/x?PageToken=a&Page=1"}`))
	f.Add([]byte(`{"messages":{},"next_page_uri":"%zz"}`))
	since := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		cfg := testConfig()
		cfg.Client = &http.Client{Transport: saying{body}}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		known := func(context.Context, []string) (map[string]bool, error) { return nil, nil }
		got, count, err := c.Reconcile(t.Context(), since, known)
		if err != nil {
			return
		}
		if count.Recorded != 0 || len(got.Deliveries) > count.Source || len(got.Deliveries) > maxMissing {
			t.Errorf("%d deliveries of %+v", len(got.Deliveries), count)
		}
		for _, d := range got.Deliveries {
			if d.Key == "" || len(d.Key) > 512 || d.Inbox != cfg.Inbox {
				t.Errorf("delivery %q of %q", d.Key, d.Inbox)
			}
			_, _ = c.Decode(d)
		}
	})
}
