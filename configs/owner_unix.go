//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package configs

import (
	"os"
	"syscall"
)

// ownedByUs reports whether a file belongs to the user as whom this process runs.
func ownedByUs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Geteuid()
}

// ownerOf is the number of the user to whom it belongs.
func ownerOf(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}
