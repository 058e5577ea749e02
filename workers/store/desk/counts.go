package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	work "frontdesk/pipeline/domain/desk"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// CountedTo is up to where tickets are counted; one more stands for more than that.
const CountedTo = 999

// Counts are how many tickets are in the lists, each up to CountedTo.
type Counts struct {
	Mine, Pending, Snoozed int            // the viewer's own
	Unassigned, AtRisk     int            // of all queues that he may read
	Unsure                 int            // likewise: those whose category is a guess
	Queues                 map[string]int // by queue: what waits and nobody has
}

const (
	countOwned  = `SELECT count(*) FROM (SELECT 1 FROM desk d WHERE d.owner <> 0 AND d.owner = $1 AND d.state = '%s' AND ($2 OR d.queue = ANY($3)) LIMIT 1000) AS few`
	countQueue  = `SELECT count(*) FROM (SELECT 1 FROM desk d WHERE d.queue = $1 AND ` + unowned + ` LIMIT 1000) AS few`
	countUnsure = `SELECT count(*) FROM (SELECT 1 FROM tickets t WHERE t.queue = $1 AND t.guesses <> '' AND t.status = 'open' LIMIT 1000) AS few`
	countRisk   = `SELECT count(*) FROM (SELECT 1 FROM desk d WHERE d.queue = $1 AND d.due_at > 0 AND d.state <> 'pending' AND d.due_at <= $2 LIMIT 1000) AS few`
)

// Counts counts along the indexes of the lists, a thousand entries of each at most. What two viewers may both read is counted once for both where that
// is dear: see tallies.
func (s *Store) Counts(ctx context.Context, v viewer.Viewer, now time.Time) (c Counts, err error) {
	c.Queues = map[string]int{}
	names, err := s.queues(ctx, v, Seek{})
	if err != nil {
		return c, err
	}
	queues, every := v.Where(viewer.Read)
	var calls []sql.Call
	for state, n := range map[work.State]*int{work.Waiting: &c.Mine, work.Pending: &c.Pending, work.Snoozed: &c.Snoozed} {
		if v.User != 0 {
			calls = append(calls, sql.Ask(sql.Into(n), fmt.Sprintf(countOwned, state), v.User, every, sql.OrNone(queues)))
		}
	}
	waiting, risk, unsure := make([]int, len(names)), make([]int, len(names)), make([]int, len(names))
	for i, q := range names {
		calls = append(calls, s.tallies.ask(tally{queue: q, of: countQueue}, &waiting[i], now, countQueue, q)...)
		calls = append(calls, s.tallies.ask(tally{queue: q, of: countRisk}, &risk[i], now, countRisk, q, sql.Micros(now.Add(RiskWithin)))...)
		calls = append(calls, s.tallies.ask(tally{queue: q, of: countUnsure}, &unsure[i], now, countUnsure, q)...)
	}
	if len(calls) > 0 {
		if err := s.lists.Read(ctx, "counting the desk", calls...); err != nil {
			return c, err
		}
	}
	for i, q := range names {
		c.Queues[q] = waiting[i]
		c.Unassigned, c.AtRisk = min(c.Unassigned+waiting[i], CountedTo+1), min(c.AtRisk+risk[i], CountedTo+1)
		c.Unsure = min(c.Unsure+unsure[i], CountedTo+1)
	}
	return c, nil
}

// tallies are counts of queues that were dear, for a moment. Some hundred open pages ask for the same figures again and again; each would walk along a
// thousand entries of each queue. A page that is told of a change asks later than a figure is kept, so it sees what has changed.
type tallies struct {
	mu sync.Mutex
	by map[tally]counted
}

// tally is what is counted: what waits in a queue and nobody has, what is at risk there, or what is a guess there.
type tally struct {
	queue string
	of    string // the query
}

type counted struct {
	n  int
	at time.Time
}

const (
	// dear is from how many on a count is kept: fewer are counted sooner than looked up.
	dear = 100
	// keptFor is less than what a page waits until it asks again (live.js: 300 ms).
	keptFor = 250 * time.Millisecond
	// mostTallies bounds how many are kept. There are three for each queue.
	mostTallies = 1000
)

// ask gives n from what is kept, or the call that counts it.
func (t *tallies) ask(of tally, n *int, now time.Time, text string, args ...any) []sql.Call {
	t.mu.Lock()
	was, known := t.by[of]
	t.mu.Unlock()
	if age := now.Sub(was.at); known && age >= 0 && age < keptFor {
		*n = was.n
		return nil
	}
	return []sql.Call{sql.Ask(sql.Value(func(counts int) {
		*n = min(counts, CountedTo+1)
		t.keep(of, counted{*n, now})
	}), text, args...)}
}

// keep keeps a count that was dear.
func (t *tallies) keep(of tally, c counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.n <= dear {
		delete(t.by, of)
		return
	}
	if t.by == nil || len(t.by) >= mostTallies {
		t.by = map[tally]counted{}
	}
	t.by[of] = c
}
