package decided

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Head is one delivery as a walk over all of them sees it.
type Head struct {
	ID    int64
	Inbox string
	At    time.Time // when the source received it
	Size  int64     // of its original, in bytes
}

// Heads walks over all deliveries by id: the next ones after that id, at most limit. It reads the small table alone,
// so that a walk over a large desk costs little until originals are opened.
func (s *Store) Heads(ctx context.Context, after int64, limit int) ([]Head, error) {
	out := make([]Head, 0, limit)
	err := s.base.Read(ctx, "listing deliveries", sql.Ask(headOf(&out),
		`SELECT id, inbox, at, size FROM deliveries WHERE id > $1 ORDER BY id LIMIT $2`, after, limit))
	return out, err
}

// HeadsOf finds deliveries by id; those that are not there are left out.
// It is for replay by ids.
func (s *Store) HeadsOf(ctx context.Context, ids []int64) ([]Head, error) {
	var out []Head
	err := s.base.Read(ctx, "listing deliveries", sql.Ask(headOf(&out), `SELECT id, inbox, at, size FROM deliveries WHERE id = ANY($1) ORDER BY id`, sql.Sorted(ids)))
	return out, err
}

func headOf(out *[]Head) func(sql.Row) error {
	return func(row sql.Row) error {
		var h Head
		var at int64
		err := row.Scan(&h.ID, &h.Inbox, &at, &h.Size)
		h.At = sql.Moment(at)
		*out = append(*out, h)
		return err
	}
}

// LastDelivery is the greatest id of a delivery; 0 when there is none.
func (s *Store) LastDelivery(ctx context.Context) (int64, error) {
	var id int64
	err := s.base.Read(ctx, "listing deliveries", sql.Ask(sql.Into(&id), `SELECT id FROM deliveries ORDER BY id DESC LIMIT 1`))
	return id, err
}

// Decided is a message as it was decided: the original, what was known then, and what came of it. At most one of the
// reasons why it cannot be decided again is set, as replay tells them.
type Decided struct {
	backlog.Pending        // Raw is nil unless Original is kept
	Undecided       bool   // it still waits for its decision
	NoDecision      bool   // nothing is kept of how it was decided, or it was not decided by the line
	OriginalGone    bool   // as it should be: it has expired, or was removed
	Torn            bool   // its original was removed because it named a person who was erased
	Forgotten       bool   // what was known then, or the address of its acknowledgement, went with a person who was erased
	Missing         string // what of its original should be there and is not, for a person; empty when nothing is
	Unreadable      bool   // its original or its decision cannot be opened
	DecidedAt       time.Time
	Config          string // digest of the configuration that was used

	State    messages.State
	Cause    string
	Language string
	Redacted map[string]int

	Known pipeline.Known
	Trace []pipeline.Line
	Ack   *Acknowledged // nil: none was owed
}

// Acknowledged is the row of the outbox for the acknowledgement that a decision made.
type Acknowledged struct {
	Kind    string // of its address
	Payload pipeline.AckPayload
}

// decidedRow is a Decided on its way out of the database. expires is that of its original in microseconds; 0: never,
// or it has; or tables.TornAway.
type decidedRow struct {
	Decided
	blob             string
	original, sealed []byte
	expires          int64 // of its original; 0: never, or it has; or tornAway
}

// Decided reads messages with all that is needed to decide them again, in the order of their ids. One whose original
// or decision cannot be opened, because a key is missing or bytes are broken, is marked so; it does not hold up the
// others. All is read in one snapshot, since a decision that is being made moves rows between tables; opening comes
// after it. Statements go by primary keys, and by outbox_message.
func (s *Store) Decided(ctx context.Context, ids []int64) ([]Decided, error) {
	var rows []*decidedRow
	byID := map[int64]*decidedRow{}
	wanted := sql.Sorted(ids)
	err := s.base.DB.Snapshot(ctx, func(t sql.Tx) error {
		rows = rows[:0]
		clear(byID)
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error {
				d := &decidedRow{Decided: Decided{NoDecision: true, Undecided: true, OriginalGone: true}}
				var at int64
				err := row.Scan(&d.ID, &d.Inbox, &d.Channel, &d.Key, &at, &d.Bulk, &d.Imported)
				d.At = sql.Moment(at)
				rows, byID[d.ID] = append(rows, d), d
				return err
			}, `SELECT id, inbox, channel, key, at, bulk, imported FROM deliveries WHERE id = ANY($1) ORDER BY id`, wanted),
			sql.Ask(messageInto(byID), `SELECT id, CASE WHEN origin <> 0 THEN '`+string(messages.Appended)+`' ELSE state END, cause, language, redacted, expires_at FROM messages WHERE id = ANY($1)`, wanted),
			sql.Ask(decisionOf(byID), `SELECT message, config, sealed, decided_at FROM decisions WHERE message = ANY($1)`, wanted),
			sql.Ask(originalOf(byID), `SELECT id, blob, sealed FROM originals WHERE id = ANY($1)`, wanted),
			sql.Ask(acknowledgementOf(byID), `SELECT message, ticket, key, to_kind, payload, erased FROM outbox
WHERE message <> 0 AND message = ANY($1) AND kind = 'acknowledgement'`, wanted))
	})
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	out := make([]Decided, len(rows))
	for i, d := range rows {
		if err := s.openDecided(ctx, d); err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("reading decisions: %w", ctx.Err())
			}
			d.Unreadable = true
		}
		out[i] = d.Decided
	}
	return out, nil
}

// messageInto takes what was decided. A delivery without such a row is undecided.
func messageInto(byID map[int64]*decidedRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var id, expires int64
		var state, cause, language, redacted string
		if err := row.Scan(&id, &state, &cause, &language, &redacted, &expires); err != nil {
			return err
		}
		d := byID[id]
		if d == nil {
			return nil
		}
		d.Undecided, d.State, d.expires, d.Torn = false, messages.State(state), expires, expires == tables.TornAway
		d.Cause, d.Language = cause, language
		if redacted == "" {
			return nil
		}
		return json.Unmarshal([]byte(redacted), &d.Redacted)
	}
}

// decisionOf takes the sealed decision; it is opened after the snapshot.
func decisionOf(byID map[int64]*decidedRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var id, at int64
		var config string
		var sealed []byte
		if err := row.Scan(&id, &config, &sealed, &at); err != nil {
			return err
		}
		if d := byID[id]; d != nil {
			d.NoDecision, d.Config, d.sealed, d.DecidedAt = false, config, sealed, sql.Moment(at)
		}
		return nil
	}
}

// originalOf takes where the original is: in the row, or the name of its blob.
func originalOf(byID map[int64]*decidedRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var id int64
		var blob string
		var sealed []byte
		if err := row.Scan(&id, &blob, &sealed); err != nil {
			return err
		}
		if d := byID[id]; d != nil {
			d.OriginalGone, d.blob, d.original = false, blob, sealed
		}
		return nil
	}
}

// acknowledgementOf takes the row that the decision made, not those of its fallbacks.
func acknowledgementOf(byID map[int64]*decidedRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var id, ticket int64
		var key, kind, payload string
		var erased bool
		if err := row.Scan(&id, &ticket, &key, &kind, &payload, &erased); err != nil {
			return err
		}
		d := byID[id]
		if d == nil || key != effects.AcknowledgementKey(ticket) {
			return nil
		}
		d.Ack, d.Forgotten = &Acknowledged{Kind: kind}, erased
		if payload == "" {
			return nil
		}
		return json.Unmarshal([]byte(payload), &d.Ack.Payload)
	}
}

// openDecided unseals the decision and the original. Where the original should be there (it has not expired, or the
// message is parked) and its row is not, that is Missing: a loss, and not an expiry.
func (s *Store) openDecided(ctx context.Context, d *decidedRow) (err error) {
	if !d.NoDecision {
		plain, err := s.base.Ring.Open(ctx, d.sealed, base.DecisionAt(d.ID))
		if err != nil {
			return err
		}
		var r base.Record
		if err := json.Unmarshal(plain, &r); err != nil {
			return err
		}
		d.Trace = r.Trace
		if len(r.Known) > 0 {
			if err := json.Unmarshal(r.Known, &d.Known); err != nil {
				return err
			}
		} else {
			d.Forgotten = true
		}
		d.Released = d.Known.Released
	}
	if d.OriginalGone && (d.expires > 0 || d.State == messages.Parked) {
		d.OriginalGone, d.Missing = false, "its row in the table originals"
	}
	if d.OriginalGone || d.NoDecision || d.Missing != "" {
		return nil
	}
	d.Raw, d.Meta, err = s.base.Unseal(ctx, base.OriginalAt(d.ID, d.Inbox), d.blob, d.original)
	if errors.Is(err, blobs.ErrNotFound) {
		err = s.withoutBlob(ctx, d)
	}
	d.original, d.sealed = nil, nil
	return err
}

// withoutBlob tells an original that went with its row after that was read from one whose blob was taken away: the
// row is looked at again.
func (s *Store) withoutBlob(ctx context.Context, d *decidedRow) error {
	named, err := s.base.NamesBlob(ctx, d.ID, d.blob)
	if d.OriginalGone = !named; named {
		d.Missing = "the blob " + d.blob
	}
	return err
}
