// Package dispatch has waiting tickets come to agents who can begin them, in queues that hand out their work unasked.
package dispatch

import (
	"context"
	"log/slog"
	"time"

	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
)

// Config is what a Dispatcher works with.
type Config struct {
	Store  *store.Store
	Rules  assign.Rules
	Logger *slog.Logger
}

// Dispatcher gives out work: at once when something has changed at the desk of this process, and once a second, since other processes change
// it as well, and waiting is time, too. Any number of them may work on one database; the store's claim is the guard.
type Dispatcher struct{ Config }

// New makes a Dispatcher.
func New(c Config) *Dispatcher { return &Dispatcher{c} }

const (
	every      = time.Second
	overEvery  = 10 * time.Second // it counts in minutes
	roundsMost = 64               // without a look at the clock; more comes with the next second
	within     = 10 * time.Second // for one round
)

// Run gives out work until ctx ends. Where no queue hands out its work, and none overflows, it does nothing.
func (d *Dispatcher) Run(ctx context.Context) {
	if !d.works() {
		return
	}
	bell, leave := d.Store.Base.Bell.Listen()
	defer leave()
	tick := time.NewTicker(every)
	defer tick.Stop()
	var over time.Time
	for {
		d.rounds(ctx)
		if now := time.Now(); now.Sub(over) >= overEvery {
			over = now
			d.overflow(ctx, now)
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-tick.C:
		}
	}
}

// works reports whether there is anything that it does by itself.
func (d *Dispatcher) works() bool {
	for _, q := range d.Rules.Queues {
		if q.Push || q.Overflow != "" {
			return true
		}
	}
	return false
}

// rounds gives out what can be given out now.
func (d *Dispatcher) rounds(ctx context.Context) {
	for range roundsMost {
		bounded, cancel := context.WithTimeout(ctx, within)
		_, again, err := d.Store.Dispatch.Round(bounded, d.Rules, time.Now())
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				d.Logger.Error("giving out tickets failed; trying again", "error", err)
			}
			return
		}
		if !again {
			return
		}
	}
}

func (d *Dispatcher) overflow(ctx context.Context, now time.Time) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	n, err := d.Store.Dispatch.Overflow(bounded, d.Rules, now)
	if n > 0 {
		d.Logger.Info("tickets went on to another queue", "tickets", n)
	}
	if err != nil && ctx.Err() == nil {
		d.Logger.Error("sending tickets on failed; trying again", "error", err)
	}
}
