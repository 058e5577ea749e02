package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/configs"
)

// reported is one line of what check --json prints.
type reported struct {
	Level, What string
	configs.Problem
}

// found is the report of check as JSON, in the file's folder, and its exit code.
func found(t *testing.T, args ...string) (int, []reported) {
	t.Helper()
	code, out, errs := frontdesk(t, append([]string{"check", "--json"}, args...)...)
	var list []reported
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errs)
	}
	if errs != "" {
		t.Errorf("besides it says %s", errs)
	}
	return code, list
}

// reportLine is the first line of a report at a path with a level.
func reportLine(list []reported, level, path string) (reported, bool) {
	for _, r := range list {
		if r.Level == level && r.Path == path {
			return r, true
		}
	}
	return reported{}, false
}

// TestCheckFindsWhatWouldNotDo: each finding with its line, and what to do; as text and as JSON the same.
func TestCheckFindsWhatWouldNotDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, old, now string
		level, path    string
		says           string
		code           int
	}{
		{"nothing", "", "", "ok", "", "", 0},
		{"a mail inbox without a relay", "    relay: out\n", "", "warning", "inboxes[0].relay", "its customers hear nothing; name a relay", 0},
		{"equal ports", "http: 127.0.0.1:0\n  ops: 127.0.0.1:0", "http: 127.0.0.1:18080\n  ops: 127.0.0.1:18080", "error", "listen.ops", "18080", 1},
		{"a weak token", "tR4wK9mZ2xV7bN5qY8cL3pD6", "apptoken-0123456789abcdef", "weak", "inboxes[4].api.tokens[0]", "guessed", 1},
		{"an unknown key", "channel: form", "channel: form\n    colour: red", "error", "inboxes[3]", "colour", 1},
		{"order numbers that are not declared", "", "", "note", "redaction.order_formats", "12 of 100", 0},
		{"a relay that is not configured", "relay: out", "relay: other", "error", "inboxes[0].relay", "other", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := changed(t, c.old, c.now, nil)
			code, list := found(t, "--offline", "--config", config)
			r, there := reportLine(list, c.level, c.path)
			if code != c.code || !there || !strings.Contains(r.Text+r.Fix, c.says) {
				t.Fatalf("check ends with %d and says %+v", code, list)
			}
			if c.path != "" && (r.Line == 0 || filepath.Base(r.File) != "fd.yaml") {
				t.Errorf("no line: %+v", r)
			}
			_, out, errs := frontdesk(t, "check", "--offline", "--config", config)
			if !strings.Contains(out+errs, r.Text) {
				t.Errorf("as text it does not say %q:\n%s%s", r.Text, out, errs)
			}
		})
	}
}

// TestCheckLooksAtEachFolder of a mailbox, at its post-action, and names the line.
func TestCheckLooksAtEachFolder(t *testing.T) {
	t.Parallel()
	server := dovecot.Start(t)
	server.Doveadm("mailbox", "create", "-u", server.User, "Sales")
	for _, c := range []struct {
		name, options string
		code          int
		says          []string
	}{
		{"two folders", "imap folders: [INBOX, Sales]", 0, []string{"INBOX: 0 mails", "Sales: 0 mails"}},
		{"a folder that is not there", "imap folders: [INBOX, Sale]", 1, []string{"INBOX: 0 mails", `no folder "Sale"; folders takes Sales, INBOX`}},
		{"a post-action with a folder to be made", "imap post_action: move, move_to: Done", 0, []string{"moves to Done, which is not there yet"}},
	} {
		text := imapInbox("support", "support@desk.example", server.Addr, server.User, c.options)
		config := filepath.Join(t.TempDir(), "fd.yaml")
		write(t, filepath.Dir(config)+"/master.key", testKey)
		write(t, config, "desk: {name: Example, domain: desk.example}\ndata_dir: data\nkeys: {master: [{name: a, file: master.key}]}\nlisten: {http: '', ops: '127.0.0.1:0'}\ninboxes:\n"+text)
		code, list := found(t, "--config", config)
		all := ""
		for _, r := range list {
			if r.Path == "inboxes[0].imap" {
				all += r.Text + "\n"
				if r.Line != 9 {
					t.Errorf("%s: line %d of %q", c.name, r.Line, r.Text)
				}
			}
		}
		for _, want := range c.says {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in %q", c.name, want, all)
			}
		}
		if code != c.code {
			t.Errorf("%s: ended with %d", c.name, code)
		}
	}
}

// TestCheckTellsWhichPortsAreTaken, by another program or by the service that runs.
func TestCheckTellsWhichPortsAreTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := mailConfig(t, doorInbox("support", "support@desk.example"), "")
	path := filepath.Join(c.DataDir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doors := func(http, smtp string) map[string]reported {
		t.Helper()
		write(t, path, strings.NewReplacer(`http: "127.0.0.1:0"`, `http: "`+http+`"`, `smtp: "127.0.0.1:0"`, `smtp: "`+smtp+`"`).Replace(string(text)))
		_, list := found(t, "--config", path)
		got := map[string]reported{}
		for _, r := range list {
			got[r.Path] = r
		}
		return got
	}
	got := doors(taken.Addr().String(), freeTCP(t))
	if r := got["listen.http"]; r.Level != "warning" || !strings.Contains(r.Text, "another program listens at "+taken.Addr().String()) {
		t.Errorf("a port that is taken: %+v", r)
	}
	if r := got["listen.smtp"]; r.Level != "ok" || !strings.Contains(r.Text, "is free") {
		t.Errorf("a port that is free: %+v", r)
	}
	if _, there := got["listen.ops"]; there {
		t.Error("port 0 is looked at")
	}
	r := start(t, c)
	r.eventually(20e9, func() string {
		if found := doors(r.app.Addresses().HTTP, "127.0.0.1:0")["listen.http"]; found.Level != "ok" || !strings.Contains(found.Text, "the service that runs") {
			return found.Level + ": " + found.Text
		}
		return ""
	})
}

// TestATakenPortSaysWhatToDo at the start, for each listener that a start without a file has.
func TestATakenPortSaysWhatToDo(t *testing.T) {
	t.Parallel()
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for _, flag := range []string{"--http", "--ops", "--desk", "--smtp"} {
		args := []string{"serve", "--data-dir", t.TempDir()}
		for _, f := range []string{"--http", "--ops", "--desk", "--smtp"} {
			at := "127.0.0.1:0"
			if f == flag {
				at = held.Addr().String()
			}
			args = append(args, f, at)
		}
		if code, _, errs := frontdesk(t, args...); code != 1 || !strings.Contains(errs, "another program listens there") || !strings.Contains(errs, flag+" 127.0.0.1:0") {
			t.Errorf("%s: ended with %d: %s", flag, code, errs)
		}
	}
}
