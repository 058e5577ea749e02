package main

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
)

// TestTheMasterKeyCanBeReplaced: a new key is put first, the data keys are wrapped anew, the old key
// goes, and what was sealed can still be read.
func TestTheMasterKeyCanBeReplaced(t *testing.T) {
	c := testConfig(t)
	c.Listen.SMTP = "127.0.0.1:0"
	key := func(name string) configs.MasterKey {
		raw := make([]byte, 32)
		rand.Read(raw)
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(raw)), 0o600); err != nil {
			t.Fatal(err)
		}
		return configs.MasterKey{Name: name, File: file}
	}
	old, fresh := key("2026"), key("2027")
	c.Keys.Master = []configs.MasterKey{old}
	r := start(t, c)
	r.mustMail("li@customer.example", human("li@customer.example", "Refund", "k1@customer.example", "I want my money back for order 20261120001."))
	r.settled(1)
	r.stop()

	c.Keys.Master = []configs.MasterKey{fresh, old}
	cmd := newMigrate(&command.Options{})
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetContext(t.Context())
	if err := rewrapKeys(cmd, c); err != nil || !strings.Contains(out.String(), "wrapped with master key 2027") {
		t.Fatalf("rewrapping: %v, said %q", err, out.String())
	}

	c.Keys.Master = []configs.MasterKey{fresh}
	r = start(t, c)
	raw, _, err := r.store.Files.Original(t.Context(), r.messages()[0].ID)
	if err != nil || !strings.Contains(string(raw), "order 20261120001") {
		t.Errorf("the original cannot be read with the new key alone: %v", err)
	}
}

// TestAProcessThatMayNotMigrateRefusesAnOlderDatabase: of a fleet one process migrates, by command.
func TestAProcessThatMayNotMigrateRefusesAnOlderDatabase(t *testing.T) {
	c := testConfig(t)
	if err := refuseOlder(t.Context(), c); err == nil || !strings.Contains(err.Error(), "run 'frontdesk migrate' first") {
		t.Errorf("no database at all: error is %v", err)
	}
	database, err := installation.StoreOptions(c, true)
	if err != nil {
		t.Fatal(err)
	}
	cmd := newMigrate(&command.Options{})
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetContext(t.Context())
	if err := pendingMigrations(cmd, database); err != nil || !strings.Contains(out.String(), "pending 0001 spine: ") {
		t.Errorf("pending: %v, said %q", err, out.String())
	}
	if err := applyMigrations(cmd, database); err != nil || !strings.Contains(out.String(), "applied spine") {
		t.Errorf("applied: %v, said %q", err, out.String())
	}
	if err := refuseOlder(t.Context(), c); err != nil {
		t.Errorf("a database of this version: %v", err)
	}
	raw, err := sql.Open("sqlite", filepath.Join(c.DataDir, "frontdesk.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`DELETE FROM schema_migrations`); err != nil {
		t.Fatal(err)
	}
	if err := refuseOlder(t.Context(), c); err == nil || !strings.Contains(err.Error(), "run 'frontdesk migrate' first") {
		t.Errorf("an older database: error is %v", err)
	}
}
