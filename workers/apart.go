package workers

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"frontdesk/pipeline/acknowledge"
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
		waits, taken, changed := a.hold(keys)
		if n := count(waits); n < len(work) || len(work) == 0 {
			ours, later = parts(work, waits, n)
			return ours, later, func() { a.giveBack(taken) }, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, nil, ctx.Err()
		}
	}
}

// hold takes the keys of what can be taken and says what has to wait.
func (a *apart) hold(keys [][]string) (waits []bool, taken []string, changed <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	waits = make([]bool, len(keys))
	blocked := map[string]bool{} // what messages of this batch that have to wait are about
	for i, about := range keys {
		if waits[i] = !a.free(about, blocked); !waits[i] {
			taken = append(taken, about...)
			continue
		}
		for _, k := range about {
			blocked[k] = true
		}
	}
	for _, k := range taken {
		a.held[k] = true
	}
	return waits, taken, a.changed
}

func count(waits []bool) int {
	n := 0
	for _, w := range waits {
		if w {
			n++
		}
	}
	return n
}

// parts cuts work in two, of which the second has n messages.
func parts(work []reading, waits []bool, n int) (ours, later []reading) {
	if n == 0 {
		return work, nil
	}
	ours, later = make([]reading, 0, len(work)-n), make([]reading, 0, n)
	for i := range work {
		if waits[i] {
			later = append(later, work[i])
		} else {
			ours = append(ours, work[i])
		}
	}
	return ours, later
}

func (a *apart) free(keys []string, blocked map[string]bool) bool {
	for _, k := range keys {
		if a.held[k] || blocked[k] {
			return false
		}
	}
	return true
}

func (a *apart) giveBack(taken []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range taken {
		delete(a.held, k)
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
	if box := acknowledge.Mailbox(q.Recipient); box != q.Recipient {
		who(box) // by which acknowledgements are counted
	}
	for _, t := range q.Tokens {
		what("ticket", strconv.FormatInt(t.Ticket, 10))
	}
	for _, r := range slices.Concat(q.References, q.Mine) {
		what("reference", r)
	}
	what("reference", q.Own)
	what("thread", q.Thread)
	what("thread", q.Beside)
	what("content", q.Content)
	for _, b := range q.Bounced {
		what("effect", b.Key)
		what("effect", b.MessageID)
	}
	return keys
}
