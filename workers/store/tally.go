package store

import (
	"math/rand/v2"

	"frontdesk/pipeline"
)

// tally collects what one transaction changes in the counters that the metrics and the page show,
// so that nothing ever counts a million rows. Each name is spread over shards: transactions beside
// each other seldom meet on a row.
type tally map[string]int64

const counterShards = 16

type counterRow struct {
	Name     string
	Shard, N int64
}

var addCounters = inserting[counterRow]("counters", "ON CONFLICT (name, shard) DO UPDATE SET n = counters.n + excluded.n")

// Names under which an effect is counted: an acknowledgement among its like and among all effects.
const (
	countEffect          = "effect"
	countAcknowledgement = "acknowledgement"
)

// counter is the name under which an effect of that kind is counted.
func counter(kind string) string {
	if kind == pipeline.KindAcknowledgement || kind == pipeline.KindDigest {
		return countAcknowledgement
	}
	return countEffect
}

// move counts one thing from one state to another; an empty state is outside.
func (t tally) move(what, from, to string) {
	if from == to {
		return
	}
	if what == countAcknowledgement {
		t.move(countEffect, from, to)
	}
	if from != "" {
		t[what+":"+from]--
	}
	if to != "" {
		t[what+":"+to]++
	}
}

// call writes the changes, in one order everywhere. It goes last in its transaction, so that the
// shards' rows are locked for as short as can be.
func (t tally) call() call {
	shard := rand.Int64N(counterShards)
	var rows []counterRow
	for _, name := range keysOf(t) {
		if n := t[name]; n != 0 {
			rows = append(rows, counterRow{name, shard, n})
		}
	}
	return addCounters.put(rows...)
}
