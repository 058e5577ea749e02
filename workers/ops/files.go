package ops

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/workers/decide"
	"frontdesk/workers/gate"
	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/readable"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/view"
)

const (
	// foreignPolicy is for bytes of a stranger: they run nothing, load nothing, send nothing and belong to no origin.
	foreignPolicy = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// framedPolicy is the same for what our own page shows in a frame.
	framedPolicy = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
	// framingPolicy is the pages' own, for the page that holds such a frame.
	framingPolicy = gate.Policy + "; frame-src 'self'"
)

// originalPage shows a message as it came. Whoever sees it has his name in the journal: an original holds more than
// the masked text of all other pages.
type originalPage struct {
	frame.Frame
	Story     view.Story
	Message   view.Message
	Original  decide.Original
	Formatted bool // the formatted version is shown
}

// opened reads the message of the request with its original, and writes into the journal that somebody has read it,
// before it is shown. how is what was read ("text", "formatted"); "" for a page that only holds a frame. ok is false
// when an answer was given.
func (d *desk) opened(w http.ResponseWriter, r *http.Request, how string) (st view.Story, o decide.Original, ok bool) {
	id := frame.Number(r.PathValue("id"))
	st, err := d.Store.View.Trace(r.Context(), id)
	if err == nil && d.Original == nil {
		err = store.ErrNotFound
	}
	if err == nil {
		o, err = d.Original(r.Context(), st.Message)
	}
	if err == nil && how != "" {
		err = d.Store.Acts.Looked(r.Context(), id, how, time.Now(), entrance.Who(r))
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		d.Fail(w, r, http.StatusNotFound, "error.original")
	case err != nil:
		d.Broken(w, r, err)
	}
	return st, o, err == nil
}

// original shows the text.
func (d *desk) original(w http.ResponseWriter, r *http.Request) {
	st, o, ok := d.opened(w, r, "text")
	if !ok {
		return
	}
	o.Hidden = o.Hidden || o.HTML != "" && !d.mayFormat(st, o)
	d.Render(w, r, http.StatusOK, "original", originalPage{Frame: d.Frame(w, r, "title.original", st.Message.ID), Story: st, Message: st.Message, Original: o})
}

// formattedPage holds the frame in which the formatted version is shown.
// The frame has an address of its own, formatted/body, whose answer may do nothing at all (framedPolicy); so a mail's
// HTML never stands in our page.
func (d *desk) formattedPage(w http.ResponseWriter, r *http.Request) {
	st, o, ok := d.opened(w, r, "")
	if !ok {
		return
	}
	o.Hidden = o.Hidden || o.HTML != "" && !d.mayFormat(st, o)
	w.Header().Set("Content-Security-Policy", framingPolicy)
	d.Render(w, r, http.StatusOK, "original", originalPage{Frame: d.Frame(w, r, "title.original", st.Message.ID), Story: st, Message: st.Message, Original: o, Formatted: true})
}

// mayFormat reports whether nothing of the message has to be masked: in formatted text a number can be spread over tags, so
// nothing is masked there; it is shown as text.
func (d *desk) mayFormat(st view.Story, o decide.Original) bool {
	if len(st.Redacted) > 0 || o.HTML == "" {
		return false
	}
	f := readable.Harmless(o.HTML)
	for _, text := range []string{f.Spaced, f.Unbound} {
		if _, found := d.Mask.Text(text); len(found) > 0 {
			return false
		}
	}
	return true
}

// formattedBody is what the frame shows.
func (d *desk) formattedBody(w http.ResponseWriter, r *http.Request) {
	st, o, ok := d.opened(w, r, "formatted")
	if !ok {
		return
	}
	if !d.mayFormat(st, o) {
		d.Fail(w, r, http.StatusNotFound, "error.formatted")
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", framedPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	d.Write(w, http.StatusOK, []byte("<!doctype html><meta charset=\"utf-8\"><title>-</title><body>"+readable.Harmless(o.HTML).HTML))
}

// shownTypes are the types of file that a browser shows here: pictures without code.
func shownTypes() []string { return []string{"image/png", "image/jpeg", "image/gif", "image/webp"} }

// longestShown bounds a text file that is shown, in bytes; a larger one is downloaded: it would be masked as a whole
// at each look.
const longestShown = 256 << 10

// file hands an attachment out: pictures and plain text are shown, everything else is downloaded. What a scanner
// takes for malware stays here. Each look is in the journal.
func (d *desk) file(w http.ResponseWriter, r *http.Request) {
	id, n := frame.Number(r.PathValue("id")), int(frame.Number(r.PathValue("n")))
	files, err := d.Store.View.Attachments(r.Context(), []int64{id})
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	i := slices.IndexFunc(files[id], func(a view.Attached) bool { return a.N == n && r.PathValue("n") == strconv.Itoa(n) })
	if i < 0 || files[id][i].Digest == "" {
		d.Fail(w, r, http.StatusNotFound, "error.file")
		return
	}
	a := files[id][i]
	if a.Scan == view.ScanMalware {
		d.Fail(w, r, http.StatusForbidden, "error.malware")
		return
	}
	content, err := d.Store.Files.Blob(r.Context(), a.Digest)
	if err == nil {
		err = d.Store.Acts.Looked(r.Context(), id, "file "+strconv.Itoa(n), time.Now(), entrance.Who(r))
	}
	switch {
	case errors.Is(err, blobs.ErrNotFound):
		d.Fail(w, r, http.StatusNotFound, "error.file")
	case err != nil:
		d.Broken(w, r, err)
	default:
		d.hand(w, a, content, r.URL.Query().Has("download"))
	}
}

// hand writes the file's bytes as what they are, not as what their sender calls them.
func (d *desk) hand(w http.ResponseWriter, a view.Attached, content []byte, download bool) {
	h := w.Header()
	h.Set("Content-Security-Policy", foreignPolicy)
	kind, shown := "application/octet-stream", "attachment"
	switch is, _, _ := strings.Cut(http.DetectContentType(content), ";"); {
	case download:
	case slices.Contains(shownTypes(), is):
		kind, shown = is, "inline"
	case is == "text/plain" && strings.HasPrefix(strings.ToLower(a.MediaType), "text/plain") && len(content) <= longestShown:
		masked, _ := d.Mask.Text(strings.ToValidUTF8(string(content), "\uFFFD"))
		kind, shown, content = "text/plain; charset=utf-8", "inline", []byte(masked)
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(shown, a.Name))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	bytes.NewReader(content).WriteTo(w) //nolint:errcheck // the browser has gone away
}

// disposition names the file as RFC 6266 has it: in ASCII for old programs, and in full (RFC 8187).
func disposition(how, name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.TrimLeft(strings.ToValidUTF8(name, "_"), ". "))
	if name == "" {
		name = "file"
	}
	ascii := safeName(name)
	if strings.Trim(ascii, ".") == "" {
		ascii = "file"
	}
	out := mime.FormatMediaType(how, map[string]string{"filename": ascii})
	if ascii != name {
		out += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	return out
}
