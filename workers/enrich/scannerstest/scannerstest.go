// Package scannerstest runs real scanners for tests: rspamd and clamd, each its own process with a
// configuration, a socket on loopback and all its files in a directory of its own, gone when the
// test ends. They know no network and no signature but those written here. A test that needs one is
// skipped where it is not installed, and fails instead when FRONTDESK_REQUIRE_SERVERS is 1.
package scannerstest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is one daemon with its children, as a group of processes.
type server struct {
	t     testing.TB
	dir   string
	args  []string
	alive func() bool
	cmd   *exec.Cmd
	done  chan struct{}
}

// find looks for a daemon, or skips the test.
func find(t testing.TB, name, pkg string) string {
	t.Helper()
	for _, path := range []string{name, filepath.Join("/usr/sbin", name), filepath.Join("/usr/bin", name)} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is not installed, and FRONTDESK_REQUIRE_SERVERS is set", name)
	}
	t.Skipf("%s is not installed (Debian: apt install %s)", name, pkg)
	return ""
}

// start runs the daemon and waits until it answers; it is gone when the test ends.
func start(t testing.TB, prefix string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", prefix) // short: socket paths have a limit of 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("log of %s:\n%s", prefix, log[max(0, len(log)-2000):])
		}
		_ = os.RemoveAll(dir)
	})
	s.check(os.Chmod(dir, 0o755))
	return s
}

func (s *server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// write puts a file into the daemon's directory; DIR in it is that directory.
func (s *server) write(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	s.check(os.MkdirAll(filepath.Dir(path), 0o755))
	s.check(os.WriteFile(path, []byte(strings.ReplaceAll(content, "DIR", s.dir)), 0o644))
	return path
}

// nobody gives the directory to nobody, for a daemon that refuses to work as root; it returns false
// when the test is not root's.
func (s *server) nobody() bool {
	s.t.Helper()
	if os.Getuid() != 0 {
		return false
	}
	who, err := user.Lookup("nobody")
	s.check(err)
	uid, _ := strconv.Atoi(who.Uid)
	s.check(os.Chown(s.dir, uid, -1))
	return true
}

// Restart starts the daemon, again after a Kill, and returns when it answers.
func (s *server) Restart() {
	s.t.Helper()
	s.Kill()
	out, err := os.Create(filepath.Join(s.dir, "out"))
	s.check(err)
	defer out.Close()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.check(s.cmd.Start())
	done := make(chan struct{})
	s.done = done
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait()
		close(done)
	}(s.cmd)
	for end := time.Now().Add(60 * time.Second); !s.alive(); time.Sleep(20 * time.Millisecond) {
		gone := false
		select {
		case <-done:
			gone = true
		default:
		}
		if gone || time.Now().After(end) {
			said, _ := os.ReadFile(filepath.Join(s.dir, "out"))
			s.t.Fatalf("%s does not answer:\n%s", filepath.Base(s.args[0]), said)
		}
	}
}

// Kill ends the daemon and its children at once (SIGKILL).
func (s *server) Kill() {
	if s.cmd == nil {
		return
	}
	s.signal(syscall.SIGKILL)
	<-s.done
	s.cmd = nil
}

// Freeze stops the daemon without ending it (SIGSTOP): connections are taken by the kernel and
// nobody answers. Thaw lets it go on.
func (s *server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen daemon go on (SIGCONT).
func (s *server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *server) signal(sig syscall.Signal) { _ = syscall.Kill(-s.cmd.Process.Pid, sig) }
