// Package installation opens what an installation keeps on its machine and beside it: data directory, keys, database and Redis.
package installation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
	"frontdesk/configs/entropy"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

// Base is the store with its keys, as the service and every command need it.
type Base struct {
	Store *store.Store
	Ring  *keyring.Ring
}

// Open opens the store. migrate brings the schema up to date first, and makes what a first start needs; without it a
// command refuses to make a database of its own by mistake. Several may be open on one database at a time; who opens
// closes.
func Open(ctx context.Context, c configs.Config, migrate bool) (*Base, error) {
	options, err := StoreOptions(c, migrate)
	if err != nil {
		return nil, err
	}
	options.Migrate = migrate
	s, err := store.Open(ctx, options, time.Now())
	if err != nil {
		return nil, err
	}
	return &Base{Store: s, Ring: options.Keyring}, nil
}

// NoDatabaseError says that there is no SQLite file yet.
type NoDatabaseError struct{ Path string }

func (e *NoDatabaseError) Error() string {
	return fmt.Sprintf("there is no database at %s; 'frontdesk serve' or 'frontdesk migrate' makes one, or name the right folder with --data-dir or --config", e.Path)
}

// StoreOptions says where the store is. Without create nothing is made, be it a folder: a *NoDatabaseError says that
// there is none yet. With create the folders are closed to others before the first key is written into them.
func StoreOptions(c configs.Config, create bool) (store.Options, error) {
	url := c.Database.URL.Reveal()
	if !strings.Contains(url, "://") {
		if _, err := os.Stat(url); !create && errors.Is(err, fs.ErrNotExist) {
			return store.Options{}, &NoDatabaseError{url}
		}
		url = "sqlite:" + url
	}
	if create {
		if err := CloseDataDir(c.DataDir, slog.Default()); err != nil { // a service has done it already
			return store.Options{}, err
		}
	}
	ring, err := openKeys(c, create)
	if err != nil {
		return store.Options{}, err
	}
	dir := blobs.LazyDir(c.Blobs.Dir)
	if create {
		if err := CloseBlobsDir(c.Blobs.Dir, slog.Default()); err != nil {
			return store.Options{}, err
		}
		if dir, err = blobs.OpenDir(c.Blobs.Dir); err != nil {
			return store.Options{}, err
		}
	}
	believed, err := trust.Roots("", c.CAFile)
	if err != nil {
		return store.Options{}, err
	}
	return store.Options{Channels: c.Kinds.Traits(), Roots: believed, URL: url, Dir: c.DataDir, Keyring: ring, Blobs: dir, PoolSize: c.Database.MaxConnections,
		Retention: time.Duration(c.Retention.Originals)}, nil
}

// openKeys reads the keys that the roles need: intake keys alone where they do, else every master key, the first of
// which seals. Only the embedded default makes one by itself; where somebody named a file, a missing one is his
// mistake and not ours to paper over.
func openKeys(c configs.Config, create bool) (*keyring.Ring, error) {
	if intakeKeysDo(c) {
		keys, err := intakeKeys(c)
		if err != nil {
			return nil, err
		}
		return keyring.OpenIntake(keys)
	}
	var masters []keyring.Master
	for i, k := range c.Keys.Master {
		if i == 0 && create && ownKey(c, k) {
			m, err := keyring.LoadOrCreate(c.DataDir)
			if err != nil {
				return nil, fmt.Errorf("opening the master key: %w", err)
			}
			masters = append(masters, keyring.Master{Name: k.Name, Key: m.Key})
			continue
		}
		key, err := masterKey(k)
		if err != nil {
			return nil, fmt.Errorf("reading master key %s: %w", k.Name, wrongHalf(c, err))
		}
		masters = append(masters, keyring.Master{Name: k.Name, Key: key})
	}
	return keyring.Open(masters)
}

// ownKey reports whether it is the key that the embedded default makes for itself.
func ownKey(c configs.Config, k configs.MasterKey) bool {
	return k.File == filepath.Join(c.DataDir, "keys", "master.key")
}

// CheckKeys reads the master keys as a start would, and makes none.
func CheckKeys(c configs.Config) error {
	if intakeKeysDo(c) {
		_, err := intakeKeys(c)
		return err
	}
	var problems []error
	for i, k := range c.Keys.Master {
		_, err := masterKey(k)
		if i == 0 && ownKey(c, k) && errors.Is(err, fs.ErrNotExist) {
			continue // the first start makes it
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("reading master key %s: %w", k.Name, wrongHalf(c, err)))
		}
	}
	if len(problems) == 0 && len(c.Keys.Intake) > 0 {
		problems = append(problems, matchingIntake(c))
	}
	return errors.Join(problems...)
}

// RefuseConstantKey refuses to seal anything new under a key of zeros or the like. What was sealed under such a key is still
// opened, by every command: its key stands behind the new one.
func RefuseConstantKey(c configs.Config) error {
	if len(c.Keys.Master) == 0 {
		return nil
	}
	first := c.Keys.Master[0]
	key, err := masterKey(first)
	if err != nil || !entropy.Constant(key) {
		return nil // a key that cannot be read is an error where it is opened
	}
	return fmt.Errorf("master key %s is no secret: it repeats a few bytes; put a new one first, made with 'openssl rand -base64 32', under a name of its own, and leave this one behind it for what it has sealed", first.Name)
}

// masterKey reads 32 bytes in base64 from a variable of the environment or a file. The error says what to do: without
// its key nothing sealed can be read, so nobody should make a new one in haste.
func masterKey(k configs.MasterKey) ([]byte, error) {
	if k.Env != "" {
		text, ok := os.LookupEnv(k.Env)
		if !ok {
			return nil, fmt.Errorf("the environment variable %s is not set; it holds 32 random bytes in base64, such as 'openssl rand -base64 32' makes", k.Env)
		}
		return keyring.ParseKey(text)
	}
	text, err := os.ReadFile(k.File)
	if err != nil {
		return nil, fmt.Errorf("%w; a new installation makes one with 'openssl rand -base64 32' and keeps a copy, an old or restored one needs the key it had: without it nothing sealed can be read", err)
	}
	key, err := keyring.ParseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.File, err)
	}
	return key, nil
}

// Close closes the store. It waits five seconds at most: ids of the last block are given back then, and what is not
// is only skipped.
func (b *Base) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	b.Store.Close(ctx)
}
