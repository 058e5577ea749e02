package engine

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
)

func TestReadyMeansThatTasksAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		spoil, mend [][]any
		ready       bool
	}{
		"a full Redis is not":                                     {[][]any{{"config", "set", "maxmemory", "1"}}, [][]any{{"config", "set", "maxmemory", "0"}}, false},
		"a replica that takes no writes is not":                   {[][]any{{"replicaof", "127.0.0.1", "1"}}, [][]any{{"replicaof", "no", "one"}}, false},
		"one that has too few replicas left is not":               {[][]any{{"config", "set", "min-replicas-to-write", "1"}}, [][]any{{"config", "set", "min-replicas-to-write", "0"}}, false},
		"a full one that throws keys away is, for as long":        {[][]any{{"config", "set", "maxmemory-policy", "allkeys-lru"}}, nil, true},
		"one whose user may do what Asynq does and no more is":    {[][]any{{"acl", "setuser", "default", "-set"}}, nil, true},
		"a full one is not, whatever its user may not do besides": {[][]any{{"acl", "setuser", "default", "-set"}, {"config", "set", "maxmemory", "1"}}, nil, false},
		"one that was emptied is":                                 {[][]any{{"flushall"}}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t)
			admin := redis.NewClient(&redis.Options{Addr: s.Addr})
			defer admin.Close()
			do := func(commands [][]any) {
				for _, args := range commands {
					if err := admin.Do(t.Context(), args...).Err(); err != nil {
						t.Fatal(err)
					}
				}
			}
			e, err := New(Config{Redis: redis.NewClient(&redis.Options{Addr: s.Addr}), Installation: "aaaa"})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := e.Ready(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			do(c.spoil)
			if err := e.Ready(t.Context()); (err == nil) != c.ready {
				t.Errorf("ready says %v, want ready = %v", err, c.ready)
			}
			if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{1}}); (err == nil) != c.ready {
				t.Errorf("a task is answered with %v, so that ready says something else", err)
			}
			do(c.mend)
			if err := e.Ready(t.Context()); err != nil && len(c.mend) > 0 {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestProveChangesNothingAndTellsOfTasksThatWouldBeThrownAway(t *testing.T) {
	s := redistest.Start(t)
	admin := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer admin.Close()
	for _, c := range []struct{ policy, want string }{{"noeviction", ""}, {"allkeys-lru", "allkeys-lru"}, {"volatile-ttl", "volatile-ttl"}} {
		if err := admin.ConfigSet(t.Context(), "maxmemory-policy", c.policy).Err(); err != nil {
			t.Fatal(err)
		}
		evicts, err := Prove(t.Context(), RedisConfig{URL: s.URL()})
		if err != nil || evicts != c.want {
			t.Errorf("%s: %q, %v, want %q", c.policy, evicts, err, c.want)
		}
	}
	if known := admin.SMembers(context.Background(), "asynq:queues").Val(); len(known) > 0 {
		t.Errorf("queues %v are visible after the proof, want none", known)
	}
	if err := admin.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if err := admin.ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := Prove(t.Context(), RedisConfig{URL: s.URL()}); err == nil {
		t.Error("a full Redis is proven")
	}
	at := s.URL()
	s.Down()
	if _, err := Prove(t.Context(), RedisConfig{URL: at}); err == nil {
		t.Error("a Redis that is away is proven")
	}
}
