package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/configs"
)

// TestAHangUpReadsTheConfigurationAndEndsNothing, with what stands in the file then.
func TestAHangUpReadsTheConfigurationAndEndsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "frontdesk.yaml")
	key := filepath.Join(dir, "master.key")
	secret := sha256.Sum256([]byte(t.Name()))
	if err := os.WriteFile(key, []byte(base64.StdEncoding.EncodeToString(secret[:])), 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(more string) {
		text := "desk: {name: Example, domain: desk.example, default_language: en}\ndata_dir: " + filepath.Join(dir, "data") +
			"\nkeys: {master: [{name: a, file: " + key + "}]}\nlisten: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0}\ninboxes: [{name: support, channel: email, address: support@desk.example, smtp_door: true}]\n" + more
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("log: {level: info}\n")
	p := program(t, nil, "serve", "--config", file)
	for _, c := range []struct{ more, says string }{
		{"log: {level: debug}\n", "nothing of it waits for a restart"},
		{"log: {level: debug}\nlimits: {max_body: 2MiB}\n", "all of it but log.level waits for a restart"},
		{"no such key: 1\n", "cannot be used; nothing was changed"},
	} {
		write(c.more)
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		until(t, func() string {
			if !strings.Contains(p.errs.String(), c.says) {
				return "the log does not say: " + c.says
			}
			return ""
		})
	}
	if code := p.end(); code != 0 {
		t.Errorf("SIGTERM ended it with %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "addresses.json")); !os.IsNotExist(err) {
		t.Errorf("addresses.json is still there: %v", err)
	}
}

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
		"a listener":                {func(n *configs.Config) { n.Listen.HTTP = "127.0.0.1:9" }, nil, slog.LevelInfo, "waits for a restart"},
		"a level and an inbox":      {func(n *configs.Config) { n.Log.Level = "debug"; n.Inboxes = []configs.Inbox{{Name: "x"}} }, nil, slog.LevelDebug, "all of it but log.level"},
		"a file that is not usable": {func(n *configs.Config) { n.Log.Level = "debug" }, errors.New("line 3"), slog.LevelInfo, "nothing was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var level slog.LevelVar
			next := running
			c.change(&next)
			reload(func() (configs.Config, error) { return next, c.err }, running, &level, newLogger(running.Log, &level, &log))
			if level.Level() != c.level || !strings.Contains(log.String(), c.says) {
				t.Errorf("level %v and %q, want %v and %q", level.Level(), log.String(), c.level, c.says)
			}
		})
	}
}
