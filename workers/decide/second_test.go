package decide

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store/backlog"
)

// unsureOf is a model that is not sure of what holds a word, and of all else is sure that it is none of the desk's categories.
type unsureOf string

func (u unsureOf) Classify(in classify.Input) classify.Finding {
	if strings.Contains(in.Text, string(u)) {
		return classify.Finding{Category: "refund", Model: "ours", Unsure: true, Reasons: []string{"model ours 0.40" + classify.SaysUnsure}, Top: [classify.Top]classify.Runner{{Category: "refund", Score: .4}, {Category: "invoice", Score: .3}}}
	}
	return classify.Finding{Category: classify.Other}
}

// seconds is a step that asks for a second opinion, beside the scanners. told are the texts that somebody was asked about.
func (r *rig) seconds(category, verdict string, languages []string, told *[]string) asking {
	r.Settings.Classifier = unsureOf("doubtful")
	r.Settings.Desk = map[string]pipeline.Category{"refund": {}, "invoice": {}, "other": {}}
	return r.asks(scanDeadline, []enrich.Source{enrich.Second{
		Ready: func() bool { return true }, Model: "small-1", Languages: languages, For: 3 * time.Second, Now: r.Time,
		Doubt: func(ctx context.Context, p backlog.Pending) (enrich.Doubt, bool, error) {
			return r.processor.Doubt(ctx, p)
		},
		Name: func(_ context.Context, subject, text string) (string, string) {
			*told = append(*told, subject+"\n"+text)
			r.Pass(250 * time.Millisecond)
			return category, verdict
		}}})
}

// TestASecondOpinionCountsWhereTheModelIsNotSure, if it names a category of the desk's; what was said is kept, masked text alone was shown, and nobody is asked again.
func TestASecondOpinionCountsWhereTheModelIsNotSure(t *testing.T) {
	for _, c := range []struct {
		name, text        string
		category, verdict string
		languages         []string
		asked             int
		want, stage       string
		guess             bool
	}{
		{"it names one", "I have a doubtful matter with the last one", "invoice", "named", nil, 1, "invoice", "asked for a second opinion; second opinion of small-1: invoice, 250 ms", false},
		{"in a language that is asked about", "I have a doubtful matter with the last one", "invoice", "named", []string{"zh", "en"}, 1, "invoice", "asked for a second opinion; second opinion of small-1: invoice, 250 ms", false},
		{"in another language", "I have a doubtful matter with the last one", "invoice", "named", []string{"zh", "e"}, 0, "refund", "", true},
		{"it names none that the desk has", "I have a doubtful matter with the last one", "lottery", "named", nil, 1, "refund", "asked for a second opinion; second opinion of small-1: lottery, 250 ms", true},
		{"it says that it is none of them", "I have a doubtful matter with the last one", "other", "named", nil, 1, "refund", "asked for a second opinion; second opinion of small-1: other, 250 ms", true},
		{"it does not answer", "I have a doubtful matter with the last one", "", "timeout", nil, 1, "refund", "asked for a second opinion; second opinion of small-1: none, timeout, 250 ms", true},
		{"the model is sure", "There is a clear matter with the last one", "invoice", "named", nil, 0, "other", "", false},
		{"a card is masked", "I have a doubtful matter with card 4111 1111 1111 1111", "invoice", "named", nil, 1, "invoice", "asked for a second opinion; second opinion of small-1: invoice, 250 ms", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			var told []string
			s := r.seconds(c.category, c.verdict, c.languages, &told)
			story := r.scanned(s, "bot", "k1", letter{From: "77", Text: c.text})
			r.Same("after", "ticketed", story.Message.State)
			r.Same("category", c.want, story.Message.Category)
			r.Same("trace", c.stage, strings.TrimSuffix(scanStage(story), "; "))
			r.Same("asked", c.asked, len(told))
			r.Same("kept", c.asked, len(story.Opinions))
			guess := false
			for _, l := range story.Trace {
				guess = guess || l.Stage == "classify" && strings.HasSuffix(l.Why, classify.SaysUnsure)
			}
			r.Same("a guess", c.guess, guess)
			if strings.Contains(strings.Join(told, ""), "4111 1111") {
				t.Errorf("a card's number leaves the house: %q", told)
			}
		})
	}
}

// TestNobodyAsksAgain: what was said is data with the message, so deciding in hindsight comes to the same without anybody being there.
func TestNobodyAsksAgain(t *testing.T) {
	r := newRig(t)
	var told []string
	s := r.seconds("invoice", "named", nil, &told)
	d := r.Delivery("bot", "k1", letter{From: "77", Text: "I have a doubtful matter with the last one"})
	id := r.Accept(d)[0]
	r.Process(id)
	pending, err := r.Store.Backlog.Undecided(t.Context(), []int64{id})
	r.Must(err)
	r.asked(s)
	heard, err := r.Store.Backlog.Opinions(t.Context(), []int64{id})
	r.Must(err)
	said, ok := screen.Seconded(heard[id])
	r.Same("what was said", screen.Second{Model: "small-1", Category: "invoice", Ms: 250}, said)
	r.Same("and that it was", true, ok)
	got := NewHindsight(r.processor.decider.decoders, r.Settings, r.Logger)
	known := got.d.read(pending[0], nil, r.Time()).c.Known
	known.Opinions = heard[id]
	r.Same("in hindsight", "invoice", got.Decide(pending[0], known, r.Time()).Class.Category)
	r.Same("asked", 1, len(told))
}
