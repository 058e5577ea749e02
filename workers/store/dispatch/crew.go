package dispatch

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// known is for how long what people can and may is taken as it was read, by the clock on the wall, where they are given work unasked.
const known = time.Second

// knownMost bounds how many people are kept.
const knownMost = 4096

// person is what somebody can and may.
type person struct {
	agent assign.Agent
	view  viewer.Viewer
	until time.Time
}

// crew keeps what people can for a moment: a round in which nothing is to be done should cost nothing.
type crew struct {
	mutex sync.Mutex
	by    map[int64]person
}

func (c *crew) of(ids []int64, now time.Time) (out map[int64]person, missing []int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	out = map[int64]person{}
	for _, id := range ids {
		if p, ok := c.by[id]; ok && now.Before(p.until) {
			out[id] = p
		} else {
			missing = append(missing, id)
		}
	}
	return out, missing
}

func (c *crew) keep(all map[int64]person) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.by == nil || len(c.by) > knownMost {
		c.by = map[int64]person{}
	}
	maps.Copy(c.by, all)
}

// people are what people can and may. Who is not active may nothing.
func (s *Store) people(ctx context.Context, read reader, ids []int64) (map[int64]person, error) {
	now := time.Now()
	out, missing := s.crew.of(ids, now)
	if len(missing) == 0 {
		return out, nil
	}
	fresh, err := readPeople(ctx, read, sql.Sorted(missing))
	if err != nil {
		return nil, err
	}
	for id, p := range fresh {
		p.until = now.Add(known)
		fresh[id], out[id] = p, p
	}
	s.crew.keep(fresh)
	return out, nil
}

func readPeople(ctx context.Context, read reader, ids []int64) (map[int64]person, error) {
	out := map[int64]person{}
	for _, id := range ids {
		out[id] = person{agent: assign.Agent{User: id}, view: viewer.Viewer{User: id}}
	}
	change := func(id int64, f func(*person)) {
		p := out[id]
		f(&p)
		out[id] = p
	}
	calls := []sql.Call{
		sql.Ask(func(row sql.Row) error {
			var id int64
			var g viewer.Grant
			err := row.Scan(&id, &g.Role, &g.Queue)
			change(id, func(p *person) { p.view.Grants = append(p.view.Grants, g) })
			return err
		}, `SELECT g.person, g.role, g.queue FROM grants g JOIN users who ON who.id = g.person WHERE g.person = ANY($1) AND who.state = 'active'`, ids),
		sql.Ask(func(row sql.Row) error {
			var id, level int64
			var queue string
			err := row.Scan(&id, &queue, &level)
			change(id, func(p *person) { put(&p.agent.Queues, queue, level) })
			return err
		}, `SELECT m.person, m.queue, m.level FROM members m WHERE m.person = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			var id, level int64
			var kind, value string
			err := row.Scan(&id, &kind, &value, &level)
			change(id, func(p *person) { p.can(kind, value, level) })
			return err
		}, `SELECT a.person, a.kind, a.value, a.level FROM abilities a WHERE a.person = ANY($1)`, ids),
	}
	if err := read(ctx, calls...); err != nil {
		return nil, fmt.Errorf("reading what agents can: %w", err)
	}
	return out, nil
}

func put(m *map[string]assign.Level, key string, level int64) {
	if *m == nil {
		*m = map[string]assign.Level{}
	}
	(*m)[key] = assign.Level(max(1, level))
}

// can notes an ability.
func (p *person) can(kind, value string, level int64) {
	switch kind {
	case users.AbilityLanguage:
		p.agent.Languages = append(p.agent.Languages, value)
	case users.AbilityChannel:
		p.agent.Channels = append(p.agent.Channels, value)
	case users.AbilityCategory:
		put(&p.agent.Categories, value, level)
	}
}
