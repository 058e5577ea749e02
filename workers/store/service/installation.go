package service

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// Installation is who this database belongs to, among those that share a Redis with it.
type Installation struct {
	// ID is random: 16 hexadecimal digits, the same for every process on this database.
	ID string
	// HeirUntil is until when older programs may be at work beside this one, that put their tasks where
	// every installation looked. Zero for an installation that no older program has ever worked for.
	HeirUntil time.Time
}

// heirFor is how long the upgrade of all processes may take.
const heirFor = 24 * time.Hour

// Installation returns who this is. The first call makes it. A database that lies in another place than when it was made is
// a copy, such as a staging system made of a backup, and takes a new one: its original may be at work still.
func (s *Store) Installation(ctx context.Context, now time.Time) (Installation, error) {
	place := s.base.DB.Place(ctx)
	i, at, err := s.installation(ctx)
	switch {
	case err != nil:
	case i.ID == "":
		err = s.foundInstallation(ctx, place, now)
	case place == "" || at == place: // a place that cannot be told says nothing
		return i, nil
	default:
		err = s.moveInstallation(ctx, i.ID, place)
	}
	if err == nil { // another process may have been first
		i, _, err = s.installation(ctx)
	}
	if err != nil {
		return Installation{}, fmt.Errorf("reading the installation: %w", err)
	}
	return i, nil
}

func (s *Store) installation(ctx context.Context) (i Installation, place string, err error) {
	var until int64
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Into(&i.ID, &place, &until), `SELECT id, place, heir_until FROM installation WHERE one = 1`))
	})
	i.HeirUntil = sql.Moment(until)
	return i, place, err
}

// foundInstallation makes the row. Whoever has recorded something before has been upgraded.
func (s *Store) foundInstallation(ctx context.Context, place string, now time.Time) error {
	id, err := newInstallation()
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		var recorded, until int64
		if err := t.Run(ctx, sql.Ask(sql.Into(&recorded), `SELECT COUNT(*) FROM (SELECT 1 FROM deliveries LIMIT 1) AS recorded`)); err != nil {
			return err
		}
		if recorded > 0 {
			until = sql.Micros(now.Add(heirFor))
		}
		return t.Run(ctx, sql.Do(`INSERT INTO installation (one, id, place, heir_until) VALUES (1, $1, $2, $3) ON CONFLICT (one) DO NOTHING`, id, place, until))
	})
}

func (s *Store) moveInstallation(ctx context.Context, from, place string) error {
	id, err := newInstallation()
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE installation SET id = $1, place = $2, heir_until = 0 WHERE one = 1 AND id = $3`, id, place, from))
	})
}

func newInstallation() (string, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("naming the installation: %w", err)
	}
	return hex.EncodeToString(random[:]), nil
}
