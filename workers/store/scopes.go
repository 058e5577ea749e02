package store

import (
	"time"

	"frontdesk/pipeline"
)

// slot is the number of the time span in which something is counted.
func slot(at time.Time) int64 { return at.Unix() / int64(pipeline.ScopeSlot/time.Second) }

const addScope = `INSERT INTO scopes (scope, slot, n) VALUES ($1, $2, $3) ON CONFLICT (scope, slot) DO UPDATE SET n = scopes.n + excluded.n RETURNING n`

const askScopes = `SELECT s.value,
coalesce((SELECT CAST(sum(c.n) AS bigint) FROM scopes c WHERE c.scope = s.value AND c.slot >= $2), 0),
coalesce((SELECT CAST(sum(c.n) AS bigint) FROM scopes c WHERE c.scope = s.value AND c.slot >= $3), 0),
coalesce((SELECT c.n FROM scopes c WHERE c.scope = s.value AND c.slot = $4), 0) FROM EACH($1::text[]) AS s`

func scopesOf(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var name string
		var s pipeline.Scope
		err := row.Scan(&name, &s.Hour, &s.Day, &s.Slot)
		f.Scopes[name] = &s
		return err
	}
}

// scopeCalls add what the batch uses up, in one order everywhere; there are few scopes. They go last but
// the counters: the rows are the whole desk's. When others have used up what the decisions relied on, it is
// a conflict, and they are made again.
func (b *batch) scopeCalls() []call {
	type sum struct{ n, seen, room, slot int64 }
	sums := map[string]*sum{}
	for _, d := range b.decisions {
		for _, c := range d.Plan.Counts {
			s := sums[c.Scope]
			if s == nil {
				s = &sum{seen: c.Seen, room: c.Room, slot: slot(c.At)}
				sums[c.Scope] = s
			}
			s.n, s.room = s.n+c.N, min(s.room, c.Room)
		}
	}
	var calls []call
	for _, name := range keysOf(sums) {
		s := sums[name]
		calls = append(calls, ask(func(row scanner) error {
			var n int64
			err := row.Scan(&n)
			if err == nil && n-s.n-s.seen > s.room {
				return ErrConflict
			}
			return err
		}, addScope, clip(name), s.slot, s.n))
	}
	return calls
}

// expireScopes forgets what no cap looks at any more.
func expireScopes(now time.Time) call {
	return do(`DELETE FROM scopes WHERE slot < $1`, slot(now.Add(-48*time.Hour)))
}
