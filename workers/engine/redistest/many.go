package redistest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is how the sentinels of Sentinel know their master.
const MasterName = "frontdesk"

// Watched is a master with a replica, and three sentinels that watch them.
type Watched struct {
	Master, Replica *Server
	Sentinels       []string // addresses
}

// Sentinel starts a master, a replica and three sentinels that take half a second of silence for a
// death, and waits until they know each other.
func Sentinel(t testing.TB) *Watched {
	t.Helper()
	w := &Watched{Master: Start(t)}
	host, port, _ := strings.Cut(w.Master.Addr, ":")
	w.Replica = Start(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	for range 3 {
		w.Sentinels = append(w.Sentinels, sentinel(t, host, port))
	}
	for _, addr := range w.Sentinels {
		within(t, "the sentinels to know each other", func(ctx context.Context) bool {
			c := redis.NewSentinelClient(&redis.Options{Addr: addr})
			defer c.Close()
			others, err := c.Sentinels(ctx, MasterName).Result()
			replicas, rerr := c.Replicas(ctx, MasterName).Result()
			return err == nil && rerr == nil && len(others) == 2 && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
		})
	}
	return w
}

func sentinel(t testing.TB, host, port string) string {
	t.Helper()
	dir := t.TempDir()
	own := freePort(t)
	file := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s/sentinel.log\nsentinel monitor %[4]s %[5]s %[6]s 2\nsentinel down-after-milliseconds %[4]s 500\nsentinel failover-timeout %[4]s 3000\n",
		own, dir, dir, MasterName, host, port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, exec.Command("redis-server", file, "--sentinel"))
	return "127.0.0.1:" + strconv.Itoa(own)
}

// run starts a process and kills it at the test's end.
func run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() //nolint:errcheck // it was killed
	})
}

// Cluster starts three masters, each with a third of the slots, and returns their addresses.
func Cluster(t testing.TB) []string {
	t.Helper()
	var addrs []string
	for range 3 {
		addrs = append(addrs, Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000").Addr)
	}
	const slots = 16384
	for i, addr := range addrs {
		c := redis.NewClient(&redis.Options{Addr: addr})
		defer c.Close()
		if err := c.ClusterAddSlotsRange(t.Context(), i*slots/3, (i+1)*slots/3-1).Err(); err != nil {
			t.Fatalf("giving slots to a node: %v", err)
		}
		for _, other := range addrs {
			host, port, _ := strings.Cut(other, ":")
			if err := c.ClusterMeet(t.Context(), host, port).Err(); err != nil {
				t.Fatalf("joining nodes: %v", err)
			}
		}
	}
	for _, addr := range addrs {
		within(t, "the cluster to form", func(ctx context.Context) bool {
			c := redis.NewClient(&redis.Options{Addr: addr})
			defer c.Close()
			info, err := c.ClusterInfo(ctx).Result()
			return err == nil && slices.Contains(strings.Fields(info), "cluster_state:ok") && slices.Contains(strings.Fields(info), "cluster_known_nodes:3")
		})
	}
	return addrs
}

// within waits until ok, at most half a minute.
func within(t testing.TB, what string, ok func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
