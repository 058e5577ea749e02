// Package redisserver runs a redis-server of one's own on loopback, without persistence. Tests and
// `frontdesk bench` use it.
package redisserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrMissing says that Redis is not installed here.
var ErrMissing = errors.New("redis-server is not installed (apt-get install redis-server)")

// startWithin is how long a server may take to answer.
const startWithin = 10 * time.Second

// Server is one redis-server process.
type Server struct {
	Addr string
	cmd  *exec.Cmd
	dir  string
}

// FreeAddr is an address on loopback that nobody listens on now.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// Start starts a server at an address, host:port or the absolute path of a Unix socket, and waits until it answers. At a path
// it has no port, and the socket is for its own user alone. Further arguments go to
// redis-server. The error is ErrMissing where Redis is not installed.
func Start(ctx context.Context, addr string, args ...string) (*Server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, ErrMissing
	}
	where, err := listenArgs(addr)
	if err != nil {
		return nil, fmt.Errorf("starting redis-server: %w", err)
	}
	dir, err := os.MkdirTemp("", "frontdesk-redis-")
	if err != nil {
		return nil, fmt.Errorf("making folder for Redis: %w", err)
	}
	args = slices.Concat(where, []string{"--save", "", "--appendonly", "no", "--dir", dir, "--logfile", filepath.Join(dir, "redis.log")}, args)
	s := &Server{Addr: addr, dir: dir, cmd: exec.Command("redis-server", args...)}
	if err := s.cmd.Start(); err != nil {
		_ = os.RemoveAll(dir) // it is empty
		return nil, fmt.Errorf("starting redis-server: %w", err)
	}
	if err := s.answers(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting redis-server at %s: %w", addr, err)
	}
	return s, nil
}

// listenArgs say where a server listens.
func listenArgs(addr string) ([]string, error) {
	if filepath.IsAbs(addr) {
		return []string{"--port", "0", "--unixsocket", addr, "--unixsocketperm", "700"}, nil
	}
	_, port, err := net.SplitHostPort(addr)
	return []string{"--port", port, "--bind", "127.0.0.1"}, err
}

// answers asks until the server answers, or ten seconds are over.
func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer client.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := client.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// URL is the server's address as configuration takes it.
func (s *Server) URL() string {
	if filepath.IsAbs(s.Addr) {
		return "unix://" + s.Addr
	}
	return "redis://" + s.Addr + "/0"
}

// PID is the server's process id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop kills the process, as a crash would, and deletes its folder.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()         // it was killed
	_ = os.RemoveAll(s.dir)  // it is a temporary one
}
