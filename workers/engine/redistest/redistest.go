// Package redistest starts real Redis servers for tests, on loopback and free ports, and stops them
// by process id.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is one redis-server process.
type Server struct {
	Addr string
	t    testing.TB
	port int
	args []string
	cmd  *exec.Cmd
}

// Start starts a server without persistence, or skips the test where Redis is not installed. With
// FRONTDESK_REQUIRE_SERVERS=1 that is a failure instead. Further arguments go to redis-server.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t)
	}
	s := &Server{t: t, port: freePort(t), args: args}
	s.Addr = "127.0.0.1:" + strconv.Itoa(s.port)
	s.Up()
	t.Cleanup(s.Down)
	return s
}

func missing(t testing.TB) {
	t.Helper()
	const words = "redis-server is not installed (apt-get install redis-server); this test needs a real Redis"
	if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatal(words)
	}
	t.Skip(words)
}

// URL is the server's address as configuration takes it.
func (s *Server) URL() string { return "redis://" + s.Addr + "/0" }

// Up starts the process and waits until it answers.
func (s *Server) Up() {
	s.t.Helper()
	dir := s.t.TempDir()
	args := append([]string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir,
		"--logfile", filepath.Join(dir, "redis.log")}, s.args...)
	s.cmd = exec.Command("redis-server", args...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("starting redis-server: %v", err)
	}
	client := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer client.Close()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
		err := client.Ping(ctx).Err()
		cancel()
		if err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatal(fmt.Errorf("redis-server on port %d does not answer", s.port))
}

// Down kills the process, as a crash would.
func (s *Server) Down() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
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
