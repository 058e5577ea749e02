package decide

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// sideItems is how many items make one more core worth while.
const sideItems = 8

// sideBySide calls f for each of 0 to n-1, over the cores. f must not panic.
func sideBySide(n int, f func(i int)) {
	cores := min(runtime.GOMAXPROCS(0), (n+sideItems-1)/sideItems)
	if cores < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range cores {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	all.Wait()
}
