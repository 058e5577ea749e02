package stored

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/macros"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/tagging"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// routines are macros and ready answers.
type routines struct{ *Desk }

// Macros joins the pages' macros to the store.
func Macros(d *Desk) further.Macros { return routines{d} }

// filled is what a text of ours says on a ticket: with what its variables stand for.
func (d routines) filled(v viewer.Viewer, g answering.Ground, texts map[string]string) string {
	values := map[string]string{"agent": v.Name, "ticket": thread.TicketNumber(g.Ticket), "desk": "", "customer": ""}
	if d.House.Name != nil {
		values["desk"] = d.House.Name(g.Language)
	}
	if len(g.Recipients.To) > 0 {
		if values["customer"] = g.Recipients.To[0].Name; !v.May(viewer.Contact, g.Queue) {
			values["customer"] = veil.Text(values["customer"])
		}
	}
	text := message.Named(texts, g.Language, "")
	if text == "" {
		return ""
	}
	return letter.Fill(text, values)
}

// Fitting are all macros: what has no text in the customer's language still does its acts.
func (d routines) Fitting(ctx context.Context, v viewer.Viewer, number int64) (out []acts.Macro, ready []acts.Ready, err error) {
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return nil, nil, told(err)
	}
	all, err := d.Store.Macros.All(ctx, v)
	if err != nil {
		return nil, nil, told(err)
	}
	for _, m := range all {
		k := macroOf(m)
		k.Text = d.filled(v, g, m.Texts)
		out = append(out, k)
	}
	if d.Ready == nil || g.Of == 0 {
		return out, nil, nil
	}
	k, err := d.Store.Desk.Ticket(ctx, v, number)
	if err != nil {
		return nil, nil, told(err)
	}
	said, err := d.Store.Desk.Line(ctx, v, number, agents.Mark{Kind: agents.KindMessage, ID: g.Of})
	if errors.Is(err, store.ErrNotFound) || err == nil && said.Message == nil {
		return out, nil, nil
	}
	if err != nil {
		return nil, nil, told(err)
	}
	for _, f := range d.Ready(k.Category, g.Language, said.Message.Subject+"\n"+said.Message.Visible) {
		ready = append(ready, acts.Ready{Question: f[0], Answer: f[1]})
	}
	return out, ready, nil
}

func macroOf(m macros.Macro) acts.Macro {
	a := m.Acts
	return acts.Macro{Name: m.Name, Texts: m.Texts, Tags: a.Tags, Priority: a.Priority, Queue: a.Queue, Category: a.Category, Take: a.Take, Then: a.Then, Hours: a.Hours, Reason: a.Reason}
}

// Run does it. The text comes first, since an act may take the ticket out of the viewer's hands; closing comes last.
func (d routines) Run(ctx context.Context, v viewer.Viewer, number int64, name string) ([]acts.Ran, error) {
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return nil, told(err)
	}
	all, err := d.Store.Macros.All(ctx, v)
	if err != nil {
		return nil, told(err)
	}
	at := slices.IndexFunc(all, func(m macros.Macro) bool { return m.Name == name })
	if at < 0 { // somebody has taken it away meanwhile
		return []acts.Ran{{Act: "text", Why: whyNot(pages.ErrRefused)}}, nil
	}
	var out []acts.Ran
	did := func(act string, err error) {
		if errors.Is(err, pages.ErrNotFound) { // he may see the ticket: it is what the act names that is not there, or not his
			err = pages.ErrRefused
		}
		out = append(out, acts.Ran{Act: act, Why: whyNot(err)})
	}
	if text := d.filled(v, g, all[at].Texts); text != "" {
		did("text", d.append(ctx, v, number, text))
	}
	a, now := all[at].Acts, d.Now()
	for _, tag := range a.Tags {
		did("tag", told(d.Store.Tagging.Set(ctx, v, number, tag, false, now)))
	}
	if a.Take {
		did("take", told(d.Store.Desk.Take(ctx, v, number, d.Rules(), now)))
	}
	switch a.Then {
	case "pending":
		did("pending", told(d.Store.Desk.SetPending(ctx, v, number, now)))
	case "snooze":
		did("snooze", told(d.Store.Desk.Snooze(ctx, v, number, time.Time{}, now)))
	case "snooze-hours":
		did("snooze", told(d.Store.Desk.Snooze(ctx, v, number, now.Add(time.Duration(a.Hours)*time.Hour), now)))
	}
	if a.Queue != "" || a.Category != "" || a.Priority != "" { // it may leave the viewer's queues by this
		did("route", told(d.Store.Desk.Route(ctx, v, number, agents.Belongs{Queue: a.Queue, Category: a.Category, Priority: a.Priority}, now)))
	}
	if a.Then == "close" {
		did("close", told(d.Store.Desk.CloseFor(ctx, v, number, a.Reason, now)))
	}
	return out, nil
}

// append puts a text behind the viewer's draft. Somebody who types in another window is not overwritten: it is tried upon what he has saved by then.
func (d routines) append(ctx context.Context, v viewer.Viewer, number int64, text string) (err error) {
	for range 3 {
		drafts, err := d.Store.Answering.Drafts(ctx, v, number)
		if err != nil {
			return told(err)
		}
		k := drafts[replies.Answer]
		k.Ticket, k.Kind = number, replies.Answer
		k.Text = strings.TrimLeft(strings.TrimRight(k.Text, "\n")+"\n\n"+text, "\n")
		if _, err = d.Store.Answering.SaveDraft(ctx, v, k, d.Now()); !errors.Is(err, answering.ErrNewer) {
			return told(err)
		}
	}
	return pages.ErrNotSo
}

// whyNot is the key of why an act of a macro was not done; empty: it was.
func whyNot(err error) string {
	if err == nil {
		return ""
	}
	for _, e := range []struct {
		is   error
		word string
	}{{pages.ErrTaken, "taken"}, {pages.ErrFull, "full"}, {pages.ErrInOrder, "inorder"}, {pages.ErrNotSo, "notso"}, {pages.ErrRefused, "refused"}, {pages.ErrMerged, "merged"}} {
		if errors.Is(err, e.is) {
			return e.word
		}
	}
	return "failed"
}

// All are all macros.
func (d routines) All(ctx context.Context, v viewer.Viewer) (out []acts.Macro, err error) {
	all, err := d.Store.Macros.All(ctx, v)
	for _, m := range all {
		out = append(out, macroOf(m))
	}
	return out, told(err)
}

// Edits reports whether a viewer edits them.
func (d routines) Edits(v viewer.Viewer) bool { return snippets.May(v) }

// Save keeps one. Queues, categories and tags are those that there are.
func (d routines) Save(ctx context.Context, v viewer.Viewer, m acts.Macro) error {
	tags, err := d.Store.Tagging.List(ctx)
	if err != nil {
		return told(err)
	}
	for _, name := range m.Tags {
		if !slices.ContainsFunc(tags, func(t tagging.Tag) bool { return t.Name == name || t.Shown == name }) {
			return &further.Refused{Word: "macros.tag"}
		}
	}
	err = d.Store.Macros.Save(ctx, v, macros.Macro{Name: m.Name, Texts: m.Texts, Acts: macros.Acts{Tags: m.Tags, Priority: m.Priority, Queue: m.Queue, Category: m.Category,
		Take: m.Take, Then: m.Then, Hours: m.Hours, Reason: m.Reason}}, d.Now())
	for is, word := range map[error]string{macros.ErrName: "snippets.name", macros.ErrTooLong: "snippets.long", macros.ErrUnknown: "snippets.unknown", macros.ErrMany: "macros.many", macros.ErrActs: "macros.acts"} {
		if errors.Is(err, is) {
			return &further.Refused{Word: word}
		}
	}
	return told(err)
}
