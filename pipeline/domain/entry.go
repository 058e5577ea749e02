package domain

import (
	"encoding/json"
	"fmt"
	"time"
)

// Entry is one line of what was done with a message or a ticket: who did what, why, and what was there before and after. Entries are
// appended, never changed.
type Entry struct {
	Kind            string // what was done, such as ActClose
	Actor           string // a person; Service where the desk did it by itself
	Message, Ticket int64  // 0: none
	Detail          string // such as the cause that is taken away
	Before, After   Snapshot
}

// Kinds of entries that the line appends; those of people are named after their acts.
const (
	EntryOpened    = "opened"    // a message has opened the ticket
	EntryContinued = "continued" // a message continues it
)

// Service is the actor where no person acts.
const Service = "frontdesk"

// Snapshot is the part of what the desk keeps that an entry is about. What an entry did not touch is left out.
type Snapshot struct {
	Message  MessageState      `json:"message,omitempty"`
	Ticket   TicketState       `json:"ticket,omitempty"`
	Effect   EffectState       `json:"effect,omitempty"`
	Promises []PromiseSnapshot `json:"promises,omitempty"`
	// Of a ticket that a message has changed.
	Queue    string `json:"queue,omitempty"`
	Category string `json:"category,omitempty"`
	Priority string `json:"priority,omitempty"`
	Contact  int64  `json:"contact,omitempty"`
	Version  int64  `json:"version,omitempty"`
}

// PromiseSnapshot is a promise as an entry keeps it.
type PromiseSnapshot struct {
	Kind    string       `json:"kind"`
	State   PromiseState `json:"state"`
	Cause   string       `json:"cause,omitempty"`
	Due     time.Time    `json:"due"`
	Settled time.Time    `json:"settled,omitzero"`
}

// ReadSnapshot reads a snapshot as JSON made it.
func ReadSnapshot(text string) (s Snapshot, err error) {
	if text == "" {
		return s, nil
	}
	if err = json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading an entry: %w", err)
	}
	return s, nil
}

// JSON is the snapshot as it is kept; "" where it holds nothing.
func (s Snapshot) JSON() string {
	if s.empty() {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		return "" // strings, numbers and times of our own always marshal
	}
	return string(b)
}

func (s Snapshot) empty() bool {
	return len(s.Promises) == 0 && s.Message == "" && s.Ticket == "" && s.Effect == "" && s.Queue == "" && s.Category == "" && s.Priority == "" && s.Contact == 0 && s.Version == 0
}

func snapshotOf(p Promise) PromiseSnapshot {
	return PromiseSnapshot{p.Kind, p.State, p.Cause, p.Due, p.Settled}
}

// entry notes what was done, with the promises that steps changes.
func (d *deciding) entry(e Entry, before, after Snapshot, steps func()) {
	d.touched = nil
	steps()
	for _, c := range d.touched {
		before.Promises, after.Promises = append(before.Promises, snapshotOf(c.Before)), append(after.Promises, snapshotOf(c.After))
	}
	e.Before, e.After = before, after
	d.plan.Entries = append(d.plan.Entries, e)
}
