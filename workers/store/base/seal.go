package base

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// The places of what is sealed. A row that is put in another one's place does not open there.

// OriginalAt is the place of an original.
func OriginalAt(id int64, inbox string) keyring.Place { return keyring.Original(id, inbox) }

// DecisionAt is the place of the decision on a message.
func DecisionAt(message int64) keyring.Place { return keyring.Row("decisions", message) }

// BlobAt is the place of a content in the blob store.
func BlobAt(digest string) keyring.Place { return keyring.Content(digest) }

// SecretAt is the place of a secret of the installation.
func SecretAt(name string) keyring.Place { return keyring.Secret(name) }

// OpinionAt binds the verdict too, which stands beside in plain.
func OpinionAt(message int64, scanner, part, verdict string) keyring.Place {
	return keyring.Row("opinions", message, scanner, part, verdict)
}

// ReadingAt is the place of what an answer to a message stands on.
func ReadingAt(message int64) keyring.Place { return keyring.Row("readings", message) }

// CopyAt is the place of the formatted copy of a message.
func CopyAt(message int64) keyring.Place { return keyring.Row("copies", message) }

// SealSecretsAnew binds saved secrets of older programs to their names, once.
func (s *Store) SealSecretsAnew(ctx context.Context) error {
	if !s.Ring.Whole() {
		return nil
	}
	found := map[string][]byte{}
	err := s.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Pair(func(name string, sealed []byte) {
			if keyring.IsOlder(sealed) {
				found[name] = sealed
			}
		}), `SELECT name, sealed FROM secrets`))
	})
	for _, name := range sql.KeysOf(found) {
		if err != nil {
			break
		}
		var plain []byte
		if plain, err = s.Ring.OpenOlder(ctx, found[name]); errors.Is(err, keyring.ErrSealed) {
			err = nil // it was lost before; whoever needs it is told, and the others go on
			continue
		} else if err != nil {
			break
		}
		fresh := s.Ring.Seal(plain, SecretAt(name))
		err = s.Write(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Do(`UPDATE secrets SET sealed = $2 WHERE name = $1 AND sealed = $3`, name, fresh, found[name]))
		})
	}
	if err != nil {
		return fmt.Errorf("binding saved secrets to their names: %w", err)
	}
	return nil
}

// keysUnused is how old a data key of originals is before it may be dropped: longer than any process can be
// held up between making it and recording under it.
const keysUnused = 7 * 24 * time.Hour

// DropKeys removes data keys, at most limit, under which no original is sealed any more, and returns how many.
// The last one stays, so that no id is given to two keys.
func (s *Store) DropKeys(ctx context.Context, now time.Time, limit int) (int, error) {
	var n int64
	err := s.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Call{Text: `DELETE FROM data_keys WHERE id {in SELECT k.id FROM data_keys k WHERE k.kind = 'original' AND k.created_at < $1
AND k.id < (SELECT max(id) FROM data_keys) AND NOT EXISTS (SELECT 1 FROM originals o WHERE o.data_key = k.id AND o.data_key > 0) ORDER BY k.id LIMIT $2}`,
			Args: []any{sql.Micros(now.Add(-keysUnused)), limit}, Done: &n})
	})
	if err != nil {
		return 0, fmt.Errorf("dropping data keys: %w", err)
	}
	return int(n), nil
}

// shelf keeps the keyring's wrapped keys in the database.
type shelf struct{ db sql.DB }

// ShelfIn is the shelf of a database.
func ShelfIn(db sql.DB) keyring.Shelf { return shelf{db} }

// selectKeys and keysInto belong together.
const selectKeys = `SELECT id, kind, slot, way, master, wrapped FROM data_keys WHERE `

func keysInto(out *[]keyring.Wrapped) func(sql.Row) error {
	return func(row sql.Row) error {
		var k keyring.Wrapped
		err := row.Scan(&k.ID, &k.Kind, &k.Slot, &k.Way, &k.Master, &k.Wrapped)
		*out = append(*out, k)
		return err
	}
}

// Keys runs on data_keys_slot, which begins with the kind.
func (s shelf) Keys(ctx context.Context, kinds ...string) (out []keyring.Wrapped, err error) {
	err = s.db.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(keysInto(&out), selectKeys+`kind = ANY($1) ORDER BY id`, kinds))
	})
	return out, err
}

func (s shelf) Key(ctx context.Context, id uint32) (keyring.Wrapped, bool, error) {
	var found []keyring.Wrapped
	err := s.db.Read(ctx, func(t sql.Tx) error {
		found = nil
		return t.Run(ctx, sql.Ask(keysInto(&found), selectKeys+`id = $1`, int64(id)))
	})
	if err != nil || len(found) == 0 {
		return keyring.Wrapped{}, false, err
	}
	return found[0], true, nil
}

// Wraps counts along data_keys_way. A ring that is opened without a master key it needs says how many keys lie under it.
func (s shelf) Wraps(ctx context.Context) (out []keyring.Wrap, err error) {
	err = s.db.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var w keyring.Wrap
			err := row.Scan(&w.Way, &w.Master, &w.Keys)
			out = append(out, w)
			return err
		}, `SELECT way, master, count(*) FROM data_keys GROUP BY way, master ORDER BY way, master`))
	})
	return out, err
}

// AddKey gives the next id and keeps the first key of its kind and slot. It runs alone (DB.Alone): two processes that
// each took the greatest id plus one would give one id to two keys.
func (s shelf) AddKey(ctx context.Context, k keyring.Wrapped, now time.Time) (id uint32, err error) {
	err = s.db.Alone(ctx, func(t sql.Tx) error {
		err := t.Run(ctx, sql.Do(`INSERT INTO data_keys (id, kind, slot, way, master, wrapped, created_at)
SELECT coalesce(max(id), 0) + 1, CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS `+s.bytes()+`), CAST($6 AS bigint) FROM data_keys WHERE true
ON CONFLICT (kind, slot) DO NOTHING`, k.Kind, k.Slot, k.Way, k.Master, k.Wrapped, sql.Micros(now)))
		if err != nil {
			return err
		}
		return t.Run(ctx, sql.Ask(sql.Into(&id), `SELECT id FROM data_keys WHERE kind = $1 AND slot = $2`, k.Kind, k.Slot))
	})
	return id, err
}

// bytes names the type of a wrapped key for CAST: the two databases call it by different names.
func (s shelf) bytes() string {
	if s.db.Name() == "sqlite" {
		return "blob"
	}
	return "bytea"
}

// ReplaceKey keeps the id: what was sealed under the key names that id, and is not touched.
func (s shelf) ReplaceKey(ctx context.Context, k keyring.Wrapped) error {
	return s.db.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE data_keys SET way = $2, master = $3, wrapped = $4 WHERE id = $1`, int64(k.ID), k.Way, k.Master, k.Wrapped))
	})
}

// Reached looks at the sequence and at the rows: after a restore one may be behind the other.
func (s shelf) Reached(ctx context.Context) (next int64, err error) {
	var last int64
	err = s.db.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Into(&next), `SELECT coalesce(max(next), 1) FROM sequences WHERE name = $1`, tables.SequenceMessage),
			sql.Ask(sql.Into(&last), `SELECT coalesce(max(id), 0) FROM deliveries`))
	})
	return max(next, last+1), err
}
