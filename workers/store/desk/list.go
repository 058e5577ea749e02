package desk

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// List is which tickets are listed, and in which order.
type List string

// The lists. Those of whole queues are of Seek.Queue, or of all that the viewer may read.
const (
	Mine       List = "mine"       // the viewer's that are our turn, by rank
	Unassigned List = "unassigned" // of queues: what waits and nobody has, by rank
	Queue      List = "queue"      // of queues: all that are open, in which somebody has written last first
	AtRisk     List = "at-risk"    // of queues: what is overdue or due soon, by deadline
	Pending    List = "pending"    // the viewer's that are the customer's turn; with Seek.Queue everybody's. Who has written last comes first
	Snoozed    List = "snoozed"    // likewise, of those that are put away
	Unsure     List = "unsure"     // of queues: open ones whose category is a guess, in which somebody has written last first
	Closed     List = "closed"     // of queues: closed ones, in which somebody has written last first
)

// Lists are all lists, in the order in which pages name them.
func Lists() []List { return []List{Mine, Unassigned, Queue, AtRisk, Unsure, Pending, Snoozed, Closed} }

// RiskWithin is how soon something is due that is at risk.
const RiskWithin = 2 * time.Hour

// Seek says which part of a list is wanted.
type Seek struct {
	List      List
	Queue     string   // only of this one; empty: all
	Languages []string // of Unassigned only those (BCP 47); nil: all
	After     Place    // where the last page ended; zero begins
	Limit     int      // 0: 50; at most 200
}

// Place is where a page ends.
type Place struct {
	At     int64 // microseconds, of whatever the list is ordered by
	Ticket int64
}

// Page is a part of a list. Next is zero on the last one.
type Page struct {
	Cards []Card
	Next  Place
}

// limit keeps a page small, whatever a caller asks for.
func (k Seek) limit() int {
	if k.Limit <= 0 {
		return 50
	}
	return min(k.Limit, 200)
}

// List reads a page of a list: an index range for each queue of the viewer's, then the rows of the page by their keys.
func (s *Store) List(ctx context.Context, v viewer.Viewer, k Seek, now time.Time) (p Page, err error) {
	limit := k.limit()
	places, err := s.places(ctx, v, k, now)
	if err != nil || len(places) == 0 {
		return p, err
	}
	if len(places) > limit {
		places = places[:limit]
		p.Next = places[limit-1]
	}
	p.Cards, err = s.cards(ctx, v, places)
	return p, err
}

// newest reports whether a list runs from the newest to the oldest.
func (l List) newest() bool { return l != Mine && l != Unassigned && l != AtRisk }

// places are the tickets of a page, one more than its limit where there is a further page.
func (s *Store) places(ctx context.Context, v viewer.Viewer, k Seek, now time.Time) (out []Place, err error) {
	if k.After == (Place{}) && k.List.newest() {
		k.After = Place{math.MaxInt64, math.MaxInt64}
	} else if k.After == (Place{}) {
		k.After.At = math.MinInt64
	}
	var calls []sql.Call
	if k.own() {
		calls = k.ofOwner(v, &out)
	} else if calls, err = s.ofQueues(ctx, v, k, now, &out); err != nil {
		return nil, err
	}
	if len(calls) == 0 {
		return nil, nil
	}
	if err := s.lists.Read(ctx, "listing the desk", calls...); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Place) int {
		order := cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Ticket, b.Ticket))
		if k.List.newest() {
			order = -order
		}
		return order
	})
	return out[:min(len(out), k.limit()+1)], nil
}

// own reports whether the list is the viewer's own.
func (k Seek) own() bool {
	return k.List == Mine || k.Queue == "" && (k.List == Pending || k.List == Snoozed)
}

// A state stands in the text and is no argument: with an argument SQLite plans the statement anew at each call, to see whether an index of that
// state's rows alone would do.
const (
	askMine = `SELECT d.rank_at, d.ticket FROM desk d WHERE d.owner <> 0 AND d.owner = $1 AND d.state = '%s' AND (d.rank_at, d.ticket) > ($2, $3)
AND ($4 OR d.queue = ANY($5)) ORDER BY d.rank_at, d.ticket LIMIT $6`
	// of one owner so many are put away or wait for the customer that they are read whole
	askOwned = `SELECT d.last_at, d.ticket FROM desk d WHERE d.owner <> 0 AND d.owner = $1 AND d.state = '%s' AND (d.last_at, d.ticket) < ($2, $3)
AND ($4 OR d.queue = ANY($5)) ORDER BY d.last_at DESC, d.ticket DESC LIMIT $6`
	askUnassigned = `SELECT d.rank_at, d.ticket FROM desk d WHERE d.queue = $1 AND d.language = $2 AND ` + unowned + ` AND (d.rank_at, d.ticket) > ($3, $4)
ORDER BY d.rank_at, d.ticket LIMIT $5`
	askState = `SELECT d.last_at, d.ticket FROM desk d WHERE d.queue = $1 AND d.state = '%s' AND (d.last_at, d.ticket) < ($2, $3)
ORDER BY d.last_at DESC, d.ticket DESC LIMIT $4`
	askRisk = `SELECT d.due_at, d.ticket FROM desk d WHERE d.queue = $1 AND d.due_at > 0 AND d.state <> 'pending' AND d.due_at <= $2 AND (d.due_at, d.ticket) > ($3, $4)
ORDER BY d.due_at, d.ticket LIMIT $5`
	askUnsure = `SELECT t.last_at, t.id FROM tickets t WHERE t.queue = $1 AND t.guesses <> '' AND t.status = 'open' AND (t.last_at, t.id) < ($2, $3)
ORDER BY t.last_at DESC, t.id DESC LIMIT $4`
	askClosed = `SELECT t.last_at, t.id FROM tickets t WHERE t.queue = $1 AND t.status = 'closed' AND t.merged_into = 0 AND (t.last_at, t.id) < ($2, $3)
ORDER BY t.last_at DESC, t.id DESC LIMIT $4`
)

func (k Seek) ofOwner(v viewer.Viewer, out *[]Place) []sql.Call {
	if v.User == 0 {
		return nil
	}
	text, state := askMine, work.Waiting
	switch k.List {
	case Pending:
		text, state = askOwned, work.Pending
	case Snoozed:
		text, state = askOwned, work.Snoozed
	}
	queues, every := v.Where(viewer.Read)
	if k.Queue != "" {
		queues, every = []string{k.Queue}, false
		if !v.May(viewer.Read, k.Queue) {
			return nil
		}
	}
	return []sql.Call{sql.Ask(placesInto(out), fmt.Sprintf(text, state), v.User, k.After.At, k.After.Ticket, every, sql.OrNone(queues), int64(k.limit()+1))}
}

func placesInto(out *[]Place) func(sql.Row) error {
	return func(row sql.Row) error {
		var p Place
		err := row.Scan(&p.At, &p.Ticket)
		*out = append(*out, p)
		return err
	}
}

// ofQueues are the ranges of a list over queues.
func (s *Store) ofQueues(ctx context.Context, v viewer.Viewer, k Seek, now time.Time, out *[]Place) (calls []sql.Call, err error) {
	into, most := placesInto(out), int64(k.limit()+1)
	if k.List == Unassigned {
		all, err := s.unassigned(ctx, v, k)
		for _, p := range all {
			calls = append(calls, sql.Ask(into, askUnassigned, p.queue, p.language, k.After.At, k.After.Ticket, most))
		}
		return calls, err
	}
	queues, err := s.queues(ctx, v, k)
	for _, q := range queues {
		switch k.List {
		case Closed:
			calls = append(calls, sql.Ask(into, askClosed, q, k.After.At, k.After.Ticket, most))
		case Unsure:
			calls = append(calls, sql.Ask(into, askUnsure, q, k.After.At, k.After.Ticket, most))
		case AtRisk:
			calls = append(calls, sql.Ask(into, askRisk, q, sql.Micros(now.Add(RiskWithin)), k.After.At, k.After.Ticket, most))
		default:
			for _, state := range k.states() {
				calls = append(calls, sql.Ask(into, fmt.Sprintf(askState, state), q, k.After.At, k.After.Ticket, most))
			}
		}
	}
	return calls, err
}

// states are those that a list over queues shows.
func (k Seek) states() []work.State {
	switch k.List {
	case Pending:
		return []work.State{work.Pending}
	case Snoozed:
		return []work.State{work.Snoozed}
	case Queue:
		return []work.State{work.Waiting, work.Pending, work.Snoozed}
	}
	return nil
}

// pair is the work of one queue in one language, and the first of it.
type pair struct {
	queue, language string
	at              int64 // its rank
}

// unowned is work that nobody has; the index desk_next is over the same words.
const unowned = `d.state = 'waiting' AND d.owner = 0`

// firstByRank finds for each queue and language that there is the first item that nobody has: one step down an index for each, however many wait.
var firstByRank = tables.Steps([]string{"queue", "language"}, `d.rank_at`, unowned) + `
SELECT d.queue, d.language, d.rank_at FROM step s JOIN desk d ON d.ticket = s.ticket`

// unassigned are the queues and languages of a list of what nobody has.
func (s *Store) unassigned(ctx context.Context, v viewer.Viewer, k Seek) ([]pair, error) {
	var all []pair
	err := s.lists.Read(ctx, "listing queues with work", sql.Ask(func(row sql.Row) error {
		var p pair
		err := row.Scan(&p.queue, &p.language, &p.at)
		all = append(all, p)
		return err
	}, firstByRank))
	return slices.DeleteFunc(all, func(p pair) bool {
		return !v.May(viewer.Read, p.queue) || k.Queue != "" && p.queue != k.Queue || !assign.Speaks(k.Languages, p.language)
	}), err
}

// Steps down an index from each queue to the next: of those that have work, and of those that have closed tickets.
const (
	askQueues = `WITH RECURSIVE step (queue) AS (SELECT (SELECT d.queue FROM desk d ORDER BY d.queue LIMIT 1)
UNION ALL SELECT (SELECT d.queue FROM desk d WHERE d.queue > s.queue ORDER BY d.queue LIMIT 1) FROM step s WHERE s.queue IS NOT NULL)
SELECT s.queue FROM step s WHERE s.queue IS NOT NULL`
	askClosedQueues = `WITH RECURSIVE step (queue) AS (SELECT (SELECT t.queue FROM tickets t WHERE t.status = 'closed' ORDER BY t.queue LIMIT 1)
UNION ALL SELECT (SELECT t.queue FROM tickets t WHERE t.status = 'closed' AND t.queue > s.queue ORDER BY t.queue LIMIT 1) FROM step s WHERE s.queue IS NOT NULL)
SELECT s.queue FROM step s WHERE s.queue IS NOT NULL`
)

// queues are those of a list that the viewer may read.
func (s *Store) queues(ctx context.Context, v viewer.Viewer, k Seek) (out []string, err error) {
	queues, every := v.Where(viewer.Read)
	switch {
	case k.Queue != "" && v.May(viewer.Read, k.Queue):
		return []string{k.Queue}, nil
	case k.Queue != "" || !every:
		return slices.DeleteFunc(queues, func(string) bool { return k.Queue != "" }), nil
	}
	text := askQueues
	if k.List == Closed {
		text = askClosedQueues
	}
	err = s.lists.Read(ctx, "listing queues", sql.Ask(sql.Value(func(q string) { out = append(out, q) }), text))
	return out, err
}
