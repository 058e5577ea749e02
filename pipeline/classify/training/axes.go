package training

import (
	"math"
	"math/rand/v2"

	"frontdesk/pipeline/classify/learned/vectors"
)

// axes are the directions in which messages differ most, whatever their labels: an orthonormal basis of the
// leading right singular vectors of the rows (latent semantic analysis), found by a random projection and some
// rounds of power iteration (Halko, Martinsson and Tropp 2011). The basis is not turned to the singular vectors
// themselves: to a linear model with a length of weights, every basis of the same space is the same.
type axes struct {
	count int
	basis []float32 // width × count
}

// rounds of power iteration: text has a slow spectrum, and more rounds changed nothing.
const powerRounds = 4

// findAxes finds at most count axes.
func findAxes(x *rows, count int, seed uint64) *axes {
	count = min(count, x.len(), x.width)
	a := &axes{count: count, basis: make([]float32, x.width*count)}
	random := rand.New(rand.NewPCG(seed, 3))
	for i := range a.basis {
		a.basis[i] = float32(random.NormFloat64())
	}
	messages := make([]float32, x.len()*count)
	for range powerRounds {
		x.times(a.basis, messages, count)
		orthonormal(messages, count)
		x.timesBack(messages, a.basis, count)
		orthonormal(a.basis, count)
	}
	return a
}

// times writes x·from to to.
func (r *rows) times(from, to []float32, count int) {
	clear(to)
	for i := range r.len() {
		index, value := r.row(i)
		row := to[i*count : (i+1)*count]
		for k, f := range index {
			vectors.Add(row, value[k], from[int(f)*count:(int(f)+1)*count])
		}
	}
}

// timesBack writes xᵀ·from to to.
func (r *rows) timesBack(from, to []float32, count int) {
	clear(to)
	for i := range r.len() {
		index, value := r.row(i)
		row := from[i*count : (i+1)*count]
		for k, f := range index {
			vectors.Add(to[int(f)*count:(int(f)+1)*count], value[k], row)
		}
	}
}

// orthonormal makes the columns of a matrix orthonormal, by the Cholesky factor of their products. It is done
// twice, since once is not exact where columns are nearly alike.
func orthonormal(matrix []float32, count int) {
	for range 2 {
		factor := cholesky(products(matrix, count), count)
		for at := 0; at < len(matrix); at += count {
			solve(matrix[at:at+count], factor, count)
		}
	}
}

// products are those of each column with each.
func products(matrix []float32, count int) []float64 {
	sums := make([]float32, count*count)
	out := make([]float64, count*count)
	flush := func() {
		for i, s := range sums {
			out[i] += float64(s)
		}
		clear(sums)
	}
	for at, n := 0, 0; at < len(matrix); at, n = at+count, n+1 {
		row := matrix[at : at+count]
		for i, v := range row {
			if v != 0 {
				vectors.Add(sums[i*count:i*count+i+1], v, row[:i+1])
			}
		}
		if n%64 == 63 {
			flush()
		}
	}
	flush()
	return out
}

// cholesky is the lower factor of a symmetric matrix, of which the lower half is read. A column that adds
// nothing is left out: its place on the diagonal is 0.
func cholesky(m []float64, count int) []float64 {
	for j := range count {
		for k := range j {
			m[j*count+j] -= float64(m[j*count+k] * m[j*count+k])
		}
		if m[j*count+j] < 1e-9 {
			m[j*count+j] = 0
		}
		m[j*count+j] = math.Sqrt(m[j*count+j])
		for i := j + 1; i < count; i++ {
			for k := range j {
				m[i*count+j] -= float64(m[i*count+k] * m[j*count+k])
			}
			if m[j*count+j] == 0 {
				m[i*count+j] = 0
			} else {
				m[i*count+j] /= m[j*count+j]
			}
		}
	}
	return m
}

// solve takes the factor off one row.
func solve(row []float32, factor []float64, count int) {
	for j := range count {
		d := factor[j*count+j]
		if d == 0 {
			row[j] = 0
			continue
		}
		s := float64(row[j])
		for k := range j {
			s -= float64(float64(row[k]) * factor[j*count+k])
		}
		row[j] = float32(s / d)
	}
}

// scaled is the basis at another length: its values have that mean square root.
func (a *axes) scaled(to float32) []float32 {
	out := make([]float32, len(a.basis))
	if length := vectors.Dot(a.basis, a.basis); length > 0 {
		vectors.Add(out, to*float32(math.Sqrt(float64(len(out))/float64(length))), a.basis)
	}
	return out
}

// extend puts each message's place along the axes behind its features, at length share.
func (a *axes) extend(x *rows, share float32) *rows {
	out := &rows{starts: []int{0}, width: x.width + a.count}
	place := make([]float32, a.count)
	for i := range x.len() {
		index, value := x.row(i)
		clear(place)
		for k, f := range index {
			vectors.Add(place, value[k], a.basis[int(f)*a.count:(int(f)+1)*a.count])
		}
		out.index = append(out.index, index...)
		out.value = append(out.value, value...)
		if length := vectors.Dot(place, place); length > 0 {
			factor := share / float32(math.Sqrt(float64(length)))
			for k, p := range place {
				out.index = append(out.index, int32(x.width+k))
				out.value = append(out.value, float32(p*factor))
			}
		}
		out.starts = append(out.starts, len(out.index))
	}
	return out
}
