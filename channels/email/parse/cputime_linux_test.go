package parse

import (
	"runtime"
	"syscall"
	"time"
)

// cpuTime is the computing time that f takes on its own thread, whatever else the machine does meanwhile.
func cpuTime(f func()) time.Duration {
	const thisThread = 1 // RUSAGE_THREAD
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after syscall.Rusage
	if syscall.Getrusage(thisThread, &before) != nil {
		return 0
	}
	f()
	if syscall.Getrusage(thisThread, &after) != nil {
		return 0
	}
	return time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}
