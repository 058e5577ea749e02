package emailtest

import (
	"strings"
	"testing"
	"time"
)

// Doubling fails when twice the input costs much more than twice the time. What takes next to no time at both is
// refused or constant.
func Doubling(t testing.TB, n int, prepare func(n int) func()) {
	t.Helper()
	const little = 25 * time.Millisecond
	best := func(n int) time.Duration {
		run, least := prepare(n), time.Duration(1<<62)
		for range 5 {
			if least = min(least, cpuTime(run)); least < little {
				break
			}
		}
		return least
	}
	for try := 0; ; try++ {
		two := best(2 * n)
		if two < little {
			return
		}
		one := best(n)
		ratio := float64(two) / float64(max(one, little/2))
		if ratio <= 2.6 {
			return
		}
		if try == 2 {
			t.Errorf("%d KiB took %v, twice as much %v: %.1f times", n>>10, one, two, ratio)
			return
		}
	}
}

// ManyLetters is a label of so many bytes in which hardly a letter comes twice. What Punycode costs grows with the
// product of its letters and its different letters (RFC 3492 §6.3).
func ManyLetters(n int) string {
	var label strings.Builder
	for i := 0; label.Len() < n; i++ {
		label.WriteRune(rune(0x3400 + i%26_000))
	}
	return label.String()
}
