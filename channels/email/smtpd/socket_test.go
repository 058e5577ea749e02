package smtpd

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mail server on the same machine hands over by a socket in the file system, which its group alone may use.
func TestLMTPByASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lmtp.sock")
	lmtp := func(c *Config) { c.LMTP, c.Addr = true, "unix:"+path }
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close() // a process that died has left its socket
	r := start(t, lmtp)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v, want mode 0660", info.Mode(), err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := newTalk(t, conn)
	c.want("220")
	c.do("LHLO mail.example", "250")
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say(testMail(1<<10) + ".\r\n")
	c.want("250")
	if got := r.seen(); len(got) != 1 {
		t.Errorf("%d messages, want one", len(got))
	}

	cfg := testConfig()
	lmtp(&cfg)
	if l, err := New(cfg); err == nil {
		l.Close()
		t.Error("two processes listen at one socket")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// What is no socket is not taken away.
func TestASocketReplacesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.txt")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig()
	cfg.LMTP, cfg.Addr = true, "unix:"+path
	l, err := New(cfg)
	if err == nil {
		l.Close()
		t.Fatal("it listens in the place of a file")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file is gone: %v", err)
	}
	if !strings.Contains(err.Error(), path) {
		t.Errorf("%v does not name the file", err)
	}
}
