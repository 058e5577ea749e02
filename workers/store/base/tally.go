package base

import (
	"math/rand/v2"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Tally collects what one transaction changes in the counters that the metrics and the page show,
// so that nothing ever counts a million rows. Each name is spread over shards: transactions beside
// each other seldom meet on a row.
type Tally map[string]int64

// CounterShards is over how many rows a counter is spread.
const CounterShards = 16

// counterRow is one shard of a counter; N may be negative, only the sum of the shards means something.
type counterRow struct {
	Name     string
	Shard, N int64
}

// addCounters adds; it never sets, so that transactions beside each other lose nothing.
var addCounters = sql.Inserting[counterRow]("counters", "ON CONFLICT (name, shard) DO UPDATE SET n = counters.n + excluded.n")

// Move counts one thing from one state to another; an empty state is outside.
func (t Tally) Move(what, from, to string) {
	if from == to {
		return
	}
	if what == tables.CountAcknowledgement {
		t.Move(tables.CountEffect, from, to)
	}
	if from != "" {
		t[what+":"+from]--
	}
	if to != "" {
		t[what+":"+to]++
	}
}

// Call writes the changes, in one order everywhere. It goes last in its transaction, so that the
// shards' rows are locked for as short as can be.
func (t Tally) Call() sql.Call {
	shard := rand.Int64N(CounterShards)
	var rows []counterRow
	for _, name := range sql.KeysOf(t) {
		if n := t[name]; n != 0 {
			rows = append(rows, counterRow{name, shard, n})
		}
	}
	return addCounters.Put(rows...)
}
