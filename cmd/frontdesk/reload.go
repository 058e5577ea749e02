package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"frontdesk/configs"
)

// reloader takes over what can change while the service runs, at SIGHUP (kill -HUP by habit, a terminal that is closed). It never ends
// the service: what cannot be used is logged and changes nothing.
type reloader struct {
	read    func() (configs.Config, error)
	running configs.Config // what is in force
	level   *slog.LevelVar
	logger  *slog.Logger
	hangUps chan os.Signal
	app     *app // nil while there is none whose inboxes could change
}

// newReloader catches the signal from now on; it is acted upon by run.
func newReloader(read func() (configs.Config, error), running configs.Config, level *slog.LevelVar, logger *slog.Logger) *reloader {
	r := &reloader{read: read, running: running, level: level, logger: logger, hangUps: make(chan os.Signal, 1)}
	signal.Notify(r.hangUps, syscall.SIGHUP)
	return r
}

// run acts upon the signal until ctx ends. Sources that are begun anew are counted in running.
func (r *reloader) run(ctx context.Context, running *sync.WaitGroup) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.hangUps:
			r.reload(ctx, running)
		}
	}
}

// reload reads the configuration and takes over what it can: how much is logged, the certificate of the listeners, and for the inboxes how
// they are connected. It says which settings wait for a restart.
func (r *reloader) reload(ctx context.Context, running *sync.WaitGroup) {
	next, err := r.read()
	if err != nil {
		r.logger.Error("SIGHUP: the configuration cannot be used; nothing was changed", "error", err)
		return
	}
	r.level.Set(levelOf(next.Log))
	r.running.Log.Level = next.Log.Level
	var taken []string
	if r.app != nil {
		if taken, err = r.app.renew(ctx, &r.running, next, running); err != nil {
			r.logger.Error("SIGHUP: the inboxes cannot be connected as configured now; they stay as they were", "error", err)
			return
		}
	}
	waits := configs.Changed(r.running, next)
	if r.app != nil && r.app.outdated {
		waits = append(waits, "ca_file (for database, redis, scanners and webhooks)")
	}
	if len(waits) == 0 {
		r.logger.Info("SIGHUP: the configuration was read; nothing of it waits for a restart", "taken", strings.Join(taken, ", "))
		return
	}
	r.logger.Warn("SIGHUP: the configuration was read; some settings wait for a restart", "settings", strings.Join(waits, ", "), "taken", strings.Join(taken, ", "))
}

// rereading reads what serve reads, with its flags.
func rereading(cmd *cobra.Command, o *options, f *serveFlags) func() (configs.Config, error) {
	return func() (configs.Config, error) {
		c, err := o.load()
		if err != nil {
			return c, err
		}
		if err := f.apply(cmd, &c); err != nil {
			return c, err
		}
		return c, o.refused(c)
	}
}
