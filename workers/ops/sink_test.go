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
	return []SinkMail{{Name: "m1", Key: "acknowledgement:1", To: "ann@example.com", Subject: "Re: <b>退款</b>", At: time.Now(), Size: 2048}}[:min(1, limit)], nil
}

func (f folder) Open(name string) (io.ReadCloser, error) {
	if name != "m1" {
		return nil, fs.ErrNotExist
	}
	return os.Open(filepath.Join(f.dir, "ack.eml"))
}

func withSink(c *Config) { c.Sink = folder{"testdata"} }

func TestSinkShowsMail(t *testing.T) {
	r := newRig(t, withSink)
	wantParts(t, "the list", r.page("/sink"), "ann@example.com", "Re: &lt;b&gt;退款&lt;/b&gt;", "2.0 KiB", "acknowledgement:1", `href="/sink/m1"`)
	page := r.page("/sink/m1")
	wantParts(t, "the mail", page, "退款", "尊敬的客户", "&lt;script&gt;", "auto-replied", `href="/sink/m1.eml"`)
	wantNone(t, "the mail", page, "<script>alert")
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
