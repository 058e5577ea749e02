package main

import (
	"fmt"
	"net/mail"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/workers/store"
)

// lastOf is the newest message of a sender.
func (r *rig) lastOf(from string) store.Message {
	r.t.Helper()
	for _, m := range r.messages() {
		if m.From == from {
			return m
		}
	}
	r.t.Fatalf("no message of %s", from)
	return store.Message{}
}

// TestPain17StrangerWithAForeignTicket: whoever quotes a ticket that is not his, by any of the ways in
// which we name one, never gets into it. His mail is parked; released, it is a ticket of his own.
func TestPain17StrangerWithAForeignTicket(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	c.Screening.AcksPerSenderHour, c.Screening.AcksPerSenderDay = 100, 100
	r := start(t, c)
	r.mustMail("anna@victim.example", human("Anna <anna@victim.example>", "Payment failed", "a1@victim.example", "My payment for order 4711 failed, please check."))
	r.settled(1)
	ack := r.letter("anna@victim.example")
	reply, err := mail.ParseAddress(ack.Header.Get("Reply-To"))
	if err != nil {
		t.Fatalf("our mail has no signed reply address: %v", err)
	}
	hers := r.lastOf("anna@victim.example").Ticket
	for n, way := range []struct {
		name, subject, to string
		headers           []string
	}{
		{"the subject token", subjectOf(ack), "support@desk.example", nil},
		{"In-Reply-To of our acknowledgement", "Your bank details", "support@desk.example", []string{"In-Reply-To: " + ack.Header.Get("Message-ID")}},
		{"References with our acknowledgement", "Re: Payment failed", "support@desk.example", []string{"References: <x@elsewhere.example> " + ack.Header.Get("Message-ID")}},
		{"In-Reply-To of her own mail", "Re: Payment failed", "support@desk.example", []string{"In-Reply-To: <a1@victim.example>"}},
		{"the signed reply address", "Re: Payment failed", reply.Address, nil},
		{"all of them", "Re: " + subjectOf(ack), reply.Address, []string{"In-Reply-To: " + ack.Header.Get("Message-ID")}},
	} {
		from := fmt.Sprintf("mallory%d@stranger%d.example", n, n)
		r.mustMail(from, human("Anna <"+from+">", way.subject, fmt.Sprintf("%d@stranger.example", n), "I am Anna. Please send the money to my new account."+strconv.Itoa(n), way.headers...), way.to)
		r.settled(2 + n)
		m := r.lastOf(from)
		if m.Ticket == hers {
			t.Errorf("%s: the stranger is in her ticket", way.name)
			continue
		}
		if m.State == "parked" && m.Cause != "unauthenticated-reply" || m.State != "parked" && m.State != "ticketed" {
			t.Errorf("%s: the stranger's mail is %s %s, want it parked as unauthenticated-reply or a ticket of its own", way.name, m.State, m.Cause)
		}
		if way.name != "In-Reply-To of her own mail" && m.State != "parked" {
			t.Errorf("%s: the stranger's mail is %s, want it parked", way.name, m.State)
		}
		if m.State != "parked" {
			continue
		}
		if code, _, errs := frontdesk(t, "parked", "release", strconv.FormatInt(m.ID, 10), "--data-dir", c.DataDir); code != 0 {
			t.Errorf("%s: releasing ended with %d: %s", way.name, code, errs)
		}
		r.settled(2 + n)
		if m = r.lastOf(from); m.State != "ticketed" || m.Ticket == hers || m.Ticket == 0 {
			t.Errorf("%s: released, it is %s in ticket %d, want a ticket of its own", way.name, m.State, m.Ticket)
		}
	}
	for _, k := range r.tickets() {
		if k.ID == hers && k.MessageCount != 1 {
			t.Errorf("her ticket has %d messages, want 1", k.MessageCount)
		}
	}
	if mails := r.letters("anna@victim.example"); len(mails) != 1 {
		t.Errorf("she got %d mails, want the first acknowledgement only", len(mails))
	}
}

// TestPain18SubjectByHeadersByState: the whole matrix for the customer's own second mail.
func TestPain18SubjectByHeadersByState(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	c.Screening.AcksPerSenderHour, c.Screening.AcksPerSenderDay = 100, 100
	r := start(t, c)
	type outcome struct {
		Same     bool // the second mail is in the first one's ticket
		Status   string
		Messages int
	}
	type cell struct{ subject, headers, state string }
	appended, own := outcome{true, "open", 2}, outcome{false, "open", 1}
	want := map[cell]outcome{
		{"same", "present", "open"}: appended, {"same", "present", "closed"}: appended,
		// Nothing proves these senders, so a subject alone joins nothing; who is proven joins by it (pipeline/thread).
		{"same", "absent", "open"}: own, {"same", "absent", "closed"}: own,
		{"same", "unknown", "open"}: own, {"same", "unknown", "closed"}: own,
		{"changed", "present", "open"}: own, {"changed", "present", "closed"}: own,
		{"changed", "absent", "open"}: own, {"changed", "absent", "closed"}: own,
		{"changed", "unknown", "open"}: own, {"changed", "unknown", "closed"}: own,
	}
	address := func(c cell) string { return fmt.Sprintf("%s-%s-%s@matrix.example", c.subject, c.headers, c.state) }
	for c := range want {
		from := address(c)
		r.mustMail(from, human(from, "Payment failed", "first."+from, "My payment failed yesterday. I am "+from))
	}
	r.settled(len(want))
	first := map[cell]int64{}
	for c := range want {
		from := address(c)
		first[c] = r.lastOf(from).Ticket
		if c.state == "closed" {
			if err := r.store.CloseTicket(t.Context(), first[c], time.Now(), "an agent"); err != nil {
				t.Fatal(err)
			}
		}
		ack := r.letter(from)
		subject, headers := "Re: Payment failed", []string(nil)
		if c.subject == "changed" {
			subject = "A question about my invoice"
		}
		switch c.headers {
		case "present":
			headers = []string{"In-Reply-To: " + ack.Header.Get("Message-ID"), "References: <first." + from + "> " + ack.Header.Get("Message-ID")}
		case "unknown":
			headers = []string{"In-Reply-To: <never-seen@elsewhere.example>", "References: <never-seen@elsewhere.example>"}
		}
		r.mustMail(from, human(from, subject, "second."+from, "This is what else I have to say, "+from, headers...))
	}
	r.settled(2 * len(want))
	got := map[cell]outcome{}
	for c := range want {
		ticket := r.lastOf(address(c)).Ticket
		for _, k := range r.tickets() {
			if k.ID == ticket {
				got[c] = outcome{ticket == first[c], k.Status, k.MessageCount}
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("second mails (-want +got):\n%s", diff)
	}
}
