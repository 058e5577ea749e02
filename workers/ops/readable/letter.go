// Package readable makes what others wrote fit for the operator's pages: a mail of the sink as fields and text, and the HTML of a mail
// without anything that runs, loads or hides.
package readable

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"

	"frontdesk/pipeline/redact"
)

// Letter is a mail of the sink made readable. It is of our own making: UTF-8, text first.
type Letter struct {
	Headers []Field
	Text    string
	HTML    bool // a formatted text stands beside it
	Files   []Enclosure
}

// Enclosure is a file that goes with a mail. Its name is masked.
type Enclosure struct {
	Name, Type string
	Size       int64 // bytes, decoded
	Shown      bool  // by the formatted text
}

// Field is one field of its header, decoded.
type Field struct{ Name, Value string }

// Get is the first field of that name; "" when there is none.
func (l Letter) Get(name string) string {
	for _, f := range l.Headers {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// firstFields go before the others, which follow by name.
func firstFields() []string { return []string{"From", "To", "Cc", "Reply-To", "Subject", "Date"} }

// Bounds of what is shown: bytes of the text, and files.
const (
	textMax  = 4 << 20
	filesMax = 100
)

// ReadLetter decodes the header and the first text of a mail, and lists its files, in memory for the text alone. The caller bounds r. A
// part that cannot be decoded is an error of the whole: mails of the sink are our own.
func ReadLetter(r io.Reader) (Letter, error) {
	m, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return Letter{}, fmt.Errorf("reading mail header: %w", err)
	}
	l := Letter{Headers: fields(m.Header)}
	if err := l.read(textproto.MIMEHeader(m.Header), m.Body, 4); err != nil {
		return Letter{}, fmt.Errorf("reading mail text: %w", err)
	}
	return l, nil
}

// fields are decoded and sorted for reading; addresses in them are masked, since a customer may have typed a card
// number as one.
func fields(h mail.Header) []Field {
	first := firstFields()
	names := slices.SortedFunc(maps.Keys(h), func(a, b string) int {
		ai, bi := slices.Index(first, a), slices.Index(first, b)
		switch {
		case ai >= 0 && bi >= 0:
			return ai - bi
		case ai >= 0:
			return -1
		case bi >= 0:
			return 1
		}
		return strings.Compare(a, b)
	})
	var out []Field
	words := mime.WordDecoder{}
	for _, name := range names {
		for _, value := range h[name] {
			if text, err := words.DecodeHeader(value); err == nil {
				value = text
			}
			if slices.Contains(first[:4], name) { // addresses: what is a card number in one is not shown
				value, _ = redact.Text(value)
			}
			out = append(out, Field{name, value})
		}
	}
	return out
}

// read looks through a part and those in it, at most depth deep.
func (l *Letter) read(h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	disposition, named, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	content := decoded(h.Get("Content-Transfer-Encoding"), body)
	switch {
	case strings.HasPrefix(kind, "multipart/") && depth > 0:
		return l.readParts(multipart.NewReader(body, params["boundary"]), depth-1)
	case named["filename"] != "":
		size, err := io.Copy(io.Discard, content)
		if name, _ := redact.Text(named["filename"]); len(l.Files) < filesMax {
			l.Files = append(l.Files, Enclosure{name, kind, size, disposition == "inline"})
		}
		return err
	case kind == "text/plain" && l.Text == "":
		text, err := io.ReadAll(io.LimitReader(content, textMax))
		l.Text = strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\uFFFD")
		return err
	case kind == "text/html":
		l.HTML = true
	}
	return nil
}

// readParts reads the parts of a multipart one by one.
func (l *Letter) readParts(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.read(part.Header, part, depth); err != nil {
			return err
		}
	}
}

func decoded(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	default:
		return r
	}
}
