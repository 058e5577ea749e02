//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package follow_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"frontdesk/internal/follow"
)

func TestWhatRootMakesBelongsToTheOwnerOfTheFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := follow.Folder(sub); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(sub, "file"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := follow.File(f); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{sub, f.Name()} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 12345 || s.Gid != 12346 {
			t.Errorf("%s belongs to %d:%d", path, s.Uid, s.Gid)
		}
	}
	if err := follow.Folder(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a folder that is not there has been given away")
	}
}
