package bench

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// databases gives each installation that is measured a database and a Redis of its own.
type databases interface {
	// fresh makes an empty pair. Both URLs are empty for the embedded ones.
	fresh(context.Context) (pair, error)
	// close stops what was started for them.
	close() error
}

// pair is one database with one Redis, empty at first.
type pair struct {
	databaseURL, redisURL string
	// Process ids of the servers where they run on this machine, so that their CPU time is counted; 0 if not.
	databasePID, redisPID int
	// What they are, for the table.
	database, redis string
	// drop empties both. It is called when nobody uses them any more; nil: nothing to do.
	drop func(context.Context) error
}

// site is one installation: a folder, a configuration and the databases it names.
type site struct {
	dir, file string
	pair      pair
	program   func(args ...string) *exec.Cmd
}

// newSite writes the configuration of an installation without any network beyond this machine: keys, inboxes and
// servers are its own, and more are further inboxes as lines of YAML. It costs no time that is measured.
func (r *run) newSite(ctx context.Context, more ...string) (*site, error) {
	dir, err := os.MkdirTemp(r.dir, "site-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the service: %w", err)
	}
	pair, err := r.databases.fresh(ctx)
	if err != nil {
		return nil, err
	}
	r.report.Machine.Database, r.report.Machine.Redis = pair.database, pair.redis
	s := &site{dir: dir, file: filepath.Join(dir, "frontdesk.yaml"), pair: pair, program: r.Program}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	if err = os.WriteFile(filepath.Join(dir, "master.key"), []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err == nil {
		err = os.WriteFile(s.file, []byte(r.configuration(s, more)), 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the configuration: %w", err), s.remove(ctx))
	}
	return s, nil
}

// remove deletes everything of the site, when ctx has ended too.
func (s *site) remove(ctx context.Context) error {
	err := os.RemoveAll(s.dir)
	if s.pair.drop != nil {
		err = errors.Join(err, s.pair.drop(context.WithoutCancel(ctx)))
	}
	return err
}

// configuration is everything as by default, but for the limits that a single sender from one address would run into:
// what is measured is the service that people run.
func (r *run) configuration(s *site, more []string) string {
	var b strings.Builder
	host, port, _ := net.SplitHostPort(r.relay.addr())
	fmt.Fprintf(&b, `desk: {name: Bench Desk, domain: desk.example, default_language: en}
data_dir: %s
keys: {master: [{name: bench, file: %s}]}
listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0, public_url: "%s"}
limits: {smtp_sessions_per_remote: 100000, smtp_messages_per_minute: 100000000}
screening: {acks_per_minute: 100000000, max_acks_to_strangers_hour: 0, max_acks_to_strangers_day: 0}
sms: {countries: [CN], max_per_range_day: 0}
relays:
  - {name: out, host: %s, port: %s, tls: none, auth: none}
inboxes:
  - {name: %s, channel: sms, address: "%s", twilio: {account_sid: %s, auth_token: %s, base_url: "%s"}}
  - {name: %s, channel: email, address: %s, smtp_door: true, relay: out}
`, filepath.Join(s.dir, "data"), filepath.Join(s.dir, "master.key"), publicURL, host, port,
		smsInbox, number, account, authToken, r.provider.url(), mailInbox, mailbox)
	for _, inbox := range more {
		b.WriteString("  - " + inbox + "\n")
	}
	if s.pair.databaseURL != "" {
		fmt.Fprintf(&b, "database: {url: %q}\n", s.pair.databaseURL)
	}
	if s.pair.redisURL != "" {
		fmt.Fprintf(&b, "redis: {url: %q}\n", s.pair.redisURL)
	}
	return b.String()
}
