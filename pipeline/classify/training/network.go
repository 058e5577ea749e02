package training

import (
	"context"
	"math"
	"math/rand/v2"

	"frontdesk/pipeline/classify/learned/vectors"
)

// network is a small network of averaged embeddings: the mean of a message's feature vectors, one hidden
// layer, one score a class (Iyyer et al. 2015).
type network struct {
	width, inner, hidden, classes int
	embed                         []float32 // width × inner
	first, firstBias              []float32 // hidden × inner, hidden
	second, secondBias            []float32 // classes × hidden, classes
}

// networkOptions say how a network is trained.
type networkOptions struct {
	inner, hidden int
	rounds        int
	rate          float64   // of learning, falling to none in the course of it
	inRate        float64   // that of the embeddings, as a multiple
	drop          float64   // share of features left out at random
	dropHidden    float64   // share of hidden values left out at random
	smooth        float64   // share of a target spread over all classes
	averaged      float64   // share of the last rounds over which the weights are averaged
	spread        float64   // of the embeddings at the beginning
	begin         []float32 // where they begin; nil: at nothing
	seed          uint64
}

// soft is what a row should be: some classes with their shares, and how much the row counts.
type soft struct {
	classes []int32
	shares  []float32
	weight  float32
}

// learner is a network while it learns, with what its steps need.
type learner struct {
	*network
	o      networkOptions
	random *rand.Rand
	// seen are sums of squared gradients by row of a matrix (Duchi et al. 2011, a row a group).
	seenEmbed, seenFirst, seenSecond []float32
	seenBias1, seenBias2             []float32
	// what one step works with
	index          []int32
	value          []float32
	in, inBack     []float32
	mid, midBack   []float32
	out            []float32
	rate           float32
	averages       *network
	averagedRounds float32
}

// newLearner makes a network of small random weights.
func newLearner(width, classes int, o networkOptions) *learner {
	n := &network{width: width, inner: o.inner, hidden: o.hidden, classes: classes,
		embed: make([]float32, width*o.inner), first: make([]float32, o.hidden*o.inner), firstBias: make([]float32, o.hidden),
		second: make([]float32, classes*o.hidden), secondBias: make([]float32, classes)}
	random := rand.New(rand.NewPCG(o.seed, 1))
	fill := func(w []float32, spread float64) {
		for i := range w {
			w[i] = float32(random.NormFloat64() * spread)
		}
	}
	fill(n.embed, o.spread)
	for i, v := range o.begin {
		n.embed[i] += v
	}
	fill(n.first, math.Sqrt(2/float64(o.inner)))
	fill(n.second, math.Sqrt(1/float64(o.hidden)))
	return &learner{network: n, o: o, random: random,
		seenEmbed: make([]float32, width), seenFirst: make([]float32, o.hidden), seenSecond: make([]float32, classes),
		seenBias1: make([]float32, o.hidden), seenBias2: make([]float32, classes),
		in: make([]float32, o.inner), inBack: make([]float32, o.inner),
		mid: make([]float32, o.hidden), midBack: make([]float32, o.hidden), out: make([]float32, classes)}
}

// trainNetwork trains on rows with their targets. round is told after each round over all rows. Where the context
// ends, so does the training, and what is given back is half done.
func trainNetwork(ctx context.Context, x *rows, targets []soft, classes int, o networkOptions, round func(done, all int)) *network {
	l := newLearner(x.width, classes, o)
	order := make([]int, 0, x.len())
	for i := range targets {
		if targets[i].weight > 0 {
			order = append(order, i)
		}
	}
	steps, all := 0, o.rounds*len(order)
	for n := range o.rounds {
		if ctx.Err() != nil {
			break
		}
		l.random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, i := range order {
			l.rate = float32(o.rate * (1 - float64(steps)/float64(all)) * min(1, float64(steps+1)/warm))
			index, value := x.row(i)
			l.step(index, value, &targets[i])
			steps++
		}
		if float64(n+1) > float64(o.rounds)*(1-o.averaged) {
			l.average()
		}
		if round != nil {
			round(n+1, o.rounds)
		}
	}
	if l.averages != nil {
		return l.averages
	}
	return l.network
}

// average takes the present weights into the mean.
func (l *learner) average() {
	if l.averages == nil {
		copied := *l.network
		copied.embed, copied.first, copied.second = clone(l.embed), clone(l.first), clone(l.second)
		copied.firstBias, copied.secondBias = clone(l.firstBias), clone(l.secondBias)
		l.averages, l.averagedRounds = &copied, 1
		return
	}
	l.averagedRounds++
	share := 1 / l.averagedRounds
	toward(l.averages.embed, l.embed, share)
	toward(l.averages.first, l.first, share)
	toward(l.averages.firstBias, l.firstBias, share)
	toward(l.averages.second, l.second, share)
	toward(l.averages.secondBias, l.secondBias, share)
}

func clone(w []float32) []float32 { return append([]float32(nil), w...) }

// toward moves a mean by a share of the way to the new values.
func toward(mean, now []float32, share float32) {
	for i, w := range now {
		mean[i] += float32(share * (w - mean[i]))
	}
}

// warm is over how many steps learning begins.
const warm = 500

// step learns from one row.
func (l *learner) step(index []int32, value []float32, t *soft) {
	l.choose(index, value)
	if len(l.index) == 0 {
		return
	}
	l.forward()
	for c := range l.out {
		l.out[c] -= float32(l.o.smooth) / float32(l.classes)
	}
	for k, c := range t.classes {
		l.out[c] -= float32((1 - float32(l.o.smooth)) * t.shares[k])
	}
	l.backward(t.weight)
}

// choose leaves out features at random; the rest counts for them.
func (l *learner) choose(index []int32, value []float32) {
	l.index, l.value = l.index[:0], l.value[:0]
	keep := float32(1 / (1 - l.o.drop))
	for k, f := range index {
		if l.random.Float64() >= l.o.drop {
			l.index = append(l.index, f)
			l.value = append(l.value, float32(value[k]*keep))
		}
	}
}

// forward computes the classes' shares in out.
func (l *learner) forward() {
	clear(l.in)
	for k, f := range l.index {
		vectors.Add(l.in, l.value[k], l.embed[int(f)*l.inner:(int(f)+1)*l.inner])
	}
	keep := float32(1 / (1 - l.o.dropHidden))
	for h := range l.mid {
		l.mid[h] = 0
		if l.random.Float64() < l.o.dropHidden {
			continue
		}
		if s := vectors.Dot(l.first[h*l.inner:(h+1)*l.inner], l.in) + l.firstBias[h]; s > 0 {
			l.mid[h] = float32(s * keep)
		}
	}
	for c := range l.out {
		l.out[c] = vectors.Dot(l.second[c*l.hidden:(c+1)*l.hidden], l.mid) + l.secondBias[c]
	}
	vectors.Softmax(l.out)
}

// faint is the gradient below which a class is left as it is: most classes are far off, and cost as much.
const faint = 1e-3

// backward takes the gradients in out back through the layers and moves the weights.
func (l *learner) backward(weight float32) {
	clear(l.midBack)
	square := vectors.Dot(l.mid, l.mid) / float32(l.hidden)
	for c, g := range l.out {
		if g < faint && g > -faint {
			continue
		}
		g *= weight
		row := l.second[c*l.hidden : (c+1)*l.hidden]
		vectors.Add(l.midBack, g, row)
		vectors.Add(row, -l.pace(&l.seenSecond[c], g*g*square)*g, l.mid)
		l.secondBias[c] -= l.pace(&l.seenBias2[c], g*g) * g
	}
	keep := float32(1 / (1 - l.o.dropHidden))
	clear(l.inBack)
	square = vectors.Dot(l.in, l.in) / float32(l.inner)
	for h, g := range l.midBack {
		if l.mid[h] == 0 || g == 0 {
			continue
		}
		g *= keep
		row := l.first[h*l.inner : (h+1)*l.inner]
		vectors.Add(l.inBack, g, row)
		vectors.Add(row, -l.pace(&l.seenFirst[h], g*g*square)*g, l.in)
		l.firstBias[h] -= l.pace(&l.seenBias1[h], g*g) * g
	}
	square = vectors.Dot(l.inBack, l.inBack) / float32(l.inner)
	for k, f := range l.index {
		v := l.value[k]
		row := l.embed[int(f)*l.inner : (int(f)+1)*l.inner]
		vectors.Add(row, -l.pace(&l.seenEmbed[f], v*v*square)*v*float32(l.o.inRate), l.inBack)
	}
}

// pace is the length of a step for a group of weights: the shorter the more it has moved.
func (l *learner) pace(seen *float32, square float32) float32 {
	*seen += square
	if *seen == 0 {
		return 0
	}
	return l.rate / float32(math.Sqrt(float64(*seen)))
}

// shares writes the share of each class for a row.
func (n *network) shares(index []int32, value []float32, in, mid, out []float32) {
	clear(in)
	for k, f := range index {
		vectors.Add(in, value[k], n.embed[int(f)*n.inner:(int(f)+1)*n.inner])
	}
	for h := range mid {
		mid[h] = max(vectors.Dot(n.first[h*n.inner:(h+1)*n.inner], in)+n.firstBias[h], 0)
	}
	for c := range out {
		out[c] = vectors.Dot(n.second[c*n.hidden:(c+1)*n.hidden], mid) + n.secondBias[c]
	}
	vectors.Softmax(out)
}
