package domain

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// walk holds a machine against a table: each event in each state, "" where it means nothing.
func walk[S, E interface {
	comparable
	~string
}](t *testing.T, name string, m Machine[S, E], events []E, want map[S][]S) {
	t.Helper()
	rows := 0
	for from, row := range want {
		if len(row) != len(events) {
			t.Fatalf("%s: %d columns for %s", name, len(row), from)
		}
		for i, on := range events {
			to, ok := m.Next(from, on)
			if row[i] == "" {
				if ok || to != from {
					t.Errorf("%s: %s in %s leads to %s, and means nothing there", name, on, from, to)
				}
				continue
			}
			rows++
			if !ok || to != row[i] {
				t.Errorf("%s: %s in %s leads to %s, want %s", name, on, from, to, row[i])
			}
		}
	}
	if rows != len(m) {
		t.Errorf("%s: the table has %d rows, %d of them are known here", name, len(m), rows)
	}
	seen := map[string]bool{}
	for _, s := range m {
		key := fmt.Sprint(s.From, "/", s.On)
		if seen[key] {
			t.Errorf("%s: two rows for %s", name, key)
		}
		seen[key] = true
	}
}

func TestTheMachineOfAnOutboxRow(t *testing.T) {
	const due, sending, sent, delivered, failed, fallback, withheld = EffectDue, EffectSending, EffectSent, EffectDelivered, EffectFailed, EffectFallback, EffectWithheld
	walk(t, "outbox row", EffectMachine, []EffectHappening{Claim, Retry, HandOver, Deliver, Fail, FallBack, Withhold, Release, HoldBack}, map[EffectState][]EffectState{
		due:       {sending, due, sent, delivered, failed, fallback, withheld, "", withheld},
		sending:   {sending, due, sent, delivered, failed, fallback, withheld, "", ""},
		sent:      {"", "", "", delivered, failed, fallback, "", "", ""},
		delivered: {"", "", "", "", failed, fallback, "", "", ""},
		failed:    {failed, failed, "", "", failed, fallback, withheld, "", ""},
		fallback:  {"", "", "", "", "", "", "", "", ""},
		withheld:  {"", "", "", "", "", "", "", due, ""},
	})
}

func TestTheMachineOfAMessage(t *testing.T) {
	decided := []MessageState{Ticketed, Appended, Duplicate, Suppressed, Parked}
	row := func(ask, heard MessageState, out, drop, back, apart MessageState, decisions bool) []MessageState {
		of := make([]MessageState, len(decided))
		if decisions {
			copy(of, decided)
		}
		return slices.Concat([]MessageState{ask, heard}, of, []MessageState{out, drop, back, apart})
	}
	walk(t, "message", MessageMachine, []MessageHappening{AskOthers, Heard, Open, Append, Fold, Suppress, Park, LetOut, Dismiss, Undismiss, TakeOut}, map[MessageState][]MessageState{
		Recorded: row(Awaiting, "", "", "", "", "", true), Awaiting: row("", Recorded, "", "", "", "", true),
		Ticketed: row("", "", "", "", "", "", false), Appended: row("", "", "", "", "", Recorded, false),
		Duplicate: row("", "", "", "", "", "", false), Suppressed: row("", "", "", "", "", "", false),
		Parked: row("", "", Recorded, Dismissed, "", "", false), Dismissed: row("", "", "", "", Parked, "", false),
	})
}

func TestTheMachineOfATicket(t *testing.T) {
	walk(t, "ticket", TicketMachine, []TicketHappening{Close, Continue, Reopen}, map[TicketState][]TicketState{
		TicketOpen:   {TicketClosed, TicketOpen, ""},
		TicketClosed: {"", TicketOpen, TicketOpen},
	})
}

// TestTheDocumentShowsTheMachines: docs/architecture.md shows each machine as this table says.
func TestTheDocumentShowsTheMachines(t *testing.T) {
	doc, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{
		"message": tableOf(MessageMachine), "ticket": tableOf(TicketMachine), "outbox row": tableOf(EffectMachine), "promise": tableOf(PromiseMachine),
	} {
		if !strings.Contains(string(doc), table) {
			t.Errorf("docs/architecture.md does not show the machine of a %s as it is; it should read\n\n%s", name, table)
		}
	}
}

// tableOf is a machine as docs/architecture.md shows it: a line for each state that something leads out of, a column for each event.
func tableOf[State, Event interface {
	comparable
	~string
}](m Machine[State, Event]) string {
	var states []State
	var events []Event
	for _, s := range m {
		if !slices.Contains(states, s.From) {
			states = append(states, s.From)
		}
		if !slices.Contains(events, s.On) {
			events = append(events, s.On)
		}
	}
	var b strings.Builder
	b.WriteString("| |")
	for _, on := range events {
		b.WriteString(" " + string(on) + " |")
	}
	b.WriteString("\n|" + strings.Repeat("---|", len(events)+1) + "\n")
	for _, from := range states {
		b.WriteString("| " + string(from) + " |")
		for _, on := range events {
			if to, means := m.Next(from, on); means {
				b.WriteString(" " + string(to))
			}
			b.WriteString(" |")
		}
		b.WriteString("\n")
	}
	return b.String()
}
