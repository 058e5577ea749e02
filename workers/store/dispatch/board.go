package dispatch

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// unowned is work that nobody has; the indexes desk_lane and desk_half are over the same words.
const unowned = `d.state = 'waiting' AND d.owner = 0`

// board is what waits, as far as it was read: in shelves, each a range of an index.
type board struct {
	read    reader
	now     time.Time
	shelves []*shelf
	taken   map[int64]bool
}

// shelf is a range of an index in its order: the hot tickets of a queue and language, or those of a lane, which is one of category and
// channel, too. Of most only the first is ever read.
type shelf struct {
	hot   bool
	key   assign.Waiting // what all of them share
	rows  []assign.Waiting
	ended bool // there are no more
}

// Of a shelf so many tickets are read at a time, and so many at most: beyond that come only such as nobody there may get yet.
const (
	shelfStep = 16
	shelfMost = 128
)

const waitingColumns = `d.ticket, d.queue, d.language, d.category, d.channel, d.rank_at, d.half_at, d.since_at, d.last_owner, d.declined`

func scanWaiting(row sql.Row) (w assign.Waiting, err error) {
	var rank, half, since int64
	err = row.Scan(&w.Ticket, &w.Queue, &w.Language, &w.Category, &w.Channel, &rank, &half, &since, &w.LastOwner, &w.Declined)
	w.Rank, w.Since = sql.Moment(rank), sql.Moment(since)
	if half != 0 {
		w.Half = sql.Moment(half)
	}
	return w, err
}

// firsts finds for each value of the first columns of an index the first item that nobody has, in that order.
func firsts(columns []string, order, more string) string {
	return tables.Steps(columns, order, unowned+more) + `
SELECT ` + waitingColumns + ` FROM step s JOIN desk d ON d.ticket = s.ticket`
}

var (
	firstOfLanes = firsts([]string{"queue", "language", "category", "channel"}, `d.rank_at`, ``)
	firstOfHot   = firsts([]string{"queue", "language"}, `d.half_at, d.rank_at`, ` AND d.half_at <> 0`)
)

const (
	moreOfLane = `SELECT ` + waitingColumns + ` FROM desk d WHERE d.queue = $1 AND d.language = $2 AND d.category = $3 AND d.channel = $4 AND ` + unowned + ` AND (d.rank_at, d.ticket) > ($5, $6)
ORDER BY d.rank_at, d.ticket LIMIT $7`
	moreOfHot = `SELECT ` + waitingColumns + ` FROM desk d WHERE d.queue = $1 AND d.language = $2 AND ` + unowned + ` AND d.half_at <> 0 AND (d.half_at, d.rank_at, d.ticket) > ($3, $4, $5) AND d.half_at <= $6
ORDER BY d.half_at, d.rank_at, d.ticket LIMIT $7`
)

// look reads the first ticket of each shelf.
func look(ctx context.Context, read reader, now time.Time) (*board, error) {
	b := &board{read: read, now: now}
	into := func(hot bool) func(sql.Row) error {
		return func(row sql.Row) error {
			w, err := scanWaiting(row)
			if err == nil && (!hot || !w.Half.After(now)) {
				b.shelves = append(b.shelves, &shelf{hot: hot, key: w, rows: []assign.Waiting{w}})
			}
			return err
		}
	}
	if err := read(ctx, sql.Ask(into(true), firstOfHot), sql.Ask(into(false), firstOfLanes)); err != nil {
		return nil, fmt.Errorf("looking what waits: %w", err)
	}
	return b, nil
}

// more reads the next tickets of a shelf.
func (b *board) more(ctx context.Context, k *shelf) error {
	last, n := k.rows[len(k.rows)-1], 0
	each := func(row sql.Row) error {
		w, err := scanWaiting(row)
		n++
		k.rows = append(k.rows, w)
		return err
	}
	call := sql.Ask(each, moreOfLane, k.key.Queue, k.key.Language, k.key.Category, k.key.Channel, sql.Micros(last.Rank), last.Ticket, int64(shelfStep))
	if k.hot {
		call = sql.Ask(each, moreOfHot, k.key.Queue, k.key.Language, sql.Micros(last.Half), sql.Micros(last.Rank), last.Ticket, sql.Micros(b.now), int64(shelfStep))
	}
	if err := b.read(ctx, call); err != nil {
		return fmt.Errorf("looking what waits: %w", err)
	}
	k.ended = n < shelfStep || len(k.rows) >= shelfMost
	return nil
}

// choose finds the best that somebody may get.
func (b *board) choose(ctx context.Context, h *hopeful) error {
	h.best = nil
	if h.most <= 0 {
		return nil
	}
	for _, k := range b.shelves {
		if err := b.fitting(ctx, k, h); err != nil {
			return err
		}
	}
	return nil
}

// fitting looks on a shelf for the first ticket that somebody may get, no further than where it would be better than what he has.
func (b *board) fitting(ctx context.Context, k *shelf, h *hopeful) error {
	for i := 0; ; i++ {
		if i == len(k.rows) {
			if k.ended {
				return nil
			}
			if err := b.more(ctx, k); err != nil {
				return err
			}
			if i == len(k.rows) {
				return nil
			}
		}
		w := k.rows[i]
		if b.taken[w.Ticket] {
			continue
		}
		if o, ok := h.offered(w); ok {
			if h.best == nil || assign.Before(o, *h.best) < 0 {
				h.best = &o
			}
			return nil
		}
		if !h.mayGet(k) {
			return nil
		}
	}
}

// mayGet reports whether something on a shelf may be his, though the first is not: it has waited too shortly, or he has given it back.
func (h *hopeful) mayGet(k *shelf) bool {
	w := k.key
	if k.hot {
		w.Category, w.Channel = "", ""
	}
	return h.view.May(viewer.Answer, w.Queue) && h.from(h.agent, w)
}
