package tickets

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/message"
)

var (
	at   = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	li   = message.Identity{Kind: message.Email, Value: "li@x.example"}
	wang = message.Identity{Kind: message.Email, Value: "wang@x.example"}
)

func open() Ticket {
	return Ticket{ID: 7, Version: 3, Contact: 5, Queue: "general", Category: "other", Priority: "normal", Status: Open, Language: "en", Channels: []string{"email"},
		Numbers: []string{"10000001"}, Participants: []message.Identity{li}, Messages: 1, OpenedAt: at, LastAt: at, Blank: at.Add(time.Hour)}
}

// TestWhatAMessageMakesOfItsTicket: each field of a plan, beside the version and the count, which always grow.
func TestWhatAMessageMakesOfItsTicket(t *testing.T) {
	for _, c := range []struct {
		name   string
		plan   Plan
		change func(before, want *Ticket)
	}{
		{"nothing but another message", Plan{}, nil},
		{"a closed one is open again", Plan{Reopen: true}, func(b, w *Ticket) { b.Status = Closed }},
		{"a closed one that a machine answers stays closed", Plan{}, func(b, w *Ticket) { b.Status, w.Status = Closed, Closed }},
		{"a later message is its last", Plan{At: at.Add(time.Hour)}, func(_, w *Ticket) { w.LastAt = at.Add(time.Hour) }},
		{"an earlier one is not", Plan{At: at.Add(-time.Hour)}, nil},
		{"another channel", Plan{Channel: "sms"}, func(_, w *Ticket) { w.Channels = []string{"email", "sms"} }},
		{"the same channel", Plan{Channel: "email"}, nil},
		{"a number that is there, and one that is not", Plan{Numbers: []string{"10000001", "10000002"}}, func(_, w *Ticket) { w.Numbers = []string{"10000001", "10000002"} }},
		{"somebody joins", Plan{People: []message.Identity{wang, li}}, func(_, w *Ticket) { w.Participants = []message.Identity{li, wang} }},
		{"nobody joins", Plan{People: []message.Identity{{}}}, nil},
		{"it is raised", Plan{Priority: "urgent"}, func(_, w *Ticket) { w.Priority = "urgent" }},
		{"its owner takes it over, with his own company", Plan{Adopt: true, By: 9, People: []message.Identity{wang}}, func(b, w *Ticket) {
			b.Claimed, b.Participants = true, []message.Identity{li, {Kind: message.Email, Value: "trap@y.example"}}
			w.Contact, w.Participants = 9, []message.Identity{li, wang}
		}},
		{"its owner takes over one that nobody takes part in", Plan{Adopt: true, By: 9}, func(b, w *Ticket) { b.Claimed, b.Participants, w.Contact, w.Participants = true, nil, 9, nil }},
		{"a greeting learns its matter", Plan{Settle: &SettlePlan{Queue: "refunds", Category: "refund", Priority: "high", Language: "zh", Guesses: "refund,other"}}, func(_, w *Ticket) {
			w.Queue, w.Category, w.Priority, w.Language, w.Guesses, w.Blank = "refunds", "refund", "high", "zh", "refund,other", time.Time{}
		}},
	} {
		before, want := open(), open()
		if c.change != nil {
			c.change(&before, &want)
		}
		want.Version, want.Messages = before.Version+1, before.Messages+1
		c.plan.Continue(&before)
		if len(before.Participants) == 0 && len(want.Participants) == 0 {
			before.Participants, want.Participants = nil, nil
		}
		if !reflect.DeepEqual(before, want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, before, want)
		}
	}
}

func TestATicketKeepsTheLastOfWhatItLists(t *testing.T) {
	k := open()
	for i := range 30 {
		Plan{Numbers: []string{fmt.Sprint(20_000_000 + i)}, People: []message.Identity{{Kind: message.Email, Value: fmt.Sprintf("p%d@x.example", i)}}}.Continue(&k)
	}
	if len(k.Numbers) != listed || len(k.Participants) != listed || k.Numbers[listed-1] != "20000029" || k.Participants[listed-1].Value != "p29@x.example" {
		t.Errorf("%d numbers, %d people: %v", len(k.Numbers), len(k.Participants), k.Numbers)
	}
}

func TestAQueueIsToldOnce(t *testing.T) {
	k := open()
	for _, queue := range []string{"refunds", "abuse", "refunds", ""} {
		k.Inform(queue)
	}
	if !slices.Equal(k.Informed, []string{"refunds", "abuse"}) {
		t.Errorf("told: %v", k.Informed)
	}
}

func TestWhoOpenedATicket(t *testing.T) {
	for _, c := range []struct {
		name   string
		people []message.Identity
		id     message.Identity
		want   bool
	}{
		{"the first of those who take part", []message.Identity{li, wang}, li, true},
		{"not the second", []message.Identity{li, wang}, wang, false},
		{"nobody, where nobody takes part", nil, li, false},
		{"nobody without an address, though one who was erased stands there without one", []message.Identity{{}, wang}, message.Identity{}, false},
	} {
		if got := (Ticket{Participants: c.people}).OpenedBy(c.id); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
