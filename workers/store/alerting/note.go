package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// event is something of which somebody may be told.
type event struct {
	person, ticket int64
	kind           alerts.Kind
	at             time.Time
}

// errNoted says that another process has noted it.
var errNoted = errors.New("another process has noted it")

// Note notes whom what has happened to tickets since the last call is to be told, from at most so many changes. It is written in the transaction in which
// the place moves on, so that a process which dies tells nothing twice and leaves nothing out, and any number of processes may call it. again: there is
// more. The first call only notes where to begin;
// changes.ErrRestored: so did this one.
func (s *Store) Note(ctx context.Context, r Rules, now time.Time, most int) (again bool, err error) {
	seen := changes.New(s.base)
	from, begun, err := s.until(ctx)
	if err != nil {
		return false, err
	}
	if !begun {
		if from, err = seen.Now(ctx); err != nil {
			return false, err
		}
		return false, s.base.Do(ctx, "noting from where on people are told", sql.Do(`INSERT INTO alert_walk (one, turn, n) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING`, from.Turn, from.N))
	}
	lately, err := seen.After(ctx, from, most)
	if err != nil {
		return false, err
	}
	if len(lately) == 0 {
		return false, seen.Here(ctx, changes.AlertWalk, from)
	}
	happened, err := s.happened(ctx, lately)
	if err != nil {
		return false, err
	}
	waits, err := s.wanted(ctx, r, happened)
	if err != nil {
		return false, err
	}
	until := lately[len(lately)-1].Mark
	err = s.base.Write(ctx, func(t sql.Tx) error {
		moved := false
		if err := t.Run(ctx, sql.Ask(sql.Value(func(int64) { moved = true }), `UPDATE alert_walk SET turn = $3, n = $4 WHERE one = 1 AND turn = $1 AND n = $2 RETURNING one`, from.Turn, from.N, until.Turn, until.N)); err != nil {
			return err
		}
		if !moved {
			return errNoted
		}
		return t.Run(ctx, waiting(waits, r, now)...)
	})
	if err != nil && !errors.Is(err, errNoted) {
		return false, fmt.Errorf("noting whom it is to be told: %w", err)
	}
	return len(lately) == most, nil
}

// Stop forgets up to where it was noted: nobody is told any more. What happens until somebody is again is told to nobody.
func (s *Store) Stop(ctx context.Context) error {
	return s.base.Do(ctx, "ending to tell people", sql.Do(`DELETE FROM alert_walk`))
}

func (s *Store) until(ctx context.Context) (m changes.Mark, begun bool, err error) {
	err = s.base.Read(ctx, "looking up to where people were told", sql.Ask(func(row sql.Row) error {
		begun = true
		return row.Scan(&m.Turn, &m.N)
	}, `SELECT turn, n FROM alert_walk WHERE one = 1`))
	return m, begun, err
}

// moment names what was noted of a ticket at one time.
type moment struct {
	ticket, at int64
	kind       string
}

// happened are the events that lie in changes. Most changes are of nobody's ticket: for them nothing is read.
func (s *Store) happened(ctx context.Context, lately []changes.Change) (out []event, err error) {
	var acted, failed []int64 // tickets whose entries are looked at, and answers that did not go out
	var older []int64         // tickets of which an older program has said that one did not
	first := lately[0].At
	roots, err := s.roots(ctx, lately)
	if err != nil {
		return nil, err
	}
	for _, c := range lately {
		if root, merged := roots[c.Ticket]; merged {
			c.Ticket, c.Owner = root.ticket, root.person
		}
		switch {
		case c.Ticket == 0:
		case c.Kind == string(alerts.Failed) && c.Effect == 0:
			older = append(older, c.Ticket)
		case c.Kind == string(alerts.Failed):
			failed = append(failed, c.Effect)
		case c.Owner == 0:
		case c.Kind == entries.Continued:
			out = append(out, event{c.Owner, c.Ticket, alerts.Answered, c.At})
		case c.Kind == string(alerts.Risk):
			out = append(out, event{c.Owner, c.Ticket, alerts.Risk, c.At})
		case c.Kind != tables.ChangeSent && c.Actor != "":
			acted = append(acted, c.Ticket)
		}
		if c.At.Before(first) {
			first = c.At
		}
	}
	given, err := s.given(ctx, sql.Sorted(acted), first)
	if err != nil {
		return nil, err
	}
	writer, err := s.writer(ctx, sql.Sorted(failed))
	if err != nil {
		return nil, err
	}
	writers, err := s.writers(ctx, sql.Sorted(older), first)
	if err != nil {
		return nil, err
	}
	for _, c := range lately {
		if who := given[moment{c.Ticket, sql.Micros(c.At), c.Kind}]; who != 0 {
			out = append(out, event{who, c.Ticket, alerts.Given, c.At})
		}
		if who := writer[c.Effect]; who != 0 {
			out = append(out, event{who, c.Ticket, alerts.Failed, c.At})
		}
		if c.Kind == string(alerts.Failed) && c.Effect == 0 {
			for _, who := range writers[c.Ticket] {
				out = append(out, event{who, c.Ticket, alerts.Failed, c.At})
			}
		}
	}
	return out, nil
}

// roots are the tickets in which those are worked on that nobody has and that are merged, with who has them.
func (s *Store) roots(ctx context.Context, lately []changes.Change) (map[int64]event, error) {
	out := map[int64]event{}
	var of []int64
	for _, c := range lately {
		if c.Ticket != 0 && c.Owner == 0 && (c.Kind == entries.Continued || c.Kind == string(alerts.Risk)) {
			of = append(of, c.Ticket)
		}
	}
	if len(of) == 0 {
		return out, nil
	}
	return out, s.base.Read(ctx, "reading where merged tickets are worked on", sql.Ask(func(row sql.Row) error {
		var id int64
		var root event
		err := row.Scan(&id, &root.ticket, &root.person)
		out[id] = root
		return err
	}, `SELECT t.id, t.merged_into, d.owner FROM tickets t JOIN desk d ON d.ticket = t.merged_into WHERE t.id = ANY($1) AND t.merged_into <> 0 AND d.owner <> 0`, sql.Sorted(of)))
}

// given are those to whom others have given a ticket. Who takes one himself knows it.
func (s *Store) given(ctx context.Context, of []int64, since time.Time) (map[moment]int64, error) {
	out := map[moment]int64{}
	if len(of) == 0 {
		return out, nil
	}
	logins, by := map[string]int64{}, map[moment]string{}
	err := s.base.Read(ctx, "reading who was given a ticket", sql.Ask(func(row sql.Row) error {
		var at moment
		var actor, before, after string
		if err := row.Scan(&at.ticket, &at.at, &at.kind, &actor, &before, &after); err != nil {
			return err
		}
		was, _ := entries.Read(before) // one of a newer program says nothing of owners that this one knows
		is, _ := entries.Read(after)
		if is.Desk != nil && is.Desk.Owner != 0 && (was.Desk == nil || was.Desk.Owner != is.Desk.Owner) {
			out[at], by[at] = is.Desk.Owner, actor
		}
		return nil
	}, `SELECT ticket, at, kind, actor, before, after FROM entries WHERE ticket = ANY($1) AND at >= $2`, of, sql.Micros(since)),
		sql.Ask(sql.Pair(func(id int64, login string) { logins[login] = id }), `SELECT id, login FROM users`))
	maps.DeleteFunc(out, func(at moment, who int64) bool { return logins[by[at]] == who })
	return out, err
}

// writer is who wrote each of these answers, as far as they have not gone out after all.
func (s *Store) writer(ctx context.Context, of []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	if len(of) == 0 {
		return out, nil
	}
	return out, s.base.Read(ctx, "reading whose answers did not go out", sql.Ask(sql.Pair(func(effect, author int64) { out[effect] = author }),
		`SELECT r.effect, r.author FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.effect <> 0 AND r.effect = ANY($1) AND o.state = '`+string(effects.Failed)+`'`, of))
}

// writers is the same of what an older program has noted, which says only of which ticket it was: those of whom an answer on a ticket did not go out. One whose last attempt failed before since was told then; one that was handed over has
// failed later, by a word of its provider's.
func (s *Store) writers(ctx context.Context, of []int64, since time.Time) (map[int64][]int64, error) {
	out := map[int64][]int64{}
	if len(of) == 0 {
		return out, nil
	}
	err := s.base.Read(ctx, "reading whose answers did not go out", sql.Ask(sql.Pair(func(ticket, author int64) {
		if !slices.Contains(out[ticket], author) {
			out[ticket] = append(out[ticket], author)
		}
	}), `SELECT r.ticket, r.author FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.ticket = ANY($1) AND o.state = '`+string(effects.Failed)+`'
AND NOT EXISTS (SELECT 1 FROM outbox_attempts a WHERE a.effect = o.id AND a.n = o.attempts AND a.outcome = 'failed' AND a.at < $2) ORDER BY r.id`, of, sql.Micros(since)))
	return out, err
}

// wait is a row of alerts that is to be written.
type wait struct {
	event
	way alerts.Way
	n   int64
}

// wanted are the rows of those who want to be told, one for all events of a kind at a ticket, in the order in which everybody writes them.
func (s *Store) wanted(ctx context.Context, r Rules, happened []event) ([]wait, error) {
	if len(happened) == 0 {
		return nil, nil
	}
	var who []int64
	for _, e := range happened {
		who = append(who, e.person)
	}
	chosen := map[int64]Chosen{}
	if err := s.base.Read(ctx, "reading what people want to be told", sql.Ask(reads(chosen), askChoice, sql.Sorted(who))); err != nil {
		return nil, err
	}
	var out []wait
	for _, e := range happened {
		c, there := chosen[e.person]
		if !there {
			c.Choice = alerts.Default()
		}
		for _, way := range r.Ways() {
			if c.Wants(e.kind, way) && (way != alerts.Hook || c.Host != "") {
				out = append(out, wait{e, way, 1})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b wait) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.way, b.way), cmp.Compare(a.ticket, b.ticket), cmp.Compare(a.kind, b.kind))
	})
	return out, nil
}

// waiting writes the rows, and that they are looked at once they are gathered.
func waiting(rows []wait, r Rules, now time.Time) (calls []sql.Call) {
	for i, w := range rows {
		calls = append(calls, sql.Do(`INSERT INTO alerts (person, way, ticket, kind, at, last_at, n) VALUES ($1, $2, $3, $4, $5, $5, $6)
ON CONFLICT (person, way, ticket, kind) DO UPDATE SET last_at = excluded.last_at, n = alerts.n + excluded.n`, w.person, string(w.way), w.ticket, string(w.kind), sql.Micros(w.at), w.n))
		if i+1 == len(rows) || rows[i+1].person != w.person || rows[i+1].way != w.way {
			calls = append(calls, sql.Do(`INSERT INTO alert_ways (person, way, look_at, sent_at, hour_at, sent, failing_at, failures, reason, off_at) VALUES ($1, $2, $3, 0, 0, 0, 0, 0, '', 0)
ON CONFLICT (person, way) DO UPDATE SET look_at = CASE WHEN alert_ways.look_at = 0 THEN excluded.look_at ELSE alert_ways.look_at END`, w.person, string(w.way), sql.Micros(now.Add(r.Bounds.Gather))))
		}
	}
	return calls
}

// fresh is how old a name in a note may be of which people are told: what an older program wrote lies on their pages.
const fresh = time.Hour

// Names notes whom notes name, and who directs where something was escalated, of at most so many. Each is noted once.
func (s *Store) Names(ctx context.Context, r Rules, now time.Time, most int) error {
	var happened []event
	type key struct{ person, reply int64 }
	var found []key
	err := s.base.Read(ctx, "looking who was named", sql.Ask(func(row sql.Row) error {
		var k key
		var e event
		var at, seen int64
		err := row.Scan(&k.person, &k.reply, &e.ticket, &at, &seen)
		if found = append(found, k); seen == 0 && at > sql.Micros(now.Add(-fresh)) {
			e.person, e.kind, e.at = k.person, alerts.Named, sql.Moment(at)
			if k.reply < 0 {
				e.kind = alerts.Escalated
			}
			happened = append(happened, e)
		}
		return err
	}, `SELECT person, reply, ticket, at, seen_at FROM mentions WHERE told = 0 ORDER BY at LIMIT $1`, int64(most)))
	if err != nil || len(found) == 0 {
		return err
	}
	waits, err := s.wanted(ctx, r, happened)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b key) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.reply, b.reply)) })
	err = s.base.Write(ctx, func(t sql.Tx) error {
		for _, k := range found {
			first := false
			if err := t.Run(ctx, sql.Ask(sql.Value(func(int64) { first = true }), `UPDATE mentions SET told = 1 WHERE person = $1 AND reply = $2 AND told = 0 RETURNING reply`, k.person, k.reply)); err != nil {
				return err
			}
			if !first {
				return errNoted
			}
		}
		return t.Run(ctx, waiting(waits, r, now)...)
	})
	if err != nil && !errors.Is(err, errNoted) {
		return fmt.Errorf("noting who was named: %w", err)
	}
	return nil
}
