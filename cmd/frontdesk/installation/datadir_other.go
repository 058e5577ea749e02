//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package installation

import "io/fs"

// openToOthers says no, where modes mean nothing.
func openToOthers(fs.FileInfo) bool { return false }

// ownedByUs says yes, where files have no owner that a mode speaks of.
func ownedByUs(fs.FileInfo) bool { return true }
