package learning

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"frontdesk/pipeline/classify/training"
)

// step is what so many labels reach.
type step struct {
	Labels int     `json:"labels"`
	Right  float64 `json:"right"`
	Named  float64 `json:"named"`
}

// curve trains with a quarter and with half of the labels, drawn by lot with a share of each category. It takes about as long again as the
// whole did.
func curve(ctx context.Context, labelled, others []training.Example, o training.Options, whole training.Report) (out []step, err error) {
	for _, part := range []int{4, 2} {
		some := drawn(labelled, part, o.Seed)
		r, err := training.Train(ctx, some, others, o)
		if err != nil {
			return nil, fmt.Errorf("learning from one of %d labels: %w", part, err)
		}
		out = append(out, step{len(some), r.Report.Accuracy, r.Report.Coverage})
	}
	return append(out, step{len(labelled), whole.Accuracy, whole.Coverage}), nil
}

// drawn are one of so many messages of each category, two at least: a model needs as many.
func drawn(list []training.Example, part int, seed uint64) (out []training.Example) {
	count, took := map[string]int{}, map[string]int{}
	for _, e := range list {
		count[e.Label]++
	}
	for _, i := range rand.New(rand.NewPCG(seed, 23)).Perm(len(list)) {
		e := list[i]
		if took[e.Label] < max(2, count[e.Label]/part) {
			took[e.Label]++
			out = append(out, e)
		}
	}
	return out
}

// gained is what a doubling of the labels must have brought for more of them to be worth the work.
const gained = .01

// printCurve prints what more labels brought, and whether more would help.
func printCurve(to io.Writer, curve []step) {
	if len(curve) < 2 {
		return
	}
	fmt.Fprintln(to, "\n  labels\tright\tnamed")
	for _, s := range curve {
		fmt.Fprintf(to, "  %d\t%.1f %%\t%.1f %%\n", s.Labels, 100*s.Right, 100*s.Named)
	}
	half, whole := curve[len(curve)-2], curve[len(curve)-1]
	if gain := whole.Right - half.Right; gain >= gained {
		fmt.Fprintf(to, "The last doubling brought %.1f points: as many labels again would bring something like half of it. --suggest chooses those that teach most.\n", 100*gain)
	} else {
		fmt.Fprintf(to, "The last doubling brought %.1f points: more labels of the same kind would help little.\n", 100*gain)
	}
}
