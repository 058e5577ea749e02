//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// setup is the README's real set-up below a folder instead of /, with users that are there.
type setup struct {
	t    *testing.T
	root string
	unit map[string]string
	user *user.User
	more string // shell functions that stand for commands of the machine
}

// moved is a text of the README with its absolute paths below the folder.
func (s setup) moved(text string) string {
	return regexp.MustCompile(`/(etc|var/lib|usr/local/bin)/`).ReplaceAllStringFunc(text, func(p string) string { return s.root + p })
}

// block is the n-th piece of code of a language behind a heading of the README.
func block(t *testing.T, language string, n int) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "## Set it up for real")
	found := regexp.MustCompile("(?s)   ```"+language+"\n(.*?)   ```").FindAllStringSubmatch(rest, -1)
	if n >= len(found) {
		t.Fatalf("the README has %d blocks of %s", len(found), language)
	}
	return strings.ReplaceAll("\n"+found[n][1], "\n   ", "\n")
}

// readUnit reads the directives of a unit of systemd.
func readUnit(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/frontdesk.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && key[0] != '#' {
			unit[key] = value
		}
	}
	return unit
}

// run runs shell commands. nobody and its group stand for the user of the service; useradd and the build have been done.
func (s setup) run(script string) {
	s.t.Helper()
	group, err := user.LookupGroupId(s.user.Gid)
	if err != nil {
		s.t.Fatal(err)
	}
	script = strings.NewReplacer("-o frontdesk -g frontdesk", "-o nobody -g "+group.Name, "-g frontdesk", "-g "+group.Name, "runuser -u frontdesk", "runuser -u nobody").Replace(s.moved(script))
	cmd := exec.Command("bash", "-euc", "go() { :; }; useradd() { [ \"${@: -1}\" = "+s.unit["User"]+" ]; }\n"+s.more+"\n"+script)
	cmd.Dir, cmd.Env = s.root, append(os.Environ(), asProgram+"=1", "PATH="+s.moved("/usr/local/bin/")+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s\n%s", err, script, out)
	}
}

// newSetup does the README's first step below a folder, with the test as the program.
func newSetup(t *testing.T) setup {
	t.Helper()
	strict := os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1"
	nobody, err := user.Lookup("nobody")
	switch {
	case os.Getuid() != 0 && strict, err != nil && strict:
		t.Fatal("this needs root and a user nobody, and FRONTDESK_REQUIRE_SERVERS is set")
	case os.Getuid() != 0:
		t.Skip("giving files to the service's user needs root")
	case err != nil:
		t.Skip("there is no user nobody to stand for the service's")
	}
	root, err := os.MkdirTemp("", "set-up")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	s := setup{t: t, root: root, unit: readUnit(t), user: nobody}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.run(fmt.Sprintf("chmod 755 . && mkdir -p etc var/lib usr/local/bin && ln -s %q frontdesk", program))
	s.run(block(t, "sh", 0))
	return s
}

// configured writes the configuration and the secrets as the README says, and returns the file's path.
func (s setup) configured(text, secrets string) string {
	s.t.Helper()
	config := s.moved("/etc/frontdesk/frontdesk.yaml")
	if err := os.WriteFile(config, []byte(s.moved(text)), 0o640); err != nil {
		s.t.Fatal(err)
	}
	s.run("chgrp " + s.user.Gid + " /etc/frontdesk/frontdesk.yaml")
	f, err := os.OpenFile(s.moved(s.unit["EnvironmentFile"]), os.O_APPEND|os.O_WRONLY, 0) // the README has made it
	if err == nil {
		_, err = f.WriteString(secrets)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return config
}

// TestTheReadmesSetUpFitsTheUnit runs the README's own commands, writes its own file, and checks it as the unit's user, with
// the unit's environment file.
func TestTheReadmesSetUpFitsTheUnit(t *testing.T) {
	s := newSetup(t)
	s.configured(block(t, "yaml", 0), "SUPPORT_PASSWORD='k7Qw 9zT3mVx8$Rb5'\nTWILIO_ACCOUNT_SID='AC0123456789abcdef0123456789abcdef'\nTWILIO_AUTH_TOKEN='9f1c64d2b87e4a05a3c1d7e8f6b25904'\n")
	if !strings.Contains(block(t, "sh", 3), strings.TrimPrefix(s.unit["ExecStart"], "/usr/local/bin/")) {
		t.Errorf("the unit runs %s, the README%s", s.unit["ExecStart"], block(t, "sh", 3))
	}
	if out := s.asUnit(strings.Replace(s.unit["ExecStart"], " serve ", " check --offline ", 1)); !strings.Contains(out, "ok      configuration") {
		t.Errorf("check says:\n%s", out)
	}
	if out := s.asUnit("/bin/sh -c 'touch /var/lib/frontdesk/x && ! touch /etc/frontdesk/x 2>/dev/null && ! cat " + s.unit["EnvironmentFile"] + " 2>/dev/null && echo closed'"); out != "closed\n" {
		t.Errorf("the service's user may do what it should not, or not what it should: %s", out)
	}
}

// asUnit runs a command as systemd would: the unit's user, nothing in the environment but its file.
func (s setup) asUnit(command string) string {
	s.t.Helper()
	cmd := s.unitCommand(command)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Errorf("%s: %v", command, err)
	}
	return string(out)
}

// unitCommand is a command as systemd would run it: the unit's user and umask, nothing in the environment but its file, and, where
// this machine lets us, the whole file system read-only but for the unit's StateDirectory (ProtectSystem=strict).
func (s setup) unitCommand(command string) *exec.Cmd {
	s.t.Helper()
	file, err := os.ReadFile(s.moved(s.unit["EnvironmentFile"]))
	if err != nil {
		s.t.Fatal(err)
	}
	state := s.moved("/var/lib/" + s.unit["StateDirectory"])
	inside := fmt.Sprintf("umask %s; exec setpriv --reuid %s --regid %s --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all %s", s.unit["UMask"], s.user.Uid, s.user.Gid, s.moved(command))
	cmd := exec.Command("/bin/sh", "-c", inside)
	if exec.Command("unshare", "--mount", "true").Run() == nil {
		readOnly := fmt.Sprintf("mount --bind %[1]q %[1]q && mount -o remount,bind,ro / && ", state)
		cmd = exec.Command("unshare", "--mount", "/bin/sh", "-c", readOnly+inside)
	}
	cmd.Dir, cmd.Env = "/", []string{asProgram + "=1", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	for line := range strings.Lines(string(file)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		cmd.Env = append(cmd.Env, name+"="+strings.Trim(value, "'"))
	}
	return cmd
}

func TestSystemdTakesTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil && os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatal("there is no systemd-analyze in PATH, and FRONTDESK_REQUIRE_SERVERS is set")
	}
	if err != nil {
		t.Skip("there is no systemd-analyze in PATH")
	}
	text, err := os.ReadFile("../../deploy/frontdesk.service")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "frontdesk")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "frontdesk.service")
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("/usr/local/bin/frontdesk"), []byte(program)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	// Exposure from 0 to 100, as systemd counts it: what the unit leaves open is the network and the machine's users.
	if out, err := exec.Command(analyze, "security", "--no-pager", "--offline=true", "--threshold=20", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
