//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/channelstest/postfix"
	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/workers/store/pgserver"
)

// Who takes part in the README's set-up, as it names them.
const (
	setupPassword = "k7Qw9zT3mVx8Rb5Yc2Lp6H"
	setupAccount  = "AC0123456789abcdef0123456789abcdef"
	setupToken    = "9f1c64d2b87e4a05a3c1d7e8f6b25904"
	setupCustomer = "li.wei@customer.example"
)

// setupServers are Debian's servers for the README's set-up.
type setupServers struct {
	mailbox       *dovecot.Server
	relay         *postfix.Server
	database      *pgserver.Cluster
	redis, twilio string
	letters       string // the customer's Maildir
}

// TestTheReadmesSetUpOnDebiansServers does what the README says, word for word, on servers of Debian's: its commands, its files, its
// checks, and its unit's command. What differs are paths, ports and host names. Then a customer writes to the mailbox.
func TestTheReadmesSetUpOnDebiansServers(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	servers := s.servers()
	config := s.configured(servers.inPlace(t, block(t, "yaml", 0)), fmt.Sprintf("SUPPORT_PASSWORD='%s'\nTWILIO_ACCOUNT_SID='%s'\nTWILIO_AUTH_TOKEN='%s'\n", setupPassword, setupAccount, setupToken))
	s.run(block(t, "sh", 1))
	servers.startRedis(s)
	appendTo(t, config, s.moved(servers.inPlace(t, block(t, "yaml", 1)+block(t, "yaml", 2))))

	said := s.said(block(t, "sh", 2))
	for _, want := range []string{"ok      configuration", "ok      ca_file: ", "ok      database: connected", "ok      redis: connected, takes tasks", "ok      inbox support, IMAP localhost: ", "ok      inbox support, SMTP relay localhost: ", "ok      inbox hotline, Twilio account"} {
		if !strings.Contains(said, want) {
			t.Errorf("check does not say %q:\n%s", want, said)
		}
	}
	p := s.service()
	until(t, func() string {
		if states := s.asUnit("/usr/local/bin/frontdesk inboxes --json --config /etc/frontdesk/frontdesk.yaml"); strings.Count(states, `"state": "ok"`)+strings.Count(states, `"state":"ok"`) != 2 {
			return "not every inbox is ok: " + states
		}
		return ""
	})
	servers.write(t, "The refund has not come", "Hello,\r\nthe refund for order TX2026112200017 has not come. When will it?\r\n")
	answer := servers.answer(t)
	for _, want := range []string{"From: ", "<support@example.com>", "T-1", "Auto-Submitted: auto-replied", "In-Reply-To: <one@customer.example>"} {
		if !strings.Contains(answer, want) {
			t.Errorf("the acknowledgement lacks %q:\n%s", want, answer)
		}
	}
	servers.hold(s)
	if err := p.reload(s.unit["ExecReload"]); err != nil {
		t.Error(err)
	}
	until(t, func() string {
		if !strings.Contains(p.errs.String(), "SIGHUP: the configuration was read") {
			return "the unit's reload was not heard"
		}
		return ""
	})
	p.stop()
}

// servers starts Dovecot, Postfix, PostgreSQL and a stand-in for Twilio, and makes the commands of the README reach them.
func (s *setup) servers() *setupServers {
	t := s.t
	t.Helper()
	serverProgram(t, "redis-server")
	cert, key := newCertificate(t, "localhost")
	out := &setupServers{mailbox: dovecot.Start(t, dovecot.Secure(cert, key, setupPassword))}
	support, uid, gid := out.mailbox.Maildir("support@example.com")
	out.letters, _, _ = out.mailbox.Maildir(setupCustomer)
	out.relay = postfix.Start(t, postfix.Config{Cert: cert, Key: key, SASL: out.mailbox.SASL, UID: uid, GID: gid,
		Mailboxes: map[string]string{"support@example.com": support, setupCustomer: out.letters}})
	var err error
	out.database, err = pgserver.NewFor("", "postgres", false)
	if errors.Is(err, pgserver.ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		out.database.Stop()
		out.database.Remove()
	})
	if err := errors.Join(out.database.Debian(s.user.Username), out.database.Start()); err != nil {
		t.Fatal(err)
	}
	fake := httptest.NewServer(twiliofake.New(setupAccount, setupToken))
	t.Cleanup(fake.Close)
	out.twilio = fake.URL
	out.redis = freeTCP(t)
	if err := os.MkdirAll(s.moved("/etc/redis/"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, s.moved("/etc/redis/redis.conf"), mustRead(t, "/etc/redis/redis.conf"))
	if err := os.WriteFile(s.moved("/etc/frontdesk/ca.pem"), cert, 0o644); err != nil { //nolint:gosec // it is for everybody to read
		t.Fatal(err)
	}
	socket, port := out.database.Socket()
	s.more = fmt.Sprintf("apt-get() { [ \"$*\" = 'install --yes postgresql redis-server' ]; }; systemctl() { [ \"$*\" = 'restart redis-server' ]; }; export PGHOST=%s PGPORT=%d", socket, port)
	return out
}

// inPlace is a part of the README's configuration with the ports and hosts of this test.
func (d *setupServers) inPlace(t *testing.T, text string) string {
	t.Helper()
	_, imap, _ := net.SplitHostPort(d.mailbox.TLSAddr)
	_, relay, _ := net.SplitHostPort(d.relay.Submission)
	socket, port := d.database.Socket()
	for _, c := range [][2]string{
		{"host: imap.example.com", "host: localhost\n      port: " + imap},
		{"host: smtp.example.com", "host: localhost\n    port: " + relay},
		{"host=/run/postgresql", fmt.Sprintf("host=%s&port=%d", socket, port)},
		{"127.0.0.1:6379", d.redis},
		{"auth_token: ${TWILIO_AUTH_TOKEN}", "auth_token: ${TWILIO_AUTH_TOKEN}\n      base_url: " + d.twilio},
		{"listen:", "listen:\n  http: 127.0.0.1:0\n  ops: 127.0.0.1:0"},
	} {
		text = strings.ReplaceAll(text, c[0], c[1])
	}
	return text
}

// startRedis is what 'systemctl restart redis-server' does, with the file that the README has changed.
func (d *setupServers) startRedis(s setup) {
	s.t.Helper()
	dir := s.t.TempDir()
	_, port, _ := net.SplitHostPort(d.redis)
	cmd := exec.Command("redis-server", s.moved("/etc/redis/redis.conf"), "--port", port, "--dir", dir, "--logfile", dir+"/log", "--pidfile", dir+"/pid", "--daemonize", "no")
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	until(s.t, func() string {
		conn, err := net.Dial("tcp", d.redis)
		if err != nil {
			return err.Error()
		}
		conn.Close()
		return ""
	})
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// said is what commands of the README print; they must succeed.
func (s setup) said(script string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "said")
	s.run("{ " + script + "\n} > " + path + " 2>&1 || { cat " + path + "; exit 1; }")
	return mustRead(s.t, path)
}

// write sends a customer's mail to the mailbox, by Postfix, as everybody else's server does.
func (d *setupServers) write(t *testing.T, subject, body string) {
	t.Helper()
	mail := "From: Li Wei <" + setupCustomer + ">\r\nTo: support@example.com\r\nSubject: " + subject + "\r\nMessage-ID: <one@customer.example>\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\n" + body
	client, err := smtp.Dial(d.relay.MX)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	err = errors.Join(client.Mail(setupCustomer), client.Rcpt("support@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := client.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.Write([]byte(mail)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(data.Close(), client.Quit()); err != nil {
		t.Fatal(err)
	}
}

// answer waits for the one mail in the customer's mailbox.
func (d *setupServers) answer(t *testing.T) (text string) {
	t.Helper()
	until(t, func() string {
		found, _ := filepath.Glob(d.letters + "/new/*")
		if len(found) != 1 {
			return fmt.Sprintf("the customer has %d mails", len(found))
		}
		text = strings.ReplaceAll(mustRead(t, found[0]), "\n ", " ")
		return ""
	})
	return text
}

// hold sees that the ticket is in PostgreSQL and that the tasks went through Redis.
func (d *setupServers) hold(s setup) {
	t := s.t
	t.Helper()
	if err := said(t, strings.Replace(d.database.URL, "/postgres?", "/frontdesk?", 1), "DO $$ BEGIN ASSERT (SELECT count(*) FROM tickets) = 1, 'tickets'; END $$"); err != nil {
		t.Errorf("the ticket is not in PostgreSQL: %v", err)
	}
	client := redis.NewClient(&redis.Options{Addr: d.redis, Password: s.secret("REDIS_PASSWORD")})
	defer client.Close()
	if queues, err := client.SMembers(t.Context(), "asynq:queues").Result(); err != nil || !strings.Contains(strings.Join(queues, " "), "effects-") {
		t.Errorf("Redis has the queues %v, %v", queues, err)
	}
	if err := redis.NewClient(&redis.Options{Addr: d.redis, MaxRetries: -1}).Ping(t.Context()).Err(); err == nil {
		t.Error("Redis needs no password")
	}
}

// secret is a value of the unit's environment file.
func (s setup) secret(name string) string {
	s.t.Helper()
	for line := range strings.Lines(mustRead(s.t, s.moved(s.unit["EnvironmentFile"]))) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), "="); key == name {
			return strings.Trim(value, "'")
		}
	}
	s.t.Fatalf("the environment file has no %s", name)
	return ""
}

// served is the unit's process.
type served struct {
	t    *testing.T
	cmd  *exec.Cmd
	errs *syncBuffer
	done chan error
}

// service starts the unit's command and waits for its ready line.
func (s setup) service() *served {
	s.t.Helper()
	p := &served{t: s.t, cmd: s.unitCommand(s.unit["ExecStart"]), errs: &syncBuffer{}, done: make(chan error, 1)}
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			if strings.HasPrefix(in.Text(), "ready http=127.0.0.1:") {
				ready <- true
			}
		}
		p.done <- p.cmd.Wait()
		close(p.done)
	}()
	s.t.Cleanup(func() {
		p.cmd.Process.Kill() //nolint:errcheck // as a rule it has ended
		<-p.done
		if s.t.Failed() {
			s.t.Logf("serve said:\n%s", tail(p.errs.String(), 6000))
		}
	})
	select {
	case <-ready:
	case err := <-p.done:
		s.t.Fatalf("serve ended: %v\n%s", err, p.errs.String())
	case <-time.After(time.Minute):
		s.t.Fatalf("serve is not ready:\n%s", p.errs.String())
	}
	return p
}

// reload runs the unit's ExecReload.
func (p *served) reload(command string) error {
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Env = append(os.Environ(), fmt.Sprintf("MAINPID=%d", p.cmd.Process.Pid))
	return cmd.Run()
}

// stop ends the process as systemd does; it must end by itself, and well, before systemd would kill it.
func (p *served) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.done:
		if err != nil {
			p.t.Errorf("SIGTERM: %v", err)
		}
	case <-time.After(40 * time.Second):
		p.t.Error("it does not end within the unit's TimeoutStopSec")
	}
}
