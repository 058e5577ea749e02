package learned

import "math"

// Vocabulary knows the features of a model by their hash. It does not change after it was built.
type Vocabulary struct {
	// hashes, weights and blocks are by the feature's place. A weight is the logarithm of how rare the feature is.
	hashes  []uint32
	weights []float32
	blocks  []Block
	// slots is a hash table with open places, half empty at least; mask is their number minus one.
	slots []int32
	mask  uint32
}

// Entry is one feature of a vocabulary: what it is, and how much it weighs.
type Entry struct {
	Feature
	Weight float32
}

// NewVocabulary makes a vocabulary of entries. Each place in it is the entry's place in the list; of two with one hash the first counts.
func NewVocabulary(entries []Entry) *Vocabulary {
	v := &Vocabulary{}
	size := uint32(16)
	for int(size) < 2*len(entries) {
		size *= 2
	}
	v.slots, v.mask = make([]int32, size), size-1
	for i := range v.slots {
		v.slots[i] = -1
	}
	for _, e := range entries {
		id := int32(len(v.hashes))
		v.hashes = append(v.hashes, e.Hash)
		v.weights = append(v.weights, e.Weight)
		v.blocks = append(v.blocks, e.Block)
		if v.find(e.Hash) >= 0 {
			continue
		}
		at := e.Hash & v.mask
		for v.slots[at] >= 0 {
			at = (at + 1) & v.mask
		}
		v.slots[at] = id
	}
	return v
}

// Len is the number of features.
func (v *Vocabulary) Len() int { return len(v.hashes) }

// find returns the place of a feature, or -1.
func (v *Vocabulary) find(hash uint32) int32 {
	for at := hash & v.mask; ; at = (at + 1) & v.mask {
		id := v.slots[at]
		if id < 0 || v.hashes[id] == hash {
			return id
		}
	}
}

// Vector is a message as a model sees it: places of the vocabulary with their values, each once.
type Vector struct {
	Index []int32
	Value []float32
	Known float32 // share of the message's features that the vocabulary knows
}

// Weigher makes vectors. It is not safe for concurrent use.
type Weigher struct {
	vocabulary *Vocabulary
	counts     []int32 // by place; zero between two messages
	vector     Vector
}

// NewWeigher makes a weigher for a vocabulary.
func NewWeigher(v *Vocabulary) *Weigher {
	return &Weigher{vocabulary: v, counts: make([]int32, v.Len())}
}

// Weigh turns features into a vector: repeated ones are damped, rare ones weigh more, each block has length 1,
// and all together have length 1. The result is valid until the next call.
func (w *Weigher) Weigh(features []Feature) Vector {
	out := &w.vector
	out.Index, out.Value = out.Index[:0], out.Value[:0]
	known := 0
	for _, f := range features {
		id := w.vocabulary.find(f.Hash)
		if id < 0 {
			continue
		}
		known++
		if w.counts[id] == 0 {
			out.Index = append(out.Index, id)
		}
		w.counts[id]++
	}
	var sums [Blocks]float32
	for _, id := range out.Index {
		value := w.vocabulary.weights[id]
		if n := w.counts[id]; n > 1 {
			value *= damped(int(n))
		}
		w.counts[id] = 0
		out.Value = append(out.Value, value)
		sums[w.vocabulary.blocks[id]] += float32(value * value)
	}
	w.normalize(sums)
	out.Known = float32(known) / float32(max(len(features), 1))
	return *out
}

// normalize brings each block to length 1, and the whole too.
func (w *Weigher) normalize(sums [Blocks]float32) {
	var factors [Blocks]float32
	blocks := float32(0)
	for b, sum := range sums {
		if sum > 0 {
			blocks++
			factors[b] = 1 / float32(math.Sqrt(float64(sum)))
		}
	}
	if blocks == 0 {
		return
	}
	whole := 1 / float32(math.Sqrt(float64(blocks)))
	for i, id := range w.vector.Index {
		w.vector.Value[i] *= float32(factors[w.vocabulary.blocks[id]] * whole)
	}
}
