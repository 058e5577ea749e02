//go:build unix

package postgres

import (
	"context"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Crash ends the server at once, as a failing machine would: every connection breaks, nothing is
// tidied up. Use it on a Durable server with Own set.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	pid, err := s.cluster.PID()
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGQUIT)
	}
	if err != nil {
		t.Fatalf("crashing PostgreSQL: %v", err)
	}
	s.cluster.Stop()
}

// Restart starts a crashed server again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.cluster.Start(); err != nil {
		t.Fatalf("starting PostgreSQL again: %v", err)
	}
}

// Freeze stops every process of the server, which then neither answers nor breaks a connection.
// The returned function lets them go on.
func (s *Server) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	pids, err := s.pids(t.Context())
	if err != nil {
		t.Fatalf("freezing PostgreSQL: %v", err)
	}
	signal := func(sig syscall.Signal) {
		for _, pid := range pids {
			syscall.Kill(pid, sig) //nolint:errcheck // a backend may have ended
		}
	}
	signal(syscall.SIGSTOP)
	return func() { signal(syscall.SIGCONT) }
}

// pids are the server's own process and its backends.
func (s *Server) pids(ctx context.Context) ([]int, error) {
	first, err := s.cluster.PID()
	if err != nil {
		return nil, err
	}
	c, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	rows, err := c.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
	if err != nil {
		return nil, err
	}
	backends, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return append([]int{first}, backends...), err
}
