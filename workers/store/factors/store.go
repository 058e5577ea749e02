// Package factors keeps what people show when they sign in besides a password or in its place: the secret of an authenticator, recovery codes,
// passkeys, who stands between the two steps, and what a passkey was asked. All of it is sealed; a recovery code is kept as a keyed digest alone.
package factors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{base: b} }

// Names of the authenticator's row: until its first code was typed, and then.
const (
	begun = "new"
	taken = ""
)

// What is done with factors, as the journal names it.
const (
	actAdd    = "factor-add"
	actRenew  = "factor-codes"
	actRemove = "factor-remove"
	actCode   = "factor-code" // a recovery code was used
)

// ofStep is what the secret of who stands between the steps is for.
const ofStep base.SecretOf = "desk step"

// StepLife is how long somebody may stand between the steps.
const StepLife = 10 * time.Minute

// place is where a secret is sealed for: one that is put into another's row does not open there.
func place(person int64, name string) keyring.Place {
	return keyring.Row("factors", person, "totp", name)
}

// Held is what somebody has besides a password.
type Held struct {
	Authenticator bool
	Codes         int // recovery codes that are left
	Keys          int // passkeys
}

// Any reports whether he shows anything besides a password. Recovery codes alone are nothing: they stand for something that was lost.
func (h Held) Any() bool { return h.Authenticator || h.Keys > 0 }

// Of is what somebody has.
func (s *Store) Of(ctx context.Context, person int64) (h Held, err error) {
	err = s.base.Read(ctx, "reading the factors of a user", sql.Ask(sql.Pair(func(kind, name string) {
		switch {
		case kind == "totp" && name == taken:
			h.Authenticator = true
		case kind == "recovery":
			h.Codes++
		case kind == "passkey":
			h.Keys++
		}
	}), `SELECT kind, name FROM factors WHERE person = $1 ORDER BY kind, name`, person))
	return h, err
}

// Begin keeps a secret of which no code was typed yet, in the place of one that was begun before. It lets nobody in.
func (s *Store) Begin(ctx context.Context, person int64, secret string, now time.Time) error {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	sealed := s.base.Ring.Seal([]byte(secret), place(person, begun))
	return s.base.Do(ctx, "beginning an authenticator", sql.Do(`INSERT INTO factors (person, kind, name, title, sealed, counter, made_at, used_at) VALUES ($1, 'totp', $2, '', $3, 0, $4, 0)
ON CONFLICT (person, kind, name) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at`, person, begun, sealed, sql.Micros(now)))
}

// Begun is the secret that was begun. sql.ErrNotFound: none was, or so long ago that whoever sits there now need not be who has shown his password.
func (s *Store) Begun(ctx context.Context, person int64, now time.Time) (string, error) {
	secret, _, err := s.secret(ctx, person, begun, now.Add(-StepLife))
	return secret, err
}

// Secret is that of somebody's authenticator, with the step of the last code that was taken. sql.ErrNotFound: he has none.
func (s *Store) Secret(ctx context.Context, person int64) (secret string, last int64, err error) {
	return s.secret(ctx, person, taken, time.Time{})
}

func (s *Store) secret(ctx context.Context, person int64, name string, since time.Time) (string, int64, error) {
	var sealed []byte
	var last, after int64
	if !since.IsZero() {
		after = sql.Micros(since)
	}
	err := s.base.Read(ctx, "reading an authenticator", sql.Ask(sql.Into(&sealed, &last), `SELECT sealed, counter FROM factors WHERE person = $1 AND kind = 'totp' AND name = $2 AND made_at > $3`, person, name, after))
	if err == nil && sealed == nil {
		err = fmt.Errorf("reading an authenticator: %w", sql.ErrNotFound)
	}
	if err != nil {
		return "", 0, err
	}
	plain, err := s.base.Ring.Open(ctx, sealed, place(person, name))
	if err != nil {
		return "", 0, fmt.Errorf("opening an authenticator: %w", err)
	}
	return string(plain), last, nil
}

// Confirm takes the authenticator that was begun, whose code of that step was typed, with fresh recovery codes, and ends all sessions of the
// person but one: they were opened without it. sql.ErrNotFound: it is another secret meanwhile, or none.
func (s *Store) Confirm(ctx context.Context, person int64, login, secret string, step int64, codes []string, but string, now time.Time) error {
	is, err := s.Begun(ctx, person, now)
	if err == nil && is != secret {
		err = sql.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("taking an authenticator: %w", err)
	}
	sealed := s.base.Ring.Seal([]byte(secret), place(person, taken))
	return s.noted(ctx, "taking an authenticator", login, actAdd, login, now, func(t sql.Tx) error {
		var was int64
		_, _, err := count(ctx, t, person) // before whoever signs in by the password alone
		if err == nil {
			err = t.Run(ctx, sql.Call{Text: `DELETE FROM factors WHERE person = $1 AND kind = 'totp' AND name = $2`, Args: []any{person, begun}, Done: &was})
		}
		if err == nil && was == 0 {
			err = sql.ErrNotFound
		}
		if err != nil {
			return err
		}
		return t.Run(ctx, append([]sql.Call{
			sql.Do(`DELETE FROM factors WHERE person = $1 AND kind = 'totp'`, person),
			sql.Do(`INSERT INTO factors (person, kind, name, title, sealed, counter, made_at, used_at) VALUES ($1, 'totp', $2, '', $3, $4, $5, $5)`, person, taken, sealed, step, sql.Micros(now)),
			sql.Do(`DELETE FROM desk_sessions WHERE person = $1 AND id <> $2`, person, sql.Clean(but)),
		}, s.fresh(person, codes, now)...)...)
	})
}

// fresh keeps recovery codes in the place of all that were there.
func (s *Store) fresh(person int64, codes []string, now time.Time) []sql.Call {
	out := []sql.Call{sql.Do(`DELETE FROM factors WHERE person = $1 AND kind = 'recovery'`, person)}
	for _, code := range codes {
		out = append(out, sql.Do(`INSERT INTO factors (person, kind, name, title, sealed, counter, made_at, used_at) VALUES ($1, 'recovery', $2, '', $3, 0, $4, 0)`, person, s.code(person, code), []byte{}, sql.Micros(now)))
	}
	return out
}

// code is the digest of a recovery code, however it was typed.
func (s *Store) code(person int64, code string) string {
	code = strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(code))
	return s.base.Digest([]byte("desk recovery"), fmt.Append(nil, person), []byte(code))
}

// Renew keeps fresh recovery codes; those from before let nobody in any more. sql.ErrNotFound: the person has nothing that could be lost.
func (s *Store) Renew(ctx context.Context, person int64, login string, codes []string, now time.Time) error {
	return s.noted(ctx, "renewing recovery codes", login, actRenew, login, now, func(t sql.Tx) error {
		all, _, err := count(ctx, t, person)
		if err == nil && all == 0 {
			err = sql.ErrNotFound
		}
		if err == nil {
			err = t.Run(ctx, s.fresh(person, codes, now)...)
		}
		return err
	})
}

// Remove takes all factors of a person away, and what stands between steps; who says who has done it. It is no fault where there are none.
func (s *Store) Remove(ctx context.Context, person int64, login, who string, now time.Time) error {
	return s.noted(ctx, "removing the factors of a user", who, actRemove, login, now, func(t sql.Tx) error {
		_, _, err := count(ctx, t, person)
		if err == nil {
			err = t.Run(ctx, sql.Do(`DELETE FROM factors WHERE person = $1`, person), sql.Do(`DELETE FROM entry_steps WHERE person = $1`, person), sql.Do(`DELETE FROM desk_sessions WHERE person = $1`, person))
		}
		return err
	})
}

// Use takes a code of that step, once. ok is false where one of that step or of a later one was taken, or the authenticator is another one.
func (s *Store) Use(ctx context.Context, person, step int64, now time.Time) (ok bool, err error) {
	var n int64
	err = s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Call{Text: `UPDATE factors SET counter = $3, used_at = $4 WHERE person = $1 AND kind = 'totp' AND name = $2 AND counter < $3`, Args: []any{person, taken, step, sql.Micros(now)}, Done: &n})
	})
	if err != nil {
		return false, fmt.Errorf("taking a code: %w", err)
	}
	return n > 0, nil
}

// Recover takes a recovery code, once. ok is false where it is none.
func (s *Store) Recover(ctx context.Context, person int64, login, code string, now time.Time) (ok bool, err error) {
	err = s.noted(ctx, "taking a recovery code", login, actCode, login, now, func(t sql.Tx) error {
		var n int64
		err := t.Run(ctx, sql.Call{Text: `DELETE FROM factors WHERE person = $1 AND kind = 'recovery' AND name = $2`, Args: []any{person, s.code(person, code)}, Done: &n})
		if err == nil && n == 0 {
			err = sql.ErrNotFound
		}
		return err
	})
	if errors.Is(err, sql.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// noted is one transaction with its line in the journal.
func (s *Store) noted(ctx context.Context, doing, who, act, detail string, now time.Time, f func(sql.Tx) error) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err == nil {
		err = s.base.Write(ctx, func(t sql.Tx) error {
			if err := f(t); err != nil {
				return err
			}
			return t.Run(ctx, base.Note(ids[0], now, who, act, 0, 0, detail))
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
