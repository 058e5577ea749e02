package receive

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/internal/groupcommit"
	"frontdesk/workers/store/intake"
)

// TestAnImportWaitsForItsOwnBacklogAlone: new mail that waits for its decision does not hold up history,
// and history waits for the whole of its limit.
func TestAnImportWaitsForItsOwnBacklogAlone(t *testing.T) {
	const limit = 8
	for _, c := range []struct {
		name  string
		bulk  bool
		open  int
		waits bool
	}{
		{"new mail up to the limit and beyond", false, 2 * limit, false},
		{"history below the limit", true, limit - 1, false},
		{"history at the limit", true, limit, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			item := func(n int) intake.Item {
				return intake.Item{Delivery: r.Delivery("support", fmt.Sprintf("k%d", n), letter{From: "li@customer.example", Text: "hello"}), Bulk: c.bulk}
			}
			lot := intake.Lot{}
			for n := range c.open {
				lot.Items = append(lot.Items, item(n))
			}
			_, err := r.intake.Lot(t.Context(), lot, c.bulk)
			r.Must(err)
			im := NewImporter(r.Store, "support", r.intake)
			im.Limit = limit
			ctx, cancel := context.WithTimeout(t.Context(), importPatience/20)
			defer cancel()
			if !c.waits { // as long as a loaded machine needs
				ctx, cancel = context.WithTimeout(t.Context(), importPatience)
				defer cancel()
			}
			begun := time.Now()
			r.Must(im.Add(ctx, item(1000)))
			err = im.Flush(ctx)
			if waited := errors.Is(err, context.DeadlineExceeded); waited != c.waits || !waited && err != nil {
				t.Errorf("after %s: %v", time.Since(begun), err)
			}
		})
	}
}

// TestAnInterruptedImportCountsWhatIsBeingRecorded: Ctrl-C comes while a lot is on its way into the database.
func TestAnInterruptedImportCountsWhatIsBeingRecorded(t *testing.T) {
	r := newRig(t)
	im := NewImporter(r.Store, "support", r.intake)
	rung := false
	im.Ring = func(ctx context.Context) error {
		rung = true
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.Must(im.Add(ctx, intake.Item{Delivery: r.Delivery("support", "k", letter{From: "li@customer.example", Text: "hello"})}))
	r.intake.bulk = groupcommit.New(bulkItems, func(ctx context.Context, pieces []piece) ([][]channels.Recorded, error) {
		cancel()
		time.Sleep(10 * time.Millisecond) // as long as a disk takes
		return r.intake.runBulk(ctx, pieces)
	})
	r.Must(im.Flush(ctx))
	if got := im.Counts(); got != (ImportCounts{Recorded: 1}) || !rung {
		t.Errorf("counted %+v, rung %t", got, rung)
	}
}
