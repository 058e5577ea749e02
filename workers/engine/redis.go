package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
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

	CAFile string         // PEM file of the authorities that vouch for the servers
	Roots  *x509.CertPool // those authorities, where there is no CAFile; nil for the system's
}

// roots are the authorities that count; nil for the system's.
func (c RedisConfig) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return c.Roots, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of Redis: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("reading the authorities of Redis: %s holds no certificate in PEM", c.CAFile)
	}
	return pool, nil
}

func (c RedisConfig) tls(roots *x509.CertPool) *tls.Config {
	if !c.TLS {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
}

// LogTo sends go-redis' own words, which it keeps for the whole process, to a logger. Call it once,
// at the start of main.
func LogTo(l *slog.Logger) { redis.SetLogger(redisLog{l}) }

// redisLog hands go-redis' words on as debug lines: what they are about is reported where it fails.
type redisLog struct{ to *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.to.DebugContext(ctx, "redis", "detail", fmt.Sprintf(format, v...))
}

// Connect makes the client. It does not connect yet; an error is one of the configuration. The caller closes it.
func Connect(c RedisConfig) (redis.UniversalClient, error) {
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	switch {
	case len(c.Cluster) > 0:
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Cluster, Username: c.Username, Password: c.Password, TLSConfig: c.tls(roots)}), nil
	case len(c.Sentinel) > 0:
		if c.Master == "" {
			return nil, errors.New("connecting to Redis Sentinel: the master's name is missing")
		}
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: c.Master, SentinelAddrs: c.Sentinel,
			Username: c.Username, Password: c.Password, SentinelPassword: c.SentinelPassword, DB: c.DB, TLSConfig: c.tls(roots)}), nil
	default:
		o, err := redis.ParseURL(c.URL)
		if err != nil {
			return nil, fmt.Errorf("reading the Redis URL: %w", err)
		}
		if o.TLSConfig != nil {
			o.TLSConfig.RootCAs = roots
		}
		return redis.NewClient(o), nil
	}
}

// pause keeps Asynq's fetch loop from spinning: it asks again at once after an error, and go-redis
// backs off only from failed dials, not from answers such as READONLY or LOADING.
type pause struct{}

// errorPause is short for a Redis that comes back, and long enough to keep a core idle.
const errorPause = 250 * time.Millisecond

func (pause) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook waits after a script that failed; other commands are the engine's own, which do not come again at once.
// NOSCRIPT is no fault: the script is sent then.
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
