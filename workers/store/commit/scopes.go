package commit

import (
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// scopeCalls add what the batch uses up, in one order everywhere; there are few scopes. They go last but
// the counters: the rows are the whole desk's. When others have used up what the decisions relied on, it is
// a conflict, and they are made again: whenever it was that others did, since a batch that was held up counts where it was decided.
func (b *batch) scopeCalls() []sql.Call {
	type sum struct {
		n, seen, room int64
		at            time.Time
	}
	sums := map[string]*sum{}
	for _, d := range b.decisions {
		for _, c := range d.Plan.Counts {
			s := sums[c.Scope]
			if s == nil {
				s = &sum{seen: c.Seen, room: c.Room, at: c.At}
				sums[c.Scope] = s
			}
			s.n, s.room = s.n+c.N, min(s.room, c.Room)
		}
	}
	var calls []sql.Call
	for _, name := range sql.KeysOf(sums) {
		s := sums[name]
		scope := sql.Clip(name)
		calls = append(calls, base.LockScope(scope), sql.Do(base.AddScope, scope, base.Slot(s.at), s.n), base.SumScope(scope, s.at, func(row sql.Row) error {
			var n int64
			err := row.Scan(&n)
			if err == nil && n-s.n-s.seen > s.room {
				return sql.ErrConflict
			}
			return err
		}))
	}
	return calls
}
