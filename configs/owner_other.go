//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package configs

import "os"

// ownedByUs takes every file for ours where owners are none of the system's numbers.
func ownedByUs(os.FileInfo) bool { return true }

// ownerOf knows none.
func ownerOf(os.FileInfo) int { return -1 }
