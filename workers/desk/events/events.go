// Package events is what of the desk happens while a page is open: the events that its pages hear, and who reads or writes a ticket just now.
// What an event may tell somebody is looked at when it is sent; who reads what lies in memory alone, and locks nothing.
package events

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/live"
	"frontdesk/workers/store/viewer"
)

// Change is something that has changed at the desk.
type Change struct {
	Ticket int64  // 0: a ticket has left the queue
	Queue  string // where it is, or which it has left
	Kind   string // what was done: that of an entry, or one such as "sent", "failed", "risk", "named" or "left"
	Actor  string // login of who did it
	Owner  int64  // who has it now; 0: nobody
	Named  string // of "named": the ids of those who are, between commas, such as ",7,12,"
}

// Config is what a Desk is joined to.
type Config struct {
	Source live.Source[Change]
	// Readable reports whether the viewer may read a ticket.
	Readable func(ctx context.Context, v viewer.Viewer, ticket int64) (bool, error)
	// Names are how colleagues see users, by id.
	Names func(ctx context.Context) (map[int64]string, error)
	// Viewer is who asks. The guard in front has let him in. Again is for what outlives the request: his session, and who he is when that is
	// asked; false: he is signed out.
	Viewer func(*http.Request) viewer.Viewer
	Again  func(context.Context) (session string, again func(context.Context) (viewer.Viewer, bool))
	// Heard has something in it when something may have changed in this process; nil: nothing is heard.
	Heard func() (heard <-chan struct{}, leave func())
	// Say tells a word to the desks of other processes, which may be lost; nil: there are none.
	Say    func(ctx context.Context, word string) error
	Logger *slog.Logger // nil: nothing is logged
}

// Desk serves the live part of the desk. It is safe for concurrent use.
type Desk struct {
	Config
	hub     *live.Hub[Change]
	readers *readers
	texts   texts

	mu    sync.Mutex
	names map[int64]string
	named time.Time // when names were read
}

const (
	// beat is how often an open stream gives a sign of life at least: a page says within five seconds that it is cut off.
	beat = 2500 * time.Millisecond
	// back is within what time pages come back after a restart.
	back = 3 * time.Second
	// fresh is how old the rights may be by which something is sent: of some hundred streams each reads its own.
	fresh = time.Second
	// sweepEvery is how often it is looked who has left.
	sweepEvery = time.Second
	// namedFor is how long names are not read again.
	namedFor = time.Minute
)

// New makes the live part of a desk. It lives while Run does.
func New(c Config) *Desk {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Desk{Config: c, readers: newReaders(), hub: live.NewHub(live.Config[Change]{Source: c.Source, Beat: beat, Back: back, Logger: c.Logger})}
}

// Run reads and tells until ctx ends; then all streams are ended.
func (s *Desk) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.hub.Run(ctx) })
	var heard <-chan struct{}
	if s.Heard != nil {
		changed, leave := s.Heard()
		defer leave()
		heard = changed
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case now := <-tick.C:
			for _, ticket := range s.readers.sweep(now) {
				s.tell(ticket)
			}
		case <-heard:
			s.Ring()
		case <-ctx.Done():
		}
	}
	all.Wait()
}

// Ring says that something may have changed. It never blocks.
func (s *Desk) Ring() { s.hub.Ring() }

// Mark is the place from which a page hears that is made now; "" if it cannot be known.
func (s *Desk) Mark(ctx context.Context) string {
	m, err := s.Source.Now(ctx)
	if err != nil {
		return ""
	}
	return m.String()
}

// Routes are the handlers by their patterns.
func (s *Desk) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"GET /desk/events": s.events, "POST /desk/tickets/{number}/here": s.here}
}

// events is a page's stream.
func (s *Desk) events(w http.ResponseWriter, r *http.Request) {
	session, again := s.Again(r.Context())
	who := s.Viewer(r)
	after := r.Header.Get("Last-Event-ID")
	s.hub.Serve(w, r, live.Reader[Change]{Key: session, Who: who.User, After: after, Look: s.look(again, r.Header.Get(pieces) != "")})
}

// pieces is the header by which a page says that it takes many changes in one event.
const pieces = "Frontdesk-Pieces"

// look gives what of changes somebody is told, by rights that are fresh.
func (s *Desk) look(again func(context.Context) (viewer.Viewer, bool), pieces bool) func(context.Context) (live.Tell[Change], bool) {
	var at time.Time
	var r listener
	in := true
	return func(ctx context.Context) (live.Tell[Change], bool) {
		if now := time.Now(); at.IsZero() || now.Sub(at) >= fresh {
			var v viewer.Viewer
			if v, in = again(ctx); in {
				at, r = now, newListener(v, pieces)
			}
		}
		return func(items []live.Item[Change]) []live.Placed { return s.texts.tells(r, items) }, in
	}
}

// maxHere bounds what a page says of who reads.
const maxHere = 1 << 10

// here hears what somebody does with a ticket, and tells him who else is there.
func (s *Desk) here(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Does string `json:"does"`
	}
	number, v := ticketNumber(r.PathValue("number")), s.Viewer(r)
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxHere)).Decode(&in); err != nil || !slices.Contains([]string{reading, writing, gone}, in.Does) {
		http.Error(w, "nothing is said", http.StatusBadRequest)
		return
	}
	ok, err := false, error(nil)
	if number > 0 {
		ok, err = s.Readable(r.Context(), v, number)
	}
	switch {
	case r.Context().Err() != nil:
		return
	case err != nil:
		s.Logger.Error("looking who may read a ticket failed", "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "the desk does not answer", http.StatusServiceUnavailable)
		return
	case !ok:
		http.Error(w, "there is no such ticket", http.StatusNotFound)
		return
	}
	if s.readers.note(number, v.User, v.Name, in.Does, time.Now()) {
		s.tell(number)
	}
	s.pass(r.Context(), number, v.User, in.Does)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(about(number, s.readers.others(number, v.User))) //nolint:errcheck // the browser has gone away
}

// who is who else has a ticket before his eyes, as its page hears it.
type who struct {
	Ticket string `json:"ticket"`
	Who    []Seen `json:"who"`
}

func about(ticket int64, others []Seen) who { return who{thread.TicketNumber(ticket), others} }

// tell tells all who read a ticket who else does. They have shown that they may.
func (s *Desk) tell(ticket int64) {
	for _, user := range s.readers.users(ticket) {
		if data, err := json.Marshal(about(ticket, s.readers.others(ticket, user))); err == nil { // texts always marshal
			s.hub.Say(user, live.Message{Name: "who", Data: string(data)})
		}
	}
}

// pass tells other processes who does what: by ids alone.
func (s *Desk) pass(ctx context.Context, ticket, user int64, does string) {
	if s.Say == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := s.Say(ctx, strings.Join([]string{strconv.FormatInt(ticket, 10), strconv.FormatInt(user, 10), does}, " ")); err != nil {
		s.Logger.Debug("telling other processes who reads failed", "error", err)
	}
}

// Hear hears a word of another process: who does what, or "" where something may have changed.
func (s *Desk) Hear(ctx context.Context, word string) {
	if word == "" {
		s.Ring()
		return
	}
	parts := strings.Split(word, " ")
	if len(parts) != 3 || !slices.Contains([]string{reading, writing, gone}, parts[2]) {
		return // of a newer program
	}
	ticket, user := positive(parts[0]), positive(parts[1])
	name := s.name(ctx, user)
	if ticket > 0 && name != "" && s.readers.note(ticket, user, name, parts[2], time.Now()) {
		s.tell(ticket)
	}
}

// name is how colleagues see a user; "" if nobody knows.
func (s *Desk) name(ctx context.Context, user int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.names[user]; ok || time.Since(s.named) < namedFor {
		return name
	}
	names, err := s.Names(ctx)
	if err != nil {
		s.Logger.Warn("reading the names of users failed", "error", err)
		return ""
	}
	s.names, s.named = names, time.Now()
	return names[user]
}

// ticketNumber reads a ticket's number as addresses have it, T-25; 0 for anything else.
func ticketNumber(s string) int64 {
	digits, ok := strings.CutPrefix(s, "T-")
	if !ok || strings.HasPrefix(digits, "0") || strings.HasPrefix(digits, "+") {
		return 0
	}
	return positive(digits)
}

// positive is a positive number, or 0.
func positive(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
