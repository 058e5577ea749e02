package stored

import (
	"context"
	"errors"

	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// phrases are the desk's snippets.
type phrases struct{ *Desk }

// Snippets joins the pages' snippets to the store.
func Snippets(d *Desk) pages.Snippets { return phrases{d} }

// Fitting are those with a text in the customer's language, or in English where he reads no Chinese, with what their variables stand for.
func (d phrases) Fitting(ctx context.Context, v viewer.Viewer, number int64) ([][2]string, error) {
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return nil, told(err)
	}
	all, err := d.Store.Snippets.All(ctx, v)
	if err != nil {
		return nil, told(err)
	}
	values := map[string]string{"agent": v.Name, "ticket": thread.TicketNumber(number), "desk": "", "customer": ""}
	if d.House.Name != nil {
		values["desk"] = d.House.Name(g.Language)
	}
	if len(g.Recipients.To) > 0 {
		if values["customer"] = g.Recipients.To[0].Name; !v.May(viewer.Contact, g.Queue) {
			values["customer"] = veil.Text(values["customer"])
		}
	}
	out := [][2]string{}
	for _, s := range all {
		if text := message.Named(s.Texts, g.Language, ""); text != "" {
			out = append(out, [2]string{s.Name, letter.Fill(text, values)})
		}
	}
	return out, nil
}

// All are all snippets.
func (d phrases) All(ctx context.Context, v viewer.Viewer) (out []pages.Snippet, err error) {
	all, err := d.Store.Snippets.All(ctx, v)
	for _, s := range all {
		out = append(out, pages.Snippet(s))
	}
	return out, told(err)
}

// Edits reports whether a viewer edits them.
func (d phrases) Edits(v viewer.Viewer) bool { return snippets.May(v) }

// Save keeps one.
func (d phrases) Save(ctx context.Context, v viewer.Viewer, s pages.Snippet) error {
	err := d.Store.Snippets.Save(ctx, v, snippets.Snippet(s), d.Now())
	for is, word := range map[error]string{snippets.ErrName: "snippets.name", snippets.ErrTooLong: "snippets.long", snippets.ErrUnknown: "snippets.unknown", snippets.ErrMany: "snippets.many"} {
		if errors.Is(err, is) {
			return &pages.Refusal{Word: word}
		}
	}
	return told(err)
}
