package stored

import (
	"slices"
	"time"

	"frontdesk/pipeline/domain/tickets"
	"frontdesk/templates/desk/acts"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/view"
)

// sameProblem is how long one after the other two tickets are opened that may be about one problem.
const sameProblem = 7 * 24 * time.Hour

// unsorted is the category of what nobody knows the matter of.
const unsorted = "other"

// perhaps is the newest other open ticket of the customer's that may be about the same problem: it is of the same category, and no number
// parts the two. What a person has split off is another problem.
func perhaps(k agents.Ticket, parted []acts.Parted) *acts.Perhaps {
	if k.Category == "" || k.Category == unsorted || k.Gone() {
		return nil
	}
	for _, o := range k.Others {
		split := slices.ContainsFunc(parted, func(p acts.Parted) bool { return p.Number == o.ID || p.From == o.ID })
		if split || o.Status != string(tickets.Open) || o.Category != k.Category || o.OpenedAt.Sub(k.OpenedAt).Abs() > sameProblem || apart(k.Numbers, o) {
			continue
		}
		return &acts.Perhaps{Other: o.ID, Subject: o.Subject, Newer: max(o.ID, k.Card.Ticket), Older: min(o.ID, k.Card.Ticket)}
	}
	return nil
}

// apart reports whether both name numbers and have none in common.
func apart(numbers []string, o view.Ticket) bool {
	return len(numbers) > 0 && len(o.Numbers) > 0 && !slices.ContainsFunc(numbers, func(n string) bool { return slices.Contains(o.Numbers, n) })
}
