package ops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// socketName is the control socket in the data directory, by which commands ring a running process.
const socketName = "control.sock"

// ListenControl opens the control socket; only the data directory's owner reaches it. One left by a
// process that died is replaced.
func ListenControl(dir string) (net.Listener, error) {
	path := filepath.Join(dir, socketName)
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("opening the control socket: another process serves from %s", dir)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replacing the control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("protecting the control socket: %w", err)
	}
	return l, nil
}

// Control serves the socket: POST /wake sweeps at once.
func Control(wake func()) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wake", func(w http.ResponseWriter, _ *http.Request) {
		wake()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// Serving reports whether a process serves from dir.
func Serving(dir string) bool {
	c, err := net.DialTimeout("unix", filepath.Join(dir, socketName), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Ring wakes the process that serves from dir, if there is one. That nobody serves is no error: the
// next start finds what was written.
func Ring(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, socketName))
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://frontdesk/wake", nil)
	if err != nil {
		return fmt.Errorf("ringing the service: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return nil
		}
		return fmt.Errorf("ringing the service: %w", err)
	}
	return resp.Body.Close()
}
