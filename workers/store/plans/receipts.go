package plans

import (
	"context"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// tellings are the events that a provider's words for a row mean.
var tellings = map[channels.Status]effects.Event{
	channels.StatusDelivered: effects.Deliver,
	channels.StatusFailed:    effects.Fail,
}

func toldBy(status string) effects.Event {
	if on, ok := tellings[channels.Status(status)]; ok {
		return on
	}
	return effects.HandOver
}

func statusOf(on effects.Event) string {
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
		out[i] = commands.ReceiptCame{Receipt: effects.Receipt{
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
