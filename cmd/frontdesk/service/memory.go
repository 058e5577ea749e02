package service

import (
	"os"
	"runtime/debug"
)

// collectAt is how much the heap grows, in percent of what lives, before it is collected: the service
// lives in some twenty megabytes, and collecting them at every doubling costs a tenth of its time.
const collectAt = 200

// besides is the memory that a service may take, in bytes, beside what is being taken in.
const besides = 256 << 20

// settleMemory sets the collector for the service, unless GOGC or GOMEMLIMIT says otherwise, and gives
// back what the start needed and nothing needs any more. Large messages make garbage as large as
// themselves, so from twice their budget on it is collected more often.
func settleMemory(inflight int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(2*inflight + besides)
	}
	debug.FreeOSMemory()
}
