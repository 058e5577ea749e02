package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/blobs"
)

// Kinds of tombstone.
const (
	tombDelivery = "delivery"
	tombAddress  = "address"
)

var insertTombs = inserting[tombRow]("tombstones", `ON CONFLICT (digest) DO UPDATE SET stopped = tombstones.stopped OR excluded.stopped,
blocked = tombstones.blocked OR excluded.blocked`)

// tombRow is what stays of an address or a delivery key.
type tombRow struct {
	Digest, Kind     string
	Message          int64
	Stopped, Blocked bool
	At               time.Time
}

// sortedTombs puts rows into the order in which everybody writes them.
func sortedTombs(rows []tombRow) []tombRow {
	slices.SortFunc(rows, func(a, b tombRow) int { return cmp.Compare(a.Digest, b.Digest) })
	return rows
}

// addressTomb is what stays of an address.
func (s *Store) addressTomb(id message.Identity) string {
	return s.ring.Digest([]byte("erased address"), []byte(id.Kind), []byte(id.Value))
}

// deliveryTomb is what stays of a delivery key that can be read.
func (s *Store) deliveryTomb(inbox, key string) string {
	return s.ring.Digest([]byte("erased delivery"), []byte(inbox), []byte(key))
}

// telling reports whether a delivery key may hold an address or what a client chose. The others are
// numbers and digests of providers and of ours.
func (s *Store) telling(channel, key string) bool {
	return !s.channels[channel].Opaque || strings.Contains(key, "@") || strings.Contains(key, "%40")
}

// heedTombs marks addresses at which a person said STOP before being erased.
func (s *Store) heedTombs(ctx context.Context, known []identify.Identity) error {
	digests := map[string]int{}
	for i, id := range known {
		digests[s.addressTomb(id.Identity)] = i
	}
	if len(digests) == 0 {
		return nil
	}
	return s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var digest string
			var stopped, blocked bool
			err := row.Scan(&digest, &stopped, &blocked)
			if i, ok := digests[digest]; ok && (stopped || blocked) {
				known[i].OptedOut = true
			}
			return err
		}, askTombs, keysOf(digests)))
	})
}

// messages blanks messages of the person and removes what hangs on them.
func (e *eraser) messages(ctx context.Context, ids []int64) error {
	var blobsGone, attached []string
	var n, originals int64
	sealed := make([]decisionRow, len(ids))
	for i, id := range ids {
		sealed[i] = decisionRow{Message: id, Sealed: e.s.ring.Seal([]byte("{}"), decisionAt(id))}
	}
	err := e.s.write(ctx, func(t tx) error {
		blobsGone, attached, originals = nil, nil, 0
		keep, err := e.lockMessages(ctx, t, ids)
		if err != nil {
			return err
		}
		tombs, err := e.deliveryTombs(ctx, t, ids)
		if err != nil {
			return err
		}
		name := func(out *[]string, n *int64) func(scanner) error {
			return func(row scanner) error {
				var digest string
				err := row.Scan(&digest)
				if digest != "" {
					*out = append(*out, digest)
				}
				*n++
				return err
			}
		}
		var files int64
		return t.run(ctx, append(e.s.unsearch(ticketsOf, ids),
			insertTombs.put(tombs.rows...), renameDeliveries.put(tombs.names...),
			do(`DELETE FROM identities WHERE contact = 0 AND NOT opted_out AND address {in SELECT address FROM claims WHERE message = ANY($1)}
AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.address = identities.address AND NOT (c.message = ANY($1)))`, ids),
			do(`DELETE FROM claims WHERE message = ANY($1)`, ids),
			ask(name(&attached, &files), `DELETE FROM attachments WHERE message = ANY($1) RETURNING digest`, ids),
			ask(name(&blobsGone, &originals), `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, ids),
			do(`DELETE FROM opinions WHERE message = ANY($1)`, ids),
			do(`DELETE FROM exceptions WHERE message = ANY($1)`, ids),
			resealDecisions.put(sealed...),
			do(`DELETE FROM mail_references WHERE digest = ANY($1) AND ticket = ANY($2)`, orNone(keep.references), orNone(keep.tickets)),
			do(`DELETE FROM conversations WHERE thread = ANY($1) AND ticket = ANY($2)`, orNone(keep.threads), orNone(keep.tickets)),
			call{text: `UPDATE messages SET state = CASE WHEN state = 'parked' THEN 'dismissed' ELSE state END, evidence = '', sender = '', sender_kind = '',
sender_value = '', sender_name = '', subject = '', visible = '', quoted = '', thread = '', content = '', fingerprint = '', reference = '', redacted = '', fields = '',
expires_at = 0, erased_at = $2 WHERE id = ANY($1)`, args: []any{ids, micros(e.now)}, done: &n},
			keep.count.call())...)
	})
	if err != nil {
		return err
	}
	e.out.Messages, e.out.Originals = e.out.Messages+int(n), e.out.Originals+int(originals)
	return errors.Join(e.dropOriginals(ctx, blobsGone), e.dropAttachments(ctx, attached))
}

// lockedMessages is what erasing messages must know of them.
type lockedMessages struct {
	references, threads []string
	tickets             []int64
	count               tally
}

func (e *eraser) lockMessages(ctx context.Context, t tx, ids []int64) (lockedMessages, error) {
	out := lockedMessages{count: tally{}}
	err := t.run(ctx, ask(func(row scanner) error {
		var state, cause, reference, thread string
		var ticket int64
		var from message.Address
		var proven bool
		if err := row.Scan(&state, &cause, &reference, &thread, &ticket, &from.Kind, &from.Value, &proven); err != nil {
			return err
		}
		if state == string(pipeline.Parked) {
			out.count.move("message", state, string(pipeline.Dismissed))
			out.count.move("parked", cause, "")
		}
		mine := dedupe.Mine(reference, pipeline.Asks{From: from.Identity(), Proven: proven}.Writer(), e.s.ring.Digest)
		out.references, out.threads = append(out.references, e.s.bound(reference), e.s.bound(mine)), append(out.threads, e.s.bound(thread))
		out.tickets = append(out.tickets, ticket)
		return nil
	}, `SELECT state, cause, reference, thread, ticket, sender_kind, sender_value, proven FROM messages WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids))
	return out, err
}

// keyRow is a delivery with the key that it gets.
type keyRow struct {
	ID  int64
	Key string
}

var renameDeliveries = updating[keyRow]("deliveries")

type tombRows struct {
	rows  []tombRow
	names []keyRow
}

// erasedKey is how the key of an erased delivery begins, where it could be read before.
const erasedKey = "erased:"

// deliveryTombs replaces keys that tell something by their digests.
func (e *eraser) deliveryTombs(ctx context.Context, t tx, ids []int64) (out tombRows, err error) {
	err = t.run(ctx, ask(func(row scanner) error {
		var id int64
		var inbox, channel, key string
		if err := row.Scan(&id, &inbox, &channel, &key); err != nil {
			return err
		}
		if !e.s.telling(channel, key) || strings.HasPrefix(key, erasedKey) {
			return nil
		}
		digest := e.s.deliveryTomb(inbox, key)
		out.rows = append(out.rows, tombRow{Digest: digest, Kind: tombDelivery, Message: id, At: e.now})
		out.names = append(out.names, keyRow{id, erasedKey + digest})
		return nil
	}, `SELECT id, inbox, channel, key FROM deliveries WHERE id = ANY($1) ORDER BY id`, ids))
	sortedTombs(out.rows)
	return out, err
}

// keys replaces delivery keys that name the person.
func (e *eraser) keys(ctx context.Context, ids []int64) error {
	return e.s.write(ctx, func(t tx) error {
		tombs, err := e.deliveryTombs(ctx, t, ids)
		if err != nil {
			return err
		}
		return t.run(ctx, insertTombs.put(tombs.rows...), renameDeliveries.put(tombs.names...))
	})
}

// dropOriginals removes large originals. Their names are made of delivery keys, so nobody shares them.
func (e *eraser) dropOriginals(ctx context.Context, digests []string) error {
	for _, d := range digests {
		if err := e.s.blobs.Delete(ctx, d); err != nil {
			return err
		}
		e.out.Blobs++
	}
	return nil
}

// heldBytes bounds the removed blobs that are held until the end.
const heldBytes = 64 << 20

// dropAttachments removes contents that no other message names. Somebody may be putting the same
// content while it goes: what is named afterwards is put back.
func (e *eraser) dropAttachments(ctx context.Context, digests []string) error {
	slices.Sort(digests)
	digests = slices.Compact(digests)
	named, err := e.named(ctx, digests)
	if err != nil {
		return err
	}
	held := 0
	for _, b := range e.removed {
		held += len(b)
	}
	for _, d := range digests {
		if named[d] {
			e.out.Shared++
			continue
		}
		sealed, err := e.s.blobs.Get(ctx, d)
		if errors.Is(err, blobs.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := e.s.blobs.Delete(ctx, d); err != nil {
			return err
		}
		e.out.Blobs++
		if held += len(sealed); held <= heldBytes {
			e.removed[d] = sealed
		}
	}
	return e.putBack(ctx)
}

func (e *eraser) named(ctx context.Context, digests []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := e.s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var digest string
			err := row.Scan(&digest)
			out[digest] = true
			return err
		}, `SELECT digest FROM attachments WHERE digest <> '' AND digest = ANY($1)`, orNone(digests)))
	})
	return out, err
}

// putBack restores removed contents that somebody else's message names by now.
func (e *eraser) putBack(ctx context.Context) error {
	named, err := e.named(ctx, keysOf(e.removed))
	if err != nil {
		return err
	}
	for d := range named {
		if err := e.s.blobs.Put(ctx, d, e.removed[d]); err != nil {
			return err
		}
		delete(e.removed, d)
		e.out.Blobs, e.out.Shared = e.out.Blobs-1, e.out.Shared+1
	}
	return nil
}

// effects withholds what is still to be sent and blanks all rows. One that is being sent right now, or that a digest
// lists which is, is waited for: what was promised with it is not void before that.
func (e *eraser) effects(ctx context.Context, ids []int64) error {
	for {
		left, err := e.settled(ctx, ids)
		if err != nil || len(left) == 0 {
			return err
		}
		if e.o.Wait == nil || !e.o.Wait(ctx) {
			return &BusyError{Effects: left}
		}
		ids = left
	}
}

// settled withholds and blanks what nobody has in his hands, and returns the rest.
func (e *eraser) settled(ctx context.Context, ids []int64) (left []int64, err error) {
	var sent []Sent
	err = e.s.write(ctx, func(t tx) error {
		sent, left = nil, nil
		commands := make([]domain.Command, len(ids))
		for i, id := range ids {
			commands[i] = domain.EraseEffect{Effect: id, Cause: causes.Erased}
		}
		known, err := e.s.load(ctx, t, commands)
		if err != nil {
			return err
		}
		busy, err := underHands(ctx, t, known)
		if err != nil {
			return err
		}
		commands = nil
		var done []int64
		var keys, providers []string
		for _, id := range keysOf(known.Effects) {
			if busy[id] {
				left = append(left, id)
				continue
			}
			r := known.Effects[id]
			commands = append(commands, domain.EraseEffect{Effect: id, Cause: causes.Erased})
			done, keys = append(done, id), append(keys, r.Key)
			if r.Provider != "" {
				providers = append(providers, r.Provider)
			}
			sent = append(sent, Sent{Key: r.Key})
		}
		plan, err := domain.Decide(commands, known, e.now)
		if err != nil {
			return err
		}
		count := tally{}
		return t.run(ctx, append(e.s.planned(plan, nil, e.now, count),
			do(`UPDATE outbox SET recipient = '', to_kind = '', to_value = '', to_name = '', payload = '', last_error = '', domain = '', domain_print = '',
counted_as = '', provider_id = CASE WHEN channel = 'telegram' THEN '' ELSE provider_id END, erased = true WHERE id = ANY($1)`, sorted(done)),
			do(`UPDATE outbox_attempts SET detail = '', words = NULL WHERE effect = ANY($1)`, sorted(done)),
			do(`DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE key <> '' AND key = ANY($1)
UNION SELECT id FROM receipts WHERE provider_id <> '' AND provider_id = ANY($2)}`, orNone(keys), orNone(providers)),
			count.call())...)
	})
	if err != nil {
		return nil, err
	}
	e.out.Effects += len(sent)
	e.out.Effected = append(e.out.Effected, sent...)
	return left, nil
}

// underHands are the locked effects that are being sent, or listed in a digest that is.
func underHands(ctx context.Context, t tx, known *domain.Known) (map[int64]bool, error) {
	busy, ids := map[int64]bool{}, keysOf(known.Effects)
	for id, r := range known.Effects {
		if r.State == domain.EffectSending {
			busy[id] = true
		}
	}
	err := t.run(ctx, ask(func(row scanner) error {
		var id int64
		err := row.Scan(&id)
		busy[id] = true
		return err
	}, `SELECT o.id FROM outbox o JOIN outbox d ON d.id = o.covered_by WHERE o.id = ANY($1) AND o.covered_by > 0 AND d.state = '`+string(EffectSending)+`'`, orNone(ids)))
	return busy, err
}
