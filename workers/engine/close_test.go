package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestCloseWaitsForTheStop closes an engine whose pools still work, as a stop does that took too
// long: Asynq's subscriber would panic, and take the process with it.
func TestCloseWaitsForTheStop(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e := newEngine(t, client)
		if err := e.Start(t.Context(), newCollector().handle); err != nil {
			t.Fatal(err)
		}
		// The subscriber panics only once it has subscribed.
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			n, err := client.PubSubNumSub(t.Context(), "asynq:cancel").Result()
			if err == nil && n["asynq:cancel"] == 2 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%v subscribers, %v", n, err)
			}
		}
		if err := e.Close(); !errors.Is(err, errServing) {
			t.Errorf("closing while the pools work: %v, want %v", err, errServing)
		}
		if err := client.Ping(t.Context()).Err(); err != nil {
			t.Errorf("the connection is closed under the pools: %v", err)
		}
		e.Stop()
		if err := e.Close(); err != nil {
			t.Errorf("closing after the stop: %v", err)
		}
	})
}
