package store

import (
	"context"

	"frontdesk/workers/store/sql"
)

// Damage changes rows behind the store's back.
func Damage(ctx context.Context, s *Store, statements ...string) error {
	return s.Base.DB.Write(ctx, func(t sql.Tx) error {
		for _, text := range statements {
			if err := t.Run(ctx, sql.Do(text)); err != nil {
				return err
			}
		}
		return nil
	})
}
