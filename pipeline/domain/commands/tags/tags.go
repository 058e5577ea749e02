// Package tags is the command of people who sort tickets by words of the desk.
package tags

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
)

// Tag is a person who puts a tag on a ticket, or takes it off.
type Tag struct {
	Ticket int64
	Name   string // folded, of the desk's list
	Off    bool
	Actor  string
}

// Needs are the ticket, and whether it has the tag.
func (c Tag) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Tickets: []int64{c.Ticket}, Tags: []domain.Tagged{{Ticket: c.Ticket, Tag: c.Name}}}
}

// Decide does it, if that is not so already. It changes nothing that a decision of the line reads.
func (c Tag) Decide(d *domain.Draft) error {
	t, there := d.Tickets[c.Ticket]
	tag := domain.Tagged{Ticket: c.Ticket, Tag: c.Name}
	switch {
	case there && t.MergedInto != 0:
		return domain.ErrMerged
	case !there, c.Name == "", d.Tags[tag] != c.Off:
		return domain.ErrNotSo
	}
	kind := entries.ActTag
	if c.Off {
		kind = entries.ActUntag
	}
	d.Tags[tag] = !c.Off
	d.Plan.Tags = append(d.Plan.Tags, domain.Tagging{Tagged: tag, Off: c.Off, Actor: c.Actor})
	d.Enter(entries.Entry{Kind: kind, Actor: c.Actor, Ticket: c.Ticket, Detail: c.Name}, entries.Snapshot{Ticket: t.State}, entries.Snapshot{}, func() {})
	return nil
}
