//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package service

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// notOurs says why a file may have been put there, or be read, by somebody else; "" when it may not.
func notOurs(info fs.FileInfo) string {
	switch stat, ok := info.Sys().(*syscall.Stat_t); {
	case !info.Mode().IsRegular():
		return "is no regular file"
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf("has mode %04o, so that others know it", info.Mode().Perm())
	case ok && int(stat.Uid) != os.Geteuid() && stat.Uid != 0:
		return "belongs to another user, who knows it"
	}
	return ""
}
