package main

import (
	"errors"
	"net"
	"os"
	"os/user"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/channels/kinds"
	"frontdesk/configs"
	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store/pgserver"
)

// TestRolesOnOneMachineNeedNoPort: the way of docs/scale-out.md. Several processes share a Redis and a PostgreSQL that have no
// port at all, and another user of the machine comes to neither.
func TestRolesOnOneMachineNeedNoPort(t *testing.T) {
	if at := os.Getenv(asStranger); at != "" {
		reachNoServer(t, strings.Split(at, "\n"))
		return
	}
	t.Parallel()
	queue := redistest.StartLocal(t)
	database := localPostgres(t)
	if got, want := listening(t, queue.PID()), []string{"unix " + queue.Addr}; !slices.Equal(got, want) {
		t.Errorf("Redis listens on %v, want %v", got, want)
	}
	f := newFleet(t, database, queue.URL())
	c, err := configs.Load(f.file(), func(name string) (string, bool) { return t.TempDir(), name == "FRONTDESK_TEST_DIR" }, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{configs.RoleIntake, configs.RoleWork, configs.RoleDesk} {
		if c.Roles = []string{role}; c.Validate() != nil {
			t.Errorf("role %s: %v", role, c.Validate())
		}
	}
	door := f.start("intake")
	f.start("work")
	f.start("desk")
	const mails = 20
	f.write(0, mails, func() string { return door.at.SMTP }).all.Wait()
	f.kept(mails, 0)
	if os.Geteuid() == 0 {
		asAnother(t, "TestRolesOnOneMachineNeedNoPort", queue.Addr+"\n"+database)
	}
}

// localPostgres is the address of a server with peer authentication for the user of this process.
func localPostgres(t *testing.T) string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgserver.New("", false)
	if errors.Is(err, pgserver.ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Stop()
		c.Remove()
	})
	if err := errors.Join(c.Local(me.Username), c.Start()); err != nil {
		t.Fatal(err)
	}
	return c.URL
}

// reachNoServer tries the sockets as another user.
func reachNoServer(t *testing.T, at []string) {
	t.Logf("as user %d", os.Geteuid())
	if conn, err := net.Dial("unix", at[0]); err == nil {
		conn.Close()
		t.Error("Redis can be reached")
	} else if !errors.Is(err, os.ErrPermission) {
		t.Errorf("Redis: %v", err)
	}
	if conn, err := pgx.Connect(t.Context(), at[1]); err == nil {
		conn.Close(t.Context())
		t.Error("PostgreSQL lets another user in")
	} else if text := err.Error(); !strings.Contains(text, "eer authentication failed") && !errors.Is(err, os.ErrPermission) {
		t.Errorf("PostgreSQL: %v", err)
	}
}
