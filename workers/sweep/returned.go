package sweep

import (
	"context"
	"fmt"
	"time"
)

// How many parked messages a look for their originals reads at a time, and how many in all: the next look goes on there.
const (
	returnedRows = 100
	returnedMost = 10_000
)

// returned lets go of messages whose originals could not be read and can be read again, such as after a mount was mended. The sweep
// rings for them as for any that were recorded.
// Each look goes on where the last one ended, so that ten thousand that stay away do not keep those behind them from
// being looked at.
func (s *Sweep) returned(ctx context.Context, now time.Time) error {
	for range returnedMost / returnedRows {
		released, last, err := s.store.Acts.Returned(ctx, s.shut, returnedRows, now)
		if len(released) > 0 {
			s.logger.Info("originals are back; their messages are decided", "messages", len(released))
		}
		if s.shut = last; err != nil {
			return fmt.Errorf("looking for originals that are back: %w", err)
		}
		if last == 0 {
			return nil
		}
	}
	return nil
}
