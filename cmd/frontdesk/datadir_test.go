package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAnOpenDataDirectoryIsClosedAtTheStart says so in one line, once.
func TestAnOpenDataDirectoryIsClosedAtTheStart(t *testing.T) {
	c := testConfig(t)
	if err := os.Chmod(c.DataDir, 0o755); err != nil {
		t.Fatal(err)
	}
	r := start(t, c)
	r.stop()
	if n := strings.Count(r.logs.String(), "the data directory was open to other users; closed"); n != 1 {
		t.Errorf("%d lines say that the folder was closed, want 1", n)
	}
	if again := start(t, c); strings.Contains(again.logs.String(), "was open to other users") {
		t.Error("a closed one is closed again")
	}
}

// TestTheDataDirectoryHoldsNothingForOthers: after mail with a large attachment, an answer and a stop, everything there is for
// its owner alone; and another user lists, reads and reaches nothing while the service runs.
func TestTheDataDirectoryHoldsNothingForOthers(t *testing.T) {
	if at := os.Getenv(asStranger); at != "" {
		reachNothing(t, strings.Split(at, "\n"))
		return
	}
	defer syscall.Umask(syscall.Umask(0)) // the worst that a process can inherit
	p, dir := embedded(t)
	from := "amy@mail.example"
	raw := human(from, "Payment failed", "big@mail.example", strings.Repeat("A long line of a long letter about order B123456.\n", 40_000))
	if err := (&rig{}).mailTo(p.at.SMTP, from, raw); err != nil {
		t.Fatal(err)
	}
	until(t, func() string {
		if mails, _ := filepath.Glob(filepath.Join(dir, "sink", "*.eml")); len(mails) == 0 {
			return "nothing is sent"
		}
		return ""
	})
	var paths []string
	for path, info := range walked(t, dir) {
		paths = append(paths, path)
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[info.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
	for _, name := range []string{"frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm", "sent.log", "instance", "addresses.json", "ops.token", "control.sock", "keys/master.key", "sink", "blobs"} {
		if path := filepath.Join(dir, name); !slices.Contains(paths, path) {
			t.Errorf("%s is not there: the test looks at another program", name)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can run a process of another user; the modes are as they should be")
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	asAnother(t, "TestTheDataDirectoryHoldsNothingForOthers", strings.Join(append([]string{"closed"}, paths...), "\n"))
	// The second lock: a socket whose modes somebody has opened.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "control.sock"), 0o666); err != nil {
		t.Fatal(err)
	}
	asAnother(t, "TestTheDataDirectoryHoldsNothingForOthers", "open\n"+filepath.Join(dir, "control.sock"))
}

// walked is everything in a folder, itself too.
func walked(t *testing.T, dir string) map[string]fs.FileInfo {
	t.Helper()
	out := map[string]fs.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out[path] = info
		}
		return nil //nolint:nilerr // a temporary file may be gone
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// asAnother runs a test of this binary as the user nobody.
func asAnother(t *testing.T, name, what string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+name+"$", "-test.v")
	cmd.Env = append(os.Environ(), asStranger+"="+what)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = "/"
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "as user 65534") {
		t.Errorf("%v\n%s", err, tail(string(out), 4000))
	}
}

// reachNothing tries everything as another user. Where the folders are open, a socket may be dialled; nobody talks to him.
func reachNothing(t *testing.T, what []string) {
	t.Logf("as user %d", os.Geteuid())
	for _, path := range what[1:] {
		if f, err := os.Open(path); err == nil {
			f.Close()
			t.Errorf("%s can be opened", path)
		}
		if _, err := os.ReadDir(path); err == nil {
			t.Errorf("%s can be listed", path)
		}
		conn, err := net.Dial("unix", path)
		if err != nil {
			continue
		}
		if what[0] == "closed" {
			t.Errorf("%s can be reached", path)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		conn.Write([]byte("POST /wake HTTP/1.1\r\nHost: frontdesk\r\nContent-Length: 0\r\n\r\n")) //nolint:errcheck // it may be closed already
		if n, err := conn.Read(make([]byte, 100)); n > 0 || err == nil || os.IsTimeout(err) {
			t.Errorf("%s answers: %d bytes, %v", path, n, err)
		}
		conn.Close()
	}
}

// TestTheEmbeddedDefaultListensWhereItSays: a process has no listening socket but those of its ready line and the control
// socket, of whatever kind.
func TestTheEmbeddedDefaultListensWhereItSays(t *testing.T) {
	if _, err := os.Stat("/proc/self/net/tcp"); err != nil {
		t.Skip("this system does not tell of sockets in /proc")
	}
	p, dir := embedded(t)
	want := []string{"tcp " + p.at.HTTP, "tcp " + p.at.Ops, "tcp " + p.at.Desk, "tcp " + p.at.SMTP, "unix " + filepath.Join(dir, "control.sock")}
	got := listening(t, p.cmd.Process.Pid)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the process listens on\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var socketLink = regexp.MustCompile(`^socket:\[(\d+)\]$`)

// listening are the sockets of a process that take what comes: TCP that listens, UDP and raw ones that are bound to no
// other end, Unix ones that listen, by path.
func listening(t *testing.T, pid int) (out []string) {
	t.Helper()
	own := map[string]bool{}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name()))
		if m := socketLink.FindStringSubmatch(to); m != nil {
			own[m[1]] = true
		}
	}
	if len(own) == 0 {
		t.Fatal("the process has no socket at all")
	}
	table := func(kind string, found func(fields []string)) {
		f, err := os.Open(fmt.Sprintf("/proc/%d/net/%s", pid, kind))
		if err != nil {
			return // a kernel without that kind
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Scan() // the head
		for lines.Scan() {
			found(strings.Fields(lines.Text()))
		}
	}
	for _, kind := range []string{"tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6"} {
		table(kind, func(f []string) {
			const listens, unconnected = "0A", "07"
			if len(f) > 9 && own[f[9]] && (f[3] == listens || f[3] == unconnected) {
				out = append(out, strings.TrimSuffix(kind, "6")+" "+socketName(t, f[1]))
			}
		})
	}
	table("unix", func(f []string) {
		const accepts = "00010000" // __SO_ACCEPTCON
		if len(f) > 6 && own[f[6]] && f[3] == accepts {
			out = append(out, strings.TrimSpace("unix "+strings.Join(f[7:], " ")))
		}
	})
	return out
}

// socketName reads "0100007F:1F90", an address in the machine's byte order.
func socketName(t *testing.T, text string) string {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	n, perr := strconv.ParseUint(port, 16, 16)
	if err != nil || perr != nil {
		t.Fatalf("the address %q", text)
	}
	for i := 0; i+4 <= len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	return net.JoinHostPort(net.IP(raw).String(), strconv.FormatUint(n, 10))
}
