package telegram

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/telegramfake"
)

const (
	testToken  = "123456:TEST-token-of-nobody"
	testSecret = "hook-secret_1"
)

func testNow() time.Time { return time.Date(2026, 5, 4, 13, 0, 0, 0, time.UTC) }

func li() telegramfake.Customer {
	return telegramfake.Customer{ID: 111, Name: "Li", Username: "li_wei", Language: "zh-hans"}
}

func testConfig() Config {
	return Config{Inbox: "bot", Token: testToken, WebhookSecret: testSecret, PollTimeout: time.Second}
}

func newConnector(t *testing.T, cfg Config) *Connector {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// withFake starts a fake Bot API and a connector that talks to it.
func withFake(t *testing.T) (*Connector, *telegramfake.Server) {
	t.Helper()
	fake := telegramfake.New(testToken)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	cfg := testConfig()
	cfg.BaseURL = server.URL
	return newConnector(t, cfg), fake
}

// answering makes a connector whose provider always gives this answer.
func answering(t *testing.T, status int, body string) *Connector {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	cfg := testConfig()
	cfg.BaseURL = server.URL
	return newConnector(t, cfg)
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no inbox", func(c *Config) { c.Inbox = "" }, "no name"},
		{"no token", func(c *Config) { c.Token = "" }, "123456:secret"},
		{"a token with a slash", func(c *Config) { c.Token = "1:a/../getMe" }, "123456:secret"},
		{"a secret that Telegram would refuse", func(c *Config) { c.WebhookSecret = "with space" }, "webhook secret"},
		{"a poll that no proxy lets live", func(c *Config) { c.PollTimeout = time.Hour }, "poll timeout"},
		{"a base without a scheme", func(c *Config) { c.BaseURL = "api.telegram.org" }, "scheme and a host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig()
			c.change(&cfg)
			if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "TEST-token") {
				t.Errorf("error %v, want one about %q without the token", err, c.want)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	c, fake := withFake(t)
	if got, err := c.Probe(t.Context()); err != nil || got != "the bot is @desk_bot" {
		t.Errorf("probe = %q, %v", got, err)
	}
	fake.Fail(telegramfake.Unauthorized)
	_, err := c.Probe(t.Context())
	if e, ok := err.(*channels.Error); !ok || e.Class != channels.Unauthorized {
		t.Errorf("error %v, want Unauthorized", err)
	}
	if _, err := answering(t, 200, `{"ok":true,"result":[]}`).Probe(t.Context()); err == nil {
		t.Error("an answer that names no bot was taken")
	}
}

func TestNoTokenInErrors(t *testing.T) {
	broken := testConfig()
	broken.BaseURL = "http://127.0.0.1:1"
	c := newConnector(t, broken)
	_, probe := c.Probe(t.Context())
	_, fetch := c.Fetch(t.Context(), nil)
	_, send := c.Send(t.Context(), "k", outbound("x"))
	_, _, media := c.FetchMedia(t.Context(), "f", 1)
	leaky := newConnector(t, testConfig())
	leaky.http = &http.Client{Transport: leak{}}
	_, other := leaky.Probe(t.Context())
	for name, err := range map[string]error{"Probe": probe, "Fetch": fetch, "Send": send, "FetchMedia": media, "a transport that tells the URL": other} {
		if err == nil || strings.Contains(err.Error(), "TEST-token") {
			t.Errorf("%s: %v, want an error without the token", name, err)
		}
	}
}

// leak is a transport that repeats the URL in its error.
type leak struct{}

func (leak) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &leaked{r.URL.String()}
}

type leaked struct{ url string }

func (l *leaked) Error() string { return "cannot reach " + l.url }
