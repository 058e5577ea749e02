package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/internal/follow"
)

// Dir keeps blobs as files below a directory, two levels deep: ab/cd/abcd…, so that no folder gets millions of
// entries. Several processes may share it, on one machine or by a network file system that renames atomically.
type Dir struct {
	root string
}

// LazyDir makes the directory with its first blob, for whoever mostly reads.
func LazyDir(root string) *Dir { return &Dir{root: root} }

// OpenDir makes the directory if it is not there.
func OpenDir(root string) (*Dir, error) {
	if err := follow.MkdirAll(root); err != nil {
		return nil, fmt.Errorf("making blob directory: %w", err)
	}
	return &Dir{root: root}, nil
}

func (d *Dir) path(digest string) (string, error) {
	if err := checkName(digest); err != nil {
		return "", err
	}
	return filepath.Join(d.root, digest[:2], digest[2:4], digest), nil
}

// Put writes beside the place and renames, with both the file and its folder synced: after a crash there is the whole
// file or none. A rename over an older one of the same name is what makes putting again safe.
func (d *Dir) Put(ctx context.Context, digest string, sealed []byte) error {
	path, err := d.path(digest)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.makeFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("storing blob: %w", err)
	}
	if err := replace(path, sealed); err != nil {
		return fmt.Errorf("storing blob: %w", err)
	}
	return nil
}

// probeSize is more than a file system keeps room for in what a file has already, in bytes.
const probeSize = 256 << 10

// Try writes a file of some size, makes it durable and takes it away: a full disk fails it.
func (d *Dir) Try() error {
	f, err := os.CreateTemp(d.root, ".new-")
	if err != nil {
		return fmt.Errorf("trying the blob directory: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, probeSize))
	if serr := f.Sync(); err == nil {
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("trying the blob directory: %w", err)
	}
	return nil
}

// makeFolder makes both levels, and the directory itself if it has never been there.
func (d *Dir) makeFolder(folder string) error {
	err := makeLevels(folder)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := follow.MkdirAll(d.root); err != nil {
		return err
	}
	return makeLevels(folder)
}

// makeLevels makes both levels and syncs each parent that got a new entry.
func makeLevels(folder string) error {
	for _, level := range []string{filepath.Dir(folder), folder} {
		err := os.Mkdir(level, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(follow.Folder(level), syncFolder(filepath.Dir(level))); err != nil {
			return err
		}
	}
	return nil
}

// replace makes the file durable before its name, since a name may reach the disk before the bytes.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if serr := errors.Join(follow.File(f), f.Sync()); err == nil {
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new or renamed name durable: fsync of a file says nothing of the entry in its folder (Linux:
// fsync(2)).
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Get reads a blob.
func (d *Dir) Get(ctx context.Context, digest string) ([]byte, error) {
	path, err := d.path(digest)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading blob: %w", err)
	}
	return sealed, nil
}

// Delete removes a blob.
func (d *Dir) Delete(_ context.Context, digest string) error {
	path, err := d.path(digest)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing blob: %w", err)
	}
	return nil
}

// unfinished is the age at which a half-written file is the remainder of a crash: no write takes a day.
const unfinished = 24 * time.Hour

// List walks over all blobs in the order of their names. Remainders of writes that a crash cut off
// are removed on the way.
func (d *Dir) List(ctx context.Context) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && path == d.root { // see LazyDir
				return nil
			}
			if err != nil {
				return err
			}
			if e.IsDir() {
				return ctx.Err()
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if strings.HasPrefix(e.Name(), ".new-") {
				return removeOld(path, info)
			}
			if !yield(Blob{Digest: e.Name(), PutAt: info.ModTime(), Size: info.Size()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Blob{}, fmt.Errorf("listing blobs: %w", err))
		}
	}
}

func removeOld(path string, info fs.FileInfo) error {
	if time.Since(info.ModTime()) < unfinished {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
