//go:build unix

package mbox

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A Maildir whose keywords are a pipe, which nobody writes to, or a link to something endless, is read as one without keywords.
func TestKeywordsThatAreNoFile(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a pipe":                    func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"a link to what never ends": func(p string) error { return os.Symlink("/dev/zero", p) },
		"a folder":                  func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		dir := t.TempDir()
		for _, sub := range []string{"cur", "new", "tmp"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := put(filepath.Join(dir, "dovecot-keywords")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "cur", "1700000000.M1.host:2,Sa"), []byte("From: a@b.example\r\n\r\nHello\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		read := make(chan int, 1)
		go func() {
			n := 0
			for mail := range (&Mailboxes{Paths: []string{dir}, Limit: 1 << 20, Digest: plainDigest}).Mails(t.Context()) {
				if mail.Skip == "" { // else it is the file of keywords itself
					n++
				}
			}
			read <- n
		}()
		select {
		case n := <-read:
			if n != 1 {
				t.Errorf("%s: %d mails", name, n)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the import waits for ever", name)
		}
	}
}
