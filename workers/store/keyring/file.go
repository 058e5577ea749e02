package keyring

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/internal/follow"
)

// DefaultName is the name of the master key that LoadOrCreate makes.
const DefaultName = "default"

// LoadOrCreate reads the master key of an installation that has none configured from DIR/keys/master.key, and makes
// it at the first start. The file is for its owner only. Who loses it loses all that is sealed, so it belongs into
// the backup, and not beside the database's.
func LoadOrCreate(dir string) (Master, error) {
	path := filepath.Join(dir, "keys", "master.key")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return Master{}, fmt.Errorf("making master key: %w", err)
		}
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return Master{}, fmt.Errorf("reading master key: %w", err)
	}
	key, err := ParseKey(string(raw))
	if err != nil {
		return Master{}, fmt.Errorf("reading %s: %w", path, err)
	}
	return Master{Name: DefaultName, Key: key}, nil
}

// ParseKey reads a master key as it is written in files and variables: 32 bytes in base64. No error quotes it.
func ParseKey(s string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil || len(key) != KeySize {
		return nil, fmt.Errorf("a master key is %d bytes in base64", KeySize)
	}
	return key, nil
}

// create writes a new key beside its place and links it in, so that of two processes that start
// at once the first one's key stays.
func create(path string) error {
	if err := follow.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	key := make([]byte, KeySize)
	rand.Read(key) // never fails (crypto/rand)
	f, err := os.CreateTemp(filepath.Dir(path), "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if serr := errors.Join(follow.File(f), f.Sync()); err == nil {
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
