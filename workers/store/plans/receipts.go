package plans

import (
	"context"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// EffectState is where an outbox row stands.
type EffectState = domain.EffectState

// The states of an outbox row.
const (
	EffectDue       = domain.EffectDue
	EffectSending   = domain.EffectSending
	EffectSent      = domain.EffectSent
	EffectDelivered = domain.EffectDelivered
	EffectFailed    = domain.EffectFailed
	EffectFallback  = domain.EffectFallback
	EffectWithheld  = domain.EffectWithheld
)

// tellings are the events that a provider's words for a row mean.
var tellings = map[channels.Status]domain.EffectHappening{
	channels.StatusDelivered: domain.Deliver,
	channels.StatusFailed:    domain.Fail,
}

func toldBy(status string) domain.EffectHappening {
	if on, ok := tellings[channels.Status(status)]; ok {
		return on
	}
	return domain.HandOver
}

func statusOf(on domain.EffectHappening) string {
	for status, means := range tellings {
		if means == on {
			return string(status)
		}
	}
	return string(channels.StatusSent)
}

// PrepareReceipts makes commands of receipts: with an id, in case that nobody waits for one yet.
func (s *Store) PrepareReceipts(ctx context.Context, receipts []InboxReceipt) ([]domain.Command, error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, len(receipts))
	if err != nil {
		return nil, err
	}
	out := make([]domain.Command, len(receipts))
	for i, r := range receipts {
		out[i] = domain.ReceiptCame{Receipt: domain.Receipt{
			ID: ids[i], Inbox: r.Inbox, Key: s.base.Bound(r.Key), Provider: s.base.Bound(r.ProviderID),
			Event: toldBy(string(r.Status)), Reason: sql.Clean(r.Reason), At: r.At,
		}}
	}
	return out, nil
}

// SettleReceipts applies receipts to their rows and keeps those without one.
func (s *Store) SettleReceipts(ctx context.Context, t sql.Tx, receipts []domain.Command, count base.Tally, now time.Time) error {
	if len(receipts) == 0 {
		return nil
	}
	d, err := s.Carry(ctx, t, receipts, nil, now, count)
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}

// InboxReceipt is a receipt with the inbox that it came by.
type InboxReceipt struct {
	Inbox string
	channels.Receipt
}
