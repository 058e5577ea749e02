// Package postgres gives tests a PostgreSQL server: the one that FRONTDESK_TEST_POSTGRES names, or
// one of its own, started once a test binary and stopped at its end.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
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
	// Own starts a server even where Address names one, for tests that crash it.
	Own bool

	once    sync.Once
	url     string
	err     error
	cluster *cluster // of a server that was started here
	made    atomic.Int64
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
	if s.cluster != nil {
		s.cluster.stop()
		s.cluster.remove()
		s.cluster = nil
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
	if s.url = os.Getenv(Address); s.url != "" && !s.Own {
		return
	}
	bin, err := binaries()
	if err != nil {
		s.err = err
		return
	}
	if s.cluster, s.err = newCluster(bin, s.Durable); s.err != nil {
		return
	}
	s.url = s.cluster.address
	if s.err = s.cluster.start(); s.err != nil {
		s.Stop()
	}
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
