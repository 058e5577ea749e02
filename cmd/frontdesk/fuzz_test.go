package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/replaying"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/backlog"
)

// FuzzLine puts foreign mails through everything that decides. Each ends in one of the states, a parked
// one with a documented cause, decided twice it is decided alike, and a card number behind it is in
// nothing that would be stored readable.
func FuzzLine(f *testing.F) {
	c := testConfig(f)
	b, err := installation.Open(f.Context(), c, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { b.Close() })
	line, _, err := replaying.Hindsight(f.Context(), c, b)
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range []string{
		human("li@customer.example", "Refund", "a@customer.example", "Where is my refund? Order 20261120001"),
		nestedMail(60), hollowMail(1200),
		"From: MAILER-DAEMON\nReturn-Path: <>\nContent-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
		"From: =?gb2312?B?1cXI/Q==?= <z@qq.example>\nSubject: =?utf-8?B?6YCA5qy+?=\nAuto-Submitted: auto-replied\n\n您好\n\n发自我的iPhone\n",
		"Content-Type: text/html\n\n<p>4111 1111 1111 1111<blockquote>x",
	} {
		f.Add([]byte(raw))
	}
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	decide := func(t *testing.T, raw []byte) pipeline.Plan {
		d := backlog.Pending{ID: 1, Inbox: c.Inboxes[0].Name, Channel: "email", Key: "k", At: now, Raw: raw, Meta: map[string]string{}}
		return line.Decide(d, pipeline.Known{Since: now.AddDate(-1, 0, 0)}, now).Plan
	}
	states := []messages.State{messages.Ticketed, messages.Parked, messages.Suppressed, messages.Duplicate, messages.Appended}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := decide(t, raw)
		if !slices.Contains(states, p.State) || p.State == messages.Parked && !slices.Contains(causes.Parking(), p.Cause) {
			t.Errorf("%s for %q", p.State, p.Cause)
		}
		if strings.Contains(p.Evidence, "failed inside Frontdesk") {
			t.Errorf("it panicked: %s", p.Evidence)
		}
		first, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := json.Marshal(decide(t, raw)); err != nil || string(first) != string(second) {
			t.Errorf("decided twice: %s, then %s (%v)", first, second, err)
		}
		const card = "5105105105105100"
		mail := append([]byte("From: li@customer.example\nSubject: "+card+"\nContent-Type: text/plain; charset=utf-8\n\n"), raw...)
		stored, err := json.Marshal(decide(t, append(mail, "\n#\ncard "+card+"\n"...)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(stored), card) {
			t.Errorf("a card number is readable: %s", stored)
		}
	})
}
