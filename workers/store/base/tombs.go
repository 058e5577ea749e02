package base

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// Kinds of tombstone.
const (
	TombDelivery = "delivery"
	TombAddress  = "address"
)

// InsertTombs writes tombstones. What is stopped or blocked stays so.
var InsertTombs = sql.Inserting[TombRow]("tombstones", `ON CONFLICT (digest) DO UPDATE SET stopped = tombstones.stopped OR excluded.stopped,
blocked = tombstones.blocked OR excluded.blocked`)

// TombRow is what stays of an address or a delivery key.
type TombRow struct {
	Digest, Kind     string
	Message          int64
	Stopped, Blocked bool
	At               time.Time
}

// SortedTombs puts rows into the order in which everybody writes them.
func SortedTombs(rows []TombRow) []TombRow {
	slices.SortFunc(rows, func(a, b TombRow) int { return cmp.Compare(a.Digest, b.Digest) })
	return rows
}

// AddressTomb is what stays of an address.
func (s *Store) AddressTomb(id message.Identity) string {
	return s.Ring.Digest([]byte("erased address"), []byte(id.Kind), []byte(id.Value))
}

// DeliveryTomb is what stays of a delivery key that can be read.
func (s *Store) DeliveryTomb(inbox, key string) string {
	return s.Ring.Digest([]byte("erased delivery"), []byte(inbox), []byte(key))
}

// Telling reports whether a delivery key may hold an address or what a client chose. The others are
// numbers and digests of providers and of ours.
func (s *Store) Telling(channel, key string) bool {
	return !s.Channels[channel].Opaque || strings.Contains(key, "@") || strings.Contains(key, "%40")
}

// HeedTombs marks addresses at which a person said STOP before being erased.
func (s *Store) HeedTombs(ctx context.Context, known []contacts.Identity) error {
	digests := map[string]int{}
	for i, id := range known {
		digests[s.AddressTomb(id.Identity)] = i
	}
	if len(digests) == 0 {
		return nil
	}
	return s.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var digest string
			var stopped, blocked bool
			err := row.Scan(&digest, &stopped, &blocked)
			if i, ok := digests[digest]; ok && (stopped || blocked) {
				known[i].OptedOut = true
			}
			return err
		}, AskTombs, sql.KeysOf(digests)))
	})
}

// ExceptionDigest is what is kept of a sender or subject: the row holds no address and no word.
func (s *Store) ExceptionDigest(e pipeline.Exception) string {
	return s.Ring.Digest([]byte("exception"), []byte(e.Kind), []byte(e.Value))
}

// AskTombs asks what tombstones say of digests.
const AskTombs = `SELECT digest, stopped, blocked FROM tombstones WHERE digest = ANY($1)`
