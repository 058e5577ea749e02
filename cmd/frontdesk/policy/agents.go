package policy

import (
	"time"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route/assign"
)

// HandOut turns the configuration into how work is handed out to agents. calendars are compiled, by name, as Settings compiles them.
func HandOut(c configs.Config, calendars map[string]*promise.Hours) assign.Rules {
	out := assign.Rules{Limit: int64(c.Agents.Limit), Weights: wide(c.Agents.Weights), Channels: wide(c.Agents.Limits), Relax: c.Agents.RelaxAfter.Std(), Queues: map[string]assign.Queue{}}
	for _, q := range c.Queues {
		of := assign.Queue{Push: q.HandOut == rules.Push, Ahead: q.Ahead, InOrder: q.InOrder, Limit: int64(q.Limit)}
		if q.Overflow != nil {
			of.Overflow, of.After = q.Overflow.To, q.Overflow.After.Std()
		}
		out.Queues[q.Name] = of
	}
	if hours := calendars[c.Agents.CalendarOf(c.Promises)]; hours != nil {
		out.Waited = func(since, now time.Time) time.Duration { return hours.Between(since, now) }
	}
	return out
}

func wide(of map[string]int) map[string]int64 {
	out := map[string]int64{}
	for name, n := range of {
		out[name] = int64(n)
	}
	return out
}
