package engine

import (
	"context"
	"fmt"
)

// wakes is the channel of Redis by which the processes of an installation wake each other. Its name begins like Asynq's keys
// and channels, which is what a user of Redis is allowed.
func (n names) wakes() string { return "asynq:frontdesk-wake:" + n.installation }

// wakeOthers tells the other processes that there are messages. Where nobody else can reach the Redis, there are none.
func (e *Engine) wakeOthers(ctx context.Context, t Task) error {
	if t.Kind != Process || e.names.installation == "" {
		return nil
	}
	if err := e.config.Redis.Publish(ctx, e.names.wakes(), e.me+" "+queueOf(t)).Err(); err != nil {
		return fmt.Errorf("waking other processes: %w", err)
	}
	return nil
}

// Listen calls wake whenever another process has enqueued messages, until ctx ends. It goes on by itself when Redis was away; what was said
// meanwhile is in the queue.
func (e *Engine) Listen(ctx context.Context, wake func(bulk bool)) {
	if e.names.installation == "" {
		return
	}
	e.hear(ctx, e.names.wakes(), func(queue string) { wake(queue == QueueBulk) })
}
