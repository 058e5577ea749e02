package sweep

import (
	"context"
	"log/slog"
	"time"

	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/find"
)

// Beats of indexing.
const (
	searchEvery = 500 * time.Millisecond // the index is that much behind a commit, and the time that indexing takes
	searchLater = 30 * time.Second       // after a failure, at most
	// walkShare is how much longer than a step of the walk over all tickets the pause after it is, so that a large desk that
	// is made findable for the first time notices little of it.
	walkShare = 4
	walkEvery = time.Minute // looks whether the walk is due again
	// searchPatience is how long a step of indexing waits for the line to rest. Where it never does, the newest tickets are
	// found within two seconds all the same, and the rest once it does.
	searchPatience = time.Second
)

// Search makes tickets findable behind the commits that change them: first what has changed, then, little by little, what
// was there before. Any number of processes may run it; each ticket is indexed by one of them.
type Search struct {
	store  *store.Store
	polite *workers.Courtesy
	logger *slog.Logger
	walked time.Time // when the next step of the walk is due
	begun  bool      // the walk has been told
	// pausing says that what a step has found is to be indexed, and that the pause follows.
	pausing bool
}

// NewSearch joins it to its store. It gives way to the work that polite is shared with.
func NewSearch(s *store.Store, polite *workers.Courtesy, logger *slog.Logger) *Search {
	return &Search{store: s, polite: polite, logger: logger}
}

// Run indexes until ctx ends.
func (s *Search) Run(ctx context.Context) {
	pause := searchEvery
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait, err := s.beat(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.logger.Error("making tickets findable failed; trying again", "error", err)
			pause = min(2*max(pause, searchEvery), searchLater)
		default:
			pause = wait
		}
	}
}

// beat indexes what has changed and takes one step of the walk where it is due. It tells how long to wait. New
// tickets always go before the walk, and the walk pauses four times as long as its step took: a large desk that is
// indexed for the first time gives it a fifth of the time.
func (s *Search) beat(ctx context.Context, now time.Time) (time.Duration, error) {
	begun := time.Now()
	for {
		waiting, err := s.store.Find.Unfound(ctx)
		if err != nil {
			return 0, err
		}
		if !waiting {
			break
		}
		s.polite.GiveWayFor(ctx, searchPatience)
		n, err := s.store.Find.Index(ctx)
		if err != nil {
			return 0, err
		}
		if n == 0 { // another process does it
			return searchEvery, nil
		}
	}
	if s.begun && s.pausing {
		s.pausing, s.walked = false, now.Add((walkShare+1)*time.Since(begun))
	}
	if wait := s.walked.Sub(now); wait > 0 {
		return min(searchEvery, wait), nil
	}
	s.polite.GiveWayFor(ctx, searchPatience)
	w, err := s.store.Find.Walk(ctx, now)
	if err != nil {
		return 0, err
	}
	s.tell(w)
	if w.Done {
		s.walked = now.Add(walkEvery)
		return searchEvery, nil
	}
	s.pausing = true
	return time.Millisecond, nil // what it has found is indexed at once
}

// tell says once that the walk goes on, and that it has ended.
func (s *Search) tell(w find.Walked) {
	switch {
	case !w.Done && !s.begun:
		s.logger.Info("looking through all tickets for those that cannot be found yet")
	case w.Done && s.begun:
		s.logger.Info("all tickets can be found")
	}
	s.begun = !w.Done
}
