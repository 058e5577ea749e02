package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// readyWithin bounds the questions of /readyz.
	readyWithin = 3 * time.Second
	// readyFresh is how long the outcome of a write serves further questions: whoever asks often costs no
	// more than who asks now and then.
	readyFresh = 2 * time.Second
)

// pen tries whether the database or the queue can be written, at most every readyFresh, one at a time. Reading proves
// too little: a full disk and a standby still answer reads.
type pen struct {
	writing singleflight.Group

	mu  sync.Mutex // never held while it writes
	at  time.Time
	err error
}

// Who comes while it is tried waits for that outcome.
func (p *pen) try(write func() error) error {
	if err, fresh := p.last(); fresh {
		return err
	}
	_, err, _ := p.writing.Do("", func() (any, error) {
		if err, fresh := p.last(); fresh { // it may just have been tried
			return nil, err
		}
		err := write()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.at, p.err = time.Now(), err
		return nil, err
	})
	return err
}

func (p *pen) last() (err error, fresh bool) { // the error is what is kept
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err, !p.at.IsZero() && time.Since(p.at) < readyFresh
}

// healthz says that the process runs.
func (d *desk) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("ok\n")) // the caller has gone away
}

// part is one thing that must be well.
type part struct {
	name string
	err  error
}

// sending reports the first inbox whose provider refuses us.
func (d *desk) sending(ctx context.Context) error {
	inboxes, err := d.Store.View.Inboxes(ctx)
	if err != nil {
		return err
	}
	for _, i := range inboxes {
		if i.SendingError != "" {
			return fmt.Errorf("inbox %s: %s", i.Name, i.SendingError)
		}
	}
	return nil
}

// readyz writes to the database and to Redis, and says which of them does not take it. Why goes to
// the log: the answer is open to everyone. ?part=database asks for that one alone: a process that takes
// messages in can do so without Redis. ?part=sending asks whether every provider takes what we send.
func (d *desk) readyz(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()["part"]
	// What a write finds out serves others too: it does not end with whoever has asked.
	within := func(write func(context.Context) error) func() error {
		return func() error {
			own, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), readyWithin)
			defer cancel()
			return write(own)
		}
	}
	redis := make(chan error, 1)
	go func() { redis <- d.queue.try(within(d.Engine.Ready)) }()
	parts := []part{{"database", d.pen.try(within(d.Store.Writable))}, {"redis", <-redis}}
	if slices.Contains(asked, "sending") { // no fault of this process's: only for who asks
		parts = append(parts, part{"sending", d.refusals.try(within(d.sending))})
	}
	status := http.StatusOK
	answer := map[string]string{}
	for _, part := range parts {
		if len(asked) > 0 && !slices.Contains(asked, part.name) {
			continue
		}
		answer[part.name] = "ok"
		if part.err != nil {
			d.Logger.Warn("not ready", "part", part.name, "error", part.err)
			answer[part.name], status = "failing", http.StatusServiceUnavailable
		}
	}
	if len(answer) == 0 {
		http.Error(w, "part is database, redis or sending", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer) //nolint:errcheck // the caller has gone away
}
