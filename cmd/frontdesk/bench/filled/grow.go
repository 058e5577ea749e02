// Package filled makes the database of an installation that is measured large, and hires agents in it.
package filled

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/fill"
	"frontdesk/workers/store/view"
)

// Growing makes the database of an installation that the bench measures larger. The filler is kept between calls: it
// knows what is copied.
type Growing struct {
	Config string // its configuration file
	filler *fill.Filler
}

// Grow fills the database while no service runs on it. What it holds at the first call is what is
// copied: its tickets are closed for that, so that nothing of them is left to do.
func (g *Growing) Grow(ctx context.Context, tickets int64, step func(tickets int64)) (err error) {
	c, err := configs.Load(g.Config, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		return err
	}
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		return err
	}
	defer b.Close()
	if g.filler == nil {
		if err := closeTickets(ctx, b.Store); err != nil {
			return err
		}
		if g.filler, err = fill.NewFiller(ctx, b.Store.Base); err != nil {
			return err
		}
	}
	g.filler.On(b.Store.Base)
	return g.filler.Fill(ctx, tickets, step)
}

// closeTickets closes every open ticket.
func closeTickets(ctx context.Context, s *store.Store) error {
	for before := int64(0); ; {
		tickets, err := s.View.Tickets(ctx, view.Page{Limit: 1000, Before: before})
		if err != nil || len(tickets) == 0 {
			return err
		}
		for _, t := range tickets {
			if err := s.Acts.CloseTicket(ctx, t.ID, time.Now(), "bench"); err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("closing ticket %d: %w", t.ID, err)
			}
			before = t.ID
		}
	}
}
