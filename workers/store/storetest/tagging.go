package storetest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/tagging"
	"frontdesk/workers/store/viewer"
)

// sortingCases are about what is done with tickets beside answering them.
func sortingCases() []namedCase {
	return []namedCase{
		{"a tag is the desk's, is put on and taken off by who answers there, and finds what the viewer may read", tagTickets},
		{"a ticket is put away until its customer writes, and no time wakes it", snoozeUntilAnswer},
		{"a closing has the reason that was chosen, and is taken back", closeForReason},
	}
}

func tagTickets(d *desk) {
	head := agent(9, viewer.Lead, "payments")
	pay, card := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Hour), func(t *tickets.Ticket) { t.Queue = "cards" })
	for _, c := range []struct {
		v     viewer.Viewer
		shown string
		want  error
	}{{wang, "VIP", store.ErrNotFound}, {head, " ", tagging.ErrName}, {head, "a/b", tagging.ErrName}, {head, strings.Repeat("长", 41), tagging.ErrName}, {head, "ＶＩＰ  客户", nil}, {head, "vip 客户", nil}} {
		if _, err := d.Tagging.Add(d.ctx, c.v, c.shown, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("%s adds %q: %v", c.v.Login, c.shown, err)
		}
	}
	all, err := d.Tagging.List(d.ctx)
	d.must(err)
	d.same("the list", []tagging.Tag{{Name: "vip 客户", Shown: "ＶＩＰ 客户"}}, all)
	set := func(v viewer.Viewer, ticket int64, name string, off bool) error {
		return d.Tagging.Set(d.ctx, v, ticket, name, off, d.now)
	}
	d.must(set(wang, pay, "VIP 客户", false))
	d.must(set(chen, card, "vip 客户", false))
	for what, err := range map[string]error{"twice": set(wang, pay, "vip 客户", false), "in another queue": set(wang, card, "vip 客户", true), "by an auditor": set(sun, pay, "vip 客户", true)} {
		if !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s: %v", what, err)
		}
	}
	if err := set(wang, pay, "other", false); !errors.Is(err, tagging.ErrUnknown) {
		d.t.Errorf("one that the desk has not: %v", err)
	}
	d.same("on the card", []string{"ＶＩＰ 客户"}, d.card(wang, pay).Tags)
	tagged := func(v viewer.Viewer, below int64) []int64 {
		ids, err := d.Tagging.Tickets(d.ctx, v, "ＶＩＰ 客户", below, 10)
		d.must(err)
		return ids
	}
	d.same("what wang finds", []int64{pay}, tagged(wang, 0))
	d.same("what chen finds", []int64{card, pay}, tagged(chen, 0))
	d.same("the next page", []int64{pay}, tagged(chen, card))
	d.must(set(wang, pay, "vip 客户", true))
	d.same("taken off", []int64(nil), tagged(wang, 0))
	story := d.deeds(pay)
	d.same("its story", []string{entries.ActTag + " vip 客户", entries.ActUntag + " vip 客户"}, story[len(story)-2:])
	d.clean()
}

func snoozeUntilAnswer(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Snooze(d.ctx, wang, id, time.Time{}, d.now))
	if err := d.Desk.Snooze(d.ctx, wang, id, time.Time{}, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("twice: %v", err)
	}
	d.now = d.now.AddDate(1, 0, 0)
	n, err := d.Desk.WakeDue(d.ctx, d.now, 10)
	d.must(err)
	d.same("a year later", []any{0, work.Snoozed}, []any{n, d.item(id).State})
	d.hears("hello?", id)
	d.same("its customer has written", work.Waiting, d.item(id).State)
}

func closeForReason(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.CloseFor(d.ctx, wang, id, "solved", d.now))
	d.same("its story", []string{entries.ActClose + " solved"}, d.deeds(id))
	d.must(d.Desk.Reopen(d.ctx, wang, id, d.now.Add(time.Second)))
	d.same("taken back", work.Waiting, d.item(id).State)
	d.counted()
}

// deeds are what people have done with a ticket, by the order of their entries, with the reasons.
func (d *desk) deeds(ticket int64) (out []string) {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, wang, ticket, table.Mark{}, 0)
	d.must(err)
	slices.SortFunc(lines, func(a, b table.Line) int { return cmp.Compare(a.ID, b.ID) })
	for _, l := range lines {
		if l.Act != nil {
			out = append(out, l.Act.What+" "+l.Act.Reason)
		}
	}
	return out
}
