package main

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store/storetest/postgres"
)

// TestRolesShareTheWorkAndEitherMayBeKilled: one process takes in, two work. Each is killed with -9 while
// mail comes in, and comes back. Nothing is lost, nothing is double, everything is acknowledged.
func TestRolesShareTheWorkAndEitherMayBeKilled(t *testing.T) {
	t.Parallel()
	database := databases.Database(t)
	redisServer := redistest.Start(t)
	f := newFleet(t, database, redisServer.URL())
	door := f.start("intake,desk")
	var mu sync.Mutex
	address := door.at.SMTP
	at := func() string { mu.Lock(); defer mu.Unlock(); return address }
	workers := []*member{f.start("work"), f.start("work")}
	const mails = 300
	writing := f.write(0, mails, at)
	f.recorded(mails / 6)
	workers[0].kill()
	f.recorded(mails / 3)
	door.kill()
	door.up()
	mu.Lock()
	address = door.at.SMTP
	mu.Unlock()
	f.recorded(mails / 2)
	workers[1].kill()
	workers[0].up()
	client := redis.NewClient(&redis.Options{Addr: redisServer.Addr})
	defer client.Close()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	workers[1].up()
	writing.all.Wait()
	redisServer.Down()
	more := f.write(mails, 30, at)
	more.all.Wait()
	redisServer.Up()
	f.roused(database)
	f.kept(mails+30, 64)
	for _, p := range append(workers, door) {
		if code := p.end(); code != 0 {
			t.Errorf("%v ended with %d", p.args, code)
		}
	}
	t.Logf("%d deliveries were refused or broken and came again", writing.refused+more.refused)
}

// TestWorkIsShared: with two workers both do some of it.
func TestWorkIsShared(t *testing.T) {
	t.Parallel()
	f := newFleet(t, databases.Database(t), redistest.Start(t).URL())
	door := f.start("intake")
	workers := []*member{f.start("work"), f.start("work")}
	const mails = 120
	f.write(0, mails, func() string { return door.at.SMTP }).all.Wait()
	f.kept(mails, 0)
	for i, w := range workers {
		if !strings.Contains(metrics(t, w), `frontdesk_decided_total{inbox="support",state="ticketed"}`) {
			t.Errorf("worker %d has decided nothing", i)
		}
	}
	if strings.Contains(metrics(t, door), "frontdesk_decided_total{") {
		t.Error("the process that only takes in has decided messages")
	}
}

// TestPostgreSQLStopsAndComesBack: the server is killed while mail comes in. The door answers 451 until it is
// back, nobody is restarted, and all is well after.
func TestPostgreSQLStopsAndComesBack(t *testing.T) {
	t.Parallel()
	server := postgres.Server{Durable: true, Own: true}
	t.Cleanup(server.Stop)
	database := server.Database(t)
	f := newFleet(t, database, redistest.Start(t).URL())
	door, worker := f.start("intake,desk"), f.start("work")
	at := func() string { return door.at.SMTP }
	f.write(0, 20, at).all.Wait()
	thaw := server.Freeze(t)
	frozen := f.write(20, 1, at)
	<-time.After(300 * time.Millisecond) // a commit meets the standstill; whether it does changes nothing below
	thaw()
	frozen.all.Wait()
	server.Crash(t)
	err := f.mailTo(at(), "down@mail.example", human("down@mail.example", "Payment", "down@mail.example", "My payment failed."))
	var code *smtp.SMTPError
	if !errors.As(err, &code) || code.Code != 451 {
		t.Errorf("a mail without a database was answered %v, want 451", err)
	}
	writing := f.write(21, 40, at)
	server.Restart(t)
	writing.all.Wait()
	f.roused(database)
	f.kept(61, 0)
	for _, p := range []*member{door, worker} {
		if code := p.end(); code != 0 {
			t.Errorf("%v ended with %d", p.args, code)
		}
	}
}

// TestPartOfTheRolesNeedsServers: SQLite and the in-process Redis cannot be shared, and that is said.
func TestPartOfTheRolesNeedsServers(t *testing.T) {
	t.Parallel()
	for _, roles := range []string{"work", "intake,desk", "intake"} {
		code, out, errs := frontdesk(t, "serve", "--data-dir", t.TempDir(), "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--roles", roles)
		if code != 1 || out != "" || !strings.Contains(errs, "database.url") || !strings.Contains(errs, "redis.url") {
			t.Errorf("--roles %s: exit %d, stdout %q, stderr %q; want 1 and what to set", roles, code, out, errs)
		}
	}
}
