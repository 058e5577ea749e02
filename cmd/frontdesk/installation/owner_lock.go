//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package installation

import (
	"os"
	"syscall"
)

// lockFile locks a file for this process alone, at once or not at all.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
