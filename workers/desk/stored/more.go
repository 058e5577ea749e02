package stored

import (
	"context"
	"errors"
	"strconv"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/tagging"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/views"
)

// More joins the pages to what is done with tickets beside answering them: merging, tags, and acts upon several. It is safe for concurrent use.
type More struct{ desk *Desk }

// NewMore joins them to the same store.
func NewMore(d *Desk) *More { return &More{d} }

// Choices are what a viewer can choose from.
func (m *More) Choices(ctx context.Context, v viewer.Viewer) (out acts.Choices, err error) {
	tags, err := m.desk.Store.Tagging.List(ctx)
	if err != nil {
		return out, told(err)
	}
	for _, t := range tags {
		out.Tags = append(out.Tags, t.Shown)
	}
	for _, right := range []viewer.Right{viewer.Direct, viewer.Administer} {
		queues, every := v.Where(right)
		out.Tagged = out.Tagged || every || len(queues) > 0
	}
	if queues, every := v.Where(viewer.Direct); !every && len(queues) == 0 {
		return out, nil
	}
	all, err := m.desk.Store.Users.List(ctx)
	for _, u := range all {
		if u.State == users.Active {
			out.People = append(out.People, acts.Person{ID: u.ID, Name: u.Name})
		}
	}
	return out, told(err)
}

// Apply does something with one ticket.
func (m *More) Apply(ctx context.Context, v viewer.Viewer, number int64, b pages.Batch) error {
	now := m.desk.Now()
	switch b.Act {
	case "close":
		return told(m.desk.Store.Desk.CloseFor(ctx, v, number, b.Reason, now))
	case "hand-back":
		return told(m.desk.Store.Desk.HandBack(ctx, v, number, now))
	case "snooze":
		return told(m.desk.Store.Desk.Snooze(ctx, v, number, b.Until, now))
	case "tag", "untag":
		return told(m.desk.Store.Tagging.Set(ctx, v, number, b.Tag, b.Act == "untag", now))
	case "give":
		return m.give(ctx, v, number, b.To)
	}
	return pages.ErrNotSo
}

// give gives a ticket to somebody who answers in its queue.
func (m *More) give(ctx context.Context, v viewer.Viewer, number, to int64) error {
	cards, err := m.desk.Store.Desk.Cards(ctx, v, []int64{number})
	if err != nil || len(cards) == 0 {
		return errors.Join(told(err), pages.ErrNotFound)
	}
	who, err := m.desk.Store.Users.Viewer(ctx, to)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return pages.ErrRefused
	case err != nil:
		return told(err)
	case !who.May(viewer.Answer, cards[0].Queue):
		return pages.ErrRefused
	}
	return told(m.desk.Store.Desk.Give(ctx, v, number, to, m.desk.Rules(), m.desk.Now()))
}

// AddTag adds a tag to the desk's list.
func (m *More) AddTag(ctx context.Context, v viewer.Viewer, shown string) error {
	_, err := m.desk.Store.Tagging.Add(ctx, v, shown, m.desk.Now())
	if errors.Is(err, tagging.ErrName) || errors.Is(err, tagging.ErrMany) || errors.Is(err, store.ErrNotFound) {
		return pages.ErrRefused
	}
	return told(err)
}

// Tagged lists the tickets with a tag.
func (m *More) Tagged(ctx context.Context, v viewer.Viewer, a pages.Asked) (desk.List, error) {
	out := desk.List{Name: a.Name, Tag: true, Order: "newest", Total: uncounted}
	below := int64(0)
	if a.After != "" {
		var err error
		if below, err = strconv.ParseInt(a.After, 10, 64); err != nil || below <= 0 {
			return out, pages.ErrNotFound
		}
	}
	ids, err := m.desk.Store.Tagging.Tickets(ctx, v, a.Name, below, a.Limit+1)
	if err != nil {
		return out, told(err)
	}
	if len(ids) > a.Limit {
		ids = ids[:a.Limit]
		out.Next = strconv.FormatInt(ids[a.Limit-1], 10)
	}
	cards, err := m.desk.Store.Desk.Cards(ctx, v, ids)
	if err != nil {
		return out, told(err)
	}
	names, err := m.desk.names(ctx)
	for _, c := range cards {
		out.Cards = append(out.Cards, m.desk.card(v, c, names, m.desk.Now()))
	}
	return out, err
}

// Views are searches that are kept.
func (m *More) Views(ctx context.Context, v viewer.Viewer) (out []acts.View, err error) {
	all, err := m.desk.Store.Views.All(ctx, v)
	for _, one := range all {
		out = append(out, acts.View{ID: one.ID, Name: one.Name, Text: one.Query, State: one.State, Queue: one.Queue, Drop: one.Person == v.User || one.Queue != "" && v.May(viewer.Direct, one.Queue)})
	}
	return out, told(err)
}

// SaveView keeps one.
func (m *More) SaveView(ctx context.Context, v viewer.Viewer, one acts.View) error {
	return told(m.desk.Store.Views.Save(ctx, v, views.View{Name: one.Name, Query: one.Text, State: one.State, Queue: one.Queue}, m.desk.Now()))
}

// DropView takes one away.
func (m *More) DropView(ctx context.Context, v viewer.Viewer, id int64) error {
	return told(m.desk.Store.Views.Remove(ctx, v, id))
}
