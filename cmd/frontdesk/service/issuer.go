package service

import (
	"fmt"
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/workers/desk/oidc"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/links"
	"frontdesk/workers/store/viewer"
)

// issuerWithin is for how long the issuer of the desk's people is waited for.
const issuerWithin = 10 * time.Second

// issuer is who vouches for the desk's people; nil: nobody does.
func (a *Service) issuer() (*signin.Issuer, error) {
	c := a.config.Access.OIDC
	if c == nil {
		return nil, nil
	}
	pool, err := trust.Roots("", a.config.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading whom the desk believes about its issuer: %w", err)
	}
	ask := oidc.New(oidc.Config{Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Scopes: append([]string{"openid"}, c.Scopes...), GroupsClaim: c.GroupsClaim, Client: trust.Client(pool, issuerWithin)})
	return &signin.Issuer{Issuer: ask, Name: c.Name, Links: a.base.Store.Links, Token: a.base.Store.Base.Ring.Token,
		Rules: links.Rules{ByEmail: c.LinkByEmail, Create: len(c.Groups) > 0, Groups: len(c.Groups) > 0},
		Grants: func(groups []string) (out []viewer.Grant) {
			for _, g := range c.Groups {
				for _, has := range groups {
					if has != g.Group {
						continue
					}
					for _, queue := range g.Queues {
						out = append(out, viewer.Grant{Role: viewer.Role(g.Role), Queue: queue})
					}
					if len(g.Queues) == 0 {
						out = append(out, viewer.Grant{Role: viewer.Role(g.Role), Queue: viewer.Every})
					}
				}
			}
			return out
		}}, nil
}
