package installation

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyAFolderOfItsOwnIsClosed: the data directory is closed to others when it is ours, and no other folder is
// touched, whatever data_dir says.
func TestOnlyAFolderOfItsOwnIsClosed(t *testing.T) {
	file := func(name string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), nil, 0o600) }
	}
	nothing := func(string) error { return nil }
	stranger := func(dir string) error { return os.Chown(dir, 65534, 65534) }
	for _, c := range []struct {
		name    string
		mode    fs.FileMode
		fill    func(string) error
		root    bool // only root can make it so
		was     fs.FileMode
		problem string
	}{
		{name: "a closed one", mode: 0o700, fill: nothing},
		{name: "a closed one with files of others", mode: 0o700, fill: file("letters.txt")},
		{name: "an open one that is empty", mode: 0o755, fill: nothing, was: 0o755},
		{name: "one that only the group may enter", mode: 0o710, fill: file("instance"), was: 0o710},
		{name: "one that everybody may change", mode: 0o777, fill: file("frontdesk.db"), was: 0o777},
		{name: "a restored one", mode: 0o755, fill: file("keys"), was: 0o755},
		{name: "the folder for temporary files", mode: 0o777 | fs.ModeSticky, fill: file("instance"), problem: "is shared by all users"},
		{name: "one with a configuration file of ours", mode: 0o755, fill: file("frontdesk.yaml"), was: 0o755},
		{name: "a home folder", mode: 0o755, fill: func(dir string) error { t.Setenv("HOME", dir); return file(".profile")(dir) }, problem: "holds what is not Frontdesk's"},
		{name: "one with a file of another user", mode: 0o755, fill: func(dir string) error {
			return errors.Join(file("letter")(dir), os.Chown(filepath.Join(dir, "letter"), 65534, 65534))
		}, root: true, problem: "holds what is not Frontdesk's"},
		{name: "an open one of another user", mode: 0o755, fill: stranger, root: true, problem: "belongs to another user"},
		{name: "a closed one of another user", mode: 0o700, fill: stranger, root: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			dir := t.TempDir()
			if err := c.fill(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			link := filepath.Join(t.TempDir(), "link") // by whatever name it is reached
			if err := os.Symlink(dir, link); err != nil {
				t.Fatal(err)
			}
			closes(t, link, c.mode, c.was, c.problem)
		})
	}
	if _, err := closedDir(filepath.Join(t.TempDir(), "a", "b")); err != nil {
		t.Errorf("one that is missing: %v", err)
	}
}

// closes tries to close a folder of that mode, and wants that it was closed or refused.
func closes(t *testing.T, dir string, mode, wantWas fs.FileMode, problem string) {
	t.Helper()
	was, err := closedDir(dir)
	info, serr := os.Stat(dir)
	if serr != nil {
		t.Fatal(serr)
	}
	switch {
	case problem != "":
		if err == nil || !strings.Contains(err.Error(), problem) || !strings.Contains(err.Error(), "chmod 0700") || info.Mode().Perm() != mode.Perm() {
			t.Errorf("mode %v, %v; want it unchanged and %q with what to do", info.Mode(), err, problem)
		}
	case err != nil || was != wantWas || info.Mode().Perm() != 0o700:
		t.Errorf("was %v, is %v, %v; want was %v, is 0700", was, info.Mode(), err, wantWas)
	}
}

// TestAFolderOfBlobsElsewhereIsClosed when it is ours and holds blobs alone; of every other open one the log speaks.
func TestAFolderOfBlobsElsewhereIsClosed(t *testing.T) {
	folder := func(names ...string) func(string) error {
		return func(dir string) error {
			for _, name := range names {
				if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, c := range []struct {
		name   string
		mode   fs.FileMode
		fill   func(string) error
		root   bool
		closed bool
		says   string
	}{
		{"an empty one", 0o755, folder(), false, true, "blobs.dir was open to other users; closed"},
		{"one with blobs", 0o777, folder("0a", "ff"), false, true, "blobs.dir was open to other users; closed"},
		{"a closed one", 0o700, folder("0a", "letters"), false, true, ""},
		{"one with other things", 0o755, folder("0a", "letters"), false, false, "blobs.dir is open to other users"},
		{"one that all users share", 0o777 | fs.ModeSticky, folder(), false, false, "blobs.dir is open to other users"},
		{"one of another user", 0o755, func(dir string) error { return os.Chown(dir, 65534, 65534) }, true, false, "blobs.dir is open to other users"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			dir := t.TempDir()
			if err := errors.Join(c.fill(dir), os.Chmod(dir, c.mode)); err != nil {
				t.Fatal(err)
			}
			var logged strings.Builder
			if err := CloseBlobsDir(dir, slog.New(slog.NewTextHandler(&logged, nil))); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(dir)
			if err != nil {
				t.Fatal(err)
			}
			if closed := info.Mode().Perm() == 0o700; closed != c.closed || (logged.Len() > 0) != (c.says != "") || !strings.Contains(logged.String(), c.says) {
				t.Errorf("mode %v, logged %q", info.Mode(), logged.String())
			}
		})
	}
	if err := CloseBlobsDir(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("one that is missing: %v", err)
	}
}

func TestFoldersOfTheSystem(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/usr": true, "/usr/lib": true, "/etc": true, "/var/lib": true, t.TempDir(): false} {
		if got := ofTheSystem(path); got != want {
			t.Errorf("%s is a folder of the system: %v, want %v", path, got, want)
		}
	}
}
