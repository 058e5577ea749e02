package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
)

func attachment(digest string) message.Attachment {
	return message.Attachment{Name: "p.png", MediaType: "image/png", Size: 9, Digest: digest}
}

// counted sees that the counters agree with what the listings list.
func (d *desk) counted() {
	d.t.Helper()
	c, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	all := view.Page{Limit: 1000}
	want := map[string]map[string]int64{"messages": {}, "parked": {}, "effects": {}, "promises": {}, "tickets": {}}
	messages, err := d.View.Messages(d.ctx, all)
	d.must(err)
	for _, m := range messages {
		if m.State != "recorded" {
			want["messages"][m.State]++
		}
		if m.State == "parked" {
			want["parked"][m.Cause]++
		}
	}
	outbox, err := d.View.Outbox(d.ctx, all)
	d.must(err)
	for _, o := range outbox {
		want["effects"][o.State]++
	}
	promises, err := d.View.Promises(d.ctx, all)
	d.must(err)
	for _, p := range promises {
		want["promises"][p.State]++
	}
	tickets, err := d.View.Tickets(d.ctx, all)
	d.must(err)
	for _, t := range tickets {
		want["tickets"][t.Status]++
	}
	got := map[string]map[string]int64{"messages": c.Messages, "parked": c.Parked, "effects": c.Effects, "promises": c.Promises, "tickets": c.Tickets}
	d.same("counters", want, got)
}

func release(d *desk) {
	bad := item("hotline", "k1", "garbage")
	bad.Cause = causes.Spam
	other := item("hotline", "k2", "spam")
	other.Cause = causes.Spam
	ids := d.record(bad, other)
	d.must(d.Acts.Release(d.ctx, ids[0], d.now, "zhou"))
	d.must(d.Acts.Dismiss(d.ctx, ids[1], d.now, "zhou"))
	for _, err := range []error{d.Acts.Release(d.ctx, ids[0], d.now, "zhou"), d.Acts.Dismiss(d.ctx, ids[1], d.now, "zhou"), d.Acts.Release(d.ctx, ids[1], d.now, "zhou")} {
		if !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("error is %v, want ErrNotFound", err)
		}
	}
	p := d.pending(ids[0])[0]
	if !p.Released || string(p.Raw) != "garbage" {
		d.t.Errorf("released message is %+v", p)
	}
	f, err := d.Facts.Facts(d.ctx, nil, ids, nil, d.now)
	d.must(err)
	d.same("released", map[int64]bool{ids[0]: true}, f.Released)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{d.opening(p, phone(1))}, d.now))
	d.counted()
	st, err := d.View.Trace(d.ctx, ids[0])
	d.must(err)
	d.same("acts", []view.Act{{At: base.Stamp{Time: d.now}, Who: "zhou", Act: "release", Detail: "spam"}}, st.Acts)
	d.now = d.now.Add(31 * 24 * time.Hour)
	got, err := d.Files.Expire(d.ctx, d.now, 10)
	d.must(err)
	d.same("a dismissed original expires", 2, got.Originals)
}

func closeTicket(d *desk) {
	plan := d.open("k1", phone(1))
	d.must(d.Acts.CloseTicket(d.ctx, plan.Ticket.ID, d.now, "zhou"))
	if err := d.Acts.CloseTicket(d.ctx, plan.Ticket.ID, d.now, "zhou"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("error is %v, want ErrNotFound", err)
	}
	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity()})
	d.same("status and version", []any{tickets.Closed, int64(2)}, []any{k.Recent[0].Status, k.Recent[0].Version})
	p := d.pending(d.record(item("hotline", "k2", "again"))...)[0]
	next := d.following(p, plan, 1, 2)
	next.Plan.Ticket.Reopen = true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
	d.counted()
}

// fields are the names of a listing's fields, as scripts see them.
func (d *desk) fields(rows any) []string {
	d.t.Helper()
	text, err := json.Marshal(rows)
	d.must(err)
	var list []map[string]any
	d.must(json.Unmarshal(text, &list))
	if len(list) == 0 {
		d.t.Fatal("the listing is empty")
	}
	return slices.Sorted(maps.Keys(list[0]))
}

func (d *desk) promised(what string, rows any, names ...string) {
	d.t.Helper()
	have := d.fields(rows)
	for _, n := range names {
		if !slices.Contains(have, n) {
			d.t.Errorf("%s have no field %s", what, n)
		}
	}
}

func listings(d *desk) {
	for i, key := range []string{"k1", "k2", "k3"} {
		d.open(key, phone(i))
	}
	open := d.record(item("hotline", "k4", "four"))[0]
	bad := item("support", "k5", "five")
	bad.Cause = causes.TooLarge
	parked := d.record(bad)[0]
	d.must(d.Service.InboxSeen(d.ctx, []service.InboxStatus{{Inbox: "hotline", Channel: "sms"}}, d.now))

	messages, err := d.View.Messages(d.ctx, view.Page{})
	d.must(err)
	d.promised("messages", messages, "id", "inbox", "channel", "key", "from", "subject", "text", "lang", "category", "state", "cause", "ticket", "received_at", "recorded_at")
	d.same("newest first", []string{"k5", "k4", "k3", "k2", "k1"}, keys(messages))
	d.same("undecided", view.Message{ID: open, Inbox: "hotline", Channel: "sms", Key: "k4", State: "recorded", ReceivedAt: base.Stamp{Time: start}, RecordedAt: base.Stamp{Time: d.now}}, messages[1])
	for _, c := range []struct {
		page view.Page
		want []string
	}{
		{view.Page{Limit: 2}, []string{"k5", "k4"}},
		{view.Page{Limit: 2, Before: open}, []string{"k3", "k2"}},
		{view.Page{State: "parked"}, []string{"k5"}},
		{view.Page{State: "recorded"}, []string{"k4"}},
		{view.Page{Inbox: "support"}, []string{"k5"}},
		{view.Page{Ticket: messages[2].Ticket}, []string{"k3"}},
	} {
		got, err := d.View.Messages(d.ctx, c.page)
		d.must(err)
		d.same("page", c.want, keys(got))
	}

	tickets, err := d.View.Tickets(d.ctx, view.Page{State: "open", Limit: 2})
	d.must(err)
	d.promised("tickets", tickets, "id", "number", "subject", "status", "category", "priority", "queue", "contact", "channels", "message_count", "opened_at")
	d.same("tickets", []string{"T-3", "T-2"}, []string{tickets[0].Number, tickets[1].Number})
	outbox, err := d.View.Outbox(d.ctx, view.Page{Ticket: tickets[0].ID})
	d.must(err)
	d.promised("outbox", outbox, "id", "kind", "ticket", "message", "channel", "to", "state", "cause", "attempts", "due_at", "sent_at", "provider_id")
	d.same("outbox", 1, len(outbox))
	promises, err := d.View.Promises(d.ctx, view.Page{State: "due", Limit: 2})
	d.must(err)
	d.promised("promises", promises, "ticket", "kind", "due_at", "state", "cause", "settled_at")
	d.same("promises", []int64{3, 2}, []int64{promises[0].Ticket, promises[1].Ticket})
	waiting, err := d.View.Parked(d.ctx, view.Page{Inbox: "support", State: "too-large"})
	d.must(err)
	d.promised("parked", waiting, "id", "cause", "evidence")
	d.same("parked", parked, waiting[0].ID)
	inboxes, err := d.View.Inboxes(d.ctx)
	d.must(err)
	d.promised("inboxes", inboxes, "name", "channel", "address", "state", "last_contact_at", "lag_seconds", "last_error")
}

func keys(messages []view.Message) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = m.Key
	}
	return out
}

func trace(d *desk) {
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], phone(1))
	dec.Known = []byte(`{"last_hour":3}`)
	dec.Plan.Row.Redacted = map[string]int{"card": 1}
	dec.Plan.Row.From.Name = "Kim"
	dec.Plan.Row.Fields = map[string]string{"order-number": "TP1 <\"&>", "空": "值"}
	dec.Plan.Row.Attachments = append(dec.Plan.Row.Attachments, attachment(""))
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	id := dec.Plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: d.now, Code: "429"})
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Sent})
	st, err := d.View.Trace(d.ctx, dec.Plan.Message)
	d.must(err)
	d.same("trace", dec.Plan.Trace, st.Trace)
	given := []tables.Field{{Name: "order-number", Value: "TP1 <\"&>"}, {Name: "空", Value: "值"}}
	d.same("fields", given, st.Fields)
	of, err := d.View.FieldsOf(d.ctx, []int64{dec.Plan.Message, 99})
	d.must(err)
	d.same("fields of messages", map[int64][]tables.Field{dec.Plan.Message: given}, of)
	d.same("name", "Kim", st.Message.Name)
	d.same("known", `{"last_hour":3}`, string(st.Known))
	d.same("config, original, redacted", []any{"c0ffee", "kept", map[string]int{"card": 1}}, []any{st.Config, st.OriginalIs, st.Redacted})
	d.same("ticket", dec.Plan.Ticket.ID, st.Ticket.ID)
	d.same("parts", []int{1, 1, 1}, []int{len(st.Promises), len(st.Effects), len(st.Attachments)})
	files, err := d.View.Attachments(d.ctx, []int64{dec.Plan.Message, 999_999})
	d.must(err)
	d.same("files of several", map[int64][]view.Attached{dec.Plan.Message: st.Attachments}, files)
	for inbox, want := range map[string]bool{st.Message.Inbox: true, "nobody writes here": false} {
		used, err := d.View.Used(d.ctx, inbox)
		d.must(err)
		d.same("used: "+inbox, want, used)
	}
	d.same("tries", []outbox.Try{{N: 1, At: base.Stamp{Time: d.now}, Outcome: "retry", Code: "429"}, {N: 2, At: base.Stamp{Time: d.now}, Outcome: "sent"}}, st.Effects[0].Tries)
	if _, err := d.View.Trace(d.ctx, 999_999); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("error is %v, want ErrNotFound", err)
	}
	undecided, err := d.View.Trace(d.ctx, d.record(item("hotline", "k2", "two"))[0])
	d.must(err)
	d.same("undecided", "recorded", undecided.Message.State)
}

// listingsByTime records as two processes do that took their blocks of ids before: the later one has the lower ids.
func listingsByTime(d *desk) {
	at := d.now
	for i, after := range []int{30, 10, 40, 10, 20} { // in the order of ids
		d.now = at.Add(time.Duration(after) * time.Minute)
		d.open("k"+strconv.Itoa(i+1), phone(i))
	}
	d.now = at.Add(25 * time.Minute)
	waits := d.record(item("hotline", "k6", "six"))[0]
	bad := item("support", "k7", "seven")
	bad.Cause = causes.TooLarge
	d.now = at.Add(5 * time.Minute)
	d.record(bad)
	d.now = at.Add(35 * time.Minute)
	bad.Key = "k8"
	d.record(bad)

	want := []string{"k3", "k8", "k1", "k6", "k5", "k4", "k2", "k7"}
	d.same("messages, three a page", want, keys(pages(d, 3, d.View.Messages, func(m view.Message) int64 { return m.ID })))
	below, err := d.View.Messages(d.ctx, view.Page{Before: waits})
	d.must(err)
	d.same("below one that is undecided", want[4:], keys(below))
	var tickets []string
	for _, t := range pages(d, 2, d.View.Tickets, func(t view.Ticket) int64 { return t.ID }) {
		tickets = append(tickets, t.Number)
	}
	d.same("tickets, two a page", []string{"T-3", "T-1", "T-5", "T-4", "T-2"}, tickets)
	one, err := d.View.Tickets(d.ctx, view.Page{ID: 4})
	d.must(err)
	d.same("one ticket", 1, len(one))
	var outbox []int64
	for _, o := range pages(d, 2, d.View.Outbox, func(o view.OutboxRow) int64 { return o.ID }) {
		outbox = append(outbox, o.Ticket)
	}
	d.same("outbox, two a page", []int64{3, 1, 5, 4, 2}, outbox)
	parked, err := d.View.Parked(d.ctx, view.Page{Limit: 1})
	d.must(err)
	d.same("the newest parked", at.Add(35*time.Minute), d.recordedAt(parked[0].ID))
	promises, err := d.View.PromisesOf(d.ctx, []int64{2, 4, 99})
	d.must(err)
	d.same("promises of tickets", []int{1, 1, 0}, []int{len(promises[2]), len(promises[4]), len(promises[99])})
}

// pages reads a listing to its end.
func pages[T any](d *desk, limit int, fetch func(context.Context, view.Page) ([]T, error), id func(T) int64) (all []T) {
	d.t.Helper()
	for p := (view.Page{Limit: limit}); ; {
		rows, err := fetch(d.ctx, p)
		d.must(err)
		if len(rows) == 0 {
			return all
		}
		all = append(all, rows...)
		p.Before = id(rows[len(rows)-1])
	}
}

// recordedAt is when a message was recorded.
func (d *desk) recordedAt(id int64) time.Time {
	d.t.Helper()
	rows, err := d.View.Messages(d.ctx, view.Page{ID: id})
	d.must(err)
	return rows[0].RecordedAt.Time
}
