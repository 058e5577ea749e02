// Package postgres gives tests a PostgreSQL server: the one that FRONTDESK_TEST_POSTGRES names, or
// one of its own, started once a test binary and stopped at its end.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/workers/store/pgserver"
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
	cluster *pgserver.Cluster // of a server that was started here
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
		s.cluster.Stop()
		s.cluster.Remove()
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
	if err := s.admin(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("making test database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
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

// Copy makes a copy of a test's database, to which nobody is connected, and drops it at the test's end.
func (s *Server) Copy(t testing.TB, of string) string {
	t.Helper()
	from, err := url.Parse(of)
	if err != nil {
		t.Fatal("reading the address of a test's database: malformed URL")
	}
	to := s.Database(t)
	name, err := url.Parse(to)
	if err != nil {
		t.Fatal("reading the address of a test's database: malformed URL")
	}
	for _, statement := range []string{"DROP DATABASE " + name.Path[1:], "CREATE DATABASE " + name.Path[1:] + " TEMPLATE " + from.Path[1:]} {
		if err := s.admin(t.Context(), statement); err != nil {
			t.Fatalf("copying a test database: %v", err)
		}
	}
	return to
}

func (s *Server) admin(ctx context.Context, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
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
	c, err := pgserver.New("", s.Durable)
	if errors.Is(err, pgserver.ErrMissing) {
		err = errMissing
	}
	if s.err = err; err != nil {
		return
	}
	s.cluster, s.url = c, c.URL
	if s.err = c.Start(); s.err != nil {
		s.Stop()
	}
}
