package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"syscall"

	"github.com/spf13/cobra"

	"frontdesk/configs"
)

// onHangUp reads the configuration anew whenever SIGHUP comes (kill -HUP by habit, a terminal that is closed), until ctx
// ends. It never ends the service: what can't be read is logged and changes nothing. It returns once the signal is
// caught.
func onHangUp(ctx context.Context, read func() (configs.Config, error), running configs.Config, level *slog.LevelVar, logger *slog.Logger) {
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangUps)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangUps:
				running.Log.Level = reload(read, running, level, logger)
			}
		}
	}()
}

// reload takes over what can change while the service runs, which is how much it logs, and says whether a restart is
// needed for more. It returns the level that is in force.
func reload(read func() (configs.Config, error), running configs.Config, level *slog.LevelVar, logger *slog.Logger) string {
	next, err := read()
	if err != nil {
		logger.Error("SIGHUP: the configuration cannot be used; nothing was changed", "error", err)
		return running.Log.Level
	}
	now := next.Log.Level
	level.Set(levelOf(next.Log))
	next.Log.Level = running.Log.Level
	if reflect.DeepEqual(next, running) {
		logger.Info("SIGHUP: the configuration was read; nothing of it waits for a restart")
	} else {
		logger.Warn("SIGHUP: the configuration was read and can be used; all of it but log.level waits for a restart")
	}
	return now
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
