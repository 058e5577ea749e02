package parse

import (
	"bytes"
	"html"
	"iter"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/charset"
)

// Texts are the places of a mail at which bytes and words differ, as people read them: encoded words of headers, and what stands behind a
// transfer encoding, a charset or references of HTML, in attachments and in mails within the mail, too. It is for a search, which must
// miss nothing: it takes no part for history or a signature, and judges nothing. What stands there as it is read is left out. The bounds
// are those of Walk.
func Texts(raw []byte) iter.Seq[string] {
	return func(yield func(string) bool) { textsWithin(raw, 0, yield) }
}

// textsWithin is false when the search has ended. depth is how many mails are around.
func textsWithin(raw []byte, depth int, yield func(string) bool) bool {
	tree := mimewalk.Walk(raw, mimewalk.Limits{})
	for i := range tree.Parts {
		p := &tree.Parts[i]
		for _, f := range p.Fields {
			if strings.Contains(f.Value, "=?") && !yield(header.Text(f.Value, p.Charset)) {
				return false
			}
		}
		if !p.IsMultipart() && !textsOf(p, depth, yield) {
			return false
		}
	}
	return true
}

// textsOf are those of one part.
func textsOf(p *mimewalk.Part, depth int, yield func(string) bool) bool {
	body, _ := mimewalk.Decode(p.Encoding, p.Body)
	encoded := !bytes.Equal(body, p.Body)
	if strings.HasPrefix(p.Type, "message/") || strings.HasPrefix(p.Type, "multipart/") {
		if depth < maxWithin && len(body) > 0 {
			if p.Type != "message/rfc822" { // an encoded multipart: its own header says where its parts end
				body = append([]byte("Content-Type:"+p.Get("Content-Type")+"\r\n\r\n"), body...)
			}
			return textsWithin(body, depth+1, yield)
		}
	}
	text, _ := charset.Decode(p.Charset, body)
	if p.Type == "text/html" && strings.Contains(text, "&") {
		return yield(html.UnescapeString(text))
	}
	return !encoded && text == string(body) || yield(text)
}
