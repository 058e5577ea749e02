package ops

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestRingWakesWhoServes(t *testing.T) {
	dir := t.TempDir()
	if err := Ring(t.Context(), dir); err != nil {
		t.Fatalf("that nobody serves is no error: %v", err)
	}
	l, err := ListenControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	woken := make(chan struct{}, 1)
	server := &http.Server{Handler: Control(func() { woken <- struct{}{} })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	if err := Ring(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	<-woken
	if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v, want 0600", info.Mode(), err)
	}
	if second, err := ListenControl(dir); err == nil {
		second.Close()
		t.Error("two processes serve from one folder")
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
	l, err := ListenControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
