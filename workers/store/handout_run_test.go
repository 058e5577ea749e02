package store_test

import (
	"container/heap"
	"slices"
)

// hander is whoever hands out work in a world. Each method says what happens at that minute; what they return are tickets that go back from
// the hands of agents.
type hander interface {
	arrives(now float64, t *worldTicket)
	answered(now float64, t *worldTicket) (stays bool) // its customer has written again; stays: with its owner
	comes(now float64, a *worker)
	pauses(now float64, a *worker) []*worldTicket
	leaves(now float64, a *worker) []*worldTicket
	vanishes(now float64, a *worker) []*worldTicket
	begins(now float64, a *worker, t *worldTicket)
	done(now float64, a *worker, t *worldTicket, over bool) // over: its customer has nothing more to say
	ticks(now float64) []*worldTicket
	hands(now float64) []handed
}

type handed struct {
	to *worker
	t  *worldTicket
}

// worker is an agent at work.
type worker struct {
	*worldAgent
	here, believed      bool // believed: by whoever hands out work
	current             *worldTicket
	begunAt             float64
	epoch               int
	abandoned           *worldTicket
	held                []*worldTicket
	idleSince           float64
	busy, present, come float64
	leaving, onBreak    bool
}

func (a *worker) load() (sum int64) {
	for _, t := range a.held {
		sum += t.weight
	}
	if a.current != nil {
		sum += a.current.weight
	}
	return sum
}

type happening struct {
	at    float64
	n     int
	kind  string
	a     *worker
	t     *worldTicket
	epoch int
	shift worldShift
}

type happenings []*happening

func (q happenings) Len() int { return len(q) }
func (q happenings) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].n < q[j].n
}
func (q happenings) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *happenings) Push(x any)   { *q = append(*q, x.(*happening)) }
func (q *happenings) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// world is a world being run.
type world struct {
	h       hander
	now     float64
	n       int
	queue   happenings
	tickets []*worldTicket
	workers []*worker
	figures worldFigures
}

func (w *world) at(t float64, h *happening) {
	w.n++
	h.at, h.n = t, w.n
	heap.Push(&w.queue, h)
}

// runWorld runs a world to the end of its last shift.
func runWorld(h hander, ts []*worldTicket, as []*worldAgent) worldFigures {
	w := &world{h: h, tickets: ts}
	for _, t := range ts {
		w.at(t.at, &happening{kind: "arrive", t: t})
	}
	last := 0.0
	for _, a := range as {
		k := &worker{worldAgent: a}
		w.workers = append(w.workers, k)
		for _, s := range a.shifts {
			w.at(s.from, &happening{kind: "come", a: k})
			w.at(s.to, &happening{kind: "go", a: k, shift: s})
			last = max(last, s.to)
		}
	}
	if s, ok := h.(interface{ staff([]*worker) }); ok {
		s.staff(w.workers)
	}
	for t := 0.0; t < last; t += .5 {
		if m := t - worldDay*float64(int(t/worldDay)); m > worldOpens-10 && m < worldCloses+60 {
			w.at(t, &happening{kind: "tick"})
		}
	}
	for w.queue.Len() > 0 {
		e := heap.Pop(&w.queue).(*happening)
		if e.at > last+1 {
			break
		}
		w.now = e.at
		w.happens(e)
		w.handOut()
	}
	var busy, present []float64
	for _, a := range w.workers {
		busy, present = append(busy, a.busy), append(present, a.present)
	}
	f := waits(ts)
	f.cv = spread(busy, present)
	f.over, f.twice, f.inverted, f.idle, f.orphans, f.returned = w.figures.over, w.figures.twice, w.figures.inverted, w.figures.idle, w.figures.orphans, w.figures.returned
	return f
}

func (w *world) happens(e *happening) {
	switch e.kind {
	case "arrive":
		e.t.ready = w.now
		w.h.arrives(w.now, e.t)
	case "answer":
		w.answer(e.t)
	case "come":
		a := e.a
		a.here, a.believed, a.leaving, a.onBreak, a.come, a.idleSince = true, true, false, false, w.now, w.now
		w.h.comes(w.now, a)
		w.work(a)
	case "done":
		if e.a.current == e.t && e.a.epoch == e.epoch {
			w.finish(e.a, e.t)
		}
	case "go":
		w.goes(e.a, e.shift)
	case "tick":
		w.back(w.h.ticks(w.now))
	}
}

// handOut has work handed out, and sees that it is as it must be.
func (w *world) handOut() {
	for _, g := range w.h.hands(w.now) {
		if g.t.owner >= 0 {
			w.figures.twice++
		}
		w.inverted(g)
		g.t.owner, g.t.assignedAt = g.to.n, w.now
		g.to.held = append(g.to.held, g.t)
		if g.to.load() > 6 {
			w.figures.over++
		}
		w.work(g.to)
	}
}

// inverted counts an older ticket of the same or a higher priority and the same class that the agent could have had.
func (w *world) inverted(g handed) {
	c, judged := w.h.(interface {
		class(now float64, a *worker, t *worldTicket) (int, bool)
		waiting() []*worldTicket
	})
	if !judged {
		return
	}
	of, _ := c.class(w.now, g.to, g.t)
	for _, t := range c.waiting() {
		if k, ok := c.class(w.now, g.to, t); ok && k == of && t != g.t && t.priority <= g.t.priority && t.ready < g.t.ready {
			w.figures.inverted++
			return
		}
	}
}

func rankOf(t *worldTicket) float64 {
	return t.ready - [...]float64{1e6, 2 * worldHour, 0, -2 * worldHour}[t.priority]
}

// work has an agent begin the first of what he holds.
func (w *world) work(a *worker) {
	if !a.here || a.current != nil || a.leaving || len(a.held) == 0 {
		return
	}
	i := 0
	for k := range a.held {
		if rankOf(a.held[k]) < rankOf(a.held[i]) {
			i = k
		}
	}
	t := a.held[i]
	a.held = slices.Delete(a.held, i, i+1)
	a.current = t
	level := 2
	if s, ok := w.h.(interface{ skilled() bool }); ok && s.skilled() {
		level = a.knows[t.category]
	}
	minutes := t.touches[t.next] * [...]float64{1.35, 1.12, 1}[level]
	if !t.begun {
		t.started, t.begun, t.level = w.now, true, level
	}
	if t.last >= 0 && t.last != a.n {
		minutes += 1.5 // he must read himself in
	}
	t.last = a.n
	a.epoch++
	a.begunAt = w.now
	w.h.begins(w.now, a, t)
	w.at(w.now+minutes, &happening{kind: "done", a: a, t: t, epoch: a.epoch})
}

func (w *world) finish(a *worker, t *worldTicket) {
	a.busy += w.now - a.begunAt
	a.current, a.idleSince = nil, w.now
	t.next++
	over := t.next == len(t.touches)
	w.h.done(w.now, a, t, over)
	if !over {
		w.at(w.now+t.gaps[t.next-1], &happening{kind: "answer", t: t})
	}
	if a.leaving {
		w.gone(a)
		return
	}
	w.work(a)
}

func (w *world) answer(t *worldTicket) {
	t.ready = w.now
	if !w.h.answered(w.now, t) {
		t.owner = -1
		return
	}
	a := w.workers[t.owner]
	t.assignedAt = w.now
	a.held = append(a.held, t)
	w.work(a)
}

func (w *world) goes(a *worker, s worldShift) {
	if s.vanish {
		if a.here {
			a.present += w.now - a.come
		}
		a.here, a.idleSince = false, w.now
		if a.current != nil {
			a.busy += w.now - a.begunAt
			a.abandoned, a.current = a.current, nil
			a.epoch++
		}
		w.back(w.h.vanishes(w.now, a))
		return
	}
	a.believed, a.onBreak = false, s.pause
	if a.current != nil {
		a.leaving = true // he finishes what he has begun
		w.back(w.h.pauses(w.now, a))
		return
	}
	w.gone(a)
}

func (w *world) gone(a *worker) {
	a.here, a.leaving = false, false
	a.present += w.now - a.come
	if a.onBreak {
		w.back(w.h.pauses(w.now, a))
		return
	}
	w.back(w.h.leaves(w.now, a))
}

// back takes tickets out of agents' hands.
func (w *world) back(all []*worldTicket) {
	for _, t := range all {
		if t.owner < 0 {
			continue
		}
		a := w.workers[t.owner]
		if a.abandoned == t {
			a.abandoned = nil
		}
		a.held = slices.DeleteFunc(a.held, func(h *worldTicket) bool { return h == t })
		t.owner = -1
		w.figures.returned++
	}
}

// pool is the ideal: one pool, in which everybody knows everything, and everything is known at once.
type pool struct {
	all   []*worker
	queue []*worldTicket
}

func (p *pool) staff(all []*worker) { p.all = all }

func (p *pool) arrives(_ float64, t *worldTicket) { p.waits(t) }

func (p *pool) waits(t *worldTicket) {
	i, _ := slices.BinarySearchFunc(p.queue, t, func(a, b *worldTicket) int {
		if x, y := rankOf(a), rankOf(b); x < y {
			return -1
		} else if x > y {
			return 1
		}
		return a.n - b.n
	})
	p.queue = slices.Insert(p.queue, i, t)
}

func (p *pool) answered(_ float64, t *worldTicket) bool {
	if a := p.all[t.last]; a.believed && len(a.held) <= 1 {
		t.owner = a.n
		return true
	}
	p.waits(t)
	return false
}

func (p *pool) backOf(a *worker) []*worldTicket {
	out := slices.Clone(a.held)
	if a.abandoned != nil {
		out = append(out, a.abandoned)
	}
	for _, t := range out {
		p.waits(t)
	}
	return out
}

func (p *pool) comes(float64, *worker) {}
func (p *pool) pauses(_ float64, a *worker) []*worldTicket {
	return p.backOf(a)
}
func (p *pool) leaves(_ float64, a *worker) []*worldTicket { return p.backOf(a) }
func (p *pool) vanishes(_ float64, a *worker) []*worldTicket {
	a.believed = false
	return p.backOf(a)
}
func (p *pool) begins(float64, *worker, *worldTicket) {}
func (p *pool) done(_ float64, _ *worker, t *worldTicket, _ bool) {
	t.owner = -1
}
func (p *pool) ticks(float64) []*worldTicket { return nil }

func (p *pool) hands(float64) (out []handed) {
	for len(p.queue) > 0 {
		var best *worker
		for _, a := range p.all {
			free := a.believed && a.here && a.current == nil && len(a.held) == 0
			if free && !slices.ContainsFunc(out, func(g handed) bool { return g.to == a }) && (best == nil || a.idleSince < best.idleSince) {
				best = a
			}
		}
		if best == nil {
			return out
		}
		out = append(out, handed{best, p.queue[0]})
		p.queue = p.queue[1:]
	}
	return out
}
