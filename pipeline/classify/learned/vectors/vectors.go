// Package vectors is the arithmetic of learned models: sums over short slices of float32. Each product is rounded
// before it is added, and each sum has one order, so that every machine comes to the same figures.
package vectors

import "math"

// Dot is the sum of the products of a and the beginning of b, which is no shorter.
// Four sums are kept apart, so that a step does not wait for the one before.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
	}
	for ; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// Add adds a multiple of x to y, which is no shorter.
func Add(y []float32, factor float32, x []float32) {
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		from, to := x[i:i+4:i+4], y[i:i+4:i+4]
		to[0] += float32(factor * from[0])
		to[1] += float32(factor * from[1])
		to[2] += float32(factor * from[2])
		to[3] += float32(factor * from[3])
	}
	for ; i < len(x); i++ {
		y[i] += float32(factor * x[i])
	}
}

// Softmax turns scores into shares that sum to 1.
func Softmax(scores []float32) {
	if len(scores) == 0 {
		return
	}
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	sum := float32(0)
	for i, s := range scores {
		scores[i] = Exp(s - top)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}

// Exp is e to a power of at most 0, to the precision of float32. The library's own is another program on each
// kind of machine, and so are its last digits.
func Exp(x float32) float32 {
	if x < -87 {
		return 0
	}
	// x = k·ln 2 + r; the rest is small enough for a few terms of the series.
	k := math.Floor(float64(float64(x)*(1/math.Ln2)) + 0.5)
	r := float64(x) - float64(k*math.Ln2)
	p := 1 + float64(r*(1+float64(r*(0.5+float64(r*(1.0/6+float64(r*(1.0/24+float64(r*(1.0/120+float64(r*(1.0/720))))))))))))
	return float32(math.Ldexp(p, int(k)))
}

// Top is the place of the greatest value, the first of several; -1 where there is none.
func Top(values []float32) int {
	best := -1
	for i, v := range values {
		if best < 0 || v > values[best] {
			best = i
		}
	}
	return best
}
