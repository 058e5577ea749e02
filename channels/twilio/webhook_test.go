package twilio

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
)

func sms(body string) url.Values {
	return url.Values{
		"MessageSid": {"SM0123456789abcdef0123456789abcdef"}, "SmsSid": {"SM0123456789abcdef0123456789abcdef"},
		"AccountSid": {testAccount}, "From": {theirs}, "To": {ours}, "Body": {body},
		"SmsStatus": {"received"}, "NumMedia": {"0"}, "FromCountry": {"US"},
	}
}

func with(form url.Values, pairs ...string) url.Values {
	out := maps.Clone(form)
	for i := 0; i < len(pairs); i += 2 {
		if out[pairs[i]] = []string{pairs[i+1]}; pairs[i+1] == "-" {
			delete(out, pairs[i])
		}
	}
	return out
}

func TestWebhookConformance(t *testing.T) {
	c := newConnector(t, testConfig())
	fixed := func(r func() webhook.Request) func(time.Time) webhook.Request {
		return func(time.Time) webhook.Request { return r() }
	}
	channelstest.Webhook(t, channelstest.WebhookCase{
		Webhook: c, Decoder: c, Now: testNow(), Secrets: []string{testToken, theirs},
		One:     fixed(func() webhook.Request { return signed(sms("我的付款失败了"), "") }),
		Missing: fixed(func() webhook.Request { return unsigned(sms("hello"), "") }),
		Wrong: fixed(func() webhook.Request {
			r := signed(sms("hello"), "")
			r.Body = []byte(sms("hello, pay me").Encode())
			return r
		}),
		Oversize: fixed(func() webhook.Request { return signed(sms(strings.Repeat("x", maxWebhook)), "") }),
	})
}

func TestReceive(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, tc := range []struct {
		name  string
		r     webhook.Request
		class channels.Class // of the refusal; "ok" for none
		cause string         // of the only bad item
		key   string         // of the only delivery
	}{
		{"a message", signed(sms("hi"), ""), "ok", "", "SM0123456789abcdef0123456789abcdef"},
		{"a message by its older names", signed(with(sms("hi"), "MessageSid", "-"), ""), "ok", "", "SM0123456789abcdef0123456789abcdef"},
		{"a parameter that nobody announced", signed(with(sms("hi"), "NewThing", "1"), ""), "ok", "", "SM0123456789abcdef0123456789abcdef"},
		{"a message of another account", signed(with(sms("hi"), "AccountSid", "AC2"), ""), channels.Unauthorized, "", ""},
		{"a message of no account", signed(with(sms("hi"), "AccountSid", "-"), ""), channels.Unauthorized, "", ""},
		{"a telephone call", signed(url.Values{"CallSid": {"CA1"}, "AccountSid": {testAccount}}, ""), "ok", "unparsable", ""},
		{"a hook that is set to GET", webhook.Request{Method: "GET"}, channels.Permanent, "", ""},
		{"nothing", webhook.Request{}, channels.Unauthorized, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := c.Receive(tc.r, testNow())
			if tc.class != "ok" {
				if e, ok := err.(*channels.Error); !ok || e.Class != tc.class {
					t.Fatalf("error %v, want class %q", err, tc.class)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tc.cause != "" && (len(got.Bad) != 1 || got.Bad[0].Cause != tc.cause || len(got.Deliveries) != 0) {
				t.Errorf("bad items %+v, want one parked as %q", got.Bad, tc.cause)
			}
			if tc.key != "" && (len(got.Deliveries) != 1 || got.Deliveries[0].Key != tc.key) {
				t.Errorf("deliveries %+v, want the key %q", got.Deliveries, tc.key)
			}
			if a := got.Answer; a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/xml") ||
				!strings.HasSuffix(string(a.Body), "<Response/>") {
				t.Errorf("answer %+v, want an empty TwiML document", a)
			}
		})
	}
}

func TestReceiveKeepsTheBytes(t *testing.T) {
	r := signed(sms("a & b = 退款+"), "")
	got, err := newConnector(t, testConfig()).Receive(r, testNow())
	if err != nil {
		t.Fatal(err)
	}
	want := channels.Delivery{
		Inbox: "hotline", Channel: "sms", Key: "SM0123456789abcdef0123456789abcdef", At: testNow(), Raw: r.Body,
		Meta: map[string]string{meta.Content: "application/x-www-form-urlencoded", meta.Remote: "192.0.2.7"},
	}
	if diff := cmp.Diff([]channels.Delivery{want}, got.Deliveries); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func TestOddKeysAreReplaced(t *testing.T) {
	c := newConnector(t, testConfig())
	for name, sid := range map[string]string{
		"a long id": strings.Repeat("S", 600), "an id with a line end": "SM1\nSM2", "an id with NUL": "SM\x00",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Receive(signed(with(sms("hi"), "MessageSid", sid), ""), testNow())
			if err != nil || len(got.Deliveries) != 1 {
				t.Fatalf("got %+v, %v", got, err)
			}
			if k := got.Deliveries[0].Key; !strings.HasPrefix(k, "digest.") || len(k) > 100 {
				t.Errorf("key %q, want a digest", k)
			}
		})
	}
}

func status(state, code string) url.Values {
	f := url.Values{"MessageSid": {"SM9"}, "AccountSid": {testAccount}, "MessageStatus": {state}, "SmsStatus": {state}, "To": {theirs}}
	if code != "" {
		f.Set("ErrorCode", code)
	}
	return f
}

func TestStatusCallback(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, tc := range []struct {
		name  string
		query string
		form  url.Values
		want  channels.Receipt
	}{
		{"delivered", "key=ack-7", status("delivered", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusDelivered}},
		{"queued counts as sent", "key=ack-7", status("queued", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusSent}},
		{"a state of next year counts as sent", "key=ack-7", status("teleported", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusSent}},
		{"undelivered has its code", "key=ack-7", status("undelivered", "30003"), channels.Receipt{Key: "ack-7", Status: channels.StatusFailed, Reason: "30003"}},
		{"failed without a code", "key=ack-7", status("failed", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusFailed, Reason: "unknown"}},
		{"a code that is a text is not repeated", "key=ack-7", status("failed", "call +1415"), channels.Receipt{Key: "ack-7", Status: channels.StatusFailed, Reason: "unknown"}},
		{"an early part of several is not the whole", "key=ack-7&part=1.3", status("delivered", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusSent}},
		{"the last part is", "key=ack-7&part=3.3", status("delivered", ""), channels.Receipt{Key: "ack-7", Status: channels.StatusDelivered}},
		{"one failed part fails the whole", "key=ack-7&part=1.3", status("failed", "30005"), channels.Receipt{Key: "ack-7", Status: channels.StatusFailed, Reason: "30005"}},
		{"a message that was sent elsewhere", "", status("sent", ""), channels.Receipt{Status: channels.StatusSent}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want.ProviderID, tc.want.At = "SM9", testNow()
			got, err := c.Receive(signed(tc.form, tc.query), testNow())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]channels.Receipt{tc.want}, got.Receipts); diff != "" || len(got.Deliveries)+len(got.Bad) != 0 {
				t.Errorf("receipts (-want +got), %d deliveries:\n%s", len(got.Deliveries), diff)
			}
		})
	}
	t.Run("the key in the URL is signed", func(t *testing.T) {
		r := signed(status("failed", "1"), "key=ack-7")
		r.URL.RawQuery = "key=ack-8"
		if _, err := c.Receive(r, testNow()); err == nil {
			t.Error("a callback with another key was let in")
		}
	})
}

func FuzzReceive(f *testing.F) {
	c, err := New(testConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sms("hello").Encode(), "", "application/x-www-form-urlencoded")
	f.Add(status("failed", "30003").Encode(), "key=1&part=1.2", "")
	f.Add(`{"a":1}`, "bodySHA256=00", "application/json")
	f.Add("MessageSid=%zz&;&AccountSid="+testAccount, "a=%", "text/plain; =")
	f.Fuzz(func(t *testing.T, body, query, kind string) {
		form, _ := url.ParseQuery(body)
		r := signed(form, query)
		r.Header.Set("Content-Type", kind)
		r.Body = []byte(body)
		got, err := c.Receive(r, testNow())
		if err != nil {
			return
		}
		if len(got.Deliveries)+len(got.Bad)+len(got.Receipts) != 1 {
			t.Errorf("an accepted call brought %+v, want exactly one item", got)
		}
		for _, d := range append(got.Deliveries, got.Bad...) {
			if len(d.Key) == 0 || len(d.Key) > 512 {
				t.Errorf("key of %d bytes", len(d.Key))
			}
			_, _ = c.Decode(d) // must not panic
		}
	})
}
