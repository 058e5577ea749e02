package pages

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
)

const png = "\x89PNG\r\n\x1a\nrest"

// posts posts a form with a file, as a browser without a script does, or as the script.
func (r *rig) posts(path, name, kind, content string, script bool, fields ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		m.WriteField(fields[i], fields[i+1])
	}
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {kind}})
	if err != nil {
		r.t.Fatal(err)
	}
	part.Write([]byte(content))
	m.Close()
	req := httptest.NewRequest(http.MethodPost, path, &body)
	req.Header.Set("Content-Type", m.FormDataContentType())
	if script {
		req.Header.Set("Accept", "application/json")
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

func TestAFileStandsBesideTheText(t *testing.T) {
	r := newRig(t)
	w := r.posts("/desk/tickets/T-25/files", "screen.png", "image/png", png, true, "kind", "reply", "pasted", "1")
	r.want(w, 200, `"mark":"![`, `(file:1003)"`, `data-file=\"1003\"`)
	w = r.posts("/desk/tickets/T-25/files", "list.pdf", "application/pdf", "%PDF", false, "kind", "reply", "key", "abcdefgh", "text", "Here it <is>.")
	r.want(w, 200, "Here it &lt;is&gt;.</textarea>", "list.pdf", "files/1004/remove", `name="key" value="abcdefgh"`)
	r.want(r.get("/desk/tickets/T-25"), 200, "list.pdf", "files/1003/remove")
	w = r.post("/desk/tickets/T-25/files/1004/remove", "kind", "reply", "key", "abcdefgh", "text", "Still here.")
	r.want(w, 200, "Still here.</textarea>")
	if strings.Contains(w.Body.String(), "list.pdf") {
		t.Error("what was taken away is there")
	}
	r.want(r.posts("/desk/tickets/T-25/files", "note.txt", "text/plain", "a", false, "kind", "note", "text", "A note."), 200, "A note.</textarea>", "note.txt")
}

func TestFilesThatAreNotTaken(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		name   string
		w      *httptest.ResponseRecorder
		status int
		text   string
	}{
		{"one that the channel does not take", r.posts("/desk/tickets/T-25/files", "a.exe", "x/y", "MZ", false, "kind", "reply", "text", "My text"), 422, "My text</textarea>"},
		{"one that is too large", r.posts("/desk/tickets/T-25/files", "a.bin", "x/y", strings.Repeat("a", largestUpload+1), true, "kind", "reply"), 413, ""},
		{"one that is far too large", r.posts("/desk/tickets/T-25/files", "a.bin", "x/y", strings.Repeat("a", largestUpload+3*longestField), true, "kind", "reply"), 413, ""},
		{"an empty one", r.posts("/desk/tickets/T-25/files", "a.bin", "x/y", "", false, "kind", "reply", "text", "My text"), 422, "My text</textarea>"},
		{"one on a ticket that is not there", r.posts("/desk/tickets/T-999/files", "a.bin", "x/y", "a", true, "kind", "reply"), 404, ""},
		{"what is no form with a file", r.post("/desk/tickets/T-25/files", "kind", "reply"), 415, ""},
	} {
		if c.w.Code != c.status || !strings.Contains(c.w.Body.String(), c.text) {
			t.Errorf("%s: %d %.300s", c.name, c.w.Code, c.w.Body)
		}
	}
	if len(r.desk.files) != 0 {
		t.Errorf("kept: %v", r.desk.files)
	}
}

// TestADownloadRunsNothing: an image is shown in a frame in which nothing runs, everything else is saved, and no name breaks a header.
func TestADownloadRunsNothing(t *testing.T) {
	r := newRig(t)
	for i, c := range []struct{ name, kind, content, want, disposition string }{
		{"screen.png", "image/png", png, "image/png", "inline; filename=screen.png"},
		{"a.svg", "image/svg+xml", "<svg onload=alert(1)>", "application/octet-stream", "attachment; filename=a.svg"},
		{"a.html", "text/html", "<script>alert(1)</script>", "application/octet-stream", "attachment; filename=a.html"},
		{"图.png", "image/png", "<svg>", "application/octet-stream", "attachment; filename*=utf-8''%E5%9B%BE.png"},
		{`a";x=%0d%0aSet-Cookie: b`, "x/y", "a", "application/octet-stream", ""},
	} {
		r.want(r.posts("/desk/tickets/T-25/files", strings.ReplaceAll(c.name, `"`, `\"`), c.kind, c.content, true, "kind", "reply"), 200)
		w := r.get(fmt.Sprint("/desk/tickets/T-25/files/", 1003+i))
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != c.want || w.Body.String() != c.content || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s: %d %v", c.name, w.Code, h)
		}
		if got := h.Get("Content-Disposition"); c.disposition != "" && got != c.disposition || strings.ContainsAny(got, "\r\n") || h.Get("Set-Cookie") != "" || got == "" {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	r.want(r.get("/desk/tickets/T-25/files/9999"), 404)
	r.want(r.get("/desk/tickets/T-999/files/1003"), 404)
}

func TestAPreviewShowsWhatGoesOut(t *testing.T) {
	r := newRig(t)
	w := r.post("/desk/tickets/T-25/preview", "kind", "reply", "key", "abcdefgh", "text", "**Dear** <b>Priya</b>")
	r.want(w, 200, "<p><strong>Dear</strong> &lt;b&gt;Priya&lt;/b&gt;</p>", "Wang Fang", "This is what goes out", "**Dear** &lt;b&gt;Priya&lt;/b&gt;</textarea>", `value="abcdefgh"`)
	req := httptest.NewRequest(http.MethodPost, "/desk/tickets/T-25/preview", strings.NewReader("kind=note&text=*a*"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	got := httptest.NewRecorder()
	r.mux.ServeHTTP(got, req)
	if got.Code != 200 || got.Body.String() != `{"html":"\u003cp\u003e\u003cem\u003ea\u003c/em\u003e\u003c/p\u003e"}` {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if len(r.desk.replies) != 0 {
		t.Error("a preview sends")
	}
}
