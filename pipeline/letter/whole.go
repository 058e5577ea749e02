package letter

import (
	"html"
	"strings"
)

// Whole is all that goes out: what an agent wrote, and what stands below it.
type Whole struct {
	Text      string
	Plain     bool   // Text is no Markdown: it stands as it is
	Signature string // in Markdown; "": none
	Quote     string // plain: whose words they are, and from the second line on the words; "": none
}

// Said is the whole as plain text. The signature stands behind the line that mail programs know (RFC 3676 §4.3), above what is quoted.
func (w Whole) Said() string {
	text := w.Text
	if !w.Plain {
		text = Read(text).Text()
	}
	if w.Signature != "" {
		text += "\n\n-- \n" + Read(w.Signature).Text()
	}
	if intro, words, quoted := strings.Cut(w.Quote, "\n"); quoted {
		text += "\n\n" + intro + "\n" + indented(words, "> ", "> ")
	}
	return text
}

// HTML is the whole formatted, as Letter.HTML makes it. It is empty where it would be longer than a channel takes: then the plain text
// goes alone.
func (w Whole) HTML(image func(name string) string) string {
	var b strings.Builder
	if w.Plain {
		b.WriteString(Letter{source: []byte(w.Text)}.HTML(nil))
	} else {
		b.WriteString(Read(w.Text).HTML(image))
	}
	if w.Signature != "" {
		b.WriteString("\n<p>-- </p>\n" + Read(w.Signature).HTML(nil))
	}
	if intro, words, quoted := strings.Cut(w.Quote, "\n"); quoted {
		b.WriteString("\n<p>" + html.EscapeString(intro) + "</p>\n<blockquote>" + Letter{source: []byte(words)}.HTML(nil) + "</blockquote>")
	}
	if b.Len() > mostHTML {
		return ""
	}
	return b.String()
}

// mostHTML is what a channel takes of a formatted text, in bytes (channels.Outbound.HTML).
const mostHTML = 1 << 20
