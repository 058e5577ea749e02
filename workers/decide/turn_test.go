package decide

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers"
	"frontdesk/workers/store/backlog"
)

// TestSplit: which messages of a batch wait for the commit of the batch before.
func TestSplit(t *testing.T) {
	for name, test := range map[string]struct {
		before, batch []string // of each message its names
		after         string   // who waits
	}{
		"nothing is shared":                              {[]string{"a b"}, []string{"c", "d e"}, ""},
		"a sender of the batch before waits":             {[]string{"a"}, []string{"b", "a", "c"}, "1"},
		"whoever shares with one that waits waits, too":  {[]string{"a"}, []string{"b c", "a b", "d"}, "01"},
		"over many, whatever the order":                  {[]string{"a"}, []string{"d e", "c d", "b c", "a b", "f"}, "0123"},
		"all wait":                                       {[]string{"a", "b"}, []string{"a", "b a"}, "01"},
		"one without a name waits for nobody":            {[]string{"a"}, []string{"", "a"}, "1"},
		"who shares within the batch alone does not":     {[]string{"a"}, []string{"b", "b"}, ""},
		"the batch before had nothing to be decided":     {nil, []string{"a"}, ""},
		"a name that both have twice is still one of it": {[]string{"a a"}, []string{"b", "a a"}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			first := (*turn)(nil).after(false)
			first.split(workOf(test.before))
			second := first.after(false)
			beside, after := second.split(workOf(test.batch))
			if got := numbers(after); got != test.after {
				t.Errorf("%q wait, want %q", got, test.after)
			}
			if len(beside)+len(after) != len(test.batch) || !slices.IsSorted([]byte(numbers(beside))) {
				t.Errorf("%q go ahead, %q wait", numbers(beside), numbers(after))
			}
			go first.end()
			second.mayCommit()
			if _, after := second.split(workOf(test.batch)); len(after) != 0 {
				t.Errorf("%q wait still, and the batch before has ended", numbers(after))
			}
		})
	}
	if beside, after := (*turn)(nil).split(workOf([]string{"a", "a"})); len(beside) != 2 || len(after) != 0 {
		t.Errorf("a batch that stands alone: %d, %d", len(beside), len(after))
	}
}

// workOf are messages, numbered from 0, that ask for names.
func workOf(names []string) (out []*reading) {
	for i, n := range names {
		out = append(out, &reading{pending: backlog.Pending{ID: int64(i)}, c: pipeline.Case{Asks: pipeline.Asks{References: strings.Fields(n)}}})
	}
	return out
}

func numbers(work []*reading) (out string) {
	for _, w := range work {
		out += fmt.Sprint(w.pending.ID)
	}
	return out
}

// TestABatchIsDecidedWhileTheOneBeforeIsCommitted, but for who has written in both: his second message sees what became of his first.
func TestABatchIsDecidedWhileTheOneBeforeIsCommitted(t *testing.T) {
	r := newRig(t)
	const first, beside = processItems, 40
	var mu sync.Mutex
	var decided []int64
	commits, enough, goOn := 0, make(chan struct{}), make(chan struct{})
	line := r.processor.decider.line
	r.processor.decider.line = func(c pipeline.Case, k pipeline.Known) pipeline.Case {
		mu.Lock()
		decided = append(decided, c.Message.ID)
		if len(decided) == first+beside {
			close(enough)
		}
		mu.Unlock()
		return line(c, k)
	}
	r.processor.step = func(string) {
		if commits++; commits == 1 { // one commit at a time: no lock is needed, the race detector says so
			<-goOn
		}
	}
	ends := make(chan struct{}, first+beside+1)
	r.processor.watch = func(Passed) { ends <- struct{}{} }
	var all []channels.Delivery
	for i := range first + 1 + beside {
		from := fmt.Sprintf("+86138001%05d", i)
		if i == first {
			from = fmt.Sprintf("+86138001%05d", 7)
		}
		all = append(all, r.Delivery("hotline", fmt.Sprint("k", i), letter{From: from, Text: payment}))
	}
	ids := r.Accept(all...)
	r.tasks() // nothing is begun by them
	stop := r.working(workers.Local{})
	r.processor.Wake(false)
	<-enough
	mu.Lock()
	if slices.Contains(decided, ids[first]) {
		t.Error("who wrote twice was decided before his first message was committed")
	}
	mu.Unlock()
	r.Same("before the first commit", "recorded", r.States(ids[0])[0])
	close(goOn)
	for range ids {
		<-ends
	}
	stop()
	states := r.States(ids...)
	r.Same("who wrote twice", []string{"ticketed", "appended"}, []string{states[7], states[first]})
	r.Same("the last one", "ticketed", states[len(ids)-1])
	r.Same("each is decided once", len(ids), len(decided))
}
