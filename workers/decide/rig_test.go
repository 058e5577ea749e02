package decide

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/workerstest"
)

type letter = workerstest.Letter

const payment = workerstest.Payment

var noon = workerstest.Noon

// rig is a desk without an engine: the test hands each task on by itself.
type rig struct {
	*workerstest.Rig
	notifier  *workers.Notifier
	meter     *workers.Meter
	processor *Processor
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{Rig: workerstest.New(t), meter: workers.NewMeter(prometheus.NewRegistry())}
	r.notifier = workers.NewNotifier(r.Queue, r.Logger)
	r.processor = r.newProcessor()
	r.Recorded = r.notifier.Notify
	r.Decide = func(ctx context.Context, ids []int64) error { return r.processor.batch(ctx, ids, mode{}) }
	return r
}

func (r *rig) newProcessor() *Processor { return r.asking(nil, NewQuarantine(r.Store)) }

// asking makes a processor that asks others first.
func (r *rig) asking(s *enrich.Step, q *Quarantine) *Processor {
	return NewProcessor(ProcessorConfig{Store: r.Store, Notifier: r.notifier, Decoders: workerstest.Decoders(), Settings: r.Settings, Quarantine: q,
		Courtesy: &workers.Courtesy{}, Enrich: s, Meter: r.meter, Logger: r.Logger, Now: r.Time})
}

// careful works on messages in quarantine, one after the other, whoever fails.
func (p *Processor) careful(ctx context.Context, ids []int64) (failed error) {
	for _, id := range ids {
		failed = errors.Join(failed, p.carefully(ctx, id, false))
	}
	return failed
}

// next decides a batch of what is due.
func (r *rig) next() {
	r.T.Helper()
	_, err := r.processor.next(r.T.Context(), false)
	r.Must(err)
}

// tasks takes what was rung for and nobody has heard.
func (r *rig) tasks() []engine.Task {
	return r.Queue.Heard(func(ctx context.Context) { r.notifier.Run(ctx, workers.Local{}) })
}
