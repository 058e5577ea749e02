package twilio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/channels/webhook"
)

type signatureVector struct {
	Name      string              `json:"name"`
	AuthToken string              `json:"auth_token"`
	URL       string              `json:"url"`
	Form      map[string][]string `json:"form"`
	JSON      *string             `json:"raw_json_body"`
	Signature string              `json:"signature"`
	Valid     bool                `json:"valid"`
}

func (v signatureVector) check(t *testing.T) {
	t.Helper()
	hook, query, _ := strings.Cut(v.URL, "?")
	cfg := testConfig()
	cfg.AuthToken, cfg.PublicURL = v.AuthToken, hook
	r := webhook.Request{
		Method: http.MethodPost,
		URL:    &url.URL{Path: "/internal", RawQuery: query},
		Header: http.Header{"X-Twilio-Signature": {v.Signature}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(url.Values(v.Form).Encode()),
	}
	if v.JSON != nil {
		r.Body = []byte(*v.JSON)
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if got := newConnector(t, cfg).verify(r, parseForm(r)); got != v.Valid {
		t.Errorf("verify = %v, want %v", got, v.Valid)
	}
}

func readVectors(t *testing.T, path string) []signatureVector {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []signatureVector }
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("reading %s: %d cases, %v", path, len(file.Cases), err)
	}
	return file.Cases
}

func TestSignatureOfTheSharedVectors(t *testing.T) {
	for _, v := range readVectors(t, shared(t, "vectors/twilio-signature.json")) {
		t.Run(v.Name, v.check)
	}
}

func TestSignatureOfOwnVectors(t *testing.T) {
	for _, v := range readVectors(t, "testdata/signatures.json") {
		t.Run(v.Name, v.check)
	}
}

func TestSignatureOfWhatTwilioCalled(t *testing.T) {
	form := url.Values{"From": {theirs}, "Body": {"it's 5 o'clock & 退款"}, "X": {"b", "a", "a"}}
	for _, c := range []struct {
		name, configured, called, query, receivedQuery string
		want                                           bool
	}{
		{"as configured", testHook, testHook, "", "", true},
		{"with the port", testHook, "https://desk.example.com:443/hooks/sms", "", "", true},
		{"without the port that is configured", "https://desk.example.com:443/hooks/sms", testHook, "", "", true},
		{"with another port", testHook, "https://desk.example.com:8443/hooks/sms", "", "", false},
		{"with a final slash", testHook, testHook + "/", "", "", true},
		{"without the final slash that is configured", testHook + "/", testHook, "", "", true},
		{"with a root path", "https://desk.example.com", "https://desk.example.com/", "", "", true},
		{"by http", testHook, "http://desk.example.com/hooks/sms", "", "", false},
		{"with an escaped apostrophe that the proxy unescaped", testHook, testHook, "who=it%27s", "who=it's", true},
		{"with spaces written anew", testHook, testHook, "q=a%20b", "q=a+b", true},
		{"with another query", testHook, testHook, "key=1", "key=2", false},
		{"with a parameter more in the query", testHook, testHook, "key=1", "key=1&x=2", false},
		{"for another host", testHook, "https://other.example.com/hooks/sms", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig()
			cfg.PublicURL = c.configured
			called := c.called
			if c.query != "" {
				called += "?" + c.query
			}
			r := unsigned(form, c.receivedQuery)
			r.Header.Set("X-Twilio-Signature", twiliofake.Sign(testToken, called, form))
			if got := newConnector(t, cfg).verify(r, parseForm(r)); got != c.want {
				t.Errorf("verify = %v, want %v", got, c.want)
			}
		})
	}
}

func TestJSONNeedsItsDigestInTheSignedURL(t *testing.T) {
	c := newConnector(t, testConfig())
	r := unsigned(nil, "")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Twilio-Signature", twiliofake.Sign(testToken, testHook, nil)) // a good signature of the bare URL
	r.Body = []byte(`{"anything": true}`)
	if c.verify(r, parseForm(r)) {
		t.Error("a JSON body that nothing signs was let in")
	}
}

func BenchmarkReceive(b *testing.B) {
	c, err := New(testConfig())
	if err != nil {
		b.Fatal(err)
	}
	r := signed(url.Values{"MessageSid": {"SM1"}, "AccountSid": {testAccount}, "From": {theirs}, "To": {ours}, "Body": {"我的付款失败了"}}, "")
	for b.Loop() {
		if _, err := c.Receive(r, testNow()); err != nil {
			b.Fatal(err)
		}
	}
}
