package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/identify"
)

// Outcome is what became of one claimed row.
type Outcome struct {
	ID         int64
	Attempt    int         // whose end it is, as claimed; 0 where that is not known
	State      EffectState // EffectSent, EffectDelivered, EffectFailed, EffectWithheld, or EffectDue to try again
	ProviderID string      // for mail its Message-ID without brackets
	Next       time.Time   // when to try again, for EffectDue
	Code       string      // provider's code or our cause
	Detail     string      // words for a person; no address, no text
	PartsDone  int
	Unknown    bool // no answer: it may have been done
	// Words is what was handed over, or may have been, sealed by SealWords for Attempt; nil for nothing.
	Words []byte
	// Fallback is the row that goes on at another address; the state becomes EffectFallback.
	Fallback *pipeline.EffectPlan
	// Ask is when the provider is to be asked whether it arrived, if it has not said so by then; zero: never.
	Ask      time.Time
	Refused  bool   // the provider refuses us, whoever the recipient is
	Dead     bool   // the address takes nothing any more
	OptedOut bool   // the recipient said STOP
	Void     string // cause with which the acknowledgement's promise, or those that a digest covers, are void, when nobody can be reached
}

var insertAttempts = insert("outbox_attempts", "ON CONFLICT (effect, n) DO NOTHING", column{"effect", number}, column{"n", number},
	column{"at", number}, column{"outcome", text}, column{"code", text}, column{"detail", text}, column{"words", bytes})

// settling is one Settle being made.
type settling struct {
	s        *Store
	now      time.Time
	outcomes map[int64]Outcome
	count    tally

	attempts      [][]any
	fallbacks     []outboxRow
	checks        []checkRow       // what is to be asked about later
	kept          []int64          // tickets whose acknowledgement went out
	digests       []int64          // digests that went out
	voided        map[int64]string // ticket → cause
	fruitless     map[int64]string // digest that nobody can be sent → cause
	strangers     int64            // fallbacks to addresses that nobody has proven
	dead, stopped []string
	released      []int64 // digests that failed: what they covered is free again
}

// Settle writes the outcomes of many rows in one transaction. A receipt that came meanwhile and
// says more than the outcome wins. A sent acknowledgement keeps its ticket's promise, a sent digest
// those of the tickets that it covers. Each outcome is one attempt in the row's story.
func (s *Store) Settle(ctx context.Context, outcomes []Outcome, now time.Time) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := s.fallbackIDs(ctx, outcomes); err != nil {
		return err
	}
	err := s.write(ctx, func(t tx) error {
		z := &settling{s: s, now: now, outcomes: map[int64]Outcome{}, count: tally{}, voided: map[int64]string{}, fruitless: map[int64]string{}}
		ids := make([]int64, len(outcomes))
		for i, o := range outcomes {
			ids[i], z.outcomes[o.ID] = o.ID, o.or(z.outcomes[o.ID])
		}
		effects, err := lockEffects(ctx, t, ids, nil, nil)
		if err != nil {
			return err
		}
		for _, e := range effects {
			z.apply(e)
		}
		if err := z.early(ctx, t, effects); err != nil {
			return err
		}
		promises, err := z.promises(ctx, t)
		if err != nil {
			return err
		}
		calls := append([]call{promises, put(settleEffects, effectRows(effects)), put(insertAttempts, z.attempts),
			insertOutbox.put(z.fallbacks...)}, z.rare()...)
		if len(z.checks) > 0 {
			calls = append(calls, insertChecks.put(z.checks...))
		}
		if z.strangers > 0 {
			calls = append(calls, do(addScope, acknowledge.ScopeStranger, slot(now), z.strangers))
		}
		return t.last(ctx, append(calls, z.count.call())...)
	})
	if err != nil {
		return fmt.Errorf("settling %d effects: %w", len(outcomes), err)
	}
	return nil
}

// took reports whether the provider has it.
func (o Outcome) took() bool { return o.State == EffectSent || o.State == EffectDelivered }

// or is what counts of two outcomes of one row: what was sent is sent, else the later attempt knows.
func (o Outcome) or(other Outcome) Outcome {
	if other.took() && !o.took() || other.took() == o.took() && other.Attempt > o.Attempt {
		return other
	}
	return o
}

// fallbackIDs gives ids to the fallback rows that have none, so that the caller can ring for them.
func (s *Store) fallbackIDs(ctx context.Context, outcomes []Outcome) error {
	for _, o := range outcomes {
		if o.Fallback == nil || o.Fallback.ID != 0 {
			continue
		}
		ids, err := s.sequences.takeAll(ctx, pipeline.SequenceEffect, 1)
		if err != nil {
			return err
		}
		o.Fallback.ID = ids[0]
	}
	return nil
}

func (z *settling) apply(e *effect) {
	o := z.outcomes[e.id]
	words := o.Words
	if e.erased { // nothing of its person comes back
		words = nil
	}
	z.attempts = append(z.attempts, []any{e.id, cmp.Or(int64(o.Attempt), e.attempts), micros(z.now), z.outcomeName(o), clean(o.Code), clean(o.Detail), words})
	if o.ProviderID != "" {
		e.provider = z.s.key(o.ProviderID)
	}
	e.parts = max(e.parts, int64(o.PartsDone))
	if o.Dead {
		z.dead = append(z.dead, e.recipient)
	}
	if o.OptedOut {
		z.stopped = append(z.stopped, e.recipient)
	}
	if o.Attempt > 0 && int64(o.Attempt) < e.attempts && !o.took() {
		e.unknown = e.unknown || o.Unknown
		return // its claim has run out, and the row is a later attempt's
	}
	e.unknown = o.Unknown
	if e.state == EffectFallback || e.state == EffectWithheld {
		return
	}
	switch {
	case o.took():
		z.sent(e, o)
	case o.Fallback != nil:
		z.fallback(e, o)
	case e.state == EffectSent || e.state == EffectDelivered:
		// a receipt has said meanwhile that it went out
	case o.State == EffectDue:
		z.again(e, o)
	default:
		z.over(e, o)
	}
}

// again hands a row back until its next time. One that waits for its fallback goes on waiting for
// that: it is not sent again.
func (z *settling) again(e *effect, o Outcome) {
	if e.state != EffectFailed {
		e.become(EffectDue, z.count)
	}
	next := o.Next
	if next.IsZero() {
		next = z.now
	}
	e.next, e.wake, e.lastError = micros(next), micros(next), clean(cmp.Or(o.Code, o.Detail))
}

func (z *settling) outcomeName(o Outcome) string {
	switch {
	case o.Fallback != nil:
		return string(EffectFallback)
	case o.Unknown:
		return OutcomeUnknown
	case o.State == EffectDue:
		return "retry"
	}
	return string(o.State)
}

func (z *settling) sent(e *effect, o Outcome) {
	if e.sent == 0 {
		e.sent = micros(z.now)
	}
	if rank(o.State) > rank(e.state) {
		e.become(o.State, z.count)
	}
	if e.state == EffectFailed { // the provider has said meanwhile that it will never arrive
		z.settled(e) // and yet it was handed over, as if that word had come a moment later
		return
	}
	e.close()
	e.lastError = ""
	if !o.Ask.IsZero() && e.state == EffectSent {
		z.checks = append(z.checks, checkRow{e.id, o.Ask})
	}
	z.settled(e)
}

// settled notes whose promise the row has kept.
func (z *settling) settled(e *effect) {
	switch e.kind {
	case pipeline.KindAcknowledgement:
		z.kept = append(z.kept, e.ticket)
		delete(z.voided, e.ticket)
	case pipeline.KindDigest:
		z.digests = append(z.digests, e.id)
	}
}

func (z *settling) fallback(e *effect, o Outcome) {
	e.become(EffectFallback, z.count)
	e.close()
	e.lastError = clean(o.Code)
	z.fallbacks = append(z.fallbacks, z.s.effectRow(*o.Fallback, origin{e.ticket, e.message, e.contact}, z.now))
	z.count.move(counter(o.Fallback.Kind), "", string(startState(*o.Fallback)))
	if o.Fallback.Unproven {
		z.strangers++
	}
}

// over ends a row without success.
func (z *settling) over(e *effect, o Outcome) {
	e.become(o.State, z.count)
	e.close()
	e.cause, e.lastError = clean(o.Code), clean(o.Detail)
	if o.Void != "" && e.kind == pipeline.KindAcknowledgement {
		z.voided[e.ticket] = o.Void
	}
	switch {
	case e.kind == pipeline.KindDigest && o.Void != "":
		z.fruitless[e.id] = o.Void
	case e.kind == pipeline.KindDigest:
		z.released = append(z.released, e.id)
	}
}

// early applies receipts that came before their row knew the provider's id.
func (z *settling) early(ctx context.Context, t tx, effects []*effect) error {
	var keys, providers []string
	for _, e := range effects {
		keys = append(keys, e.key)
		if e.provider != "" {
			providers = append(providers, e.provider)
		}
	}
	return t.run(ctx, ask(func(row scanner) error {
		var r InboxReceipt
		var at int64
		if err := row.Scan(&r.Inbox, &r.Key, &r.ProviderID, &r.Status, &r.Reason, &at); err != nil {
			return err
		}
		r.At = moment(at)
		for _, e := range effects {
			if r.Key != "" && r.Key == e.key || r.ProviderID != "" && r.ProviderID == e.provider {
				sent := e.sent
				if e.receive(r.Receipt, z.count, z.now); sent == 0 && e.sent != 0 {
					z.settled(e)
				}
			}
		}
		return nil
	}, `DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE key <> '' AND key = ANY($1)
UNION SELECT id FROM receipts WHERE provider_id <> '' AND provider_id = ANY($2)} RETURNING inbox, key, provider_id, status, reason, at`,
		orNone(keys), orNone(providers)))
}

// promises are the acknowledgement promises of what went out, as they are settled.
func (z *settling) promises(ctx context.Context, t tx) (call, error) {
	if err := z.uncover(ctx, t); err != nil {
		return call{}, err
	}
	owed := promises{count: z.count}
	tickets := slices.Concat(z.kept, keysOf(z.voided))
	if len(tickets) == 0 && len(z.digests) == 0 {
		return owed.call(), nil
	}
	onEnd := func(p domain.Promise) (domain.Promise, bool) {
		if cause, void := z.voided[p.Ticket]; void {
			return p.Withdrawn(cause, z.now)
		}
		return p.Done(z.now)
	}
	err := owed.each(ctx, t, onEnd, `kind = '`+domain.Acknowledgement+`' AND ticket {in SELECT CAST(a.value AS bigint) FROM EACH($1::bigint[]) AS a
UNION SELECT ticket FROM outbox WHERE covered_by > 0 AND covered_by = ANY($2)} ORDER BY ticket`, sorted(tickets), sorted(z.digests))
	return owed.call(), err
}

// uncover voids what the digests would have kept that nobody can be sent; what they cover is withheld
// for the same cause from now on.
func (z *settling) uncover(ctx context.Context, t tx) error {
	for _, digest := range keysOf(z.fruitless) {
		cause := z.fruitless[digest]
		if err := t.run(ctx, ask(func(row scanner) error {
			var ticket int64
			err := row.Scan(&ticket)
			z.voided[ticket] = cause
			return err
		}, `UPDATE outbox SET cause = $2 WHERE covered_by > 0 AND covered_by = $1 AND state = 'withheld' RETURNING ticket`, digest, clean(cause))); err != nil {
			return err
		}
	}
	return nil
}

// rare is what most batches have nothing of: addresses that are dead or said STOP, digests that failed.
func (z *settling) rare() []call {
	var calls []call
	if len(z.dead)+len(z.stopped) > 0 {
		calls = append(calls, lockIdentities(slices.Concat(z.dead, z.stopped)))
	}
	if len(z.dead) > 0 {
		calls = append(calls, markFailed(z.dead))
	}
	if len(z.stopped) > 0 {
		slices.Sort(z.stopped)
		calls = append(calls, do(`UPDATE identities SET opted_out = true WHERE address = ANY($1)`, z.stopped))
	}
	if len(z.released) > 0 {
		calls = append(calls, do(`UPDATE outbox SET covered_by = 0 WHERE covered_by > 0 AND covered_by = ANY($1)`, sorted(z.released)))
	}
	return calls
}

// Addresses are where an acknowledgement of that message may go, for the fallback chain: first what the
// contact has proven, in the order in which it became known, then what the message itself claims and nobody
// else has proven.
func (s *Store) Addresses(ctx context.Context, contact, message int64) ([]identify.Identity, error) {
	var out []identify.Identity
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var i identify.Identity
			err := row.Scan(&i.Kind, &i.Value, &i.Verified, &i.OptedOut, &i.Failed)
			out = append(out, i)
			return err
		}, `SELECT kind, value, contact <> 0, opted_out, failed FROM identities WHERE address {in SELECT address FROM identities WHERE contact <> 0 AND contact = $1 UNION
SELECT address FROM claims WHERE message = $2} AND (contact = 0 OR contact = $1) ORDER BY contact DESC, created_at, address`, contact, message))
	})
	if err == nil {
		err = s.heedTombs(ctx, out)
	}
	if err != nil {
		return nil, fmt.Errorf("reading addresses: %w", err)
	}
	return out, nil
}
