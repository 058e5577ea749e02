package service

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"frontdesk/configs"
)

// Reloader takes over what can change while the service runs, at SIGHUP (kill -HUP by habit, a terminal that is closed). It never ends
// the service: what cannot be used is logged and changes nothing.
type Reloader struct {
	read    func() (configs.Config, error)
	running configs.Config // what is in force
	level   *slog.LevelVar
	logger  *slog.Logger
	hangUps chan os.Signal
}

// NewReloader catches the signal from now on; it is acted upon by Run. read gives the configuration as a start would
// read it, running is what is in force. Further signals while one is acted upon are one.
func NewReloader(read func() (configs.Config, error), running configs.Config, level *slog.LevelVar, logger *slog.Logger) *Reloader {
	r := &Reloader{read: read, running: running, level: level, logger: logger, hangUps: make(chan os.Signal, 1)}
	signal.Notify(r.hangUps, syscall.SIGHUP)
	return r
}

// Close no longer catches the signal.
func (r *Reloader) Close() { signal.Stop(r.hangUps) }

// Run acts upon the signal until ctx ends. Streams that are begun anew are counted in running; a nil Service has no
// inboxes that could change.
func (r *Reloader) Run(ctx context.Context, running *sync.WaitGroup, a *Service) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.hangUps:
			r.reload(ctx, running, a)
		}
	}
}

// reload reads the configuration and takes over what it can: how much is logged, the certificate of the listeners, and for the inboxes how
// they are connected. It says which settings wait for a restart.
// The level comes first: it can be raised to see why the rest fails. A failure of the rest leaves every inbox as it
// was.
func (r *Reloader) reload(ctx context.Context, running *sync.WaitGroup, a *Service) {
	next, err := r.read()
	if err != nil {
		r.logger.Error("SIGHUP: the configuration cannot be used; nothing was changed", "error", err)
		return
	}
	r.level.Set(levelOf(next.Log))
	r.running.Log.Level = next.Log.Level
	var taken []string
	if a != nil {
		if taken, err = a.renew(ctx, &r.running, next, running); err != nil {
			r.logger.Error("SIGHUP: the inboxes cannot be connected as configured now; they stay as they were", "error", err)
			return
		}
	}
	waits := configs.Changed(r.running, next)
	if a != nil && a.outdated {
		waits = append(waits, "ca_file (for database, redis, scanners and webhooks)")
	}
	if len(waits) == 0 {
		r.logger.Info("SIGHUP: the configuration was read; nothing of it waits for a restart", "taken", strings.Join(taken, ", "))
		return
	}
	r.logger.Warn("SIGHUP: the configuration was read; some settings wait for a restart", "settings", strings.Join(waits, ", "), "taken", strings.Join(taken, ", "))
}

// levelOf is from which level on events are logged; info where none can be read.
func levelOf(c configs.Log) slog.Level {
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// NewLogger logs as the configuration says, from a level that can be set anew. Secrets are of a type that prints as a placeholder.
func NewLogger(c configs.Log, level *slog.LevelVar, to io.Writer) *slog.Logger {
	level.Set(levelOf(c))
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
