// Package measured is the process that the bench measures.
package measured

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	goruntime "runtime/metrics"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/ops/control"
)

// Service is the process that is measured: the service as `frontdesk serve` runs it, and a socket beside it by which the bench
// asks for figures and lets held tasks go. The service itself knows nothing of that: it is made with a handler of tasks around
// its own, and its counters are read.
type Service struct {
	Config  string // its configuration file
	Hold    bool   // tasks wait until they are released
	Version string
	Alive   io.Reader // ends when the process that measures has gone
	Out     io.Writer // where the ready line goes
	Errs    io.Writer // where errors are logged
}

// Serve runs until ctx ends or nobody measures any more (Alive ends with the process that measures, however that
// ended). Only errors are logged. Tasks and the first batch wait at their gates when Hold is set.
func (m Service) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c, err := configs.Load(m.Config, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		return err
	}
	c.Log.Level = "error"
	go func() {
		_, _ = io.Copy(io.Discard, m.Alive) // its end is all that counts
		stop()
	}()
	g := newGates(m.Hold)
	s, err := service.New(ctx, c, service.Options{Logger: service.NewLogger(c.Log, new(slog.LevelVar), m.Errs), Version: m.Version, Out: m.Out,
		Around: func(next engine.Handler) engine.Handler { return g.around(ctx, next) },
		Begin:  func(ctx context.Context) error { return g.work.pass(ctx, ctx) }})
	if err != nil {
		return err
	}
	end, err := g.listen(SocketFolder(c.DataDir), s.Meter())
	if err != nil {
		s.Close()
		return err
	}
	defer end()
	return s.Run(ctx)
}

// Figures are what a service that is measured tells of itself, all of them since its start. A reader takes
// differences.
type Figures struct {
	Accepted   int64 `json:"accepted"`    // deliveries recorded
	Decided    int64 `json:"decided"`     // messages decided, parked ones too
	Sent       int64 `json:"sent"`        // effects handed over
	Allocs     int64 `json:"allocs"`      // objects ever allocated
	AllocBytes int64 `json:"alloc_bytes"` // bytes ever allocated
}

// SocketFolder is where the socket of the service that is measured lies, beside its data.
func SocketFolder(data string) string { return data + ".bench" }

// gates hold tasks back until they are released. A gate that was opened stays open. The CPU profile is of the whole
// process, so there is one at a time.
type gates struct {
	work, deliver gate // open when workers may decide, and effects may be done

	mu      sync.Mutex
	profile *bytes.Buffer // of the CPU, while one is taken
}

func newGates(hold bool) *gates {
	g := &gates{work: gate{way: make(chan struct{})}, deliver: gate{way: make(chan struct{})}}
	if !hold {
		g.work.open()
		g.deliver.open()
	}
	return g
}

// gate is closed until it is opened.
type gate struct {
	once sync.Once
	way  chan struct{}
}

func (g *gate) open() { g.once.Do(func() { close(g.way) }) }

var errHeld = errors.New("the process stops while it is held back")

// pass waits until the gate is open; it is an error when the task or the process ends first.
func (g *gate) pass(task, process context.Context) error {
	select {
	case <-g.way:
		return nil
	case <-task.Done():
	case <-process.Done():
	}
	return errHeld
}

// around holds each task before its gate.
func (g *gates) around(process context.Context, next engine.Handler) engine.Handler {
	return func(task context.Context, w engine.Work) error {
		way := &g.work
		if w.Kind == engine.Deliver {
			way = &g.deliver
		}
		if err := way.pass(task, process); err != nil {
			return err
		}
		return next(task, w)
	}
}

// listen opens the socket, which only the folder's owner reaches.
func (g *gates) listen(dir string, counts *workers.Meter) (end func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the bench's socket: %w", err)
	}
	l, err := control.Listen(dir)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: g.handler(counts), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	return func() { _ = server.Close() }, nil
}

// handler is what the bench asks.
func (g *gates) handler(counts *workers.Meter) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /measure", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(figuresOf(counts)) // the client has gone
	})
	mux.HandleFunc("POST /release", func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("what") {
		case "work":
			g.work.open()
		case "deliver":
			g.deliver.open()
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /profile/start", g.startProfile)
	mux.HandleFunc("POST /profile/stop", g.stopProfile)
	mux.HandleFunc("GET /profile/allocs", func(w http.ResponseWriter, _ *http.Request) {
		_ = pprof.Lookup("allocs").WriteTo(w, 0) // the client has gone
	})
	return mux
}

// startProfile begins a CPU profile in memory; 409 when one is taken already.
func (g *gates) startProfile(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	buf := &bytes.Buffer{}
	if err := pprof.StartCPUProfile(buf); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	g.profile = buf
	w.WriteHeader(http.StatusNoContent)
}

// stopProfile answers with the profile, as pprof reads it.
func (g *gates) stopProfile(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.profile == nil {
		http.Error(w, "no profile is being taken", http.StatusConflict)
		return
	}
	pprof.StopCPUProfile()
	_, _ = g.profile.WriteTo(w) // the client has gone
	g.profile = nil
}

// figuresOf reads what the process has counted. It stops nothing: runtime/metrics needs no pause.
func figuresOf(m *workers.Meter) Figures {
	samples := []goruntime.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	goruntime.Read(samples)
	return Figures{
		Accepted: total(m.Accepted, ""), Decided: total(m.Decided, ""), Sent: total(m.Effects, "sent"),
		Allocs: int64(samples[0].Value.Uint64()), AllocBytes: int64(samples[1].Value.Uint64()),
	}
}

// total adds up a counter over its labels, or over those series that have a label of this value. It reads what
// Prometheus would scrape, so that the service needs no counter for the bench.
func total(c *prometheus.CounterVec, value string) int64 {
	series := make(chan prometheus.Metric, 64)
	go func() {
		c.Collect(series)
		close(series)
	}()
	var sum float64
	for one := range series {
		var m dto.Metric
		if one.Write(&m) != nil {
			continue
		}
		if value == "" || slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetValue() == value }) {
			sum += m.GetCounter().GetValue()
		}
	}
	return int64(sum)
}
