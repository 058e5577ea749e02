// Package blobs keeps large sealed bytes outside the database: raw originals above the database's
// limit and attachments. Names are keyed digests, so they tell nothing about the content.
package blobs

import (
	"context"
	"errors"
	"iter"
	"time"
)

// ErrNotFound says that there is no blob of that name.
var ErrNotFound = errors.New("blob not found")

// Blob is one stored blob as List shows it. PutAt tells the collector whether it may be one whose row is still being
// written.
type Blob struct {
	Digest string
	PutAt  time.Time // when it was last put
	Size   int64
}

// Store keeps sealed bytes under their digest: lower-case hex of at least eight digits. All methods may be called by
// several at a time.
//
// Put returns when the bytes are durable; putting the same digest again is no error and renews PutAt. Get of a
// missing blob is ErrNotFound. Delete of a missing blob is no error. A blob is put before the row that names it is
// committed, and deleted after the row has gone, so that a crash leaves blobs without rows, which are collected, and
// never rows without blobs.
type Store interface {
	Put(ctx context.Context, digest string, sealed []byte) error
	Get(ctx context.Context, digest string) ([]byte, error)
	Delete(ctx context.Context, digest string) error
	List(ctx context.Context) iter.Seq2[Blob, error]
}

// ErrName says that a digest is not one.
var ErrName = errors.New("malformed blob digest")

// checkName keeps a digest from being a path: it comes from the database, which others may write to.
func checkName(digest string) error {
	if len(digest) < 8 {
		return ErrName
	}
	for _, c := range digest {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ErrName
		}
	}
	return nil
}
