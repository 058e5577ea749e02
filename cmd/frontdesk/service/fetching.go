package service

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"frontdesk/cmd/frontdesk/wiring"
)

// fetching are the streams that this process fetches, by inbox, each of which can be ended by itself. It is used by
// the start, then by the reloader's goroutine alone; it has no lock.
type fetching struct {
	by map[string][]stream
}

// stream is one that is fetched.
type stream struct {
	end  context.CancelFunc
	done chan struct{}
}

// begin fetches one more stream of an inbox until ctx ends, or the inbox's streams do.
func (f *fetching) begin(ctx context.Context, running *sync.WaitGroup, inbox string, run func(context.Context)) {
	if f.by == nil {
		f.by = map[string][]stream{}
	}
	ctx, end := context.WithCancel(ctx)
	s := stream{end, make(chan struct{})}
	f.by[inbox] = append(f.by[inbox], s)
	running.Go(func() {
		defer close(s.done)
		run(ctx)
	})
}

// end ends the streams of an inbox and waits for them: what they have fetched is recorded or comes again. It is how a
// reload avoids that two connections read one folder at a time.
func (f *fetching) end(inbox string) {
	for _, s := range f.by[inbox] {
		s.end()
	}
	for _, s := range f.by[inbox] {
		<-s.done
	}
	delete(f.by, inbox)
}

// fetch begins the streams of a wiring. Of several processes on one database only the holder of a mailbox's lease
// fetches it (receive.Sources).
func (a *Service) fetch(ctx context.Context, running *sync.WaitGroup, w *wiring.Wiring) {
	for _, src := range w.Sources {
		a.fetching.begin(ctx, running, src.Inbox, func(ctx context.Context) { a.sources.Run(ctx, src) })
	}
	for inbox, r := range w.Catchups {
		a.fetching.begin(ctx, running, inbox, func(ctx context.Context) { a.sources.Catchup(ctx, inbox, r) })
	}
}

// exchangeable is a handler in whose place another one can be put, while requests run: each goes on with the handler
// that it began with. set comes before the first request.
type exchangeable struct{ now atomic.Pointer[http.Handler] }

func (e *exchangeable) set(h http.Handler) { e.now.Store(&h) }

func (e *exchangeable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*e.now.Load()).ServeHTTP(w, r)
}
