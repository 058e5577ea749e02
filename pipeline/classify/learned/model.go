package learned

import (
	"fmt"
	"math"
	"sync"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned/vectors"
)

// Parts are what a model is made of: what training gives, and what a file holds.
type Parts struct {
	Header
	Vocabulary []Entry
	Line       Line
	Networks   []Network
}

// Header is what a model says of itself. It stands in its file as JSON.
type Header struct {
	Name    string   `json:"name"`
	Classes []string `json:"classes"`
	// Temperature is what the linear model's scores are multiplied with before they become shares.
	Temperature float32 `json:"temperature"`
	// LineShare is what the linear model counts beside one network.
	LineShare float32 `json:"line_share"`
	// Sharpness is the power to which the mean of the shares is raised, so that a confidence of .9 is right 9 times of 10.
	Sharpness float32 `json:"sharpness"`
	// Thresholds are by class: below it a message of which the class is the best guess is unsure.
	Thresholds []float32 `json:"thresholds"`
	// Promise is the precision that the thresholds hold, as a share.
	Promise float64 `json:"promise"`
	// Rules says that the thresholds were found with what the desk's rules say beforehand: it is asked with them.
	Rules bool `json:"rules,omitempty"`
	// Learned is what the model has learned from, so that nobody measures it on that; nil where nobody noted it.
	Learned *Learned `json:"learned,omitempty"`
}

// Line is a linear model.
type Line struct {
	Weights [][]float32 // by class, then by feature
	Bias    []float32   // by class
}

// Network is a network of averaged embeddings with one hidden layer.
type Network struct {
	Inner, Hidden int
	Embed         []float32 // features × inner
	First         []float32 // hidden × inner
	FirstBias     []float32
	Second        []float32 // classes × hidden
	SecondBias    []float32
}

// Model gives shares for a message. It is safe for concurrent use, and does not change.
type Model struct {
	header     Header
	folder     *classify.Folder
	vocabulary *Vocabulary
	line       []float32 // features × classes: a message touches few features
	bias       []float32
	networks   []layers
	pool       sync.Pool // of *state
}

// layers are a network as it is used: the second layer lies by hidden value, since half of them are zero.
type layers struct {
	inner, hidden           int
	embed, first, firstBias []float32
	second, secondBias      []float32
}

// state is what one message needs.
type state struct {
	reader     *Reader
	weigher    *Weigher
	line, net  []float32 // by class
	inner, mid []float32
	whole      []float32
}

// New makes a model of its parts.
// The error names what does not fit together, as in a file that was cut or changed.
func New(p Parts) (*Model, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	m := &Model{header: p.Header, folder: classify.NewFolder(), vocabulary: NewVocabulary(p.Vocabulary), bias: p.Line.Bias}
	width, classes := len(p.Vocabulary), len(p.Classes)
	m.line = transposed(p.Line.Weights, width)
	for _, n := range p.Networks {
		second := make([][]float32, classes)
		for c := range second {
			second[c] = n.Second[c*n.Hidden : (c+1)*n.Hidden]
		}
		m.networks = append(m.networks, layers{n.Inner, n.Hidden, n.Embed, n.First, n.FirstBias, transposed(second, n.Hidden), n.SecondBias})
	}
	m.pool.New = func() any { return m.newState() }
	return m, nil
}

// check tells what does not fit.
func (p *Parts) check() error {
	width, classes := len(p.Vocabulary), len(p.Classes)
	switch {
	case classes < 2:
		return fmt.Errorf("a model knows two categories at least, this one %d", classes)
	case len(p.Thresholds) != classes, len(p.Line.Weights) != classes, len(p.Line.Bias) != classes:
		return fmt.Errorf("%d categories with %d thresholds and %d linear models", classes, len(p.Thresholds), len(p.Line.Weights))
	}
	for _, w := range p.Line.Weights {
		if len(w) != width {
			return fmt.Errorf("a linear model of %d features, want %d", len(w), width)
		}
	}
	for _, n := range p.Networks {
		if len(n.Embed) != width*n.Inner || len(n.First) != n.Hidden*n.Inner || len(n.FirstBias) != n.Hidden ||
			len(n.Second) != classes*n.Hidden || len(n.SecondBias) != classes {
			return fmt.Errorf("a network whose layers do not fit %d features and %d categories", width, classes)
		}
	}
	return nil
}

// transposed turns lines by class into one slice by place.
func transposed(lines [][]float32, width int) []float32 {
	out := make([]float32, width*len(lines))
	for c, line := range lines {
		for f, w := range line {
			out[f*len(lines)+c] = w
		}
	}
	return out
}

func (m *Model) newState() *state {
	s := &state{reader: NewReader(m.folder), weigher: NewWeigher(m.vocabulary)}
	classes, inner, hidden := len(m.header.Classes), 0, 0
	for _, n := range m.networks {
		inner, hidden = max(inner, n.inner), max(hidden, n.hidden)
	}
	s.line, s.net, s.whole = make([]float32, classes), make([]float32, classes), make([]float32, classes)
	s.inner, s.mid = make([]float32, inner), make([]float32, hidden)
	return s
}

// Header tells what the model says of itself. It must not be changed.
func (m *Model) Header() Header { return m.header }

// Features is how many features the model knows.
func (m *Model) Features() int { return m.vocabulary.Len() }

// Shares appends the share of each category to dst, in the order of Header.Classes, and says which part of the
// message's features the model knows. A message of which it knows nothing gets what categories are worth without any word.
// prior is what is known beforehand, as a factor for each category; nil for nothing.
func (m *Model) Shares(dst []float32, subject, text string, prior []float32) (shares []float32, known float32) {
	s := m.pool.Get().(*state)
	defer m.pool.Put(s)
	v := s.weigher.Weigh(s.reader.Read(subject, text))
	m.linear(s, v)
	clear(s.whole)
	vectors.Add(s.whole, m.header.LineShare, s.line)
	for i := range m.networks {
		m.networks[i].shares(v, s.inner, s.mid, s.net)
		vectors.Add(s.whole, 1, s.net)
	}
	for c, factor := range prior {
		s.whole[c] *= factor
	}
	m.sharpen(s.whole)
	return append(dst, s.whole...), v.Known
}

// linear computes the linear model's shares.
func (m *Model) linear(s *state, v Vector) {
	copy(s.line, m.bias)
	for k, f := range v.Index {
		vectors.Add(s.line, v.Value[k], m.line[int(f)*len(s.line):(int(f)+1)*len(s.line)])
	}
	for c := range s.line {
		s.line[c] *= m.header.Temperature
	}
	vectors.Softmax(s.line)
}

// sharpen brings the mean of the shares to what was right in that many cases.
func (m *Model) sharpen(shares []float32) {
	if m.header.Sharpness > 0 && m.header.Sharpness != 1 {
		for c, p := range shares {
			shares[c] = float32(math.Pow(float64(p), float64(m.header.Sharpness)))
		}
	}
	sum := float32(0)
	for _, p := range shares {
		sum += p
	}
	for c := range shares {
		shares[c] /= sum
	}
}

// shares computes a network's shares.
func (n *layers) shares(v Vector, inner, mid, out []float32) {
	inner, mid = inner[:n.inner], mid[:n.hidden]
	clear(inner)
	for k, f := range v.Index {
		vectors.Add(inner, v.Value[k], n.embed[int(f)*n.inner:(int(f)+1)*n.inner])
	}
	copy(out, n.secondBias)
	for h := range mid {
		if s := vectors.Dot(n.first[h*n.inner:(h+1)*n.inner], inner) + n.firstBias[h]; s > 0 {
			vectors.Add(out, s, n.second[h*len(out):(h+1)*len(out)])
		}
	}
	vectors.Softmax(out)
}
