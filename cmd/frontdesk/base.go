package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

// base is the store with its keys, as the service and every command need it.
type base struct {
	store *store.Store
	ring  *keyring.Ring
}

// openBase opens the store. migrate brings the schema up to date first, and makes what a first start
// needs; without it a command refuses to make a database of its own by mistake.
func openBase(ctx context.Context, c configs.Config, migrate bool) (*base, error) {
	options, err := storeOptions(c, migrate)
	if err != nil {
		return nil, err
	}
	options.Migrate = migrate
	s, err := store.Open(ctx, options, time.Now())
	if err != nil {
		return nil, err
	}
	return &base{store: s, ring: options.Keyring}, nil
}

func storeOptions(c configs.Config, create bool) (store.Options, error) {
	url := c.Database.URL.Reveal()
	if !strings.Contains(url, "://") {
		if _, err := os.Stat(url); !create && errors.Is(err, fs.ErrNotExist) {
			return store.Options{}, fmt.Errorf("there is no database at %s; start 'frontdesk serve' first, or name the right folder with --data-dir or --config", url)
		}
		url = "sqlite:" + url
	}
	if create {
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return store.Options{}, fmt.Errorf("making the data directory: %w", err)
		}
	}
	ring, err := openKeys(c, create)
	if err != nil {
		return store.Options{}, err
	}
	dir, err := blobs.OpenDir(c.Blobs.Dir)
	if err != nil {
		return store.Options{}, err
	}
	return store.Options{URL: url, Dir: c.DataDir, Keyring: ring, Blobs: dir, PoolSize: c.Database.MaxConnections,
		Retention: time.Duration(c.Retention.Originals)}, nil
}

// openKeys reads the master keys. Only the embedded default makes one by itself.
func openKeys(c configs.Config, create bool) (*keyring.Ring, error) {
	var masters []keyring.Master
	for i, k := range c.Keys.Master {
		own := filepath.Join(c.DataDir, "keys", "master.key")
		if i == 0 && create && k.File == own {
			m, err := keyring.LoadOrCreate(c.DataDir)
			if err != nil {
				return nil, fmt.Errorf("opening the master key: %w", err)
			}
			masters = append(masters, keyring.Master{Name: k.Name, Key: m.Key})
			continue
		}
		key, err := masterKey(k)
		if err != nil {
			return nil, fmt.Errorf("reading master key %s: %w", k.Name, err)
		}
		masters = append(masters, keyring.Master{Name: k.Name, Key: key})
	}
	return keyring.Open(masters)
}

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
	return keyring.ParseKey(string(text))
}

func (b *base) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	b.store.Close(ctx)
}
