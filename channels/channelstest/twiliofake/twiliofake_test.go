package twiliofake

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The signature was made by hand with another program: HMAC-SHA1 over the URL and the sorted
// parameters, "https://desk.example.org/smsAb1Ab2Ba=& 退款".
func TestSign(t *testing.T) {
	form := url.Values{"B": {"a=& 退款"}, "A": {"b2", "b1", "b2"}}
	if got, want := Sign("token", "https://desk.example.org/sms", form), "LLC/RVNxzUYQZn8NAREdi1yL1zE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestPostSignsForThePublicURL(t *testing.T) {
	const public = "https://desk.example.org/sms"
	var signature string
	var got url.Values
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		signature, got = r.Header.Get("X-Twilio-Signature"), r.PostForm
	}))
	defer hook.Close()
	s := New("AC1", "token")
	_, form := s.Arrive("+14158675309", "+18005551212", "hello")
	status, err := s.Post(t.Context(), hook.Client(), public, hook.URL, form)
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	if signature != Sign("token", public, form) {
		t.Error("the signature is not over the public URL")
	}
	if diff := cmp.Diff(form, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	server := httptest.NewServer(New("AC1", "token"))
	defer server.Close()
	for _, c := range []struct {
		name, password, path string
		form                 url.Values
		want                 int
	}{
		{"a wrong token", "other", "/2010-04-01/Accounts/AC1/Messages.json", url.Values{"To": {"+1"}, "From": {"+2"}, "Body": {"x"}}, 401},
		{"no recipient", "token", "/2010-04-01/Accounts/AC1/Messages.json", url.Values{"From": {"+2"}, "Body": {"x"}}, 400},
		{"no sender", "token", "/2010-04-01/Accounts/AC1/Messages.json", url.Values{"To": {"+1"}, "Body": {"x"}}, 400},
		{"a long text", "token", "/2010-04-01/Accounts/AC1/Messages.json", url.Values{"To": {"+1"}, "From": {"+2"}, "Body": {strings.Repeat("x", 1601)}}, 400},
		{"another account", "token", "/2010-04-01/Accounts/AC2/Messages.json", nil, 404},
		{"a message that is not there", "token", "/2010-04-01/Accounts/AC1/Messages/SM1.json", nil, 404},
		{"a good message", "token", "/2010-04-01/Accounts/AC1/Messages.json", url.Values{"To": {"+1"}, "From": {"+2"}, "Body": {"x"}}, 201},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+c.path, strings.NewReader(c.form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth("AC1", c.password)
			res, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("status %d, want %d", res.StatusCode, c.want)
			}
		})
	}
}
