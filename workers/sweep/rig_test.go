package sweep

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/engine"
	"frontdesk/workers/workerstest"
)

type letter = workerstest.Letter

const payment = workerstest.Payment

var noon = workerstest.Noon

// rig is a desk whose messages are decided, and whom nobody sends for.
type rig struct {
	*workerstest.Rig
	notifier *workers.Notifier
	meter    *workers.Meter
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{Rig: workerstest.New(t), meter: workers.NewMeter(prometheus.NewRegistry())}
	r.notifier = workers.NewNotifier(r.Queue, r.Logger)
	r.Recorded = r.notifier.Notify
	r.By(func() workerstest.Worker {
		return decide.NewProcessor(decide.ProcessorConfig{Store: r.Store, Notifier: r.notifier, Decoders: workerstest.Decoders(), Settings: r.Settings,
			Quarantine: decide.NewQuarantine(r.Store), Courtesy: &workers.Courtesy{}, Meter: r.meter, Logger: r.Logger, Now: r.Time})
	})
	return r
}

// tasks takes what was rung for and nobody has heard.
func (r *rig) tasks() []engine.Task {
	return r.Queue.Heard(func(ctx context.Context) { r.notifier.Run(ctx, workers.Local{}) })
}
