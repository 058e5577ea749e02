package ops

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
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

func TestReadLetter(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"plain", "Subject: a\r\n\r\none\r\ntwo", "one\ntwo"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe", "Grüße"},
		{"base64", "Content-Transfer-Encoding: base64\r\n\r\n5oKo5aW9", "您好"},
		{"the text of two alternatives", "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nyes\r\n--b--\r\n", "yes"},
		{"no text at all", "Content-Type: text/html\r\n\r\n<p>no</p>", ""},
		{"bytes that are no text", "Subject: a\r\n\r\n\xff\xfe", "\uFFFD"},
	} {
		got, err := readLetter(strings.NewReader(c.raw))
		if err != nil || got.Text != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got.Text, err, c.want)
		}
	}
}

func TestLetterFieldsBeginWithWhatPeopleLookFor(t *testing.T) {
	got, err := readLetter(strings.NewReader("X-Z: 1\r\nDate: d\r\nA: 2\r\nSubject: =?utf-8?q?=C3=A9?=\r\nTo: t\r\nFrom: f\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []field{{"From", "f"}, {"To", "t"}, {"Subject", "é"}, {"Date", "d"}, {"A", "2"}, {"X-Z", "1"}}
	if diff := cmp.Diff(want, got.Headers); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func FuzzReadLetter(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"))
	f.Add([]byte("Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := readLetter(strings.NewReader(string(raw)))
		if err == nil && strings.ToValidUTF8(l.Text, "") != l.Text {
			t.Errorf("text is not valid: %q", l.Text)
		}
	})
}
