package receive

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/workerstest"
)

type letter = workerstest.Letter

const payment = workerstest.Payment

var noon = workerstest.Noon

// rig is a desk that takes in, and where nobody decides.
type rig struct {
	*workerstest.Rig
	notifier *workers.Notifier
	meter    *workers.Meter
	intake   *Intake
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{Rig: workerstest.New(t), meter: workers.NewMeter(prometheus.NewRegistry())}
	r.notifier = workers.NewNotifier(r.Queue, r.Logger)
	r.intake = r.newIntake(nil)
	return r
}

func (r *rig) newIntake(heard func(string, time.Time)) *Intake {
	in := NewIntake(IntakeConfig{Store: r.Store, Notifier: r.notifier, Meter: r.meter, Logger: r.Logger, Heard: heard})
	in.now = r.Time
	return in
}

// accept records deliveries and returns their ids.
func (r *rig) accept(deliveries ...channels.Delivery) []int64 {
	r.T.Helper()
	recorded, err := r.intake.Accept(r.T.Context(), deliveries...)
	r.Must(err)
	var ids []int64
	for _, d := range recorded {
		ids = append(ids, d.ID)
	}
	return ids
}

// tasks takes what was rung for and nobody has heard.
func (r *rig) tasks() []engine.Task {
	return r.Queue.Heard(func(ctx context.Context) { r.notifier.Run(ctx, workers.Local{}) })
}
