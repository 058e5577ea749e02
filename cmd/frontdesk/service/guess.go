package service

import (
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/particulars"
	"frontdesk/pipeline/tact"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/templates/home"
)

// guesses is what a ticket's page asks where the model is not sure: the three categories that a message is likeliest about, each with its queue. now is
// the model that decides at the time.
func guesses(now func() classify.Model, categories []home.Category) func(subject, text, language string) ([]acts.Guess, bool) {
	queue := queueOf(categories)
	return func(subject, text, language string) (out []acts.Guess, says bool) {
		in := classify.Input{Subject: normalize.Subject(subject), Text: normalize.Core(text), Language: language}
		if normalize.SaysNothing(in.Subject) && normalize.SaysNothing(in.Text) {
			return nil, false
		}
		f := now().Classify(in)
		if !f.Unsure {
			return nil, true
		}
		for _, t := range f.Top {
			if t.Category != "" {
				out = append(out, acts.Guess{Category: t.Category, Queue: queue(t.Category)})
			}
		}
		return out, true
	}
}

// stake reads what a shown message tells beside its matter, as reasons of the ticket's page.
func stake(signs *tact.Reader) func(subject, text, language string) []desk.Reason {
	return func(subject, text, language string) (out []desk.Reason) {
		core := normalize.Core(text)
		for _, h := range signs.Read(normalize.Subject(subject), core, language, len(particulars.Amounts(core)) > 0) {
			out = append(out, desk.Reason{Word: "stake." + h.Sign.Key(), Of: h.Words})
		}
		return out
	}
}

// queueOf tells in which queue a category is worked on; "" where it has none.
func queueOf(categories []home.Category) func(category string) string {
	queues := map[string]string{}
	for _, k := range categories {
		queues[k.Key] = k.Queue
	}
	return func(category string) string { return queues[category] }
}
