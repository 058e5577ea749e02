package twilio

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/channels/webhook"
)

const (
	testAccount = "AC00000000000000000000000000000001"
	testToken   = "test-token-12345"
	testHook    = "https://desk.example.com/hooks/sms"
	ours        = "+18005551212"
	theirs      = "+14158675309"
)

func testNow() time.Time { return time.Date(2026, 5, 4, 12, 30, 0, 0, time.UTC) }

func testConfig() Config {
	return Config{Inbox: "hotline", AccountSID: testAccount, AuthToken: testToken, Number: ours, From: ours, PublicURL: testHook}
}

func newConnector(t *testing.T, cfg Config) *Connector {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// withFake starts a fake Twilio and a connector that talks to it.
func withFake(t *testing.T) (*Connector, *twiliofake.Server) {
	t.Helper()
	fake := twiliofake.New(testAccount, testToken)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fake.Base = server.URL
	cfg := testConfig()
	cfg.BaseURL = server.URL
	return newConnector(t, cfg), fake
}

// shared finds a file of the folder of shared test data.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir := os.Getenv("FRONTDESK_SHARED")
	if dir == "" {
		t.Skip("FRONTDESK_SHARED names no folder with the shared vectors")
	}
	return filepath.Join(dir, path)
}

func signed(form url.Values, query string) webhook.Request {
	u := testHook
	if query != "" {
		u += "?" + query
	}
	r := unsigned(form, query)
	r.Header.Set("X-Twilio-Signature", twiliofake.Sign(testToken, u, form))
	return r
}

func unsigned(form url.Values, query string) webhook.Request {
	return webhook.Request{
		Method: http.MethodPost,
		URL:    &url.URL{Path: "/behind/the/proxy", RawQuery: query},
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Forwarded-Host": {"evil.example"}},
		Body:   []byte(form.Encode()),
		Remote: "192.0.2.7",
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no inbox", func(c *Config) { c.Inbox = "" }, "no name"},
		{"an account that is none", func(c *Config) { c.AccountSID = "SK123" }, "account SID"},
		{"no token", func(c *Config) { c.AuthToken = "" }, "auth token"},
		{"a number with spaces", func(c *Config) { c.From = "+1 800 555 1212" }, "E.164"},
		{"a public URL without host", func(c *Config) { c.PublicURL = "/hooks/sms" }, "scheme and a host"},
		{"a public URL with a query", func(c *Config) { c.PublicURL += "?a=b" }, "no query"},
		{"a base URL of another kind", func(c *Config) { c.BaseURL = "ftp://host/" }, "scheme and a host"},
		{"something that is no URL", func(c *Config) { c.PublicURL = "http://%zz" }, "not a URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig()
			c.change(&cfg)
			_, err := New(cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), testToken) {
				t.Errorf("error %v, want one about %q without the token", err, c.want)
			}
		})
	}
	cfg := testConfig()
	cfg.From = "Frontdesk" // alphanumeric sender
	newConnector(t, cfg)
}
