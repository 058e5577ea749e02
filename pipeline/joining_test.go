package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
)

// TestACodeThatJoinsIsAnsweredByItsContactAlone: whoever else sends it tries nothing and joins nobody, and nobody sees the right one.
func TestACodeThatJoinsIsAnsweredByItsContactAlone(t *testing.T) {
	mac := func(parts ...[]byte) string {
		h := sha256.Sum256(bytes.Join(parts, []byte{0}))
		return hex.EncodeToString(h[:])
	}
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	code := challenge.Code(mac, 7)
	wrong := "0" + code[1:]
	if wrong == code {
		wrong = "1" + code[1:]
	}
	const passed, tried, nothing = "passed", "tried", "nothing"
	for _, c := range []struct {
		name   string
		change func(*Case)
		want   string
	}{
		{"the ticket's own customer, from his proven address", nil, passed},
		{"the same with a wrong code", func(k *Case) { k.codes = []string{wrong} }, tried},
		{"a guess among others", func(k *Case) { k.codes = []string{wrong, code} }, passed},
		{"too late", func(k *Case) { k.Message.At = now.Add(challenge.Valid) }, nothing},
		{"a From that nothing proves", func(k *Case) { k.Message.Proven = false; k.Who.Contact = 0 }, nothing},
		{"a claim in his name, which a person has let through", func(k *Case) { k.Message.Proven, k.Known.Released = false, true }, nothing},
		{"a domain that disowns the mail", func(k *Case) { k.Message.Envelope.DMARC = message.VerdictFail }, nothing},
		{"another proven customer who takes part in the ticket, to whom the code was passed on", func(k *Case) { k.Who.Contact = 9 }, nothing},
		{"the one to whom the code went, from his own address", func(k *Case) { k.Who.Contact = 6 }, nothing},
		{"somebody nobody knows", func(k *Case) { k.Who.Contact = 0 }, nothing},
		{"his mail, handed on by another mailbox", func(k *Case) { k.Author.Via = identify.Forward }, nothing},
		{"by a list", func(k *Case) { k.Author.Via = identify.List }, nothing},
		{"by a form, in whose Reply-To he stands", func(k *Case) { k.Author.Via = identify.Form }, nothing},
		{"in another ticket of his", func(k *Case) { k.Thread.Ticket = 4 }, nothing},
	} {
		k := &Case{Message: message.Message{At: now, Proven: true, From: message.Address{Kind: message.Phone, Value: "+493012345"}}, Settings: &Settings{MAC: mac}, codes: []string{code}, Now: now,
			Known: Known{Checks: []Check{{ID: 7, Ticket: 3, By: 5, Ends: now.Add(challenge.Valid), Proof: challenge.Proof(mac, 7, code)}}}}
		for _, id := range []int64{3, 4} {
			k.Known.Recent = append(k.Known.Recent, tickets.Ticket{ID: id, Contact: 5})
		}
		k.Who.Contact, k.Thread.Ticket, k.Text.Visible = 5, 3, "my code is "+code
		if c.change != nil {
			c.change(k)
		}
		k.answerCheck()
		got := nothing
		if p := k.Plan.Check; p != nil {
			if got = tried; p.Passed {
				got = passed
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if k.Thread.Ticket == 3 && len(k.codes) > 0 && k.codes[len(k.codes)-1] == code && k.Message.At.Equal(now) && strings.Contains(k.Text.Visible, code) {
			t.Errorf("%s: everybody reads the code", c.name)
		}
	}
}
