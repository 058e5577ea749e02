package watch

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/decide"
)

// Event is one message's way along the line, in words without its text. It is JSON on /api/overview, so its names
// stay.
type Event struct {
	At      time.Time `json:"at"`
	Message int64     `json:"message"`
	Inbox   string    `json:"inbox"`
	Channel string    `json:"channel"`
	State   string    `json:"state"`
	Ticket  int64     `json:"ticket,omitempty"`
	Words   string    `json:"words"`

	// The same as Words in single facts, for a page in another language.
	Cause     string   `json:"cause,omitempty"`
	Category  string   `json:"category,omitempty"`
	Priority  string   `json:"priority,omitempty"`
	Language  string   `json:"language,omitempty"`
	Queue     string   `json:"queue,omitempty"`
	Duplicate int64    `json:"duplicate,omitempty"`
	Masked    []string `json:"masked,omitempty"` // kinds of what was masked
	// Became is what became of its acknowledgement, by the store: one a try at an address.
	Became []Became `json:"acknowledgements,omitempty"`
	Void   string   `json:"acknowledgement_void,omitempty"` // why the promise of it is void, where no row says so
}

// Became is where one acknowledgement stands.
type Became struct {
	Channel string `json:"channel"`
	State   string `json:"state"`           // due, sending, sent, delivered, failed, fallback, withheld, held
	Cause   string `json:"cause,omitempty"` // why it was withheld
	Error   string `json:"error,omitempty"` // why it failed, or is tried again
}

// onlookerEvents is how many events are kept for a page that opens later; the page shows the last dozen.
const onlookerEvents = 200

// Onlooker keeps the last events of this process and tells who listens. It never holds up the line:
// a listener that is too slow misses events.
type Onlooker struct {
	mu        sync.Mutex
	events    [onlookerEvents]Event // a ring
	seen      int                   // events so far
	listeners map[chan Event]bool
}

// NewOnlooker returns an onlooker that has seen nothing yet.
func NewOnlooker() *Onlooker { return &Onlooker{listeners: map[chan Event]bool{}} }

// Passed takes note of a decided message. The processor calls it after the commit; it holds a lock for some
// microseconds and waits for nobody.
func (o *Onlooker) Passed(p decide.Passed) {
	e := Event{At: time.Now(), Message: p.ID, Inbox: p.Inbox, Channel: p.Channel, State: string(p.Plan.State), Ticket: p.Plan.Ticket.ID, Words: words(p.Plan)}
	e.facts(p.Plan)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events[o.seen%onlookerEvents] = e
	o.seen++
	for l := range o.listeners {
		select {
		case l <- e:
		default:
		}
	}
}

// Listen returns a channel of further events, and a function that ends it. Sixty-four events may wait in it; what
// comes while it is full is lost to that listener. The channel is never closed.
func (o *Onlooker) Listen() (<-chan Event, func()) {
	l := make(chan Event, 64)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.listeners[l] = true
	return l, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.listeners, l)
	}
}

// Last returns the kept events, newest first.
func (o *Onlooker) Last(n int) []Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []Event
	for i := range min(n, o.seen, onlookerEvents) {
		out = append(out, o.events[(o.seen-1-i)%onlookerEvents])
	}
	return out
}

// words says in a line what the line decided.
func words(p *pipeline.Plan) string {
	var out []string
	switch p.State {
	case messages.Ticketed:
		t := p.Ticket.Open
		out = append(out, fmt.Sprintf("opened %s %s %s %s → %s", thread.TicketNumber(p.Ticket.ID), t.Category, t.Priority, t.Language, t.Queue))
	case messages.Appended:
		out = append(out, "continued "+thread.TicketNumber(p.Ticket.ID))
	case messages.Duplicate:
		out = append(out, fmt.Sprintf("copy of message %d", p.Duplicate))
	default:
		out = append(out, string(p.State)+": "+p.Cause)
	}
	for _, kind := range masked(p) {
		out = append(out, kind+" masked")
	}
	for _, e := range p.Effects {
		switch {
		case e.Kind == effects.KindAcknowledgement && e.Cause != "":
			out = append(out, "acknowledgement withheld: "+e.Cause)
		case e.Kind == effects.KindAcknowledgement:
			out = append(out, "acknowledgement by "+e.Channel)
		}
	}
	return strings.Join(out, " · ")
}

// masked lists the kinds of what was masked.
func masked(p *pipeline.Plan) []string {
	var out []string
	for _, kind := range []string{"card", "cvv", "otp", "password", "cn-id", "passport"} {
		if p.Row.Redacted[kind] > 0 {
			out = append(out, kind)
		}
	}
	return out
}

func (e *Event) facts(p *pipeline.Plan) {
	e.Cause, e.Category, e.Language, e.Duplicate, e.Masked = p.Cause, p.Row.Category, p.Row.Language, p.Duplicate, masked(p)
	if p.State == messages.Ticketed {
		t := p.Ticket.Open
		e.Category, e.Priority, e.Language, e.Queue = t.Category, t.Priority, t.Language, t.Queue
	}
}
