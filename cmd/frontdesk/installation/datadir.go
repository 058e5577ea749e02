package installation

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// closedDir makes the data directory, or closes to others the one that is there. Everything that is kept is in it, and it is
// reached by files, by listing and by the control socket: one mode of the folder answers for all of them.
//
// Only a folder of Frontdesk's own is changed. was is the mode that an open one had, 0 for one that was closed.
func closedDir(dir string) (was fs.FileMode, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("making the data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return 0, fmt.Errorf("looking at the data directory: %w", err)
	}
	if why := notOurFolder(dir, info); why != "" {
		return 0, fmt.Errorf("opening the data directory: %s has mode %04o and %s: name a folder of Frontdesk's own in data_dir, or close this one yourself ('chown USER %s' and 'chmod 0700 %s')",
			dir, info.Mode().Perm(), why, dir, dir)
	}
	if !openToOthers(info) {
		return 0, nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return 0, fmt.Errorf("closing the data directory to others: %w", err)
	}
	if now, err := os.Stat(dir); err != nil || openToOthers(now) {
		return 0, fmt.Errorf("closing the data directory to others: %s stays open (%w): take a file system that has owners and modes", dir, err)
	}
	return info.Mode().Perm(), nil
}

// CloseDataDir is closedDir with a line where something was changed.
func CloseDataDir(dir string, logger *slog.Logger) error {
	was, err := closedDir(dir)
	if was != 0 {
		logger.Warn("the data directory was open to other users; closed", "state", fmt.Sprintf("%04o", was))
	}
	return err
}

// CloseBlobsDir closes a folder of blobs that lies elsewhere in the same way. One that is not ours to close, such as a
// mounted one of another user, is used as it is: what lies in it is sealed, and each file closed by itself.
func CloseBlobsDir(dir string, logger *slog.Logger) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is made closed
	}
	if err != nil {
		return fmt.Errorf("looking at blobs.dir: %w", err)
	}
	if !openToOthers(info) {
		return nil
	}
	state := fmt.Sprintf("%04o", info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	if err != nil || !ownedByUs(info) || info.Mode()&fs.ModeSticky != 0 || ofTheSystem(dir) || ofOthers(entries) || slices.ContainsFunc(entries, noBlobs) {
		logger.Warn("blobs.dir is open to other users and holds more than blobs, or is not ours to close", "state", state)
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing blobs.dir to others: %w", err)
	}
	logger.Warn("blobs.dir was open to other users; closed", "state", state)
	return nil
}

// noBlobs reports whether an entry is none of a folder of blobs: those are folders with names of two hexadecimal digits, and
// files that were being written.
func noBlobs(e fs.DirEntry) bool {
	name := e.Name()
	if strings.HasPrefix(name, ".new-") {
		return false
	}
	return !e.IsDir() || len(name) != 2 || strings.Trim(name, "0123456789abcdef") != ""
}

// notOurFolder says why an open folder is not ours to close; "" for one that is, and for every closed one.
func notOurFolder(dir string, info fs.FileInfo) string {
	switch {
	case !info.IsDir():
		return "is no folder"
	case !openToOthers(info):
		return ""
	case !ownedByUs(info):
		return "belongs to another user"
	case info.Mode()&fs.ModeSticky != 0:
		return "is shared by all users"
	}
	if hasOurs(dir) {
		return ""
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err != nil:
		return "cannot be listed"
	case len(entries) > 0 && (ofTheSystem(dir) || ofOthers(entries)):
		return "holds what is not Frontdesk's"
	}
	return ""
}

// ofTheSystem reports whether a folder is a home, or one of those that a system is made of, such as /, /srv, /var/lib and
// /usr/local.
func ofTheSystem(dir string) bool {
	path, err := filepath.EvalSymlinks(dir)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return true
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.Clean(home) == path {
		return true
	}
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == filepath.Separator })
	return len(parts) <= 1 || len(parts) == 2 && (parts[0] == "usr" || parts[0] == "var")
}

// ofOthers reports whether anything in a folder belongs to another user.
func ofOthers(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		info, err := e.Info()
		return err == nil && !ownedByUs(info)
	})
}

// hasOurs reports whether a process of ours has ever served from a folder, or one was restored there.
func hasOurs(dir string) bool {
	for _, name := range []string{"instance", "frontdesk.db", "sent.log", "keys"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
