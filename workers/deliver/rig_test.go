package deliver

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/templates"
	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/workerstest"
)

type letter = workerstest.Letter

const payment = workerstest.Payment

var noon = workerstest.Noon

// rig is a desk whose messages are decided: the test hands each task to a deliverer by itself.
type rig struct {
	*workerstest.Rig
	notifier *workers.Notifier
	meter    *workers.Meter
	writer   *Writer
	senders  map[string]channels.Sender
	media    map[string]channels.MediaFetcher
	notices  map[string]NoticeSender
	alerts   Alerts
	letters  map[string]answering.Letterhead
}

// texts are the built-in ones.
var texts = sync.OnceValues(func() (*templates.Set, error) { return templates.New(nil) })

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{Rig: workerstest.New(t), meter: workers.NewMeter(prometheus.NewRegistry()), senders: map[string]channels.Sender{},
		media: map[string]channels.MediaFetcher{}, notices: map[string]NoticeSender{}}
	r.notifier = workers.NewNotifier(r.Queue, r.Logger)
	r.Recorded = r.notifier.Notify
	r.By(func() workerstest.Worker {
		return decide.NewProcessor(decide.ProcessorConfig{Store: r.Store, Notifier: r.notifier, Decoders: workerstest.Decoders(), Settings: r.Settings,
			Quarantine: decide.NewQuarantine(r.Store), Courtesy: &workers.Courtesy{}, Meter: r.meter, Logger: r.Logger, Now: r.Time})
	})
	set, err := texts()
	r.Must(err)
	r.writer = &Writer{Content: r.Store.Answering.Content, Channels: kinds.All().Traits(), Texts: set, DeskName: "Acme", Domain: "desk.example", Language: "en", Zone: time.UTC, Short: []string{"sms", "telegram"},
		SignReply: true, Inboxes: r.Settings.Inboxes, Answering: r.Settings.Answering,
		Fallback: []message.AddressKind{message.Email, message.Phone, "telegram"}, MAC: pipelinetest.MAC}
	return r
}

func (r *rig) deliverer() *Deliverer {
	d := NewDeliverer(r.Store, r.notifier, "worker-1", Outlets{Senders: r.senders, Media: r.media, Notices: r.notices, Alerts: r.alerts}, r.writer, r.meter, r.Logger)
	d.now = r.Time
	d.kinds[effects.KindAcknowledgement].(*sending).now = r.Time
	d.kinds[effects.KindMark].(*marking).now = r.Time
	d.kinds[effects.KindMedia].(*fetching).now = r.Time
	d.kinds[effects.KindNotice].(*noticing).now = r.Time
	d.kinds[effects.KindAlert].(*bells).now = r.Time
	return d
}

// record records receipts.
func (r *rig) record(ctx context.Context, lot intake.Lot, _ bool) ([]channels.Recorded, error) {
	return r.Store.Intake.Record(ctx, lot, r.Time())
}

// tasks takes what was rung for and nobody has heard.
func (r *rig) tasks() []engine.Task {
	return r.Queue.Heard(func(ctx context.Context) { r.notifier.Run(ctx, workers.Local{}) })
}
