package auditing

import (
	"context"
	"math"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// position is where in the order of recording an audit stands: microseconds and id. Ids alone do not tell the order,
// since processes take blocks.
type position struct{ at, id int64 }

// auditSliceRows are the rows of one slice of deliveries, all of one moment. Maps are by the id of the message where
// nothing else is said; what is not there has no entry. The rules (check and what it calls) read these maps alone.
type auditSliceRows struct {
	a *auditor

	order     []int64 // ids of the deliveries, in the order of recording
	delivered map[int64]auditDelivery
	repeated  map[int64]int64 // delivery → an older one of the same key
	undecided map[int64]messages.State
	messages  map[int64]*auditMessage
	originals map[int64]string // → name of its blob, if it is large
	sealedBy  map[int64]int64  // original → the data key that its row names
	decisions map[int64]string // message → digest of the configuration
	effects   map[int64][]auditEffect

	tickets  map[int64]*auditTicket
	contents map[string]int64         // content key → its message
	firsts   map[int64]messages.State // of the first copies; absent: not even a delivery
	covering map[int64]auditEffect
	digests  map[int64]bool // capped effects that a digest on its way will list
}

// auditDelivery is one recorded delivery; at is the source's time, recorded ours, both in microseconds.
type auditDelivery struct {
	id, at, recorded int64
	inbox            string
	channel          string
	imported         bool
}

// auditMessage is what was decided about it; times are in microseconds, 0 for none.
type auditMessage struct {
	id, ticket, copyOf, decided, expires, erased int64
	origin                                       int64 // the ticket out of which a person has moved it; 0: it lies where it was brought
	state                                        messages.State
	cause, kind, content                         string
}

// auditTicket is a ticket with what the slice needs of it. messages is what it counts itself, opening and appended
// what is there.
type auditTicket struct {
	id, contact, messages                      int64
	inbox, queue, category, priority, language string
	opening, appended                          int64
	promises                                   []promises.Promise
}

// auditEffect is one row of the outbox; sent and wake are in microseconds, 0 for none.
type auditEffect struct {
	id, ticket, message, contact, sent, wake, coveredBy int64
	kind, cause                                         string
	state                                               effects.State
	needsFallback                                       bool
}

// deliverySlice runs along the index deliveries_recorded. The comparison of pairs is one range of it in both
// databases.
const deliverySlice = `SELECT id, inbox, channel, at, recorded_at, imported FROM deliveries
WHERE (recorded_at, id) > ($1, $2) AND recorded_at < $3 ORDER BY recorded_at, id LIMIT $4`

// slice audits the next deliveries, and says how many they were and where they end. Its rows are read in one
// snapshot, since a decision moves a message from one table to another; what is slow, blobs and opening, comes after
// it, so that no snapshot is held for long.
func (a *auditor) slice(ctx context.Context, from position) (n int64, next position, err error) {
	r := &auditSliceRows{a: a}
	err = a.s.base.DB.Snapshot(ctx, func(t sql.Tx) error {
		r.reset()
		if err := r.readDeliveries(ctx, t, from); err != nil || len(r.order) == 0 {
			return err
		}
		if err := t.Run(ctx, r.ofDeliveries()...); err != nil {
			return err
		}
		return t.Run(ctx, r.ofMessages()...)
	})
	if err != nil || len(r.order) == 0 {
		return 0, from, err
	}
	r.check()
	if err := r.blobs(ctx); err != nil {
		return 0, from, err
	}
	if err := r.sealed(ctx); err != nil {
		return 0, from, err
	}
	if err := r.everything(ctx); err != nil {
		return 0, from, err
	}
	last := r.delivered[r.order[len(r.order)-1]]
	return int64(len(r.order)), position{last.recorded, last.id}, nil
}

// reset begins anew: a snapshot may be tried again.
func (r *auditSliceRows) reset() {
	*r = auditSliceRows{a: r.a, delivered: map[int64]auditDelivery{}, repeated: map[int64]int64{}, undecided: map[int64]messages.State{},
		messages: map[int64]*auditMessage{}, originals: map[int64]string{}, sealedBy: map[int64]int64{}, decisions: map[int64]string{}, effects: map[int64][]auditEffect{},
		tickets: map[int64]*auditTicket{}, contents: map[string]int64{}, firsts: map[int64]messages.State{}, covering: map[int64]auditEffect{}, digests: map[int64]bool{}}
}

// readDeliveries reads the next deliveries behind a position, within the period.
func (r *auditSliceRows) readDeliveries(ctx context.Context, t sql.Tx, from position) error {
	until := int64(math.MaxInt64)
	if !r.a.o.To.IsZero() {
		until = sql.Micros(r.a.o.To)
	}
	return t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var d auditDelivery
		err := row.Scan(&d.id, &d.inbox, &d.channel, &d.at, &d.recorded, &d.imported)
		r.order = append(r.order, d.id)
		r.delivered[d.id] = d
		return err
	}, deliverySlice, from.at, from.id, until, auditSlice))
}

// ofDeliveries reads what hangs on the ids of the deliveries. Every statement goes by a primary key, or by the
// partial index outbox_message; the second condition on message lets the planners take that one.
func (r *auditSliceRows) ofDeliveries() []sql.Call {
	ids := sql.Sorted(r.order)
	return []sql.Call{
		sql.Ask(func(row sql.Row) error {
			var id, older int64
			err := row.Scan(&id, &older)
			r.repeated[id] = older
			return err
		}, `SELECT d.id, e.id FROM deliveries d JOIN deliveries e ON e.inbox = d.inbox AND e.key = d.key WHERE d.id = ANY($1) AND e.id < d.id`, ids),
		sql.Ask(sql.Pair(func(id int64, state messages.State) { r.undecided[id] = state }), `SELECT message_id, state FROM undecided WHERE message_id = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			m := &auditMessage{}
			err := row.Scan(&m.id, &m.state, &m.cause, &m.ticket, &m.copyOf, &m.kind, &m.content, &m.decided, &m.expires, &m.erased, &m.origin)
			r.messages[m.id] = m
			return err
		}, `SELECT id, state, cause, ticket, duplicate_of, kind, content, decided_at, expires_at, erased_at, origin FROM messages WHERE id = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			var id, key int64
			var blob string
			err := row.Scan(&id, &blob, &key)
			r.originals[id], r.sealedBy[id] = blob, key
			return err
		}, `SELECT id, blob, data_key FROM originals WHERE id = ANY($1)`, ids),
		sql.Ask(sql.Pair(func(id int64, config string) { r.decisions[id] = config }), `SELECT message, config FROM decisions WHERE message = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			e, err := scanAuditEffect(row)
			r.effects[e.message] = append(r.effects[e.message], e)
			return err
		}, `SELECT `+auditEffectColumns+` FROM outbox WHERE message <> 0 AND message = ANY($1) AND kind = '`+effects.KindAcknowledgement+`' ORDER BY id`, ids),
	}
}

// auditEffectColumns and scanAuditEffect belong together.
const auditEffectColumns = `id, ticket, message, contact, sent_at, wake_at, covered_by, kind, cause, state, needs_fallback`

func scanAuditEffect(row sql.Row) (e auditEffect, err error) {
	err = row.Scan(&e.id, &e.ticket, &e.message, &e.contact, &e.sent, &e.wake, &e.coveredBy, &e.kind, &e.cause, &e.state, &e.needsFallback)
	return e, err
}

// ofMessages reads what hangs on the messages: tickets, promises, first copies, digests.
func (r *auditSliceRows) ofMessages() []sql.Call {
	var calls []sql.Call
	opened := map[int64]bool{}
	var contents []string
	var firsts []int64
	for _, m := range r.messages {
		if m.ticket != 0 {
			r.tickets[m.ticket] = nil
			opened[m.ticket] = opened[m.ticket] || m.state == messages.Ticketed
		}
		if m.content != "" && m.opensOrContinues() {
			contents = append(contents, m.content)
		}
		if m.copyOf != 0 {
			firsts = append(firsts, m.copyOf)
		}
	}
	// Questions without arguments are left out: an empty list would still cost its part of the round trip.
	calls = append(calls, r.ofTickets()...)
	if len(contents) > 0 {
		calls = append(calls, sql.Ask(sql.Pair(func(digest string, message int64) { r.contents[digest] = message }), `SELECT digest, message FROM content_keys WHERE digest = ANY($1)`, contents))
	}
	if len(firsts) > 0 {
		calls = append(calls, sql.Ask(sql.Pair(func(id int64, state messages.State) { r.firsts[id] = state }), `SELECT d.id, coalesce(m.state, 'recorded') FROM deliveries d LEFT JOIN messages m ON m.id = d.id WHERE d.id = ANY($1)`, sql.Sorted(firsts)))
	}
	return append(calls, r.ofCapped()...)
}

// ofTickets reads the tickets that the slice's messages point to, and counts all messages of each, those of other
// slices too.
func (r *auditSliceRows) ofTickets() []sql.Call {
	if len(r.tickets) == 0 {
		return nil
	}
	ids := sql.KeysOf(r.tickets)
	clear(r.tickets)
	return []sql.Call{
		sql.Ask(func(row sql.Row) error {
			k := &auditTicket{}
			err := row.Scan(&k.id, &k.contact, &k.inbox, &k.queue, &k.category, &k.priority, &k.language, &k.messages)
			r.tickets[k.id] = k
			return err
		}, `SELECT id, contact, inbox, queue, category, priority, language, messages FROM tickets WHERE id = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			var id, n int64
			var state messages.State
			if err := row.Scan(&id, &state, &n); err != nil {
				return err
			}
			// A ticket that is not there is nil here, and a finding of RuleTicket.
			if k := r.tickets[id]; k != nil && state == messages.Ticketed {
				k.opening = n
			} else if k != nil && state == messages.Appended {
				k.appended = n
			}
			return nil
		}, `SELECT ticket, state, count(*) FROM messages WHERE ticket <> 0 AND ticket = ANY($1) GROUP BY ticket, state`, ids),
		sql.Ask(func(row sql.Row) error {
			p, err := plans.ScanPromise(row)
			if k := r.tickets[p.Ticket]; k != nil {
				k.promises = append(k.promises, p)
			}
			return err
		}, `SELECT `+plans.PromiseColumns+` FROM promises WHERE ticket = ANY($1) ORDER BY ticket, kind`, ids),
		sql.Ask(func(row sql.Row) error {
			p, err := plans.ScanTurn(row)
			if k := r.tickets[p.Ticket]; k != nil {
				k.promises = append(k.promises, p)
			}
			return err
		}, `SELECT `+plans.TurnColumns+` FROM turns WHERE ticket = ANY($1) ORDER BY ticket, turn`, ids),
	}
}

// ofCapped reads the digests that cover what a cap withheld; and where none does yet, for which one is on its way. A
// digest is found by what it counts as; rows of older programs have only their contact.
func (r *auditSliceRows) ofCapped() []sql.Call {
	covering, uncovered := map[int64]bool{}, map[int64]bool{}
	for _, effects := range r.effects {
		for _, e := range effects {
			if e.coveredBy != 0 {
				covering[e.coveredBy] = true
			}
			if e.capped() && e.coveredBy == 0 {
				uncovered[e.id] = true
			}
		}
	}
	var calls []sql.Call
	if len(covering) > 0 {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			e, err := scanAuditEffect(row)
			r.covering[e.id] = e
			return err
		}, `SELECT `+auditEffectColumns+` FROM outbox WHERE id = ANY($1)`, sql.KeysOf(covering)))
	}
	if len(uncovered) > 0 {
		calls = append(calls, sql.Ask(sql.Value(func(id int64) { r.digests[id] = true }), `SELECT o.id FROM outbox o WHERE o.id = ANY($1) AND EXISTS (SELECT 1 FROM outbox d WHERE d.wake_at > 0 AND d.kind = '`+effects.KindDigest+`'
AND (o.counted_as <> '' AND d.counted_as = o.counted_as OR o.counted_as = '' AND d.contact = o.contact))`, sql.KeysOf(uncovered)))
	}
	return calls
}

func (m *auditMessage) opensOrContinues() bool {
	return m.state == messages.Ticketed || m.state == messages.Appended
}
