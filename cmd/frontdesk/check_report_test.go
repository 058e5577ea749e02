package main

import (
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
	"frontdesk/channels/web"
	"frontdesk/configs"
)

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
		{"nothing", "", "", levelOK, "", "", 0},
		{"a mail inbox without a relay", "    relay: out\n", "", levelWarning, "inboxes[0].relay", "its customers hear nothing; name a relay", 0},
		{"equal ports", "http: 127.0.0.1:0\n  ops: 127.0.0.1:0", "http: 127.0.0.1:18080\n  ops: 127.0.0.1:18080", levelError, "listen.ops", "18080", 1},
		{"a weak token", "tR4wK9mZ2xV7bN5qY8cL3pD6", "apptoken-0123456789abcdef", levelWeak, "inboxes[4].api.tokens[0]", "guessed", 1},
		{"an unknown key", "channel: form", "channel: form\n    colour: red", levelError, "inboxes[3]", "colour", 1},
		{"order numbers that are not declared", "", "", levelNote, "redaction.order_formats", "12 of 100", 0},
		{"a relay that is not configured", "relay: out", "relay: other", levelError, "inboxes[0].relay", "other", 1},
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

// TestCheckWarnsOfAFormThatNobodyAnswers: its visitors leave mail addresses.
func TestCheckWarnsOfAFormThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	kind, _ := kinds.All().Find(web.FormChannel)
	mail, form := configs.Inbox{Name: "support", Channel: email.Channel, Section: &email.Section{Relay: "out"}}, configs.Inbox{Name: "contact", Channel: web.FormChannel, Section: kind.Section()}
	c := configs.Config{Kinds: kinds.All()}
	c.Acknowledgements.Enabled = true
	for _, at := range []struct {
		name    string
		inboxes []configs.Inbox
		want    []string
	}{
		{"with a mail inbox", []configs.Inbox{form, mail}, nil},
		{"alone", []configs.Inbox{form}, []string{"inboxes[0]"}},
		{"with a mail inbox without a relay", []configs.Inbox{form, {Name: "support", Channel: email.Channel, Section: &email.Section{}}}, []string{"inboxes[1].relay"}},
	} {
		c.Inboxes = at.inboxes
		got := unheardWarnings(c)
		if len(got) != len(at.want) || len(got) > 0 && got[0].Path != at.want[0] {
			t.Errorf("%s: %+v", at.name, got)
		}
	}
	c.Acknowledgements.Enabled = false
	if got := unheardWarnings(c); got != nil {
		t.Errorf("without acknowledgements: %+v", got)
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
	c := testConfig(t)
	c.Listen.HTTP, c.Listen.SMTP = taken.Addr().String(), freeTCP(t)
	got := map[string]checked{}
	for _, r := range checkDoors(c) {
		got[r.path] = r
	}
	if r := got["listen.http"]; !strings.Contains(r.warning, "another program listens at "+c.Listen.HTTP) {
		t.Errorf("a port that is taken: %+v", r)
	}
	if r, there := got["listen.smtp"]; !there || r.warning != "" || !strings.Contains(r.found, "is free") {
		t.Errorf("a port that is free: %+v", r)
	}
	if _, there := got["listen.ops"]; there {
		t.Error("port 0 is looked at")
	}
	c.Listen.HTTP = "127.0.0.1:0"
	r := start(t, c)
	c.Listen.HTTP = r.app.Addresses().HTTP
	r.eventually(20e9, func() string {
		if found := checkDoors(c)[0]; found.warning != "" || !strings.Contains(found.found, "the service that runs") {
			return found.found + found.warning
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
	for _, flag := range []string{"--http", "--ops", "--smtp"} {
		args := []string{"serve", "--data-dir", t.TempDir()}
		for _, f := range []string{"--http", "--ops", "--smtp"} {
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
