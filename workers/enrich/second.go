package enrich

import (
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
)

// Doubt is a message of which the line's model is not sure what it is about. Its texts are masked.
type Doubt struct{ Subject, Text, Language string }

// Second is the Source that asks somebody else what a message is about, where the line's model is not sure. What was said is recorded, so that nobody asks
// again: the line takes a category that it knows, and stays unsure of any other word.
type Second struct {
	// Ready reports whether anybody would be asked now. It is called for every message and has to be quick.
	Ready func() bool
	// Doubt reads a message; ok is whether the line is not sure what it is about.
	Doubt func(ctx context.Context, p backlog.Pending) (d Doubt, ok bool, err error)
	// Name asks. category is empty where nobody has named one; verdict says why, or that somebody has.
	Name      func(ctx context.Context, subject, text string) (category, verdict string)
	Model     string        // who is asked
	Languages []string      // of messages that are asked about (BCP 47; "zh" is any Chinese); nil: all
	For       time.Duration // how long a message waits at most
	Now       func() time.Time
}

var _ Source = Second{}

// Wait is For as long as somebody can be asked. History is not worth it.
func (s Second) Wait(p backlog.Pending) time.Duration {
	if p.Bulk || p.Imported || !s.Ready() {
		return 0
	}
	return s.For
}

// Ask asks once, about a message that is doubtful. It is settled in any case.
func (s Second) Ask(ctx context.Context, p backlog.Pending) ([]backlog.Opinion, bool, error) {
	d, doubtful, err := s.Doubt(ctx, p)
	if err != nil || !doubtful || !s.speaks(d.Language) {
		return nil, true, err
	}
	now := clock(s.Now)
	asked := now()
	category, verdict := s.Name(ctx, d.Subject, d.Text)
	done := now()
	o := screen.Opinion{Scanner: screen.SecondOpinion, Verdict: verdict, Second: &screen.Second{Model: s.Model, Category: category, Ms: done.Sub(asked).Milliseconds()}}
	return []backlog.Opinion{{Opinion: o, AskedAt: base.Stamp{Time: asked}, AnswerAt: base.Stamp{Time: done}}}, true, nil
}

// speaks reports whether messages in a language are asked about.
func (s Second) speaks(language string) bool {
	return len(s.Languages) == 0 || slices.ContainsFunc(s.Languages, func(l string) bool {
		return strings.EqualFold(l, language) || len(language) > len(l) && language[len(l)] == '-' && strings.EqualFold(l, language[:len(l)])
	})
}

// Unheard is nothing: without a second opinion the first one stays.
func (Second) Unheard(backlog.Pending) []screen.Opinion { return nil }
