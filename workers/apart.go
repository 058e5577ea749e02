package workers

import (
	"context"
	"strconv"
	"sync"

	"frontdesk/pipeline/message"
)

// apart keeps batches of one process that are decided at the same time off each other: what a batch
// is about (senders, threads, tickets, contents) is its own from its question to its commit. Another
// batch's messages about the same wait for it, instead of finding at the commit that the facts have
// changed and being decided again. Other processes are not kept off; for them the commit checks.
type apart struct {
	mu      sync.Mutex
	held    map[string]bool
	changed chan struct{} // closed when something is given back
}

func newApart() *apart { return &apart{held: map[string]bool{}, changed: make(chan struct{})} }

// take splits work into what nobody else is busy with, which is ours until release is called, and
// what has to wait. Messages about one thing keep their order. It waits until there is something to
// take, so a caller must hold nothing; an error is that of ctx.
func (a *apart) take(ctx context.Context, work []reading) (ours, later []reading, release func(), err error) {
	keys := make([][]string, len(work))
	for i := range work {
		keys[i] = about(&work[i])
	}
	for {
		ours, later, changed := a.split(work, keys)
		if len(ours) > 0 || len(work) == 0 {
			return ours, later, func() { a.giveBack(ours) }, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, nil, ctx.Err()
		}
	}
}

func (a *apart) split(work []reading, keys [][]string) (ours, later []reading, changed <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	waits := map[string]bool{} // what messages of this batch that have to wait are about
	var taken []string
	for i := range work {
		if a.free(keys[i], waits) {
			ours = append(ours, work[i])
			taken = append(taken, keys[i]...)
			continue
		}
		later = append(later, work[i])
		for _, k := range keys[i] {
			waits[k] = true
		}
	}
	for _, k := range taken {
		a.held[k] = true
	}
	return ours, later, a.changed
}

func (a *apart) free(keys []string, waits map[string]bool) bool {
	for _, k := range keys {
		if a.held[k] || waits[k] {
			return false
		}
	}
	return true
}

func (a *apart) giveBack(ours []reading) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range ours {
		for _, k := range about(&ours[i]) {
			delete(a.held, k)
		}
	}
	close(a.changed)
	a.changed = make(chan struct{})
}

// about names what the decision of a message depends on or changes.
func about(w *reading) []string {
	q := &w.c.Asks
	keys := []string{"message " + strconv.FormatInt(w.pending.ID, 10)}
	who := func(id message.Identity) {
		if !id.IsZero() {
			keys = append(keys, string(id.Kind)+" "+id.Value)
		}
	}
	what := func(kind, key string) {
		if key != "" {
			keys = append(keys, kind+" "+key)
		}
	}
	who(q.From)
	if q.Recipient != q.From {
		who(q.Recipient)
	}
	for _, id := range q.Also {
		who(id)
	}
	for _, t := range q.Tokens {
		what("ticket", strconv.FormatInt(t.Ticket, 10))
	}
	for _, r := range q.References {
		what("reference", r)
	}
	what("reference", w.c.Plan.Row.Reference)
	what("thread", q.Thread)
	what("content", q.Content)
	for _, b := range q.Bounced {
		what("effect", b.Key)
		what("effect", b.MessageID)
	}
	return keys
}
