package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// letter is a mail that a simulated customer writes: plain text, with at most one picture.
type letter struct {
	name, from    string // of the From field
	to            string
	subject, text string
	gb18030       bool     // as older Chinese clients write; UTF-8 otherwise
	fields        []string // further header fields, "Name: value"
	fileName      string   // an attachment, when there is one
	file          []byte
}

// messageID is never given twice.
func messageID() string { return "<" + strings.ToLower(rand.Text()) + "@example.com>" }

// raw is the mail as its client sends it (RFC 5322).
// Lines end with CRLF; non-ASCII text is in base64, so no line is too long.
func (l letter) raw(now time.Time) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", l.word(l.name)+" <"+l.from+">")
	field("To", "<"+l.to+">")
	field("Subject", l.word(l.subject))
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", messageID())
	for _, f := range l.fields {
		b.WriteString(f + "\r\n")
	}
	field("MIME-Version", "1.0")
	if l.fileName == "" {
		l.writeText(&b)
		return b.Bytes()
	}
	const boundary = "=_demo_part"
	field("Content-Type", `multipart/mixed; boundary="`+boundary+`"`)
	b.WriteString("\r\n--" + boundary + "\r\n")
	l.writeText(&b)
	b.WriteString("\r\n--" + boundary + "\r\n")
	field("Content-Type", "image/png")
	field("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(l.fileName))
	field("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	writeBase64(&b, l.file)
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}

// writeText writes the text part: as it is when it is ASCII, else in base64.
func (l letter) writeText(b *bytes.Buffer) {
	charset, text := l.encode(l.text)
	if ascii(l.text) {
		fmt.Fprintf(b, "Content-Type: text/plain; charset=us-ascii\r\n\r\n%s\r\n", strings.ReplaceAll(l.text, "\n", "\r\n"))
		return
	}
	fmt.Fprintf(b, "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", charset)
	writeBase64(b, []byte(text))
}

func writeBase64(b *bytes.Buffer, content []byte) {
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
}

// encode falls back to UTF-8 for what GB18030 lacks.
func (l letter) encode(text string) (charset, encoded string) {
	if l.gb18030 {
		if out, err := simplifiedchinese.GB18030.NewEncoder().String(text); err == nil {
			return "GB18030", out
		}
	}
	return "UTF-8", text
}

// word encodes a name or a subject for a header field (RFC 2047), twelve characters at a time: no
// encoded word gets longer than the 75 characters that one may have.
func (l letter) word(text string) string {
	if ascii(text) {
		return text
	}
	var words []string
	for rest := []rune(text); len(rest) > 0; {
		n := min(12, len(rest))
		charset, encoded := l.encode(string(rest[:n]))
		words, rest = append(words, "=?"+charset+"?B?"+base64.StdEncoding.EncodeToString([]byte(encoded))+"?="), rest[n:]
	}
	return strings.Join(words, "\r\n ")
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// screenshot draws a small picture, as a customer would attach one.
func screenshot() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 96, 160))
	for y := range 160 {
		for x := range 96 {
			shade := color.RGBA{245, 246, 248, 255}
			switch {
			case y < 18:
				shade = color.RGBA{28, 100, 242, 255}
			case y > 60 && y < 100 && x > 12 && x < 84:
				shade = color.RGBA{224, 36, 36, 255}
			}
			img.SetRGBA(x, y, shade)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil // memory does not fail
	}
	return out.Bytes()
}
