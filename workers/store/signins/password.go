package signins

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// What is done with a sign-in, as the journal names it.
const (
	actPassword = "user-password"
	actLink     = "user-link"
)

// keptLink is how long a link is known after its end, so that who comes late is told so.
const keptLink = 7 * 24 * time.Hour

// ErrSecond says that a password was set, and that who has set it has yet to show what he has besides.
var ErrSecond = errors.New("something besides the password is asked for")

// ErrUsed says that a link was used already.
var ErrUsed = errors.New("the link was used already")

// noted is one transaction upon a person, with its line in the journal. f may run again.
func (s *Store) noted(ctx context.Context, doing, act string, now time.Time, f func(sql.Tx) (who, login string, err error)) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err == nil {
		err = s.base.Write(ctx, func(t sql.Tx) error {
			who, login, err := f(t)
			if err != nil {
				return err
			}
			return t.Run(ctx, base.Note(ids[0], now, who, act, 0, 0, login))
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Rehash keeps a new digest of the same password, if the old one is still there.
func (s *Store) Rehash(ctx context.Context, person int64, before, after string) error {
	return s.base.Do(ctx, "keeping a password's new digest", sql.Do(`UPDATE users SET password = $3 WHERE id = $1 AND password = $2`, person, before, after))
}

// SetPassword keeps a new password in place of the one that was just looked at, and ends all sessions of the person but one. ErrStale: it
// was changed meanwhile.
func (s *Store) SetPassword(ctx context.Context, person int64, before, after, but string, now time.Time) error {
	return s.noted(ctx, "changing a password", actPassword, now, func(t sql.Tx) (string, string, error) {
		login := ""
		err := t.Run(ctx, sql.Ask(sql.Value(func(l string) { login = l }),
			`UPDATE users SET password = $3, changed_at = $4 WHERE id = $1 AND password = $2 AND state = 'active' RETURNING login`, person, before, after, sql.Micros(now)))
		if err == nil && login == "" {
			err = ErrStale
		}
		if err == nil {
			err = t.Run(ctx, sql.Do(`DELETE FROM desk_sessions WHERE person = $1 AND id <> $2`, person, sql.Clean(but)), dropLinks(person))
		}
		return login, login, err
	})
}

// dropLinks forgets the links of a person that nobody has used.
func dropLinks(person int64) sql.Call {
	return sql.Do(`DELETE FROM entry_links WHERE person = $1 AND used_at = 0`, person)
}

// Invite makes a link by which a person sets a password once until a moment, and returns its secret, which is not kept. Links that were
// made for him before open nothing any more. ErrNotFound: there is no such user, or he is disabled.
func (s *Store) Invite(ctx context.Context, person int64, until, now time.Time, who string) (string, error) {
	secret, digest := s.base.Mint(ofLink)
	err := s.noted(ctx, "keeping a link", actLink, now, func(t sql.Tx) (string, string, error) {
		login := ""
		err := t.Run(ctx, sql.Ask(sql.Value(func(l string) { login = l }), `SELECT login FROM users WHERE id = $1 AND state = 'active' FOR UPDATE`, person))
		if err == nil && login == "" {
			err = sql.ErrNotFound
		}
		if err == nil {
			err = t.Run(ctx, dropLinks(person), sql.Do(`DELETE FROM entry_links WHERE ends_at <= $1`, sql.Micros(now.Add(-keptLink))),
				sql.Do(`INSERT INTO entry_links (digest, person, made_at, ends_at, used_at) VALUES ($1, $2, $3, $4, 0)`, digest, person, sql.Micros(now), sql.Micros(until)))
		}
		return who, login, err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Guest is whom a link is for.
type Guest struct {
	Person   int64
	Login    string
	Name     string
	Language string
	Demo     bool
}

// Invited is whom a link is for. It uses nothing up: what looks ahead at addresses in mails opens nobody's account. ErrNotFound: there is
// no such link, or it has ended. ErrUsed: it was used.
func (s *Store) Invited(ctx context.Context, link string, now time.Time) (Guest, error) {
	digest, ok := s.base.Minted(ofLink, link)
	if !ok {
		return Guest{}, fmt.Errorf("looking for a link: %w", sql.ErrNotFound)
	}
	var g Guest
	var ends, used int64
	err := s.base.Read(ctx, "looking for a link", sql.Ask(func(row sql.Row) error {
		return row.Scan(&g.Person, &g.Login, &g.Name, &g.Language, &g.Demo, &ends, &used)
	}, `SELECT u.id, u.login, u.name, u.language, u.demo, l.ends_at, l.used_at FROM entry_links l JOIN users u ON u.id = l.person WHERE l.digest = $1 AND u.state = 'active'`, digest))
	switch {
	case err != nil:
	case used > 0:
		err = fmt.Errorf("looking for a link: %w", ErrUsed)
	case ends <= sql.Micros(now):
		err = fmt.Errorf("looking for a link: %w", sql.ErrNotFound)
	}
	if err != nil {
		return Guest{}, err
	}
	return g, nil
}

// Accept uses a link up, keeps the password that was chosen, ends all sessions that the person had, and opens one for him, all by one
// commit: of two who come at once one gets in. Of e it takes browser and address. Errors as of Invited. ErrSecond: the password is set, and no session
// was opened.
func (s *Store) Accept(ctx context.Context, link, password string, e Entry, now time.Time) (Session, string, error) {
	guest, err := s.Invited(ctx, link, now)
	if err != nil {
		return Session{}, "", err
	}
	digest, _ := s.base.Minted(ofLink, link)
	secret, kept := s.base.Mint(ofSession)
	e.Person = guest.Person
	out, more := fresh(e, now), false
	err = s.noted(ctx, "using a link", actPassword, now, func(t sql.Tx) (string, string, error) {
		var used, set int64
		err := t.Run(ctx,
			sql.Call{Text: `UPDATE entry_links SET used_at = $2 WHERE digest = $1 AND used_at = 0 AND ends_at > $2`, Args: []any{digest, sql.Micros(now)}, Done: &used},
			sql.Call{Text: `UPDATE users SET password = $2, changed_at = $3 WHERE id = $1 AND state = 'active'`, Args: []any{guest.Person, password, sql.Micros(now)}, Done: &set})
		switch {
		case err != nil:
		case used == 0:
			err = ErrUsed
		case set == 0:
			err = sql.ErrNotFound
		default:
			err = t.Run(ctx, sql.Do(`DELETE FROM desk_sessions WHERE person = $1`, guest.Person), sql.Ask(sql.Value(func(is bool) { more = is }), `SELECT `+second+` FROM users who WHERE who.id = $1`, guest.Person))
			if err == nil && !more {
				err = t.Run(ctx, opening(out, kept, now)...)
			}
		}
		return guest.Login, guest.Login, err
	})
	if err == nil && more {
		err = fmt.Errorf("using a link: %w", ErrSecond)
	}
	if err != nil {
		return Session{}, "", err
	}
	return out, secret, nil
}
