// Package alerting is what the people of the desk are told beside their pages: what they have chosen, what waits, and what became of what was sent. What
// happens is read from the changes of tickets, behind the commits that wrote them. Whoever is told may read the ticket when it is sent: that is asked of the
// database then.
package alerting

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
	users *users.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store, u *users.Store) *Store {
	return &Store{base: b, lists: lists, plans: p, users: u}
}

// Rules are how people are told.
type Rules struct {
	Open    func(time.Time) bool // working hours; nil: always
	Bounds  alerts.Bounds
	Inbox   string // by which mails go; empty: none goes
	Channel string // its channel
	Hooks   bool   // webhooks of people's own are called
}

// Ways are those that leave the desk, as far as the house has them.
func (r Rules) Ways() (out []alerts.Way) {
	if r.Inbox != "" {
		out = append(out, alerts.Mail)
	}
	if r.Hooks {
		out = append(out, alerts.Hook)
	}
	return out
}

// Chosen is what somebody has chosen.
type Chosen struct {
	alerts.Choice
	Host  string // of his webhook; empty: he has none
	Email string // his own address; empty: none is known
	// States are how the ways that leave the desk are, where something was told in them.
	States map[alerts.Way]State
}

// State is how one way is.
type State struct {
	Failing time.Time // since when nothing has arrived; zero: it does
	Reason  string    // such as "404"
	Off     time.Time // since when it is switched off for that; zero: it is not
}

const askChoice = `SELECT person, choice, mail, style, host FROM alert_choices WHERE person = ANY($1)`

// reads reads what people have chosen.
func reads(out map[int64]Chosen) func(sql.Row) error {
	return func(row sql.Row) error {
		var person int64
		var table, mail, style string
		var c Chosen
		err := row.Scan(&person, &table, &mail, &style, &c.Host)
		c.Choice = alerts.Read(table, alerts.When(mail), alerts.Style(style))
		out[person] = c
		return err
	}
}

// Of is what somebody has chosen, or the default.
func (s *Store) Of(ctx context.Context, v viewer.Viewer) (Chosen, error) {
	all, states := map[int64]Chosen{}, map[alerts.Way]State{}
	err := s.base.Read(ctx, "reading what somebody wants to be told", sql.Ask(reads(all), askChoice, []int64{v.User}), sql.Ask(func(row sql.Row) error {
		var way, reason string
		var failing, off int64
		err := row.Scan(&way, &failing, &reason, &off)
		states[alerts.Way(way)] = State{Failing: sql.Moment(failing), Reason: reason, Off: sql.Moment(off)}
		return err
	}, `SELECT way, failing_at, reason, off_at FROM alert_ways WHERE person = $1 AND failing_at > 0`, v.User))
	c, there := all[v.User]
	if !there {
		c.Choice = alerts.Default()
	}
	c.States = states
	if err == nil {
		var u users.User
		u, err = s.users.Get(ctx, v.User)
		c.Email = u.Email
	}
	return c, err
}

// Choice is what somebody wants to be told, or the default.
func (s *Store) Choice(ctx context.Context, v viewer.Viewer) (alerts.Choice, error) {
	all := map[int64]Chosen{}
	err := s.lists.Read(ctx, "reading what somebody wants to be told", sql.Ask(reads(all), askChoice, []int64{v.User}))
	if c, there := all[v.User]; there {
		return c.Choice, err
	}
	return alerts.Default(), err
}

// Choose keeps what the viewer wants to be told. What waits to be told otherwise is looked at when its time comes.
func (s *Store) Choose(ctx context.Context, v viewer.Viewer, c alerts.Choice, now time.Time) error {
	if v.User == 0 {
		return fmt.Errorf("choosing what to be told: %w", sql.ErrNotFound)
	}
	return s.base.Do(ctx, "choosing what to be told", sql.Do(`INSERT INTO alert_choices (person, choice, mail, style, url, secret, host, changed_at) VALUES ($1, $2, $3, $4, $5, $6, '', $7)
ON CONFLICT (person) DO UPDATE SET choice = excluded.choice, mail = excluded.mail, changed_at = excluded.changed_at`, v.User, c.String(), string(c.Mail), string(c.Style), []byte{}, []byte{}, sql.Micros(now)))
}

// place is where an address or a secret of somebody's is sealed for.
func place(person int64, what string) keyring.Place {
	return keyring.Row("alert_choices", person, what)
}

// secretBytes is what a webhook's secret has of chance.
const secretBytes = 32

// SetHook keeps the viewer's webhook, with a fresh secret, which is returned and shown once; url empty: he has none any more. What was wrong with the one
// before counts no more.
func (s *Store) SetHook(ctx context.Context, v viewer.Viewer, url, host string, style alerts.Style, now time.Time) (secret string, err error) {
	if v.User == 0 {
		return "", fmt.Errorf("keeping a webhook: %w", sql.ErrNotFound)
	}
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return "", err
	}
	sealed, key := []byte{}, []byte{}
	if url != "" {
		random := make([]byte, secretBytes)
		if _, err := rand.Read(random); err != nil {
			return "", fmt.Errorf("making a secret: %w", err)
		}
		secret = "whsec_" + base64.StdEncoding.EncodeToString(random)
		sealed, key = s.base.Ring.Seal([]byte(url), place(v.User, "url")), s.base.Ring.Seal([]byte(secret), place(v.User, "secret"))
	} else {
		host = ""
	}
	err = s.base.Do(ctx, "keeping a webhook", sql.Do(`INSERT INTO alert_choices (person, choice, mail, style, url, secret, host, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person) DO UPDATE SET style = excluded.style, url = excluded.url, secret = excluded.secret, host = excluded.host, changed_at = excluded.changed_at`,
		v.User, alerts.Default().String(), string(alerts.Default().Mail), string(style), sealed, key, sql.Clip(host), sql.Micros(now)), switchOn(v.User))
	return secret, err
}

// SwitchOn has the viewer's webhook called again.
func (s *Store) SwitchOn(ctx context.Context, v viewer.Viewer) error {
	return s.base.Do(ctx, "switching a webhook on", switchOn(v.User))
}

func switchOn(person int64) sql.Call {
	return sql.Do(`UPDATE alert_ways SET failing_at = 0, failures = 0, reason = '', off_at = 0 WHERE person = $1 AND way = '`+string(alerts.Hook)+`'`, person)
}

// hook opens somebody's webhook. sql.ErrNotFound: he has none.
func (s *Store) hook(ctx context.Context, person int64) (url, secret string, err error) {
	var sealed, key []byte
	err = s.base.Read(ctx, "reading a webhook", sql.Ask(sql.Into(&sealed, &key), `SELECT url, secret FROM alert_choices WHERE person = $1 AND host <> ''`, person))
	if err == nil && len(sealed) == 0 {
		err = fmt.Errorf("reading a webhook: %w", sql.ErrNotFound)
	}
	if err != nil {
		return "", "", err
	}
	address, err := s.base.Ring.Open(ctx, sealed, place(person, "url"))
	if err != nil {
		return "", "", fmt.Errorf("opening a webhook: %w", err)
	}
	own, err := s.base.Ring.Open(ctx, key, place(person, "secret"))
	if err != nil {
		return "", "", fmt.Errorf("opening a webhook: %w", err)
	}
	return string(address), string(own), nil
}

// Failing is a way of somebody's in which nothing arrives.
type Failing struct {
	Login string
	Way   alerts.Way
	State
}

// mostFailing bounds what an administrator is shown.
const mostFailing = 200

// Failing are the ways in which nothing arrives, the longest first, for who looks after users; at most 200.
func (s *Store) Failing(ctx context.Context, v viewer.Viewer) (out []Failing, err error) {
	if !v.May(viewer.Administer, viewer.Every) {
		return nil, nil
	}
	err = s.lists.Read(ctx, "listing what does not arrive", sql.Ask(func(row sql.Row) error {
		var f Failing
		var failing, off int64
		err := row.Scan(&f.Login, &f.Way, &failing, &f.Reason, &off)
		f.State.Failing, f.Off = sql.Moment(failing), sql.Moment(off)
		out = append(out, f)
		return err
	}, `SELECT who.login, w.way, w.failing_at, w.reason, w.off_at FROM alert_ways w JOIN users who ON who.id = w.person WHERE w.failing_at > 0 ORDER BY w.failing_at LIMIT $1`, mostFailing))
	return out, err
}

// ErrNone says that a way is not set up.
var ErrNone = errors.New("there is no such way")

// ErrMany says that somebody asks for too many tests.
var ErrMany = errors.New("there were too many tests lately")
