package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
)

// EffectState is where an outbox row stands.
type EffectState string

// The states of an outbox row. Due and Sending are open; a Failed acknowledgement is open until its
// fallback is decided.
const (
	EffectDue       EffectState = "due"
	EffectSending   EffectState = "sending"
	EffectSent      EffectState = "sent"
	EffectDelivered EffectState = "delivered"
	EffectFailed    EffectState = "failed"
	EffectFallback  EffectState = "fallback" // failed, and another row went on at another address
	EffectWithheld  EffectState = "withheld"
)

// rank says which of two fates wins: a failure told later is a failure, whatever was told before.
func rank(s EffectState) int {
	switch s {
	case EffectSent:
		return 1
	case EffectDelivered:
		return 2
	case EffectFailed:
		return 3
	case EffectFallback, EffectWithheld:
		return 4
	}
	return 0
}

func fateOf(s channels.Status) EffectState {
	switch s {
	case channels.StatusDelivered:
		return EffectDelivered
	case channels.StatusFailed:
		return EffectFailed
	}
	return EffectSent
}

var insertReceipts = insert("receipts", "", column{"id", number}, column{"inbox", text}, column{"key", text},
	column{"provider_id", text}, column{"status", text}, column{"reason", text}, column{"at", number}, column{"kept_at", number})

// received is a receipt made ready: with an id, in case that nobody waits for it yet.
type received struct {
	id int64
	InboxReceipt
}

func (s *Store) prepareReceipts(ctx context.Context, receipts []InboxReceipt) ([]received, error) {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, len(receipts))
	if err != nil {
		return nil, err
	}
	out := make([]received, len(receipts))
	for i, r := range receipts {
		r.Key, r.ProviderID, r.Reason = s.bound(r.Key), s.bound(r.ProviderID), clean(r.Reason)
		out[i] = received{ids[i], r}
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
func (s *Store) settleReceipts(ctx context.Context, t tx, receipts []received, count tally, now time.Time) error {
	if len(receipts) == 0 {
		return nil
	}
	var keys, providers []string
	for _, r := range receipts {
		if r.Key != "" {
			keys = append(keys, r.Key)
		}
		if r.ProviderID != "" {
			providers = append(providers, r.ProviderID)
		}
	}
	rows, err := lockEffects(ctx, t, nil, keys, providers)
	if err != nil {
		return err
	}
	changed := map[int64]bool{}
	var kept [][]any
	for _, r := range receipts {
		i := slices.IndexFunc(rows, func(e *effect) bool {
			return r.Key != "" && e.key == r.Key || r.ProviderID != "" && e.provider == r.ProviderID
		})
		if i < 0 {
			kept = append(kept, []any{r.id, clean(r.Inbox), r.Key, r.ProviderID, string(r.Status), r.Reason, micros(r.At), micros(now)})
			continue
		}
		sent := rows[i].sent != 0
		rows[i].receive(r.Receipt, count, now)
		changed[rows[i].id] = true
		if !sent && rows[i].sent != 0 {
			if err := s.keptBy(ctx, t, rows[i], count); err != nil {
				return err
			}
		}
	}
	rows = slices.DeleteFunc(rows, func(e *effect) bool { return !changed[e.id] })
	return t.run(ctx, put(insertReceipts, kept), put(settleEffects, effectRows(rows)))
}

// keptBy settles the promise of what a receipt says was sent, by its time: the attempt itself may never
// come to know.
func (s *Store) keptBy(ctx context.Context, t tx, e *effect, count tally) error {
	z := &settling{s: s, now: moment(e.sent), count: count}
	z.settled(e)
	promises, err := z.promises(ctx, t)
	if err != nil {
		return err
	}
	return t.run(ctx, promises)
}

// effect is an outbox row as it is locked to be changed.
type effect struct {
	id                       int64
	key, kind                string
	state                    EffectState
	ticket, message, contact int64
	inbox, recipient         string
	attempts                 int64
	next, wake, sent         int64
	provider                 string
	parts                    int64
	unknown, needsFallback   bool
	erased                   bool
	cause, lastError         string
}

const effectColumns = `id, key, kind, state, ticket, message, contact, inbox, recipient, attempts, next_at, wake_at, sent_at,
provider_id, parts_done, outcome_unknown, needs_fallback, erased, cause, last_error`

// lockEffects locks rows by any of their names, in the order of their ids.
func lockEffects(ctx context.Context, t tx, ids []int64, keys, providers []string) ([]*effect, error) {
	var out []*effect
	err := t.run(ctx, ask(func(row scanner) error {
		e := &effect{}
		err := row.Scan(&e.id, &e.key, &e.kind, &e.state, &e.ticket, &e.message, &e.contact, &e.inbox, &e.recipient, &e.attempts,
			&e.next, &e.wake, &e.sent, &e.provider, &e.parts, &e.unknown, &e.needsFallback, &e.erased, &e.cause, &e.lastError)
		out = append(out, e)
		return err
	}, `SELECT `+effectColumns+` FROM outbox WHERE id {in SELECT id FROM outbox WHERE id = ANY($1)
UNION SELECT id FROM outbox WHERE key = ANY($2) UNION SELECT id FROM outbox WHERE provider_id <> '' AND provider_id = ANY($3)} ORDER BY id FOR UPDATE`,
		orNone(sorted(ids)), orNone(keys), orNone(providers)))
	if err != nil {
		return nil, fmt.Errorf("locking outbox rows: %w", err)
	}
	return out, nil
}

// orNone makes a nil slice an empty one, which both databases take for an empty array.
func orNone[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

var settleEffects = update("outbox", "", column{"id", number}, column{"state", text}, column{"cause", text}, column{"next_at", number},
	column{"wake_at", number}, column{"sent_at", number}, column{"provider_id", text}, column{"parts_done", number},
	column{"outcome_unknown", flag}, column{"needs_fallback", flag}, column{"last_error", text})

func effectRows(effects []*effect) [][]any {
	rows := make([][]any, len(effects))
	for i, e := range effects {
		rows[i] = []any{e.id, string(e.state), e.cause, e.next, e.wake, e.sent, e.provider, e.parts, e.unknown, e.needsFallback, e.lastError}
	}
	return rows
}

// become moves the row to another state and counts that.
func (e *effect) become(s EffectState, count tally) {
	count.move(counter(e.kind), string(e.state), string(s))
	e.state = s
}

// close takes the row out of the sweep's sight.
func (e *effect) close() { e.next, e.wake, e.needsFallback = 0, 0, false }

// receive applies a receipt that came by itself. A row that another attempt is on its way for is
// closed as well: the provider has it.
func (e *effect) receive(r channels.Receipt, count tally, now time.Time) {
	fate := fateOf(r.Status)
	if e.provider == "" {
		e.provider = r.ProviderID
	}
	if rank(fate) <= rank(e.state) {
		return
	}
	if fate == EffectSent && e.state == EffectSending {
		return // the attempt under way will say so itself, and settle the promise
	}
	e.become(fate, count)
	e.close()
	e.unknown = false
	if e.sent == 0 { // whoever says that it failed has had it, too: the order in which words come must not decide
		e.sent = cmpTime(r.At, now)
	}
	if fate == EffectFailed {
		e.fail(r.Reason, now)
	}
}

func cmpTime(at, now time.Time) int64 {
	if at.IsZero() || at.After(now) {
		return micros(now)
	}
	return micros(at)
}

// fail notes why, and wakes a failed acknowledgement at once for its fallback.
func (e *effect) fail(reason string, now time.Time) {
	e.lastError = reason
	if e.kind == pipeline.KindAcknowledgement {
		e.needsFallback, e.next, e.wake = true, micros(now), micros(now)
	}
}
