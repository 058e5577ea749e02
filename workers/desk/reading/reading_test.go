package reading

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

const (
	png  = "\x89PNG\r\n\x1a\n0000"
	gif  = "GIF89a0000"
	ogg  = "OggS\x00\x02"
	svg  = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`
	page = "<!doctype html><script>alert(1)</script>"
)

// rig is reading over a store with a household in it.
type rig struct {
	t *testing.T
	*storetest.Household
	store   *store.Store
	mux     *http.ServeMux
	who     viewer.Viewer
	whole   error
	masked  bool
	message int64
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, store: storetest.SQLite(t), mux: http.NewServeMux(), who: viewer.Viewer{User: 4, Login: "chen", Grants: []viewer.Grant{{Role: viewer.Agent}}}}
	r.Household = storetest.NewHousehold(t, r.store)
	r.message = r.AnnMessages[1]
	d := New(Config{Store: r.store, Viewer: func(*http.Request) viewer.Viewer { return r.who }, Mail: func(channel string) bool { return channel == "email" },
		Whole: func(context.Context, view.Message) (bool, error) { return !r.masked, r.whole }, Missing: http.NotFound, Logger: slog.New(slog.DiscardHandler)})
	for pattern, h := range d.Routes() {
		r.mux.HandleFunc(pattern, h)
	}
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) do(statement string, args ...any) {
	r.t.Helper()
	r.must(r.store.Base.Write(r.t.Context(), func(tx sql.Tx) error { return tx.Run(r.t.Context(), sql.Do(statement, args...)) }))
}

// file puts a file into the message, under a number.
func (r *rig) file(n int, name, kind, content string) {
	r.t.Helper()
	digest, err := r.store.Files.PutBlob(r.t.Context(), []byte(content))
	r.must(err)
	r.do(`INSERT INTO attachments (message, n, name, media_type, size, inline, content_id, ref, digest) VALUES ($1, $2, $3, $4, $5, false, '', '', $6)`, r.message, int64(n), name, kind, int64(len(content)), digest)
}

func (r *rig) get(path string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

func (r *rig) at(rest string) string {
	return fmt.Sprintf("/desk/tickets/T-%d/messages/%d/%s", r.AnnTicket, r.message, rest)
}

// TestAFileIsWhatItsContentSays: never what its sender calls it. D42's SVG is saved and runs nothing; no name breaks a header or leaves its folder.
func TestAFileIsWhatItsContentSays(t *testing.T) {
	r := newRig(t)
	for i, c := range []struct{ title, name, kind, content, shown, as string }{
		{"a picture", "screen.png", "image/png", png, "image/png", "screen.png"},
		{"a picture with a Chinese name", "流水 截图.png", "image/png", png, "image/png", "流水 截图.png"},
		{"a picture that is called a page", "a.html", "text/html", gif, "image/gif", "a.html"},
		{"D42: SVG", "a.svg", "image/svg+xml", svg, "", "a.svg"},
		{"D42: SVG that is called a picture", "a.png", "image/png", svg, "", "a.png"},
		{"a page that is called a picture", "a.png", "image/png", page, "", "a.png"},
		{"a page", "a.html", "text/html", page, "", "a.html"},
		{"a script", "a.js", "text/javascript", "alert(1)", "", "a.js"},
		{"a page that is called a sound", "a.ogg", "audio/ogg", page, "", "a.ogg"},
		{"a sound", "voice", "application/octet-stream", ogg, "audio/ogg", "voice"},
		{"a PDF", "a.pdf", "application/pdf", "%PDF-1.7", "", "a.pdf"},
		{"a header within its name", "a\r\nSet-Cookie: session=evil\r\n\r\n<script>.txt", "text/plain", "a", "", "a Set-Cookie_ session=evil _script_.txt"},
		{"quotes within its name", `a"; filename="b.exe`, "text/plain", "a", "", "a_; filename=_b.exe"},
		{"a path as its name", "../../../etc/passwd", "text/plain", "a", "", ".._.._.._etc_passwd"},
		{"a path of Windows as its name", `C:\Windows\a.bat`, "text/plain", "a", "", "C__Windows_a.bat"},
		{"a name that reads the other way round", "invoice\u202efdp.exe", "text/plain", "MZ", "", "invoicefdp.exe"},
		{"a name of zero bytes", "a\x00.png", "text/plain", "a", "", "a .png"},
		{"no name", "", "x", "a", "", "file"},
		{"a type with a header in it", "a.txt", "text/html\r\nSet-Cookie: a=b", "a", "", "a.txt"},
	} {
		n := 10 + i
		r.file(n, c.name, c.kind, c.content)
		for _, show := range []bool{false, true} {
			path := r.at(fmt.Sprint("files/", n))
			if show {
				path += "?show"
			}
			w := r.get(path)
			h := w.Header()
			kind, how := "application/octet-stream", "attachment"
			if show && c.shown != "" {
				kind, how = c.shown, "inline"
			}
			disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
			if w.Code != http.StatusOK || w.Body.String() != c.content || h.Get("Content-Type") != kind || err != nil || disposition != how || strings.ReplaceAll(params["filename"], "\x00", "") != c.as {
				t.Errorf("%s, shown %v: %d, %s, %s, %v, %q", c.title, show, w.Code, h.Get("Content-Type"), disposition, err, params["filename"])
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") || h.Get("Set-Cookie") != "" || strings.ContainsAny(fmt.Sprint(h), "\r\n\u202e") {
				t.Errorf("%s: %v", c.title, h)
			}
		}
	}
	if w := r.get(r.at("files/19?show"), "Range", "bytes=2-3"); w.Code != http.StatusPartialContent || w.Body.String() != ogg[2:4] {
		t.Errorf("a piece of a sound: %d %q", w.Code, w.Body)
	}
	for _, tricky := range []string{"files/..%2f..%2fetc", "files/1%00", "files/-1", "files/01", "files/+1", "files/999", "files/1.0", "files/9223372036854775808"} {
		if w := r.get(r.at(tricky)); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", tricky, w.Code)
		}
	}
	for _, path := range []string{"/desk/tickets/T-0/messages/1/formatted", "/desk/tickets/1/messages/1/formatted", "/desk/tickets/T-1x/messages/1/formatted", "/desk/tickets/T-01/messages/02/original", "/desk/tickets/T--1/messages/1/files/0"} {
		if w := r.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestMalwareIsHandedToNobody(t *testing.T) {
	r := newRig(t)
	r.file(10, "a.png", "image/png", png)
	r.do(`INSERT INTO opinions (message, scanner, part, verdict, late, asked_at, answered_at, sealed) VALUES ($1, 'clamd', '', 'malware', false, 1, 1, $2)`, r.message, []byte("x"))
	for _, path := range []string{"files/10", "files/10?show"} {
		if w := r.get(r.at(path)); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "PNG") {
			t.Errorf("%s answers %d %q", path, w.Code, w.Body)
		}
	}
}

// TestTheFormattedVersionIsADocumentOfItsOwn: in a sandbox, with its own policy, its pictures in it, and nothing of it anywhere else.
func TestTheFormattedVersionIsADocumentOfItsOwn(t *testing.T) {
	r := newRig(t)
	r.file(10, "logo.png", "image/png", png)
	r.file(11, "evil.png", "image/png", svg)
	r.file(12, "huge.png", "image/png", png+strings.Repeat("0", embedded))
	r.do(`INSERT INTO uncopied (message) VALUES ($1)`, r.message)
	r.must(r.store.Copies.Keep(t.Context(), r.message, `<p>Dear <b>all</b> <img src="files/10" alt="logo"> <img src="files/11" alt="not"> <img src="files/12" alt="large"> <img src="files/13" alt="gone"></p>`, time.Now()))
	w := r.get(r.at("formatted"))
	want := `<p>Dear <b>all</b> <img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString([]byte(png)) + `" alt="logo"> [not] [large] [gone]</p>`
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, part := range []string{"sandbox;", "default-src 'none'", "img-src data:;", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"} {
		if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, part) || strings.Contains(got, "allow-") || strings.Contains(got, "script-src") {
			t.Errorf("the policy is %s", got)
		}
	}
	for name, want := range map[string]string{"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	r.message++
	if w := r.get(r.at("formatted")); w.Code != http.StatusNotFound {
		t.Errorf("of another message: %d", w.Code)
	}
}

// TestTheOriginalIsOneClickAway: as a file, while it is kept and where nothing of it is masked; who has read it stands in the journal (pain 19).
func TestTheOriginalIsOneClickAway(t *testing.T) {
	r := newRig(t)
	w := r.get(r.at("original"))
	if h := w.Header(); w.Code != http.StatusOK || !bytes.Contains(w.Body.Bytes(), []byte("Message-ID: <annlarge@")) || h.Get("Content-Type") != "application/octet-stream" ||
		h.Get("Content-Disposition") != fmt.Sprintf("attachment; filename=T-%d-%d.eml", r.AnnTicket, r.message) || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v %.100q", w.Code, h, w.Body)
	}
	looked := func() (n int) {
		r.must(r.store.Base.DB.Read(t.Context(), func(tx sql.Tx) error {
			return tx.Run(t.Context(), sql.Ask(sql.Into(&n), `SELECT count(*) FROM journal WHERE act = 'look' AND message = $1 AND who = 'chen'`, r.message))
		}))
		return n
	}
	if looked() != 1 {
		t.Errorf("it stands in the journal %d times", looked())
	}
	r.masked = true
	if w := r.get(r.at("original")); w.Code != http.StatusNotFound || looked() != 1 {
		t.Errorf("something in it is masked elsewhere: %d", w.Code)
	}
	r.masked, r.whole = false, errors.New("the disk is away")
	if w := r.get(r.at("original")); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("a fault: %d %s", w.Code, w.Body)
	}
	r.whole = nil
	r.do(`UPDATE messages SET redacted = '{"card":1}' WHERE id = $1`, r.message)
	if w := r.get(r.at("original")); w.Code != http.StatusNotFound {
		t.Errorf("something in its text is masked: %d", w.Code)
	}
	r.message = r.AnnMessages[2] // a chat
	if w := r.get(r.at("original")); w.Code != http.StatusOK || !strings.HasSuffix(w.Header().Get("Content-Disposition"), ".txt") {
		t.Errorf("of a chat: %d %v", w.Code, w.Header())
	}
	r.who = viewer.Viewer{User: 5, Login: "zhao", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}}
	if w := r.get(r.at("original")); w.Code != http.StatusNotFound {
		t.Errorf("to who may not read the queue: %d", w.Code)
	}
}

func TestSoundsAreKnownByTheirContent(t *testing.T) {
	for content, want := range map[string]string{
		ogg: "audio/ogg", "ID3\x04": "audio/mpeg", "\xff\xfb\x90": "audio/mpeg", "RIFF\x24\x00\x00\x00WAVEfmt ": "audio/wav", "fLaC": "audio/flac", "\x00\x00\x00\x20ftypM4A ": "audio/mp4",
		"RIFF\x24\x00\x00\x00WEBPVP8 ": "", "#!AMR\n": "", page: "", "": "", "\xff": "",
	} {
		if got := sound([]byte(content)); got != want {
			t.Errorf("%q is %q, want %q", content, got, want)
		}
	}
}
