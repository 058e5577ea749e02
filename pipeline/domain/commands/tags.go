package commands

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
)

// TagTicket is a person who puts a tag on a ticket, or takes it off.
type TagTicket struct {
	Ticket int64
	Tag    string // folded, of the desk's list
	Off    bool
	Actor  string
}

// Needs are the ticket, and whether it has the tag.
func (c TagTicket) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Tickets: []int64{c.Ticket}, Tags: []domain.Tagged{{Ticket: c.Ticket, Tag: c.Tag}}}
}

// Decide does it, if that is not so already. It changes nothing that a decision of the line reads.
func (c TagTicket) Decide(d *domain.Draft) error {
	t, there := d.Tickets[c.Ticket]
	tag := domain.Tagged{Ticket: c.Ticket, Tag: c.Tag}
	switch {
	case there && t.MergedInto != 0:
		return domain.ErrMerged
	case !there, c.Tag == "", d.Tags[tag] != c.Off:
		return domain.ErrNotSo
	}
	kind := entries.ActTag
	if c.Off {
		kind = entries.ActUntag
	}
	d.Tags[tag] = !c.Off
	d.Plan.Tags = append(d.Plan.Tags, domain.Tagging{Tagged: tag, Off: c.Off, Actor: c.Actor})
	d.Enter(entries.Entry{Kind: kind, Actor: c.Actor, Ticket: c.Ticket, Detail: c.Tag}, entries.Snapshot{Ticket: t.State}, entries.Snapshot{}, func() {})
	return nil
}
