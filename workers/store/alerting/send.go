package alerting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// who is somebody as he may look now; known is false where he is disabled or gone.
func (s *Store) who(ctx context.Context, person int64) (v viewer.Viewer, known bool, err error) {
	v, err = s.users.Viewer(ctx, person)
	if errors.Is(err, sql.ErrNotFound) {
		return v, false, nil
	}
	return v, err == nil, err
}

// Letter is what is sent of a Post, by what holds now.
type Letter struct {
	Address  string // of mail
	Name     string
	Language string // BCP 47; "": none is known
	URL      string // of a webhook
	Secret   string
	Style    alerts.Style
	Items    []Told
}

// Sendable is what is to be sent of a post. sql.ErrNotFound: nothing is to be told any more, or the way is there no more.
func (s *Store) Sendable(ctx context.Context, p Post) (l Letter, err error) {
	who, known, err := s.who(ctx, p.Person)
	if err != nil {
		return l, err
	}
	if !known {
		return l, fmt.Errorf("looking whom to tell: %w", sql.ErrNotFound)
	}
	c, err := s.Of(ctx, who)
	if err != nil {
		return l, err
	}
	l.Name, l.Language, l.Style = who.Name, who.Language, c.Style
	if !p.Test {
		err = s.base.DB.Read(ctx, func(t sql.Tx) error {
			l.Items, err = s.standing(ctx, t, who, c, p.Way, p.Items)
			return err
		})
		if err != nil {
			return l, fmt.Errorf("looking what somebody is told: %w", err)
		}
	}
	off := !c.States[p.Way].Off.IsZero()
	if !p.Test && (len(l.Items) == 0 || off) {
		return l, fmt.Errorf("looking what somebody is told: %w", sql.ErrNotFound)
	}
	if p.Way == alerts.Hook {
		l.URL, l.Secret, err = s.hook(ctx, p.Person)
		return l, err
	}
	if l.Address = c.Email; l.Address == "" {
		err = fmt.Errorf("looking for the address of user %d: %w", p.Person, sql.ErrNotFound)
	}
	return l, err
}

// Bounds of a way in which nothing arrives: after how long, and how many failures, it is switched off.
const (
	offAfter   = 24 * time.Hour
	leastFails = 5
)

// Arrived notes that something has arrived in a way.
func (s *Store) Arrived(ctx context.Context, person int64, way alerts.Way) error {
	return s.base.Do(ctx, "noting that somebody was told", sql.Do(`UPDATE alert_ways SET failing_at = 0, failures = 0, reason = '', off_at = 0 WHERE person = $1 AND way = $2 AND failing_at > 0`, person, string(way)))
}

// Fell notes that something has not arrived, and why. off: the webhook was switched off for it: nothing has arrived for a day, or its receiver says that it
// is gone for ever.
func (s *Store) Fell(ctx context.Context, person int64, way alerts.Way, reason string, gone bool, now time.Time) (off bool, err error) {
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var since, n, was int64
		if err := t.Run(ctx, sql.Do(`INSERT INTO alert_ways (person, way, look_at, sent_at, hour_at, sent, failing_at, failures, reason, off_at) VALUES ($1, $2, 0, 0, 0, 0, 0, 0, '', 0) ON CONFLICT (person, way) DO NOTHING`, person, string(way)),
			sql.Ask(sql.Into(&since, &n, &was), `SELECT failing_at, failures, off_at FROM alert_ways WHERE person = $1 AND way = $2 FOR UPDATE`, person, string(way))); err != nil {
			return err
		}
		if since == 0 {
			since = sql.Micros(now)
		}
		n++
		long := now.Sub(sql.Moment(since)) >= offAfter && n >= leastFails
		if off = was == 0 && way == alerts.Hook && (gone || long); off {
			was = sql.Micros(now)
		}
		return t.Run(ctx, sql.Do(`UPDATE alert_ways SET failing_at = $3, failures = $4, reason = $5, off_at = $6 WHERE person = $1 AND way = $2`, person, string(way), since, n, sql.Clip(reason), was))
	})
	if err != nil {
		return false, fmt.Errorf("noting that somebody was not told: %w", err)
	}
	return off, nil
}

// Sent is something that was sent to somebody, and what became of it.
type Sent struct {
	Way   alerts.Way
	N     int64 // how many events
	Test  bool
	At    time.Time
	State string // of its outbox row
	Error string // the last one; "": none
}

// Sent are the last things that were sent to the viewer, the newest first.
func (s *Store) Sent(ctx context.Context, v viewer.Viewer, most int) (out []Sent, err error) {
	err = s.lists.Read(ctx, "listing what somebody was told", sql.Ask(func(row sql.Row) error {
		var one Sent
		var at int64
		err := row.Scan(&one.Way, &one.N, &one.Test, &at, &one.State, &one.Error)
		one.At = sql.Moment(at)
		out = append(out, one)
		return err
	}, `SELECT p.way, p.n, p.test, p.at, o.state, coalesce(nullif(o.cause, ''), o.last_error) FROM alert_posts p JOIN outbox o ON o.id = p.effect WHERE p.person = $1 ORDER BY p.at DESC, p.effect DESC LIMIT $2`, v.User, int64(most)))
	return out, err
}

// mostTests is how many tests somebody may ask for in an hour.
const mostTests = 10

// Test sends the viewer a word by which he sees that a way works. ErrNone: it is not set up. ErrMany: he has tried often enough.
func (s *Store) Test(ctx context.Context, v viewer.Viewer, r Rules, way alerts.Way, now time.Time) error {
	p := Post{Person: v.User, Way: way, Test: true}
	if v.User == 0 || !slices.Contains(r.Ways(), way) {
		return ErrNone
	}
	if _, err := s.Sendable(ctx, p); errors.Is(err, sql.ErrNotFound) {
		return ErrNone
	} else if err != nil {
		return err
	}
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: 1})
	if err != nil {
		return err
	}
	defer ids.Done()
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var n int64
		if err := t.Run(ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM alert_posts WHERE person = $1 AND at > $2 AND test`, v.User, sql.Micros(now.Add(-time.Hour)))); err != nil {
			return err
		}
		if n >= mostTests {
			return ErrMany
		}
		return s.post(ctx, t, r, p, ids.Next(pipeline.SequenceEffect), now)
	})
	if err != nil {
		return fmt.Errorf("sending a test: %w", err)
	}
	return nil
}

// Forget drops whose those rows were that were sent before a moment, at most so many. The rows themselves are forgotten with other notices.
func (s *Store) Forget(ctx context.Context, before time.Time, most int) error {
	return s.base.Do(ctx, "forgetting what people were told", sql.Do(`DELETE FROM alert_posts WHERE effect {in SELECT p.effect FROM alert_posts p WHERE p.at < $1 ORDER BY p.at LIMIT $2}`, sql.Micros(before), int64(most)))
}
