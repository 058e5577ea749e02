package learning

import (
	"cmp"
	"slices"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/classify/training"
	"frontdesk/pipeline/normalize"
)

// figures are what a model does with labelled messages from which it has not learned. Shares are between 0 and 1.
type figures struct {
	Messages  int     `json:"messages"`
	Right     float64 `json:"right"`     // best guesses
	Named     float64 `json:"named"`     // above the thresholds
	Precision float64 `json:"precision"` // of what is named, that is right
	Outside   int     `json:"outside"`   // messages that are none of the desk's business, beside the others
	LeftAlone float64 `json:"left_alone"`

	right, named, namedRight, alone int
	byClass                         map[string]int // right ones
}

// count takes one more opinion.
func (f *figures) count(label string, o opinion) {
	if label == mind.Outside {
		f.Outside++
		if o.Unsure || o.Category == mind.Outside || o.Category == classify.Other {
			f.alone++
		}
		return
	}
	f.Messages++
	ok := o.Category == label
	if ok {
		f.right++
		f.byClass[label]++
	}
	if !o.Unsure {
		f.named++
		if ok {
			f.namedRight++
		}
	}
}

// done computes the shares.
func (f *figures) done() {
	share := func(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }
	f.Right, f.Named, f.Precision, f.LeftAlone = share(f.right, f.Messages), share(f.named, f.Messages), share(f.namedRight, f.named), share(f.alone, f.Outside)
}

// measure asks a model about labelled messages. told may be nil.
func measure(a asker, list []training.Example, told func(done int)) figures {
	f := figures{byClass: map[string]int{}}
	for i, e := range list {
		f.count(e.Label, a.judge(inputOf(e)))
		if told != nil {
			told(i + 1)
		}
	}
	f.done()
	return f
}

// inputOf is a message as a model reads it.
func inputOf(e training.Example) classify.Input {
	return classify.Input{Subject: e.Subject, Text: e.Text, Language: normalize.Speaks(e.Subject, normalize.Core(e.Text), e.Text, false).Language}
}

// unseen are the messages from which none of the models has learned. strange are the places of those models of which that cannot be
// said; known is how many were left out, because a model knows them.
func unseen(list []training.Example, models []*learned.Learned) (out []training.Example, known int, strange []int) {
	for _, e := range list {
		print, has := learned.Print(e.Subject, e.Text), false
		for i, l := range models {
			one, told := l.From(print, e.At)
			has = has || one
			if !told && !slices.Contains(strange, i) {
				strange = append(strange, i)
			}
		}
		if has {
			known++
			continue
		}
		out = append(out, e)
	}
	slices.Sort(strange)
	return out, known, strange
}

// newest splits messages into older ones and a share of the newest ones, by their time. ok: all of them have one.
func newest(list []training.Example, share float64) (older, newer []training.Example, ok bool) {
	if slices.ContainsFunc(list, func(e training.Example) bool { return e.At.IsZero() }) {
		return list, nil, false
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b training.Example) int { return a.At.Compare(b.At) })
	at := len(sorted) - int(share*float64(len(sorted)))
	return sorted[:at], sorted[at:], true
}

// differing is a category of which two models get a different number right.
type differing struct {
	Category string `json:"category"`
	Messages int    `json:"messages"`
	Right    [2]int `json:"right"`
}

// differ lists them, the largest difference first.
func differ(list []training.Example, a, b figures) []differing {
	counts := map[string]int{}
	for _, e := range list {
		counts[e.Label]++
	}
	out := []differing{}
	for label, n := range counts {
		if a.byClass[label] != b.byClass[label] {
			out = append(out, differing{label, n, [2]int{a.byClass[label], b.byClass[label]}})
		}
	}
	slices.SortFunc(out, func(x, y differing) int {
		return cmp.Or(cmp.Compare(y.gap(), x.gap()), cmp.Compare(x.Category, y.Category))
	})
	return out
}

func (d differing) gap() int { return max(d.Right[0]-d.Right[1], d.Right[1]-d.Right[0]) }

// least is how many messages are needed to say that one model is better.
const least = 50

// beats says why a model is not better than the present one; "" if it is. It must be right more often, and what it names must be right
// as often as was promised, or as often as of the present one.
func (f figures) beats(present figures, promise float64) string {
	switch {
	case f.Messages < least:
		return "there are too few messages from which neither has learned"
	case f.right <= present.right:
		return "it is not right more often"
	case f.Precision < min(promise, present.Precision):
		return "what it names is right less often than of the present one, and than was promised"
	}
	return ""
}
