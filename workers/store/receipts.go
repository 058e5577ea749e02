package store

import (
	"context"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain"
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

// prepareReceipts makes commands of receipts: with an id, in case that nobody waits for one yet.
func (s *Store) prepareReceipts(ctx context.Context, receipts []InboxReceipt) ([]domain.Command, error) {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, len(receipts))
	if err != nil {
		return nil, err
	}
	out := make([]domain.Command, len(receipts))
	for i, r := range receipts {
		out[i] = domain.ReceiptCame{Receipt: domain.Receipt{
			ID: ids[i], Inbox: r.Inbox, Key: s.bound(r.Key), Provider: s.bound(r.ProviderID),
			Event: toldBy(string(r.Status)), Reason: clean(r.Reason), At: r.At,
		}}
	}
	return out, nil
}

// bound is key for texts that may be empty.
func (s *Store) bound(text string) string {
	if text == "" {
		return ""
	}
	return s.key(text)
}

// settleReceipts applies receipts to their rows and keeps those without one.
func (s *Store) settleReceipts(ctx context.Context, t tx, receipts []domain.Command, count tally, now time.Time) error {
	if len(receipts) == 0 {
		return nil
	}
	d, err := s.carry(ctx, t, receipts, nil, now, count)
	if err != nil {
		return err
	}
	return t.run(ctx, d.calls...)
}

// orNone makes a nil slice an empty one, which both databases take for an empty array.
func orNone[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
