package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine"
	"frontdesk/workers/engine/redisserver"
	"frontdesk/workers/store/pgserver"
)

// embeddedDatabases are SQLite and the Redis in the process, which the service makes by itself.
type embeddedDatabases struct{}

func (embeddedDatabases) fresh(context.Context) (pair, error) {
	return pair{database: "SQLite in the process, WAL, synchronous FULL", redis: "in the process"}, nil
}

// open is what the options ask for.
func (o options) open(ctx context.Context) (databases, error) {
	switch {
	case o.Servers:
		return startServers(ctx, "")
	case o.DatabaseURL == "":
		return embeddedDatabases{}, nil
	}
	return &serverDatabases{database: o.DatabaseURL, redis: o.RedisURL, force: o.Force}, nil
}

func (embeddedDatabases) close() error { return nil }

// serverDatabases are a PostgreSQL and a Redis: each installation gets a schema of its own, and the Redis database
// emptied. force takes what holds something already; without it the bench refuses, since the data may be somebody's.
type serverDatabases struct {
	database, redis string
	force           bool
	stops           []func() // of servers that were started here, in the order of their start
}

// startServers starts a PostgreSQL with fsync on and a Redis, both gone with close. On an error what has started is
// stopped.
func startServers(ctx context.Context, dir string) (_ *serverDatabases, err error) {
	d := &serverDatabases{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	cluster, err := pgserver.New(dir, true)
	if err != nil {
		return nil, err
	}
	d.stops = append(d.stops, func() {
		cluster.Stop()
		cluster.Remove()
	})
	if err := cluster.Start(); err != nil {
		return nil, err
	}
	addr, err := redisserver.FreeAddr()
	if err != nil {
		return nil, err
	}
	server, err := redisserver.Start(ctx, addr)
	if err != nil {
		return nil, err
	}
	d.stops = append(d.stops, server.Stop)
	d.database, d.redis = cluster.URL, server.URL()
	return d, nil
}

// fresh looks whether both are empty before it touches them. Its Redis is one database (redis://…/N), which is
// flushed before and after.
func (d *serverDatabases) fresh(ctx context.Context) (pair, error) {
	client, err := engine.Connect(engine.RedisConfig{URL: d.redis})
	if err != nil {
		return pair{}, err
	}
	defer client.Close()
	if n, err := client.DBSize(ctx).Result(); err != nil {
		return pair{}, fmt.Errorf("looking at Redis: %w", err)
	} else if n > 0 && !d.force {
		return pair{}, errors.New("that Redis database holds keys already, and measuring empties it; --force does so all the same")
	}
	if err := d.flush(ctx); err != nil {
		return pair{}, err
	}
	// CPU of servers counts only where they run here; elsewhere it cannot be seen.
	version, pid := redisFacts(ctx, client)
	scratch, err := pgserver.NewScratch(ctx, d.database, d.force)
	if errors.Is(err, pgserver.ErrNotEmpty) {
		return pair{}, fmt.Errorf("%w; --force makes a schema of its own beside them all the same", err)
	}
	if err != nil {
		return pair{}, err
	}
	return pair{databaseURL: scratch.URL, redisURL: d.redis, databasePID: scratch.PID, redisPID: pid,
		database: scratch.Version, redis: version, drop: func(ctx context.Context) error { return errors.Join(scratch.Drop(ctx), d.flush(ctx)) }}, nil
}

func (d *serverDatabases) flush(ctx context.Context) error {
	client, err := engine.Connect(engine.RedisConfig{URL: d.redis})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.FlushDB(ctx).Err(); err != nil {
		return fmt.Errorf("emptying Redis: %w", err)
	}
	return nil
}

func (d *serverDatabases) close() error {
	for _, stop := range slices.Backward(d.stops) {
		stop()
	}
	d.stops = nil
	return nil
}

// redisFacts are the server's version and, where it runs on this machine, its process id.
func redisFacts(ctx context.Context, client redis.UniversalClient) (version string, pid int) {
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return "Redis", 0
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			version = "Redis " + value
		case "process_id":
			pid, _ = strconv.Atoi(value) // 0 for what is no number
		}
	}
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil || !strings.Contains(string(name), "redis") && !strings.Contains(string(name), "valkey") {
		pid = 0
	}
	return version, pid
}
