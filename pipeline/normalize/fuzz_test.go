package normalize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/pipeline/message"
)

// FuzzBody reads a whole foreign message: what comes out is valid, bounded, and shows something of
// whatever the person wrote.
func FuzzBody(f *testing.F) {
	f.Add("Hi\n\nOn 1 Jan 2026, X wrote:\n> q", "", "Re: x")
	f.Add("", "<p>a<blockquote>b</blockquote><style>x</style>", "Fwd: y")
	f.Add("\u202e\u200b\x00\xff", "<div dir=rtl>&#0;&#xD800;&#x110000;", "\r\n")
	f.Fuzz(func(t *testing.T, text, html, subject string) {
		const limit = 1 << 12
		got := Body(message.Message{Text: text, HTML: html, Subject: subject}, limit)
		for _, s := range []string{got.Full, got.Visible, got.Quoted, got.Signature} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("not storable: %q", s)
			}
			if len(s) > limit+64 {
				t.Errorf("%d bytes", len(s))
			}
		}
		if strings.TrimSpace(got.Full) != "" && isBlank(got.Visible) && !isBlank(got.Full) {
			t.Errorf("nothing is visible of %q", got.Full)
		}
	})
}

// FuzzWords puts foreign text through what compares texts: each is bounded, valid, the same each time,
// and a text compares equal to itself after another pass.
func FuzzWords(f *testing.F) {
	f.Add("Re: [EXTERNAL] AW: 退款 №１２")
	f.Add("Dear Sir,\nmy card\nBest regards,\nX")
	f.Add("\u0130\u023a\u202e re[999]: ")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "\ufffd")
		}
		for name, got := range map[string]string{"subject": Subject(s), "core": Core(s), "fingerprint": Fingerprint(s), "language": Language(s)} {
			if !utf8.ValidString(got) || len(got) > 3*len(s)+16 {
				t.Errorf("%s of %q is %q", name, s, got)
			}
		}
		if once := Subject(s); Subject(once) != once && !strings.HasSuffix(once, ":") && ReplyPrefix(once) {
			t.Errorf("subject %q becomes %q, and that %q", s, once, Subject(once))
		}
		if once := Fingerprint(s); Fingerprint(once) != once {
			t.Errorf("fingerprint %q becomes %q", once, Fingerprint(once))
		}
	})
}

func FuzzHTML(f *testing.F) {
	files, err := filepath.Glob("testdata/html/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := Body(message.Message{HTML: src}, 1000)
		if isBlank(got.Visible) && !isBlank(got.Full) {
			t.Errorf("nothing is visible of %q", got.Full)
		}
	})
}
