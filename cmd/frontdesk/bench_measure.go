package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	goruntime "runtime/metrics"
	"runtime/pprof"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"frontdesk/cmd/frontdesk/bench"
	"frontdesk/workers"
)

// measuring lets `frontdesk bench` look into and hold back the service that it measures. All of it is
// reached by the control socket alone, which only the data directory's owner can open, and none of it
// is there unless the service was started with the hidden flag --measure. The nil measuring does
// nothing.
type measuring struct {
	work, deliver gate // open when workers may decide, and effects may be done

	mu      sync.Mutex
	profile *bytes.Buffer // of the CPU, while one is taken
}

// gate is closed until it is opened.
type gate struct {
	once sync.Once
	way  chan struct{}
}

func (g *gate) open() { g.once.Do(func() { close(g.way) }) }

// pass waits until the gate is open, or reports false when ctx or stop ends first.
func (g *gate) pass(ctx context.Context, stop <-chan struct{}) bool {
	select {
	case <-g.way:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	return false
}

// newMeasuring reads --measure: "run", or "hold" to keep workers and effects back until they are
// released. It ends the process's context when the process that measures has gone, which holds the
// other end of stdin.
func newMeasuring(mode string, stop func()) (*measuring, error) {
	if mode == "" {
		return nil, nil
	}
	m := &measuring{work: gate{way: make(chan struct{})}, deliver: gate{way: make(chan struct{})}}
	switch mode {
	case "run":
		m.work.open()
		m.deliver.open()
	case "hold":
	default:
		return nil, usageError{errors.New("--measure takes run or hold")}
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that counts
		stop()
	}()
	return m, nil
}

var errHeld = errors.New("the process stops while it is held back")

// mayDeliver waits until effects may be done.
func (m *measuring) mayDeliver(ctx context.Context, stop <-chan struct{}) error {
	if m == nil || m.deliver.pass(ctx, stop) {
		return nil
	}
	return errHeld
}

// delivers reports whether effects may be done by now.
func (m *measuring) delivers() bool {
	if m == nil {
		return true
	}
	select {
	case <-m.deliver.way:
		return true
	default:
		return false
	}
}

// control adds what the bench asks to the control socket.
func (m *measuring) control(next http.Handler, a *app) http.Handler {
	if m == nil {
		return next
	}
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET /measure", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, figuresOf(a.meter)) })
	mux.HandleFunc("POST /release", func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("what") {
		case "work":
			m.work.open()
		case "deliver":
			m.deliver.open()
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /profile/start", m.startProfile)
	mux.HandleFunc("POST /profile/stop", m.stopProfile)
	mux.HandleFunc("GET /profile/allocs", func(w http.ResponseWriter, _ *http.Request) {
		_ = pprof.Lookup("allocs").WriteTo(w, 0) // the client has gone
	})
	return mux
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client has gone
}

func (m *measuring) startProfile(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	buf := &bytes.Buffer{}
	if err := pprof.StartCPUProfile(buf); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	m.profile = buf
	w.WriteHeader(http.StatusNoContent)
}

func (m *measuring) stopProfile(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.profile == nil {
		http.Error(w, "no profile is being taken", http.StatusConflict)
		return
	}
	pprof.StopCPUProfile()
	_, _ = m.profile.WriteTo(w) // the client has gone
	m.profile = nil
}

// figuresOf reads what the process has counted. It stops nothing: runtime/metrics needs no pause.
func figuresOf(m *workers.Meter) bench.Figures {
	samples := []goruntime.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	goruntime.Read(samples)
	return bench.Figures{
		Accepted: total(m.Accepted, ""), Decided: total(m.Decided, ""), Parked: total(m.Parked, ""),
		Sent: total(m.Effects, "sent"), Unsent: total(m.Effects, "retried") + total(m.Effects, "failed"),
		Allocs: int64(samples[0].Value.Uint64()), AllocBytes: int64(samples[1].Value.Uint64()),
	}
}

// total adds up a counter over its labels, or over those series that have a label of this value.
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
