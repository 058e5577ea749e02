package files

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sketches"
	"frontdesk/workers/store/sql"
)

// PutBlob seals content into the blob store and returns its digest. Putting the same content again
// is no error. It goes before the commit that names the digest: a blob without a row is collected
// later, a row without a blob would be a loss.
func (s *Store) PutBlob(ctx context.Context, content []byte) (string, error) {
	digest := s.base.Ring.Digest([]byte("attachment"), content)
	if err := s.base.Blobs.Put(ctx, digest, s.base.Ring.Seal(content, base.BlobAt(digest))); err != nil {
		return "", err
	}
	return digest, nil
}

// Blob reads the content of a stored blob; blobs.ErrNotFound when it has expired.
func (s *Store) Blob(ctx context.Context, digest string) ([]byte, error) {
	sealed, err := s.base.Blobs.Get(ctx, digest)
	if err != nil {
		return nil, err
	}
	plain, err := s.base.Ring.Open(ctx, sealed, base.BlobAt(digest))
	if err == nil && s.base.Ring.Digest([]byte("attachment"), plain) != digest {
		err = fmt.Errorf("%w: they are those of another file", keyring.ErrSealed)
	}
	return plain, err
}

// AttachBlob names the stored content of an attachment that was fetched after the decision, the
// one of that message with that ref. It goes before nothing: a repeat writes the same again.
func (s *Store) AttachBlob(ctx context.Context, message int64, ref, digest string, size int64) error {
	return s.base.Do(ctx, "attaching blob", sql.Do(`UPDATE attachments SET digest = $3, size = $4 WHERE message = $1 AND ref = $2`, message, sql.Clean(ref), sql.Clean(digest), size))
}

// Fetched tells by their refs which attachments of a message were fetched already, be it that they were not kept.
// It is asked at a second try only.
func (s *Store) Fetched(ctx context.Context, message int64) (map[string]bool, error) {
	out := map[string]bool{}
	err := s.base.Read(ctx, "reading which files were fetched", sql.Ask(sql.Value(func(ref string) { out[ref] = true }), `SELECT ref FROM attachments WHERE message = $1 AND (digest <> '' OR note <> '') AND ref <> ''`, message))
	return out, err
}

// Original opens the original of a message. ErrNotFound: it has expired, or never was.
// The caller journals that somebody has read it; here nothing is written.
func (s *Store) Original(ctx context.Context, id int64) (raw []byte, meta map[string]string, err error) {
	var inbox, blob string
	var sealed []byte
	found := false
	err = s.base.Read(ctx, "reading original", sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&inbox, &blob, &sealed)
	}, `SELECT d.inbox, o.blob, o.sealed FROM originals o JOIN deliveries d ON d.id = o.id WHERE o.id = $1`, id))
	if err != nil {
		return nil, nil, err
	}
	if !found {
		return nil, nil, sql.ErrNotFound
	}
	return s.base.Unseal(ctx, base.OriginalAt(id, inbox), blob, sealed)
}

// Expired tells what Expire removed.
type Expired struct {
	Originals   int
	Attachments int // no longer named; CollectBlobs removes their content
	Receipts    int // kept for a row that never came
}

// receiptsKept is how long a receipt waits for its row.
const receiptsKept = 7 * 24 * time.Hour

// draftsKept is how long files lie beside a draft that nobody sends.
const draftsKept = 30 * 24 * time.Hour

// versionsKept is how long it is known what an edited message showed last. Telegram lets people edit for two days; reactions and
// previews come later, but seldom.
const versionsKept = 60 * 24 * time.Hour

// expireVersions forgets the oldest rows, along the index versions_at.
func expireVersions(now time.Time, limit int) sql.Call {
	return sql.Do(`DELETE FROM versions WHERE digest {in SELECT digest FROM versions WHERE at <= $1 ORDER BY at LIMIT $2}`, sql.Micros(now.Add(-versionsKept)), limit)
}

// Expire removes originals, at most limit, whose retention is over, with the names of their
// attachments' contents where the message is in no ticket, and receipts that nobody claimed. Files of a ticket live as long as it does.
func (s *Store) Expire(ctx context.Context, now time.Time, limit int) (Expired, error) {
	var out Expired
	var gone []string
	err := s.base.Write(ctx, func(t sql.Tx) error {
		out, gone = Expired{}, nil
		var ids []int64
		err := t.Run(ctx, sql.Ask(sql.Each64(&ids), `UPDATE messages SET expires_at = 0 WHERE id {in SELECT id FROM messages
WHERE expires_at > 0 AND expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED} RETURNING id`, sql.Micros(now), limit))
		if err != nil {
			return err
		}
		var attachments, receipts int64
		calls := []sql.Call{{Text: `DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE kept_at <= $1 ORDER BY kept_at LIMIT $2}`,
			Args: []any{sql.Micros(now.Add(-receiptsKept)), limit}, Done: &receipts}, base.ExpireScopes(now), fates.ExpireFates(now), expireVersions(now, limit), sketches.Expire(now, limit),
			sql.Do(`DELETE FROM enclosures WHERE id {in SELECT id FROM enclosures WHERE reply = 0 AND at <= $1 ORDER BY at LIMIT $2}`, sql.Micros(now.Add(-draftsKept)), limit)}
		if len(ids) > 0 {
			calls = append(calls, sql.Ask(sql.Value(func(blob string) {
				out.Originals++
				if blob != "" {
					gone = append(gone, blob)
				}
			}), `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, sql.Sorted(ids)),
				sql.Call{Text: `UPDATE attachments SET digest = '' WHERE digest <> '' AND message = ANY($1) AND message {in SELECT id FROM messages WHERE id = ANY($1) AND ticket = 0 AND NOT EXISTS (SELECT 1 FROM side_messages a WHERE a.message = messages.id)}`, Args: []any{sql.Sorted(ids)}, Done: &attachments})
		}
		err = t.Run(ctx, calls...)
		out.Attachments, out.Receipts = int(attachments), int(receipts)
		return err
	})
	if err != nil {
		return Expired{}, fmt.Errorf("expiring originals: %w", err)
	}
	for _, digest := range gone {
		if err := s.base.Blobs.Delete(ctx, digest); err != nil {
			return out, fmt.Errorf("expiring originals: %w", err)
		}
	}
	return out, nil
}

// collectAfter is the age from which a blob that no row names is left over: from a crash before
// the commit, or from an attachment that has expired.
const collectAfter = 24 * time.Hour

// CollectBlobs removes the blobs that no row names and that were put more than a day ago. It walks
// over all blobs: once a day is enough.
func (s *Store) CollectBlobs(ctx context.Context, now time.Time) (int, error) {
	removed := 0
	var page []string
	flush := func() error {
		n, err := s.CollectPage(ctx, page)
		removed += n
		page = page[:0]
		return err
	}
	for b, err := range s.base.Blobs.List(ctx) {
		if err != nil {
			return removed, fmt.Errorf("collecting blobs: %w", err)
		}
		if now.Sub(b.PutAt) < collectAfter {
			continue
		}
		if page = append(page, b.Digest); len(page) < 256 {
			continue
		}
		if err := flush(); err != nil {
			return removed, fmt.Errorf("collecting blobs: %w", err)
		}
	}
	if err := flush(); err != nil {
		return removed, fmt.Errorf("collecting blobs: %w", err)
	}
	return removed, nil
}

// CollectPage removes those of the blobs that no row names.
func (s *Store) CollectPage(ctx context.Context, digests []string) (int, error) {
	named := map[string]bool{}
	note := sql.Value(func(digest string) { named[digest] = true })
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx,
			sql.Ask(note, `SELECT digest FROM attachments WHERE digest <> '' AND digest = ANY($1)`, sql.OrNone(digests)),
			sql.Ask(note, `SELECT digest FROM enclosures WHERE digest = ANY($1)`, sql.OrNone(digests)),
			sql.Ask(note, `SELECT blob FROM originals WHERE blob <> '' AND blob = ANY($1)`, sql.OrNone(digests)))
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, d := range digests {
		if named[d] {
			continue
		}
		if err := s.base.Blobs.Delete(ctx, d); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// RefuseBlob notes why a file that was to be fetched is not kept.
func (s *Store) RefuseBlob(ctx context.Context, message int64, ref, why string) error {
	return s.base.Do(ctx, "refusing a file", sql.Do(`UPDATE attachments SET note = $3, digest = '' WHERE message = $1 AND ref = $2`, message, sql.Clean(ref), sql.Clean(why)))
}
