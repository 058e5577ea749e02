package installation

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Owner is the hold of one process on its data directory, for as long as it lives. The kernel gives
// it up however the process ends, and not before: a control socket is closed at the begin of a stop,
// while sends may still be under way.
type Owner struct {
	file *os.File
	Name string // stays the same over restarts; begins the holder of whatever its processes claim
}

// Own takes hold of a data directory that is there, or says that another process has it.
// It is held by flock(2) on the file instance, which no stale file can fake; on network file systems flock is as good
// as the server makes it.
func Own(dir string) (*Owner, error) {
	f, err := os.OpenFile(filepath.Join(dir, "instance"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data directory: %w", err)
	}
	o := &Owner{file: f}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("opening the data directory: another process serves from %s: %w", dir, err)
	}
	id, err := identity(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	// The host is part of the name, so that a copied directory is somebody else.
	o.Name = host + ":" + id + ":"
	return o, nil
}

// identity reads what the file says, or writes a new identity into it. A full disk leaves the process
// without a name that lasts: what it claims is then waited out.
func identity(f *os.File) (string, error) {
	const size = 16
	text, err := io.ReadAll(io.LimitReader(f, size))
	if err != nil {
		return "", fmt.Errorf("reading the instance: %w", err)
	}
	if id := string(text); len(id) == size && strings.Trim(id, "0123456789abcdef") == "" {
		return id, nil
	}
	var random [size / 2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("naming the instance: %w", err)
	}
	id := hex.EncodeToString(random[:])
	_, _ = f.WriteAt([]byte(id), 0) // see above
	return id, nil
}

// Holder is the name of this very process in what it claims.
// at is the start in nanoseconds: with the PID it tells two processes of one directory apart. The begin (Name) is
// common to all of them, so that a new one may take over what the dead one held (ReclaimFrom).
func (o *Owner) Holder(pid int, at int64) string { return fmt.Sprintf("%s%d:%d", o.Name, pid, at) }

// Close gives the data directory back. It may be called on nil.
func (o *Owner) Close() {
	if o != nil {
		o.file.Close()
	}
}
