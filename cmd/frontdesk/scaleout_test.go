package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/workers/engine/redistest"
)

// rewrite changes the configuration that the processes of a fleet share, before the first one starts.
func (f *fleet) rewrite(change func(string) string) {
	f.t.Helper()
	text, err := os.ReadFile(f.file())
	if err != nil {
		f.t.Fatal(err)
	}
	changed := change(string(text))
	if changed == string(text) {
		f.t.Fatal("the configuration was not changed")
	}
	if err := os.WriteFile(f.file(), []byte(changed), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// withRedis names another Redis.
func withRedis(section string) func(string) string {
	return func(text string) string {
		start := strings.Index(text, "redis:")
		end := start + strings.Index(text[start:], "\n")
		return text[:start] + "redis: " + section + text[end:]
	}
}

// TestAMailboxMovesWhenItsProcessDies: of two processes that take in, the one that has the mailbox is
// killed with -9 while mail keeps arriving. The other takes over within a minute, and nothing is lost or
// double.
func TestAMailboxMovesWhenItsProcessDies(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a lease of 45 s to run out")
	}
	t.Parallel()
	database := databases.Database(t)
	server := dovecot.Start(t)
	f := newFleet(t, database, redistest.Start(t).URL())
	host, port, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	f.rewrite(func(text string) string {
		return text + fmt.Sprintf("  - {name: box, channel: email, address: box@desk.example, relay: out, imap: {host: %s, port: %s, tls: none, user: %s, password: %s}}\n",
			host, port, server.User, server.Password)
	})
	intakes := []*member{f.start("intake"), f.start("intake")}
	f.start("work")
	f.connected("box")
	n := 0
	deliver := func() {
		n++
		from := fmt.Sprintf("c%d@mail%d.example", n, n)
		server.Deliver(server.User, []byte("Return-Path: <"+from+">\r\n"+strings.ReplaceAll(human(from, "Payment failed", fmt.Sprintf("box%d@mail.example", n), fmt.Sprintf("My payment for order B%06d failed.", n)), "\n", "\r\n")))
	}
	arrived := func(within time.Duration, want int) {
		f.eventually(within, func() string {
			counts, err := f.store.View.Counts(t.Context(), time.Now())
			if err != nil {
				return err.Error()
			}
			if got := counts.Recorded["box"]; got < int64(want) {
				return fmt.Sprintf("%d of %d mails are recorded", got, want)
			}
			return ""
		})
	}
	for range 5 {
		deliver()
	}
	arrived(30*time.Second, 5)
	holder := f.leaseholder(database, intakes)
	began := time.Now()
	holder.kill()
	for range 5 {
		deliver()
	}
	arrived(90*time.Second, 6)
	took := time.Since(began)
	t.Logf("the mailbox was taken over %v after its process was killed", took.Round(100*time.Millisecond))
	if took > 75*time.Second {
		t.Errorf("taken over after %v, want a minute", took)
	}
	deliver()
	arrived(30*time.Second, n)
	f.roused(database)
	f.kept(n, 0)
}

// leaseholder is the process that has the mailbox: the holder of a lease ends in its process id and a time.
func (f *fleet) leaseholder(database string, of []*member) *member {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), database)
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close(f.t.Context())
	var holder string
	if err := conn.QueryRow(f.t.Context(), `SELECT holder FROM leases WHERE name LIKE '%box%' AND holder <> ''`).Scan(&holder); err != nil {
		f.t.Fatal(err)
	}
	for _, p := range of {
		if strings.Contains(holder, fmt.Sprintf("%d:", p.cmd.Process.Pid)) {
			return p
		}
	}
	f.t.Fatalf("nobody of these holds the lease: %s", holder)
	return nil
}

// TestRedisFailsOver: the master that the sentinels watch is killed while mail comes in and is worked on.
func TestRedisFailsOver(t *testing.T) {
	t.Parallel()
	database := databases.Database(t)
	watched := redistest.Sentinel(t)
	f := newFleet(t, database, "redis://127.0.0.1:1/0")
	f.rewrite(withRedis(fmt.Sprintf("{sentinel: {master: %s, addrs: [%s]}}", redistest.MasterName, strings.Join(watched.Sentinels, ", "))))
	door := f.start("intake,desk")
	workers := []*member{f.start("work"), f.start("work")}
	const mails = 200
	writing := f.write(0, mails, func() string { return door.at.SMTP })
	f.recorded(mails / 3)
	began := time.Now()
	watched.Master.Down()
	writing.all.Wait()
	t.Logf("%d mails were taken in, %d refused meanwhile; the last %v after the master died", mails, writing.refused, time.Since(began).Round(100*time.Millisecond))
	more := f.write(mails, 20, func() string { return door.at.SMTP })
	more.all.Wait()
	f.roused(database)
	f.kept(mails+20, 0)
	t.Logf("all was acknowledged %v after the master died", time.Since(began).Round(100*time.Millisecond))
	for _, p := range append(workers, door) {
		if code := p.end(); code != 0 {
			t.Errorf("%v ended with %d", p.args, code)
		}
	}
}

// TestRedisCluster: three processes on a cluster of three nodes, which are emptied while mail comes in.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	database := databases.Database(t)
	nodes := redistest.Cluster(t)
	f := newFleet(t, database, "redis://127.0.0.1:1/0")
	f.rewrite(withRedis(fmt.Sprintf("{cluster: {addrs: [%s]}}", strings.Join(nodes, ", "))))
	door := f.start("intake,desk")
	workers := []*member{f.start("work"), f.start("work")}
	const mails = 200
	writing := f.write(0, mails, func() string { return door.at.SMTP })
	f.recorded(mails / 3)
	workers[0].kill()
	flush(t, nodes)
	workers[0].up()
	writing.all.Wait()
	f.roused(database)
	f.kept(mails, 32)
	for _, p := range append(workers, door) {
		if code := p.end(); code != 0 {
			t.Errorf("%v ended with %d", p.args, code)
		}
	}
}

// TestTheSchemaMovesOnWhileAFleetWorks: a newer program migrates; the processes of this version work on,
// and one of them that is restarted is not refused.
func TestTheSchemaMovesOnWhileAFleetWorks(t *testing.T) {
	t.Parallel()
	database := databases.Database(t)
	f := newFleet(t, database, redistest.Start(t).URL())
	door, worker := f.start("intake,desk"), f.start("work")
	const mails = 100
	writing := f.write(0, mails, func() string { return door.at.SMTP })
	f.recorded(mails / 3)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, step := range []string{
		`ALTER TABLE deliveries ADD COLUMN colour text NOT NULL DEFAULT ''`, `ALTER TABLE messages ADD COLUMN colour text NOT NULL DEFAULT ''`,
		`ALTER TABLE outbox ADD COLUMN colour text NOT NULL DEFAULT ''`, `ALTER TABLE tickets ADD COLUMN colour text NOT NULL DEFAULT ''`,
		`CREATE INDEX CONCURRENTLY deliveries_colour ON deliveries (colour, at)`,
		`INSERT INTO schema_migrations (version, name, applied_at, survives) VALUES (9000, 'later', 0, 1)`,
	} {
		if _, err := conn.Exec(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	f.recorded(mails / 2)
	worker.kill()
	worker.up()
	writing.all.Wait()
	f.roused(database)
	f.kept(mails, 32)
	if _, err := conn.Exec(t.Context(), `UPDATE schema_migrations SET survives = 8999 WHERE version = 9000`); err != nil {
		t.Fatal(err)
	}
	out, err := commandOf([]string{"FRONTDESK_TEST_DIR=" + t.TempDir()}, "serve", "--config", f.file(), "--roles", "work").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "programs before version 8999 do not work with") {
		t.Errorf("a program that does not survive: %v, said %q", err, tail(string(out), 500))
	}
}

// flush empties the nodes of a cluster.
func flush(t *testing.T, nodes []string) {
	t.Helper()
	for _, addr := range nodes {
		client := redis.NewClient(&redis.Options{Addr: addr})
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
}
