package parse

import (
	"bytes"
	"html"
	"strconv"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/charset"
	"frontdesk/pipeline/message"
)

// content decodes the transfer encoding of a part, within the budget for the whole message.
// A part beyond a limit is kept as it came, encoded: nobody knows what it is.
func (j *job) content(p *mimewalk.Part) []byte {
	if p.Unread || p.Broken {
		return j.spend(p.Body)
	}
	b, clean := mimewalk.Decode(p.Encoding, p.Body)
	if !clean {
		j.problem(damagedEncoding)
	}
	return j.spend(b)
}

// spend takes b from the budget, cutting what exceeds it.
// The budget is for the whole message, since a mail of a thousand parts may unfold each of them. What is cut off is lost for the
// decoder; the original has it all.
func (j *job) spend(b []byte) []byte {
	if int64(len(b)) <= j.budget {
		j.budget -= int64(len(b))
		return b
	}
	b = b[:j.budget]
	j.budget = 0
	if len(j.exceeded) == 0 {
		j.exceeded = append(j.exceeded, mimewalk.LimitDecoded)
	}
	j.problem("decoded content larger than the limit allows: the rest was cut")
	return b
}

// text decodes a text part to UTF-8 with plain line feeds. What stands around base64 without belonging to it is
// kept as it stands, but for HTML, where it would be outside of the page.
func (j *job) text(p *mimewalk.Part) string {
	if p.Unread || p.Broken || p.Encoding != mimewalk.Base64 {
		return j.decodeText(p, j.content(p))
	}
	b, before, after, clean := mimewalk.DecodeText(p.Encoding, p.Body)
	around := len(before)+len(after) > 0
	if around {
		j.problem("plain text around base64: " + strconv.Itoa(len(before)+len(after)) + " bytes")
	} else if !clean {
		j.problem(damagedEncoding)
	}
	t := j.decodeText(p, j.spend(b))
	if !around || p.Type == "text/html" {
		return t
	}
	var all []string
	for _, s := range []string{j.decodeText(p, j.spend(before)), strings.TrimRight(t, "\n"), j.decodeText(p, j.spend(after))} {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, "\n\n")
}

// damagedEncoding is the problem of base64 and the like with faults in it.
const damagedEncoding = "damaged transfer encoding: what could be read was kept"

// decodeText decodes the bytes of a text part.
// A page's own <meta> is asked only where the label says nothing (charset.Vague): mail programs convert the text and forget the page.
func (j *job) decodeText(p *mimewalk.Part, b []byte) string {
	label := p.Charset
	if p.Type == "text/html" && charset.Vague(label) {
		if meta := metaCharset(b); meta != "" {
			label = meta
		}
	}
	t, asLabelled := charset.Decode(label, b)
	if !asLabelled {
		j.problem("charset label did not fit the text")
	}
	return plainLines(t)
}

// plainLines turns CR LF, CR CR LF and lone CR into LF.
func plainLines(s string) string {
	i := strings.IndexByte(s, '\r')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		for i < len(s) && s[i] == '\r' {
			i++
		}
		if i == len(s) || s[i] != '\n' {
			b.WriteByte('\n')
		}
		s = s[i:]
		i = strings.IndexByte(s, '\r')
	}
	b.WriteString(s)
	return b.String()
}

// metaCharset reads the charset that an HTML document gives itself.
// HTML wants a page to name its charset within its first 1024 bytes; twice that is looked at.
func metaCharset(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	before, after, ok := bytes.Cut(head, []byte("charset="))
	if !ok || !bytes.Contains(before, []byte("<meta")) {
		return ""
	}
	rest := bytes.TrimLeft(after, `"' `)
	if end := bytes.IndexAny(rest, `"'>;/ `); end >= 0 {
		rest = rest[:end]
	}
	return string(rest)
}

// unflow joins the lines of format=flowed text (RFC 3676): a line that ends in a space goes on in
// the next one of the same quote depth. delSp says that this space was put in by the sender.
// A signature's separator "-- " never flows (RFC 3676 §4.3). The quote marks of joined lines are those of the first.
func unflow(s string, delSp bool) string {
	var b strings.Builder
	b.Grow(len(s))
	depth, flowing := 0, false
	for first := true; s != ""; first = false {
		line, rest, _ := strings.Cut(s, "\n")
		s = rest
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		body := strings.TrimPrefix(line[d:], " ")
		if !flowing || d != depth || body == "-- " {
			if !first {
				b.WriteByte('\n')
			}
			if d > 0 {
				b.WriteString(line[:d] + " ")
			}
		}
		flowing = strings.HasSuffix(body, " ") && body != "-- "
		if flowing && delSp {
			body = body[:len(body)-1]
		}
		b.WriteString(body)
		depth = d
	}
	return b.String()
}

// plainText reads a text/plain part as written: flowed lines joined, uuencoded files taken out,
// PGP noticed.
func (j *job) plainText(p *mimewalk.Part) string {
	t := j.text(p)
	if strings.EqualFold(p.Param("format"), "flowed") {
		t = unflow(t, strings.EqualFold(p.Param("delsp"), "yes"))
	}
	if strings.Contains(t, "begin ") {
		t = j.takeUU(t)
	}
	return j.readPGP(t)
}

// takeUU moves the uuencoded files of a text to the attachments.
// At most maxFiles are taken out; what is left stands in the text.
func (j *job) takeUU(t string) string {
	b := []byte(t)
	var kept []byte
	for len(j.m.Attachments) < j.maxFiles {
		name, content, start, stop, ok := mimewalk.FindUU(b)
		if !ok {
			break
		}
		kept, b = append(kept, b[:start]...), b[stop:]
		j.attach(message.Attachment{Name: safeFileName(header.Text(name, j.hint)), MediaType: "application/octet-stream", Content: j.spend(content)})
	}
	if kept == nil {
		return t
	}
	return string(append(kept, b...))
}

// textAsHTML shows plain text inside HTML.
func textAsHTML(t string) string {
	return "<pre>" + html.EscapeString(t) + "</pre>"
}
