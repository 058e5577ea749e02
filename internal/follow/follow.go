// Package follow gives what a process makes in a folder to the owner of that folder. A command that root runs beside the
// service must leave nothing behind that the service can't read. For every other user, and where there are no owners, it
// does nothing.
package follow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File gives a file that was just made, and is still open, to the owner of its folder.
func File(f *os.File) error { return give(f, filepath.Dir(f.Name())) }

// Folder gives a folder that was just made to the owner of the one it lies in.
func Folder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("giving a folder to its owner: %w", err)
	}
	defer f.Close()
	return give(f, filepath.Dir(filepath.Clean(path)))
}

// MkdirAll is os.MkdirAll of folders for their owner alone, each of which belongs to whom the one above belongs to.
func MkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(filepath.Clean(path)); parent != filepath.Clean(path) {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		if info, serr := os.Stat(path); serr == nil && info.IsDir() {
			return nil // somebody was first
		}
	}
	if err != nil {
		return err
	}
	return Folder(path)
}
