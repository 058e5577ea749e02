// Package reading serves what agents read of a message beside its masked text: its formatted version, its files, and how it was sent. All of it
// comes from strangers. The formatted version is a document of its own in which nothing runs, loads or leads anywhere; a file is what its
// content says, never what its sender calls it, and is saved unless it is a picture or a sound.
package reading

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"html"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/attach"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/copying/clean"
	"frontdesk/workers/store"
	"frontdesk/workers/store/copies"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

const (
	// framed is the policy of a mail's document (Content Security Policy): no script, no address of its own, no form, nothing loaded. Its
	// pictures stand in it, since the cookie of who reads goes with no request out of a sandbox.
	framed = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
	// saved is the policy of a file, for a browser that shows it.
	saved = "sandbox; default-src 'none'; frame-ancestors 'none'"
)

// embedded bounds the pictures that stand in a document, in bytes of their files. What is beyond is among the files.
const embedded = 8 << 20

// style is how a mail looks that says nothing of it.
const style = "body{margin:12px;font:15px/1.5 system-ui,sans-serif;color:#1b1b1a;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}td,th{padding:2px 8px 2px 0}small{color:#5c5b57}"

// Config is what reading is joined to.
type Config struct {
	Store  *store.Store
	Viewer func(*http.Request) viewer.Viewer
	// Whole reports whether nothing of an original would have to be masked, so that it may be read as it was sent.
	Whole func(context.Context, view.Message) (bool, error)
	// Mail reports whether what comes by a channel is mail, which programs open by its extension.
	Mail func(channel string) bool
	// Missing answers for what is not there, or not for who asks.
	Missing http.HandlerFunc
	Logger  *slog.Logger
	Now     func() time.Time // nil: time.Now
}

// Reading serves it.
type Reading struct{ Config }

// New makes it.
func New(c Config) *Reading {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Reading{c}
}

// Routes are the handlers by their patterns, for who is signed in.
func (d *Reading) Routes() map[string]http.HandlerFunc {
	const message = "GET /desk/tickets/{number}/messages/{message}"
	return map[string]http.HandlerFunc{message + "/formatted": d.formatted, message + "/files/{n}": d.file, message + "/original": d.original}
}

// named are the ticket and the message of a request; 0: none.
func named(r *http.Request) (ticket, message int64) {
	message, err := strconv.ParseInt(r.PathValue("message"), 10, 64)
	if err != nil || message < 1 || strconv.FormatInt(message, 10) != r.PathValue("message") {
		return 0, 0
	}
	ticket, err = strconv.ParseInt(strings.TrimPrefix(r.PathValue("number"), "T-"), 10, 64)
	if err != nil || ticket < 1 || thread.TicketNumber(ticket) != r.PathValue("number") {
		return 0, 0
	}
	return ticket, message
}

// failed answers for what could not be read.
func (d *Reading) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case r.Context().Err() != nil: // nobody is there any more
	case errors.Is(err, store.ErrNotFound):
		d.Missing(w, r)
	default:
		d.Logger.Error("reading a message for the desk failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "It could not be read. Try again.", http.StatusServiceUnavailable)
	}
}

// formatted is the document that a page of ours holds in a frame.
func (d *Reading) formatted(w http.ResponseWriter, r *http.Request) {
	ticket, message := named(r)
	v := d.Viewer(r)
	copied, err := d.Store.Copies.Formatted(r.Context(), v, ticket, message)
	if err != nil {
		d.failed(w, r, err)
		return
	}
	room := embedded
	copied = clean.Embed(copied, func(n int) string {
		_, content, err := d.Store.Copies.File(r.Context(), v, ticket, message, n)
		kind := picture(content)
		if err != nil || kind == "" || len(content) > room {
			return ""
		}
		room -= len(content)
		return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	})
	h := w.Header()
	h.Set("Content-Security-Policy", framed)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(`<!doctype html><html><head><meta charset="utf-8"><title>` + html.EscapeString(r.PathValue("number")) + `</title><style>` + style + `</style></head><body>` + copied + `</body></html>`)) // the browser has gone away
}

// file gives a file: to be saved, or with ?show where it is a picture or a sound.
func (d *Reading) file(w http.ResponseWriter, r *http.Request) {
	ticket, message := named(r)
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || strconv.Itoa(n) != r.PathValue("n") {
		d.Missing(w, r)
		return
	}
	a, content, err := d.Store.Copies.File(r.Context(), d.Viewer(r), ticket, message, n)
	switch {
	case errors.Is(err, copies.ErrHeld):
		http.Error(w, "A scanner takes this file for malware. It is not handed out.", http.StatusForbidden)
		return
	case err != nil:
		d.failed(w, r, err)
		return
	}
	kind := ""
	if r.URL.Query().Has("show") {
		if kind = picture(content); kind == "" {
			kind = sound(content)
		}
	}
	d.give(w, r, a.Name, kind, content)
}

// give writes bytes of a stranger. kind is what they are shown as; empty: they are saved.
func (d *Reading) give(w http.ResponseWriter, r *http.Request, name, kind string, content []byte) {
	how := "inline"
	if kind == "" {
		kind, how = "application/octet-stream", "attachment"
	}
	h := w.Header()
	h.Set("Content-Security-Policy", saved)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": attach.FileName(name)}))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content)) // a sound is asked for in pieces
}

// original gives a message as it was sent, to be saved. Who has read it stands in the journal.
func (d *Reading) original(w http.ResponseWriter, r *http.Request) {
	ticket, message := named(r)
	v := d.Viewer(r)
	m, raw, err := d.Store.Copies.Original(r.Context(), v, ticket, message)
	whole := false
	if err == nil {
		whole, err = d.Whole(r.Context(), m)
	}
	if err == nil && !whole {
		err = store.ErrNotFound
	}
	if err == nil {
		err = d.Store.Acts.Looked(r.Context(), message, "as it was sent", d.Now(), v.Login)
	}
	if err != nil {
		d.failed(w, r, err)
		return
	}
	name := r.PathValue("number") + "-" + r.PathValue("message") + ".txt"
	if d.Mail(m.Channel) {
		name = strings.TrimSuffix(name, "txt") + "eml"
	}
	d.give(w, r, name, "", raw)
}
