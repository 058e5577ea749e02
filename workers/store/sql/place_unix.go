//go:build unix

package sql

import (
	"os"
	"strconv"
	"syscall"
)

// fileNumber is the inode of a file: the same after a restart, wherever its folder is mounted, and another one of a copy.
func fileNumber(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return "inode " + strconv.FormatUint(s.Ino, 10)
	}
	return ""
}
