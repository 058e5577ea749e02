package attach

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAContentIsHeldToItsSize(t *testing.T) {
	for _, c := range []struct {
		name string
		size int64
		want error
	}{
		{"as long as was said", 5, nil},
		{"shorter", 6, ErrSize},
		{"longer", 4, ErrSize},
		{"much longer", 1, ErrSize},
	} {
		for _, one := range []bool{false, true} {
			f := Bytes("a", "text/plain", []byte("hello"))
			f.Size = c.size
			r, err := f.Content(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var from io.Reader = r
			if one {
				from = byOne{r}
			}
			got, err := io.ReadAll(from)
			if !errors.Is(err, c.want) || int64(len(got)) > c.size {
				t.Errorf("%s, byte by byte %v: %q, %v", c.name, one, got, err)
			}
		}
	}
}

// byOne reads one byte at a time.
type byOne struct{ r io.Reader }

func (b byOne) Read(p []byte) (int, error) { return b.r.Read(p[:min(1, len(p))]) }

func TestAFileIsReadAgain(t *testing.T) {
	f := Bytes("a", "text/plain", []byte("hello"))
	for range 2 {
		r, err := f.Content(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
			t.Errorf("%q, %v", got, err)
		}
	}
	gone := errors.New("gone")
	f.Open = func(context.Context) (io.ReadCloser, error) { return nil, gone }
	if _, err := f.Content(t.Context()); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}

func TestFileNames(t *testing.T) {
	long := strings.Repeat("很长的名字", 30)
	for _, c := range []struct{ name, in, want string }{
		{"plain", "invoice.pdf", "invoice.pdf"},
		{"Chinese", "付款凭证 2026.png", "付款凭证 2026.png"},
		{"Arabic", "فاتورة.pdf", "فاتورة.pdf"},
		{"none", "", "file"},
		{"dots alone", "..", "file"},
		{"white space alone", " \t\u2028", "file"},
		{"a path", "../../etc/passwd", ".._.._etc_passwd"},
		{"a path of Windows", `C:\a\b.txt`, "C__a_b.txt"},
		{"a header behind it", "a\r\nBcc: x@y.example", "a Bcc_ x@y.example"},
		{"quotes", `a"; name="b.exe`, "a_; name=_b.exe"},
		{"an encoded word", "=?utf-8?q?a?=", "=_utf-8_q_a_="},
		{"written from right to left", "ann\u202efdp.exe", "annfdp.exe"},
		{"zero bytes", "a\x00b", "a b"},
		{"bytes that are no text", "a\xffb", "ab"},
		{"dots at the end", "a.exe. .", "a.exe"},
		{"too long", long + ".xlsx", long[:195] + ".xlsx"},
		{"too long without an extension", strings.Repeat("a", 300), strings.Repeat("a", 200)},
	} {
		if got := FileName(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for in, want := range map[string]string{
		"image/png":                      "image/png",
		"IMAGE/PNG":                      "image/png",
		"application/vnd.ms-excel":       "application/vnd.ms-excel",
		"text/plain; charset=GBK":        "text/plain; charset=gbk",
		"text/plain; charset=\"a\\\"b\"": "text/plain",
		"image/png; charset=utf-8; x=y":  "image/png",
		"text/html; boundary=x":          "text/html",
		"":                               octets,
		"png":                            octets,
		"image/png\r\nBcc: x@y":          octets,
		"image/p ng":                     octets,
		"图片/png":                         octets,
		"message/rfc822":                 octets,
		"multipart/mixed; boundary=a":    octets,
		strings.Repeat("a", 200) + "/b":  octets,
	} {
		if got := MediaType(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestContentIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"image-1@desk.example": true, "a=b+c~d@x": true, "image-1": false, "@x": false, "a@": false, "a b@x": false, "<a@x>": false, "a@x\r\nB: c": false,
		"图@x": false, "a%20b@x": false, strings.Repeat("a", 101) + "@x": false, "": false, "a@x\n": false,
	} {
		if got := IsContentID(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("a.pdf")
	f.Add("付款\r\n\x00\u202e.png")
	f.Add(strings.Repeat("ж", 300) + "." + strings.Repeat("é", 8))
	f.Fuzz(func(t *testing.T, in string) {
		got := FileName(in)
		if got == "" || len(got) > nameMax || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || strings.ContainsAny(got, `/\"`) {
			t.Fatalf("%q", got)
		}
		if again := FileName(got); again != got {
			t.Fatalf("%q is %q the second time", got, again)
		}
	})
}
