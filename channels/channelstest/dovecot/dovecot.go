// Package dovecot runs a real Dovecot IMAP server, for tests and for `frontdesk bench`: its own process, configuration, port on
// loopback and maildirs in a directory of its own, all gone when the test ends. A test that needs it
// is skipped where dovecot is not installed, and fails instead when FRONTDESK_REQUIRE_SERVERS is 1.
package dovecot

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Server is one Dovecot. Every user name is let in with the one password and has a mailbox of its
// own; INBOX is there from the start.
type Server struct {
	Addr     string // 127.0.0.1:port, without TLS
	User     string // a user to work with; any other name will do as well
	Password string
	TLSAddr  string // 127.0.0.1:port with TLS from the first byte; "" without Secure
	SASL     string // path of the socket at which another server, such as Postfix, asks about passwords; "" without Secure

	cert, key []byte
	rights    string
	t         Owner
	dir       string
	uid, gid  int
	cmd       *exec.Cmd
	serial    atomic.Int64
}

// Owner is whoever runs a server: a test (testing.TB), or a program that measures. Fatal, Fatalf and
// Skip do not return.
type Owner interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Skip(...any)
	Logf(string, ...any)
	Failed() bool
	Cleanup(func())
}

// Secure gives the server a certificate with its key (PEM), a password, and a port with TLS beside the plain one.
func Secure(cert, key []byte, password string) func(*Server) {
	return func(s *Server) { s.cert, s.key, s.Password = cert, key, password }
}

// Rights gives the server access control lists (RFC 4314): one rule a line, such as "INBOX owner lrws".
func Rights(rules string) func(*Server) { return func(s *Server) { s.rights = rules } }

// Start starts a server, or skips the test if there is none.
func Start(t Owner, options ...func(*Server)) *Server {
	t.Helper()
	if _, err := exec.LookPath("dovecot"); err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatal("dovecot is not installed, and FRONTDESK_REQUIRE_SERVERS is set")
		}
		t.Skip("dovecot is not installed (Debian: apt install dovecot-imapd)")
	}
	dir, err := os.MkdirTemp("", "dc") // short: socket paths have a limit of 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{User: "support", Password: "test-password", t: t, dir: dir, uid: os.Getuid(), gid: os.Getgid()}
	for _, o := range options {
		o(s)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("dovecot's log:\n%s", log[max(0, len(log)-4000):])
		}
		_ = os.RemoveAll(dir)
	})
	s.configure(freePort(t))
	s.Restart()
	return s
}

func freePort(t Owner) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// configure writes the configuration. As root, mail belongs to nobody, because Dovecot refuses to
// serve root's mail; else everything runs as the user of the test.
func (s *Server) configure(port int) {
	s.t.Helper()
	s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	internal, login, chroot := "dovecot", "dovenull", "login"
	if s.uid == 0 {
		nobody, err := user.Lookup("nobody")
		s.check(err)
		s.uid, _ = strconv.Atoi(nobody.Uid)
		s.gid, _ = strconv.Atoi(nobody.Gid)
	} else {
		me, err := user.Current()
		s.check(err)
		internal, login, chroot = me.Username, me.Username, ""
	}
	s.check(os.Chmod(s.dir, 0o755))
	s.check(os.MkdirAll(filepath.Join(s.dir, "home"), 0o755))
	s.check(os.Chown(filepath.Join(s.dir, "home"), s.uid, s.gid))
	conf := strings.NewReplacer(
		"DIR", s.dir, "PORT", strconv.Itoa(port), "UID", strconv.Itoa(s.uid), "GID", strconv.Itoa(s.gid),
		"PASSWORD", s.Password, "INTERNAL", internal, "LOGIN", login, "CHROOT", chroot,
	).Replace(configuration)
	if s.cert != nil {
		conf += s.secure()
	}
	if s.rights != "" {
		rules := filepath.Join(s.dir, "acl")
		s.check(os.WriteFile(rules, []byte(s.rights), 0o644))
		conf += "mail_plugins = acl\nprotocol imap {\n  mail_plugins = acl imap_acl\n}\nplugin {\n  acl = vfile:" + rules + "\n}\n"
	}
	s.check(os.WriteFile(s.conf(), []byte(conf), 0o644))
}

// secure is what the configuration has more with TLS: of two settings the later one counts.
func (s *Server) secure() string {
	cert, key := filepath.Join(s.dir, "cert.pem"), filepath.Join(s.dir, "key.pem")
	s.check(os.WriteFile(cert, s.cert, 0o644))
	s.check(os.WriteFile(key, s.key, 0o600))
	port := strconv.Itoa(freePort(s.t))
	s.TLSAddr, s.SASL = net.JoinHostPort("127.0.0.1", port), filepath.Join(s.dir, "sasl")
	return strings.NewReplacer("CERT", cert, "KEY", key, "PORT", port, "SASL", s.SASL).Replace(`ssl = yes
ssl_cert = <CERT
ssl_key = <KEY
service imap-login {
  inet_listener imaps {
    port = PORT
    ssl = yes
  }
}
service auth {
  unix_listener SASL {
    mode = 0666
  }
}
`)
}

const configuration = `base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
listen = 127.0.0.1
protocols = imap
ssl = no
disable_plaintext_auth = no
default_internal_user = INTERNAL
default_login_user = LOGIN
mail_home = DIR/home/%u
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
first_valid_uid = 1
auth_failure_delay = 0
passdb {
  driver = static
  args = password=PASSWORD
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home/%u
}
namespace inbox {
  inbox = yes
}
service imap-login {
  chroot = CHROOT
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

func (s *Server) conf() string { return filepath.Join(s.dir, "dovecot.conf") }

func (s *Server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Restart starts the server, again after a Kill, and returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	s.cmd = exec.Command("dovecot", "-F", "-c", s.conf())
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.check(s.cmd.Start())
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
		if err == nil {
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			var b [4]byte
			_, err = conn.Read(b[:])
			_ = conn.Close()
			if err == nil && string(b[:]) == "* OK" {
				return
			}
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			s.t.Fatalf("dovecot does not answer: %v\n%s", err, log)
		}
	}
}

// Kill ends the server and all its sessions at once, without a farewell (SIGKILL).
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = syscall.Kill(s.cmd.Process.Pid, syscall.SIGSTOP) // or it begins others in their place
	for _, pid := range s.children("") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	_ = s.cmd.Wait()
	s.silent()
	_ = os.Remove(filepath.Join(s.dir, "run", "master.pid"))
	s.cmd = nil
}

// silent waits until nobody listens any more: the ends of killed processes that are not ours are not told.
func (s *Server) silent() {
	for range 500 {
		conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
}

// KillSessions ends the processes that serve signed-in clients (SIGKILL) and says how many there
// were; the server goes on.
func (s *Server) KillSessions() int {
	pids := s.children("imap")
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(pids)
}

// children lists the master's processes, those of one name or all.
func (s *Server) children(name string) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var out []int
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid …
		open, end := strings.IndexByte(string(raw), '('), strings.LastIndexByte(string(raw), ')')
		if open < 0 || end < 0 {
			continue
		}
		fields := strings.Fields(string(raw[end+1:]))
		pid, _ := strconv.Atoi(strings.TrimSpace(string(raw[:open])))
		if len(fields) > 1 && fields[1] == strconv.Itoa(s.cmd.Process.Pid) && (name == "" || string(raw[open+1:end]) == name) {
			out = append(out, pid)
		}
	}
	return out
}

// Deliver puts a mail into a user's INBOX, as a local delivery does.
func (s *Server) Deliver(userName string, raw []byte) {
	s.t.Helper()
	s.DeliverAt(userName, raw, time.Now())
}

// DeliverAt is Deliver with a time of arrival (INTERNALDATE).
func (s *Server) DeliverAt(userName string, raw []byte, at time.Time) {
	s.t.Helper()
	box := s.maildir(userName)
	n := s.serial.Add(1)
	name := fmt.Sprintf("%d.M%09dP1.test,S=%d", 1700000000+n, n, len(raw))
	tmp := filepath.Join(box, "tmp", name)
	s.check(os.WriteFile(tmp, raw, 0o644))
	s.check(os.Chown(tmp, s.uid, s.gid))
	s.check(os.Chtimes(tmp, at, at))
	s.check(os.Rename(tmp, filepath.Join(box, "new", name)))
}

// Maildir is the folder of a user's mail, which is made where it is not there, with the user and group to whom it belongs. Another
// server may deliver into it.
func (s *Server) Maildir(userName string) (path string, uid, gid int) {
	s.t.Helper()
	return s.maildir(userName), s.uid, s.gid
}

func (s *Server) maildir(userName string) string {
	s.t.Helper()
	box := filepath.Join(s.dir, "home", userName, "Maildir")
	if _, err := os.Stat(filepath.Join(box, "new")); err == nil {
		return box
	}
	for _, d := range []string{filepath.Dir(box), box, filepath.Join(box, "cur"), filepath.Join(box, "new"), filepath.Join(box, "tmp")} {
		s.check(os.MkdirAll(d, 0o755))
		s.check(os.Chown(d, s.uid, s.gid))
	}
	return box
}

// SetUIDValidity gives the user's INBOX another UIDVALIDITY, which sends clients that have it open
// away.
func (s *Server) SetUIDValidity(userName string, validity uint32) {
	s.t.Helper()
	s.Doveadm("mailbox", "update", "-u", userName, "--uid-validity", strconv.FormatUint(uint64(validity), 10), "INBOX")
}

// Doveadm runs an administrator's command on this server and returns what it prints.
func (s *Server) Doveadm(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("doveadm", append([]string{"-c", s.conf()}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("doveadm %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}
