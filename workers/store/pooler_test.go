package store_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest/postgres"
)

// pgbouncer runs Debian's in front of a database, until the test ends. It returns the address by which the database is
// reached through it.
func pgbouncer(t *testing.T, database string, settings ...string) string {
	t.Helper()
	bin, err := exec.LookPath("pgbouncer")
	if err != nil {
		bin = "/usr/sbin/pgbouncer"
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv(postgres.Required) == "1" {
			t.Fatal("pgbouncer is not installed")
		}
		t.Skip("pgbouncer is not installed")
	}
	to, err := url.Parse(database)
	if err != nil {
		t.Fatal("reading the database's address: malformed URL")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	host, port, _ := net.SplitHostPort(at)
	secret := ""
	if password, ok := to.User.Password(); ok {
		secret = " password=" + password
	}
	name := strings.TrimPrefix(to.Path, "/")
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n%s = host=%s port=%s user=%s%s\n[pgbouncer]\nlisten_addr = %s\nlisten_port = %s\nunix_socket_dir =\nauth_type = any\n%s\n",
		name, to.Hostname(), to.Port(), to.User.Username(), secret, host, port, strings.Join(settings, "\n"))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // pgbouncer reads it as another user
		t.Fatal(err)
	}
	for dir := filepath.Dir(file); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // likewise
			t.Fatal(err)
		}
	}
	args := []string{file}
	if os.Geteuid() == 0 {
		args = []string{"-u", "nobody", file} // it does not run as root
	}
	cmd := exec.Command(bin, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() }) //nolint:errcheck // it was killed
	answers(t, at)
	to.Host = at
	return to.String()
}

func answers(t *testing.T, at string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", at); err == nil {
			c.Close()
			return
		}
	}
	t.Fatal("pgbouncer does not answer")
}

func TestAPoolerThatSharesSessionsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		settings []string
		refused  bool
	}{
		"transaction mode":                                 {[]string{"pool_mode = transaction"}, true},
		"transaction mode, one session for all":            {[]string{"pool_mode = transaction", "default_pool_size = 1"}, true},
		"transaction mode, the sessions taken in turn":     {[]string{"pool_mode = transaction", "server_round_robin = 1", "min_pool_size = 4"}, true},
		"statement mode":                                   {[]string{"pool_mode = statement"}, true},
		"session mode":                                     {[]string{"pool_mode = session"}, false},
		"session mode, with sessions that wait to be used": {[]string{"pool_mode = session", "min_pool_size = 4"}, false},
		"session mode, tidied after every client":          {[]string{"pool_mode = session", "server_reset_query_always = 1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			direct := server.Database(t)
			s, err := reopen(t, store.Options{URL: pgbouncer(t, direct, c.settings...), Dir: t.TempDir()}, day, master("m1", 1))
			if err == nil {
				defer mustClose(t, s)
			}
			if refused := err != nil; refused != c.refused {
				t.Fatalf("refused = %v (%v), want %v", refused, err, c.refused)
			}
			if !c.refused {
				recordOne(t, s, "k1", "hello", day)
				return
			}
			if text := err.Error(); !strings.Contains(text, "pool_mode = session") {
				t.Errorf("the refusal is %q, want it to say what to do", text)
			}
		})
	}
}

// TestConnectionsToAServerThatTakesNoWritesAreReplaced: of a primary that was made read-only for a switchover, and that
// closes nothing by itself. Sessions tell here what servers do there: those that were opened before the switch are
// read-only for as long as they last.
func TestConnectionsToAServerThatTakesNoWritesAreReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		old      string // what the sessions of before are set to
		failures int    // writes that may fail
	}{
		"one connection of before":                {"SET default_transaction_read_only = on", 1},
		"a transaction that is read-only at once": {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", 1},
	} {
		for _, size := range []int{1, 4, 16} {
			t.Run(name+", a pool of "+strconv.Itoa(size), func(t *testing.T) {
				s := mustOpen(t, store.Options{URL: server.Database(t), Dir: t.TempDir(), PoolSize: size}, day, master("m1", 1))
				defer mustClose(t, s)
				if err := store.EachSession(t.Context(), s, size, c.old); err != nil {
					t.Fatal(err)
				}
				failed := 0
				for range 2 * size {
					if err := s.Writable(t.Context()); err != nil {
						failed++
					}
				}
				if failed > c.failures {
					t.Errorf("%d of %d writes failed after the switch, want %d at most: the first tells of all", failed, 2*size, c.failures)
				}
				if n, err := store.Sessions(t.Context(), s, size, "SHOW default_transaction_read_only", "on"); err != nil || n > 0 {
					t.Errorf("%d sessions of before are left (%v), want none: what they read is old", n, err)
				}
			})
		}
	}
}

// TestADatabaseThatTakesNoWritesAtAllIsFoundAgain: every connection is closed, and nothing else is done about it.
func TestADatabaseThatTakesNoWritesAtAllIsFoundAgain(t *testing.T) {
	url := server.Database(t)
	s := mustOpen(t, store.Options{URL: url, Dir: t.TempDir(), PoolSize: 4}, day, master("m1", 1))
	defer mustClose(t, s)
	const name = "ALTER DATABASE %s SET default_transaction_read_only = %s"
	at := url[strings.LastIndexByte(url, '/')+1:]
	at, _, _ = strings.Cut(at, "?")
	if err := store.EachSession(t.Context(), s, 1, fmt.Sprintf(name, at, "on")); err != nil {
		t.Fatal(err)
	}
	if err := store.EachSession(t.Context(), s, 4, "SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if err := s.Writable(t.Context()); err == nil || errors.Is(err, store.ErrConflict) {
			t.Fatalf("a write to a database that takes none: %v, want a fault that passes", err)
		}
	}
	if err := store.EachSession(t.Context(), s, 1, "BEGIN READ WRITE; "+fmt.Sprintf(name, at, "off")+"; COMMIT"); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for range 8 {
		if s.Writable(t.Context()) != nil {
			failed++
		}
	}
	if failed > 4 {
		t.Errorf("%d of 8 writes failed after it took them again, want one for each connection of before at most", failed)
	}
}
