// Package postfix runs a real Postfix mail server, for tests: its own configuration, queue and ports on loopback in a directory of
// its own, all gone when the test ends. The machine's own Postfix and /etc are not touched. A test that needs it is skipped where
// Postfix is not installed or the test is not root's, and fails instead when FRONTDESK_REQUIRE_SERVERS is 1.
package postfix

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Config says what a server takes and where it delivers.
type Config struct {
	Cert, Key []byte            // PEM, for STARTTLS, without which Submission takes nothing
	SASL      string            // socket of a Dovecot that knows the passwords; empty for a server that nobody signs in to
	Mailboxes map[string]string // address → Maildir
	UID, GID  int               // to whom the Maildirs belong
}

// Server is one Postfix.
type Server struct {
	Submission string // 127.0.0.1:port for those who sign in, after STARTTLS; they may write to anybody whom the server knows. Empty without SASL
	MX         string // 127.0.0.1:port for everybody else; for its own mailboxes

	t   testing.TB
	dir string
	cmd *exec.Cmd
}

// daemons is where Debian keeps the programs that the master starts.
const daemons = "/usr/lib/postfix/sbin"

// Start starts a server, or skips the test if there is none.
func Start(t testing.TB, c Config) *Server {
	t.Helper()
	missing := ""
	switch _, err := os.Stat(filepath.Join(daemons, "master")); {
	case err != nil:
		missing = "postfix is not installed (Debian: apt install postfix)"
	case os.Getuid() != 0:
		missing = "postfix needs root, which its processes leave"
	}
	if missing != "" && os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatal(missing + ", and FRONTDESK_REQUIRE_SERVERS is set")
	}
	if missing != "" {
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "pf") // short: socket paths have a limit of 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("postfix's log:\n%s", s.log())
		}
		_ = os.RemoveAll(dir)
	})
	s.folders()
	s.configure(c)
	s.start()
	return s
}

func (s *Server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// folders makes what "postfix start" would make.
func (s *Server) folders() {
	s.t.Helper()
	owner, err := user.Lookup("postfix")
	s.check(err)
	group, err := user.LookupGroup("postdrop")
	s.check(err)
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(group.Gid)
	s.check(os.Chmod(s.dir, 0o755))
	for _, f := range []struct {
		name     string
		mode     os.FileMode
		uid, gid int
	}{
		{name: "queue", mode: 0o755}, {name: "queue/pid", mode: 0o755}, {name: "data", mode: 0o700, uid: uid},
		{name: "queue/private", mode: 0o700, uid: uid}, {name: "queue/public", mode: 0o710, uid: uid, gid: gid},
		{name: "queue/maildrop", mode: 0o730, uid: uid, gid: gid},
		{name: "queue/incoming", mode: 0o700, uid: uid}, {name: "queue/active", mode: 0o700, uid: uid}, {name: "queue/bounce", mode: 0o700, uid: uid},
		{name: "queue/defer", mode: 0o700, uid: uid}, {name: "queue/deferred", mode: 0o700, uid: uid}, {name: "queue/flush", mode: 0o700, uid: uid},
		{name: "queue/trace", mode: 0o700, uid: uid}, {name: "queue/hold", mode: 0o700, uid: uid}, {name: "queue/corrupt", mode: 0o700, uid: uid},
		{name: "queue/saved", mode: 0o700, uid: uid},
	} {
		path := filepath.Join(s.dir, f.name)
		s.check(os.Mkdir(path, f.mode))
		s.check(os.Chmod(path, f.mode))
		s.check(os.Chown(path, f.uid, f.gid))
	}
}

func (s *Server) configure(c Config) {
	s.t.Helper()
	s.MX = s.free()
	master := masterCF
	if c.SASL != "" {
		s.Submission = s.free()
		master = strings.ReplaceAll(submissionCF, "SUBMISSION", s.Submission) + master
	}
	var boxes strings.Builder
	domains := map[string]bool{}
	for address, maildir := range c.Mailboxes {
		fmt.Fprintf(&boxes, "%s %s/\n", address, strings.TrimSuffix(maildir, "/"))
		domains[address[strings.LastIndexByte(address, '@')+1:]] = true
	}
	var names []string
	for d := range domains {
		names = append(names, d)
	}
	for name, text := range map[string]string{"cert.pem": string(c.Cert), "key.pem": string(c.Key), "mailboxes": boxes.String(),
		"main.cf":   strings.NewReplacer("DIR", s.dir, "SASL", cmp.Or(c.SASL, "none"), "DOMAINS", strings.Join(names, " "), "UID", strconv.Itoa(c.UID), "GID", strconv.Itoa(c.GID), "DAEMONS", daemons).Replace(mainCF),
		"master.cf": strings.ReplaceAll(master, "MX", s.MX)} {
		s.check(os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644))
	}
	s.check(os.Chmod(filepath.Join(s.dir, "key.pem"), 0o600))
}

const mainCF = `compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
daemon_directory = DAEMONS
mail_owner = postfix
setgid_group = postdrop
maillog_file = DIR/log
maillog_file_prefixes = DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = DOMAINS
virtual_mailbox_base = /
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
smtpd_tls_cert_file = DIR/cert.pem
smtpd_tls_key_file = DIR/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = SASL
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
default_transport = error:this server is for a test and reaches nobody
`

const submissionCF = `SUBMISSION inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
`

const masterCF = `MX inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

func (s *Server) free() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.check(err)
	defer l.Close()
	return l.Addr().String()
}

// start runs the master and waits until both doors answer.
func (s *Server) start() {
	s.t.Helper()
	s.cmd = exec.Command(filepath.Join(daemons, "master"), "-c", s.dir, "-d")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.check(s.cmd.Start())
	for _, addr := range []string{s.MX, s.Submission} {
		if addr == "" {
			continue
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			err := greeted(addr)
			if err == nil {
				break
			}
			if time.Now().After(end) {
				s.t.Fatalf("postfix does not answer at %s: %v\n%s", addr, err, s.log())
			}
		}
	}
}

func greeted(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var b [4]byte
	if _, err := conn.Read(b[:]); err != nil {
		return err
	}
	if string(b[:]) != "220 " {
		return fmt.Errorf("it begins with %q", b)
	}
	_, err = conn.Write([]byte("QUIT\r\n"))
	return err
}

// stop ends the master, which ends its processes, and waits for all of its group.
func (s *Server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	group := -s.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		_ = s.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(group, syscall.SIGKILL) // what it left
	<-done
}

func (s *Server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text[max(0, len(text)-6000):])
}
