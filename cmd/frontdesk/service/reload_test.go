package service

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"frontdesk/configs"
)

func TestWhatAReloadChanges(t *testing.T) {
	t.Parallel()
	running := configs.Config{Log: configs.Log{Level: "info", Format: "text"}}
	for name, c := range map[string]struct {
		change func(*configs.Config)
		err    error
		level  slog.Level
		says   string
	}{
		"a lower level":             {func(n *configs.Config) { n.Log.Level = "debug" }, nil, slog.LevelDebug, "nothing of it waits"},
		"a higher level":            {func(n *configs.Config) { n.Log.Level = "error" }, nil, slog.LevelError, ""},
		"nothing":                   {func(*configs.Config) {}, nil, slog.LevelInfo, "nothing of it waits"},
		"a listener":                {func(n *configs.Config) { n.Listen.HTTP = "127.0.0.1:9" }, nil, slog.LevelInfo, "settings=listen.http"},
		"a level and an inbox":      {func(n *configs.Config) { n.Log.Level = "debug"; n.Inboxes = []configs.Inbox{{Name: "x"}} }, nil, slog.LevelDebug, "inboxes.x (new)"},
		"a file that is not usable": {func(n *configs.Config) { n.Log.Level = "debug" }, errors.New("line 3"), slog.LevelInfo, "nothing was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var level slog.LevelVar
			next := running
			c.change(&next)
			r := &Reloader{read: func() (configs.Config, error) { return next, c.err }, running: running, level: &level, logger: NewLogger(running.Log, &level, &log)}
			r.reload(t.Context(), nil, nil)
			if level.Level() != c.level || !strings.Contains(log.String(), c.says) {
				t.Errorf("level %v and %q, want %v and %q", level.Level(), log.String(), c.level, c.says)
			}
		})
	}
}
