package service

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/workers/proving"
	"frontdesk/workers/vouching"
)

// checkPages are the pages on which customers enter one-time codes.
func (a *Service) checkPages() (http.Handler, error) {
	h, err := proving.New(proving.Config{Checks: a.base.Store.Checking, Desk: a.config.Desk.Name, Names: a.config.Desk.Names, Remote: a.door.Remote, Logger: a.logger})
	if err != nil {
		return nil, fmt.Errorf("making the page of a check: %w", err)
	}
	return h, nil
}

// checkPage is the address of such a page; "" where it is not known how customers reach it: the address of the listener is right on this machine only, where the
// demonstration's customers are.
func (a *Service) checkPage(link string) string {
	base := strings.TrimSuffix(a.config.Listen.PublicURL, "/")
	if base == "" && a.public != nil && a.given.Demo {
		base = "http://" + Dialable(a.publicAddress())
	}
	if base == "" {
		return ""
	}
	return base + proving.Path + link
}

// vouch asks the company's system for addresses of customers; nil where none is configured.
func (a *Service) vouch() (func(context.Context, int64, []vouching.Known) ([]vouching.Vouched, error), error) {
	h := a.config.Identity.Addresses
	if h == nil {
		return nil, nil
	}
	believed, err := trust.Roots("", a.config.CAFile)
	if err != nil {
		return nil, err
	}
	asker := &vouching.Asker{URL: h.URL, Secret: []byte(h.Secret.Reveal()), Now: time.Now, Client: trust.Guarded(believed, h.Timeout.Std(), h.Private || h.Local())}
	return asker.Ask, nil
}
