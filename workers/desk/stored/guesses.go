package stored

import (
	"slices"

	"frontdesk/pipeline/domain/entries"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	agents "frontdesk/workers/store/desk"
)

// stake is what the shown messages of the customer tell beside their matter, each sign once, in the words of the newest message that has it. They are read again for each view.
func (d *Desk) stake(k agents.Ticket, lines []agents.Line) (out []desk.Reason) {
	if d.Stake == nil {
		return nil
	}
	for _, l := range lines {
		if m := l.Message; m == nil || m.Side != 0 || m.Erased || m.Written != "" && m.Written != "human" {
			continue
		}
		for _, r := range d.Stake(l.Message.Subject, l.Message.Visible, k.Language) {
			if !slices.ContainsFunc(out, func(have desk.Reason) bool { return have.Word == r.Word }) {
				out = append(out, r)
			}
		}
	}
	return out
}

// guesses are what a ticket may be about, where nobody is sure. Its first message that says something is looked at again for each view, so that a better model
// guesses better at once; what the line has noted is for the list. Where a person, or a later message, has said what it is, nothing is asked any more.
func (d *Desk) guesses(k agents.Ticket, lines []agents.Line) (out []acts.Guess) {
	sorted := func(l agents.Line) bool {
		return l.Act != nil && l.Act.What == entries.ActRoute && (l.Act.Who != entries.Service || l.Act.Reason == entries.ReasonLearned)
	}
	if d.Guess == nil || slices.ContainsFunc(lines, sorted) {
		return nil
	}
	for _, l := range slices.Backward(lines) {
		if m := l.Message; m == nil || m.Side != 0 || m.Erased || l.Ticket != 0 && l.Ticket != k.Card.Ticket {
			continue
		}
		found, says := d.Guess(l.Message.Subject, l.Message.Visible, k.Language)
		for _, g := range found {
			if slices.Contains(d.Categories, g.Category) {
				if !slices.Contains(d.Queues, g.Queue) {
					g.Queue = k.Queue
				}
				out = append(out, g)
			}
		}
		if says {
			return out
		}
	}
	return nil
}

// noted are what a ticket may be about, as the line has noted it: those that are still categories of the desk, each with its queue.
func (d *Desk) noted(c agents.Card) (out []acts.Guess) {
	for _, category := range c.Guesses {
		if !slices.Contains(d.Categories, category) {
			continue
		}
		g := acts.Guess{Category: category}
		if d.QueueOf != nil {
			g.Queue = d.QueueOf(category)
		}
		if !slices.Contains(d.Queues, g.Queue) {
			g.Queue = c.Queue
		}
		out = append(out, g)
	}
	return out
}
