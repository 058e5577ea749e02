package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// tokenFake is a token endpoint that rotates refresh tokens and revokes the old ones.
type tokenFake struct {
	*httptest.Server
	mu      sync.Mutex
	refresh string // the one that is valid
	rotate  bool
	served  int
	forms   []url.Values
	answer  func(w http.ResponseWriter) // instead of a token
}

func newTokenFake(t *testing.T) *tokenFake {
	t.Helper()
	f := &tokenFake{refresh: "refresh-0"}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *tokenFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.forms = append(f.forms, r.PostForm)
	if f.answer != nil {
		f.answer(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.PostForm.Get("grant_type") == "refresh_token" && r.PostForm.Get("refresh_token") != f.refresh {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"AADSTS70008: token of anna@example.com expired"}`))
		return
	}
	f.served++
	out := map[string]any{"access_token": fmt.Sprintf("access-%d", f.served), "expires_in": 3600, "token_type": "Bearer"}
	if f.rotate {
		f.refresh = fmt.Sprintf("refresh-%d", f.served)
		out["refresh_token"] = f.refresh
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (f *tokenFake) config(now *time.Time) Config {
	return Config{
		TokenURL: f.URL, ClientID: "app", ClientSecret: "app-secret", Scopes: []string{"mail", "offline_access"},
		Token: Token{RefreshToken: "refresh-0"}, Now: func() time.Time { return *now },
	}
}

func newSource(t *testing.T, cfg Config) *Source {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantToken(t *testing.T, s *Source, fresh bool, want string) {
	t.Helper()
	if got, err := s.Token(t.Context(), fresh); err != nil || got != want {
		t.Fatalf("Token(fresh %v) = %q, %v, want %q", fresh, got, err, want)
	}
}

func TestOAuthTokenIsRenewedFiveMinutesEarly(t *testing.T) {
	f, now := newTokenFake(t), time.Now()
	s := newSource(t, f.config(&now))
	wantToken(t, s, false, "access-1")
	now = now.Add(54 * time.Minute)
	wantToken(t, s, false, "access-1")
	now = now.Add(time.Minute)
	wantToken(t, s, false, "access-2")
	wantToken(t, s, true, "access-3")
	want := url.Values{
		"client_id": {"app"}, "client_secret": {"app-secret"}, "grant_type": {"refresh_token"},
		"refresh_token": {"refresh-0"}, "scope": {"mail offline_access"},
	}
	if diff := cmp.Diff(want, f.forms[0]); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

// Scenario: the refresh token rotates, and the process restarts with what was saved.
func TestOAuthRotatedTokenIsSavedBeforeUse(t *testing.T) {
	f, now := newTokenFake(t), time.Now()
	f.rotate = true
	cfg := f.config(&now)
	var saved []Token
	failing := true
	cfg.SaveToken = func(_ context.Context, t Token) error {
		if failing {
			return errors.New("disk full")
		}
		saved = append(saved, t)
		return nil
	}
	s := newSource(t, cfg)
	_, err := s.Token(t.Context(), false)
	if e := emailtest.Error(t, err); e.Class != channels.Temporary {
		t.Errorf("a token that cannot be saved gives %+v, want Temporary", e)
	}
	failing = false
	wantToken(t, s, false, "access-1")
	if len(f.forms) != 1 || len(saved) != 1 || saved[0].RefreshToken != "refresh-1" {
		t.Fatalf("asked %d times, saved %v; want the first answer saved late", len(f.forms), saved)
	}
	cfg.Token = saved[0]
	again := newSource(t, cfg)
	wantToken(t, again, false, "access-1")
	wantToken(t, again, true, "access-2")
	if len(saved) != 2 || saved[1].RefreshToken != "refresh-2" {
		t.Errorf("saved %v, want the second rotation too", saved)
	}
}

func TestOAuthClientCredentials(t *testing.T) {
	f, now := newTokenFake(t), time.Now()
	cfg := Config{Preset: "microsoft", TokenURL: f.URL, ClientID: "app", ClientSecret: "s", Now: func() time.Time { return now }}
	wantToken(t, newSource(t, cfg), false, "access-1")
	want := url.Values{
		"client_id": {"app"}, "client_secret": {"s"}, "grant_type": {"client_credentials"},
		"scope": {"https://outlook.office365.com/.default"},
	}
	if diff := cmp.Diff(want, f.forms[0]); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestOAuthErrors(t *testing.T) {
	status := func(code int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	type seen struct {
		Class channels.Class
		Code  string
		After time.Duration
	}
	cases := map[string]struct {
		answer func(http.ResponseWriter)
		want   seen
	}{
		"a revoked grant":             {status(400, `{"error":"invalid_grant"}`), seen{channels.Unauthorized, "invalid_grant", 0}},
		"a wrong client secret":       {status(401, `{"error":"invalid_client"}`), seen{channels.Unauthorized, "invalid_client", 0}},
		"foreign words for a code":    {status(400, `{"error":"anna@example.com did it"}`), seen{channels.Unauthorized, "error", 0}},
		"the provider is down":        {status(503, `<html>`), seen{channels.Temporary, "503", 0}},
		"a passing error":             {status(400, `{"error":"temporarily_unavailable"}`), seen{channels.Temporary, "400", 0}},
		"too often":                   {status(429, `{}`), seen{channels.Throttled, "429", 17 * time.Second}},
		"a page instead of an answer": {status(200, `<html>sign in</html>`), seen{channels.Temporary, "200", 0}},
		"no answer at all":            {func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, seen{channels.Temporary, "", 0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, now := newTokenFake(t), time.Now()
			f.answer = c.answer
			_, err := newSource(t, f.config(&now)).Token(t.Context(), false)
			e := emailtest.Error(t, err)
			if diff := cmp.Diff(c.want, seen{e.Class, e.Code, e.After}); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			for _, secret := range []string{"app-secret", "refresh-0", "anna@"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error tells %q", secret)
				}
			}
		})
	}
}

func TestOAuthExpiryInQuotes(t *testing.T) {
	f, now := newTokenFake(t), time.Now()
	f.answer = func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"access_token":"a","expires_in":"3599"}`)) }
	s := newSource(t, f.config(&now))
	wantToken(t, s, false, "a")
	wantToken(t, s, false, "a")
	if len(f.forms) != 1 {
		t.Errorf("asked %d times, want once", len(f.forms))
	}
}

func TestOAuthPresets(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		cfg   Config
		url   string
		scope string
	}{
		"Gmail":                 {Config{Preset: "gmail"}, "https://oauth2.googleapis.com/token", "https://mail.google.com/"},
		"Microsoft":             {Config{Preset: "microsoft"}, "https://login.microsoftonline.com/common/oauth2/v2.0/token", "https://outlook.office.com/IMAP.AccessAsUser.All"},
		"Microsoft of a tenant": {Config{Preset: "microsoft", Tenant: "contoso"}, "https://login.microsoftonline.com/contoso/oauth2/v2.0/token", "https://outlook.office.com/IMAP.AccessAsUser.All"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.ClientID, c.cfg.Token.RefreshToken, c.cfg.Now = "app", "r", func() time.Time { return now }
			s := newSource(t, c.cfg)
			if s.cfg.TokenURL != c.url || s.cfg.Scopes[0] != c.scope {
				t.Errorf("got %s with %v", s.cfg.TokenURL, s.cfg.Scopes)
			}
		})
	}
	for name, cfg := range map[string]Config{
		"an unknown preset":                {Preset: "hotmail", ClientID: "app", ClientSecret: "s"},
		"neither grant nor secret":         {TokenURL: "http://x", ClientID: "app"},
		"Gmail for an application":         {Preset: "gmail", ClientID: "app", ClientSecret: "s"},
		"no token URL and no preset":       {ClientID: "app", ClientSecret: "s"},
		"no client id to speak of at all ": {TokenURL: "http://x", ClientSecret: "s"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
