package training

import (
	"context"
	"slices"
	"sync"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/learned/vectors"
)

// recipe is how a model is made. Its values were found on validation parts of BANKING77 and CLINC150; a desk need
// not know them.
type recipe struct {
	least       int // messages in which a feature stands, to be one
	line        lineOptions
	network     networkOptions
	networks    int
	size        int     // bytes that the rows of all features take
	temperature float32 // of the linear model, where it teaches others
	// teaching by messages without a label
	axes     int       // directions that all messages span
	teaching int       // rounds
	grow     int       // how many a class are believed, in labelled ones a class, more with each round
	believed float32   // what a believed one counts, beside its confidence
	softer   float32   // temperature of the linear model where it teaches networks: what it doubts they find out by themselves
	pupils   int       // networks of a generation before the last
	surest   []float32 // by generation: the share of the messages without a label that is believed
	begin    float32   // mean length of the embeddings' values along the axes, with which networks begin there
	scatter  float64   // and of what is random beside it
}

// standard is the recipe for so many classes: where there are few, small networks reach as much and take a third of the room.
func standard(seed uint64, classes int) recipe {
	r := recipe{
		least:    2,
		line:     lineOptions{cost: 0.5, rounds: 20, seed: seed},
		network:  networkOptions{inner: 64, hidden: 128, rounds: 25, rate: .01, inRate: 5, drop: .5, dropHidden: .3, smooth: .05, averaged: .4, spread: .1, seed: seed},
		networks: 4, size: usualSize, temperature: 5,
		axes: 200, teaching: 4, grow: 3, believed: .5, softer: 1.5, pupils: 2, surest: []float32{.55, .7, .85}, begin: .1, scatter: .02,
	}
	if classes <= fewClasses {
		r.network.inner, r.network.hidden, r.networks = 32, 64, 3
	}
	return r
}

const (
	fewClasses    = 32
	leastNetworks = 2       // rather fewer features than one network alone, which is a point worse
	usualSize     = 7 << 20 // with the small layers a model stays below 8 MB
)

// fitting are how many networks fit the room, and with one how many features do: the frequent ones first.
func (r recipe) fitting(features, classes int) (networks, kept int) {
	const entry, scale = 9, 4 // hash, weight and kind; a row's scale
	of := func(n int) int { return entry + classes + n*(r.network.inner+scale) }
	networks = r.networks
	for networks > leastNetworks && features*of(networks) > r.size {
		networks--
	}
	return networks, min(features, r.size/of(networks))
}

// known is a labelled message by the place of its class.
type known struct {
	text  text
	class int32
	tuned bool
	prior []float32 // factors by class; nil for none
}

// fitted are the parts that fit made, over a vocabulary.
type fitted struct {
	entries  []learned.Entry
	line     *line
	networks []*network
}

// fit makes the parts of a model from labelled messages and from others that have no label.
func fit(ctx context.Context, labelled []known, others []text, classes int, r recipe, workers int, progress func(done, all int)) (*fitted, error) {
	all := make([]text, 0, len(labelled)+len(others))
	for _, k := range labelled {
		all = append(all, k.text)
	}
	all = append(all, others...)
	entries := vocabulary(all, r.least)
	networks, kept := r.fitting(len(entries), classes)
	entries = frequent(entries, kept)
	x := weigh(all, learned.NewVocabulary(entries))
	targets := make([]target, len(all))
	for i, k := range labelled {
		targets[i] = target{k.class, 1}
	}
	s := &school{x: x, targets: targets, labelled: len(labelled), classes: classes, r: r, workers: workers, ctx: ctx, progress: progress}
	if len(others) > 0 {
		s.generations(s.teach())
	}
	f := &fitted{entries: entries, line: trainLine(x, s.targets, classes, s.lines(), workers), networks: s.networks(networks, last)}
	return f, ctx.Err()
}

// school teaches by messages without a label: what is surely of a class becomes an example of it.
type school struct {
	ctx      context.Context
	x        *rows
	targets  []target // labelled ones first
	labelled int
	classes  int
	r        recipe
	workers  int
	progress func(done, all int)
}

// lines are the options of the linear model: where believed examples stand beside true ones, a mistake costs more.
func (s *school) lines() lineOptions {
	o := s.r.line
	if len(s.targets) > s.labelled {
		o.cost = 4 * o.cost
	}
	return o
}

// teach gives believed labels by a linear model, in rounds: each believes more. It tells what the last one says of each message without a label.
func (s *school) teach() [][]float32 {
	wide := findAxes(s.x, s.r.axes, s.r.line.seed).extend(s.x, 1)
	for round := 0; ; round++ {
		l := trainLine(wide, s.targets, s.classes, s.lines(), s.workers)
		if round == s.r.teaching || s.ctx.Err() != nil {
			return s.shares(l, wide, s.r.softer)
		}
		s.believe(s.shares(l, wide, s.r.temperature), (round+1)*s.r.grow*max(1, s.labelled/s.classes))
	}
}

// generations of networks teach each other: each learns from what the one before, and the linear model, are surest of, and each believes more. What the last
// but one is surest of is what the model's own networks learn from.
func (s *school) generations(teacher [][]float32) {
	if a := findAxes(s.x, s.r.network.inner, s.r.line.seed); a.count == s.r.network.inner {
		s.r.network.begin, s.r.network.spread = a.scaled(s.r.begin), s.r.scatter
	}
	shares := teacher
	for n, share := range s.r.surest {
		s.take(shares, share)
		if n == len(s.r.surest)-1 || s.ctx.Err() != nil {
			return
		}
		pupils := s.networks(s.r.pupils, len(s.r.surest)-1-n)
		shares = s.together(pupils, teacher)
	}
}

// take believes the surest share of the messages without a label, whatever their classes.
func (s *school) take(shares [][]float32, share float32) {
	sure := make([]float32, len(shares))
	for i, p := range shares {
		sure[i] = p[vectors.Top(p)]
	}
	order := slices.Clone(sure)
	slices.Sort(order)
	least := order[min(int(float32(len(order))*(1-share)), len(order)-1)]
	for i, p := range shares {
		s.targets[s.labelled+i] = target{}
		if sure[i] >= least {
			s.targets[s.labelled+i] = target{int32(vectors.Top(p)), sure[i] * s.r.believed}
		}
	}
}

// together is the mean of what networks and the linear model say of each message without a label.
func (s *school) together(pupils []*network, teacher [][]float32) [][]float32 {
	out := make([][]float32, len(teacher))
	factor := 1 / float32(len(pupils)+1)
	s.parallel(s.workers, func(worker int) {
		in, mid, said := make([]float32, s.r.network.inner), make([]float32, s.r.network.hidden), make([]float32, s.classes)
		for i := worker; i < len(out); i += s.workers {
			out[i] = make([]float32, s.classes)
			vectors.Add(out[i], factor, teacher[i])
			index, value := s.x.row(s.labelled + i)
			for _, n := range pupils {
				n.shares(index, value, in, mid, said)
				vectors.Add(out[i], factor, said)
			}
		}
	})
	return out
}

// last is the generation behind which none comes.
const last = 0

// networks trains so many networks on what is known and believed; so many generations come behind them.
func (s *school) networks(count, behind int) []*network {
	out, softs := make([]*network, count), s.softs()
	rounds := s.r.network.rounds
	before, all := 0, rounds
	if len(s.targets) > s.labelled {
		before, all = (len(s.r.surest)-1-behind)*rounds, len(s.r.surest)*rounds
	}
	s.parallel(count, func(n int) {
		o := s.r.network
		o.seed += uint64(100*behind + n)
		var told func(done, all int)
		if n == 0 && s.progress != nil {
			told = func(done, _ int) { s.progress(before+done, all) }
		}
		out[n] = trainNetwork(s.ctx, s.x, softs, s.classes, o, told)
	})
	return out
}

// shares are what a linear model says of each message without a label.
func (s *school) shares(l *line, x *rows, temperature float32) [][]float32 {
	out := make([][]float32, len(s.targets)-s.labelled)
	s.parallel(s.workers, func(worker int) {
		for i := worker; i < len(out); i += s.workers {
			out[i] = make([]float32, s.classes)
			index, value := x.row(s.labelled + i)
			l.scores(index, value, out[i])
			for c := range out[i] {
				out[i][c] *= temperature
			}
			vectors.Softmax(out[i])
		}
	})
	return out
}

// believe takes for each class the surest messages as examples, at most so many.
func (s *school) believe(shares [][]float32, most int) {
	byClass := make([][]int, s.classes)
	for i, p := range shares {
		s.targets[s.labelled+i] = target{}
		byClass[vectors.Top(p)] = append(byClass[vectors.Top(p)], i)
	}
	for c, mine := range byClass {
		slices.SortStableFunc(mine, func(a, b int) int {
			switch {
			case shares[a][c] > shares[b][c]:
				return -1
			case shares[a][c] < shares[b][c]:
				return 1
			}
			return 0
		})
		for _, i := range mine[:min(most, len(mine))] {
			s.targets[s.labelled+i] = target{int32(c), shares[i][c] * s.r.believed}
		}
	}
}

// softs are the targets of the networks.
func (s *school) softs() []soft {
	out := make([]soft, len(s.targets))
	for i, t := range s.targets {
		weight := t.weight
		if i >= s.labelled {
			weight /= s.r.believed
		}
		out[i] = soft{[]int32{t.class}, []float32{1}, weight}
	}
	return out
}

// parallel does so many pieces of work, at most as many at a time as there are workers.
func (s *school) parallel(pieces int, work func(n int)) {
	var wait sync.WaitGroup
	gate := make(chan struct{}, max(1, s.workers))
	for n := range pieces {
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			work(n)
		})
	}
	wait.Wait()
}

// parts are the model's parts, as learned wants them.
func (f *fitted) parts(h learned.Header) learned.Parts {
	p := learned.Parts{Header: h, Vocabulary: f.entries}
	width := len(f.entries)
	for _, w := range f.line.weights {
		p.Line.Weights = append(p.Line.Weights, w[:width])
		p.Line.Bias = append(p.Line.Bias, w[width])
	}
	for _, n := range f.networks {
		p.Networks = append(p.Networks, learned.Network{Inner: n.inner, Hidden: n.hidden, Embed: n.embed,
			First: n.first, FirstBias: n.firstBias, Second: n.second, SecondBias: n.secondBias})
	}
	return p
}
