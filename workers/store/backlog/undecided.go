package backlog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// Pending is one undecided message with its original. Raw and Meta are nil where it is Shut.
type Pending struct {
	ID         int64
	Inbox      string
	Channel    string
	Key        string
	At         time.Time // when the source received it
	Raw        []byte
	Meta       map[string]string
	Wakes      int // how often the sweep had to wake it
	Claims     int // how often Claim took it
	Bulk       bool
	Imported   bool
	KeptOpen   bool      // an import whose tickets stay open
	Shut       string    // why its original cannot be opened: damaged, or not what was recorded for it; empty when it was
	Away       bool      // Shut, because the blob in which it lies cannot be read; Returned lets go of it
	Released   bool      // a person let it out of the parked ones
	Awaiting   bool      // scanners are being asked
	AwaitUntil time.Time // from then on it is decided without the scanners; zero: nobody was asked
}

// Undecided reads those of the messages that are still undecided, in the order of their ids.
func (s *Store) Undecided(ctx context.Context, ids []int64) ([]Pending, error) {
	out, _, err := s.UndecidedWithin(ctx, ids, math.MaxInt64)
	return out, err
}

// UndecidedWithin is Undecided for as many of the messages as have most bytes together, but at least one. later are
// the ids of the others. The sizes come from the deliveries, so that a large original is not read to learn that it is
// too large. Blobs and opening come after the read has ended. An original that does not open is marked and holds up
// nobody; an error is one of the database or the blob store.
func (s *Store) UndecidedWithin(ctx context.Context, ids []int64, most int64) (out []Pending, later []int64, err error) {
	var blobNames []string
	var sealed [][]byte
	var size int64
	err = s.base.Read(ctx, "reading undecided messages", sql.Ask(func(row sql.Row) error {
		var p Pending
		var at, until, bytesOf int64
		var state, blob string
		var bytes []byte
		err := row.Scan(&p.ID, &p.Inbox, &p.Channel, &p.Key, &at, &p.Wakes, &p.Claims, &p.Bulk, &p.Imported, &p.KeptOpen, &p.Released, &state, &until, &bytesOf, &blob, &bytes)
		if size += bytesOf; len(out) > 0 && size > most {
			later = append(later, p.ID)
			return err
		}
		p.Awaiting, p.AwaitUntil = state == string(messages.Awaiting), sql.Moment(until)
		p.At = sql.Moment(at)
		out, blobNames, sealed = append(out, p), append(blobNames, blob), append(sealed, bytes)
		return err
	}, `SELECT d.id, d.inbox, d.channel, d.key, d.at, u.wakes, u.claims, u.bulk, u.imported, u.kept_open, u.released, u.state, u.await_until, d.size, o.blob, o.sealed
FROM undecided u JOIN deliveries d ON d.id = u.message_id JOIN originals o ON o.id = u.message_id
WHERE u.message_id = ANY($1) ORDER BY u.message_id`, sql.Sorted(ids)))
	if err != nil {
		return nil, nil, err
	}
	for i := range out {
		out[i].Raw, out[i].Meta, err = s.base.Unseal(ctx, base.OriginalAt(out[i].ID, out[i].Inbox), blobNames[i], sealed[i])
		switch out[i].Away = errors.As(err, new(base.AwayError)); {
		case out[i].Away, errors.Is(err, keyring.ErrSealed):
			out[i].Shut = err.Error()
		case err != nil:
			return nil, nil, fmt.Errorf("reading the original of message %d: %w", out[i].ID, err)
		}
		sealed[i] = nil
	}
	return out, later, nil
}

// Claim counts one more attempt at each of the messages, before work that may kill the process. The result holds the
// attempts so far, of those that are still undecided. It is committed when it returns: that is what makes the count
// outlive the process.
func (s *Store) Claim(ctx context.Context, ids []int64, now time.Time) (map[int64]int, error) {
	out := map[int64]int{}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		clear(out)
		return t.Run(ctx, sql.Ask(sql.Pair(func(id int64, n int) { out[id] = n }), `UPDATE undecided SET claims = claims + 1, wake_at = $2 WHERE message_id = ANY($1) RETURNING message_id, claims`,
			sql.Sorted(ids), sql.Micros(now.Add(base.WakeAfter))))
	})
	if err != nil {
		return nil, fmt.Errorf("claiming messages: %w", err)
	}
	return out, nil
}

// Unclaim takes one attempt back: it ended in a fault that was not the message's own.
func (s *Store) Unclaim(ctx context.Context, id int64) error {
	return s.base.Do(ctx, "taking a claim back", sql.Do(`UPDATE undecided SET claims = claims - 1 WHERE message_id = $1 AND claims > 0`, id))
}

// CountUndecided is how many messages of the inbox wait for their decision.
func (s *Store) CountUndecided(ctx context.Context, inbox string) (int, error) {
	n := 0
	err := s.base.Read(ctx, "counting undecided messages", sql.Ask(sql.Into(&n), `SELECT count(*) FROM undecided WHERE inbox = $1`, inbox))
	return n, err
}

// CountOpen is how many messages of the inbox wait for their decision, of one kind; counting ends at
// most.
// It runs along the index undecided_share, as far as most.
func (s *Store) CountOpen(ctx context.Context, inbox string, bulk bool, most int) (int, error) {
	n := 0
	err := s.base.Read(ctx, "counting open messages", sql.Ask(sql.Into(&n), `SELECT count(*) FROM (SELECT 1 AS one FROM undecided WHERE inbox = $1 AND bulk = $2 LIMIT $3) AS open`, sql.Clean(inbox), bulk, int64(most)))
	return n, err
}
