package store_test

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The standard world of a desk, in minutes since the midnight before its first day: tickets of five days by an hourly shape, agents with
// languages, categories, shifts, breaks and sudden departures. It says nothing of how work is handed out, so whoever hands it out in the same
// world can be compared.

const (
	worldHour   = 60.0
	worldDay    = 24 * worldHour
	worldOpens  = 9 * worldHour
	worldCloses = 18 * worldHour
	categories  = 16
)

type worldTicket struct {
	n          int
	at         float64
	category   int
	chinese    bool
	priority   int       // 0 urgent, 1 high, 2 normal, 3 low
	weight     int64     // 1 or 2
	touches    []float64 // minutes of work of each touch, by who knows the matter
	gaps       []float64 // minutes until its customer answers each but the last
	next       int       // the touch that is to be done
	ready      float64   // since when it waits
	owner      int       // -1: nobody's
	last       int       // who has worked on it last; -1: nobody
	begun      bool
	started    float64
	level      int
	assignedAt float64
}

type worldShift struct {
	from, to float64
	vanish   bool // ends without a word
	pause    bool // ends with a break
}

type worldAgent struct {
	n                int
	chinese, english bool
	knows            [categories]int // 2 as his own, 1 as his second, 0 not
	shifts           []worldShift
}

// drawn is a value of a lognormal distribution with that mean.
func drawn(r *rand.Rand, mean, sigma float64) float64 {
	return math.Exp(math.Log(mean) - sigma*sigma/2 + sigma*r.NormFloat64())
}

// demand is how likely each category is.
func demand() (out [categories]float64) {
	sum := 0.0
	for i := range out {
		out[i] = 1 / math.Pow(float64(i+1), 0.7)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

func drawnCategory(r *rand.Rand, of [categories]float64) int {
	u, c := r.Float64(), 0
	for ; c < categories-1 && u > of[c]; c++ {
		u -= of[c]
	}
	return c
}

// hourly is how many tickets come in each hour of a day.
var hourly = [24]float64{1.2, .8, .5, .4, .3, .4, .8, 1.8, 3.2, 7.0, 8.6, 7.6, 5.6, 6.2, 8.0, 7.6, 6.4, 5.2, 4.6, 4.8, 5.4, 5.6, 4.4, 2.6}

// standardWorld draws a world.
func standardWorld(seed uint64, tickets, agents, days int, load float64) ([]*worldTicket, []*worldAgent) {
	r := rand.New(rand.NewPCG(seed, 1))
	of := demand()
	ts := worldTickets(r, of, tickets, days, load)
	as := make([]*worldAgent, agents)
	for i := range as {
		as[i] = drawnAgent(r, of, i, days)
	}
	return ts, as
}

func worldTickets(r *rand.Rand, of [categories]float64, n, days int, load float64) []*worldTicket {
	total := 0.0
	for _, h := range hourly {
		total += h
	}
	var ts []*worldTicket
	for len(ts) < n {
		day, u, h := r.IntN(days), r.Float64()*total, 0
		for ; u > hourly[h]; h++ {
			u -= hourly[h]
		}
		t := &worldTicket{at: float64(day)*worldDay + float64(h)*worldHour + r.Float64()*worldHour, owner: -1, last: -1}
		if t.at > float64(days-1)*worldDay+16*worldHour {
			continue
		}
		t.category = drawnCategory(r, of)
		t.chinese = r.Float64() < .65
		switch u := r.Float64(); {
		case u < .03:
		case u < .15:
			t.priority = 1
		case u < .85:
			t.priority = 2
		default:
			t.priority = 3
		}
		t.weight = 1
		if r.Float64() < .25 {
			t.weight = 2
		}
		t.touches = append(t.touches, max(.5, drawn(r, 6*load, .8)))
		for p := .45; r.Float64() < p && len(t.touches) < 4; p *= .8 {
			t.touches = append(t.touches, max(.3, drawn(r, 4*load, .7)))
			t.gaps = append(t.gaps, 5+r.ExpFloat64()*120)
		}
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b *worldTicket) int {
		if a.at < b.at {
			return -1
		}
		return 1
	})
	for i, t := range ts {
		t.n = i
	}
	return ts
}

func drawnAgent(r *rand.Rand, of [categories]float64, n, days int) *worldAgent {
	a := &worldAgent{n: n, chinese: n%5 < 2 || n%5 > 2, english: n%5 >= 2}
	for level := 2; level >= 1; level-- {
		for k := 5; k > 0; {
			c := drawnCategory(r, of)
			if r.Float64() < .3 { // so that rare ones are known by somebody
				c = r.IntN(categories)
			}
			if a.knows[c] == 0 {
				a.knows[c] = level
				k--
			}
		}
	}
	for d := range days {
		base := float64(d) * worldDay
		if r.Float64() < .05 {
			continue
		}
		from, to := base+worldOpens+(r.Float64()*6-3), base+worldCloses+r.Float64()*10
		lunch := base + 11.5*worldHour + float64(n%4)*30
		cuts := []worldShift{{from: lunch, to: lunch + 60}}
		for range 3 {
			b := base + worldOpens + 40 + r.Float64()*440
			cuts = append(cuts, worldShift{from: b, to: b + 6 + r.Float64()*10})
		}
		slices.SortFunc(cuts, func(a, b worldShift) int {
			if a.from < b.from {
				return -1
			}
			return 1
		})
		vanish := math.Inf(1)
		if r.Float64() < .06 {
			vanish = base + worldOpens + r.Float64()*500
		}
		a.shifts = append(a.shifts, shiftsOf(from, to, vanish, cuts)...)
	}
	return a
}

// shiftsOf are the times of a day at which somebody is there, between his breaks, until he vanishes.
func shiftsOf(from, to, vanish float64, cuts []worldShift) (out []worldShift) {
	var all []worldShift
	for _, c := range cuts {
		if c.from > from+5 {
			all = append(all, worldShift{from: from, to: c.from, pause: true})
		}
		from = max(from, c.to)
	}
	if from < to {
		all = append(all, worldShift{from: from, to: to})
	}
	for _, s := range all {
		if vanish < s.to {
			if vanish > s.from {
				out = append(out, worldShift{from: s.from, to: vanish, vanish: true})
			}
			break
		}
		out = append(out, s)
	}
	return out
}

// worked is how much of a time lies in working hours.
func worked(from, to float64) (sum float64) {
	for d := math.Floor(from / worldDay); d <= math.Floor(to/worldDay); d++ {
		if lo, hi := max(from, d*worldDay+worldOpens), min(to, d*worldDay+worldCloses); hi > lo {
			sum += hi - lo
		}
	}
	return sum
}

// levelOf is how well an agent knows a ticket's matter; ok is false where he does not speak its language.
func levelOf(a *worldAgent, t *worldTicket) (level int, ok bool) {
	return a.knows[t.category], t.chinese && a.chinese || !t.chinese && a.english
}

// worldFigures are what is measured in a world.
type worldFigures struct {
	mean, p50, p95, p99, urgent95        float64
	own, cv                              float64
	over, twice, inverted, idle, orphans int // what must not be
	returned, unstarted                  int
}

func percentile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return v[max(0, min(int(math.Ceil(p*float64(len(v))))-1, len(v)-1))]
}

// waits are the figures of how long tickets waited for their first words.
func waits(ts []*worldTicket) (f worldFigures) {
	var all, urgent []float64
	skilled := 0
	for _, t := range ts {
		if !t.begun {
			f.unstarted++
			continue
		}
		w := worked(t.at, t.started)
		all = append(all, w)
		f.mean += w
		if t.priority == 0 {
			urgent = append(urgent, w)
		}
		if t.level == 2 {
			skilled++
		}
	}
	slices.Sort(all)
	slices.Sort(urgent)
	f.p50, f.p95, f.p99, f.urgent95 = percentile(all, .5), percentile(all, .95), percentile(all, .99), percentile(urgent, .95)
	f.mean /= float64(max(1, len(all)))
	f.own = float64(skilled) / float64(max(1, len(all)))
	return f
}

// spread is the coefficient of variation of how busy agents were.
func spread(busy, present []float64) float64 {
	var of []float64
	mean := 0.0
	for i := range busy {
		if present[i] > 60 {
			of = append(of, busy[i]/present[i])
			mean += busy[i] / present[i]
		}
	}
	mean /= float64(len(of))
	v := 0.0
	for _, u := range of {
		v += (u - mean) * (u - mean)
	}
	return math.Sqrt(v/float64(len(of))) / mean
}

func sorted(v []float64) []float64 {
	slices.Sort(v)
	return v
}
