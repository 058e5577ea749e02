package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	lua "github.com/yuin/gopher-lua"
)

// RedisConfig says which Redis to use. The first of Cluster, Sentinel and URL that is set counts;
// with none of them, Embedded starts one in this process.
type RedisConfig struct {
	URL      string   // redis://[user:password@]host:port/db or rediss://…
	Master   string   // Sentinel: name of the master
	Sentinel []string // Sentinel: addresses
	Cluster  []string // Cluster: seed addresses
	Username string
	Password string // for Sentinel and Cluster; a URL carries its own
	DB       int    // for Sentinel
	TLS      bool   // for Sentinel and Cluster

	SentinelPassword string // of the sentinels themselves
}

func (c RedisConfig) tls() *tls.Config {
	if !c.TLS {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// LogTo sends go-redis' own words, which it keeps for the whole process, to a logger. Call it once,
// at the start of main.
func LogTo(l *slog.Logger) { redis.SetLogger(redisLog{l}) }

type redisLog struct{ to *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.to.DebugContext(ctx, "redis", "detail", fmt.Sprintf(format, v...))
}

// Connect makes the client. It does not connect yet.
func Connect(c RedisConfig) (redis.UniversalClient, error) {
	switch {
	case len(c.Cluster) > 0:
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Cluster, Username: c.Username, Password: c.Password, TLSConfig: c.tls()}), nil
	case len(c.Sentinel) > 0:
		if c.Master == "" {
			return nil, errors.New("connecting to Redis Sentinel: the master's name is missing")
		}
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: c.Master, SentinelAddrs: c.Sentinel,
			Username: c.Username, Password: c.Password, SentinelPassword: c.SentinelPassword, DB: c.DB, TLSConfig: c.tls()}), nil
	default:
		o, err := redis.ParseURL(c.URL)
		if err != nil {
			return nil, fmt.Errorf("reading the Redis URL: %w", err)
		}
		return redis.NewClient(o), nil
	}
}

// Embedded is a Redis inside this process. It forgets everything when the process ends, and may:
// the sweep rings again for whatever the database says is open.
type Embedded struct {
	server *miniredis.Miniredis
	stop   chan struct{}
	done   sync.WaitGroup
}

// StartEmbedded starts one on a free loopback port.
func StartEmbedded() (*Embedded, error) {
	smallScripts()
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		return nil, fmt.Errorf("starting the in-process Redis: %w", err)
	}
	m.Server().SetPreHook(func(c *server.Peer, command string, args ...string) bool {
		if !takesTask(command, args) || m.Exists(args[2]) {
			return false
		}
		c.WriteNull()
		return true
	})
	e := &Embedded{server: m, stop: make(chan struct{})}
	e.done.Go(e.tick)
	return e, nil
}

// smallScripts makes the machines in which scripts run fit Asynq's, which need a few dozen values and
// call nothing deep. miniredis makes one for every call of a script, by default of 100 KB, which was
// a quarter of all that the embedded service allocated. A script that needs more fails with an error.
var smallScripts = sync.OnceFunc(func() {
	lua.RegistrySize = 1024
	lua.CallStackSize = 64
})

// takesTask recognises the call by which Asynq takes a task from a queue, of which there are forty a
// second while nothing is to do: EVALSHA of a script over the queue's pending, paused, active and lease
// keys. It finds nothing where no list of pending tasks exists, and need not be run to say so.
func takesTask(command string, args []string) bool {
	if command != "EVALSHA" || len(args) < 6 || args[1] != "4" {
		return false
	}
	for i, suffix := range []string{":pending", ":paused", ":active", ":lease"} {
		if !strings.HasSuffix(args[2+i], suffix) {
			return false
		}
	}
	return true
}

// tick lets keys expire. miniredis has no clock of its own; its ClockTTL option would walk all
// keys at every command.
func (e *Embedded) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			e.server.FastForward(time.Second)
		case <-e.stop:
			return
		}
	}
}

// Client connects to it.
func (e *Embedded) Client() redis.UniversalClient {
	return redis.NewClient(&redis.Options{Addr: e.server.Addr()})
}

// Forget empties it, as a crash of a Redis without persistence would.
func (e *Embedded) Forget() { e.server.FlushAll() }

// Close ends it.
func (e *Embedded) Close() {
	close(e.stop)
	e.done.Wait()
	e.server.Close()
}

// pause keeps Asynq's fetch loop from spinning: it asks again at once after an error, and go-redis
// backs off only from failed dials, not from answers such as READONLY or LOADING.
type pause struct{}

const errorPause = 250 * time.Millisecond

func (pause) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (pause) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil || errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "NOSCRIPT") || ctx.Err() != nil {
			return err
		}
		if name := cmd.Name(); name == "evalsha" || name == "eval" {
			wait(ctx, errorPause)
		}
		return err
	}
}

func (pause) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { return next(ctx, cmds) }
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// logger hands Asynq's words to slog.
type logger struct{ to *slog.Logger }

func (l logger) Debug(args ...any) { l.to.Debug("asynq", "detail", fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.to.Info("asynq", "detail", fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.to.Warn("asynq", "detail", fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.to.Error("asynq", "detail", fmt.Sprint(args...)) }

// Fatal is what Asynq calls when it cannot go on; the process must not live on deaf.
func (l logger) Fatal(args ...any) {
	l.to.Error("asynq", "detail", fmt.Sprint(args...))
	os.Exit(1)
}
