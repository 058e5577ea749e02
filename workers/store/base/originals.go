package base

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// WakeAfter is how long what somebody is at work on is left alone by the others, and how long a fresh row of the outbox
// waits for the task that was enqueued with it before the sweep enqueues another.
const WakeAfter = time.Minute

// PackOriginal joins the raw bytes and the envelope facts: length of the facts' JSON, the facts, the bytes.
func PackOriginal(raw []byte, meta map[string]string) []byte {
	var facts []byte
	if len(meta) > 0 {
		facts, _ = json.Marshal(meta) // a map of strings always marshals
	}
	out := make([]byte, 0, 4+len(facts)+len(raw))
	out = binary.BigEndian.AppendUint32(out, uint32(len(facts))) // far below 4 GiB
	out = append(out, facts...)
	return append(out, raw...)
}

func unpackOriginal(b []byte) (raw []byte, meta map[string]string, err error) {
	if len(b) < 4 || int64(len(b)) < 4+int64(binary.BigEndian.Uint32(b)) {
		return nil, nil, fmt.Errorf("reading original: cut off")
	}
	end := 4 + int(binary.BigEndian.Uint32(b))
	if end > 4 {
		if err := json.Unmarshal(b[4:end], &meta); err != nil {
			return nil, nil, fmt.Errorf("reading original: %w", err)
		}
	}
	return b[end:], meta, nil
}

// NamesBlob reports whether the row of an original names that blob now.
func (s *Store) NamesBlob(ctx context.Context, id int64, blob string) (bool, error) {
	n := 0
	err := s.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM originals WHERE id = $1 AND blob = $2`, id, blob))
	})
	return n > 0, err
}

// AwayError says that the blob of an original cannot be read where it should lie.
type AwayError struct{ err error }

func (e AwayError) Error() string { return e.err.Error() }

func (e AwayError) Unwrap() error { return e.err }

// OriginalBlob names the large original of a message. Each recording has a name of its own: one that turns
// out to be a repeat touches nothing of the first.
func (s *Store) OriginalBlob(id int64, inbox string) string {
	return s.Ring.Digest([]byte("original of"), fmt.Appendf(nil, "%d", id), []byte(inbox))
}

// Unseal opens an original, which lies in the row or in the blob store.
func (s *Store) Unseal(ctx context.Context, at keyring.Place, blob string, sealed []byte) ([]byte, map[string]string, error) {
	if blob != "" {
		var err error
		if sealed, err = s.Blobs.Get(ctx, blob); err != nil {
			if ctx.Err() == nil {
				err = AwayError{err}
			}
			return nil, nil, err
		}
	}
	plain, err := s.Ring.Open(ctx, sealed, at)
	if err != nil {
		return nil, nil, err
	}
	return unpackOriginal(plain)
}
