//go:build !linux

package parse

import (
	"time"
)

// cpuTime is the time that f takes, where computing time cannot be told apart.
func cpuTime(f func()) time.Duration {
	at := time.Now()
	f()
	return time.Since(at)
}
