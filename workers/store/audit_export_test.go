package store

import "context"

// Damage changes rows behind the store's back.
func Damage(ctx context.Context, s *Store, statements ...string) error {
	return s.db.write(ctx, func(t tx) error {
		for _, text := range statements {
			if err := t.run(ctx, do(text)); err != nil {
				return err
			}
		}
		return nil
	})
}
