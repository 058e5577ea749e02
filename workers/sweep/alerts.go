package sweep

import (
	"context"
	"time"
)

// alert tells people of the desk outside of it what has happened: first it is noted who wants to know, then what was gathered goes out as one.
func (s *Sweep) alert(ctx context.Context, now time.Time) error {
	if s.alerts == nil || len(s.alerts.Ways()) == 0 {
		if s.quiet {
			return nil
		}
		if err := s.store.Alerts.Stop(ctx); err != nil {
			return err
		}
		s.quiet = true
		return nil
	}
	for range tellRounds {
		again, err := s.store.Alerts.Note(ctx, *s.alerts, now, sweepRows)
		if err != nil {
			return err
		}
		if !again {
			break
		}
	}
	if err := s.store.Alerts.Names(ctx, *s.alerts, now, sweepRows); err != nil {
		return err
	}
	_, err := s.store.Alerts.Gather(ctx, *s.alerts, now, sweepRows)
	return err
}
