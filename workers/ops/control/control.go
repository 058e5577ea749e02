// Package control is the socket in the data directory by which commands ring a running process. It can do one thing:
// have the sweep look at once. So whoever reaches it can hurry the service, and read or change nothing.
package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// socketName is the control socket in the data directory, by which commands ring a running process.
const socketName = "control.sock"

// socketAddress is an address of the control socket in dir. The address of a socket holds about a hundred
// bytes, so that of a deep folder goes by the folder's own descriptor, where the system has such paths; it
// is good until done is called.
func socketAddress(dir string) (address string, done func(), err error) {
	path := filepath.Join(dir, socketName)
	longest := len(syscall.RawSockaddrUnix{}.Path) - 1 // a zero ends it
	if len(path) <= longest {
		return path, func() {}, nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	near := fmt.Sprintf("/proc/self/fd/%d", folder.Fd())
	if _, err := os.Stat(near); err != nil {
		folder.Close()
		return "", nil, fmt.Errorf("the path %s has %d bytes, and a socket's may have %d here: choose a data directory with a shorter path", path, len(path), longest)
	}
	return near + "/" + socketName, func() { folder.Close() }, nil
}

// reach connects to whoever serves from dir.
func reach(dir string, dial func(address string) (net.Conn, error)) (net.Conn, error) {
	address, done, err := socketAddress(dir)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "unix", Err: err}
	}
	defer done()
	return dial(address)
}

// Dial reaches whoever serves from dir. A *net.OpError of "dial" says that nobody does. The caller closes the
// connection.
func Dial(ctx context.Context, dir string) (net.Conn, error) {
	return reach(dir, func(address string) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "unix", address) })
}

// listener takes its socket away by its own path, once: another process may have the next.
type listener struct {
	*net.UnixListener
	remove func() error
}

func (l listener) Close() error {
	return errors.Join(l.remove(), l.UnixListener.Close())
}

// Accept hands over who belongs to the same user, or is root; everybody else finds the connection closed. It is the second
// lock: the first is the mode of the data directory.
func (l listener) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if !stranger(c) {
			return c, nil
		}
		c.Close()
	}
}

// Listen opens the control socket; only the data directory's owner reaches it. One left by a
// process that died is replaced.
func Listen(dir string) (net.Listener, error) {
	path := filepath.Join(dir, socketName)
	if Serving(dir) {
		return nil, fmt.Errorf("opening the control socket: another process serves from %s", dir)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replacing the control socket: %w", err)
	}
	address, done, err := socketAddress(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	defer done()
	u, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	u.SetUnlinkOnClose(false)
	l := listener{u, sync.OnceValue(func() error {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("protecting the control socket: %w", err)
	}
	return l, nil
}

// Handler serves the socket: POST /wake sweeps at once.
func Handler(wake func()) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wake", func(w http.ResponseWriter, _ *http.Request) {
		wake()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// Serving reports whether a process serves from dir: it connects, since a file of that name may be left by one that
// died. It takes a second at most.
func Serving(dir string) bool {
	c, err := reach(dir, func(address string) (net.Conn, error) { return net.DialTimeout("unix", address, time.Second) })
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
		return Dial(ctx, dir)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://frontdesk/wake", nil)
	if err != nil {
		return fmt.Errorf("ringing the service: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
			return nil
		}
		return fmt.Errorf("ringing the service: %w", err)
	}
	return resp.Body.Close()
}
