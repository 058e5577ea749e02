// Package sketches is the table of what messages are known again by (pipeline/dedupe/copies).
package sketches

import (
	"time"

	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Row is a row of the table.
type Row struct {
	Message int64
	Speaker string // see Key
	At      time.Time
	Sketch  []byte
}

// Insert writes rows, in the place of older ones of the same messages.
var Insert = sql.Inserting[Row]("sketches", "ON CONFLICT (message) DO UPDATE SET speaker = excluded.speaker, at = excluded.at, sketch = excluded.sketch")

// Key is the key of whoever says something, by his name in pipeline.Asks.Speaker: a digest, since it lies beside what was said.
func Key(b *base.Store, name string) string {
	return b.Ring.Digest([]byte("speaker"), []byte(name))[:32]
}

// kept is how long something that was said is known: longer than any window in which it is useful that it is said again.
const kept = 30 * 24 * time.Hour

// Of asks what some speakers said lately, by their keys, the newest first. Of what was taken out of its ticket, or erased, nothing is there; what was
// moved lies where it was moved to.
func Of(keys []string, now time.Time, add func(key string, said copies.Said)) sql.Call {
	return sql.Ask(func(row sql.Row) error {
		var key string
		var at int64
		var sketch []byte
		said := copies.Said{}
		if err := row.Scan(&key, &said.Message, &said.Ticket, &at, &sketch, &said.Told); err != nil {
			return err
		}
		said.At, said.Sketch = sql.Moment(at), sketch
		add(key, said)
		return nil
	}, of, keys, sql.Micros(now.Add(-kept)), int64(copies.Remembered))
}

// It was told of, if the acknowledgement went to the address in From, by itself or in a digest.
const of = `SELECT w.value, s.message, m.ticket, s.at, s.sketch,
EXISTS (SELECT 1 FROM outbox o WHERE o.message <> 0 AND o.message = m.id AND o.kind = 'acknowledgement' AND o.state <> 'failed' AND (o.state <> 'withheld' OR o.cause = 'sender-cap')
AND o.recipient = ltrim(m.sender, '?'))
FROM EACH($1::text[]) AS w JOIN sketches s ON s.message {in SELECT message FROM sketches WHERE speaker = w.value AND at > $2 ORDER BY at DESC, message DESC LIMIT $3}
JOIN messages m ON m.id = s.message WHERE m.ticket <> 0 AND m.erased_at = 0 ORDER BY s.at DESC, s.message DESC`

// Expire forgets rows that are old enough, among the first of the table: messages are numbered as they come, so that no index by time is
// needed, which each message would pay for.
func Expire(now time.Time, limit int) sql.Call {
	return sql.Do(`DELETE FROM sketches WHERE message {in SELECT message FROM (SELECT message, at FROM sketches ORDER BY message LIMIT $2) AS first WHERE at <= $1}`, sql.Micros(now.Add(-kept)), limit)
}
