package engine

import (
	"context"
	"fmt"
	"strings"
)

// longestWord bounds what is heard of others, in bytes.
const longestWord = 200

// words is the channel of Redis by which the processes of an installation tell each other what is worth nothing a moment later: that
// something has changed, who reads a ticket. Its name begins like Asynq's keys and channels (see wakes).
func (n names) words() string { return "asynq:frontdesk-live:" + n.installation }

// Say tells a word of ids to the other processes of the installation; it may be lost. Where nobody else can reach the Redis nobody is told.
func (e *Engine) Say(ctx context.Context, word string) error {
	if e.names.installation == "" {
		return nil
	}
	if err := e.config.Redis.Publish(ctx, e.names.words(), e.me+" "+word).Err(); err != nil {
		return fmt.Errorf("telling other processes: %w", err)
	}
	return nil
}

// Heed calls hear with each word of another process, until ctx ends. It goes on by itself when Redis was away; what was said meanwhile is
// lost.
func (e *Engine) Heed(ctx context.Context, hear func(word string)) {
	if e.names.installation == "" {
		return
	}
	e.hear(ctx, e.names.words(), func(word string) {
		if len(word) <= longestWord {
			hear(word)
		}
	})
}

// hear calls said with what other processes say on a channel.
func (e *Engine) hear(ctx context.Context, channel string, said func(string)) {
	heard := e.config.Redis.Subscribe(ctx, channel)
	defer heard.Close()
	all := heard.Channel()
	for {
		select {
		case m, open := <-all:
			if !open {
				return
			}
			if who, what, ok := strings.Cut(m.Payload, " "); ok && who != e.me {
				said(what)
			}
		case <-ctx.Done():
			return
		}
	}
}
