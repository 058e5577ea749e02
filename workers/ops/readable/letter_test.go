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
