package crashloop

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store/storetest/postgres"
)

// plan is how much is broken in one world.
type plan struct {
	kills, migrations, flushes, redisAway, databaseAway, freezes, disks int
}

// world is one installation with its customers, its providers and its misfortunes.
type world struct {
	t      testing.TB
	opt    *options
	name   string
	lite   bool
	dir    string
	binary string
	plan   plan
	dice   *rand.Rand // under mu

	ledger    *ledger
	providers *providers
	dovecot   *dovecot.Server
	server    *postgres.Server
	redis     *redistest.Server
	database  string // URL of PostgreSQL
	client    *http.Client
	members   []*member
	mounted   bool

	life     context.Context // of the world
	end      context.CancelFunc
	traffic  atomic.Bool
	patience context.Context // for what customers and providers have still to bring
	running  sync.WaitGroup  // what runs until patience ends
	audits   bool

	mu         sync.Mutex
	counts     map[string]int
	violations []string
	outages    int
	peace      time.Time // end of the last outage
	calls      int       // audits
	lost       bool      // nothing would come of going on
}

func (w *world) path(elements ...string) string {
	return filepath.Join(append([]string{w.dir}, elements...)...)
}

func (w *world) config() string { return w.path("frontdesk.yaml") }

// violate notes that a promise did not hold.
func (w *world) violate(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	w.mu.Lock()
	w.violations = append(w.violations, what)
	w.mu.Unlock()
	w.t.Logf("%s: VIOLATION: %s", w.name, what)
}

// hopeless ends a world in which nothing would come of going on.
func (w *world) hopeless() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = true
	w.end()
}

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what]++
}

// outage marks the time during which something that the processes need is broken.
func (w *world) outage() (over func()) {
	w.mu.Lock()
	w.outages++
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		w.outages--
		w.peace = time.Now()
		w.mu.Unlock()
	}
}

// troubled reports whether something is broken, or was a moment ago, so that a process may give up.
func (w *world) troubled() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.outages > 0 || time.Since(w.peace) < 15*time.Second
}

// moody is true for one request in fifty while there is traffic: a provider fails then.
func (w *world) moody() bool { return w.traffic.Load() && rand.IntN(50) == 0 }

// front is where customers find the doors; empty while nobody is there.
func (w *world) front() (http, smtp string) { return w.members[0].addresses() }

// newWorld makes the folder, the servers and the configuration.
func newWorld(t testing.TB, o *options, name string, lite bool, p plan, box *dovecot.Server) *world {
	t.Helper()
	w := &world{t: t, opt: o, name: name, lite: lite, plan: p, dovecot: box, binary: o.binary, dir: filepath.Join(o.dir, name),
		ledger: newLedger(name), counts: map[string]int{}, dice: rand.New(rand.NewPCG(o.seed, uint64(len(name))+uint64(name[len(name)-1]))),
		client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: lanes}}}
	check(t, os.MkdirAll(w.path("blobs"), 0o755))
	w.providers = newProviders(w)
	w.providers.serveRelay(t)
	check(t, os.WriteFile(w.path("master.key"), []byte("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), 0o600))
	if !lite {
		w.server = &postgres.Server{Durable: true, Own: true}
		t.Cleanup(w.server.Stop)
		w.database = w.server.Database(t)
		w.redis = redistest.Start(t)
	}
	check(t, os.WriteFile(w.config(), []byte(w.yaml(t)), 0o600))
	w.populate()
	return w
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// populate names the processes: one, or one that takes in and two that work.
func (w *world) populate() {
	if w.lite {
		w.members = []*member{newMember(w, "all", w.path("data"), "serve", "--config", w.config())}
		return
	}
	for _, role := range []struct{ name, roles string }{{"intake", "intake,desk"}, {"work-1", "work"}, {"work-2", "work"}} {
		w.members = append(w.members, newMember(w, role.name, w.path(role.name), "serve", "--config", w.config(), "--roles", role.roles))
	}
}

func (w *world) yaml(t testing.TB) string {
	host, port, err := net.SplitHostPort(w.providers.relay)
	check(t, err)
	imapHost, imapPort, err := net.SplitHostPort(w.dovecot.Addr)
	check(t, err)
	w.dovecot.Deliver(w.name, []byte(letter("history@c.example", "history"))) // makes the mailbox; it is history
	twilio := w.providers.serveHTTP(t, w.providers.twilio)
	w.providers.twilio.Base = twilio
	telegram := w.providers.serveHTTP(t, w.providers.telegram)
	servers := ""
	if !w.lite {
		servers = fmt.Sprintf("database: {url: %q}\nredis: {url: %q}\nblobs: {dir: %s}\n", w.database, w.redis.URL(), w.path("blobs"))
	}
	return fmt.Sprintf(`desk: {name: Desk, domain: desk.example}
data_dir: ${CRASHLOOP_DIR}
%skeys: {master: [{name: first, file: %s}]}
listen: {http: "127.0.0.1:0", ops: "127.0.0.1:0", smtp: "127.0.0.1:0", public_url: %s}
limits: {smtp_messages_per_minute: 1000000, smtp_sessions_per_remote: 500}
screening: {acks_per_minute: 1000000, max_acks_to_strangers_hour: 0, max_acks_to_strangers_day: 0}
sms: {countries: [US], max_per_range_day: 0}
relays:
  - {name: out, host: %s, port: %s, tls: none, auth: none}
inboxes:
  - {name: door, channel: email, address: support@desk.example, smtp_door: true, relay: out}
  - name: mailbox
    channel: email
    address: help@desk.example
    imap: {host: %s, port: %s, tls: none, user: %s, password: test-password, poll: 5s}
    relay: out
  - name: hotline
    channel: sms
    address: "%s"
    twilio: {account_sid: %s, auth_token: %s, from: "%s", base_url: "%s"}
  - name: bot
    channel: telegram
    address: desk_bot
    telegram: {token: "%s", mode: webhook, secret: %s, base_url: "%s"}
`, servers, w.path("master.key"), publicURL, host, port, imapHost, imapPort, w.name, twilioNumber, twilioAccount, twilioToken, twilioNumber, twilio,
		botToken, botSecret, telegram)
}

// mount puts a small file system under the data directory, so that it can be filled.
func (w *world) mount() bool {
	if err := os.MkdirAll(w.path("data"), 0o755); err != nil {
		return false
	}
	if syscall.Mount("tmpfs", w.path("data"), "tmpfs", 0, "size=192m,mode=0755") != nil {
		return false
	}
	w.mounted = true
	w.t.Cleanup(func() {
		if w.t.Failed() || w.opt.keep {
			_ = os.CopyFS(w.path("kept"), os.DirFS(w.path("data"))) // for looking; the mount goes
		}
		_ = syscall.Unmount(w.path("data"), syscall.MNT_DETACH)
	})
	return true
}

// books opens the database from outside, as an auditor would.
func (w *world) books() (*sql.DB, error) {
	if w.lite {
		return sql.Open("sqlite", "file:"+w.path("data", "frontdesk.db")+"?_pragma=busy_timeout(20000)")
	}
	return sql.Open("pgx", w.database)
}

// number is one figure of the database.
func (w *world) number(ctx context.Context, query string) (n int, err error) {
	db, err := w.books()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	err = db.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// eventually waits until ok returns "", which else says what is missing.
func (w *world) eventually(ctx context.Context, within time.Duration, ok func() string) string {
	for deadline := time.Now().Add(within); ; pause(ctx, 300*time.Millisecond) {
		what := ok()
		if what == "" || time.Now().After(deadline) || ctx.Err() != nil {
			return what
		}
	}
}
