//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// setup is the README's real set-up below a folder instead of /, with users that are there.
type setup struct {
	t    *testing.T
	root string
	unit map[string]string
	user *user.User
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
	script = strings.NewReplacer("-o frontdesk -g frontdesk", "-o nobody -g "+group.Name, "-g frontdesk", "-g "+group.Name).Replace(s.moved(script))
	cmd := exec.Command("bash", "-euc", "go() { :; }; useradd() { [ \"${@: -1}\" = "+s.unit["User"]+" ]; }\n"+script)
	cmd.Dir = s.root
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s\n%s", err, script, out)
	}
}

// TestTheReadmesSetUpFitsTheUnit runs the README's own commands, writes its own file, and checks it as the unit's user, with
// the unit's environment file.
func TestTheReadmesSetUpFitsTheUnit(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("giving files to the service's user needs root")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("there is no user nobody to stand for the service's")
	}
	root, err := os.MkdirTemp("", "set-up")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	s := setup{t, root, readUnit(t), nobody}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.run(fmt.Sprintf("chmod 755 . && mkdir -p etc var/lib usr/local/bin && cp %q frontdesk", program))
	s.run(block(t, "sh", 0))
	config := s.moved("/etc/frontdesk/frontdesk.yaml")
	if err := os.WriteFile(config, []byte(s.moved(block(t, "yaml", 0))), 0o640); err != nil {
		t.Fatal(err)
	}
	s.run("chgrp " + nobody.Gid + " /etc/frontdesk/frontdesk.yaml")
	secrets := "SUPPORT_PASSWORD='k7Qw 9zT3mVx8$Rb5'\nTWILIO_ACCOUNT_SID='AC0123456789abcdef0123456789abcdef'\nTWILIO_AUTH_TOKEN='9f1c64d2b87e4a05a3c1d7e8f6b25904'\n"
	if err := os.WriteFile(s.moved(s.unit["EnvironmentFile"]), []byte(secrets), 0o600); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(block(t, "sh", 2), strings.TrimPrefix(s.unit["ExecStart"], "/usr/local/bin/")) {
		t.Errorf("the unit runs %s, the README%s", s.unit["ExecStart"], block(t, "sh", 2))
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
	uid, _ := strconv.ParseUint(s.user.Uid, 10, 32)
	gid, _ := strconv.ParseUint(s.user.Gid, 10, 32)
	file, err := os.ReadFile(s.moved(s.unit["EnvironmentFile"]))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", "exec "+s.moved(command))
	cmd.Dir, cmd.Env = "/", []string{asProgram + "=1", "PATH=/usr/bin:/bin"}
	for line := range strings.Lines(string(file)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		cmd.Env = append(cmd.Env, name+"="+strings.Trim(value, "'"))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		s.t.Errorf("%s: %v", command, err)
	}
	return out.String()
}

func TestSystemdTakesTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
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
}
