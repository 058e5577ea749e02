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
func firstFields() []string { return []string{"From", "To", "Reply-To", "Subject", "Date"} }

// ReadLetter decodes the header and the first text of a mail. The caller bounds r. A part that cannot be decoded is
// an error of the whole: mails of the sink are our own.
func ReadLetter(r io.Reader) (Letter, error) {
	m, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return Letter{}, fmt.Errorf("reading mail header: %w", err)
	}
	l := Letter{Headers: fields(m.Header)}
	l.Text, err = firstText(textproto.MIMEHeader(m.Header), m.Body, 4)
	if err != nil {
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
			if slices.Contains(first[:3], name) { // addresses: what is a card number in one is not shown
				value, _ = redact.Text(value)
			}
			out = append(out, Field{name, value})
		}
	}
	return out
}

// firstText is the first text/plain part, at most depth parts deep; "" when there is none.
func firstText(h textproto.MIMEHeader, body io.Reader, depth int) (string, error) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	switch {
	case strings.HasPrefix(kind, "multipart/") && depth > 0:
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return "", nil
			}
			if err != nil {
				return "", err
			}
			if text, err := firstText(part.Header, part, depth-1); err != nil || text != "" {
				return text, err
			}
		}
	case kind == "text/plain":
		text, err := io.ReadAll(decoded(h.Get("Content-Transfer-Encoding"), body))
		return strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\uFFFD"), err
	}
	return "", nil
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
