package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"frontdesk/pipeline/letter"
	"frontdesk/templates/desk"
)

// Bounds of what is uploaded, in bytes: a file, and the fields beside it.
const (
	largestUpload = 25 << 20
	longestField  = maxDraft
)

// posted is a form with a file in it, as it is read into memory: a form's own reader would leave a large file readable on the disk.
type posted struct {
	fields map[string]string
	file   Upload
}

// read reads a form of several parts. Of fields that come twice the first counts, and of files, too.
func read(parts *multipart.Reader) (in posted, err error) {
	in.fields = map[string]string{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return in, err
		}
		name, file := part.FormName(), part.FileName()
		most := int64(longestField)
		if file != "" {
			most = largestUpload
		}
		content, err := io.ReadAll(io.LimitReader(part, most+1))
		switch _, twice := in.fields[name]; {
		case err != nil:
			return in, err
		case int64(len(content)) > most:
			return in, ErrTooLong
		case file != "" && in.file.Content == nil:
			in.file.Name, in.file.Type, in.file.Content = file, part.Header.Get("Content-Type"), content
		case file == "" && !twice && len(in.fields) < 32:
			in.fields[name] = string(content)
		}
	}
}

// upload puts a file beside what is being written. A script is told of it and has its chip; a browser without one gets the page again, with
// the text that it had.
func (p *Pages) upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestUpload+2*longestField)
	select {
	case p.room <- struct{}{}:
		defer func() { <-p.room }()
	case <-r.Context().Done():
		return
	}
	number := ticketNumber(r.PathValue("number"))
	parts, err := r.MultipartReader()
	if number == 0 {
		p.refused(w, r, Outgoing{}, false, ErrNotFound)
		return
	}
	if err != nil {
		p.refused(w, r, Outgoing{}, false, errNoForm)
		return
	}
	in, err := read(parts)
	o := Outgoing{Key: in.fields["key"], Text: tidy(in.fields["text"])}
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		err = ErrTooLong
	}
	in.file.Note, in.file.Pasted = in.fields["kind"] == "note", in.fields["pasted"] != ""
	if in.file.By = wayOf(in.fields["by"]); in.file.By != "" && r.ParseForm() == nil {
		r.Form.Set("by", in.file.By) // the page that comes again has its box so
	}
	var kept desk.File
	switch {
	case err != nil:
	case len(in.file.Content) == 0:
		err = ErrNoFiles
	default:
		kept, err = p.Files.Enclose(r.Context(), p.Viewer(r), number, in.file)
	}
	if err != nil {
		p.refused(w, r, o, in.file.Note, err)
		return
	}
	p.Logger.Info("done at the desk", "act", "file", "ticket", number, "user", p.Viewer(r).User)
	p.beside(w, r, o, in.file.Note, &kept)
}

// errNoForm says that something else than a form with a file came.
var errNoForm = errors.New("that is no form with a file")

// remove takes a file from beside what is being written.
func (p *Pages) remove(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number := ticketNumber(r.PathValue("number"))
	o, note := Outgoing{Key: r.PostFormValue("key"), Text: tidy(r.PostFormValue("text"))}, r.PostFormValue("kind") == "note"
	err := ErrNotFound
	if number > 0 {
		err = p.Files.Remove(r.Context(), p.Viewer(r), number, positive(r.PathValue("id")))
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		p.refused(w, r, o, note, err)
		return
	}
	p.beside(w, r, o, note, nil)
}

// beside says what stands beside the text now: to a script the file that came, to a browser without one the page again.
func (p *Pages) beside(w http.ResponseWriter, r *http.Request, o Outgoing, note bool, kept *desk.File) {
	if !scripted(r) {
		p.shown(w, r, o, note, http.StatusOK, nil)
		return
	}
	said := map[string]string{}
	if kept != nil {
		var chip bytes.Buffer
		if err := p.pages.Part(&chip, p.language(w, r), "ticket", "chip", map[string]any{"f": *kept, "at": "/desk/tickets/" + r.PathValue("number")}); err != nil {
			p.Logger.Error("rendering a file failed", "error", err)
		}
		said["chip"] = chip.String()
		if kept.Shown {
			said["mark"] = letter.Image(kept.Name, strconv.FormatInt(kept.ID, 10))
		}
	}
	p.say(w, http.StatusOK, said)
}

// refused says why a file was not taken.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, o Outgoing, note bool, err error) {
	status, word := http.StatusServiceUnavailable, "answer.broken"
	switch {
	case errors.Is(err, ErrTooLong):
		status, word = http.StatusRequestEntityTooLarge, "file.large"
	case errors.Is(err, ErrNoFiles):
		status, word = http.StatusUnprocessableEntity, "file.no"
	case errors.Is(err, ErrNotFound):
		status, word = http.StatusNotFound, ""
	case errors.Is(err, ErrRefused):
		status, word = http.StatusForbidden, ""
	case errors.Is(err, errNoForm):
		status, word = http.StatusUnsupportedMediaType, ""
	case r.Context().Err() != nil, errors.Is(err, io.ErrUnexpectedEOF):
		return // the browser has gone away
	default:
		p.Logger.Error("keeping a file failed", "path", r.URL.Path, "error", err)
	}
	switch {
	case scripted(r), errors.Is(err, errNoForm):
		p.say(w, status, nil)
	case word == "":
		p.broken(w, r, o.Text, err)
	default:
		p.shown(w, r, o, note, status, func(a *desk.Answer) { a.Failed = word })
	}
}

// scripted reports whether a script of ours asks.
func scripted(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// shown shows the ticket with the text in its box, for browsers without a script.
func (p *Pages) shown(w http.ResponseWriter, r *http.Request, o Outgoing, note bool, status int, change func(*desk.Answer)) {
	page, lang, ok := p.readTicket(w, r, o.Text)
	if !ok {
		return
	}
	a := page.Ticket.Answer
	if a == nil {
		p.broken(w, r, o.Text, ErrRefused)
		return
	}
	if page.Note = note; note {
		a.Note.Text = o.Text
	} else {
		a.Reply.Text = o.Text
		if keyShape.MatchString(o.Key) {
			a.Key = o.Key
		}
		measure(a)
	}
	if change != nil {
		change(a)
	}
	p.render(w, status, lang, "ticket", "layout", page)
}

// preview shows what would go out: to a script that alone, to a browser without one the page with it.
func (p *Pages) preview(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number := ticketNumber(r.PathValue("number"))
	o, note := Outgoing{Key: r.PostFormValue("key"), Text: tidy(r.PostFormValue("text"))}, r.PostFormValue("kind") == "note"
	if len(o.Text) > maxDraft {
		p.refused(w, r, o, note, ErrTooLong)
		return
	}
	err := context.Cause(r.Context())
	if number == 0 {
		err = ErrNotFound
	}
	var made desk.Answer
	if err == nil {
		made.Preview, err = p.Files.Preview(r.Context(), p.Viewer(r), number, note, o.Text, way(r))
	}
	switch {
	case err != nil:
		p.refused(w, r, o, note, err)
	case scripted(r):
		p.say(w, http.StatusOK, map[string]string{"html": string(made.Preview)})
	default:
		p.shown(w, r, o, note, http.StatusOK, func(a *desk.Answer) { a.Preview = made.Preview })
	}
}

// file gives a file. An image is shown, in a frame of its own in which nothing runs; everything else is saved, whatever it says it is.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) {
	number, id := ticketNumber(r.PathValue("number")), positive(r.PathValue("id"))
	name, kind, content, err := "", "", []byte(nil), ErrNotFound
	if number > 0 && id > 0 {
		name, kind, content, err = p.Files.File(r.Context(), p.Viewer(r), number, id)
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	h := w.Header()
	disposition := "inline"
	if kind == "" {
		kind, disposition = "application/octet-stream", "attachment"
	}
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content) // the browser has gone away
}
