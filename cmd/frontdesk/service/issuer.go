package service

import (
	"context"
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

const (
	// chainEvery is how soon what was done at the desk stands in the chain of its log, chainMost how much at a time.
	chainEvery = time.Second
	chainMost  = 500
)

// chain goes on with the desk's log until ctx ends. What waits then is gone on with by the next start, or by another process.
func (a *Service) chain(ctx context.Context) {
	tick := time.NewTicker(chainEvery)
	defer tick.Stop()
	for {
		n, err := a.base.Store.Logbook.Chain(ctx, chainMost)
		if err != nil && ctx.Err() == nil {
			a.logger.Warn("going on with the desk's log failed; it is tried again", "error", err)
		}
		if err == nil && n == chainMost {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
