package alerting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// Post is the payload of an outbox row of kind alert: all that somebody is told at a time. It holds nobody's words and no address: what is said of a ticket is
// read when it is sent.
type Post struct {
	Person int64      `json:"person"`
	Way    alerts.Way `json:"way"`
	Items  []Item     `json:"items,omitempty"`
	More   int64      `json:"more,omitempty"` // that found no room
	Test   bool       `json:"test,omitempty"`
}

// Item is a ticket with what has happened there.
type Item struct {
	Kind   alerts.Kind `json:"kind"`
	Ticket int64       `json:"ticket"`
	N      int64       `json:"n"`
	Last   time.Time   `json:"last"`
}

// mostItems is how many lines one summary has.
const mostItems = 50

// one names what waits to be told to somebody in a way.
type one struct {
	person int64
	way    alerts.Way
}

// Gather makes one outbox row of all that waits to be told to somebody in a way, for at most so many of those whose time has come, and tells how many it
// made. Any number of processes may call it.
func (s *Store) Gather(ctx context.Context, r Rules, now time.Time, most int) (made int, err error) {
	var due []one
	if err := s.base.Read(ctx, "looking who is to be told", sql.Ask(sql.Pair(func(person int64, way string) { due = append(due, one{person, alerts.Way(way)}) }),
		`SELECT person, way FROM alert_ways WHERE look_at > 0 AND look_at <= $1 ORDER BY look_at LIMIT $2`, sql.Micros(now), int64(most))); err != nil {
		return 0, err
	}
	for _, o := range due {
		did, err := s.gather(ctx, r, o, now)
		if err != nil {
			return made, fmt.Errorf("telling user %d: %w", o.person, err)
		}
		if did {
			made++
		}
	}
	return made, nil
}

// waits is all that decides about what somebody waits to be told.
type waits struct {
	there, off bool
	pace       alerts.Pace
	items      []Item
	first      time.Time
	more       int64
	online     bool
	chosen     Chosen
}

// here reports whether somebody is where he may be told in a way: at the desk, within working hours. Who answers nowhere has no presence there. A mail
// that is for absent ones goes to nobody who is at the desk, at whatever hour.
func (w waits) here(way alerts.Way, who viewer.Viewer, r Rules, now time.Time) bool {
	open := r.Open == nil || r.Open(now)
	switch {
	case way == alerts.Mail && w.chosen.Mail == alerts.Absent:
		return w.online
	case !who.Anywhere(viewer.Answer):
		return open
	}
	return w.online && open
}

// gather decides about one of them.
func (s *Store) gather(ctx context.Context, r Rules, o one, now time.Time) (did bool, err error) {
	who, known, err := s.who(ctx, o.person)
	if err == nil && known && o.way == alerts.Mail {
		var u users.User
		u, err = s.users.Get(ctx, o.person)
		known = u.Email != ""
	}
	if err != nil {
		return false, err
	}
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: 1})
	if err != nil {
		return false, err
	}
	defer ids.Done()
	err = s.base.Write(ctx, func(t sql.Tx) error {
		did = false
		w, err := s.look(ctx, t, o, now)
		if err != nil || !w.there { // another process was first
			return err
		}
		verdict, next := alerts.Drop, time.Time{}
		if known && slices.Contains(r.Ways(), o.way) && !w.off && len(w.items) > 0 && (o.way != alerts.Hook || w.chosen.Host != "") {
			verdict, next = alerts.Decide(o.way, w.chosen.Choice, w.here(o.way, who, r, now), w.pace, r.Bounds, w.first, now)
		}
		if verdict == alerts.Wait {
			return t.Run(ctx, sql.Do(`UPDATE alert_ways SET look_at = $3 WHERE person = $1 AND way = $2`, o.person, string(o.way), sql.Micros(next)))
		}
		if verdict == alerts.Send {
			told, err := s.standing(ctx, t, who, w.chosen, o.way, w.items)
			if err != nil {
				return err
			}
			if did = len(told) > 0; did {
				p := Post{Person: o.person, Way: o.way, More: w.more}
				for _, one := range told {
					p.Items = append(p.Items, one.Item)
				}
				if err := s.post(ctx, t, r, p, ids.Next(pipeline.SequenceEffect), now); err != nil {
					return err
				}
				w.pace = w.pace.After(now)
			}
		}
		return t.Run(ctx, sql.Do(`DELETE FROM alerts WHERE person = $1 AND way = $2`, o.person, string(o.way)),
			sql.Do(`UPDATE alert_ways SET look_at = 0, sent_at = $3, hour_at = $4, sent = $5 WHERE person = $1 AND way = $2`, o.person, string(o.way), sql.Micros(w.pace.Sent), sql.Micros(w.pace.Hour), int64(w.pace.N)))
	})
	return did && err == nil, err
}

// look locks and reads what waits.
func (s *Store) look(ctx context.Context, t sql.Tx, o one, now time.Time) (w waits, err error) {
	w.chosen.Choice = alerts.Default()
	lock := sql.Ask(func(row sql.Row) error {
		var sent, hour, n, off int64
		err := row.Scan(&sent, &hour, &n, &off)
		w.there, w.off, w.pace = true, off != 0, alerts.Pace{Sent: sql.Moment(sent), Hour: sql.Moment(hour), N: int(n)}
		return err
	}, `SELECT sent_at, hour_at, sent, off_at FROM alert_ways WHERE person = $1 AND way = $2 AND look_at > 0 AND look_at <= $3 FOR UPDATE SKIP LOCKED`, o.person, string(o.way), sql.Micros(now))
	if err := t.Run(ctx, lock); err != nil || !w.there {
		return w, err
	}
	all, old := map[int64]Chosen{}, sql.Micros(now.Add(-alerts.Kept))
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var i Item
		var at, last int64
		if err := row.Scan(&i.Ticket, &i.Kind, &at, &last, &i.N); err != nil {
			return err
		}
		if w.first.IsZero() {
			w.first = sql.Moment(max(at, old))
		}
		if i.Last = sql.Moment(last); len(w.items) < mostItems {
			w.items = append(w.items, i)
		} else {
			w.more++
		}
		return nil
	}, `SELECT ticket, kind, at, last_at, n FROM alerts WHERE person = $1 AND way = $2 AND last_at >= $3 ORDER BY at, ticket, kind LIMIT 1000`, o.person, string(o.way), old),
		sql.Ask(sql.Value(func(presence string) { w.online = presence == string(agents.Online) }), `SELECT presence FROM agents WHERE person = $1`, o.person),
		sql.Ask(reads(all), askChoice, []int64{o.person}))
	if c, there := all[o.person]; there {
		w.chosen = c
	}
	return w, err
}

// post writes an outbox row, and whose it is.
func (s *Store) post(ctx context.Context, t sql.Tx, r Rules, p Post, id int64, now time.Time) error {
	payload, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing what somebody is told: %w", err)
	}
	row := effects.Plan{ID: id, Kind: effects.KindAlert, Key: fmt.Sprintf("alert:%d:%s:%d", p.Person, p.Way, id), Channel: string(effects.KindAlert), Payload: payload, Due: now}
	if p.Way == alerts.Mail {
		row.Inbox, row.Channel = r.Inbox, r.Channel
	}
	if err := s.plans.Notify(ctx, t, []effects.Plan{row}, now); err != nil {
		return err
	}
	return t.Run(ctx, sql.Do(`INSERT INTO alert_posts (effect, person, way, n, test, at) VALUES ($1, $2, $3, $4, $5, $6)`, id, p.Person, string(p.Way), int64(len(p.Items))+p.More, p.Test, sql.Micros(now)),
		sql.Do(`INSERT INTO told (effect, at) VALUES ($1, $2)`, id, sql.Micros(now)))
}

// Told is an item with what may be said of its ticket.
type Told struct {
	Item
	Queue   string
	Subject string // as it is shown at the desk: masked
}

// standing are those of the items of which somebody is still to be told: he may read the ticket, has not looked at it since, still has what was his, and
// still wants to know.
func (s *Store) standing(ctx context.Context, t sql.Tx, who viewer.Viewer, c Chosen, way alerts.Way, items []Item) (out []Told, err error) {
	queues, every := who.Where(viewer.Read)
	type ground struct {
		queue, subject string
		owner, seen    int64
	}
	var ids []int64
	for _, i := range items {
		ids = append(ids, i.Ticket)
	}
	about := map[int64]ground{}
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var id int64
		var g ground
		err := row.Scan(&id, &g.queue, &g.subject, &g.owner, &g.seen)
		about[id] = g
		return err
	}, `SELECT t.id, t.queue, t.display, coalesce(d.owner, 0), coalesce(m.at, 0) FROM tickets t LEFT JOIN desk d ON d.ticket = t.id LEFT JOIN marks m ON m.author = $4 AND m.ticket = t.id
WHERE t.id = ANY($1) AND ($2 OR t.queue = ANY($3))`, sql.Sorted(ids), every, sql.OrNone(queues), who.User))
	for _, i := range items {
		g, readable := about[i.Ticket]
		his := g.owner == who.User
		switch i.Kind {
		case alerts.Named, alerts.Failed:
			his = true
		case alerts.Escalated:
			his = who.May(viewer.Direct, g.queue)
		}
		if readable && his && g.seen < sql.Micros(i.Last) && c.Wants(i.Kind, way) {
			out = append(out, Told{Item: i, Queue: g.queue, Subject: veil.Text(g.subject)}) // where somebody can be reached never leaves the desk
		}
	}
	return out, err
}
