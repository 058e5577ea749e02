package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestTheDataDirectoryIsClosedToOthers: every file by itself, should the folder be opened one day. A clean
// stop takes back where the process listened.
func TestTheDataDirectoryIsClosedToOthers(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("li@customer.example", human("li@customer.example", "Refund", "o1@customer.example", "I want my money back for order 20261120001."))
	r.settled(1)
	files := 0
	err := filepath.WalkDir(c.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		files++
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files < 5 {
		t.Errorf("looked at %d files: %v", files, err)
	}
	at := filepath.Join(c.DataDir, "addresses.json")
	if _, err := os.Stat(at); err != nil {
		t.Errorf("while it runs: %v", err)
	}
	r.stop()
	if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after a clean stop addresses.json is still there: %v", err)
	}
}
