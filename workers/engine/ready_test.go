package engine

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
)

// TestARedisThatTakesNoTasksIsNotReady, though it answers a Ping; and once it takes them again it is.
func TestARedisThatTakesNoTasksIsNotReady(t *testing.T) {
	type command []any
	for _, c := range []struct {
		name     string
		spoil    []command
		mend     []command
		complain string // how Redis refuses; "" where the mark alone may be refused
	}{
		{"full, and evicts nothing", []command{{"config", "set", "maxmemory", "1"}}, []command{{"config", "set", "maxmemory", "0"}}, "OOM"},
		{"has become a replica of nobody who lives", []command{{"replicaof", "127.0.0.1", "1"}}, []command{{"replicaof", "no", "one"}}, "READONLY"},
		{"waits for replicas that are gone", []command{{"config", "set", "min-replicas-to-write", "1"}}, []command{{"config", "set", "min-replicas-to-write", "0"}}, "NOREPLICAS"},
		{"its user may only read any more", []command{{"acl", "setuser", "desk", "-@write"}}, []command{{"acl", "setuser", "desk", "+@all"}}, "NOPERM"},
		{"its user has lost the keys", []command{{"acl", "setuser", "desk", "resetkeys", "~other:*"}}, []command{{"acl", "setuser", "desk", "resetkeys", "~*"}}, "NOPERM"},
		{"its user may do what Asynq does, and no more", []command{{"acl", "setuser", "desk", "-set"}}, []command{{"acl", "setuser", "desk", "+set"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := redistest.Start(t)
			operator := redis.NewClient(&redis.Options{Addr: s.Addr})
			defer operator.Close()
			run := func(commands []command) {
				t.Helper()
				for _, args := range commands {
					if err := operator.Do(t.Context(), args...).Err(); err != nil {
						t.Fatalf("%v: %v", args, err)
					}
				}
			}
			run([]command{{"acl", "setuser", "desk", "on", ">secret", "+@all", "~*", "&*"}})
			client := redis.NewClient(&redis.Options{Addr: s.Addr, Username: "desk", Password: "secret"})
			defer client.Close()
			e, err := New(Config{Redis: client})
			if err != nil {
				t.Fatal(err)
			}
			ready := func(when, complain string) {
				t.Helper()
				err := e.Ready(t.Context())
				if complain == "" && err != nil || complain != "" && (err == nil || !strings.Contains(err.Error(), complain)) {
					t.Errorf("%s: %v, want %q", when, err, complain)
				}
			}
			ready("before", "")
			run(c.spoil)
			ready("while it is so", c.complain)
			run(c.mend)
			ready("afterwards", "")
		})
	}
}
