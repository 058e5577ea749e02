package vectors

import (
	"math"
	"testing"
)

func TestExpIsRightToTheLastDigitsOfAFloat32(t *testing.T) {
	for x := float32(0); x > -86; x -= 0.0037 {
		if got, want := float64(Exp(x)), math.Exp(float64(x)); math.Abs(got-want) > 1e-6*want {
			t.Fatalf("Exp(%v) = %v, want %v", x, got, want)
		}
	}
	if Exp(-1000) != 0 || Exp(0) != 1 {
		t.Errorf("Exp(-1000) = %v, Exp(0) = %v", Exp(-1000), Exp(0))
	}
}

func TestSumsOfAllLengths(t *testing.T) {
	for n := range 11 {
		a, b, y := make([]float32, n), make([]float32, n), make([]float32, n)
		want := float32(0)
		for i := range n {
			a[i], b[i], y[i] = float32(i+1), float32(2*i), 1
			want += float32(i+1) * float32(2*i)
		}
		if got := Dot(a, b); got != want {
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
		Add(y, 2, a)
		for i := range y {
			if y[i] != 1+2*float32(i+1) {
				t.Errorf("%d values: %v at %d", n, y[i], i)
			}
		}
	}
}

func TestSharesSumToOneAndKeepTheirOrder(t *testing.T) {
	shares := []float32{3, -80, 5, 5}
	Softmax(shares)
	sum := float32(0)
	for _, s := range shares {
		sum += s
	}
	if math.Abs(float64(sum)-1) > 1e-6 || shares[0] >= shares[2] || shares[2] != shares[3] || Top(shares) != 2 {
		t.Errorf("shares %v sum to %v, the first at %d", shares, sum, Top(shares))
	}
	Softmax(nil)
	if Top(nil) != -1 {
		t.Error("there is no greatest of none")
	}
}

func BenchmarkDot64(b *testing.B) {
	x, y := make([]float32, 64), make([]float32, 64)
	for b.Loop() {
		Dot(x, y)
	}
}
