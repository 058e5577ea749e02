package learned

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/classify"
)

// small is a model whose weights are drawn by lot, over the features of some words.
func small(t testing.TB, classes, hidden int, texts ...string) Parts {
	t.Helper()
	r := NewReader(classify.NewFolder())
	p := Parts{Header: Header{Name: "small", Temperature: 3, LineShare: 1, Sharpness: 1.2, Promise: .95}}
	for _, text := range texts {
		for _, f := range r.Read("", text) {
			if !slices.ContainsFunc(p.Vocabulary, func(e Entry) bool { return e.Hash == f.Hash }) {
				p.Vocabulary = append(p.Vocabulary, Entry{f, 1 + float32(len(p.Vocabulary)%5)})
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = float32(random.NormFloat64())
		}
		return out
	}
	const inner = 8
	for c := range classes {
		p.Classes = append(p.Classes, string(rune('a'+c)))
		p.Thresholds = append(p.Thresholds, .5)
		p.Line.Weights = append(p.Line.Weights, draw(len(p.Vocabulary)))
	}
	p.Line.Bias = draw(classes)
	for range 2 {
		p.Networks = append(p.Networks, Network{Inner: inner, Hidden: hidden, Embed: draw(len(p.Vocabulary) * inner),
			First: draw(hidden * inner), FirstBias: draw(hidden), Second: draw(classes * hidden), SecondBias: draw(classes)})
	}
	return p
}

func TestSharesSumToOne(t *testing.T) {
	m, err := New(small(t, 5, 16, "my payment failed", "退款还没到账"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a known text": "my payment failed", "a text of strange words": "quux zork", "no text": "",
		"a text of two scripts": "payment 退款", "bytes that are no text": "\xff\xfe\xfd"} {
		for _, prior := range [][]float32{nil, {1, 2, 3, 4, 5}} {
			shares, known := m.Shares(nil, "", text, prior)
			sum := 0.0
			for _, p := range shares {
				sum += float64(p)
			}
			if len(shares) != 5 || math.Abs(sum-1) > 1e-5 || known < 0 || known > 1 {
				t.Errorf("%s: shares %v sum to %v, known %v", name, shares, sum, known)
			}
		}
	}
	if _, known := m.Shares(nil, "", "my payment failed", nil); known != 1 {
		t.Errorf("of a text that it learned from the model knows %v", known)
	}
}

func TestWhatIsKnownBeforehandTipsTheScales(t *testing.T) {
	m, err := New(small(t, 3, 16, "my payment failed"))
	if err != nil {
		t.Fatal(err)
	}
	for c := range 3 {
		prior := []float32{1, 1, 1}
		prior[c] = 1e6
		if shares, _ := m.Shares(nil, "", "my payment", prior); shares[c] < .9 {
			t.Errorf("a factor of a million for %d gives %v", c, shares)
		}
	}
}

func TestAMessageCostsNoMemory(t *testing.T) {
	m, err := New(small(t, 5, 16, "my payment failed", "退款还没到账"))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 0, 8)
	if n := testing.AllocsPerRun(200, func() { m.Shares(dst, "退款", "my payment failed", nil) }); n > 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func TestTheWordsThatDecided(t *testing.T) {
	p := small(t, 2, 4, "my payment failed", "退款还没到账")
	for c := range p.Line.Weights {
		clear(p.Line.Weights[c])
	}
	r := NewReader(classify.NewFolder())
	for _, f := range r.Read("", "failed") {
		p.Line.Weights[1][slices.IndexFunc(p.Vocabulary, func(e Entry) bool { return e.Hash == f.Hash })] = 1
	}
	m, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	why := m.Why("", "My payment FAILED", "b")
	if len(why) == 0 || why[0].Text != "failed" || why[0].Weight <= 0 {
		t.Errorf("why b: %v", why)
	}
	if why := m.Why("", "My payment FAILED", "nothing that it knows"); why != nil {
		t.Errorf("why a category that it does not know: %v", why)
	}
}

// TestWhyALongMessageCostsLittle: a long message of words of which the model knows none was tried word by word, each as dear as all.
func TestWhyALongMessageCostsLittle(t *testing.T) {
	m, err := New(small(t, 2, 4, "my payment failed"))
	if err != nil {
		t.Fatal(err)
	}
	doubling.Check(t, maxText, func(n int) func() {
		var text strings.Builder
		for i := 0; text.Len() < n; i++ {
			fmt.Fprintf(&text, "q%cz%c ", 'a'+i%26, 'a'+i/26%26)
		}
		return func() {
			if why := m.Why("", text.String(), "b"); len(why) > 0 {
				t.Fatalf("words that it does not know decided: %v", why)
			}
		}
	})
}

func TestAFileGivesWhatWasWritten(t *testing.T) {
	for _, hidden := range []int{1, 16} {
		p := small(t, 4, hidden, "my payment failed", "退款还没到账")
		file := written(t, p)
		first, err := Read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if again := written(t, first); !bytes.Equal(file, again) {
			t.Error("what was read is written as another file")
		}
		if !slices.Equal(first.Vocabulary, p.Vocabulary) || !slices.Equal(first.Networks[1].First, p.Networks[1].First) || first.Name != "small" {
			t.Error("what was read is not what was written")
		}
		for c, row := range p.Line.Weights {
			for f, w := range row {
				if d := math.Abs(float64(w - first.Line.Weights[c][f])); d > .02 {
					t.Fatalf("weight %v was read as %v", w, first.Line.Weights[c][f])
				}
			}
		}
	}
}

func written(t testing.TB, p Parts) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFileThatIsDamagedIsRefused(t *testing.T) {
	file := written(t, small(t, 3, 4, "my payment failed"))
	for n := range len(file) {
		if _, err := Read(bytes.NewReader(file[:n])); err == nil {
			t.Fatalf("a file cut at byte %d of %d was read", n, len(file))
		}
	}
	for _, at := range []int{0, len(mark) + 1, len(file) / 3, len(file) / 2, len(file) - 1} {
		changed := slices.Clone(file)
		changed[at] ^= 0x55
		if _, err := Read(bytes.NewReader(changed)); err == nil {
			t.Errorf("a file changed at byte %d was read", at)
		}
	}
	if _, err := Read(strings.NewReader("PK\x03\x04 something else")); err == nil || !strings.Contains(err.Error(), "frontdesk train") {
		t.Errorf("of a file that is no model it is said: %v", err)
	}
}

func TestPartsThatDoNotFitAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Parts){
		"one category alone":               func(p *Parts) { p.Classes = p.Classes[:1] },
		"a threshold too few":              func(p *Parts) { p.Thresholds = p.Thresholds[1:] },
		"a linear model too short":         func(p *Parts) { p.Line.Weights[0] = p.Line.Weights[0][1:] },
		"a layer too short":                func(p *Parts) { p.Networks[0].First = p.Networks[0].First[1:] },
		"a network without embeddings":     func(p *Parts) { p.Networks[1].Embed = nil },
		"a last layer of other categories": func(p *Parts) { p.Networks[1].SecondBias = p.Networks[1].SecondBias[1:] },
	} {
		p := small(t, 3, 4, "my payment failed")
		change(&p)
		if _, err := New(p); err == nil {
			t.Errorf("%s: taken", name)
		}
		if err := Write(&bytes.Buffer{}, p); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add(written(f, small(f, 3, 4, "my payment failed")))
	f.Add([]byte(mark + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := Read(bytes.NewReader(data)); err == nil {
			if _, err := New(p); err != nil {
				t.Errorf("a file was read that makes no model: %v", err)
			}
		}
	})
}

func BenchmarkShares(b *testing.B) {
	texts := []string{"my payment failed although there is enough money on the card, please help me", "退款还没到账已经等了三天了麻烦尽快处理一下谢谢"}
	for name, shape := range map[string][2]int{"16 categories": {16, 128}, "77 categories": {77, 128}} {
		p := small(b, 2, 4, texts...)
		p = wide(p, shape[0], shape[1])
		m, err := New(p)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			dst := make([]float32, 0, 128)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Shares(dst, "", texts[i%len(texts)], nil)
			}
		})
	}
}

// wide gives a model the size of a real one.
func wide(p Parts, classes, hidden int) Parts {
	const inner = 64
	width := len(p.Vocabulary)
	p.Classes, p.Thresholds, p.Line, p.Networks = nil, nil, Line{}, nil
	for c := range classes {
		p.Classes = append(p.Classes, string(rune('A'+c)))
		p.Thresholds = append(p.Thresholds, .5)
		p.Line.Weights = append(p.Line.Weights, make([]float32, width))
	}
	p.Line.Bias = make([]float32, classes)
	random := rand.New(rand.NewPCG(3, 4))
	for range 2 {
		n := Network{Inner: inner, Hidden: hidden, Embed: make([]float32, width*inner), First: make([]float32, hidden*inner),
			FirstBias: make([]float32, hidden), Second: make([]float32, classes*hidden), SecondBias: make([]float32, classes)}
		for _, layer := range [][]float32{n.Embed, n.First, n.Second} {
			for i := range layer {
				layer[i] = float32(random.NormFloat64())
			}
		}
		p.Networks = append(p.Networks, n)
	}
	return p
}
