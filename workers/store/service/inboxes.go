package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// InboxStatus is what a runner has to tell about its inbox.
type InboxStatus struct {
	Inbox   string
	Channel string // empty leaves what is known
	Address string // our own address there; likewise
	State   string // connected, failing, off …: the runner's word
	// Contact is when the source last answered; zero leaves the last contact as it is. The first
	// contact ever is when the inbox was connected: what the source received before is history.
	Contact time.Time
	Lag     time.Duration // age of the oldest message that the source still holds for us
	Err     string        // last error; empty clears it. No address, no secret
	// Source and Recorded are the counts of a reconciliation, at Checked; zero Checked leaves them.
	Source, Recorded int
	Checked          time.Time
}

// seeInboxes keeps what a report leaves out: several processes report of one inbox, and each knows a part of it. The
// first contact is never written over.
var seeInboxes = sql.Inserting[inboxRow]("inbox_status", `ON CONFLICT (inbox) DO UPDATE SET
channel = CASE WHEN excluded.channel = '' THEN inbox_status.channel ELSE excluded.channel END,
address = CASE WHEN excluded.address = '' THEN inbox_status.address ELSE excluded.address END,
state = excluded.state, lag = excluded.lag, last_error = excluded.last_error,
connected_at = CASE WHEN inbox_status.connected_at = 0 THEN excluded.connected_at ELSE inbox_status.connected_at END,
last_contact_at = CASE WHEN excluded.last_contact_at = 0 THEN inbox_status.last_contact_at ELSE excluded.last_contact_at END,
source_count = CASE WHEN excluded.checked_at = 0 THEN inbox_status.source_count ELSE excluded.source_count END,
recorded_count = CASE WHEN excluded.checked_at = 0 THEN inbox_status.recorded_count ELSE excluded.recorded_count END,
checked_at = CASE WHEN excluded.checked_at = 0 THEN inbox_status.checked_at ELSE excluded.checked_at END`)

// inboxRow is a row of inbox_status; a zero time leaves what is there.
type inboxRow struct {
	Inbox, Channel, Address, State string
	ConnectedAt, LastContactAt     time.Time
	Lag                            int64 // microseconds
	LastError                      string
	SourceCount, RecordedCount     int
	CheckedAt                      time.Time
}

// InboxSeen notes the state of inboxes. The time of the first contact is kept for ever.
func (s *Store) InboxSeen(ctx context.Context, seen []InboxStatus, now time.Time) error {
	last := map[string]inboxRow{}
	for _, i := range seen {
		contact := i.Contact
		if contact.After(now) {
			contact = now
		}
		last[i.Inbox] = inboxRow{Inbox: i.Inbox, Channel: i.Channel, Address: i.Address, State: i.State, ConnectedAt: contact, LastContactAt: contact,
			Lag: i.Lag.Microseconds(), LastError: i.Err, SourceCount: i.Source, RecordedCount: i.Recorded, CheckedAt: i.Checked}
	}
	rows := make([]inboxRow, 0, len(last))
	for _, name := range sql.KeysOf(last) {
		rows = append(rows, last[name])
	}
	return s.base.Do(ctx, "noting the state of inboxes", seeInboxes.Put(rows...))
}

// InboxSending notes, for each of the inboxes, why its provider refuses us; "" where it took something again.
func (s *Store) InboxSending(ctx context.Context, why map[string]string) error {
	var calls []sql.Call
	for _, inbox := range slices.Sorted(maps.Keys(why)) {
		if why[inbox] == "" {
			calls = append(calls, sql.Do(`UPDATE inbox_status SET sending_error = '' WHERE inbox = $1 AND sending_error <> ''`, sql.Clean(inbox)))
			continue
		}
		calls = append(calls, sql.Do(`INSERT INTO inbox_status (inbox, channel, address, state, connected_at, last_contact_at, lag, last_error, source_count, recorded_count, checked_at, sending_error)
VALUES ($1, '', '', '', 0, 0, 0, '', 0, 0, 0, $2) ON CONFLICT (inbox) DO UPDATE SET sending_error = excluded.sending_error`, sql.Clean(inbox), sql.Clean(why[inbox])))
	}
	return s.base.Do(ctx, "noting what providers refuse", calls...)
}

// futureAtLeast is how far in the future a first contact must lie to be taken for the word of a wrong clock: those of
// several machines differ by a little.
const futureAtLeast = time.Minute

// Reconnect mends what a clock that was ahead has written: nobody was connected in the future, and what comes until then would
// all be history. back is by how much the clock was just set back, 0 where that is not known; then the first contact is
// now. The inboxes that it was mended for are returned.
func (s *Store) Reconnect(ctx context.Context, back time.Duration, now time.Time) (mended []string, err error) {
	err = s.base.Write(ctx, func(t sql.Tx) error {
		mended = nil
		return t.Run(ctx, sql.Ask(sql.Value(func(inbox string) { mended = append(mended, inbox) }), `UPDATE inbox_status SET connected_at = CASE WHEN CAST($2 AS bigint) > 0 AND connected_at - CAST($2 AS bigint) < $1 THEN connected_at - CAST($2 AS bigint) ELSE $1 END
WHERE connected_at > $3 RETURNING inbox`, sql.Micros(now.Truncate(time.Second)), back.Microseconds(), sql.Micros(now.Add(futureAtLeast))))
	})
	if err != nil {
		return nil, fmt.Errorf("mending the first contact of inboxes: %w", err)
	}
	slices.Sort(mended)
	return mended, nil
}

// SaveToken keeps a small secret sealed, such as a refresh token that a provider has renewed.
func (s *Store) SaveToken(ctx context.Context, name string, secret []byte, now time.Time) error {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	sealed := s.base.Ring.Seal(secret, base.SecretAt(s.base.Key(name)))
	return s.base.Do(ctx, "saving a token", sql.Do(`INSERT INTO secrets (name, sealed, saved_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`, s.base.Key(name), sealed, sql.Micros(now)))
}

// LoadToken opens a secret that SaveToken kept; nil when there is none.
func (s *Store) LoadToken(ctx context.Context, name string) ([]byte, error) {
	var sealed []byte
	err := s.base.Read(ctx, "loading a token", sql.Ask(sql.Into(&sealed), `SELECT sealed FROM secrets WHERE name = $1`, s.base.Key(name)))
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return nil, nil
	}
	return s.base.Ring.Open(ctx, sealed, base.SecretAt(s.base.Key(name)))
}

// Letter is a task that the queue gave up. What it was about is still open in the tables and wakes
// again; the letter is for people.
type Letter struct {
	Queue    string
	Task     string
	Payload  string // ids only
	Error    string
	Attempts int
}

// DeadLetter keeps a letter.
func (s *Store) DeadLetter(ctx context.Context, l Letter, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return s.base.Do(ctx, "keeping a dead letter", sql.Do(`INSERT INTO dead_letters (id, queue, task, payload, error, attempts, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		ids[0], sql.Clean(l.Queue), sql.Clean(l.Task), sql.Clean(l.Payload), sql.Clean(l.Error), l.Attempts, sql.Micros(now)))
}
