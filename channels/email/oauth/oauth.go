// Package oauth keeps the access token of a mailbox fresh (OAuth 2.0, RFC 6749).
package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
)

// TokenSource gives OAuth 2.0 access tokens. Token returns one that lives for a while yet; fresh asks
// for a new one because the server refused the last. An error of class Unauthorized means that only
// a person can help. It is called from several goroutines.
type TokenSource interface {
	Token(ctx context.Context, fresh bool) (string, error)
}

// Token is what must survive a restart. Its refresh token replaces the configured one.
type Token struct {
	// AccessToken and Expiry may be stale: then the next call renews them. RefreshToken is empty for an application's own sign-in.
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	Expiry       time.Time `json:"expiry,omitzero"`
}

// Config describes an account at an OAuth 2.0 provider. With a refresh token it is used on behalf
// of the mailbox's owner (RFC 6749 §6); without, the application signs in for itself (§4.4).
type Config struct {
	Preset string // "gmail", "microsoft" or empty: fills TokenURL and Scopes
	Tenant string // Microsoft: directory id; "common" if empty
	// TokenURL and ClientID are needed, by the preset or by themselves; a public client has no ClientSecret.
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scopes       []string
	Token        Token // the last one that was saved, or just a refresh token

	// SaveToken keeps a token whose refresh token has changed. The provider may have revoked the old
	// one by then, so the new one is used only after it is saved; saving is tried again by the next call.
	SaveToken func(ctx context.Context, t Token) error

	Client *http.Client // 30 s time limit, no redirects
	Now    func() time.Time
}

// early is how long before its end a token is renewed.
// A connection that was signed in just before the end must not be refused a moment later; providers' clocks differ, too.
const early = 5 * time.Minute

// Source keeps the access token of one account fresh. It may be shared by the account's folders
// and its sender.
// It implements TokenSource.
type Source struct {
	// mu is held while the provider is asked, so that several connections that need a token cause one question.
	cfg Config

	mu      sync.Mutex
	token   Token
	unsaved bool
}

// New checks the configuration. It asks for no token.
func New(cfg Config) (*Source, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configuring OAuth: %w", err)
	}
	return &Source{cfg: cfg, token: cfg.Token}, nil
}

// withDefaults joins preset and configuration, which wins, and refuses what no provider would answer.
func (c Config) withDefaults() (Config, error) {
	if c.Preset != "" {
		p, ok := presetOf(c.Preset)
		if !ok {
			return c, fmt.Errorf("preset %q: want gmail or microsoft", c.Preset)
		}
		c.TokenURL = cmp.Or(c.TokenURL, strings.ReplaceAll(p.token, "{tenant}", url.PathEscape(cmp.Or(c.Tenant, "common"))))
		if len(c.Scopes) == 0 {
			c.Scopes = p.delegated
			if c.Token.RefreshToken == "" {
				c.Scopes = p.application
			}
			if len(c.Scopes) == 0 {
				return c, fmt.Errorf("preset %s needs a refresh token", c.Preset)
			}
		}
	}
	if c.TokenURL == "" || c.ClientID == "" {
		return c, errors.New("token URL and client id are both needed")
	}
	if c.Token.RefreshToken == "" && c.ClientSecret == "" {
		return c, errors.New("a refresh token or a client secret is needed")
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// Token returns an access token with five minutes of life at least, or a new one.
// Errors are *channels.Error: Temporary and Throttled pass by themselves; Unauthorized is the provider's word that the grant is no longer good.
func (s *Source) Token(ctx context.Context, fresh bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.save(ctx); err != nil {
		return "", err
	}
	if !fresh && s.token.AccessToken != "" && s.cfg.Now().Add(early).Before(s.token.Expiry) {
		return s.token.AccessToken, nil
	}
	if err := s.renew(ctx); err != nil {
		return "", err
	}
	if err := s.save(ctx); err != nil {
		return "", err
	}
	return s.token.AccessToken, nil
}

// save keeps a rotated refresh token; s.mu is held.
func (s *Source) save(ctx context.Context) error {
	if !s.unsaved || s.cfg.SaveToken == nil {
		return nil
	}
	if err := s.cfg.SaveToken(ctx, s.token); err != nil {
		return &channels.Error{Op: "saving token", Class: channels.Temporary, Err: err}
	}
	s.unsaved = false
	return nil
}

// renew asks the provider; s.mu is held.
func (s *Source) renew(ctx context.Context) error {
	form := url.Values{"client_id": {s.cfg.ClientID}, "grant_type": {"client_credentials"}}
	if s.cfg.ClientSecret != "" {
		form.Set("client_secret", s.cfg.ClientSecret)
	}
	if len(s.cfg.Scopes) > 0 {
		form.Set("scope", strings.Join(s.cfg.Scopes, " "))
	}
	if s.token.RefreshToken != "" {
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", s.token.RefreshToken)
	}
	answer, err := s.post(ctx, form)
	if err != nil {
		return err
	}
	s.token.AccessToken = answer.AccessToken
	s.token.Expiry = s.cfg.Now().Add(time.Duration(cmp.Or(answer.ExpiresIn, 3600)) * time.Second)
	if answer.RefreshToken != "" && answer.RefreshToken != s.token.RefreshToken {
		s.token.RefreshToken, s.unsaved = answer.RefreshToken, true
	}
	return nil
}

// answer is the token endpoint's answer (RFC 6749 §5).
type answer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	// ExpiresIn is 0 where it is missing; an hour is taken then.
	ExpiresIn secs   `json:"expires_in"`
	Error     string `json:"error"`
}

// secs is a number of seconds, which some providers put in quotes.
type secs int64

// UnmarshalJSON implements json.Unmarshaler. More than 30 days are taken as 30.
func (n *secs) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		return errors.New("expires_in is no number")
	}
	*n = secs(min(max(v, 0), 30*24*3600))
	return nil
}

// post asks the token endpoint. Its body is never part of an error: it may hold tokens.
func (s *Source) post(ctx context.Context, form url.Values) (answer, error) {
	var answer answer
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return answer, fault(channels.Permanent, 0, "", errors.New("the token URL is no URL"))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return answer, fault(channels.Temporary, 0, "", fmt.Errorf("asking the provider: %w", err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return answer, fault(channels.Temporary, 0, "", errors.New("the provider's answer broke off"))
	}
	bad := json.Unmarshal(body, &answer) != nil
	switch {
	case resp.StatusCode == http.StatusOK && !bad && answer.AccessToken != "":
		return answer, nil
	case resp.StatusCode == http.StatusTooManyRequests:
		return answer, fault(channels.Throttled, retryAfter(resp.Header), "429", errNoToken)
	case resp.StatusCode >= 500 || bad || answer.Error == "temporarily_unavailable" || answer.Error == "server_error":
		return answer, fault(channels.Temporary, 0, strconv.Itoa(resp.StatusCode), errNoToken)
	}
	return answer, fault(channels.Unauthorized, 0, code(answer.Error), errNoToken)
}

// errNoToken stands for the provider's words.
var errNoToken = errors.New("the provider gave no token")

// fault is the error of a renewal.
func fault(class channels.Class, after time.Duration, code string, err error) error {
	return &channels.Error{Op: "refreshing token", Class: class, After: after, Code: code, Err: err}
}

// code lets through the error codes of RFC 6749 §5.2 and their like, and no longer text.
func code(code string) string {
	if len(code) > 40 || strings.ContainsFunc(code, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return "error"
	}
	return code
}

// retryAfter is the wait that an answer asks for (RFC 9110 §10.2.3), between a second and an hour; a minute where it says nothing.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 1 {
		return time.Minute
	}
	return min(time.Duration(n)*time.Second, time.Hour)
}
