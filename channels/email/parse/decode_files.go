package parse

import (
	"bytes"
	"slices"
	"strings"

	"frontdesk/channels/email/header"
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

// attachContent names a part and keeps it: by its own name, else by the subject of a mail in it, else by its description. A text part
// without any name is remembered (looseText), in case the message has no other text.
func (j *job) attachContent(p *mimewalk.Part, at place, content []byte) {
	a := message.Attachment{
		Name:      partFileName(p, j.hint),
		MediaType: p.Type,
		ContentID: cleanMessageID(header.Line(p.Get("Content-ID"), "")),
		Content:   content,
	}
	a.Inline = p.Disposition == "inline" || p.Disposition == "" && a.ContentID != "" && at.container == "multipart/related"
	if a.Name == "" && p.Type == "message/rfc822" {
		a.Name = subjectFileName(content, j.hint)
	}
	if a.Name == "" {
		a.Name = describedFileName(p, j.hint)
	}
	switch {
	case a.Name != "":
	case p.Type == "text/calendar":
		a.Name = "invitation.ics"
	case (p.Type == "text/plain" || p.Type == "text/html") && p.Disposition != "attachment" && at.container != "multipart/digest" && at.container != "multipart/encrypted":
		j.loose = append(j.loose, looseText{part: p, file: len(j.m.Attachments)})
	}
	j.attach(a)
}

// looseText is a nameless text part that became a file: it is the text where there is no other.
type looseText struct {
	// part knows charset and type, which the attachment has no more.
	part *mimewalk.Part
	file int // index in the attachments
}

// takeLoose makes text of those files.
func (j *job) takeLoose() []segment {
	var segments []segment
	var files []message.Attachment
	for i, a := range j.m.Attachments {
		k := slices.IndexFunc(j.loose, func(l looseText) bool { return l.file == i })
		if k < 0 {
			files = append(files, a)
			continue
		}
		p := j.loose[k].part
		t := j.decodeText(p, a.Content)
		if p.Type == "text/html" {
			segments = append(segments, segment{html: t, hasHTML: true})
		} else {
			segments = append(segments, segment{plain: t, hasPlain: true})
		}
	}
	j.m.Attachments, j.loose = files, nil
	return segments
}

// describedFileName names an unnamed part after its Content-Description, as bounces have one.
// A description longer than half a file name is a sentence.
func describedFileName(p *mimewalk.Part, hint string) string {
	name := safeFileName(header.Text(p.Get("Content-Description"), hint))
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
// An invitation is kept as a file and read: what it says is the text where there is no other.
func (j *job) attachOrUnpack(p *mimewalk.Part, at place) {
	content := j.content(p)
	switch {
	case isTNEF(p):
		if c, ok := tnef.Parse(content); ok && j.unpackTNEF(c, 0) {
			return
		}
	case p.Type == "text/calendar" && j.invitation == "":
		j.invitation = invitationText(j.decodeText(p, content))
	case isBlankText(p) && p.Disposition == "" && partFileName(p, "") == "":
		return // says nothing, and is no file
	}
	if p.Type == "message/partial" {
		j.problem("message/partial: only this piece of the message is here")
	}
	j.attachContent(p, at, content)
}

// subjectFileName names an attached message after its subject.
func subjectFileName(content []byte, hint string) string {
	inner := innerHeader(content)
	subject := safeFileName(strings.NewReplacer("/", "-", `\`, "-").Replace(header.Text(inner.Get("Subject"), hint)))
	if subject == "" {
		return ""
	}
	return subject + ".eml"
}

// innerHeader reads the header of an attached message, and nothing else of it.
// 64 KiB are enough for any header; the whole of a large mail would be walked for one field.
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

// isTNEF goes by the file name, too: relays change the type to application/octet-stream.
func isTNEF(p *mimewalk.Part) bool {
	switch p.Type {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(partFileName(p, ""), "winmail.dat")
}

// maxPacked is how deep messages that are packed in a winmail.dat are taken out.
// A mail forwarded as an object in Outlook is one level.
const maxPacked = 4

// unpackTNEF takes the files and the text out of a winmail.dat; it reports whether everything of
// value came out, so that the file itself is not needed. Embedded objects are taken out too, as far as they are
// known, but what Outlook makes of them needs the file itself.
// Only the outermost text can be the message's; texts of inner messages become files.
func (j *job) unpackTNEF(c tnef.Content, depth int) bool {
	whole := c.Clean
	for _, f := range c.Files {
		whole = whole && !f.Embedded && (len(f.Content) > 0 || f.Whole)
		j.attachPacked(f, depth)
	}
	s := segment{plain: plainLines(c.Text), hasPlain: strings.TrimSpace(c.Text) != "", html: c.HTML, hasHTML: strings.TrimSpace(c.HTML) != ""}
	if (s.hasPlain || s.hasHTML) && depth == 0 {
		j.packed = append(j.packed, s)
	}
	if j.packedRTF == nil && depth == 0 {
		j.packedRTF = c.RTF
	}
	switch {
	case !c.Clean:
		j.problem("winmail.dat is damaged: what could be read was taken out")
	case !whole:
		j.problem("winmail.dat holds objects of Outlook: what is known was taken out")
	}
	return whole && (len(c.Files) > 0 || s.hasPlain || s.hasHTML)
}

// attachPacked keeps one file of a winmail.dat. A message in it is taken apart in its turn.
// Bytes are spent from the message's budget, as those of ordinary attachments are.
func (j *job) attachPacked(f tnef.File, depth int) {
	name := safeFileName(f.Name)
	if inner, ok := tnef.Parse(f.Content); f.Embedded && ok && depth < maxPacked {
		if strings.TrimSpace(inner.Text) != "" {
			j.attach(message.Attachment{Name: name + ".txt", MediaType: "text/plain", Content: j.spend([]byte(plainLines(inner.Text)))})
		}
		if strings.TrimSpace(inner.HTML) != "" {
			j.attach(message.Attachment{Name: name + ".html", MediaType: "text/html", Content: j.spend([]byte(inner.HTML))})
		}
		j.unpackTNEF(inner, depth+1)
		return
	}
	if len(f.Content) == 0 && !f.Whole {
		return // a name without bytes; the winmail.dat itself stays
	}
	kind := f.MediaType
	if kind == "" {
		kind = "application/octet-stream"
	}
	j.attach(message.Attachment{Name: name, MediaType: kind, ContentID: f.ContentID, Content: j.spend(f.Content)})
}
