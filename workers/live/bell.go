package live

import (
	"context"
	"time"
)

// betweenWords is the least time between two words to other processes.
const betweenWords = 50 * time.Millisecond

// within bounds one word to other processes.
const within = 2 * time.Second

// Pass tells other processes that something may have happened, until ctx ends: whatever is heard within 50 ms is one word. That one cannot be
// said is nobody's harm, since every hub looks by itself, so nothing is said about it.
func Pass(ctx context.Context, heard <-chan struct{}, say func(context.Context) error) {
	for {
		select {
		case <-heard:
		case <-ctx.Done():
			return
		}
		word(ctx, say)
		if !sleep(ctx, betweenWords) {
			return
		}
	}
}

func word(ctx context.Context, say func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if say(ctx) != nil {
		return // see Pass
	}
}
