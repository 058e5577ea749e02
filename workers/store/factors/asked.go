package factors

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// What a seat is known by: the secret of who comes in by a passkey alone, and the session of who adds one.
const (
	ofNewcomer base.SecretOf = "desk passkey"
	ofSession  string        = "desk passkey of session"
)

// AskedFor is how long a question for a passkey may wait for its answer.
const AskedFor = 5 * time.Minute

// Seat is where a question for a passkey was put: one browser, at one step of what it does. An answer from elsewhere finds no question.
type Seat struct {
	store  *Store
	digest string
	person int64
	step   bool // somebody stands there already, between the steps
}

// Newcomer is a seat for who comes in by a passkey alone, and the secret that his browser keeps meanwhile.
func (s *Store) Newcomer() (at Seat, secret string) {
	secret, digest := s.base.Mint(ofNewcomer)
	return Seat{store: s, digest: digest}, secret
}

// Came is the seat of a newcomer's secret; ok is false where it is none of ours.
func (s *Store) Came(secret string) (at Seat, ok bool) {
	digest, ok := s.base.Minted(ofNewcomer, secret)
	return Seat{store: s, digest: digest}, ok
}

// Between is the seat of who stands between the steps; ok is false where the secret is none of ours.
func (s *Store) Between(secret string) (at Seat, ok bool) {
	digest, ok := s.base.Minted(ofStep, secret)
	return Seat{store: s, digest: digest, step: true}, ok
}

// Inside is the seat of a session, in which somebody adds a passkey.
func (s *Store) Inside(person int64, session string) Seat {
	return Seat{store: s, digest: s.base.Digest([]byte(ofSession), fmt.Append(nil, person), []byte(session)), person: person}
}

// place is where a question is sealed for: put to another seat it does not open.
func (at Seat) place() keyring.Place { return keyring.Row("entry_steps", at.person, at.digest) }

// Ask keeps a question until it is answered, in the place of one that was put there before. sql.ErrNotFound: nobody stands between the steps
// there any more.
func (at Seat) Ask(ctx context.Context, question []byte, now time.Time) error {
	s := at.store
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	until := sql.Micros(now.Add(AskedFor))
	sealed := s.base.Ring.Seal(append(binary.BigEndian.AppendUint64(nil, uint64(until)), question...), at.place())
	if !at.step {
		return s.base.Do(ctx, "asking for a passkey", sql.Do(`DELETE FROM entry_steps WHERE ends_at <= $1`, sql.Micros(now)),
			sql.Do(`INSERT INTO entry_steps (digest, person, ground, sealed, ends_at) VALUES ($1, $2, '', $3, $4)
ON CONFLICT (digest) DO UPDATE SET sealed = excluded.sealed, ends_at = excluded.ends_at`, at.digest, at.person, sealed, until))
	}
	var n int64
	err := s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Call{Text: `UPDATE entry_steps SET sealed = $2 WHERE digest = $1 AND ends_at > $3`, Args: []any{at.digest, sealed, sql.Micros(now)}, Done: &n})
	})
	if err == nil && n == 0 {
		err = sql.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("asking for a passkey: %w", err)
	}
	return nil
}

// Asked takes the question that was put there: it is answered once, rightly or not. sql.ErrNotFound: none was put there, it was answered, or it
// has waited too long.
func (at Seat) Asked(ctx context.Context, now time.Time) ([]byte, error) {
	s := at.store
	var sealed []byte
	err := s.base.Write(ctx, func(t sql.Tx) error {
		sealed = nil
		err := t.Run(ctx, sql.Ask(sql.Into(&sealed), `SELECT sealed FROM entry_steps WHERE digest = $1 AND ends_at > $2 FOR UPDATE`, at.digest, sql.Micros(now)))
		if err == nil && len(sealed) == 0 {
			err = sql.ErrNotFound
		}
		if err != nil {
			return err
		}
		if at.step {
			return t.Run(ctx, sql.Do(`UPDATE entry_steps SET sealed = $2 WHERE digest = $1`, at.digest, []byte{}))
		}
		return t.Run(ctx, sql.Do(`DELETE FROM entry_steps WHERE digest = $1`, at.digest))
	})
	if err != nil {
		return nil, fmt.Errorf("taking the question of a passkey: %w", err)
	}
	plain, err := s.base.Ring.Open(ctx, sealed, at.place())
	if err != nil {
		return nil, fmt.Errorf("opening the question of a passkey: %w", err)
	}
	if len(plain) < 8 || int64(binary.BigEndian.Uint64(plain)) <= sql.Micros(now) {
		return nil, fmt.Errorf("taking the question of a passkey: %w", sql.ErrNotFound)
	}
	return plain[8:], nil
}
