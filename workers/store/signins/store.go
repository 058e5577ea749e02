// Package signins keeps how the people of the desk are signed in: passwords, sessions, links by which a password is set, and wrong tries.
// Who they are is kept by package users.
package signins

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base *base.Store
}

// New makes the room.
func New(b *base.Store) *Store { return &Store{base: b} }

const (
	// Idle is how long a sign-in lasts without being used: over a working day with its breaks, and not over the night.
	Idle = 12 * time.Hour
	// Life is how long it lasts at most, however much it is used.
	Life = 7 * 24 * time.Hour
	// mostSessions bounds the sign-ins of a person at a time; one more ends the one that was used longest ago.
	mostSessions = 20
)

// What the secrets of this room are for.
const (
	ofSession base.SecretOf = "desk session"
	ofLink    base.SecretOf = "desk link"
)

// ErrStale says that what a sign-in rests upon has changed since it was looked at: the password, or whether the person is let in.
var ErrStale = errors.New("the password or the state of the user has changed meanwhile")

// Session is one sign-in at the desk. The secret in the browser's cookie is not kept, only a keyed digest of it.
type Session struct {
	ID        string // by which it is ended; opens nothing
	Person    int64
	CreatedAt base.Stamp
	SeenAt    base.Stamp // of the last use, to the minute
	EndsAt    base.Stamp // if it is not used again
	Browser   string     // such as "Firefox, Linux"
	Address   string     // network address of the sign-in
}

// Entry is what a new sign-in is made of.
type Entry struct {
	Person   int64
	Password string // the PHC string against which a password was held; the sign-in fails if it has changed since
	Browser  string
	Address  string
	Shown    bool // he has shown what is asked for besides a password, or a passkey alone
}

// Known is what is kept of a login for who says it.
type Known struct {
	Person   int64
	Password string // PHC; "" if none was set
	Active   bool
	Demo     bool
	Second   bool // he shows something besides a password (package factors)
}

// Known looks a login up. The zero Known: there is no such user.
func (s *Store) Known(ctx context.Context, login string) (Known, error) {
	var k Known
	err := s.base.Read(ctx, "looking for a login", sql.Ask(func(row sql.Row) error {
		return row.Scan(&k.Person, &k.Password, &k.Active, &k.Demo, &k.Second)
	}, `SELECT who.id, who.password, who.state = 'active', who.demo, `+second+` FROM users who WHERE who.login = $1`, sql.Clip(login)))
	return k, err
}

// second is whether a user (who) has shown that he has something besides a password.
const second = `EXISTS (SELECT 1 FROM factors f WHERE f.person = who.id AND (f.kind = 'totp' AND f.name = '' OR f.kind = 'passkey'))`

// SignIn opens a session and returns the secret of its cookie, which is not kept. ErrStale: the password, the state, or what is asked for besides a password has
// changed since they were looked at.
func (s *Store) SignIn(ctx context.Context, e Entry, now time.Time) (Session, string, error) {
	secret, digest := s.base.Mint(ofSession)
	out := fresh(e, now)
	err := s.base.Write(ctx, func(t sql.Tx) error {
		same := false
		err := t.Run(ctx, sql.Ask(sql.Value(func(is bool) { same = is }), `SELECT password = $2 AND state = 'active' FROM users WHERE id = $1 FOR UPDATE`, e.Person, e.Password))
		more := false // asked once the row is locked: somebody who has added a first passkey meanwhile has put out whoever knows his password alone
		if err == nil {
			err = t.Run(ctx, sql.Ask(sql.Value(func(is bool) { more = is }), `SELECT `+second+` FROM users who WHERE who.id = $1`, e.Person))
		}
		if err == nil && (!same || more && !e.Shown) {
			err = ErrStale
		}
		if err != nil {
			return err
		}
		return t.Run(ctx, opening(out, digest, now)...)
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("opening a session: %w", err)
	}
	return out, secret, nil
}

// fresh is a session that begins now.
func fresh(e Entry, now time.Time) Session {
	var id [8]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	at := base.StampOf(sql.Micros(now))
	return Session{ID: hex.EncodeToString(id[:]), Person: e.Person, CreatedAt: at, SeenAt: at, EndsAt: base.StampOf(sql.Micros(now.Add(Idle))),
		Browser: sql.Clean(e.Browser), Address: sql.Clean(e.Address)}
}

// opening keeps a session, and drops what is over.
func opening(n Session, digest string, now time.Time) []sql.Call {
	return []sql.Call{
		sql.Do(`DELETE FROM desk_sessions WHERE person = $1 AND seen_at <= $2`, n.Person, sql.Micros(now.Add(-Idle))),
		sql.Do(`DELETE FROM desk_sessions WHERE ends_at <= $1`, sql.Micros(now)),
		sql.Do(`DELETE FROM desk_sessions WHERE digest {in SELECT digest FROM desk_sessions WHERE person = $1 ORDER BY seen_at DESC LIMIT 1000 OFFSET $2}`, n.Person, mostSessions-1),
		sql.Do(`INSERT INTO desk_sessions (digest, id, person, created_at, seen_at, ends_at, browser, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			digest, n.ID, n.Person, sql.Micros(now), sql.Micros(now), sql.Micros(now.Add(Life)), n.Browser, n.Address),
	}
}

// In is somebody who is signed in.
type In struct {
	Session
	Viewer viewer.Viewer // with the roles as they are now
	Zone   string        // IANA; "" for the desk's
	Demo   bool
	Second bool // he shows something besides a password when he signs in
}

// columns and ended belong together.
const columns = `s.id, s.person, s.created_at, s.seen_at, s.ends_at, s.browser, s.address`

// into are the fields into which columns are read, and filled makes the session of them.
type read struct {
	Session
	created, seen, ends int64
}

func (r *read) into() []any {
	return []any{&r.ID, &r.Person, &r.created, &r.seen, &r.ends, &r.Browser, &r.Address}
}

func (r *read) filled() Session {
	last := sql.Moment(r.seen).Add(Idle)
	if end := sql.Moment(r.ends); end.Before(last) {
		last = end
	}
	r.CreatedAt, r.SeenAt, r.EndsAt = base.StampOf(r.created), base.StampOf(r.seen), base.Stamp{Time: last}
	return r.Session
}

// Session is who is signed in by a cookie's secret. It is one query by a digest at each request, so a session that was ended is ended
// everywhere at once, and so is a right that was taken. ErrNotFound: there is none, it has ended, or the user is disabled.
func (s *Store) Session(ctx context.Context, secret string, now time.Time) (In, error) {
	digest, ok := s.base.Minted(ofSession, secret)
	if !ok {
		return In{}, fmt.Errorf("looking for a session: %w", sql.ErrNotFound)
	}
	var in In
	err := s.base.Read(ctx, "looking for a session", sql.Ask(func(row sql.Row) error {
		var r read
		var g viewer.Grant
		var role string
		err := row.Scan(append(r.into(), &in.Viewer.Login, &in.Viewer.Name, &in.Viewer.Language, &in.Zone, &in.Demo, &in.Second, &role, &g.Queue)...)
		in.Session = r.filled()
		if g.Role = viewer.Role(role); role != "" {
			in.Viewer.Grants = append(in.Viewer.Grants, g)
		}
		return err
	}, `SELECT `+columns+`, who.login, who.name, who.language, who.zone, who.demo, `+second+`, COALESCE(g.role, ''), COALESCE(g.queue, '')
FROM desk_sessions s JOIN users who ON who.id = s.person LEFT JOIN grants g ON g.person = s.person
WHERE s.digest = $1 AND s.ends_at > $2 AND s.seen_at > $3 AND who.state = 'active' ORDER BY g.role, g.queue`, digest, sql.Micros(now), sql.Micros(now.Add(-Idle))))
	if err == nil && in.ID == "" {
		err = fmt.Errorf("looking for a session: %w", sql.ErrNotFound)
	}
	if err != nil {
		return In{}, err
	}
	in.Viewer.User = in.Person
	return in, nil
}

// Of lists the live sessions of a person, the one used last first.
func (s *Store) Of(ctx context.Context, person int64, now time.Time) ([]Session, error) {
	out := []Session{}
	err := s.base.Read(ctx, "listing sessions", sql.Ask(func(row sql.Row) error {
		var r read
		err := row.Scan(r.into()...)
		out = append(out, r.filled())
		return err
	}, `SELECT `+columns+` FROM desk_sessions s WHERE s.person = $1 AND s.seen_at > $2 AND s.ends_at > $3 ORDER BY s.seen_at DESC, s.id`,
		person, sql.Micros(now.Add(-Idle)), sql.Micros(now)))
	return out, err
}

// Seen notes that a session is used, which puts its end off.
func (s *Store) Seen(ctx context.Context, id string, now time.Time) error {
	return s.base.Do(ctx, "noting the use of a session", sql.Do(`UPDATE desk_sessions SET seen_at = $2 WHERE id = $1`, sql.Clean(id), sql.Micros(now)))
}

// End ends a session of a person at once, for every process. ErrNotFound: he has no such one.
func (s *Store) End(ctx context.Context, person int64, id string) error {
	n, err := s.ended(ctx, `DELETE FROM desk_sessions WHERE person = $1 AND id = $2`, person, sql.Clean(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("ending a session: %w", sql.ErrNotFound)
	}
	return err
}

// EndOthers ends all sessions of a person but one, and returns how many.
func (s *Store) EndOthers(ctx context.Context, person int64, but string) (int, error) {
	return s.ended(ctx, `DELETE FROM desk_sessions WHERE person = $1 AND id <> $2`, person, sql.Clean(but))
}

func (s *Store) ended(ctx context.Context, text string, args ...any) (int, error) {
	var n int64
	err := s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Call{Text: text, Args: args, Done: &n}) })
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	return int(n), nil
}
