package templates

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRender fills foreign words into every text of ours: the subject stays one line, the body is
// bounded and valid, and no word of a customer's runs as a template.
func FuzzRender(f *testing.F) {
	s, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	languages := s.Languages()
	f.Add("Re: hello", "Ann", "order number", "refund", uint8(0))
	f.Add("{{.Token}}\r\nBcc: x@y.example", "\r\n\x00{{printf \"%999d\" 1}}", "\u202e", "nothing", uint8(3))
	f.Add(strings.Repeat("长", 5000), strings.Repeat("x", 5000), "\xff", "", uint8(7))
	f.Fuzz(func(t *testing.T, subject, name, missing, category string, pick uint8) {
		kind := Kinds()[int(pick)%len(Kinds())]
		for _, short := range []bool{false, true} {
			d := sample(languages[int(pick)%len(languages)])
			d.Subject, d.CustomerName, d.Missing, d.Category, d.Short = subject, name, []string{missing}, category, short
			d.Answers = []Answer{{Question: subject, Answer: missing}}
			got, err := s.Render(kind, d)
			if err != nil {
				continue
			}
			if strings.ContainsAny(got.Subject, "\r\n\x00") || strings.ContainsRune(got.Body, 0) || strings.ContainsRune(got.Body, '\r') {
				t.Errorf("subject %q, body %q", got.Subject, got.Body)
			}
			if utf8.ValidString(subject+name+missing) && !utf8.ValidString(got.Subject+got.Body) {
				t.Errorf("not valid: %q, %q", got.Subject, got.Body)
			}
			if len(got.Subject) > 1000 || len(got.Body) > 32<<10+3*len(subject+name+missing) {
				t.Errorf("subject of %d bytes, body of %d", len(got.Subject), len(got.Body))
			}
		}
	})
}
