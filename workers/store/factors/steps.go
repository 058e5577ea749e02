package factors

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// Step notes that somebody has shown a right password, whose digest is phc, and returns the secret by which he goes on, which is not kept.
func (s *Store) Step(ctx context.Context, person int64, phc string, now time.Time) (string, error) {
	secret, digest := s.base.Mint(ofStep)
	err := s.base.Do(ctx, "keeping a step of a sign-in", sql.Do(`DELETE FROM entry_steps WHERE ends_at <= $1`, sql.Micros(now)),
		sql.Do(`INSERT INTO entry_steps (digest, person, ground, sealed, ends_at) VALUES ($1, $2, $3, $4, $5)`, digest, person, s.ground(phc), []byte{}, sql.Micros(now.Add(StepLife))))
	if err != nil {
		return "", err
	}
	return secret, nil
}

func (s *Store) ground(phc string) string { return s.base.Digest([]byte("desk step"), []byte(phc)) }

// Waiting is somebody between the steps.
type Waiting struct {
	Person   int64
	Login    string
	Language string
	Password string // the PHC string that counts now, as it did at the first step
}

// Waits is who stands between the steps by a secret. sql.ErrNotFound: nobody does, it took too long, he is disabled, or the password has changed.
func (s *Store) Waits(ctx context.Context, secret string, now time.Time) (w Waiting, err error) {
	digest, ok := s.base.Minted(ofStep, secret)
	if !ok {
		return w, fmt.Errorf("looking for a step of a sign-in: %w", sql.ErrNotFound)
	}
	ground := ""
	err = s.base.Read(ctx, "looking for a step of a sign-in", sql.Ask(func(row sql.Row) error {
		return row.Scan(&w.Person, &w.Login, &w.Language, &w.Password, &ground)
	}, `SELECT who.id, who.login, who.language, who.password, p.ground FROM entry_steps p JOIN users who ON who.id = p.person WHERE p.digest = $1 AND p.ends_at > $2 AND who.state = 'active'`, digest, sql.Micros(now)))
	if err == nil && (w.Person == 0 || ground != s.ground(w.Password)) {
		err = fmt.Errorf("looking for a step of a sign-in: %w", sql.ErrNotFound)
	}
	if err != nil {
		return Waiting{}, err
	}
	return w, nil
}

// Passed forgets a step: it leads in once.
func (s *Store) Passed(ctx context.Context, secret string) error {
	digest, ok := s.base.Minted(ofStep, secret)
	if !ok {
		return nil
	}
	return s.base.Do(ctx, "ending a step of a sign-in", sql.Do(`DELETE FROM entry_steps WHERE digest = $1`, digest))
}
