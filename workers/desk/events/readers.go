package events

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// What somebody does with a ticket, as his page says it.
const (
	reading = "reading"
	writing = "writing"
	gone    = "gone"
)

const (
	// readsFor is how long somebody is taken to read a ticket of whose page nothing is heard any more; an open page says so every ten seconds.
	readsFor = 25 * time.Second
	// writesFor is how long somebody is taken to write who types nothing more.
	writesFor = 6 * time.Second
	// mostTickets bounds the tickets that are known to be read.
	mostTickets = 10_000
)

// Seen is somebody who has a ticket before his eyes, for colleagues.
type Seen struct {
	Name   string `json:"name"`
	Writes bool   `json:"writes"`
}

type reader struct {
	name        string
	seen, wrote time.Time // when his page has said so last
	writes      bool
}

// readers are who reads which ticket, and who writes in it. It lies in memory alone and nothing is locked by it.
type readers struct {
	mu sync.Mutex
	of map[int64]map[int64]*reader // by ticket and user
}

func newReaders() *readers { return &readers{of: map[int64]map[int64]*reader{}} }

// note notes what somebody does, and reports whether his colleagues see something else now.
func (r *readers) note(ticket, user int64, name, does string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.of[ticket]
	is := all[user]
	switch {
	case does == gone:
		r.drop(ticket, user)
		return is != nil
	case is == nil && len(r.of) >= mostTickets && all == nil:
		return false
	case is == nil:
		is = &reader{}
		if all == nil {
			all = map[int64]*reader{}
			r.of[ticket] = all
		}
		all[user] = is
	}
	before := *is
	is.name, is.seen = name, now
	if does == writing {
		is.wrote = now
	}
	is.writes = now.Sub(is.wrote) < writesFor
	return before.seen.IsZero() || before.writes != is.writes || before.name != name
}

// drop forgets a reader; the lock is held.
func (r *readers) drop(ticket, user int64) {
	delete(r.of[ticket], user)
	if len(r.of[ticket]) == 0 {
		delete(r.of, ticket)
	}
}

// sweep notes who has left without a word or has stopped writing, and names the tickets in which that is so.
func (r *readers) sweep(now time.Time) (changed []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ticket, all := range r.of {
		other := false
		for user, is := range all {
			switch {
			case now.Sub(is.seen) >= readsFor:
				r.drop(ticket, user)
				other = true
			case is.writes && now.Sub(is.wrote) >= writesFor:
				is.writes, other = false, true
			}
		}
		if other {
			changed = append(changed, ticket)
		}
	}
	return changed
}

// users are who has a ticket before his eyes.
func (r *readers) users(ticket int64) []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.of[ticket]))
}

// others are those who have a ticket before their eyes beside one, by name.
func (r *readers) others(ticket, but int64) []Seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Seen{}
	for user, is := range r.of[ticket] {
		if user != but {
			out = append(out, Seen{is.name, is.writes})
		}
	}
	slices.SortFunc(out, func(a, b Seen) int { return strings.Compare(a.Name, b.Name) })
	return out
}
