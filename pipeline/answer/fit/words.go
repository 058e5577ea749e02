package fit

import (
	"maps"
	"math"
	"slices"
	"sync"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
)

// wordCut is by how much the words of an entry without variants must speak more for it than for the next one of its category: about as much as
// if the question itself were asked. It is high, since a title alone tells little of what people ask.
const wordCut = 0.85

// The usual constants of BM25 (Robertson and Zaragoza 2009).
const (
	saturation = 1.2
	lengths    = 0.75
)

// termShare is what a term is worth beside the question's words; so many count.
const termShare, maxTerms = 0.5, 2

// wordFinder matches entries by the words and characters of their question, and by their terms. It ranks by BM25; each score is a share of
// what the question itself would get, so that long and short ones compare.
type wordFinder struct {
	folder *classify.Folder
	docs   []doc
	places map[uint32][]posting // by feature
	pool   sync.Pool            // of *learned.Reader
}

// doc is an entry with its terms, each as features that must all be there.
type doc struct {
	entry *Entry
	terms [][]uint32
}

// posting says that a feature stands in an entry's question, and what it scores there.
type posting struct {
	doc   int
	score float64
}

func newWordFinder(entries []*Entry) *wordFinder {
	f := &wordFinder{folder: classify.NewFolder(), places: map[uint32][]posting{}}
	f.pool.New = func() any { return learned.NewReader(f.folder) }
	reader := learned.NewReader(f.folder)
	counts := make([]map[uint32]int, 0, len(entries)) // of each question in each language
	of := []int{}                                     // the entry of each
	stands := map[uint32]map[int]bool{}               // the entries in which a feature stands
	total := 0
	for i, e := range entries {
		d := doc{entry: e}
		for _, t := range e.Terms {
			if features := distinct(reader.Read("", t)); len(features) > 0 {
				d.terms = append(d.terms, features)
			}
		}
		f.docs = append(f.docs, d)
		for _, tag := range sortedKeys(e.Texts) {
			count := map[uint32]int{}
			for _, x := range reader.Read("", e.Texts[tag].Question) {
				count[x.Hash]++
				total++
				if stands[x.Hash] == nil {
					stands[x.Hash] = map[int]bool{}
				}
				stands[x.Hash][i] = true
			}
			counts, of = append(counts, count), append(of, i)
		}
	}
	mean := float64(total) / float64(max(1, len(counts)))
	for n, count := range counts {
		f.index(of[n], count, stands, mean)
	}
	return f
}

// index adds a question's features with their scores. An entry's questions in several languages share a whole: a message is
// in one of them.
func (f *wordFinder) index(place int, count map[uint32]int, stands map[uint32]map[int]bool, mean float64) {
	length, whole := 0, 0.0
	for _, n := range count {
		length += n
	}
	norm := saturation * (1 - lengths + lengths*float64(length)/max(mean, 1))
	hashes := slices.Sorted(maps.Keys(count))
	score := func(h uint32) float64 {
		tf := float64(count[h])
		in := float64(len(stands[h]))
		rare := math.Log(1 + (float64(len(f.docs))-in+0.5)/(in+0.5))
		return rare * tf * (saturation + 1) / (tf + norm)
	}
	for _, h := range hashes {
		whole += score(h)
	}
	for _, h := range hashes {
		list := f.places[h]
		s := score(h) / whole
		if n := len(list); n > 0 && list[n-1].doc == place { // the same sign in another language
			list[n-1].score = max(list[n-1].score, s)
			continue
		}
		f.places[h] = append(list, posting{place, s})
	}
}

// distinct are the hashes of features, each once, sorted.
func distinct(features []learned.Feature) []uint32 {
	out := make([]uint32, 0, len(features))
	for _, x := range features {
		if x.Block != learned.Pieces { // a term stands there whole
			out = append(out, x.Hash)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (f *wordFinder) cut() float64 { return wordCut }

// find scores each entry of which something stands in the message. The cost is that of the message and of what it shares with questions.
func (f *wordFinder) find(in Asked, chance func(category string) float64) []Match {
	reader := f.pool.Get().(*learned.Reader)
	defer f.pool.Put(reader)
	seen := map[uint32]bool{}
	scores := make([]float64, len(f.docs))
	for _, x := range reader.Read(in.Subject, in.Text) {
		if seen[x.Hash] {
			continue
		}
		seen[x.Hash] = true
		for _, p := range f.places[x.Hash] {
			scores[p.doc] += p.score
		}
	}
	var out []Match
	for i, d := range f.docs {
		hits := 0
		for _, t := range d.terms {
			if hits < maxTerms && !slices.ContainsFunc(t, func(h uint32) bool { return !seen[h] }) {
				hits++
			}
		}
		if s := scores[i] + termShare*float64(hits); s > 0 {
			s *= chance(d.entry.Category)
			out = append(out, Match{Entry: d.entry, Share: math.Round(1000*min(1, s)) / 1000, sure: s})
		}
	}
	doubt(out)
	return out
}

// doubt takes from each match what speaks for the best other one of its category: between two of one category titles do not decide.
func doubt(list []Match) {
	type pair struct{ first, second float64 }
	best := map[string]pair{}
	for _, m := range list {
		p := best[m.Entry.Category]
		switch {
		case m.sure > p.first:
			p = pair{m.sure, p.first}
		case m.sure > p.second:
			p.second = m.sure
		}
		best[m.Entry.Category] = p
	}
	for i, m := range list {
		p := best[m.Entry.Category]
		if m.sure < p.first {
			list[i].sure -= p.first
		} else {
			list[i].sure -= p.second
		}
	}
}

// sortedKeys are a map's keys in one order, so that sums have one outcome.
func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
