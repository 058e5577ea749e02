// Package redistest starts real Redis servers for tests, on loopback and free ports, and stops them
// by process id.
package redistest

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"frontdesk/workers/engine/redisserver"
)

// Server is one redis-server process.
type Server struct {
	Addr    string
	t       testing.TB
	args    []string
	running *redisserver.Server
}

// Start starts a server without persistence, or skips the test where Redis is not installed. With
// FRONTDESK_REQUIRE_SERVERS=1 that is a failure instead. Further arguments go to redis-server.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, Addr: "127.0.0.1:" + strconv.Itoa(freePort(t)), args: args}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// StartLocal is Start for a server that is reached by a Unix socket alone, at Addr, in a folder of its user's.
func StartLocal(t testing.TB) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "fr") // short: a socket's path has a limit of some hundred bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{t: t, Addr: filepath.Join(dir, "redis.sock")}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// PID is the server's process id.
func (s *Server) PID() int { return s.running.PID() }

// URL is the server's address as configuration takes it.
func (s *Server) URL() string { return s.running.URL() }

// Up starts the process and waits until it answers.
func (s *Server) Up() {
	s.t.Helper()
	running, err := redisserver.Start(s.t.Context(), s.Addr, s.args...)
	switch {
	case errors.Is(err, redisserver.ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1":
		s.t.Skip(err, "; this test needs a real Redis")
	case err != nil:
		s.t.Fatal(err)
	}
	s.running = running
}

// Down kills the process, as a crash would.
func (s *Server) Down() {
	if s.running == nil {
		return
	}
	s.running.Stop()
	s.running = nil
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("finding a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
