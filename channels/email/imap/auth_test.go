package imap

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// fakeTokens is a token source whose first token may be stale.
type fakeTokens struct {
	tokens []string
	fresh  []bool
	err    error
}

func (s *fakeTokens) Token(_ context.Context, fresh bool) (string, error) {
	s.fresh = append(s.fresh, fresh)
	if s.err != nil {
		return "", s.err
	}
	return s.tokens[min(len(s.fresh), len(s.tokens))-1], nil
}

// saslHook is a hook that takes one bearer token, as Gmail and Microsoft 365 do.
func saslHook(s *fake, mech, good string) func(*fakeConn, string, string) bool {
	return func(c *fakeConn, tag, line string) bool {
		rest, ok := strings.CutPrefix(line, "AUTHENTICATE "+mech)
		if !ok {
			return false
		}
		first := strings.TrimSpace(rest)
		if first == "" {
			c.say("+ ")
			first, _ = c.in.ReadString('\n')
		}
		raw, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(first))
		s.set(func() { s.lines = append(s.lines, "SASL "+string(raw)) })
		if strings.Contains(string(raw), "auth=Bearer "+good+"\x01\x01") {
			c.say("%s OK welcome", tag)
			return true
		}
		c.say("+ %s", base64.StdEncoding.EncodeToString([]byte(`{"status":"400","schemes":"Bearer"}`)))
		reply, _ := c.in.ReadString('\n')
		s.set(func() { s.lines = append(s.lines, "REPLY "+strings.TrimRight(reply, "\r\n")) })
		c.say("%s NO SASL authentication failed for support@example.org", tag)
		return true
	}
}

func TestSignInWithTokens(t *testing.T) {
	cases := map[string]struct {
		auth, caps, first, reply string
	}{
		"XOAUTH2":                          {AuthXOAUTH2, "IMAP4rev1 SASL-IR AUTH=XOAUTH2", "user=support\x01auth=Bearer %s\x01\x01", ""},
		"XOAUTH2 without initial response": {AuthXOAUTH2, "IMAP4rev1 AUTH=XOAUTH2", "user=support\x01auth=Bearer %s\x01\x01", ""},
		"OAUTHBEARER":                      {AuthOAuthBearer, "IMAP4rev1 SASL-IR AUTH=OAUTHBEARER", "n,a=support,\x01host=127.0.0.1\x01port=PORT\x01auth=Bearer %s\x01\x01", "AQ=="},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(1)
			s.caps = c.caps + " IDLE"
			s.hook = saslHook(s, strings.ToUpper(c.auth), "good-token")
			cfg := s.config()
			tokens := &fakeTokens{tokens: []string{"stale-token", "good-token"}}
			cfg.Auth, cfg.Tokens = c.auth, tokens
			if got, _ := drain(t, newFetcher(t, cfg), nil, 1); len(got) != 1 {
				t.Errorf("got %d mails", len(got))
			}
			if diff := cmp.Diff([]bool{false, true}, tokens.fresh); diff != "" {
				t.Errorf("asked for fresh tokens (-want +got):\n%s", diff)
			}
			_, port, _ := strings.Cut(s.addr, ":")
			want := strings.ReplaceAll(strings.ReplaceAll(c.first, "PORT", port), "%s", "stale-token")
			if got := s.said("SASL ")[0]; got != "SASL "+want {
				t.Errorf("first answer = %q, want %q", got, want)
			}
			if got := s.said("REPLY "); len(got) != 1 || got[0] != "REPLY "+c.reply {
				t.Errorf("answer to the challenge = %q, want %q", got, c.reply)
			}
		})
	}
}

// Scenario: OAuth expiry; one bad token stops the others.
func TestRevokedAccountRestsAndOthersGoOn(t *testing.T) {
	s := newFake(t)
	s.fill(1)
	s.login = "NO [AUTHENTICATIONFAILED] invalid credentials for support"
	now := time.Now()
	cfg := s.config()
	cfg.Now = func() time.Time { return now }
	f := newFetcher(t, cfg)

	var waits []time.Duration
	for range 6 {
		_, err := f.Fetch(t.Context(), nil)
		e := emailtest.Error(t, err)
		if e.Class != channels.Unauthorized || !strings.Contains(err.Error(), "support-mail") || strings.Contains(err.Error(), "test-password") {
			t.Fatalf("error = %v (%+v), want Unauthorized with the inbox and without the secret", err, e)
		}
		waits = append(waits, e.After)
		logins := len(s.said("LOGIN"))
		if _, err := f.Fetch(t.Context(), nil); emailtest.Error(t, err).Class != channels.Unauthorized {
			t.Fatal(err)
		}
		if _, err := f.Probe(t.Context()); emailtest.Error(t, err).Class != channels.Unauthorized {
			t.Fatal(err)
		}
		if got := len(s.said("LOGIN")); got != logins {
			t.Fatalf("the account was tried %d times while it rested", got-logins)
		}
		now = now.Add(e.After)
	}
	want := []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, time.Hour}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	if got := len(s.said("LOGIN")); got != 12 {
		t.Errorf("tried %d times, want twice each time", got)
	}

	other := newFake(t)
	other.fill(1)
	if got, _ := drain(t, newFetcher(t, other.config()), nil, 1); len(got) != 1 {
		t.Error("the other account does not work")
	}
	s.set(func() { s.login = "" })
	if got, _ := drain(t, f, nil, 1); len(got) != 1 {
		t.Error("the account does not come back with new credentials")
	}
}

func TestSignInTellsRefusalFromTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   channels.Class
	}{
		"wrong password":                {"NO [AUTHENTICATIONFAILED] no", channels.Unauthorized},
		"refused without a code":        {"NO LOGIN failed", channels.Unauthorized},
		"an app password is needed":     {"NO [ALERT] Application-specific password required", channels.Unauthorized},
		"the backend is down":           {"NO [UNAVAILABLE] later", channels.Temporary},
		"too many at once":              {"NO [ALERT] Too many simultaneous connections", channels.Throttled},
		"Microsoft is moving the house": {"BAD User is authenticated but not connected.", channels.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.login = c.answer
			_, err := newFetcher(t, s.config()).Fetch(t.Context(), nil)
			if e := emailtest.Error(t, err); e.Class != c.want {
				t.Errorf("class = %q, want %q (%v)", e.Class, c.want, err)
			}
		})
	}
}

func TestSignInTokenSourceTrouble(t *testing.T) {
	s := newFake(t)
	cfg := s.config()
	tokens := &fakeTokens{err: &channels.Error{Op: "refreshing token", Class: channels.Unauthorized, Code: "invalid_grant", Err: errors.New("no token")}}
	cfg.Auth, cfg.Tokens = AuthXOAUTH2, tokens
	f := newFetcher(t, cfg)
	for range 3 {
		_, err := f.Fetch(t.Context(), nil)
		if e := emailtest.Error(t, err); e.Class != channels.Unauthorized || e.After <= 0 || !strings.Contains(e.Op, "support-mail") {
			t.Errorf("revoked token gives %+v, want the account to rest", e)
		}
	}
	if len(tokens.fresh) != 1 || s.connections() != 0 {
		t.Errorf("asked for %d tokens on %d connections, want one and none", len(tokens.fresh), s.connections())
	}
	tokens = &fakeTokens{err: errors.New("network down")}
	cfg.Tokens = tokens
	_, err := newFetcher(t, cfg).Fetch(t.Context(), nil)
	if e := emailtest.Error(t, err); e.Class != channels.Temporary {
		t.Errorf("a network failure gives %q, want Temporary", e.Class)
	}
}

func TestSignInByPassword(t *testing.T) {
	for name, c := range map[string]struct{ caps, password, want string }{
		"LOGIN where the server has it":          {"IMAP4rev1 SASL-IR AUTH=PLAIN", "secret", `LOGIN "support" "secret"`},
		"PLAIN where LOGIN is disabled":          {"IMAP4rev1 SASL-IR AUTH=PLAIN LOGINDISABLED", "secret", "AUTHENTICATE PLAIN AHN1cHBvcnQAc2VjcmV0"},
		"PLAIN for a password beyond US-ASCII":   {"IMAP4rev1 SASL-IR AUTH=PLAIN", "geheim-ü", "AUTHENTICATE PLAIN AHN1cHBvcnQAZ2VoZWltLcO8"},
		"LOGIN although PLAIN is not advertised": {"IMAP4rev1", "secret", `LOGIN "support" "secret"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.caps = c.caps
			cfg := s.config()
			cfg.Password = c.password
			if _, err := newFetcher(t, cfg).Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := append(s.said("LOGIN"), s.said("AUTHENTICATE")...); len(got) != 1 || got[0] != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}

// 163 and 126 refuse a client that does not say who it is before it opens a folder.
func TestIDIsSaidBeforeTheFolderIsOpened(t *testing.T) {
	s := newFake(t)
	s.fill(1)
	s.hook = func(c *fakeConn, tag, line string) bool {
		if strings.HasPrefix(line, "EXAMINE") && len(s.said("ID ")) == 0 {
			c.say("%s NO EXAMINE Unsafe Login. Please contact kefu@188.com for help", tag)
			return true
		}
		return false
	}
	if got, _ := drain(t, newFetcher(t, s.config()), nil, 1); len(got) != 1 {
		t.Errorf("got %d mails", len(got))
	}
	if diff := cmp.Diff([]string{`ID ("name" "Frontdesk")`}, s.said("ID ")); diff != "" {
		t.Errorf("ID (-want +got):\n%s", diff)
	}
}
