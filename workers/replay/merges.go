package replay

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/decided"
)

// knowOther adds the second ticket of a merging, or of its undoing, to what was known. Whose time and address the merging itself has is in
// the entry that it left: see decided.Act.Merged.
func knowOther(a decided.Act, k *domain.Known) {
	o := a.Before.Other
	if o == nil {
		return
	}
	k.Tickets[a.Before.Into] = tickets.Status{ID: a.Before.Into, Version: o.Version, State: o.Ticket, Priority: o.Priority}
	if o.Desk != nil {
		k.Desk[a.Before.Into] = *o.Desk
	}
	if a.Kind != entries.ActUndoMerge || a.Merged == nil {
		return
	}
	source := k.Tickets[a.Ticket]
	source.MergedInto = a.Before.Into
	k.Tickets[a.Ticket] = source
	k.Merges[a.Ticket] = domain.Merge{Source: a.Ticket, Target: a.Merged.Before.Into, Before: a.Merged.Before, After: a.Merged.After}
	k.Members[a.Ticket] = nil
	k.Members[a.Before.Into] = append(k.Members[a.Before.Into], a.Ticket)
	if !a.Before.Closed.IsZero() {
		k.Closed[a.Before.Into] = a.Before.Closed
	}
}

// knowParted adds what a person has moved to a ticket of its own, as it lay before.
func knowParted(a decided.Act, k *domain.Known) {
	part := a.After.Parted
	if part == nil {
		return
	}
	delete(k.Tickets, part.Ticket)
	for _, id := range part.Messages {
		k.Messages[id] = messages.Status{ID: id, State: messages.Appended, Ticket: a.Ticket, Original: true}
	}
	for _, id := range part.Notes {
		k.Replies[id] = replies.Reply{ID: id, Ticket: a.Ticket, Kind: replies.Note}
	}
}

// compareOther compares what became of the second ticket.
func compareOther(a decided.Act, plan domain.Plan, add func(field, then, now string)) {
	then := a.After.Other
	if then == nil {
		return
	}
	now, _ := became(plan, a.Before.Into)
	if now.Ticket != "" {
		add("other ticket", string(then.Ticket), string(now.Ticket))
		add("other priority", then.Priority, now.Priority)
	}
	for _, c := range plan.Desk {
		if c.After.Ticket == a.Before.Into {
			add("other work item", itemWords(*then), itemWords(now))
		}
	}
}

// tagged is what an act has done with a tag, in words; empty where it was about none.
func tagged(a decided.Act) string {
	if a.Kind == entries.ActTag || a.Kind == entries.ActUntag {
		return a.Kind + " " + a.Reason
	}
	return ""
}

// retagged is what a plan does with a tag.
func retagged(plan domain.Plan) (words string) {
	for _, t := range plan.Tags {
		if words = entries.ActTag + " " + t.Tag; t.Off {
			words = entries.ActUntag + " " + t.Tag
		}
	}
	return words
}
