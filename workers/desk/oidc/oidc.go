// Package oidc lets people in by an issuer of their company (OpenID Connect Core 1.0): by code, with PKCE (RFC 7636), state and nonce. It knows the
// protocol, and nothing of users.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config is what is known of the issuer.
type Config struct {
	Issuer, ClientID, ClientSecret string
	Scopes                         []string
	GroupsClaim                    string
	Client                         *http.Client
	Now                            func() time.Time // nil: time.Now
}

// Issuer is the other side. It is safe for concurrent use. What it says of itself is asked for when somebody comes, and kept once it was said: a
// desk starts whether or not it can be reached.
type Issuer struct {
	Config
	mu       sync.Mutex
	provider *oidc.Provider
}

// New makes an issuer. It asks nobody.
func New(c Config) *Issuer {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Issuer{Config: c}
}

// Person is whom the issuer vouches for.
type Person struct {
	Issuer, Subject string
	Email           string
	Verified        bool // the issuer says that the address is his
	Name, Login     string
	Groups          []string
}

// Flow is what binds an answer to the question: Nonce and Verifier are secrets of one sign-in.
type Flow struct{ State, Nonce, Verifier string }

// ErrRefused says that the issuer, or what it has sent, lets nobody in.
var ErrRefused = errors.New("the issuer does not vouch for anybody")

// mostAnswer is for how long the issuer is waited for.
const mostAnswer = 10 * time.Second

// known asks the issuer what it is, once.
func (i *Issuer) known(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// The provider keeps the context for later requests, which outlive this one.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), i.Client), i.Config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("asking the issuer what it is: %w", err)
	}
	i.provider = p
	return p, nil
}

func (i *Issuer) client(p *oidc.Provider, back string) oauth2.Config {
	return oauth2.Config{ClientID: i.ClientID, ClientSecret: i.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: back, Scopes: i.Scopes}
}

// Begin is the address at which somebody signs in; back is where he comes back to.
func (i *Issuer) Begin(ctx context.Context, f Flow, back string) (string, error) {
	p, err := i.known(ctx)
	if err != nil {
		return "", err
	}
	c := i.client(p, back)
	return c.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// Finish gives a code for the person whom it stands for. ErrRefused: the issuer takes it for none, or its token is not for us, of another
// question, over, or not signed by it.
func (i *Issuer) Finish(ctx context.Context, f Flow, code, back string) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, mostAnswer)
	defer cancel()
	p, err := i.known(ctx)
	if err != nil {
		return Person{}, err
	}
	c := i.client(p, back)
	token, err := c.Exchange(oidc.ClientContext(ctx, i.Client), code, oauth2.VerifierOption(f.Verifier))
	if refused := new(oauth2.RetrieveError); errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return Person{}, fmt.Errorf("exchanging a code: %w: %s", ErrRefused, refused.ErrorCode)
	}
	if err != nil {
		return Person{}, fmt.Errorf("exchanging a code: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Person{}, fmt.Errorf("exchanging a code: %w: there is no ID token", ErrRefused)
	}
	id, err := p.VerifierContext(oidc.ClientContext(ctx, i.Client), &oidc.Config{ClientID: i.ClientID, Now: i.Now}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("verifying an ID token: %w: %w", ErrRefused, err)
	}
	if id.Nonce != f.Nonce || id.Subject == "" {
		return Person{}, fmt.Errorf("verifying an ID token: %w: it answers another question", ErrRefused)
	}
	return i.person(id)
}

// person reads the claims.
func (i *Issuer) person(id *oidc.IDToken) (Person, error) {
	var c struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some send it as a text
		Name     string `json:"name"`
		Login    string `json:"preferred_username"`
	}
	more := map[string]any{}
	err := id.Claims(&c)
	if err == nil {
		err = id.Claims(&more)
	}
	if err != nil {
		return Person{}, fmt.Errorf("reading an ID token: %w: %w", ErrRefused, err)
	}
	out := Person{Issuer: id.Issuer, Subject: id.Subject, Email: strings.ToLower(strings.TrimSpace(c.Email)), Name: c.Name, Login: c.Login, Verified: c.Verified == true || c.Verified == "true"}
	switch groups := more[i.GroupsClaim].(type) {
	case string:
		out.Groups = []string{groups}
	case []any:
		for _, g := range groups {
			if name, ok := g.(string); ok {
				out.Groups = append(out.Groups, name)
			}
		}
	}
	return out, nil
}
