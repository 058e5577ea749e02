package domain_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/machine"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// TestTheDocumentShowsTheMachines: docs/architecture.md shows each machine as this table says.
func TestTheDocumentShowsTheMachines(t *testing.T) {
	doc, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{
		"message": tableOf(messages.Machine), "ticket": tableOf(tickets.Machine), "outbox row": tableOf(effects.Machine), "promise": tableOf(promises.Machine),
		"consent": tableOf(contacts.Machine), "work item": tableOf(desk.Machine), "agent": tableOf(agents.Machine),
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
}](m machine.Table[State, Event]) string {
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
