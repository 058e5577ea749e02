package email

import (
	"bytes"
	"strings"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/tnef"
	"frontdesk/pipeline/message"
)

// attach adds an attachment.
func (j *job) attach(a message.Attachment) {
	a.Size = int64(len(a.Content))
	j.m.Attachments = append(j.m.Attachments, a)
}

// attachPart keeps a part as a file.
func (j *job) attachPart(p *mimewalk.Part, at place) {
	j.attachContent(p, at, j.content(p))
}

func (j *job) attachContent(p *mimewalk.Part, at place, content []byte) {
	a := message.Attachment{
		Name:      partFileName(p, j.hint),
		MediaType: p.Type,
		ContentID: cleanMessageID(headerLine(p.Get("Content-ID"), "")),
		Content:   content,
	}
	a.Inline = p.Disposition == "inline" || p.Disposition == "" && a.ContentID != "" && at.container == "multipart/related"
	if a.Name == "" && p.Type == "message/rfc822" {
		a.Name = subjectFileName(content, j.hint)
	}
	if a.Name == "" {
		a.Name = describedFileName(p, j.hint)
	}
	j.attach(a)
}

// describedFileName names an unnamed part after its Content-Description, as bounces have one.
func describedFileName(p *mimewalk.Part, hint string) string {
	name := safeFileName(headerText(p.Get("Content-Description"), hint))
	switch {
	case name == "" || len(name) > maxFileName/2:
		return ""
	case strings.Contains(name, "."):
		return name
	case p.Type == "message/rfc822":
		return name + ".eml"
	case strings.HasPrefix(p.Type, "message/"), strings.HasPrefix(p.Type, "text/"):
		return name + ".txt"
	}
	return name
}

// attachRaw keeps what was not taken apart.
func (j *job) attachRaw(p *mimewalk.Part) {
	j.attach(message.Attachment{Name: "unread-part.txt", MediaType: "text/plain", Content: j.content(p)})
}

// attachOrUnpack keeps a part as a file, or what is packed in it.
func (j *job) attachOrUnpack(p *mimewalk.Part, at place) {
	content := j.content(p)
	if isTNEF(p) {
		if c, ok := tnef.Parse(content); ok && j.unpackTNEF(c) {
			return
		}
	}
	if p.Type == "message/partial" {
		j.problem("message/partial: only this piece of the message is here")
	}
	j.attachContent(p, at, content)
}

// subjectFileName names an attached message after its subject.
func subjectFileName(content []byte, hint string) string {
	inner := innerHeader(content)
	subject := safeFileName(strings.NewReplacer("/", "-", `\`, "-").Replace(headerText(inner.Get("Subject"), hint)))
	if subject == "" {
		return ""
	}
	return subject + ".eml"
}

// innerHeader reads the header of an attached message, and nothing else of it.
func innerHeader(content []byte) *mimewalk.Part {
	head := content[:min(len(content), 64<<10)]
	if i := bytes.Index(head, []byte("\n\n")); i >= 0 {
		head = head[:i+2]
	} else if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head = head[:i+4]
	}
	t := mimewalk.Walk(head, mimewalk.Limits{Parts: 1})
	return &t.Parts[0]
}

func isTNEF(p *mimewalk.Part) bool {
	switch p.Type {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(partFileName(p, ""), "winmail.dat")
}

// unpackTNEF takes the files and the text out of a winmail.dat; it reports whether everything of
// value came out, so that the file itself is not needed.
func (j *job) unpackTNEF(c tnef.Content) bool {
	for _, f := range c.Files {
		kind := f.MediaType
		if kind == "" {
			kind = "application/octet-stream"
		}
		j.attach(message.Attachment{Name: safeFileName(f.Name), MediaType: kind, ContentID: f.ContentID, Content: j.spend(f.Content)})
	}
	s := segment{plain: plainLines(c.Text), hasPlain: strings.TrimSpace(c.Text) != "", html: c.HTML, hasHTML: strings.TrimSpace(c.HTML) != ""}
	if s.hasPlain || s.hasHTML {
		j.packed = append(j.packed, s)
	}
	if j.packedRTF == nil {
		j.packedRTF = c.RTF
	}
	if !c.Clean {
		j.problem("winmail.dat is damaged: what could be read was taken out")
		return false
	}
	return len(c.Files) > 0 || s.hasPlain || s.hasHTML
}
