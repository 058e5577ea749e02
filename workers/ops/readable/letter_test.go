package readable

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadLetter(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"plain", "Subject: a\r\n\r\none\r\ntwo", "one\ntwo"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe", "Grüße"},
		{"base64", "Content-Transfer-Encoding: base64\r\n\r\n5oKo5aW9", "您好"},
		{"the text of two alternatives", "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nyes\r\n--b--\r\n", "yes"},
		{"no text at all", "Content-Type: text/html\r\n\r\n<p>no</p>", ""},
		{"bytes that are no text", "Subject: a\r\n\r\n\xff\xfe", "\uFFFD"},
	} {
		got, err := ReadLetter(strings.NewReader(c.raw))
		if err != nil || got.Text != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got.Text, err, c.want)
		}
	}
}

func TestReadLetterListsFiles(t *testing.T) {
	raw := "To: <a@x.example>\r\nCc: <4111111111111111@x.example>\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" +
		"--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
		"--a\r\nContent-Type: text/plain\r\n\r\nyes\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--a--\r\n" +
		"--r\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename*=utf-8''%E5%9B%BE.png\r\n\r\nAAAA\r\n--r--\r\n" +
		"--m\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"card 4111 1111 1111 1111.txt\"\r\n\r\nAAAAAA==\r\n--m--\r\n"
	got, err := ReadLetter(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Files) != 2 || strings.Contains(got.Files[1].Name, "1111 1111") || strings.Contains(got.Get("Cc"), "4111111111111111") {
		t.Fatalf("files %+v, Cc %q", got.Files, got.Get("Cc"))
	}
	got.Files[1].Name = "masked"
	if diff := cmp.Diff([]Enclosure{{"图.png", "image/png", 3, true}, {"masked", "text/plain", 4, false}}, got.Files); diff != "" || got.Text != "yes" || !got.HTML {
		t.Errorf("text %q, HTML %v, files (-want +got):\n%s", got.Text, got.HTML, diff)
	}
}

func TestLetterFieldsBeginWithWhatPeopleLookFor(t *testing.T) {
	got, err := ReadLetter(strings.NewReader("X-Z: 1\r\nDate: d\r\nA: 2\r\nSubject: =?utf-8?q?=C3=A9?=\r\nTo: t\r\nFrom: f\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"From", "f"}, {"To", "t"}, {"Subject", "é"}, {"Date", "d"}, {"A", "2"}, {"X-Z", "1"}}
	if diff := cmp.Diff(want, got.Headers); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func FuzzReadLetter(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"))
	f.Add([]byte("Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := ReadLetter(strings.NewReader(string(raw)))
		if err == nil && strings.ToValidUTF8(l.Text, "") != l.Text {
			t.Errorf("text is not valid: %q", l.Text)
		}
	})
}
