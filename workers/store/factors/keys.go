package factors

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// MostKeys is how many passkeys a person may have.
const MostKeys = 20

// What is done with passkeys, as the journal names it.
const (
	actKeyAdd    = "passkey-add"
	actKeyName   = "passkey-rename"
	actKeyRemove = "passkey-remove"
)

// Why a passkey is not added, or something not taken away.
var (
	// ErrTaken says that a passkey is kept already, whosever it is.
	ErrTaken = errors.New("the passkey is known already")
	// ErrMany says that a person has as many passkeys as he may have.
	ErrMany = errors.New("there are too many passkeys")
	// ErrLast says that nothing would be left to show besides a password, which the person's role asks for.
	ErrLast = errors.New("it is the last that is shown besides a password")
)

// Key is a passkey of somebody.
type Key struct {
	Name       string // by which it is named here: the digest of its id
	Title      string // as its owner calls it
	Record     []byte
	Count      int64 // what it has counted itself
	Made, Used time.Time
}

// NameOf is the name of a passkey, of whatever length its id is.
func NameOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// keyPlace is where a passkey is sealed for: put into another's row, or under another name, it does not open.
func keyPlace(person int64, name string) keyring.Place {
	return keyring.Row("factors", person, "passkey", name)
}

// Handle is what passkeys keep of a person (user handle): it says nothing of him to who finds such a key.
func (s *Store) Handle(person int64) []byte {
	return []byte(s.base.Digest([]byte("desk passkey handle"), fmt.Append(nil, person))[:32])
}

// Keys are the passkeys of a person, the oldest first.
func (s *Store) Keys(ctx context.Context, person int64) ([]Key, error) {
	var out []Key
	err := s.base.Read(ctx, "reading the passkeys of a user", sql.Ask(func(row sql.Row) error {
		var k Key
		var made, used int64
		err := row.Scan(&k.Name, &k.Title, &k.Record, &k.Count, &made, &used)
		k.Made = sql.Moment(made)
		if used > 0 {
			k.Used = sql.Moment(used)
		}
		out = append(out, k)
		return err
	}, `SELECT name, title, sealed, counter, made_at, used_at FROM factors WHERE person = $1 AND kind = 'passkey' ORDER BY made_at, name`, person))
	for i := range out {
		if err == nil {
			out[i].Record, err = s.base.Ring.Open(ctx, out[i].Record, keyPlace(person, out[i].Name))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the passkeys of a user: %w", err)
	}
	return out, nil
}

// Owner is whose passkey it is, by its id. sql.ErrNotFound: nobody's, or that of somebody who is not let in.
func (s *Store) Owner(ctx context.Context, id string) (w Waiting, err error) {
	err = s.base.Read(ctx, "looking for the owner of a passkey", sql.Ask(sql.Into(&w.Person, &w.Login, &w.Language, &w.Password),
		`SELECT who.id, who.login, who.language, who.password FROM factors f JOIN users who ON who.id = f.person WHERE f.kind = 'passkey' AND f.name = $1 AND who.state = 'active'`, NameOf(id)))
	if err == nil && w.Person == 0 {
		err = fmt.Errorf("looking for the owner of a passkey: %w", sql.ErrNotFound)
	}
	return w, err
}

// count is how many things a person shows besides a password, of which so many are passkeys. It holds his row, so that of two who take the last two
// away at once one is refused.
func count(ctx context.Context, t sql.Tx, person int64) (all, keys int64, err error) {
	err = t.Run(ctx, sql.Ask(sql.Value(func(int64) {}), `SELECT id FROM users WHERE id = $1 FOR UPDATE`, person),
		sql.Ask(sql.Into(&all, &keys), `SELECT count(*), COALESCE(sum(CASE WHEN kind = 'passkey' THEN 1 ELSE 0 END), 0) FROM factors WHERE person = $1 AND (kind = 'passkey' OR kind = 'totp' AND name = '')`, person))
	return all, keys, err
}

// AddKey keeps a passkey. Where it is the first thing that a person shows besides a password, all his sessions but one end, which were opened without
// it. but is the session in which that is done; sql.ErrNotFound: it has ended meanwhile. ErrTaken, ErrMany: see there.
func (s *Store) AddKey(ctx context.Context, person int64, login, id, title string, record []byte, used int64, but string, now time.Time) error {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	name := NameOf(id)
	sealed := s.base.Ring.Seal(record, keyPlace(person, name))
	return s.noted(ctx, "adding a passkey", login, actKeyAdd, login, now, func(t sql.Tx) error {
		all, keys, err := count(ctx, t, person)
		known, in := false, false
		if err == nil {
			err = t.Run(ctx, sql.Ask(sql.Value(func(int64) { known = true }), `SELECT person FROM factors WHERE kind = 'passkey' AND name = $1`, name),
				sql.Ask(sql.Value(func(int64) { in = true }), `SELECT person FROM desk_sessions WHERE person = $1 AND id = $2`, person, sql.Clean(but)))
		}
		switch {
		case err != nil:
			return err
		case !in:
			return sql.ErrNotFound
		case known:
			return ErrTaken
		case keys >= MostKeys:
			return ErrMany
		}
		calls := []sql.Call{sql.Do(`INSERT INTO factors (person, kind, name, title, sealed, counter, made_at, used_at) VALUES ($1, 'passkey', $2, $3, $4, $5, $6, 0)`,
			person, name, sql.Clean(title), sealed, used, sql.Micros(now))}
		if all == 0 {
			calls = append(calls, sql.Do(`DELETE FROM desk_sessions WHERE person = $1 AND id <> $2`, person, sql.Clean(but)))
		}
		return t.Run(ctx, calls...)
	})
}

// UseKey notes that a passkey was shown, and what it has counted. ok is false where that is no more than it had counted before, or the key is gone: of
// two who show the same count at once one gets in. Keys that do not count say 0 each time.
func (s *Store) UseKey(ctx context.Context, person int64, id string, record []byte, used int64, now time.Time) (ok bool, err error) {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return false, err
	}
	name := NameOf(id)
	sealed := s.base.Ring.Seal(record, keyPlace(person, name))
	var n int64
	err = s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Call{Text: `UPDATE factors SET counter = $3, sealed = $4, used_at = $5 WHERE person = $1 AND kind = 'passkey' AND name = $2 AND (counter < $3 OR counter = 0 AND $3 = 0)`,
			Args: []any{person, name, used, sealed, sql.Micros(now)}, Done: &n})
	})
	if err != nil {
		return false, fmt.Errorf("taking a passkey: %w", err)
	}
	return n > 0, nil
}

// RenameKey calls a passkey otherwise. sql.ErrNotFound: the person has none of that name.
func (s *Store) RenameKey(ctx context.Context, person int64, login, name, title string, now time.Time) error {
	return s.noted(ctx, "renaming a passkey", login, actKeyName, login, now, func(t sql.Tx) error {
		return one(ctx, t, `UPDATE factors SET title = $3 WHERE person = $1 AND kind = 'passkey' AND name = $2`, person, sql.Clip(name), sql.Clean(title))
	})
}

// one runs a statement that must find its row.
func one(ctx context.Context, t sql.Tx, text string, args ...any) error {
	var n int64
	err := t.Run(ctx, sql.Call{Text: text, Args: args, Done: &n})
	if err == nil && n == 0 {
		err = sql.ErrNotFound
	}
	return err
}

// RemoveKey takes a passkey away. demanded says that the person's role asks for something besides a password: then the last stays (ErrLast).
// sql.ErrNotFound: the person has none of that name.
func (s *Store) RemoveKey(ctx context.Context, person int64, login, name string, demanded bool, now time.Time) error {
	return s.noted(ctx, "removing a passkey", login, actKeyRemove, login, now, func(t sql.Tx) error {
		all, _, err := count(ctx, t, person)
		if err == nil {
			err = one(ctx, t, `DELETE FROM factors WHERE person = $1 AND kind = 'passkey' AND name = $2`, person, sql.Clip(name))
		}
		if err == nil {
			err = s.left(ctx, t, person, all-1, demanded)
		}
		return err
	})
}

// RemoveAuthenticator takes the authenticator away, as RemoveKey does a passkey. It is no fault where there is none.
func (s *Store) RemoveAuthenticator(ctx context.Context, person int64, login string, demanded bool, now time.Time) error {
	return s.noted(ctx, "removing an authenticator", login, actRemove, login, now, func(t sql.Tx) error {
		_, keys, err := count(ctx, t, person)
		if err == nil {
			err = t.Run(ctx, sql.Do(`DELETE FROM factors WHERE person = $1 AND kind = 'totp'`, person))
		}
		if err == nil {
			err = s.left(ctx, t, person, keys, demanded)
		}
		return err
	})
}

// left looks at what a person has yet: with nothing else recovery codes recover nothing.
func (s *Store) left(ctx context.Context, t sql.Tx, person, all int64, demanded bool) error {
	switch {
	case all > 0:
		return nil
	case demanded:
		return ErrLast
	}
	return t.Run(ctx, sql.Do(`DELETE FROM factors WHERE person = $1`, person), sql.Do(`DELETE FROM entry_steps WHERE person = $1`, person))
}
