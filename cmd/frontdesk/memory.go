package main

import (
	"os"
	"runtime/debug"
)

// collectAt is how much the heap grows, in percent of what lives, before it is collected: the service
// lives in some twenty megabytes, and collecting them at every doubling costs a tenth of its time.
const collectAt = 200

// settleMemory sets the collector for the service, unless GOGC says otherwise, and gives back what
// the start needed and nothing needs any more.
func settleMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	debug.FreeOSMemory()
}
