package redistest

import (
	"context"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Refusing is a hook of a client that makes every command fail, as those of a Redis that is full do. The zero value lets
// everything pass.
type Refusing struct{ err atomic.Pointer[error] }

// With says which error every command ends with from now on; nil lets them pass again.
func (r *Refusing) With(err error) {
	if err == nil {
		r.err.Store(nil)
		return
	}
	r.err.Store(&err)
}

// DialHook lets connections be made.
func (r *Refusing) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook refuses one command.
func (r *Refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := r.err.Load(); err != nil {
			cmd.SetErr(*err)
			return *err
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook refuses several.
func (r *Refusing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := r.err.Load(); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(*err)
			}
			return *err
		}
		return next(ctx, cmds)
	}
}
