package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

var day = time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)

func master(name string, fill byte) keyring.Master {
	return keyring.Master{Name: name, Key: bytes.Repeat([]byte{fill}, keyring.KeySize)}
}

func reopen(t *testing.T, o store.Options, now time.Time, masters ...keyring.Master) (*store.Store, error) {
	t.Helper()
	ring, err := keyring.Open(masters)
	if err != nil {
		t.Fatal(err)
	}
	o.Keyring, o.Migrate = ring, true
	return store.Open(context.Background(), o, now)
}

func mustOpen(t *testing.T, o store.Options, now time.Time, masters ...keyring.Master) *store.Store {
	t.Helper()
	s, err := reopen(t, o, now, masters...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func recordOne(t *testing.T, s *store.Store, key, raw string, now time.Time) int64 {
	t.Helper()
	got, err := s.Intake.Record(context.Background(), intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: key,
		Raw: []byte(raw), Meta: map[string]string{meta.MailFrom: "ann.secret@example.com"}}}}}, now)
	if err != nil {
		t.Fatal(err)
	}
	return got[0].ID
}

func eachDatabase(t *testing.T, run func(t *testing.T, o store.Options)) {
	t.Run("sqlite", func(t *testing.T) { run(t, store.Options{Dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { run(t, store.Options{URL: server.Database(t), Dir: t.TempDir()}) })
}

func TestWhatWasRecordedIsThereAfterARestart(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		id := recordOne(t, s, "k1", "hello", day)
		mustClose(t, s)
		s = mustOpen(t, o, day.Add(48*time.Hour), master("m1", 1))
		defer mustClose(t, s)
		pending, err := s.Backlog.Undecided(context.Background(), []int64{id})
		if err != nil || len(pending) != 1 || string(pending[0].Raw) != "hello" {
			t.Fatalf("after the restart: %v, %v", pending, err)
		}
		if next := recordOne(t, s, "k2", "again", day); next != id+1 {
			t.Errorf("the next id is %d, want %d: unused ids were not handed back", next, id+1)
		}
	})
}

func TestMasterKeysRotate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		s := mustOpen(t, o, day, master("m1", 1))
		id, digest := recordOne(t, s, "k1", "hello", day), s.Base.Digest([]byte("x"))
		mustClose(t, s)

		var missing *keyring.MissingError
		if _, err := reopen(t, o, day, master("m2", 2)); !errors.As(err, &missing) || missing.Master != "m1" {
			t.Fatalf("without the old master: error is %v, want a MissingError", err)
		}
		s = mustOpen(t, o, day.Add(24*time.Hour), master("m2", 2), master("m1", 1))
		n, err := s.Base.Ring.Rewrap(ctx)
		if err != nil || n != 7 {
			t.Fatalf("rewrapped %d keys, %v; want 7", n, err)
		}
		mustClose(t, s)
		s = mustOpen(t, o, day.Add(24*time.Hour), master("m2", 2))
		defer mustClose(t, s)
		raw, _, err := s.Files.Original(ctx, id)
		if err != nil || string(raw) != "hello" {
			t.Errorf("original is %q, %v", raw, err)
		}
		if s.Base.Digest([]byte("x")) != digest {
			t.Error("the digest key has changed")
		}
	})
}

func TestTwoProcessesShareKeys(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		a, b := mustOpen(t, o, day, master("m1", 1)), mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, a)
		defer mustClose(t, b)
		id := recordOne(t, a, "k1", "sealed under the next day's key", day.Add(24*time.Hour))
		raw, _, err := b.Files.Original(context.Background(), id)
		if err != nil || string(raw) != "sealed under the next day's key" {
			t.Errorf("original is %q, %v", raw, err)
		}
		if a.Base.Ring.Token([]byte("t")) != b.Base.Ring.Token([]byte("t")) || a.Base.Ring.Token([]byte("t")) == a.Base.Digest([]byte("t")) {
			t.Error("token keys are not one key of their own")
		}
	})
}

func TestNoFileHoldsPlainText(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, store.Options{Dir: dir}, day, master("m1", 1))
	body := "my card is 4111111111111111 "
	small := recordOne(t, s, "k1", body, day)
	recordOne(t, s, "k2", strings.Repeat(body, 20_000), day)
	if _, err := s.Files.PutBlob(context.Background(), []byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := s.Service.SaveToken(context.Background(), "gmail", []byte("refresh-4111111111111111"), day); err != nil {
		t.Fatal(err)
	}
	pending, err := s.Backlog.Undecided(context.Background(), []int64{small})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit.Commit(context.Background(), []commit.Decision{{Pending: pending[0], Known: []byte(`{"x":"4111111111111111"}`),
		Plan: pipeline.Plan{Message: small, State: messages.Suppressed}}}, day); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	files := 0
	err = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		for _, secret := range []string{"4111111111111111", "ann.secret"} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("looked at %d files, %v", files, err)
	}
}

func TestAnotherSchemaIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		ring, err := keyring.Open([]keyring.Master{master("m1", 1)})
		if err != nil {
			t.Fatal(err)
		}
		o.Keyring, o.Blobs = ring, blobs.NewMemory()
		var schema *sql.SchemaError
		if _, err := store.Open(ctx, o, day); !errors.As(err, &schema) || schema.Have != 0 {
			t.Fatalf("empty database: error is %v, want a SchemaError", err)
		}
		pending, err := store.PendingMigrations(ctx, o)
		if err != nil || len(pending) == 0 {
			t.Fatalf("pending %v, %v", pending, err)
		}
		applied, err := store.Migrate(ctx, o, day)
		if err != nil || len(applied) != len(pending) || applied[0] != pending[0].Name {
			t.Fatalf("applied %v, %v", applied, err)
		}
		again, err := store.Migrate(ctx, o, day)
		if err != nil || len(again) != 0 {
			t.Fatalf("applied again %v, %v", again, err)
		}
		s, err := store.Open(ctx, o, day)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Newer(ctx, s); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		if _, err := store.Open(ctx, o, day); !errors.As(err, &schema) || schema.Have != 9999 || !strings.Contains(err.Error(), "newer program") {
			t.Fatalf("newer database: error is %v", err)
		}
	})
}

func TestDatabaseAddressIsChecked(t *testing.T) {
	ring, err := keyring.Open([]keyring.Master{master("m1", 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"mysql://x", "postgres://user:topsecret@127.0.0.1:port/x"} {
		_, err := store.Open(context.Background(), store.Options{URL: url, Keyring: ring}, day)
		if err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: error is %v", url[:8], err)
		}
	}
}
