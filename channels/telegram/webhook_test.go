package telegram

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/webhook"
)

func request(body []byte, secret string) webhook.Request {
	r := webhook.Request{Method: http.MethodPost, URL: &url.URL{Path: "/hooks/bot"}, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	return r
}

func TestWebhookConformance(t *testing.T) {
	fake := telegramfake.New(testToken)
	fake.Clock = func() time.Time { return testNow().Add(-time.Second) }
	body := fake.Write(li(), "我的退款呢？")
	c := newConnector(t, testConfig())
	fixed := func(body []byte, secret string) func(time.Time) webhook.Request {
		return func(time.Time) webhook.Request { return request(bytes.Clone(body), secret) }
	}
	channelstest.Webhook(t, channelstest.WebhookCase{
		Webhook: c, Decoder: c, Now: testNow(), Secrets: []string{testToken, testSecret},
		One: fixed(body, testSecret), Missing: fixed(body, ""), Wrong: fixed(body, testSecret+"x"),
		Oversize: fixed(bytes.Repeat([]byte("x"), maxWebhook+1), testSecret),
	})
}

func TestNoSecretLetsNobodyIn(t *testing.T) {
	cfg := testConfig()
	cfg.WebhookSecret = ""
	c := newConnector(t, cfg)
	for _, secret := range []string{"", "x"} {
		if _, err := c.Receive(request([]byte(`{}`), secret), testNow()); err == nil {
			t.Errorf("secret %q was let in", secret)
		}
	}
}

func TestReceive(t *testing.T) {
	message := `{"message_id":5,"date":1777898400,"chat":{"id":-7},"text":"x"}`
	sent := time.Unix(1777898400, 0).UTC()
	for _, c := range []struct {
		name, body string
		key        string // of the only delivery
		at         time.Time
		bad        string // evidence of the only bad item
	}{
		{"a message", `{"update_id":1,"message":` + message + `}`, "-7:5", sent, ""},
		{"a post in a channel", `{"update_id":1,"channel_post":` + message + `}`, "-7:5", sent, ""},
		{"an edit is dated by itself", `{"update_id":1,"edited_message":{"message_id":5,"date":1777898400,"edit_date":1777898460,"chat":{"id":-7}}}`, "-7:5:1777898460", sent.Add(time.Minute), ""},
		{"a clock that is ahead", `{"update_id":1,"message":{"message_id":5,"date":2777898400,"chat":{"id":-7}}}`, "-7:5", testNow(), ""},
		{"a press on a button", `{"update_id":1,"callback_query":{"id":"1"}}`, "", time.Time{}, ""},
		{"a message for a business account", `{"update_id":1,"business_message":` + message + `}`, "", time.Time{}, "kind that this connector does not read"},
		{"a kind of next year", `{"update_id":1,"hologram":{}}`, "", time.Time{}, "kind that this connector does not read"},
		{"no kind at all", `{"update_id":1}`, "", time.Time{}, "kind that this connector does not read"},
		{"a message without a chat", `{"update_id":1,"message":{"message_id":5,"date":1777898400}}`, "", time.Time{}, "no readable id"},
		{"a message that is null", `{"update_id":1,"message":null,"edited_message":[]}`, "", time.Time{}, "no readable id"},
		{"an id that is a text", `{"update_id":1,"message":{"message_id":"5"}}`, "", time.Time{}, "no readable id"},
		{"no JSON", `<xml/>`, "", time.Time{}, "no readable id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := newConnector(t, testConfig()).Receive(request([]byte(c.body), testSecret), testNow())
			if err != nil {
				t.Fatal(err)
			}
			var want []channels.Delivery
			if c.key != "" {
				want = []channels.Delivery{{Inbox: "bot", Channel: "telegram", Key: c.key, At: c.at, Raw: []byte(c.body)}}
			}
			if diff := cmp.Diff(want, got.Deliveries); diff != "" {
				t.Errorf("deliveries (-want +got):\n%s", diff)
			}
			if c.bad == "" && len(got.Bad) != 0 || c.bad != "" && (len(got.Bad) != 1 || got.Bad[0].Cause != "unparsable" || !strings.Contains(got.Bad[0].Evidence, c.bad)) {
				t.Errorf("bad items %+v, want evidence %q", got.Bad, c.bad)
			}
		})
	}
}

func FuzzReceive(f *testing.F) {
	c, err := New(testConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"update_id":1,"message":{"message_id":5,"date":1777898400,"chat":{"id":7},"from":{"id":7},"text":"x"}}`))
	f.Add([]byte(`{"update_id":1,"edited_message":{"message_id":5,"date":1,"edit_date":-3,"chat":{"id":7},"photo":[{}],"contact":{}}}`))
	f.Add([]byte(`{"update_id":1e400}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.Receive(request(body, testSecret), testNow())
		if err != nil {
			return
		}
		for _, d := range append(got.Deliveries, got.Bad...) {
			if d.Key == "" || len(d.Key) > 512 || d.At.After(testNow()) {
				t.Errorf("key %q of %v", d.Key, d.At)
			}
		}
		for _, d := range got.Deliveries {
			m, err := c.Decode(d)
			if err != nil {
				e, ok := err.(*channels.Error)
				if !ok || e.Cause == "" {
					t.Errorf("error without a parking cause: %v", err)
				}
				continue
			}
			if again, err := c.Decode(d); err != nil || !cmp.Equal(m, again) {
				t.Errorf("decoding twice differs: %v", err)
			}
		}
	})
}
