package learned

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
)

// A model's file: the mark, the header's length and JSON, the features, the linear model, the networks, and a
// checksum (CRC-32C) of all before it. Numbers are little endian. Weights of features are one byte each with a scale
// for the row they stand in; what is small stays as it is.
const mark = "frontdesk model 1\n"

// Limits of what is read, so that a wrong file takes no memory.
const (
	maxHeader   = 4 << 20
	maxWidth    = 1 << 20
	maxClasses  = 4096
	maxNetworks = 8
	maxLayer    = 4096
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write writes a model's file.
// The parts are rounded to what the file holds; Read gives the rounded ones.
func Write(to io.Writer, p Parts) error {
	if err := p.check(); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	header, err := json.Marshal(p.Header)
	if err != nil {
		return fmt.Errorf("writing the model's header: %w", err)
	}
	sum := crc32.New(castagnoli)
	buffered := bufio.NewWriter(io.MultiWriter(to, sum))
	w := &writer{w: buffered}
	w.bytes([]byte(mark))
	w.number(len(header))
	w.bytes(header)
	w.number(len(p.Vocabulary))
	for _, e := range p.Vocabulary {
		w.number(int(e.Hash))
	}
	for _, e := range p.Vocabulary {
		w.float(e.Weight)
	}
	for _, e := range p.Vocabulary {
		w.bytes([]byte{byte(e.Block)})
	}
	for c, weights := range p.Line.Weights {
		w.row(weights)
		w.float(p.Line.Bias[c])
	}
	w.number(len(p.Networks))
	for _, n := range p.Networks {
		w.network(n, len(p.Vocabulary))
	}
	if err := errors.Join(w.err, buffered.Flush()); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	if err := binary.Write(to, binary.LittleEndian, sum.Sum32()); err != nil {
		return fmt.Errorf("writing the model's checksum: %w", err)
	}
	return nil
}

// writer writes parts of a file; the first error stays.
type writer struct {
	w       *bufio.Writer
	err     error
	scratch [4]byte
}

func (w *writer) bytes(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

func (w *writer) number(n int) {
	binary.LittleEndian.PutUint32(w.scratch[:], uint32(n))
	w.bytes(w.scratch[:])
}

func (w *writer) float(f float32) { w.number(int(math.Float32bits(f))) }

func (w *writer) floats(values []float32) {
	for _, f := range values {
		w.float(f)
	}
}

// row writes values as one byte each, behind the scale that they have in common.
func (w *writer) row(values []float32) {
	scale := rowScale(values)
	w.float(scale)
	for _, v := range values {
		w.bytes([]byte{byte(rounded(v, scale))})
	}
}

func (w *writer) network(n Network, width int) {
	w.number(n.Inner)
	w.number(n.Hidden)
	for f := range width {
		w.row(n.Embed[f*n.Inner : (f+1)*n.Inner])
	}
	for _, layer := range [][]float32{n.First, n.FirstBias, n.Second, n.SecondBias} {
		w.floats(layer)
	}
}

// rowScale is what one step of a byte is worth.
func rowScale(values []float32) float32 {
	top := float32(0)
	for _, v := range values {
		top = max(top, v, -v)
	}
	return top / 127
}

// rounded is a value as a byte with its sign.
func rounded(v, scale float32) int8 {
	if scale == 0 {
		return 0
	}
	return int8(math.RoundToEven(float64(v / scale)))
}

// Read reads a model's file.
// The error says what is wrong with it: no model, another version, cut short, changed.
func Read(from io.Reader) (Parts, error) {
	r := &reader{r: bufio.NewReader(from), sum: crc32.New(castagnoli)}
	if string(r.bytes(len(mark))) != mark {
		return Parts{}, errors.New("this is no model of this version: frontdesk train makes one")
	}
	p, err := r.parts()
	if err == nil {
		want := r.sum.Sum32()
		if got := uint32(r.number(math.MaxUint32)); r.err == nil && got != want {
			err = errors.New("its checksum is another: the file was changed or is damaged")
		}
	}
	if err := errors.Join(r.err, err); err != nil {
		return Parts{}, fmt.Errorf("reading the model: %w", err)
	}
	return p, p.check()
}

// reader reads parts of a file; the first error stays, and all behind it is empty.
type reader struct {
	r   io.Reader
	sum hash.Hash32
	err error
}

// bytes reads so many, in pieces: a length alone takes no memory.
func (r *reader) bytes(n int) []byte {
	if r.err != nil {
		return nil
	}
	var out []byte
	for len(out) < n && r.err == nil {
		piece := make([]byte, min(n-len(out), 1<<20))
		if _, err := io.ReadFull(r.r, piece); err != nil {
			r.err = fmt.Errorf("it ends too early: %w", err)
			return nil
		}
		out = append(out, piece...)
	}
	r.sum.Write(out)
	return out
}

// number reads a number of at most so much.
func (r *reader) number(most int) int {
	b := r.bytes(4)
	if len(b) < 4 {
		return 0
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n > most {
		r.err = fmt.Errorf("a count of %d, at most %d are read", n, most)
		return 0
	}
	return n
}

func (r *reader) floats(n int) []float32 {
	b := r.bytes(4 * n)
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// rows reads so many rows of bytes with their scales.
func (r *reader) rows(count, width int) []float32 {
	var out []float32
	for range count {
		scale := r.floats(1)
		if len(scale) == 0 {
			return nil
		}
		for _, b := range r.bytes(width) {
			out = append(out, float32(float32(int8(b))*scale[0]))
		}
	}
	return out
}

func (r *reader) parts() (Parts, error) {
	var p Parts
	if err := json.Unmarshal(r.bytes(r.number(maxHeader)), &p.Header); r.err == nil && err != nil {
		return p, fmt.Errorf("its header: %w", err)
	}
	if len(p.Classes) > maxClasses {
		return p, fmt.Errorf("%d categories, at most %d are read", len(p.Classes), maxClasses)
	}
	r.vocabulary(&p)
	width := len(p.Vocabulary)
	for range p.Classes {
		p.Line.Weights = append(p.Line.Weights, r.rows(1, width))
		p.Line.Bias = append(p.Line.Bias, r.floats(1)...)
		if r.err != nil {
			return p, nil
		}
	}
	for range r.number(maxNetworks) {
		n := Network{Inner: r.number(maxLayer), Hidden: r.number(maxLayer)}
		n.Embed = r.rows(width, n.Inner)
		n.First, n.FirstBias = r.floats(n.Hidden*n.Inner), r.floats(n.Hidden)
		n.Second, n.SecondBias = r.floats(len(p.Classes)*n.Hidden), r.floats(len(p.Classes))
		p.Networks = append(p.Networks, n)
	}
	return p, nil
}

func (r *reader) vocabulary(p *Parts) {
	width := r.number(maxWidth)
	hashes := r.bytes(4 * width)
	weights, blocks := r.floats(width), r.bytes(width)
	if r.err != nil {
		return
	}
	p.Vocabulary = make([]Entry, width)
	for i := range p.Vocabulary {
		if blocks[i] >= byte(Blocks) {
			r.err = fmt.Errorf("a feature of kind %d, which there is not", blocks[i])
			return
		}
		p.Vocabulary[i] = Entry{Feature{binary.LittleEndian.Uint32(hashes[4*i:]), Block(blocks[i])}, weights[i]}
	}
}
