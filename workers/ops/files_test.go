package ops

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/decide"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/view"
)

// opens answers with one original.
func opens(o decide.Original) func(*Config) {
	return func(c *Config) {
		c.Original = func(_ context.Context, m view.Message) (decide.Original, error) {
			if m.ID == 0 {
				return decide.Original{}, store.ErrNotFound
			}
			return o, nil
		}
	}
}

const hostileHTML = `<html><head><style>b{display:none}</style></head><body onload="x()"><p style="display:none">Shown <b onclick=x()>words</b></p><script>alert(1)</script>
<img src="https://tracker.example/a.png" alt="a picture"><a href="javascript:x()">a link</a><iframe src=//evil.example></iframe><svg><script>y()</script></svg>
<form action=/parked/1/dismiss><input value=1></form><td colspan="2" background="//evil">cell</td><meta http-equiv=refresh content="0;url=//evil.example"><base href=//evil></body>`

func TestAnOriginalIsShownAsText(t *testing.T) {
	r := newRig(t, opens(decide.Original{Text: "line one\n> <b>quoted</b>", Headers: message.Headers{{Name: "Received", Value: "from <mx>"}}}))
	plan := r.decide("k1", nil)
	path := "/messages/" + id(plan.Message)
	wantParts(t, "the message", r.page(path), path+"/original")
	page := r.page(path + "/original")
	wantParts(t, "the original", page, "&lt;b&gt;quoted&lt;/b&gt;", "from &lt;mx&gt;", "is in the journal")
	wantNone(t, "the original", page, "/formatted", "<iframe")
	wantParts(t, "the journal", r.page(path), "By a person: read", "operator · original")
	if w := newRig(t).ask(http.MethodGet, "/messages/1/original"); w.Code != http.StatusNotFound {
		t.Errorf("the original of no message: status %d", w.Code)
	}
	for _, p := range []string{"/original", "/formatted", "/formatted/body", "/files/0"} {
		if w := r.bare(http.MethodGet, path+p); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "quoted") {
			t.Errorf("%s without a secret: status %d", p, w.Code)
		}
	}
}

func TestFormattedMailIsShownInASandbox(t *testing.T) {
	r := newRig(t, opens(decide.Original{Text: "x", HTML: hostileHTML}))
	path := "/messages/" + id(r.decide("k1", nil).Message)
	w := r.ask(http.MethodGet, path+"/formatted")
	wantParts(t, "the page", w.Body.String(), `<iframe class="letter" sandbox src="`+path+`/formatted/body"`)
	wantNone(t, "the page", w.Body.String(), "words</b>", "tracker")
	if got := w.Header().Get("Content-Security-Policy"); got != gate.Policy+"; frame-src 'self'" {
		t.Errorf("the page's policy is %s", got)
	}
	w = r.ask(http.MethodGet, path+"/formatted/body")
	body := w.Body.String()
	wantParts(t, "the frame", body, "Shown <b>words</b>", "[a picture]", "a link", `<td colspan="2">cell`)
	for _, bad := range []string{"script", "alert", "onclick", "onload", "style", "http", "evil", "href", "src", "form", "input", "iframe", "svg", "background", "javascript", "y()"} {
		if strings.Contains(strings.ToLower(body), bad) {
			t.Errorf("the frame holds %q: %s", bad, body)
		}
	}
	for name, want := range map[string]string{"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	wantParts(t, "the frame's policy", w.Header().Get("Content-Security-Policy"), "default-src 'none'", "sandbox;", "frame-ancestors 'self'")
	wantParts(t, "the journal", r.page(path), "operator · original, formatted")
}

// TestWhatHasToBeMaskedIsNotShownFormatted: a number can be spread over tags, where no mask finds it.
func TestWhatHasToBeMaskedIsNotShownFormatted(t *testing.T) {
	for name, o := range map[string]decide.Original{
		"a card in one piece":         {HTML: "<p>4111 1111 1111 1111</p>"},
		"a card spread over tags":     {HTML: "<p>4111<b>1111</b><i>1111</i>1111</p>"},
		"a card in cells of a table":  {HTML: "<table><tr><td>4111</td><td>1111</td><td>1111</td><td>1111</td></tr></table>"},
		"a card around a comment":     {HTML: "4111 1111<!-- x --> 1111 1111"},
		"something that was found":    {Hidden: true},
		"a card in a picture's words": {HTML: `<p>hello <img alt="4111 1111 1111 1111"></p>`},
	} {
		r := newRig(t, opens(o))
		path := "/messages/" + id(r.decide("k1", nil).Message)
		wantParts(t, name, r.page(path+"/formatted"), "shown as text only")
		if w := r.ask(http.MethodGet, path+"/formatted/body"); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "1111") {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	r := newRig(t, opens(decide.Original{HTML: "<p>fine</p>"}))
	path := "/messages/" + id(r.decide("k1", func(p *pipeline.Plan) { p.Row.Redacted = map[string]int{"cvv": 1} }).Message)
	if w := r.ask(http.MethodGet, path+"/formatted/body"); w.Code != http.StatusNotFound {
		t.Errorf("a message of which something was masked: status %d", w.Code)
	}
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func TestAttachmentsAreShownOrDownloaded(t *testing.T) {
	png, err := base64.StdEncoding.DecodeString(pixel)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	files := []struct {
		name, media, content  string
		kind, shown, download string
	}{
		{"a.png", "image/png", string(png), "image/png", "inline", "filename=a.png"},
		{"a.html", "text/html", "<html><script>x()</script>", "application/octet-stream", "attachment", "filename=a.html"},
		{"a.svg", "image/svg+xml", "<svg onload=x()>", "application/octet-stream", "attachment", "filename=a.svg"},
		{"picture.png", "image/png", "<html><script>x()</script>", "application/octet-stream", "attachment", "filename=picture.png"},
		{"notes.txt", "text/plain", "my card 4111 1111 1111 1111", "text/plain; charset=utf-8", "inline", "filename=notes.txt"},
		{"script.txt", "text/plain", "<script>x()</script>", "application/octet-stream", "attachment", "filename=script.txt"},
		{"发票\r\nX: y\".pdf", "application/pdf", "%PDF-1.7", "application/octet-stream", "attachment", "filename*=UTF-8''%E5%8F%91%E7%A5%A8"},
		{"../../etc/passwd", "application/octet-stream", "x\x00y", "application/octet-stream", "attachment", "filename=_.._etc_passwd"},
		{"", "application/zip", "PK\x03\x04", "application/octet-stream", "attachment", "filename=file"},
	}
	plan := r.decide("k1", func(p *pipeline.Plan) {
		for _, f := range files {
			digest, err := r.config.Store.Files.PutBlob(t.Context(), []byte(f.content))
			if err != nil {
				t.Fatal(err)
			}
			p.Row.Attachments = append(p.Row.Attachments, message.Attachment{Name: f.name, MediaType: f.media, Size: int64(len(f.content)), Digest: digest})
		}
		p.Row.Attachments = append(p.Row.Attachments, message.Attachment{Name: "gone.png", MediaType: "image/png"})
	})
	path := "/messages/" + id(plan.Message)
	page := r.page(path)
	wantParts(t, "the message", page, `href="`+path+`/files/0"`, "not scanned", "its content is not here", `?download">download as sent, nothing masked</a>`)
	wantParts(t, "the message in Chinese", r.page(path+"?lang=zh"), `?download">下载原文件（未遮盖）</a>`)
	wantParts(t, "the ticket", r.page("/tickets/"+id(plan.Ticket.ID)), `href="`+path+`/files/0"`, "not scanned")
	for n, f := range files {
		w := r.ask(http.MethodGet, path+"/files/"+id(int64(n)))
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Type") != f.kind || !strings.HasPrefix(h.Get("Content-Disposition"), f.shown+"; ") || !strings.Contains(h.Get("Content-Disposition"), f.download) {
			t.Errorf("%q: status %d, %s, %s", f.name, w.Code, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != foreignPolicy || strings.Contains(w.Body.String(), "1111 1111") && f.shown == "inline" {
			t.Errorf("%q: headers %v", f.name, h)
		}
		if w := r.ask(http.MethodGet, path+"/files/"+id(int64(n))+"?download"); w.Body.String() != f.content || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; ") {
			t.Errorf("%q downloaded: %s", f.name, w.Header().Get("Content-Disposition"))
		}
	}
	for _, n := range []string{"9", "10", "-1", "x", "00", "0x"} {
		if w := r.ask(http.MethodGet, path+"/files/"+n); w.Code != http.StatusNotFound {
			t.Errorf("file %s: status %d", n, w.Code)
		}
	}
	wantParts(t, "the journal", r.page(path), "operator · file 1")
}

func TestFilesOfMalwareAreNotHandedOut(t *testing.T) {
	r := newRig(t)
	digest, err := r.config.Store.Files.PutBlob(t.Context(), []byte("bad"))
	if err != nil {
		t.Fatal(err)
	}
	file := func(p *pipeline.Plan) { p.Row.Attachments = []message.Attachment{{Name: "a.exe", Digest: digest}} }
	for verdict, want := range map[string]string{screen.OpinionMalware: ">malware<", screen.OpinionClean: ">scanned<", screen.OpinionTimeout: ">not scanned<"} {
		plan := r.decide("k"+verdict, file)
		o := backlog.Opinion{Opinion: screen.Opinion{Scanner: "clamd", Verdict: verdict}, AskedAt: base.Stamp{Time: time.Now()}, AnswerAt: base.Stamp{Time: time.Now()}}
		if _, err := r.config.Store.Backlog.Opine(t.Context(), []backlog.Scanned{{Message: plan.Message, Opinions: []backlog.Opinion{o}}}, time.Now()); err != nil {
			t.Fatal(err)
		}
		path := "/messages/" + id(plan.Message)
		wantParts(t, verdict, r.page(path), want)
		status := http.StatusOK
		if verdict == screen.OpinionMalware {
			status = http.StatusForbidden
			wantNone(t, verdict, r.page(path), "/files/0")
		}
		for _, q := range []string{"", "?download"} {
			if w := r.ask(http.MethodGet, path+"/files/0"+q); w.Code != status {
				t.Errorf("%s: status %d, want %d", verdict, w.Code, status)
			}
		}
	}
}
