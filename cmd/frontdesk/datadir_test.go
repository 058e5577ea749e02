package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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

// TestOnlyAFolderOfItsOwnIsClosed: the data directory is closed to others when it is ours, and no other folder is
// touched, whatever data_dir says.
func TestOnlyAFolderOfItsOwnIsClosed(t *testing.T) {
	file := func(name string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), nil, 0o600) }
	}
	nothing := func(string) error { return nil }
	stranger := func(dir string) error { return os.Chown(dir, 65534, 65534) }
	for _, c := range []struct {
		name    string
		mode    fs.FileMode
		fill    func(string) error
		root    bool // only root can make it so
		was     fs.FileMode
		problem string
	}{
		{name: "a closed one", mode: 0o700, fill: nothing},
		{name: "a closed one with files of others", mode: 0o700, fill: file("letters.txt")},
		{name: "an open one that is empty", mode: 0o755, fill: nothing, was: 0o755},
		{name: "one that only the group may enter", mode: 0o710, fill: file("instance"), was: 0o710},
		{name: "one that everybody may change", mode: 0o777, fill: file("frontdesk.db"), was: 0o777},
		{name: "a restored one", mode: 0o755, fill: file("keys"), was: 0o755},
		{name: "the folder for temporary files", mode: 0o777 | fs.ModeSticky, fill: file("instance"), problem: "is shared by all users"},
		{name: "one with a configuration file of ours", mode: 0o755, fill: file("frontdesk.yaml"), was: 0o755},
		{name: "a home folder", mode: 0o755, fill: func(dir string) error { t.Setenv("HOME", dir); return file(".profile")(dir) }, problem: "holds what is not Frontdesk's"},
		{name: "one with a file of another user", mode: 0o755, fill: func(dir string) error {
			return errors.Join(file("letter")(dir), os.Chown(filepath.Join(dir, "letter"), 65534, 65534))
		}, root: true, problem: "holds what is not Frontdesk's"},
		{name: "an open one of another user", mode: 0o755, fill: stranger, root: true, problem: "belongs to another user"},
		{name: "a closed one of another user", mode: 0o700, fill: stranger, root: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			dir := t.TempDir()
			if err := c.fill(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			link := filepath.Join(t.TempDir(), "link") // by whatever name it is reached
			if err := os.Symlink(dir, link); err != nil {
				t.Fatal(err)
			}
			closes(t, link, c.mode, c.was, c.problem)
		})
	}
	if _, err := closedDir(filepath.Join(t.TempDir(), "a", "b")); err != nil {
		t.Errorf("one that is missing: %v", err)
	}
}

// closes tries to close a folder of that mode, and wants that it was closed or refused.
func closes(t *testing.T, dir string, mode, wantWas fs.FileMode, problem string) {
	t.Helper()
	was, err := closedDir(dir)
	info, serr := os.Stat(dir)
	if serr != nil {
		t.Fatal(serr)
	}
	switch {
	case problem != "":
		if err == nil || !strings.Contains(err.Error(), problem) || !strings.Contains(err.Error(), "chmod 0700") || info.Mode().Perm() != mode.Perm() {
			t.Errorf("mode %v, %v; want it unchanged and %q with what to do", info.Mode(), err, problem)
		}
	case err != nil || was != wantWas || info.Mode().Perm() != 0o700:
		t.Errorf("was %v, is %v, %v; want was %v, is 0700", was, info.Mode(), err, wantWas)
	}
}

// TestAFolderOfBlobsElsewhereIsClosed when it is ours and holds blobs alone; of every other open one the log speaks.
func TestAFolderOfBlobsElsewhereIsClosed(t *testing.T) {
	folder := func(names ...string) func(string) error {
		return func(dir string) error {
			for _, name := range names {
				if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, c := range []struct {
		name   string
		mode   fs.FileMode
		fill   func(string) error
		root   bool
		closed bool
		says   string
	}{
		{"an empty one", 0o755, folder(), false, true, "blobs.dir was open to other users; closed"},
		{"one with blobs", 0o777, folder("0a", "ff"), false, true, "blobs.dir was open to other users; closed"},
		{"a closed one", 0o700, folder("0a", "letters"), false, true, ""},
		{"one with other things", 0o755, folder("0a", "letters"), false, false, "blobs.dir is open to other users"},
		{"one that all users share", 0o777 | fs.ModeSticky, folder(), false, false, "blobs.dir is open to other users"},
		{"one of another user", 0o755, func(dir string) error { return os.Chown(dir, 65534, 65534) }, true, false, "blobs.dir is open to other users"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			dir := t.TempDir()
			if err := errors.Join(c.fill(dir), os.Chmod(dir, c.mode)); err != nil {
				t.Fatal(err)
			}
			var logged strings.Builder
			if err := closeBlobsDir(dir, slog.New(slog.NewTextHandler(&logged, nil))); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(dir)
			if err != nil {
				t.Fatal(err)
			}
			if closed := info.Mode().Perm() == 0o700; closed != c.closed || (logged.Len() > 0) != (c.says != "") || !strings.Contains(logged.String(), c.says) {
				t.Errorf("mode %v, logged %q", info.Mode(), logged.String())
			}
		})
	}
	if err := closeBlobsDir(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("one that is missing: %v", err)
	}
}

func TestFoldersOfTheSystem(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/usr": true, "/usr/lib": true, "/etc": true, "/var/lib": true, t.TempDir(): false} {
		if got := ofTheSystem(path); got != want {
			t.Errorf("%s is a folder of the system: %v, want %v", path, got, want)
		}
	}
}

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
	want := []string{"tcp " + p.at.HTTP, "tcp " + p.at.Ops, "tcp " + p.at.SMTP, "unix " + filepath.Join(dir, "control.sock")}
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
