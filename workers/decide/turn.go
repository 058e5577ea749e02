package decide

import (
	"slices"
	"sync"
)

// turn is a batch's place in its lane. The next batch is decided while this one is being committed, and committed after it. So messages
// are taken, decided and committed in one order, and the time that a commit needs costs the decisions nothing.
//
// The next batch does not see what this one is about to write. Those of its messages that ask for the same as one of this batch (a sender,
// a conversation, a content) are decided after the commit. Where two come to the same ticket or contact by different ways, the commit
// fails with store.ErrConflict, as beside another process, and the batch is decided anew. A nil turn is that of a batch that stands alone.
type turn struct {
	before  *turn // until it has ended
	single  bool  // nothing is decided beside it
	names   map[string]bool
	decided chan struct{} // closed when the next may be decided
	ended   chan struct{} // closed when all of it and of those before is committed, or left for later
	say     sync.Once
}

// after gives the turn after this one.
func (t *turn) after(single bool) *turn {
	return &turn{before: t, single: single, names: map[string]bool{}, decided: make(chan struct{}), ended: make(chan struct{})}
}

// waitDecided waits until the next batch may be decided.
func (t *turn) waitDecided() {
	if t != nil {
		<-t.decided
	}
}

// waitEnded waits until nothing of this batch is under work any more.
func (t *turn) waitEnded() {
	if t != nil {
		<-t.ended
	}
}

// split gives the messages that can be decided beside the commit of the batch before, and those that have to wait for it: they ask for
// something of the same name, or for the same as another one that waits. Both keep their order.
func (t *turn) split(work []*reading) (beside, after []*reading) {
	if t == nil {
		return work, nil
	}
	names, waits := make([][]string, len(work)), map[string]bool{} // of each message, and of those that wait
	for i, w := range work {
		names[i] = w.c.Asks.Names()
		for _, name := range names[i] {
			t.names[name] = true
			if t.before != nil && t.before.names[name] {
				waits[name] = true
			}
		}
	}
	late := make([]bool, len(work))
	for more := len(waits) > 0; more; { // until nobody who goes ahead has a name of those who wait
		more = false
		for i := range work {
			if !late[i] && slices.ContainsFunc(names[i], func(name string) bool { return waits[name] }) {
				late[i], more = true, true
				for _, name := range names[i] {
					waits[name] = true
				}
			}
		}
	}
	for i, w := range work {
		if late[i] {
			after = append(after, w)
		} else {
			beside = append(beside, w)
		}
	}
	return beside, after
}

// mayCommit waits for the commit of the batch before.
func (t *turn) mayCommit() {
	if t != nil && t.before != nil {
		t.before.waitEnded()
		t.before = nil
	}
}

// hasDecided lets the next batch be decided, unless this one wants to be alone.
func (t *turn) hasDecided() {
	if t != nil && !t.single {
		t.say.Do(func() { close(t.decided) })
	}
}

// end ends the turn, whatever became of the batch.
func (t *turn) end() {
	t.mayCommit()
	t.say.Do(func() { close(t.decided) })
	close(t.ended)
}
