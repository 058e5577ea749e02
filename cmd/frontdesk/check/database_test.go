package check

import (
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/service"
)

// freshKey is a master key.
func freshKey() string {
	var key [32]byte
	rand.Read(key[:]) //nolint:errcheck // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(key[:])
}

// TestCheckOpensTheDatabaseWithTheKeys: at the moment of a rotation the start would fail, and check says so before.
func TestCheckOpensTheDatabaseWithTheKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "fd.yaml")
	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte(freshKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "new.key"), []byte(freshKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	const old, next = `{name: a, file: "${W}/master.key"}`, `{name: b, file: "${W}/new.key"}`
	for _, c := range []struct {
		name, keys string
		refused    bool
	}{
		{"the key it has", old, false},
		{"the new key before the old one", next + ", " + old, false},
		{"the old key before the new one", old + ", " + next, false},
		{"the new key alone", next, true},
		{"the old key under another name", `{name: b, file: "${W}/master.key"}`, true},
		{"another key under the old name", `{name: a, file: "${W}/new.key"}`, true},
	} {
		text := "desk: {name: Example, domain: desk.example}\ndata_dir: ${W}/data\nkeys: {master: [" + c.keys + "]}\nlisten: {http: '127.0.0.1:0', ops: '127.0.0.1:0', smtp: '127.0.0.1:0'}\n" +
			"inboxes: [{name: support, channel: email, address: support@desk.example, smtp_door: true}]\n"
		if err := os.WriteFile(config, []byte(strings.ReplaceAll(text, "${W}", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		o := &command.Options{Kinds: kinds.All(), Config: config}
		loaded, err := o.Load()
		if err != nil {
			t.Fatal(err)
		}
		found := database(t.Context(), loaded)
		a, err := service.New(t.Context(), loaded, service.Options{Logger: slog.New(slog.DiscardHandler)})
		if err == nil {
			a.Close()
		}
		if (err != nil) != c.refused || (found.err != nil) != c.refused {
			t.Errorf("%s: check says %v, serve %v, want refused = %v by both", c.name, found.err, err, c.refused)
		}
	}
}
