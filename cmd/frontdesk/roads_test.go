package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/workers/store/view"
)

// roadCase is one folder of testdata/roads: mails as they come by a door, and what becomes of the last.
type roadCase struct {
	Title string
	Door  string   // smtp, or imap
	Inbox []string // further lines of its configuration
	Relay *struct {
		MailFrom struct{ Allow, Refuse string } `json:"mail_from"`
		Rcpt     string
	}
	Steps []struct {
		EML  string
		From string
		To   []string
	}
	Want struct {
		State, Cause string
		To           []string // whom its acknowledgement was sent to
		Acks         []string // states of its acknowledgements
		Tickets      int
		Promise      string
		Failing      bool // the inbox is shown as failing
		Relayed      bool
	}
}

// TestRoads are mails on all the roads that mail takes, by the real doors, out by real relays.
func TestRoads(t *testing.T) {
	folders, err := filepath.Glob("testdata/roads/*/case.json")
	if err != nil || len(folders) < 20 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	for _, path := range folders {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var c roadCase
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			travel(t, filepath.Dir(path), c)
		})
	}
}

// travel sends a case's mails and compares.
func travel(t *testing.T, folder string, c roadCase) {
	inboxes, relays := doorInbox("support", "support@desk.example", append(c.Inbox, "aliases: [help@desk.example]")...), ""
	var box *dovecot.Server
	if c.Door == "imap" {
		box = dovecot.Start(t)
		inboxes = imapInbox("support", "support@desk.example", box.Addr, box.User)
	}
	var out *relayServer
	if c.Relay != nil {
		out = newRelay(t)
		out.refuse = c.refuse
		relays = relayLine("out", out.addr)
		inboxes = strings.Replace(inboxes, "channel: email\n", "channel: email\n    relay: out\n", 1)
	}
	r := start(t, mailConfig(t, inboxes+doorInbox("billing", "billing@desk.example"), relays))
	if box != nil {
		r.connected("support")
	}
	for i, step := range c.Steps {
		raw, err := os.ReadFile(filepath.Join(folder, step.EML))
		if err != nil {
			t.Fatal(err)
		}
		fill := r.lastSent(t)
		if box != nil {
			box.Deliver(box.User, []byte(strings.ReplaceAll(fill(string(raw)), "\n", "\r\n")))
		} else {
			to := []string{"support@desk.example"}
			if len(step.To) > 0 {
				to = []string{fill(step.To[0])}
			}
			r.mustMail(step.From, fill(string(raw)), to...)
		}
		r.attempted(i + 1)
	}
	c.compare(t, r, out)
}

func (c roadCase) compare(t *testing.T, r *rig, out *relayServer) {
	t.Helper()
	var last view.Message
	for _, m := range r.messages() {
		if m.ID > last.ID {
			last = m
		}
	}
	got := c.Want
	got.State, got.Cause, got.Relayed = last.State, last.Cause, out != nil && len(out.list()) > 0
	var to, acks []string
	for _, o := range r.outbox("acknowledgement") {
		if o.Message == last.ID && o.State == "sent" {
			to = append(to, o.To)
		}
		if o.Message == last.ID {
			acks = append(acks, o.State)
		}
	}
	if c.Want.To != nil {
		got.To = to
	}
	if c.Want.Acks != nil {
		got.Acks = acks
	}
	if c.Want.Tickets != 0 {
		got.Tickets = len(r.tickets())
	}
	if c.Want.Promise != "" {
		got.Promise = r.promises("acknowledgement")[0].State
	}
	got.Failing = r.failing("support")
	if diff := cmp.Diff(c.Want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.Title, diff)
	}
}

// failing reports whether the inbox is shown as failing, once that is written down.
func (r *rig) failing(inbox string) bool {
	r.t.Helper()
	r.stop() // the states are written down in between and at the end
	b, err := installation.Open(r.t.Context(), r.config, false)
	if err != nil {
		r.t.Fatal(err)
	}
	defer b.Close()
	r.store = b.Store
	return r.inbox(inbox).State == "failing"
}

// refuse is the scripted relay's word on a command.
func (c roadCase) refuse(verb, arg string) error {
	answer := ""
	switch m := c.Relay.MailFrom; {
	case verb == "MAIL" && m.Refuse != "" && arg != m.Allow:
		answer = m.Refuse
	case verb == "RCPT":
		answer = c.Relay.Rcpt
	}
	if answer == "" {
		return nil
	}
	e := &smtp.SMTPError{Message: answer}
	if n, err := fmt.Sscanf(answer, "%d %d.%d.%d", &e.Code, &e.EnhancedCode[0], &e.EnhancedCode[1], &e.EnhancedCode[2]); n < 1 {
		return errors.Join(errors.New("the case's answer is none of SMTP"), err)
	}
	if e.EnhancedCode[0] == 0 {
		e.EnhancedCode = smtp.NoEnhancedCode
	}
	return e
}

// attempted waits until n messages are decided and each acknowledgement was tried.
func (r *rig) attempted(n int) {
	r.t.Helper()
	r.eventually(60*time.Second, func() string {
		messages := r.messages()
		for _, m := range messages {
			if m.State == "recorded" {
				return "a message is not decided"
			}
		}
		if len(messages) < n {
			return "not all messages have come"
		}
		for _, o := range r.outbox("") {
			if o.State == "sending" || o.State == "due" && o.Kind == "acknowledgement" && o.Attempts == 0 {
				return fmt.Sprintf("effect %d is %s", o.ID, o.State)
			}
		}
		return ""
	})
}

var placeholder = regexp.MustCompile(`\$\{ACK_\w+\}`)

// lastSent fills in what the newest acknowledgement said of itself.
func (r *rig) lastSent(t *testing.T) func(string) string {
	t.Helper()
	var raw string
	if _, err := os.Stat(filepath.Join(r.config.DataDir, "sink")); err == nil {
		if mails := r.sent(); len(mails) > 0 {
			raw = mails[0]
		}
	}
	subject := headerOf(raw, "Subject")
	token := regexp.MustCompile(`\[#T[^\]]*\]`).FindString(subject)
	values := map[string]string{"${ACK_MID}": headerOf(raw, "Message-ID"), "${ACK_SUBJECT}": subject, "${ACK_REPLY}": strings.Trim(headerOf(raw, "Reply-To"), "<> "), "${ACK_TOKEN}": token}
	return func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(name string) string {
			if values[name] == "" {
				t.Fatalf("nothing was sent that has a %s", name)
			}
			return values[name]
		})
	}
}

// TestCheckTriesTheEnvelopeSender of each relay, and says what to set.
func TestCheckTriesTheEnvelopeSender(t *testing.T) {
	x := newRelay(t)
	x.refuse = func(verb, arg string) error {
		if verb == "MAIL" && arg != "support@desk.example" {
			return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.NoEnhancedCode, Message: "Mail from must equal authorized user"}
		}
		return nil
	}
	for envelope, want := range map[string]string{"null": "set envelope: mailbox (553)", "verp": "set envelope: mailbox (553)", "mailbox": "ok      inbox support, SMTP relay"} {
		line := strings.Replace(relayLine("out", x.addr), "tls: none", "tls: none, envelope: \""+envelope+"\"", 1)
		c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), line)
		_, out, errs := frontdesk(t, "check", "--config", filepath.Join(c.DataDir, "config.yaml"))
		if !strings.Contains(out, want) {
			t.Errorf("%s: check says\n%s%s\nwant %q", envelope, out, errs, want)
		}
	}
	if len(x.list()) != 0 {
		t.Error("check has sent a mail")
	}
}

// TestCheckNotesAnotherMailbox than the inbox's own.
func TestCheckNotesAnotherMailbox(t *testing.T) {
	for user, want := range map[string]bool{"desk@mailbox.example": true, "Support@desk.example": false, "support": false} {
		c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"),
			"  - {name: out, host: 127.0.0.1, port: 25, tls: none, user: \""+user+"\", password: k7Qw9xT2bLm4Zr8V, envelope: mailbox}\n")
		_, list := found(t, "--offline", "--config", filepath.Join(c.DataDir, "config.yaml"))
		if note, noted := reportLine(list, "note", "inboxes[0].relay"); noted != want {
			t.Errorf("%s: %v is %q, want %v", user, noted, note.Text, want)
		}
	}
}

// TestAMailboxAsRelay: with envelope mailbox the acknowledgement leaves, from the mailbox's own address.
func TestAMailboxAsRelay(t *testing.T) {
	x := newRelay(t)
	x.refuse = func(verb, arg string) error {
		if verb == "MAIL" && arg != "support@desk.example" {
			return &smtp.SMTPError{Code: 501, EnhancedCode: smtp.NoEnhancedCode, Message: "mail from address must be same as authorization user"}
		}
		return nil
	}
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), strings.Replace(relayLine("out", x.addr), "tls: none", "tls: none, envelope: mailbox", 1))
	r := start(t, c)
	r.mustMail("kim@cust.example", human("kim@cust.example", "Refund", "1@cust.example", "When will it arrive?"))
	r.settled(1)
	if mails := x.list(); len(mails) != 1 || mails[0].From != "support@desk.example" || mails[0].To != "kim@cust.example" {
		t.Errorf("the relay took %+v", mails)
	}
	if p := r.promises("acknowledgement")[0]; p.State != "kept" {
		t.Errorf("the promise is %s", p.State)
	}
}
