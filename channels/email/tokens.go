package email

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email/oauth"
)

// tokenSource keeps refresh tokens, which providers rotate, in the installation's cells.
// name tells the cells of an installation apart: "imap:support", "relay:main". Redirects are refused: they would carry the secret to
// another host.
func tokenSource(name string, c OAuth, s descriptor.Setup) (*oauth.Source, error) {
	out := oauth.Config{Preset: map[string]string{"google": "gmail", "microsoft": "microsoft"}[c.Provider], Tenant: c.Tenant, TokenURL: c.TokenURL,
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Scopes: c.Scopes, Token: oauth.Token{RefreshToken: c.RefreshToken.Reveal()}}
	out.Client = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if s.Roots != nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = believing(s.Roots)
		out.Client.Transport = transport
	}
	if s.Cells != nil {
		origin := s.Digest([]byte("oauth origin"), []byte(c.RefreshToken.Reveal()))
		out.SaveToken = func(ctx context.Context, t oauth.Token) error {
			secret, err := json.Marshal(savedToken{t, origin})
			if err != nil {
				return fmt.Errorf("encoding token: %w", err)
			}
			return s.Cells.Save(ctx, name, secret)
		}
		saved, err := loadToken(s.Cells, name)
		if err != nil {
			return nil, err
		}
		if saved.Origin == origin {
			out.Token = saved.Token
		}
	}
	return oauth.New(out)
}

// savedToken is a token with the digest of the configured one that it came from: once another is
// configured, because the first was revoked, what came from that is worth nothing.
type savedToken struct {
	oauth.Token
	Origin string
}

// loadToken gives the zero token where nothing was saved yet; its Origin then fits no configured one.
func loadToken(cells *descriptor.Cells, name string) (saved savedToken, err error) {
	secret, err := cells.Load(name)
	if err != nil {
		return saved, fmt.Errorf("reading the saved token: %w", err)
	}
	if len(secret) == 0 {
		return saved, nil
	}
	if err := json.Unmarshal(secret, &saved); err != nil {
		return saved, fmt.Errorf("decoding the saved token: %w", err)
	}
	return saved, nil
}
