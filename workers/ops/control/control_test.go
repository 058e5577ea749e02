package control

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRingWakesWhoServes(t *testing.T) {
	for name, dir := range map[string]string{"a folder": t.TempDir(), "a folder so deep that no socket's address holds it": filepath.Join(t.TempDir(), strings.Repeat("deep/", 40))} {
		t.Run(name, func(t *testing.T) {
			if err := Ring(t.Context(), dir); err != nil {
				t.Fatalf("that there is no folder is no error: %v", err)
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			ringWakes(t, dir)
		})
	}
}

func ringWakes(t *testing.T, dir string) {
	t.Helper()
	if err := Ring(t.Context(), dir); err != nil {
		t.Fatalf("that nobody serves is no error: %v", err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	woken := make(chan struct{}, 1)
	server := &http.Server{Handler: Handler(func() { woken <- struct{}{} })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	if err := Ring(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	<-woken
	if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v, want 0600", info.Mode(), err)
	}
	if second, err := Listen(dir); err == nil {
		second.Close()
		t.Error("two processes serve from one folder")
	}
	l.Close()
	if _, err := os.Lstat(filepath.Join(dir, socketName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the closed socket is still there: %v", err)
	}
	next, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	l.Close()
	if !Serving(dir) {
		t.Error("closing a socket again has taken the next process's away")
	}
}

func TestControlSocketOfADeadProcessIsReplaced(t *testing.T) {
	dir := t.TempDir()
	dead, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()
	if err := Ring(t.Context(), dir); err != nil {
		t.Errorf("ringing a dead process: %v", err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
