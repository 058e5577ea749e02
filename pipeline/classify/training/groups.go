package training

import (
	"cmp"
	"math"
	"slices"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/learned/vectors"
)

// How messages are grouped: along so many axes of so many features at most, which bounds the memory; two are alike from so much on (the cosine of
// their places).
const (
	groupAxes     = 60
	groupFeatures = 40_000
	alikeFrom     = 0.5
)

// Groups puts messages together that are about the same thing, the largest group first, in each the most typical message first; a message
// that is like no other is in none. The work grows with the number of messages times that of groups.
func Groups(examples []Example, seed uint64) [][]int {
	texts := read(examples)
	entries := frequent(vocabulary(texts, 2), groupFeatures)
	if len(examples) < 2 || len(entries) == 0 {
		return nil
	}
	x := weigh(texts, learned.NewVocabulary(entries))
	a := findAxes(x, groupAxes, seed)
	places := make([]float32, x.len()*a.count)
	x.times(a.basis, places, a.count)
	g := &grouping{count: a.count, places: places}
	for i := range examples {
		toLength(g.place(i))
	}
	g.lead()
	g.settle()
	return g.sorted()
}

// grouping is a message's place by its number, and the groups: the sum of the places of each, and its messages.
type grouping struct {
	count   int
	places  []float32
	centres [][]float32
	members [][]int
}

func (g *grouping) place(i int) []float32 { return g.places[i*g.count : (i+1)*g.count] }

// toLength brings a place to length 1; one without any stays.
func toLength(place []float32) {
	if length := vectors.Dot(place, place); length > 0 {
		factor := 1 / float32(math.Sqrt(float64(length)))
		for k := range place {
			place[k] *= factor
		}
	}
}

// nearest is the group whose centre is nearest to a place, and how near.
func (g *grouping) nearest(place []float32) (best int, near float32) {
	best, near = -1, -1
	for c, centre := range g.centres {
		if s := vectors.Dot(centre, place); s > near {
			best, near = c, s
		}
	}
	return best, near
}

// lead makes the groups: each message joins the nearest one, or leads one of its own.
func (g *grouping) lead() {
	for i := range len(g.places) / g.count {
		place := g.place(i)
		if vectors.Dot(place, place) == 0 {
			continue
		}
		if c, near := g.nearest(place); near >= alikeFrom {
			g.members[c] = append(g.members[c], i)
			continue
		}
		g.centres = append(g.centres, slices.Clone(place))
		g.members = append(g.members, []int{i})
	}
}

// settle moves the centres to the mean of their messages, and asks each message again.
func (g *grouping) settle() {
	for c, members := range g.members {
		clear(g.centres[c])
		for _, i := range members {
			vectors.Add(g.centres[c], 1, g.place(i))
		}
		toLength(g.centres[c])
		g.members[c] = nil
	}
	for i := range len(g.places) / g.count {
		if c, near := g.nearest(g.place(i)); near >= alikeFrom {
			g.members[c] = append(g.members[c], i)
		}
	}
}

// sorted are the groups of two at least.
func (g *grouping) sorted() [][]int {
	var out [][]int
	for c, members := range g.members {
		if len(members) < 2 {
			continue
		}
		near := map[int]float32{}
		for _, i := range members {
			near[i] = vectors.Dot(g.centres[c], g.place(i))
		}
		slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(near[b], near[a]) })
		out = append(out, members)
	}
	slices.SortStableFunc(out, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	return out
}
