package stored

import (
	"context"
	"html"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"frontdesk/channels/attach"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// fileURL is where a file of a ticket is.
func fileURL(number, file int64) string {
	return "/desk/tickets/" + thread.TicketNumber(number) + "/files/" + strconv.FormatInt(file, 10)
}

// messageURL is where a message of a ticket is read beside its text (package reading).
func messageURL(number, message int64) string {
	return "/desk/tickets/" + thread.TicketNumber(number) + "/messages/" + strconv.FormatInt(message, 10)
}

// attached is a customer's file, of a message at that address that says text. What it is shown as says its sender here, and its content
// where it is served.
func attached(message, text string, f view.Attached) desk.File {
	out := desk.File{Name: attach.FileName(f.Name), Bytes: f.Size}
	if f.Scan != view.ScanClean {
		out.Scan = f.Scan
	}
	if f.Digest == "" || f.Scan == view.ScanMalware {
		return out
	}
	out.URL = message + "/files/" + strconv.Itoa(f.N)
	kind, of, _ := strings.Cut(attach.MediaType(f.MediaType), "/")
	out.Card = kind == "image" && redact.SpeaksOfCard(text+"\n"+out.Name)
	switch out.Sound = kind == "audio"; {
	case out.Sound, kind == "image" && slices.Contains([]string{"png", "jpeg", "jpg", "pjpeg", "gif", "webp"}, of):
		out.Show = out.URL + "?show"
	}
	return out
}

func fileOf(e answering.Enclosure) desk.File {
	return desk.File{ID: e.ID, Name: e.Name, Bytes: e.Size, Shown: e.Shown, URL: fileURL(e.Ticket, e.ID)}
}

// beside are the files beside a draft of the viewer's.
func (d *Desk) beside(ctx context.Context, v viewer.Viewer, number int64, kind replies.Kind) (out []desk.File, err error) {
	all, err := d.Store.Answering.Enclosed(ctx, v, number, kind)
	for _, e := range all {
		out = append(out, fileOf(e))
	}
	return out, told(err)
}

// files are the desk's files.
type files struct{ *Desk }

// Files joins the pages' files to the store.
func Files(d *Desk) pages.Files { return files{d} }

// Enclose puts a file beside a draft, as far as the channel takes it.
func (d files) Enclose(ctx context.Context, v viewer.Viewer, number int64, u pages.Upload) (desk.File, error) {
	g, err := d.grounded(ctx, v, number, u.By)
	if err != nil {
		return desk.File{}, told(err)
	}
	e, err := d.Store.Answering.Enclose(ctx, v, answering.Enclosure{Ticket: number, Kind: kindOf(u.Note), Name: u.Name, Type: u.Type, Shown: u.Pasted}, u.Content, g.Carries, d.Now())
	return fileOf(e), told(err)
}

// Remove takes a file away from a draft.
func (d files) Remove(ctx context.Context, v viewer.Viewer, number, file int64) error {
	return told(d.Store.Answering.Remove(ctx, v, number, file))
}

// File reads a file of a ticket.
func (d files) File(ctx context.Context, v viewer.Viewer, number, file int64) (name, kind string, content []byte, err error) {
	e, content, err := d.Store.Answering.File(ctx, v, number, file)
	return e.Name, answering.Picture(content), content, told(err)
}

// Preview is what would go out of a text, with what stands below it.
func (d files) Preview(ctx context.Context, v viewer.Viewer, number int64, note bool, text, by string) (template.HTML, error) {
	g, err := d.grounded(ctx, v, number, by)
	if err != nil {
		return "", told(err)
	}
	kind := kindOf(note)
	whole := letter.Whole{Text: text}
	whole.Signature, whole.Quote, err = d.Store.Answering.Below(ctx, v, d.House, answering.Writing{Kind: kind, Ticket: number, Inbox: g.Inbox, Language: g.Language, Of: g.Of})
	if err != nil {
		return "", told(err)
	}
	files, err := d.beside(ctx, v, number, kind)
	if err != nil {
		return "", err
	}
	if !note && !g.Carries.HTML {
		return template.HTML("<pre>" + html.EscapeString(whole.Said()) + "</pre>"), nil //nolint:gosec // it is escaped here
	}
	return template.HTML(whole.HTML(pictures(files))), nil //nolint:gosec // letter writes every tag itself, and escapes the rest
}
