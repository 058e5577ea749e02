package ops

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folder is a sink of files.
type folder struct{ dir string }

func (f folder) List(limit int) ([]SinkMail, error) {
	return []SinkMail{{Name: "m1", Key: "acknowledgement:1", To: "ann@example.com", Subject: "Re: <b>退款</b>", At: time.Now(), Size: 2048},
		{Name: "m2", Key: "reply:1", To: "ann@example.com", Cc: "bob@example.com, 4111111111111111@example.com", Subject: "Re: refund", Files: 4, At: time.Now(), Size: 4096}}[:min(2, limit)], nil
}

func (f folder) Open(name string) (io.ReadCloser, error) {
	file, ok := map[string]string{"m1": "ack.eml", "m2": "answer.eml"}[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return os.Open(filepath.Join(f.dir, file))
}

func withSink(c *Config) { c.Sink = folder{"testdata"} }

func TestSinkShowsMail(t *testing.T) {
	r := newRig(t, withSink)
	wantParts(t, "the list", r.page("/sink"), "ann@example.com", "Re: &lt;b&gt;退款&lt;/b&gt;", "2.0 KiB", "acknowledgement:1", `href="/sink/m1"`)
	page := r.page("/sink/m1")
	wantParts(t, "the mail", page, "退款", "尊敬的客户", "&lt;script&gt;", "auto-replied", `href="/sink/m1.eml"`)
	wantNone(t, "the mail", page, "<script>alert")
}

func TestSinkShowsCopiesAndFiles(t *testing.T) {
	r := newRig(t, withSink)
	list := r.page("/sink")
	wantParts(t, "the list", list, "Cc bob@example.com", "Attachments 4", `href="/sink/m2"`)
	wantNone(t, "the list", list, "4111111111111111")
	page := r.page("/sink/m2")
	wantParts(t, "the mail", page, "boss@customer.example", "退款已办理，见附件。", "A formatted version", "invoice.pdf", "截图.png", "shown in the text", "退款凭证 2026 年 5 月 (最终版).pdf", "200 B")
	wantNone(t, "the mail", page, "cid:image-1")
}

func TestSinkHandsOutTheFile(t *testing.T) {
	r := newRig(t, withSink)
	w := r.ask(http.MethodGet, "/sink/m1.eml")
	raw, err := os.ReadFile("testdata/ack.eml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(raw), w.Body.String()); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="m1.eml"` {
		t.Errorf("Content-Disposition is %s", got)
	}
}

func TestWithoutSinkThereIsNoPage(t *testing.T) {
	r := newRig(t)
	if w := r.ask(http.MethodGet, "/sink"); w.Code != http.StatusNotFound {
		t.Errorf("status %d, want 404", w.Code)
	}
	wantNone(t, "the navigation", r.page("/"), "Mail sink")
}
