package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Has reports whether the store holds a blob, without reading it where the store can tell.
func Has(ctx context.Context, s Store, digest string) (bool, error) {
	if h, ok := s.(interface {
		has(ctx context.Context, digest string) (bool, error)
	}); ok {
		return h.has(ctx, digest)
	}
	_, err := s.Get(ctx, digest)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// has asks the file system for the name alone.
func (d *Dir) has(ctx context.Context, digest string) (bool, error) {
	path, err := d.path(digest)
	if err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for blob: %w", err)
	}
	return true, nil
}
