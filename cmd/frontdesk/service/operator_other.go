//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package service

import "io/fs"

// notOurs looks at what every system has.
func notOurs(info fs.FileInfo) string {
	if !info.Mode().IsRegular() {
		return "is no regular file"
	}
	return ""
}
