package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Skills say what an agent takes. Languages are never given up for the sake of speed.
type Skills struct {
	Queues    []string // nil: all in which he answers
	Languages []string // BCP 47; nil: every one
}

// takes reports whether work of that queue and language is the viewer's.
func (k Skills) takes(v viewer.Viewer, p pair) bool {
	return v.May(viewer.Answer, p.queue) && (k.Queues == nil || slices.Contains(k.Queues, p.queue)) && speaks(k.Languages, p.language)
}

// Claim is a ticket that was taken, and why it was this one.
type Claim struct {
	Ticket int64
	Reason string // work.ReasonHalf or work.ReasonRank
}

// claimRounds bounds how often a claim looks anew because others were faster.
const claimRounds = 8

// Next takes the next waiting ticket that nobody has for the viewer: first those half of whose time is used, by the moment at which it was;
// then by rank. It is one transaction; others that take at the same time take other tickets. ErrFull: his
// hands are full. ErrNotFound: there is nothing for him.
func (s *Store) Next(ctx context.Context, v viewer.Viewer, k Skills, now time.Time) (c Claim, err error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return c, err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		c = Claim{}
		if err := s.fits(ctx, t, v); err != nil {
			return err
		}
		for range claimRounds {
			var seen bool
			if c, seen, err = claim(ctx, t, v, k, now); err != nil || c.Ticket != 0 || !seen {
				break
			}
		}
		if err != nil {
			return err
		}
		if c.Ticket == 0 {
			return sql.ErrNotFound
		}
		return s.plans.Carried(ctx, t, []domain.Command{commands.TakeTicket{Ticket: c.Ticket, User: v.User, Actor: v.Login, Reason: c.Reason}}, ids, now)
	})
	if err != nil {
		return Claim{}, fmt.Errorf("taking the next ticket: %w", err)
	}
	return c, nil
}

// fits locks who takes, before what he takes: so whoever takes for him at the same moment waits, and holds no ticket up meanwhile. Nobody waits
// for a ticket who has locked an agent: claims skip what is locked.
func (s *Store) fits(ctx context.Context, t sql.Tx, v viewer.Viewer) error {
	known, err := s.plans.Load(ctx, t, []domain.Command{commands.AgentMoved{User: v.User}})
	if err != nil {
		return err
	}
	if !known.Agents[v.User].Fits(1) {
		return fmt.Errorf("%w: %w", sql.ErrNotFound, ErrFull)
	}
	return nil
}

// pair is the work of one queue in one language, and the first of it.
type pair struct {
	queue, language string
	at              int64 // by what it is ordered: its half, if that is used, or its rank
	half            bool
}

// unowned is work that nobody has; the indexes desk_next and desk_half are over the same words.
const unowned = `d.state = 'waiting' AND d.owner = 0`

// firstOf finds for each queue and language that there is in an index the first item: one step down the index for each, however many wait.
func firstOf(column, more string) string {
	first := `SELECT d.ticket FROM desk d WHERE ` + unowned + more
	order := ` ORDER BY d.queue, d.language, d.` + column + `, d.ticket LIMIT 1`
	return `WITH RECURSIVE step (ticket) AS (SELECT (` + first + order + `)
UNION ALL SELECT coalesce((` + first + ` AND d.queue = c.queue AND d.language > c.language` + order + `), (` + first + ` AND d.queue > c.queue` + order + `)) FROM step s JOIN desk c ON c.ticket = s.ticket)
SELECT d.queue, d.language, d.` + column + ` FROM step s JOIN desk d ON d.ticket = s.ticket`
}

var (
	firstByRank = firstOf("rank_at", ``)
	firstByHalf = firstOf("half_at", ` AND d.half_at <> 0`)
)

// pairs are the queues and languages in which something waits that nobody has, in the order in which their first items are to be taken.
func pairs(now time.Time, out *[]pair) []sql.Call {
	read := func(half bool) func(sql.Row) error {
		return func(row sql.Row) error {
			p := pair{half: half}
			err := row.Scan(&p.queue, &p.language, &p.at)
			if !half || p.at <= sql.Micros(now) {
				*out = append(*out, p)
			}
			return err
		}
	}
	return []sql.Call{sql.Ask(read(true), firstByHalf), sql.Ask(read(false), firstByRank)}
}

const (
	lockByRank = `SELECT d.ticket FROM desk d WHERE d.queue = $1 AND d.language = $2 AND ` + unowned + ` ORDER BY d.rank_at, d.ticket LIMIT 1 FOR UPDATE SKIP LOCKED`
	lockByHalf = `SELECT d.ticket FROM desk d WHERE d.queue = $1 AND d.language = $2 AND ` + unowned + ` AND d.half_at <> 0 AND d.half_at <= $3
ORDER BY d.half_at, d.ticket LIMIT 1 FOR UPDATE SKIP LOCKED`
)

// claim locks the first item that nobody else has locked. seen: there was one; whoever has locked it may leave it after all.
func claim(ctx context.Context, t sql.Tx, v viewer.Viewer, k Skills, now time.Time) (c Claim, seen bool, err error) {
	var all []pair
	if err := t.Run(ctx, pairs(now, &all)...); err != nil {
		return c, false, err
	}
	all = slices.DeleteFunc(all, func(p pair) bool { return !k.takes(v, p) })
	slices.SortStableFunc(all, func(a, b pair) int {
		if a.half != b.half {
			return map[bool]int{true: -1, false: 1}[a.half]
		}
		return cmp.Compare(a.at, b.at)
	})
	for _, p := range all {
		call := sql.Ask(sql.Into(&c.Ticket), lockByRank, p.queue, p.language)
		c.Reason = work.ReasonRank
		if p.half {
			call = sql.Ask(sql.Into(&c.Ticket), lockByHalf, p.queue, p.language, sql.Micros(now))
			c.Reason = work.ReasonHalf
		}
		if err := t.Run(ctx, call); err != nil || c.Ticket != 0 {
			return c, true, err
		}
	}
	return Claim{}, len(all) > 0, nil
}
