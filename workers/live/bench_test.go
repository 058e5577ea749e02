package live

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkTwoHundredConsoles opens 200 streams over the loopback. One turn is one event, from its commit (and the ring behind it) to the
// bytes at all browsers: ms/p50 and ms/p99 are of all of them, MB is what the streams cost this process, both ends of the connections together.
func BenchmarkTwoHundredConsoles(b *testing.B) { benchmark(b, 200) }

func BenchmarkTwoThousandStreams(b *testing.B) { benchmark(b, 2000) }

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse+m.StackInuse) / (1 << 20)
}

func benchmark(b *testing.B, streams int) {
	f := &feed{}
	h := NewHub(Config[string]{Source: f, Beat: 3 * time.Second, Back: time.Second})
	ctx, end := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	defer func() { end(); <-done }()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Reader[string]{Key: r.URL.Path, Look: everything})
	}))
	defer server.Close()
	before := heap()
	came := make(chan time.Duration, streams)
	for ; n < streams; n++ {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", n)
		go func() {
			lines := bufio.NewReaderSize(conn, 512)
			for {
				l, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				if at, is := strings.CutPrefix(l, "data: at "); is {
					if ns, err := strconv.ParseInt(strings.TrimSpace(at), 10, 64); err == nil {
						came <- time.Since(time.Unix(0, ns))
					}
				}
			}
		}()
	}
	for h.Streams() < streams {
		runtime.Gosched()
	}
	cost := heap() - before
	var all []time.Duration
	for b.Loop() {
		f.add("at " + strconv.FormatInt(time.Now().UnixNano(), 10))
		h.Ring()
		for range streams {
			all = append(all, <-came)
		}
	}
	slices.Sort(all)
	ms := func(at int) float64 { return float64(all[len(all)*at/100].Microseconds()) / 1000 }
	b.ReportMetric(cost, "MB")
	b.ReportMetric(ms(50), "ms/p50")
	b.ReportMetric(ms(99), "ms/p99")
}
