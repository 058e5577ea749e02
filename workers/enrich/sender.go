package enrich

import (
	"context"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
)

// Senders is the Source that asks once more about senders who could not all be asked about when their message came.
// Who can make name servers fail would else decide whether he is believed.
type Senders struct {
	// Open reports whether there is something to ask. It is called for every message and has to be quick.
	Open func(d channels.Delivery) bool
	// Check asks; settled says that asking once more would bring nothing new.
	Check func(ctx context.Context, d channels.Delivery) (said screen.Sender, settled bool)
	For   time.Duration    // how long a message waits
	Now   func() time.Time // nil: time.Now
}

var _ Source = Senders{}

// Wait is For where the sender is doubtful. History is not worth the wait.
func (c Senders) Wait(p backlog.Pending) time.Duration {
	if p.Bulk || p.Imported || !c.Open(asDelivery(p)) {
		return 0
	}
	return c.For
}

// Ask asks who the sender is.
func (c Senders) Ask(ctx context.Context, p backlog.Pending) ([]backlog.Opinion, bool, error) {
	now := clock(c.Now)
	asked := now()
	who, settled := c.Check(ctx, asDelivery(p))
	o := screen.Opinion{Scanner: screen.SenderOpinion, Verdict: screen.OpinionClean, Sender: &who}
	if !settled {
		o.Verdict = screen.OpinionTimeout
	}
	return []backlog.Opinion{{Opinion: o, AskedAt: base.Stamp{Time: asked}, AnswerAt: base.Stamp{Time: now()}}}, settled, nil
}

// Unheard is nothing: the message tells by itself that its sender is not proven.
func (Senders) Unheard(backlog.Pending) []screen.Opinion { return nil }

func asDelivery(p backlog.Pending) channels.Delivery {
	return channels.Delivery{Inbox: p.Inbox, Channel: p.Channel, Key: p.Key, At: p.At, Raw: p.Raw, Meta: p.Meta}
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}
