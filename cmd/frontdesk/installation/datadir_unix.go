//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package installation

import (
	"io/fs"
	"os"
	"syscall"
)

// openToOthers reports whether anybody but its owner may do anything with a folder.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// ownedByUs reports whether a folder belongs to the user of this process.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
