// Package enrich is the step between recording a message and deciding it: the message waits for what others say of it,
// until a deadline. Who is asked is a Source: scanners (Scanners), name servers about a sender (Senders). Their
// word is data that a decision knows of, or does without.
//
// The packages below this one speak the protocols: rspamd and clamd, behind the contracts of scanners.
package enrich

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"frontdesk/internal/groupcommit"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
)

// Bounds of the step in one process.
const (
	liveLanes = 16 // messages at a time
	bulkLanes = 4
	laneRoom  = 64 << 20 // bytes that they take up, live and bulk each; a larger message is asked about alone
	copies    = 3        // a message in memory: as it came, and with its files taken out
	mayWait   = 1 << 15  // ids that may wait, live and bulk each; what is more the sweep brings again
	groupOf   = 256      // messages that are taken up, or recorded, together

	longLine     = 512              // from then on a line is long
	longPatience = 10 * time.Minute // for which the sweep leaves a message in a long line alone
)

// Source is somebody who is asked about messages before they are decided.
type Source interface {
	// Wait is how long a message waits for the source; 0 says that it is not asked. It is called for every message,
	// so it has to be quick.
	Wait(p backlog.Pending) time.Duration
	// Ask asks once. It returns by the deadline of ctx, which lies a little before the message's own; settled says that
	// asking once more would bring nothing new.
	Ask(ctx context.Context, p backlog.Pending) (said []backlog.Opinion, settled bool, err error)
	// Unheard is what is known of a message for which the source was asked and no answer was recorded in time.
	Unheard(p backlog.Pending) []screen.Opinion
}

// Config says who is asked.
type Config struct {
	Once  []Source          // one after another, once each, in lanes of the step
	Again []Source          // after these and beside the lanes, until they are settled: slow ones hold up nobody
	Pause time.Duration     // before one is asked again; doubled from then on. 0: 3 s
	Ring  func(ids []int64) // told which messages go on to their decision
	Now   func() time.Time  // nil: time.Now
}

// Step asks sources about recorded messages, beside the deciding and never in its way. A message is taken up by one
// process, which puts it into the state "awaiting" with a deadline: the sum of what its sources may take. Once all have
// answered, or nearly at the deadline, what was said is recorded and the message is decided. When the process dies, the
// sweep wakes the message at its deadline and it is decided without.
//
// What waits here are ids alone: a message is read when its turn comes. A nil Step asks nobody.
type Step struct {
	config Config
	store  *store.Store
	logger *slog.Logger

	live, bulk *line
	takes      *groupcommit.Group[turn, bool]
	answers    *groupcommit.Group[backlog.Scanned, struct{}]
	again      beside

	mu    sync.Mutex
	known map[int64]bool // waiting or being asked about here
}

// line is where messages wait for their turn.
type line struct {
	waiting chan turn
	lanes   int
	room    room
}

// turn is one message that waits.
type turn struct {
	id, size    int64
	once, again []asked
}

// asked is a source that is asked about a message, and for how long the message waits for it.
type asked struct {
	source Source
	wait   time.Duration
}

// wait is how long the message waits in all.
func (t turn) wait() (d time.Duration) {
	for _, of := range [][]asked{t.once, t.again} {
		for _, a := range of {
			d += a.wait
		}
	}
	return d
}

// New joins sources to a store. It is nil, which asks nobody, when there is nobody to ask.
func New(s *store.Store, c Config, logger *slog.Logger) *Step {
	if len(c.Once)+len(c.Again) == 0 {
		return nil
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Pause = cmp.Or(c.Pause, againPause)
	out := &Step{config: c, store: s, logger: logger, live: newLine(liveLanes), bulk: newLine(bulkLanes), again: newBeside(), known: map[int64]bool{}}
	out.takes = groupcommit.New(groupOf, out.take)
	out.answers = groupcommit.New(groupOf, out.answer)
	return out
}

func newLine(lanes int) *line {
	return &line{waiting: make(chan turn, mayWait), lanes: lanes, room: room{whole: laneRoom}}
}

// Hold takes out of a batch the messages that wait for sources, and lines up those that nobody was asked about yet.
// Where the line is long, the sweep need not come again so soon.
// The processor calls it for each batch, before it decides. Messages that it takes out stay undecided in the
// database; the step itself brings them back by Ring, or the sweep at their deadline.
func (s *Step) Hold(ctx context.Context, pending []backlog.Pending, now time.Time) ([]backlog.Pending, error) {
	if s == nil {
		return pending, nil
	}
	ready := make([]backlog.Pending, 0, len(pending))
	var patient []int64
	for _, p := range pending {
		if p.Awaiting && p.AwaitUntil.After(now) { // somebody asks about it
			continue
		}
		t := s.turnOf(p)
		switch {
		case t.wait() == 0:
			ready = append(ready, p)
		case s.offer(t, p.Bulk) > longLine:
			patient = append(patient, p.ID)
		}
	}
	return ready, s.store.Backlog.Postpone(ctx, patient, now.Add(longPatience))
}

// turnOf says who is asked about a message: nobody when somebody was asked before, a person let it out of the parked
// ones, or there is nothing to show.
func (s *Step) turnOf(p backlog.Pending) turn {
	if p.Shut != "" || p.Released || !p.AwaitUntil.IsZero() {
		return turn{}
	}
	return turn{id: p.ID, size: int64(len(p.Raw)), once: whom(s.config.Once, p), again: whom(s.config.Again, p)}
}

func whom(sources []Source, p backlog.Pending) (out []asked) {
	for _, source := range sources {
		if wait := source.Wait(p); wait > 0 {
			out = append(out, asked{source, wait})
		}
	}
	return out
}

// offer lines a message up, and returns how many wait before it. When too many wait it is dropped;
// the sweep brings it again.
func (s *Step) offer(t turn, bulk bool) int {
	line := s.live
	if bulk {
		line = s.bulk
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known[t.id] {
		select {
		case line.waiting <- t:
			s.known[t.id] = true
		default:
		}
	}
	return len(line.waiting)
}

func (s *Step) forget(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
}

// Heard reads what was said of the messages; nothing where nobody was asked. For those that were asked about without
// a recorded answer it is what their sources make of silence. replay calls it with another store than the step's own.
func (s *Step) Heard(ctx context.Context, from *store.Store, pending []backlog.Pending) (map[int64][]screen.Opinion, error) {
	var ids []int64
	for _, p := range pending {
		if !p.AwaitUntil.IsZero() || p.Released {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := from.Backlog.Opinions(ctx, ids)
	if err != nil || s == nil {
		return out, err
	}
	for _, p := range pending {
		if p.AwaitUntil.IsZero() || len(out[p.ID]) > 0 {
			continue
		}
		for _, sources := range [][]Source{s.config.Once, s.config.Again} {
			for _, source := range sources {
				out[p.ID] = append(out[p.ID], source.Unheard(p)...)
			}
		}
	}
	return out, nil
}
