// Package postgres gives tests a PostgreSQL server: the one that FRONTDESK_TEST_POSTGRES names, or
// one of its own, started once a test binary and stopped at its end.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Environment variables.
const (
	// Address names a server on which tests may create and drop databases.
	Address = "FRONTDESK_TEST_POSTGRES"
	// Required set to 1 makes a missing server a failure instead of a skip.
	Required = "FRONTDESK_REQUIRE_SERVERS"
)

// Server is a running server. The zero Server starts at its first use.
type Server struct {
	// Durable keeps fsync on, for benchmarks. Tests need no protection from power cuts.
	Durable bool

	once sync.Once
	url  string
	err  error
	stop func()
	made atomic.Int64
}

var errMissing = errors.New("no PostgreSQL: set " + Address + " or install initdb and postgres")

// Main runs the tests of a package and stops what they started; call it from TestMain.
func Main(m *testing.M, servers ...*Server) int {
	for _, s := range servers {
		defer s.Stop()
	}
	return m.Run()
}

// Stop ends a server that was started here.
func (s *Server) Stop() {
	if s.stop != nil {
		s.stop()
	}
}

// Database makes an empty database for one test and drops it at the test's end. Without a server
// the test is skipped.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.once.Do(s.start)
	if errors.Is(s.err, errMissing) && os.Getenv(Required) != "1" {
		t.Skip(s.err)
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	name := fmt.Sprintf("frontdesk_test_%d_%d", os.Getpid(), s.made.Add(1))
	if err := s.admin("CREATE DATABASE " + name); err != nil {
		t.Fatalf("making test database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Logf("dropping test database: %v", err)
		}
	})
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatalf("reading %s: malformed URL", Address)
	}
	u.Path = "/" + name
	return u.String()
}

func (s *Server) admin(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}

func (s *Server) start() {
	if s.url = os.Getenv(Address); s.url != "" {
		return
	}
	bin, err := binaries()
	if err != nil {
		s.err = err
		return
	}
	s.url, s.stop, s.err = launch(bin, s.Durable)
}

// binaries finds the folder that holds both initdb and postgres.
func binaries() (string, error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	slices.Reverse(installed)
	for _, dir := range append(installed, folders...) {
		if executable(dir, "initdb") && executable(dir, "postgres") {
			return dir, nil
		}
	}
	return "", errMissing
}

func executable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode()&0o111 != 0
}

// launch makes a cluster in a temporary folder and starts it on a free port of the loopback.
func launch(bin string, durable bool) (address string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "frontdesk-postgres-")
	if err != nil {
		return "", nil, fmt.Errorf("making folder for PostgreSQL: %w", err)
	}
	clean := func() { os.RemoveAll(dir) }
	owner, err := owner(dir)
	if err != nil {
		clean()
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "frontdesk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, owner
	if out, err := initdb.CombinedOutput(); err != nil {
		clean()
		return "", nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		clean()
		return "", nil, err
	}
	address = fmt.Sprintf("postgres://frontdesk@127.0.0.1:%d/postgres?sslmode=disable", port)
	// The shell waits on a pipe that this process holds: however this process ends, the server ends too.
	server := exec.Command("/bin/sh", "-c", `"$@" & server=$!; read -r _; kill -INT $server; wait $server`, "sh",
		filepath.Join(bin, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(port), "-k", dir, "-c", "max_connections=200")
	if !durable {
		server.Args = append(server.Args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	server.Dir, server.SysProcAttr = dir, owner
	hold, err := server.StdinPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		clean()
		return "", nil, fmt.Errorf("starting postgres: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		server.Wait() //nolint:errcheck // its end is all that counts
		close(ended)
	}()
	stop = func() {
		hold.Close()
		<-ended
		clean()
	}
	if err := ready(address, ended); err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the server answers.
func ready(address string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := pgx.Connect(ctx, address)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ended:
			return errors.New("postgres ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("waiting for postgres: %w", err)
		}
	}
}
