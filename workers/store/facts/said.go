package facts

import (
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/workers/store/sketches"
	"frontdesk/workers/store/sql"
)

// claimants asks who says something in the name of an address that nobody has proven. Their tickets come with the second round.
func (s *Store) claimants(a *asked, asks []pipeline.Asks) {
	for _, q := range asks {
		if q.Proven {
			continue
		}
		if name := q.Speaker(0); name != "" {
			a.speakers[sketches.Key(s.base, name)] = name
		}
	}
}

// persons are the proven ones, who are known only by their contacts.
func (s *Store) persons(f *pipeline.Facts, asks []pipeline.Asks) map[string]string {
	out := map[string]string{}
	for _, q := range asks {
		if owner := f.Owners[q.From]; q.Proven && owner != 0 {
			if name := q.Speaker(owner); name != "" {
				out[sketches.Key(s.base, name)] = name
			}
		}
	}
	return out
}

// saidBy reads what they said lately, the newest first.
func (a *asked) saidBy(f *pipeline.Facts, names map[string]string, now time.Time) sql.Call {
	return sketches.Of(sql.KeysOf(names), now, func(key string, said copies.Said) {
		f.Said[names[key]] = append(f.Said[names[key]], said)
		a.tickets[said.Ticket] = true
	})
}
