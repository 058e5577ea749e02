package crashloop

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// entry is one message as the database has it.
type entry struct {
	id, ticket, duplicateOf int64
	inbox, state, cause     string
	token, sender           string
}

func (w *world) entries(ctx context.Context) ([]entry, error) {
	db, err := w.books()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT id, inbox, state, cause, ticket, duplicate_of, sender_value, visible || ' ' || quoted FROM messages ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entry
	for rows.Next() {
		var e entry
		var text string
		if err := rows.Scan(&e.id, &e.inbox, &e.state, &e.cause, &e.ticket, &e.duplicateOf, &e.sender, &text); err != nil {
			return nil, err
		}
		e.token = tokens.FindString(text)
		out = append(out, e)
	}
	return out, rows.Err()
}

// ackRows are the acknowledgements by the address of the customer.
type ackRows map[string]struct{ rows, attempts int }

func (w *world) ackRows(ctx context.Context) (ackRows, error) {
	db, err := w.books()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	found, err := db.QueryContext(ctx, `SELECT to_value, count(*), sum(attempts) FROM outbox WHERE kind = 'acknowledgement' GROUP BY to_value`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	out := ackRows{}
	for found.Next() {
		var address string
		var rows, attempts int
		if err := found.Scan(&address, &rows, &attempts); err != nil {
			return nil, err
		}
		out[address] = struct{ rows, attempts int }{rows, attempts}
	}
	return out, found.Err()
}

// open says what has not come to rest yet.
func (w *world) open(ctx context.Context) string {
	missing := 0
	have := map[string]bool{}
	all, err := w.entries(ctx)
	if err != nil {
		return err.Error()
	}
	for _, e := range all {
		have[e.token] = true
	}
	for _, n := range w.ledger.list() {
		if !n.accepted.IsZero() && !have[n.token] {
			missing++
		}
	}
	undecided, err := w.number(ctx, `SELECT count(*) FROM undecided`)
	if err != nil {
		return err.Error()
	}
	effects, err := w.number(ctx, `SELECT count(*) FROM outbox WHERE state IN ('due', 'sending') OR next_at > 0`)
	if err != nil {
		return err.Error()
	}
	if missing+undecided+effects == 0 {
		return ""
	}
	return fmt.Sprintf("%d accepted messages are not there, %d are undecided, %d effects are open", missing, undecided, effects)
}

// verify compares the ledger with the database and with what the providers took.
func (w *world) verify(ctx context.Context) result {
	r := newResult(w.name)
	r.Faults, r.Refused, r.Callbacks, r.Audits = w.counts, w.ledger.repeats, w.providers.callback, w.calls
	all, err := w.entries(ctx)
	if err != nil {
		w.violate("reading messages: %v", err)
		return r
	}
	byToken := map[string][]entry{}
	for _, e := range all {
		r.States[e.state]++
		byToken[e.token] = append(byToken[e.token], e)
	}
	rows, err := w.ackRows(ctx)
	if err != nil {
		w.violate("reading acknowledgements: %v", err)
	}
	for address, a := range rows {
		if a.rows != 1 {
			w.violate("%s has %d acknowledgements in the outbox", address, a.rows)
		}
	}
	acked := map[string][]send{}
	for _, s := range w.providers.sends() {
		acked[s.address] = append(acked[s.address], s)
	}
	for _, n := range w.ledger.list() {
		w.verifyNote(&r, n, byToken[n.token])
		if n.door != byBounce {
			w.verifyAcknowledgement(&r, n, acked[n.address], rows)
		}
		delete(acked, n.address)
		delete(byToken, n.token)
	}
	for address, sends := range acked {
		w.violate("%d acknowledgements went to %s, who has never written", len(sends), address)
	}
	for token, entries := range byToken {
		w.violate("%d messages with %q came in that nobody has sent", len(entries), token)
	}
	w.verifyRows(ctx, &r)
	slices.Sort(r.waits)
	return r
}

// verifyNote asks where a message is: in exactly one place if it was accepted, at most in one if not.
func (w *world) verifyNote(r *result, n note, entries []entry) {
	r.Messages[n.door]++
	if !n.accepted.IsZero() {
		r.Accepted++
	}
	var first []entry
	for _, e := range entries {
		if e.state == "duplicate" {
			r.Duplicates++
			continue
		}
		first = append(first, e)
		if e.state == "parked" {
			r.Parked[e.cause]++
		}
	}
	switch {
	case len(first) == 0 && !n.accepted.IsZero():
		r.Lost++
		w.violate("%s by %s, accepted at %s after %d tries, is lost", n.token, n.door, n.accepted.Format(time.TimeOnly), n.tries)
	case len(first) > 1:
		r.Double++
		w.violate("%s by %s is there %d times: %+v", n.token, n.door, len(first), first)
	}
}

// verifyAcknowledgement asks whether the customer was told once.
func (w *world) verifyAcknowledgement(r *result, n note, sends []send, rows ackRows) {
	if n.accepted.IsZero() {
		return
	}
	if len(sends) == 0 {
		r.Silent++
		w.violate("%s by %s, accepted at %s, was never acknowledged", n.token, n.door, n.accepted.Format(time.TimeOnly))
		return
	}
	r.Acknowledged++
	r.waits = append(r.waits, max(0, sends[0].at.Sub(n.accepted)))
	again := len(sends) - 1
	if again == 0 {
		return
	}
	if attempts := max(1, rows[n.address].attempts); attempts <= again {
		w.violate("%s by %s was acknowledged %d times in %d attempts", n.token, n.door, len(sends), attempts)
	}
	for _, s := range sends[1:] {
		w.t.Logf("%s: acknowledgement to %s (%s) again after %s", w.name, n.token, n.door, s.at.Sub(sends[0].at).Round(time.Millisecond))
	}
	switch n.door {
	case bySMTP, byIMAP:
		r.MailAgain += again
		for _, s := range sends[1:] {
			if s.id != sends[0].id {
				r.Twice++
				w.violate("%s was acknowledged under two Message-IDs, %s and %s", n.token, sends[0].id, s.id)
			}
		}
	case byTelegram:
		r.TelegramAgain += again
	default:
		r.SMSAgain += again
		r.Twice += again
		w.violate("%s by %s was acknowledged %d times", n.token, n.door, len(sends))
	}
}

// verifyRows asks the database what must never be, and that each repeat has its reason.
func (w *world) verifyRows(ctx context.Context, r *result) {
	for _, q := range []struct{ what, query string }{
		{"tickets without a message", `SELECT count(*) FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket = t.id)`},
		{"ticketed messages without their ticket", `SELECT count(*) FROM messages m WHERE m.state IN ('ticketed', 'appended') AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = m.ticket)`},
		{"tickets without an acknowledgement row", `SELECT count(*) FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.ticket = t.id AND o.kind = 'acknowledgement')`},
		{"tickets without a promise of acknowledgement", `SELECT count(*) FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM promises p WHERE p.ticket = t.id AND p.kind = 'acknowledgement')`},
		{"promises of acknowledgement that are open", `SELECT count(*) FROM promises WHERE kind = 'acknowledgement' AND state IN ('due', 'warned')`},
		{"customers with two tickets", `SELECT count(*) FROM (SELECT contact FROM tickets WHERE contact <> 0 GROUP BY contact HAVING count(*) > 1) AS c`},
		{"deliveries that are neither decided nor undecided", `SELECT count(*) FROM deliveries d WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = d.id) AND NOT EXISTS (SELECT 1 FROM undecided u WHERE u.message_id = d.id)`},
		{"messages without their original", `SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM originals o WHERE o.id = m.id)`},
		{"acknowledgements that were given up", `SELECT count(*) FROM outbox WHERE kind = 'acknowledgement' AND state = 'failed' AND last_error NOT LIKE '%bounced%' AND provider_id = ''`},
	} {
		n, err := w.number(ctx, q.query)
		if err != nil {
			w.violate("counting %s: %v", q.what, err)
		} else if n > 0 {
			w.violate("%d %s", n, q.what)
		}
	}
	if n, err := w.number(ctx, `SELECT count(*) FROM tickets`); err == nil {
		r.Tickets = n
	}
}
