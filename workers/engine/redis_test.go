package engine

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestTheInProcessRedisRunsNoScriptToTellThatAQueueIsEmpty(t *testing.T) {
	r, err := StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	client := r.Client()
	t.Cleanup(func() { client.Close() })
	keys := []string{"asynq:{live}:pending", "asynq:{live}:paused", "asynq:{live}:active", "asynq:{live}:lease"}
	take := func() error { return client.EvalSha(t.Context(), "0000", keys, 1, "asynq:{live}:t:").Err() } // no such script
	if err := take(); !errors.Is(err, redis.Nil) {
		t.Errorf("taking from an empty queue: %v, want nothing", err)
	}
	if err := client.LPush(t.Context(), keys[0], "id").Err(); err != nil {
		t.Fatal(err)
	}
	if err := take(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
		t.Errorf("taking a task: %v, want the script to be run", err)
	}
	keys[0], keys[1] = keys[1], keys[0]
	if err := take(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
		t.Errorf("another script: %v, want it to be run", err)
	}
}
