package stored

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
)

// sides are what is asked of third parties.
type sides struct{ *Desk }

// Sides joins what the pages ask third parties to the store.
func Sides(d *Desk) further.Sides { return sides{d} }

// mostQuotes bounds the messages that a form offers to be quoted.
const mostQuotes = 20

// Ask is the form. What can be quoted are the newest messages of the customer; without a word, the newest one is.
func (d sides) Ask(ctx context.Context, v viewer.Viewer, number, side int64, of string) (acts.Asking, error) {
	var out acts.Asking
	threads, err := d.Store.Answering.Sides(ctx, v, number)
	if err != nil {
		return out, told(err)
	}
	mark := markOf(of)
	if mark.Kind == agents.KindReply {
		line, err := d.Store.Desk.Line(ctx, v, number, mark)
		if err == nil && line.Reply != nil && line.Reply.Side != 0 && line.Reply.Author == v.User {
			side, out.Text = line.Reply.Side, line.Reply.Text
		}
	}
	for _, k := range threads {
		if k.Address.IsZero() {
			continue
		}
		out.Sides = append(out.Sides, acts.Side{ID: k.ID, Name: k.Address.Name, Address: k.Address.Value})
		if k.ID == side {
			out.Side, out.Name, out.Address = k.ID, k.Address.Name, k.Address.Value
		}
	}
	if side != 0 && out.Side == 0 {
		return out, pages.ErrNotFound
	}
	lines, _, err := d.Store.Desk.Timeline(ctx, v, number, agents.Mark{}, 200)
	if err != nil {
		return out, told(err)
	}
	for _, l := range lines {
		if m := l.Message; m != nil && m.Side == 0 && !m.Erased && l.Ticket == number && len(out.Quotes) < mostQuotes {
			q := acts.Quote{ID: l.ID, By: cmp.Or(m.Name, m.From), At: l.Time(), Text: oneLine(m.Visible)}
			for _, f := range m.Files {
				if f.Digest != "" {
					q.Files++
				}
			}
			out.Quotes = append(out.Quotes, q)
		}
	}
	if out.Side == 0 && len(out.Quotes) > 0 {
		out.Quote = out.Quotes[0].ID
	}
	if mark.Kind == agents.KindMessage && slices.ContainsFunc(out.Quotes, func(q acts.Quote) bool { return q.ID == mark.ID }) {
		out.Quote = mark.ID
	}
	return out, nil
}

// Send asks a third party.
func (d sides) Send(ctx context.Context, v viewer.Viewer, number int64, a further.Asking) (int64, error) {
	w := answering.Aside{Key: a.Key, Ticket: number, Side: a.Side, Text: a.Text, Quote: a.Quote, Files: a.Files, Despite: shownOf(a.Despite)}
	var err error
	if w.Side == 0 {
		w.To, err = answering.ReadAddress(a.To)
	}
	var sent answering.Sent
	if err == nil {
		sent, err = d.Store.Answering.Ask(ctx, v, d.House, w, d.Now())
	}
	if found := new(answering.FoundError); errors.As(err, &found) {
		return 0, foundOf(found.Findings)
	}
	for is, as := range map[error]error{answering.ErrAddress: further.ErrAddress, answering.ErrPart: further.ErrPart} {
		if errors.Is(err, is) {
			return 0, fmt.Errorf("%w: %w", as, err)
		}
	}
	return sent.Reply, told(err)
}
