package engine

import (
	"net/http"

	"github.com/hibiken/asynqmon"
)

// Page is Asynq's own monitor, mounted at root: queues, retries, latencies.
func (e *Engine) Page(root string) http.Handler {
	return asynqmon.New(asynqmon.Options{RootPath: root, RedisConnOpt: connOpt{e.config.Redis}, ReadOnly: true})
}

// connOpt gives asynqmon the client that is there already.
type connOpt struct{ client any }

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connOpt) MakeRedisClient() any { return c.client }
