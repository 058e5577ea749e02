package stored

import (
	"context"
	"errors"
	"slices"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
)

func kindOf(note bool) replies.Kind {
	if note {
		return replies.Note
	}
	return replies.Answer
}

// Save keeps a draft.
func (d *Desk) Save(ctx context.Context, v viewer.Viewer, number int64, k pages.Kept) (int64, error) {
	kind := kindOf(k.Note)
	version, err := d.Store.Answering.SaveDraft(ctx, v, answering.Draft{Ticket: number, Kind: kind, Version: k.Version, Text: k.Text}, d.Now())
	if !errors.Is(err, answering.ErrNewer) {
		return version, told(err)
	}
	all, err := d.Store.Answering.Drafts(ctx, v, number)
	if err != nil {
		return 0, told(err)
	}
	return 0, &pages.Conflict{Now: draftOf(all[kind])}
}

// Reply sends an answer to whom the box shows.
func (d *Desk) Reply(ctx context.Context, v viewer.Viewer, number int64, o pages.Outgoing) (int64, error) {
	g, err := d.grounded(ctx, v, number, o.By)
	if err != nil {
		return 0, told(err)
	}
	if o.Ground != d.digest(g) {
		if g.Talk != o.Seen { // what was written since has changed it
			return 0, d.overtaken(ctx, v, number, g.Talk-o.Seen)
		}
		return 0, pages.ErrChanged
	}
	sent, err := d.Store.Answering.Send(ctx, v, d.House, answering.Writing{Key: o.Key, Kind: replies.Answer, Ticket: number, Seen: o.Seen, Anyway: o.Anyway, Despite: shownOf(o.Despite), Text: o.Text,
		Channel: g.Channel, Inbox: g.Inbox, Carries: g.Carries, Recipients: g.Recipients, Subject: g.Subject, Language: g.Language, Of: g.Of, Elsewhere: g.Elsewhere}, d.Now())
	if errors.Is(err, answering.ErrOvertaken) {
		return 0, d.overtaken(ctx, v, number, g.Talk-o.Seen)
	}
	if found := new(answering.FoundError); errors.As(err, &found) {
		return 0, foundOf(found.Findings)
	}
	return sent.Reply, told(err)
}

// digest stands for whom an answer goes to, and by which way, in a page that will be sent.
func (d *Desk) digest(g answering.Ground) string {
	parts := [][]byte{[]byte("ground"), []byte(g.Inbox), []byte(g.Channel)}
	for _, all := range [][]message.Address{g.Recipients.To, g.Recipients.Cc} {
		for _, a := range all {
			parts = append(parts, []byte(a.Kind), []byte(a.Value))
		}
		parts = append(parts, []byte("copies"))
	}
	return d.Store.Base.Digest(parts...)[:32]
}

// overtaken is what others have written since: the newest lines that are somebody's words.
func (d *Desk) overtaken(ctx context.Context, v viewer.Viewer, number, missed int64) error {
	lines, _, err := d.Store.Desk.Timeline(ctx, v, number, agents.Mark{}, pageLines)
	if err != nil {
		return told(err)
	}
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	out := &pages.Overtaken{}
	for _, l := range lines {
		if (l.Message != nil && l.Message.Side == 0 || l.Reply != nil && l.Reply.Side == 0) && int64(len(out.Lines)) < max(missed, 1) {
			out.Lines = append(out.Lines, shown(v, number, l, names, d.Now()))
		}
	}
	slices.Reverse(out.Lines)
	return out
}

// Note leaves a note for colleagues.
func (d *Desk) Note(ctx context.Context, v viewer.Viewer, number int64, o pages.Outgoing) error {
	sent, err := d.Store.Answering.Send(ctx, v, d.House, answering.Writing{Key: o.Key, Kind: replies.Note, Ticket: number, Anyway: true, Text: o.Text}, d.Now())
	if err != nil {
		return told(err)
	}
	missed, err := d.Store.Mentions.Note(ctx, v, sent.Reply, number, o.Text, d.Now())
	if err == nil && len(missed) > 0 {
		return &pages.Missed{Logins: missed}
	}
	return told(err)
}

// Sent is an answer that was sent just now.
func (d *Desk) Sent(ctx context.Context, v viewer.Viewer, reply int64) (desk.Sent, error) {
	number, r, err := d.Store.Desk.Reply(ctx, v, reply)
	if err != nil {
		return desk.Sent{}, told(err)
	}
	out := desk.Sent{Reply: reply, Number: number, Left: sending(reply, r, d.Now()).Left, Aside: r.Side != 0}
	if to := r.Recipients.To; len(to) > 0 {
		if out.To = to[0].Name; out.To == "" {
			out.To = to[0].Value
		}
	}
	return out, nil
}

// Undo takes an answer back.
func (d *Desk) Undo(ctx context.Context, v viewer.Viewer, reply int64) (int64, error) {
	number, r, err := d.Store.Desk.Reply(ctx, v, reply)
	if err != nil {
		return 0, told(err)
	}
	err = d.Store.Answering.Undo(ctx, v, reply, d.Now())
	if errors.Is(err, store.ErrNotFound) && r.State != "" {
		return number, pages.ErrLate
	}
	return number, told(err)
}

// Retry sends an answer once more that has failed.
func (d *Desk) Retry(ctx context.Context, v viewer.Viewer, reply int64) (int64, error) {
	number, r, err := d.Store.Desk.Reply(ctx, v, reply)
	if err != nil {
		return 0, told(err)
	}
	err = d.Store.Answering.Retry(ctx, v, reply, d.Now())
	if errors.Is(err, store.ErrNotFound) && r.State != effects.Failed {
		return number, pages.ErrNotSo
	}
	return number, told(err)
}
