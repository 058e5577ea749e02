package training

import (
	"math/rand/v2"
	"sync"
)

// line is a linear model: for each class a weight for each feature, and one for all messages.
type line struct {
	width   int
	weights [][]float32 // by class, then by feature; the last is the constant
}

// lineOptions say how a linear model is trained.
type lineOptions struct {
	cost   float64 // of a mistake against the length of the weights
	rounds int     // over all rows
	seed   uint64
}

// target is what a row should be: its class, and how much it counts.
type target struct {
	class  int32
	weight float32
}

// trainLine trains one support vector machine for each class against all others: squared hinge loss, by
// dual coordinate descent (Hsieh et al. 2008). Classes are trained side by side; each has its own order of rows,
// so the outcome does not depend on how many at a time.
func trainLine(x *rows, targets []target, classes int, o lineOptions, workers int) *line {
	l := &line{width: x.width, weights: make([][]float32, classes)}
	squares := make([]float64, x.len())
	for i := range squares {
		_, values := x.row(i)
		squares[i] = 1
		for _, v := range values {
			squares[i] += float64(v) * float64(v)
		}
	}
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for c := worker; c < classes; c += workers {
				l.weights[c] = trainClass(x, targets, int32(c), squares, o)
			}
		})
	}
	wait.Wait()
	return l
}

// trainClass trains one class against all others.
func trainClass(x *rows, targets []target, class int32, squares []float64, o lineOptions) []float32 {
	w := make([]float32, x.width+1)
	alphas := make([]float64, x.len())
	order := make([]int, x.len())
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(o.seed, uint64(class)))
	for range o.rounds {
		random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		largest := 0.0
		for _, i := range order {
			if targets[i].weight == 0 {
				continue
			}
			largest = max(largest, stepAlpha(x, i, targets[i], class, w, alphas, squares[i], o.cost))
		}
		if largest < 1e-2 {
			break
		}
	}
	return w
}

// stepAlpha improves one row's factor and says by how much its condition was hurt.
func stepAlpha(x *rows, i int, t target, class int32, w []float32, alphas []float64, square, cost float64) float64 {
	sign := -1.0
	if t.class == class {
		sign = 1
	}
	index, value := x.row(i)
	score := float64(w[x.width])
	for k, f := range index {
		score += float64(w[f]) * float64(value[k])
	}
	diagonal := 1 / (2 * cost * float64(t.weight))
	gradient := sign*score - 1 + alphas[i]*diagonal
	hurt := gradient
	if alphas[i] == 0 {
		hurt = min(gradient, 0)
	}
	if hurt > -1e-12 && hurt < 1e-12 {
		return 0
	}
	before := alphas[i]
	alphas[i] = max(before-gradient/(square+diagonal), 0)
	step := float32((alphas[i] - before) * sign)
	if step != 0 {
		for k, f := range index {
			w[f] += float32(step * value[k])
		}
		w[x.width] += step
	}
	return max(hurt, -hurt)
}

// scores writes the score of each class.
func (l *line) scores(index []int32, value []float32, out []float32) {
	for c, w := range l.weights {
		s := w[l.width]
		for k, f := range index {
			s += float32(w[f] * value[k])
		}
		out[c] = s
	}
}
