package pgserver

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ownCluster is a running server that ends with the test.
func ownCluster(t *testing.T) *Cluster {
	t.Helper()
	c, err := New("", false)
	if errors.Is(err, ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1" {
		t.Skip("this test needs a PostgreSQL to start: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Stop()
		c.Remove()
	})
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAScratchSchemaIsItsOwnAndGoes(t *testing.T) {
	c := ownCluster(t)
	s, err := NewScratch(t.Context(), c.URL, false)
	if err != nil {
		t.Fatal(err)
	}
	if pid, err := c.PID(); err != nil || s.PID != pid {
		t.Errorf("the server's process id is told as %d, want %d (%v)", s.PID, pid, err)
	}
	if !strings.HasSuffix(s.Version, ", fsync off") {
		t.Errorf("the version is %q", s.Version)
	}
	inside, err := pgx.Connect(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inside.Exec(t.Context(), "CREATE TABLE here (n int)"); err != nil {
		t.Fatal(err)
	}
	inside.Close(t.Context())
	if _, err := NewScratch(t.Context(), c.URL, false); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a database with a table gives %v, want ErrNotEmpty", err)
	}
	other, err := NewScratch(t.Context(), c.URL, true)
	if err != nil {
		t.Fatalf("forced: %v", err)
	}
	for _, x := range []*Scratch{s, other} {
		if err := x.Drop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := NewScratch(t.Context(), c.URL, false); err != nil {
		t.Errorf("after both were dropped: %v", err)
	}
}

// TestAScratchSchemaIsDroppedThoughItsUsersEndLate: one of them holds a table that the drop waits for, and wants one that the drop holds.
// PostgreSQL ends the drop then, which began to wait first. In which order the drop takes the tables is not said: both are tried.
func TestAScratchSchemaIsDroppedThoughItsUsersEndLate(t *testing.T) {
	c := ownCluster(t)
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		s, err := NewScratch(t.Context(), c.URL, true)
		if err != nil {
			t.Fatal(err)
		}
		user, err := pgx.Connect(t.Context(), s.URL)
		if err != nil {
			t.Fatal(err)
		}
		say := func(text string) {
			t.Helper()
			if _, err := user.Exec(t.Context(), text); err != nil {
				t.Fatal(text, ": ", err)
			}
		}
		say("CREATE TABLE a (n int)")
		say("CREATE TABLE b (n int)")
		say("BEGIN")
		say("LOCK TABLE " + order[0] + " IN ACCESS SHARE MODE")
		dropped := make(chan error, 1)
		go func() { dropped <- s.Drop(t.Context()) }()
		waits := 0
		for waits == 0 {
			time.Sleep(10 * time.Millisecond)
			if err := user.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waits); err != nil {
				t.Fatal(err)
			}
		}
		say("LOCK TABLE " + order[1] + " IN ACCESS SHARE MODE")
		user.Close(t.Context())
		if err := <-dropped; err != nil {
			t.Error(err)
		}
	}
}
