package erasure

import (
	"context"
	"errors"
	"slices"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// messages blanks messages of the person and removes what hangs on them: files, original, opinions, its reading, claims, the
// sealed decision, and what a later message would be joined by (references, conversations, content). The rows stay
// with their state and ticket, since the books count them. All of a batch is one transaction. Blobs go after its
// commit: a crash between leaves blobs that no row names, which are collected later. The decision becomes an empty
// one, sealed for the same place, so that the audit still opens it. A parked message becomes dismissed, with the
// counters: nobody can decide it any more.
func (e *eraser) messages(ctx context.Context, ids []int64) error {
	var blobsGone, attached []string
	var n, originals int64
	sealed := make([]tables.DecisionRow, len(ids))
	for i, id := range ids {
		sealed[i] = tables.DecisionRow{Message: id, Sealed: e.s.base.Ring.Seal([]byte("{}"), base.DecisionAt(id))}
	}
	err := e.s.base.Write(ctx, func(t sql.Tx) error {
		blobsGone, attached, originals = nil, nil, 0
		keep, err := e.lockMessages(ctx, t, ids)
		if err != nil {
			return err
		}
		tombs, err := e.deliveryTombs(ctx, t, ids)
		if err != nil {
			return err
		}
		name := func(out *[]string, n *int64) func(sql.Row) error {
			return sql.Value(func(digest string) {
				if digest != "" {
					*out = append(*out, digest)
				}
				*n++
			})
		}
		var files int64
		return t.Run(ctx, append(e.s.find.Unsearch(find.TicketsOf, ids),
			base.InsertTombs.Put(tombs.rows...), renameDeliveries.Put(tombs.names...),
			sql.Do(`DELETE FROM identities WHERE contact = 0 AND NOT opted_out AND address {in SELECT address FROM claims WHERE message = ANY($1)}
AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.address = identities.address AND NOT (c.message = ANY($1)))`, ids),
			sql.Do(`DELETE FROM claims WHERE message = ANY($1)`, ids),
			sql.Ask(name(&attached, &files), `DELETE FROM attachments WHERE message = ANY($1) RETURNING digest`, ids),
			sql.Ask(name(&blobsGone, &originals), `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, ids),
			sql.Do(`DELETE FROM opinions WHERE message = ANY($1)`, ids),
			sql.Do(`DELETE FROM readings WHERE message = ANY($1)`, ids),
			sql.Do(`DELETE FROM copies WHERE message = ANY($1)`, ids),
			sql.Do(`DELETE FROM sketches WHERE message = ANY($1)`, ids),
			sql.Do(`DELETE FROM uncopied WHERE message = ANY($1)`, ids),
			sql.Do(`DELETE FROM exceptions WHERE message = ANY($1)`, ids),
			tables.ResealDecisions.Put(sealed...),
			sql.Do(`DELETE FROM mail_references WHERE digest = ANY($1) AND ticket = ANY($2)`, sql.OrNone(keep.references), sql.OrNone(keep.tickets)),
			sql.Do(`DELETE FROM conversations WHERE thread = ANY($1) AND ticket = ANY($2)`, sql.OrNone(keep.threads), sql.OrNone(keep.tickets)),
			sql.Call{Text: `UPDATE messages SET state = CASE WHEN state = 'parked' THEN 'dismissed' ELSE state END, evidence = '', sender = '', sender_kind = '',
sender_value = '', sender_name = '', subject = '', visible = '', quoted = '', thread = '', content = '', fingerprint = '', reference = '', redacted = '', fields = '',
expires_at = 0, erased_at = $2 WHERE id = ANY($1)`, Args: []any{ids, sql.Micros(e.now)}, Done: &n},
			keep.count.Call())...)
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
	count               base.Tally
}

// lockMessages locks the messages in the order of their ids, as a decision does, and reads under which keys later
// messages would find them.
func (e *eraser) lockMessages(ctx context.Context, t sql.Tx, ids []int64) (lockedMessages, error) {
	out := lockedMessages{count: base.Tally{}}
	err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var state, cause, reference, thread string
		var ticket int64
		var from message.Address
		var proven bool
		if err := row.Scan(&state, &cause, &reference, &thread, &ticket, &from.Kind, &from.Value, &proven); err != nil {
			return err
		}
		if state == string(messages.Parked) {
			out.count.Move("message", state, string(messages.Dismissed))
			out.count.Move("parked", cause, "")
		}
		mine := dedupe.Mine(reference, pipeline.Asks{From: from.Identity(), Proven: proven}.Writer(), e.s.base.Ring.Digest)
		out.references, out.threads = append(out.references, e.s.base.Bound(reference), e.s.base.Bound(mine)), append(out.threads, e.s.base.Bound(thread))
		out.tickets = append(out.tickets, ticket)
		return nil
	}, `SELECT state, cause, reference, thread, ticket, sender_kind, sender_value, proven FROM messages WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids))
	return out, err
}

// keyRow is a delivery with the key that it gets. The key must stay unique in its inbox, so it is a digest of the old
// one.
type keyRow struct {
	ID  int64
	Key string
}

// renameDeliveries writes keys by their ids.
var renameDeliveries = sql.Updating[keyRow]("deliveries")

// tombRows are the tombstones of deliveries and the keys that they get in place of theirs.
type tombRows struct {
	rows  []base.TombRow
	names []keyRow
}

// erasedKey is how the key of an erased delivery begins, where it could be read before.
const erasedKey = "erased:"

// deliveryTombs replaces keys that tell something by their digests, and leaves the digest as a tombstone: a provider
// that brings the same delivery again is told that it is known. Keys that tell nothing (Twilio's SID, digests of
// mails) stay.
func (e *eraser) deliveryTombs(ctx context.Context, t sql.Tx, ids []int64) (out tombRows, err error) {
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var id int64
		var inbox, channel, key string
		if err := row.Scan(&id, &inbox, &channel, &key); err != nil {
			return err
		}
		if !e.s.base.Telling(channel, key) || strings.HasPrefix(key, erasedKey) {
			return nil
		}
		digest := e.s.base.DeliveryTomb(inbox, key)
		out.rows = append(out.rows, base.TombRow{Digest: digest, Kind: base.TombDelivery, Message: id, At: e.now})
		out.names = append(out.names, keyRow{id, erasedKey + digest})
		return nil
	}, `SELECT id, inbox, channel, key FROM deliveries WHERE id = ANY($1) ORDER BY id`, ids))
	base.SortedTombs(out.rows)
	return out, err
}

// keys replaces delivery keys that name the person.
func (e *eraser) keys(ctx context.Context, ids []int64) error {
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		tombs, err := e.deliveryTombs(ctx, t, ids)
		if err != nil {
			return err
		}
		return t.Run(ctx, base.InsertTombs.Put(tombs.rows...), renameDeliveries.Put(tombs.names...))
	})
}

// dropOriginals removes large originals. Their names are made of delivery keys, so nobody shares them.
func (e *eraser) dropOriginals(ctx context.Context, digests []string) error {
	for _, d := range digests {
		if err := e.s.base.Blobs.Delete(ctx, d); err != nil {
			return err
		}
		e.out.Blobs++
	}
	return nil
}

// heldBytes bounds the removed blobs that are held in memory until the end. What is beyond cannot be put back; it
// takes a person with very many files, one of which somebody else sends in the same seconds.
const heldBytes = 64 << 20

// dropAttachments removes contents that no other message names. Contents are named by their digest, so two messages
// share one. Somebody may be putting the same content while it goes, and no transaction holds files: what is named
// afterwards is put back.
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
		sealed, err := e.s.base.Blobs.Get(ctx, d)
		if errors.Is(err, blobs.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := e.s.base.Blobs.Delete(ctx, d); err != nil {
			return err
		}
		e.out.Blobs++
		if held += len(sealed); held <= heldBytes {
			e.removed[d] = sealed
		}
	}
	return e.putBack(ctx)
}

// named are those of the contents that some message still names, by the partial index attachments_digest.
func (e *eraser) named(ctx context.Context, digests []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := e.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Value(func(digest string) { out[digest] = true }), `SELECT digest FROM attachments WHERE digest <> '' AND digest = ANY($1)`, sql.OrNone(digests)))
	})
	return out, err
}

// putBack restores removed contents that somebody else's message names by now.
func (e *eraser) putBack(ctx context.Context) error {
	named, err := e.named(ctx, sql.KeysOf(e.removed))
	if err != nil {
		return err
	}
	for d := range named {
		if err := e.s.base.Blobs.Put(ctx, d, e.removed[d]); err != nil {
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

// settled withholds and blanks what nobody has in his hands, and returns the rest. The domain decides what becomes of
// a row and of its promise (commands.EraseEffect), the plan is written here with the blanking, in one transaction.
// A provider's id of a send may name the chat, and so the person; ids that name nobody are kept for receipts.
func (e *eraser) settled(ctx context.Context, ids []int64) (left []int64, err error) {
	var sent []Sent
	opaque := e.s.base.ChannelsThat(func(t descriptor.Traits) bool { return t.Opaque })
	err = e.s.base.Write(ctx, func(t sql.Tx) error {
		sent, left = nil, nil
		happened := make([]domain.Command, len(ids))
		for i, id := range ids {
			happened[i] = commands.EraseEffect{Effect: id, Cause: causes.Erased}
		}
		known, err := e.s.plans.Load(ctx, t, happened)
		if err != nil {
			return err
		}
		busy, err := underHands(ctx, t, known)
		if err != nil {
			return err
		}
		happened = nil
		var done []int64
		var keys, providers []string
		for _, id := range sql.KeysOf(known.Effects) {
			if busy[id] {
				left = append(left, id)
				continue
			}
			r := known.Effects[id]
			happened = append(happened, commands.EraseEffect{Effect: id, Cause: causes.Erased})
			done, keys = append(done, id), append(keys, r.Key)
			if r.Provider != "" {
				providers = append(providers, r.Provider)
			}
			sent = append(sent, Sent{Key: r.Key})
		}
		plan, err := domain.Decide(happened, known, e.now)
		if err != nil {
			return err
		}
		count := base.Tally{}
		return t.Run(ctx, append(e.s.plans.Planned(plan, nil, e.now, count),
			sql.Do(`UPDATE outbox SET recipient = '', to_kind = '', to_value = '', to_name = '', payload = '', last_error = '', domain = '', domain_print = '',
counted_as = '', provider_id = CASE WHEN channel = ANY($2) THEN provider_id ELSE '' END, erased = true WHERE id = ANY($1)`, sql.Sorted(done), opaque),
			sql.Do(`UPDATE outbox_attempts SET detail = '', words = NULL WHERE effect = ANY($1)`, sql.Sorted(done)),
			sql.Do(`DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE key <> '' AND key = ANY($1)
UNION SELECT id FROM receipts WHERE provider_id <> '' AND provider_id = ANY($2)}`, sql.OrNone(keys), sql.OrNone(providers)),
			count.Call())...)
	})
	if err != nil {
		return nil, err
	}
	e.out.Effects += len(sent)
	e.out.Effected = append(e.out.Effected, sent...)
	return left, nil
}

// underHands are the locked effects that are being sent, or listed in a digest that is. The join goes from each row
// to its digest by the primary key.
func underHands(ctx context.Context, t sql.Tx, known *domain.Known) (map[int64]bool, error) {
	busy, ids := map[int64]bool{}, sql.KeysOf(known.Effects)
	for id, r := range known.Effects {
		if r.State == effects.Sending {
			busy[id] = true
		}
	}
	err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) { busy[id] = true }), `SELECT o.id FROM outbox o JOIN outbox d ON d.id = o.covered_by WHERE o.id = ANY($1) AND o.covered_by > 0 AND d.state = '`+string(effects.Sending)+`'`, sql.OrNone(ids)))
	return busy, err
}
