package imap

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"frontdesk/channels/email/oauth"
)

func TestOAuthFeedsIMAP(t *testing.T) {
	given := 0
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		given++
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":3600,"token_type":"Bearer"}`, given)
	}))
	t.Cleanup(provider.Close)
	tokens, err := oauth.New(oauth.Config{TokenURL: provider.URL, ClientID: "app", ClientSecret: "app-secret", Scopes: []string{"mail"}})
	if err != nil {
		t.Fatal(err)
	}
	s := newFake(t)
	s.fill(1)
	s.caps = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 IDLE"
	s.hook = saslHook(s, "XOAUTH2", "access-2") // the first one is refused
	cfg := s.config()
	cfg.Auth, cfg.Tokens = AuthXOAUTH2, tokens
	if got, _ := drain(t, newFetcher(t, cfg), nil, 1); len(got) != 1 {
		t.Errorf("got %d mails", len(got))
	}
}
