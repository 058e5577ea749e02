//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAnImportByRootLeavesWhatTheServiceCanRead: everything in the data directory belongs to its owner afterwards.
func TestAnImportByRootLeavesWhatTheServiceCanRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root makes files in the folder of another user")
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := frontdesk(t, "migrate", "--data-dir", dir); code != 0 {
		t.Fatalf("migrate ended with %d: %s", code, errs)
	}
	mails := t.TempDir()
	wroteMail(t, filepath.Join(mails, "a.eml"), dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed.", longAgo))
	wroteMail(t, filepath.Join(mails, "b.eml"), dated("Li <li@customer.example>", "Screenshots", "2@customer.example", strings.Repeat("All work and no play.\n", 20<<10), longAgo))
	if got, code := imported(t, dir, mails); code != 0 || got.Recorded != 2 {
		t.Fatalf("ended with %d: %+v", code, got)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 12345 || s.Gid != 12346 || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v and belongs to %d:%d", path, info.Mode(), s.Uid, s.Gid)
		}
		files++
		return nil
	})
	if err != nil || files < 6 {
		t.Errorf("%d files: %v", files, err)
	}
}
