//go:build unix

package doubling

import (
	"syscall"
	"time"
)

// cpuTime is the computing time of the process while f runs, whatever else the machine does meanwhile.
func cpuTime(f func()) time.Duration {
	var before, after syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &before) != nil {
		return 0
	}
	f()
	if syscall.Getrusage(syscall.RUSAGE_SELF, &after) != nil {
		return 0
	}
	return time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}
