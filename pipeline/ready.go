package pipeline

import (
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/classify"
)

// maxAnswers is how many ready answers an acknowledgement may carry, or an agent is offered.
// More would hide the ticket's number, which is what the customer looks for.
const maxAnswers = 3

// ruled is how often what the rules name is right.
const ruled = 0.95

// chances are those of what a finding says: the shares of the three best where a model has named it, which is how the precision of what
// is offered was measured.
func chances(found classify.Finding) (out []fit.Chance) {
	switch {
	case found.Outside:
		return []fit.Chance{{Category: classify.Other, Share: 1}}
	case !found.Must && found.Top[0].Category == found.Category && found.Category != "":
		for _, t := range found.Top {
			if t.Category != "" {
				out = append(out, fit.Chance{Category: t.Category, Share: t.Score})
			}
		}
		return out
	}
	return []fit.Chance{{Category: found.Category, Share: ruled}}
}

// Ready are the desk's ready answers about a category that fit a text, best first, as question and answer in the reader's language; nil where
// there are none in it, or nothing fits. It is what an acknowledgement would carry, for whoever answers later.
func (s *Settings) Ready(category, language, text string) (out [][2]string) {
	asked := fit.Asked{Text: beginning(text, coreBytes), Chances: chances(classify.Finding{Category: category})}
	for _, f := range s.Fitting(asked, language) {
		out = append(out, [2]string{f.Question, f.Answer})
	}
	return out
}

// Fitting are the desk's ready answers that fit what was asked, best first, at most three, each in the customer's language, else in one of the same
// tongue, else in the desk's first.
func (s *Settings) Fitting(asked fit.Asked, language string) (out []FAQ) {
	for _, m := range s.Answers.Find(asked, maxAnswers) {
		if text := inLanguage(m.Entry.Texts, &Case{Settings: s, Language: language}); text != nil {
			out = append(out, FAQ{Question: text.Question, Answer: text.Answer})
		}
	}
	return out
}
