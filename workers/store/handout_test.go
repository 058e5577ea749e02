package store_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/viewer"
)

// worldVariable asks for the standard world in full, of so many seeds: FRONTDESK_ROUTING_WORLD=20. Without it a small one is run.
const worldVariable = "FRONTDESK_ROUTING_WORLD"

// TestWorkIsHandedOutAsWellAsTheIdealDoes runs the standard world through the store and, beside it, through a dispatcher to whom nobody's
// skill is a bound.
func TestWorkIsHandedOutAsWellAsTheIdealDoes(t *testing.T) {
	seeds, tickets, people, days := 1, 400, 10, 1
	if n, err := strconv.Atoi(os.Getenv(worldVariable)); err == nil && n > 0 {
		seeds, tickets, people, days = n, 10000, 50, 5
	}
	open := map[string]func(testing.TB) []*store.Store{"two processes on postgres": twoOnPostgres,
		"sqlite": func(t testing.TB) []*store.Store { return []*store.Store{openSQLite(t)} }}
	if days > 1 { // in full one database at a time
		delete(open, map[bool]string{true: "sqlite", false: "two processes on postgres"}[os.Getenv(worldVariable+"_DATABASE") == "postgres"])
	}
	for database, open := range open {
		for _, load := range []float64{.8, .95} {
			for _, dying := range []bool{false, true} {
				if days == 1 && dying != (load > .9) {
					continue // one of each is enough where figures are not judged
				}
				t.Run(fmt.Sprintf("%s at load %.2f, dying %t", database, load, dying), func(t *testing.T) {
					compareWorlds(t, open, seeds, func(seed uint64) ([]*worldTicket, []*worldAgent) {
						return standardWorld(seed, tickets, people, days, load)
					}, dying, days > 1)
				})
			}
		}
	}
}

// twoOnPostgres are two processes on one database.
func twoOnPostgres(t testing.TB) []*store.Store {
	o := store.Options{URL: server.Database(t), Dir: t.TempDir()}
	return []*store.Store{storetest.Open(t, o), storetest.Open(t, o)}
}

func compareWorlds(t *testing.T, open func(testing.TB) []*store.Store, seeds int, draw func(uint64) ([]*worldTicket, []*worldAgent), dying, full bool) {
	var got, ideal []worldFigures
	for seed := range uint64(seeds) {
		ts, as := draw(seed + 1)
		best := runWorld(&pool{}, ts, as)
		ts, as = draw(seed + 1)
		s := newShop(t, open(t), as)
		s.dying = dying
		f := runWorld(s, ts, as)
		got, ideal = append(got, f), append(ideal, best)
		t.Logf("seed %d: %+v\n             ideal: %+v", seed+1, f, best)
		if f.over+f.twice+f.inverted+f.idle+f.orphans > 0 {
			t.Errorf("seed %d: beyond the limit %d, owned twice %d, younger before older %d, waiting beside who is free %d, not begun with who is absent %d; want none", seed+1, f.over, f.twice, f.inverted, f.idle, f.orphans)
		}
	}
	if !full {
		return // the figures of one small world say little
	}
	for _, c := range []struct {
		name string
		of   func(worldFigures) float64
		most float64
	}{
		{"mean", func(f worldFigures) float64 { return f.mean }, 1.05}, {"p50", func(f worldFigures) float64 { return f.p50 }, 1.10},
		{"p95", func(f worldFigures) float64 { return f.p95 }, 1.05}, {"p99", func(f worldFigures) float64 { return f.p99 }, 1.05},
	} {
		if ours, theirs := median(got, c.of), median(ideal, c.of); ours > c.most*theirs {
			t.Errorf("%s wait is %.1f min, the ideal's %.1f: %.3f of it, want at most %.2f", c.name, ours, theirs, ours/theirs, c.most)
		} else {
			t.Logf("%s wait %.1f min, the ideal's %.1f: %.3f of it", c.name, ours, theirs, ours/theirs)
		}
	}
	urgent, own, cv := median(got, func(f worldFigures) float64 { return f.urgent95 }), median(got, func(f worldFigures) float64 { return f.own }), median(got, func(f worldFigures) float64 { return f.cv })
	t.Logf("urgent p95 %.2f min, own skill %.3f, spread %.3f", urgent, own, cv)
	if urgent > 2 || own < .96 || cv > .10 {
		t.Errorf("urgent p95 %.2f min, own skill %.3f, spread %.3f; want at most 2, at least .96, at most .10", urgent, own, cv)
	}
}

func median(all []worldFigures, of func(worldFigures) float64) float64 {
	var v []float64
	for _, f := range all {
		v = append(v, of(f))
	}
	return percentile(sorted(v), .5)
}

// shop is Frontdesk in a world: its store, on real rows.
type shop struct {
	t       testing.TB
	s       *store.Store   // of the process whose turn it is
	all     []*store.Store // of all processes on the database
	ctx     context.Context
	rules   assign.Rules
	workers []*worker
	by      map[int64]*worldTicket // by ticket
	ids     map[*worldTicket]int64
	version map[*worldTicket]int64
	open    map[*worldTicket]bool // it waits and nobody has it
	key     int

	// dying: the process that hands out work dies at every seventh round. Its transaction is lost, and its bell: what is to be handed out waits until the
	// other one looks. In life that is within a second, here it is the next thing that happens, half a minute later at most.
	dying   bool
	rounds  int
	pending bool
}

var shopBegan = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func shopTime(minutes float64) time.Time {
	return shopBegan.Add(time.Duration(minutes * float64(time.Minute))).Truncate(time.Microsecond)
}

func shopMinutes(t time.Time) float64 { return t.Sub(shopBegan).Minutes() }

func newShop(t testing.TB, all []*store.Store, as []*worldAgent) *shop {
	h := &shop{t: t, s: all[0], all: all, ctx: context.Background(), by: map[int64]*worldTicket{}, ids: map[*worldTicket]int64{}, version: map[*worldTicket]int64{}, open: map[*worldTicket]bool{}}
	h.rules = assign.Rules{Limit: 6, Weights: map[string]int64{"telegram": 2}, Queues: map[string]assign.Queue{"payments": {Push: true}},
		Waited: func(since, now time.Time) time.Duration {
			return time.Duration(worked(shopMinutes(since), shopMinutes(now)) * float64(time.Minute))
		}}
	var calls []sql.Call
	for _, a := range as {
		id := int64(a.n + 1)
		calls = append(calls, sql.Do(`INSERT INTO users (id, version, login, name, email, language, zone, state, password, demo, created_at, changed_at) VALUES ($1, 1, $2, $2, '', 'en', '', 'active', '', false, 0, 0)`, id, fmt.Sprint("agent", id)),
			sql.Do(`INSERT INTO grants (person, role, queue) VALUES ($1, 'agent', '')`, id), sql.Do(`INSERT INTO members (queue, person, level) VALUES ('payments', $1, 1)`, id))
		able := func(kind, value string, level int64) {
			calls = append(calls, sql.Do(`INSERT INTO abilities (person, kind, value, level) VALUES ($1, $2, $3, $4)`, id, kind, value, level))
		}
		if a.chinese {
			able("language", "zh", 1)
		}
		if a.english {
			able("language", "en", 1)
		}
		for c, knows := range a.knows {
			if knows > 0 {
				able("category", fmt.Sprint("c", c), int64(3-knows))
			}
		}
	}
	h.must(h.s.Base.Do(h.ctx, "making people", calls...))
	return h
}

func (h *shop) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *shop) staff(all []*worker) { h.workers = all }
func (h *shop) skilled() bool       { return true }

func who(a *worker) viewer.Viewer {
	return viewer.Viewer{User: int64(a.n + 1), Login: fmt.Sprint("agent", a.n+1), Grants: []viewer.Grant{{Role: viewer.Agent, Queue: viewer.Every}}}
}

// afterWorked is a moment after so many minutes of work.
func afterWorked(from, minutes float64) float64 {
	for d := math.Floor(from / worldDay); ; d++ {
		if lo, hi := max(from, d*worldDay+worldOpens), d*worldDay+worldCloses; hi > lo {
			if minutes <= hi-lo {
				return lo + minutes
			}
			minutes -= hi - lo
		}
	}
}

func (h *shop) channel(t *worldTicket) string {
	return map[int64]string{1: "sms", 2: "telegram"}[t.weight]
}

// message records a message of a ticket.
func (h *shop) message(now float64, t *worldTicket) commit.Decision {
	h.key++
	in, err := h.s.Intake.Record(h.ctx, intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "hotline", Channel: h.channel(t), Key: fmt.Sprint("m", h.key), At: shopTime(now), Raw: []byte("text")}}}}, shopTime(now))
	h.must(err)
	pending, err := h.s.Backlog.Undecided(h.ctx, []int64{in[0].ID})
	h.must(err)
	return storetest.Opening(h.t, h.s, pending[0], storetest.Phone(t.n+1), shopTime(now))
}

func (h *shop) arrives(now float64, t *worldTicket) {
	d := h.message(now, t)
	at := shopTime(now)
	k := &d.Plan.Ticket
	k.At, k.Open.OpenedAt, k.Open.LastAt = at, at, at
	k.Open.Category, k.Open.Language, k.Open.Priority = fmt.Sprint("c", t.category), map[bool]string{true: "zh", false: "en"}[t.chinese], []string{"urgent", "high", "normal", "low"}[t.priority]
	k.Channel = h.channel(t)
	d.Plan.Promises = append(d.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: shopTime(afterWorked(now, 480)), Half: shopTime(afterWorked(now, 240))})
	h.must(h.s.Commit.Commit(h.ctx, []commit.Decision{d}, at))
	h.by[k.ID], h.ids[t], h.version[t] = t, k.ID, 1
	h.open[t] = true
	h.pending = true
}

func (h *shop) answered(now float64, t *worldTicket) bool {
	d := h.message(now, t)
	at := shopTime(now)
	d.Plan = pipeline.Plan{Message: d.Pending.ID, State: "appended", Ticket: tickets.Plan{ID: h.ids[t], Version: h.version[t], At: at, Channel: h.channel(t)},
		Row: pipeline.MessageRow{Kind: "human", From: storetest.Phone(t.n + 1), Visible: "And?"}}
	h.must(h.s.Commit.Commit(h.ctx, []commit.Decision{d}, at))
	h.version[t]++
	h.must(h.s.Base.Do(h.ctx, "promising a further answer", sql.Do(`UPDATE desk SET half_at = $2 WHERE ticket = $1 AND priority <> 'urgent'`, h.ids[t], sql.Micros(shopTime(afterWorked(now, 240))))))
	h.pending = true
	if t.owner < 0 {
		h.open[t] = true
	}
	return t.owner >= 0
}

func (h *shop) moves(now float64, a *worker, on agents.Event) []*worldTicket {
	h.must(h.s.Agents.Move(h.ctx, who(a).User, on, shopTime(now)))
	h.pending = true
	return h.sweep(now)
}

func (h *shop) comes(now float64, a *worker) {
	h.must(h.s.Agents.Move(h.ctx, who(a).User, agents.ComeBack, shopTime(now)))
	h.pending = true
}
func (h *shop) pauses(now float64, a *worker) []*worldTicket {
	if a.current != nil {
		return nil // he says so when he has finished
	}
	return h.moves(now, a, agents.GoAway)
}
func (h *shop) leaves(now float64, a *worker) []*worldTicket {
	return h.moves(now, a, agents.Leave)
}
func (h *shop) vanishes(float64, *worker) []*worldTicket { return nil } // nobody says it

func (h *shop) begins(now float64, a *worker, t *worldTicket) {
	h.must(h.s.Desk.Begin(h.ctx, who(a), h.ids[t], shopTime(now)))
}

// done answers a ticket. What the deliverer does is done at once: what was promised is kept.
func (h *shop) done(now float64, a *worker, t *worldTicket, over bool) {
	at, id := shopTime(now), h.ids[t]
	h.must(h.s.Desk.SetPending(h.ctx, who(a), id, at))
	h.must(h.s.Base.Do(h.ctx, "keeping a promise", sql.Do(`UPDATE promises SET state = 'kept', settled_at = $2, next_at = 0 WHERE ticket = $1 AND settled_at = 0`, id, sql.Micros(at)),
		sql.Do(`UPDATE desk SET half_at = 0, due_at = 0 WHERE ticket = $1`, id)))
	if over {
		h.must(h.s.Desk.Close(h.ctx, who(a), id, at))
		t.owner = -1
	}
	delete(h.open, t)
	h.pending = true
}

// ticks lets half a minute pass: pages of who is there are heard, and the sweep looks.
func (h *shop) ticks(now float64) []*worldTicket {
	var here []int64
	for _, a := range h.workers {
		if a.here {
			here = append(here, who(a).User)
		}
	}
	h.must(h.s.Base.Do(h.ctx, "hearing pages", sql.Do(`UPDATE agents SET heard_at = $2 WHERE person = ANY($1)`, sql.OrNone(here), sql.Micros(shopTime(now)))))
	h.judge(now)
	return h.sweep(now)
}

func (h *shop) sweep(now float64) (back []*worldTicket) {
	for {
		swept, err := h.s.Agents.Sweep(h.ctx, shopTime(now), 1000)
		h.must(err)
		if swept.Returned+swept.Silent > 0 {
			h.pending = true
		}
		if swept.Returned == 0 {
			return back
		}
		h.must(h.s.Base.Read(h.ctx, "looking what went back", sql.Ask(sql.Value(func(id int64) {
			if t := h.by[id]; t.owner >= 0 && !h.open[t] {
				back = append(back, t)
				h.open[t] = true
			}
		}), `SELECT d.ticket FROM desk d WHERE d.state = '`+string(desk.Waiting)+`' AND d.owner = 0`)))
	}
}

// hands runs rounds, unless whoever does is dead just now.
func (h *shop) hands(now float64) (out []handed) {
	if !h.pending {
		return nil
	}
	h.rounds++
	h.s = h.all[h.rounds%len(h.all)]
	if h.dying && h.rounds%7 == 0 {
		return nil
	}
	for again := true; again; {
		claims, more, err := h.s.Dispatch.Round(h.ctx, h.rules, shopTime(now))
		h.must(err)
		again = more || len(claims) > 0
		for _, c := range claims {
			t := h.by[c.Ticket]
			delete(h.open, t)
			out = append(out, handed{h.workers[c.User-1], t})
		}
	}
	h.pending = false
	return out
}

// waiting are the tickets that nobody has.
func (h *shop) waiting() (out []*worldTicket) {
	for t := range h.open {
		out = append(out, t)
	}
	return out
}

// class is that of a ticket for an agent, as the reference judges it; ok is false where he may not have it.
func (h *shop) class(now float64, a *worker, t *worldTicket) (int, bool) {
	level, speaks := levelOf(a.worldAgent, t)
	waited := worked(t.ready, now)
	if !speaks || level == 0 && waited < 5 {
		return 0, false
	}
	if t.priority == 0 || waited >= 240 {
		return 0, true
	}
	return 3 - level, true
}

// judge counts what must not be: a ticket that waits beside somebody who is free, and one that is not begun in the hands of who is absent.
func (h *shop) judge(now float64) {
	if h.pending {
		return
	}
	for t := range h.open {
		for _, a := range h.workers { // what half a minute more of waiting has made his is given with this half minute
			if _, ok := h.class(now-.55, a, t); ok && a.here && a.believed && a.current == nil && len(a.held) == 0 {
				h.t.Errorf("minute %.2f: ticket %d (class of category %d, since %.2f) waits beside agent %d", now, t.n, t.category, t.ready, a.n)
			}
		}
	}
	for _, a := range h.workers {
		if !a.here && !a.onBreak {
			for _, t := range a.held {
				if now-max(t.assignedAt, a.idleSince) > 2 && worked(max(t.assignedAt, a.idleSince), now) > 2 {
					h.t.Errorf("minute %.2f: ticket %d is not begun, in the hands of agent %d, who is absent since %.2f", now, t.n, a.n, a.idleSince)
				}
			}
		}
	}
	h.pending = h.pending || slices.ContainsFunc(h.workers, func(a *worker) bool { return a.here && a.believed && a.current == nil }) // waiting is time, too
}
