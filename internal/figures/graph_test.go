package figures

import "slices"

// circles groups what can be reached from each other along the arrows, groups of one left out (Tarjan).
func circles(arrows map[string][]string) [][]string {
	w := walk{arrows: arrows, seen: map[string]int{}, low: map[string]int{}}
	var names []string
	for name := range arrows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if w.seen[name] == 0 {
			w.visit(name)
		}
	}
	return w.found
}

type walk struct {
	arrows    map[string][]string
	seen, low map[string]int // the order of visits, and the earliest that can be reached
	stack     []string
	found     [][]string
}

func (w *walk) visit(name string) {
	w.seen[name] = len(w.seen) + 1
	w.low[name] = w.seen[name]
	w.stack = append(w.stack, name)
	for _, to := range w.arrows[name] {
		switch {
		case w.seen[to] == 0:
			w.visit(to)
			w.low[name] = min(w.low[name], w.low[to])
		case slices.Contains(w.stack, to):
			w.low[name] = min(w.low[name], w.seen[to])
		}
	}
	if w.low[name] != w.seen[name] {
		return
	}
	at := slices.Index(w.stack, name)
	if circle := slices.Clone(w.stack[at:]); len(circle) > 1 {
		slices.Sort(circle)
		w.found = append(w.found, circle)
	}
	w.stack = w.stack[:at]
}
