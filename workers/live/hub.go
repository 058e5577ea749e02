package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Config says where a hub reads, and how much it does. Zero values are the defaults that stand beside the fields.
type Config[E any] struct {
	Source Source[E]
	Each   int // streams of one reader's key; 3 if 0: one more ends the oldest
	Most   int // streams in all; 12 000 if 0: who comes on top is refused
	// Beat is the longest time between two signs of life of a stream, Beat·4/5 the shortest; 25 s if 0.
	Beat time.Duration
	// Back is the longest time after which readers come back from a hub that has ended, so that not all come at once; 8 s if 0.
	Back   time.Duration
	Net    time.Duration // how often the source is asked though nobody has rung; a second if 0
	Logger *slog.Logger  // nil: nothing is logged
}

// Hub reads events once for all streams of a process. It is safe for concurrent use.
type Hub[E any] struct {
	Config[E]
	rung chan struct{}

	mu      sync.Mutex
	streams map[*stream[E]]bool
	byKey   map[string][]*stream[E] // the oldest first
	recent  []Item[E]               // in their order
	from    Mark                    // behind which recent has everything
	reading bool                    // recent follows the source
	over    bool
	open    sync.WaitGroup // streams
}

// NewHub makes a hub. It reads while Run does.
func NewHub[E any](c Config[E]) *Hub[E] {
	c.Each, c.Most, c.Beat = cmp.Or(c.Each, 3), cmp.Or(c.Most, 12_000), cmp.Or(c.Beat, 25*time.Second)
	c.Back, c.Net = cmp.Or(c.Back, 8*time.Second), cmp.Or(c.Net, time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Hub[E]{Config: c, rung: make(chan struct{}, 1), streams: map[*stream[E]]bool{}, byKey: map[string][]*stream[E]{}}
}

// Ring says that something may have happened. It never blocks.
func (h *Hub[E]) Ring() {
	select {
	case h.rung <- struct{}{}:
	default:
	}
}

// Streams is how many are open.
func (h *Hub[E]) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// Run reads until ctx ends. Then it says goodbye in all streams, and returns when they are closed.
func (h *Hub[E]) Run(ctx context.Context) {
	net := time.NewTicker(h.Net)
	defer net.Stop()
	failing := false
	for ctx.Err() == nil {
		n, err := h.read(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			h.Logger.Error("reading what has happened failed; trying again", "error", err)
		}
		failing = err != nil
		if !sleep(ctx, rest(n)) {
			break
		}
		select {
		case <-h.rung:
		case <-net.C:
		case <-ctx.Done():
		}
	}
	h.end()
	h.open.Wait()
}

// rest is how long nothing is read after n events were. Where much happens it is told in fewer, larger pieces: what it costs is a write to each stream.
func rest(n int) time.Duration {
	if n > few {
		return gather
	}
	return pause
}

// sleep reports false when ctx has ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// read takes what is new from the source, how much that is, and wakes the streams. While there are none it asks nobody.
func (h *Hub[E]) read(ctx context.Context) (n int, err error) {
	h.mu.Lock()
	idle, begun, at := len(h.streams) == 0, h.reading, h.reached()
	if idle {
		h.reading, h.recent = false, nil
	}
	h.mu.Unlock()
	if idle {
		return 0, nil
	}
	if !begun {
		now, err := h.Source.Now(ctx)
		if err != nil {
			return 0, err
		}
		at = now
		h.mu.Lock()
		h.reading, h.recent, h.from = true, nil, now
		h.mu.Unlock()
		h.wake()
	}
	for {
		items, err := h.Source.After(ctx, at, readAtOnce)
		if err != nil || len(items) == 0 {
			return n, err
		}
		n += len(items)
		at = items[len(items)-1].Mark
		h.keep(items)
		h.wake()
		if len(items) < readAtOnce {
			return n, nil
		}
	}
}

// reached is the mark up to which recent has everything; the lock is held.
func (h *Hub[E]) reached() Mark {
	if n := len(h.recent); n > 0 {
		return h.recent[n-1].Mark
	}
	return h.from
}

// keep adds events, and drops the oldest beyond what is kept.
func (h *Hub[E]) keep(items []Item[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recent = append(h.recent, items...)
	if over := len(h.recent) - kept; over > 0 {
		h.from = h.recent[over-1].Mark
		h.recent = slices.Clone(h.recent[over:])
	}
}

func (h *Hub[E]) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		s.wake()
	}
}

// since gives events behind a mark: of what is in memory, or of the source for who was away or is slow. missed says that there are more than
// are told.
func (h *Hub[E]) since(ctx context.Context, m Mark) (items []Item[E], missed bool, err error) {
	h.mu.Lock()
	if h.reading && h.from.Compare(m) <= 0 {
		i, there := slices.BinarySearchFunc(h.recent, m, func(i Item[E], m Mark) int { return i.Mark.Compare(m) })
		if there {
			i++
		}
		items = h.recent[i:len(h.recent):len(h.recent)] // what is appended later goes beside it
		h.mu.Unlock()
		return items, len(items) > mostMissed, nil
	}
	h.mu.Unlock()
	items, err = h.Source.After(ctx, m, mostMissed+1)
	return items, len(items) > mostMissed, err
}

// Say tells readers something that is never stored and may be lost, wherever they have streams in this process.
func (h *Hub[E]) Say(who int64, m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if s.Who == who {
			s.say(m)
		}
	}
}

// errFull says that there is no room for a further stream, or that the hub has ended.
var errFull = errors.New("there is no room for a further stream")

// join adds a stream. Of too many with one key the oldest ends, and comes back late, if it lives.
func (h *Hub[E]) join(r Reader[E]) (*stream[E], error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := h.byKey[r.Key]
	if h.over || len(h.streams) >= h.Most && len(own) < h.Each {
		return nil, errFull
	}
	s := &stream[E]{hub: h, Reader: r, woken: make(chan struct{}, 1), ended: make(chan time.Duration, 1)}
	if len(own) >= h.Each {
		own[0].leave(time.Minute)
		h.drop(own[0])
	}
	h.streams[s] = true
	h.byKey[r.Key] = append(slices.Clone(h.byKey[r.Key]), s)
	h.open.Add(1)
	if !h.reading {
		h.Ring()
	}
	return s, nil
}

// drop takes a stream out; the lock is held.
func (h *Hub[E]) drop(s *stream[E]) {
	if !h.streams[s] {
		return
	}
	delete(h.streams, s)
	if rest := slices.DeleteFunc(slices.Clone(h.byKey[s.Key]), func(o *stream[E]) bool { return o == s }); len(rest) > 0 {
		h.byKey[s.Key] = rest
	} else {
		delete(h.byKey, s.Key)
	}
}

// gone is the end of a stream.
func (h *Hub[E]) gone(s *stream[E]) {
	h.mu.Lock()
	h.drop(s)
	h.mu.Unlock()
	h.open.Done()
}

// end ends all streams; no further one is let in.
func (h *Hub[E]) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	for s := range h.streams {
		s.leave(soon(h.Back))
	}
}

// soon is a time at random, so that not all come at once.
func soon(most time.Duration) time.Duration {
	return most/16 + rand.N(most*15/16)
}
