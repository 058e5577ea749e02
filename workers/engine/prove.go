package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Prove connects and proves that tasks would be taken, without one. evicts is the policy by which a full Redis throws them
// away; "" where it throws none away, or does not say.
// The key is Asynq's by its name, so that an account that may use Asynq's keys alone can be proven; it goes by itself
// after a second.
func Prove(ctx context.Context, c RedisConfig) (evicts string, err error) {
	client, err := Connect(c)
	if err != nil {
		return "", err
	}
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	err = client.Set(ctx, "asynq:{frontdesk-check}:ready", 1, time.Second).Err()
	if err != nil && !redis.HasErrorPrefix(err, "NOPERM") {
		return "", fmt.Errorf("it answers, but takes no tasks: %w", err)
	}
	return evicting(ctx, client), nil
}

// evicting asks for the policy in words that most accounts may use.
func evicting(ctx context.Context, client redis.UniversalClient) string {
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(info) {
		if policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok && policy != "noeviction" {
			return policy
		}
	}
	return ""
}
