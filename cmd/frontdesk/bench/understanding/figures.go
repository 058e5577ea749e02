package understanding

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/classify/training"
)

// figure is what was measured of one model. Shares are between 0 and 1; 0 is what was not measured.
type figure struct {
	Name       string  `json:"measured"`
	Learned    int     `json:"learned_from,omitempty"` // labelled messages
	Unlabelled int     `json:"without_label,omitempty"`
	Messages   int     `json:"messages"`              // that have a category
	Right      float64 `json:"right"`                 // best guesses
	Surest     float64 `json:"surest_80"`             // right of the surest 80 %
	Named      float64 `json:"named"`                 // above the thresholds
	Precision  float64 `json:"precision"`             // of what is named, that is right
	Outside    int     `json:"outside"`               // messages that are none of any category
	LeftAlone  float64 `json:"left_alone"`            // share of those
	AUROC      float64 `json:"auroc"`                 // how well confidence tells them from the others; .5 is chance
	Bytes      int     `json:"model_bytes,omitempty"` // of its file
	LoadMS     float64 `json:"load_ms,omitempty"`     // until the first question
	Micros     float64 `json:"us_per_message"`        // one core
	// TrainSeconds is by the clock, with the measuring that belongs to a training.
	TrainSeconds float64 `json:"train_seconds,omitempty"`
}

// answer is what a model said of one message.
type answer struct {
	share                   float32
	right, named, out, left bool
}

// judge is what is asked: the best guess, its share, and whether it is named.
type judge func(e training.Example) (category string, share float32, named bool)

// of measures a judge on messages. outside is the label of those that are of no category.
func of(name string, ask judge, messages []training.Example, outside string) figure {
	answers := make([]answer, 0, len(messages))
	for _, e := range messages {
		category, share, named := ask(e)
		a := answer{share: share, right: category == e.Label, named: named, out: e.Label == outside}
		a.left = !named || category == classify.Other
		answers = append(answers, a)
	}
	f := counted(answers)
	f.Name, f.Micros = name, speed(ask, messages)
	return f
}

// counted computes the shares.
func counted(answers []answer) figure {
	var f figure
	var in, outs []answer
	for _, a := range answers {
		if a.out {
			outs = append(outs, a)
		} else {
			in = append(in, a)
		}
	}
	is := func(test func(answer) bool, all []answer) (n int) {
		for _, a := range all {
			if test(a) {
				n++
			}
		}
		return n
	}
	named := is(func(a answer) bool { return a.named }, in)
	f.Messages, f.Outside = len(in), len(outs)
	f.Right = part(is(func(a answer) bool { return a.right }, in), len(in))
	f.Named = part(named, len(in))
	f.Precision = part(is(func(a answer) bool { return a.named && a.right }, in), named)
	f.LeftAlone = part(is(func(a answer) bool { return a.left }, outs), len(outs))
	f.AUROC = auroc(in, outs)
	slices.SortStableFunc(in, func(a, b answer) int { return cmp.Compare(b.share, a.share) })
	surest := in[:len(in)*4/5]
	f.Surest = part(is(func(a answer) bool { return a.right }, surest), len(surest))
	return f
}

func part(some, all int) float64 { return float64(some) / float64(max(all, 1)) }

// auroc is how often one of the first has a larger share than one of the second; equal ones count half. 0 where one kind is missing.
func auroc(in, out []answer) float64 {
	if len(in) == 0 || len(out) == 0 {
		return 0
	}
	low := make([]float32, len(out))
	for i, a := range out {
		low[i] = a.share
	}
	slices.Sort(low)
	sum := 0.0
	for _, a := range in {
		below, _ := slices.BinarySearch(low, a.share)
		same := below
		for same < len(low) && low[same] == a.share {
			same++
		}
		sum += float64(below) + float64(same-below)/2
	}
	return sum / float64(len(in)) / float64(len(out))
}

// enough is how long speed asks: short, and long against what disturbs.
const enough = 500 * time.Millisecond

// speed is the time of one question in microseconds.
func speed(ask judge, messages []training.Example) float64 {
	if len(messages) == 0 {
		return 0
	}
	began, n := time.Now(), 0
	for time.Since(began) < enough {
		for _, e := range messages {
			ask(e)
			n++
		}
	}
	return float64(time.Since(began).Microseconds()) / float64(n)
}

// loaded reads a model as a service does, and tells how long that took.
func loaded(p learned.Parts) (m *learned.Model, size int, ms float64, err error) {
	var file bytes.Buffer
	if err := learned.Write(&file, p); err != nil {
		return nil, 0, 0, err
	}
	size = file.Len()
	began := time.Now()
	p, err = learned.Read(&file)
	if err != nil {
		return nil, 0, 0, err
	}
	m, err = learned.New(p)
	return m, size, float64(time.Since(began).Microseconds()) / 1000, err
}

// alone asks a model without rules.
func alone(m *learned.Model) judge {
	h := m.Header()
	var shares []float32
	return func(e training.Example) (string, float32, bool) {
		shares, _ = m.Shares(shares[:0], e.Subject, e.Text, nil)
		best := 0
		for c, p := range shares {
			if p > shares[best] {
				best = c
			}
		}
		return h.Classes[best], shares[best], shares[best] >= h.Thresholds[best]
	}
}

// whole asks the default mind.
func whole(m *mind.Mind) judge {
	return func(e training.Example) (string, float32, bool) {
		o := m.Judge(classify.Input{Subject: e.Subject, Text: e.Text})
		return o.Category, o.Confidence, !o.Unsure
	}
}
