package operators

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

const (
	// SessionIdle is how long a sign-in at the operator's page lasts without being used.
	SessionIdle = 12 * time.Hour
	// SessionLife is how long it lasts at most, however much it is used.
	SessionLife = 7 * 24 * time.Hour
	// mostSessions bounds the sign-ins at a time; one more ends the one that was used longest ago.
	mostSessions = 200
	// mostLinks bounds the links that wait to be used; one more ends the one that would end first.
	mostLinks = 50
)

// madeGround is what rests upon the token that a start made for itself.
const madeGround = "made"

// Session is one sign-in at the operator's page. The secret in the browser's cookie is not kept, only a
// keyed digest of it: who reads the database cannot use it, and who writes it needs the master key.
type Session struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`    // who, as the person said it; may be empty
	Device   string     `json:"device"`  // such as "Firefox, Linux"
	Address  string     `json:"address"` // network address of the sign-in
	OpenedAt base.Stamp `json:"opened_at"`
	SeenAt   base.Stamp `json:"seen_at"` // of the last use, to the minute
	EndsAt   base.Stamp `json:"ends_at"` // if it is not used again
}

// Entry is what a new sign-in is made of.
type Entry struct {
	Ground  string // see Ground
	Name    string
	Device  string
	Address string
	Link    string // the secret of a link that is used up, and whose name counts where Name is empty; empty: none
}

// Ground is the mark of the operator's token upon which sign-ins rest: they end when it changes. An empty
// token stands for the one that a start makes by itself and keeps in the data directory.
func (s *Store) Ground(token string) string {
	if token == "" {
		return madeGround
	}
	return s.base.Ring.Digest([]byte("operator token"), []byte(token))
}

// What the secrets of this room are for.
const (
	ofSession base.SecretOf = "operator session"
	ofLink    base.SecretOf = "operator link"
)

// Invite makes a link that signs in once until a moment, under that name if it is not empty, and returns its
// secret, which is not kept.
func (s *Store) Invite(ctx context.Context, ground, name string, until, now time.Time) (string, error) {
	secret, digest := s.base.Mint(ofLink)
	err := s.base.Do(ctx, "keeping a link",
		sql.Do(`DELETE FROM operator_links WHERE ends_at <= $1`, sql.Micros(now)),
		sql.Do(`DELETE FROM operator_links WHERE digest IN (SELECT digest FROM operator_links ORDER BY ends_at DESC LIMIT 1000 OFFSET $1)`, mostLinks-1),
		sql.Do(`INSERT INTO operator_links (digest, ground, name, ends_at) VALUES ($1, $2, $3, $4)`, digest, ground, sql.Clean(name), sql.Micros(until)))
	if err != nil {
		return "", err
	}
	return secret, nil
}

// SignIn opens a session and returns the secret of its cookie, which is not kept. With a link, that one is used up by the same commit; ErrNotFound says that there is
// no such link, be it that it was used, has ended, or was made under another token.
func (s *Store) SignIn(ctx context.Context, e Entry, now time.Time) (Session, string, error) {
	secret, digest := s.base.Mint(ofSession)
	var id [8]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	out := Session{ID: hex.EncodeToString(id[:]), Device: sql.Clean(e.Device), Address: sql.Clean(e.Address),
		OpenedAt: base.StampOf(sql.Micros(now)), SeenAt: base.StampOf(sql.Micros(now)), EndsAt: base.StampOf(sql.Micros(now.Add(SessionIdle)))}
	if _, ok := s.base.Minted(ofLink, e.Link); e.Link != "" && !ok {
		return Session{}, "", fmt.Errorf("opening a session: %w", sql.ErrNotFound)
	}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		out.Name = sql.Clean(e.Name)
		if e.Link != "" {
			name, err := s.useLink(ctx, t, e, now)
			if err != nil {
				return err
			}
			if out.Name == "" {
				out.Name = name
			}
		}
		return t.Run(ctx,
			sql.Do(`DELETE FROM operator_sessions WHERE ends_at <= $1 OR seen_at <= $2`, sql.Micros(now), sql.Micros(now.Add(-SessionIdle))),
			sql.Do(`DELETE FROM operator_sessions WHERE id IN (SELECT id FROM operator_sessions ORDER BY seen_at DESC LIMIT 1000 OFFSET $1)`, mostSessions-1),
			sql.Do(`INSERT INTO operator_sessions (id, digest, ground, name, device, address, opened_at, seen_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				out.ID, digest, e.Ground, out.Name, out.Device, out.Address, sql.Micros(now), sql.Micros(now), sql.Micros(now.Add(SessionLife))))
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("opening a session: %w", err)
	}
	return out, secret, nil
}

// useLink takes a link away, so that of two who come at once one gets in.
func (s *Store) useLink(ctx context.Context, t sql.Tx, e Entry, now time.Time) (name string, err error) {
	digest, _ := s.base.Minted(ofLink, e.Link)
	found := false
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&name)
	}, `DELETE FROM operator_links WHERE digest = $1 AND ground = $2 AND ends_at > $3 RETURNING name`, digest, e.Ground, sql.Micros(now)))
	if err == nil && !found {
		err = sql.ErrNotFound
	}
	return name, err
}

// sessionColumns and scanSession belong together.
const sessionColumns = `id, name, device, address, opened_at, seen_at, ends_at`

func scanSession(row sql.Row) (Session, error) {
	var out Session
	var opened, seen, ends int64
	err := row.Scan(&out.ID, &out.Name, &out.Device, &out.Address, &opened, &seen, &ends)
	idle := sql.Moment(seen).Add(SessionIdle)
	if last := sql.Moment(ends); last.Before(idle) {
		idle = last
	}
	out.OpenedAt, out.SeenAt, out.EndsAt = base.StampOf(opened), base.StampOf(seen), base.Stamp{Time: idle}
	return out, err
}

// Session is the live session of a cookie's secret. ErrNotFound: there is none, it has ended, or the token
// upon which it rested has changed.
func (s *Store) Session(ctx context.Context, secret, ground string, now time.Time) (Session, error) {
	digest, ok := s.base.Minted(ofSession, secret)
	if !ok {
		return Session{}, fmt.Errorf("looking for a session: %w", sql.ErrNotFound)
	}
	list, err := s.sessions(ctx, `digest = $1 AND ground = $2 AND ends_at > $3 AND seen_at > $4`, digest, ground, sql.Micros(now), sql.Micros(now.Add(-SessionIdle)))
	if err == nil && len(list) == 0 {
		err = sql.ErrNotFound
	}
	if err != nil {
		return Session{}, fmt.Errorf("looking for a session: %w", err)
	}
	return list[0], nil
}

// SessionsOf lists the live sessions that rest upon a token, the one used last first.
func (s *Store) SessionsOf(ctx context.Context, ground string, now time.Time) ([]Session, error) {
	list, err := s.sessions(ctx, `ground = $1 AND ends_at > $2 AND seen_at > $3`, ground, sql.Micros(now), sql.Micros(now.Add(-SessionIdle)))
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return list, nil
}

func (s *Store) sessions(ctx context.Context, where string, args ...any) ([]Session, error) {
	out := []Session{}
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			one, err := scanSession(row)
			out = append(out, one)
			return err
		}, `SELECT `+sessionColumns+` FROM operator_sessions WHERE `+where+` ORDER BY seen_at DESC, id`, args...))
	})
	return out, err
}

// SessionSeen notes that a session is used, which puts its end off.
func (s *Store) SessionSeen(ctx context.Context, id string, now time.Time) error {
	return s.session(ctx, "noting the use of a session", id, `UPDATE operator_sessions SET seen_at = $2 WHERE id = $1`, sql.Micros(now))
}

// NameSession says who it is.
func (s *Store) NameSession(ctx context.Context, id, name string) error {
	return s.session(ctx, "naming a session", id, `UPDATE operator_sessions SET name = $2 WHERE id = $1`, sql.Clean(name))
}

// EndSession ends a session at once, for every process. ErrNotFound: there is none.
func (s *Store) EndSession(ctx context.Context, id string) error {
	return s.session(ctx, "ending a session", id, `DELETE FROM operator_sessions WHERE id = $1`)
}

// session changes one session by its id. ErrNotFound says that there is none: it has ended, or never was.
func (s *Store) session(ctx context.Context, doing, id, statement string, more ...any) error {
	var changed int64
	err := s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Call{Text: statement, Args: append([]any{sql.Clean(id)}, more...), Done: &changed})
	})
	if err == nil && changed == 0 {
		err = sql.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// EndSessions ends all sessions that rest upon a token except one (empty: none is spared), and the links
// that wait. It returns how many sessions have ended.
func (s *Store) EndSessions(ctx context.Context, ground, but string) (int, error) {
	var ended int64
	err := s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx,
			sql.Call{Text: `DELETE FROM operator_sessions WHERE ground = $1 AND id <> $2`, Args: []any{ground, sql.Clean(but)}, Done: &ended},
			sql.Do(`DELETE FROM operator_links WHERE ground = $1`, ground))
	})
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	return int(ended), nil
}
