//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package follow

import (
	"fmt"
	"os"
	"syscall"
)

// give goes by the open file, not by its name, which the folder's owner could have put in place of another.
// Only root can give away, so for everybody else it does nothing. The folder's group goes along.
func give(f *os.File, folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	of, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("looking for the owner of a folder: %w", err)
	}
	is, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking for the owner of a file: %w", err)
	}
	owner, ok := of.Sys().(*syscall.Stat_t)
	mine, own := is.Sys().(*syscall.Stat_t)
	if !ok || !own || owner.Uid == mine.Uid && (owner.Gid == mine.Gid || owner.Uid == 0) {
		return nil
	}
	if err := f.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("giving a file to the owner of its folder: %w", err)
	}
	return nil
}
