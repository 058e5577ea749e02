package parse

import (
	"bytes"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// segment is a stretch of the body: its plain form, its HTML form, or both as alternatives.
type segment struct {
	// A form may be there and empty: then has… is set, and joinText knows that nothing is missing.
	plain, html       string
	hasPlain, hasHTML bool
}

// readBody fills Text, HTML and Attachments. Where no part is the text by its place, a text part that has no name and
// is not meant as a file is, then what a winmail.dat holds, then an invitation.
// In all of these cases the customer's words would else be an attachment that nobody classifies or masks.
func (j *job) readBody() {
	segments := j.collect(0, place{})
	j.m.Text, j.m.HTML = joinText(segments), joinHTML(segments)
	if strings.TrimSpace(j.m.Text) != "" || j.m.HTML != "" {
		return
	}
	switch {
	case len(j.loose) > 0:
		segments = j.takeLoose()
		j.m.Text, j.m.HTML = joinText(segments), joinHTML(segments)
	case j.invitation != "":
		j.m.Text = j.invitation
	case len(j.packed) > 0:
		j.m.Text, j.m.HTML = joinText(j.packed), joinHTML(j.packed)
	case len(j.packedRTF) > 0:
		j.attach(message.Attachment{Name: "message.rtf", MediaType: "application/rtf", Content: j.spend(j.packedRTF)})
	}
}

// joinText joins the plain forms. When a stretch exists as HTML only, a plain text would be
// incomplete: then there is none, and HTML holds everything.
func joinText(segments []segment) string {
	if len(segments) == 1 {
		return segments[0].plain
	}
	var parts []string
	for _, s := range segments {
		if !s.hasPlain {
			return ""
		}
		if s.plain != "" {
			parts = append(parts, strings.TrimRight(s.plain, "\n"))
		}
	}
	return strings.Join(parts, "\n\n")
}

// joinHTML joins the HTML forms, if there are any, with plain stretches between them shown as such.
func joinHTML(segments []segment) string {
	any := false
	for _, s := range segments {
		any = any || s.hasHTML
	}
	if !any {
		return ""
	}
	var parts []string
	for _, s := range segments {
		switch {
		case s.hasHTML:
			parts = append(parts, s.html)
		case strings.TrimSpace(s.plain) != "":
			parts = append(parts, textAsHTML(s.plain))
		}
	}
	return strings.Join(parts, "\n")
}

// place says where in its container a part stands.
type place struct {
	container string // media type of the container; empty for the root
	first     bool   // first child
	isBody    bool   // text before it would make a file of it
}

// collect reads the part at index and everything below it.
// The result are the stretches of text in the order of reading; everything else has become an attachment. It recurses as deep as
// multiparts are nested, which the walk bounds.
func (j *job) collect(index int, at place) []segment {
	p := &j.tree.Parts[index]
	if p.IsMultipart() {
		return j.collectMultipart(index, p)
	}
	switch {
	case p.Broken && p.Encoding != mimewalk.Identity:
		if segments, ok := j.collectEncoded(p); ok {
			return segments
		}
		return j.collectRaw(p, at)
	case p.Broken, p.Unread:
		return j.collectRaw(p, at)
	case isEnvelope(p):
		return j.collectEnvelope(p, at)
	case isEncryptedPart(p):
		j.m.Encrypted = true
		j.problem("PGP: the text is encrypted")
		j.attachPart(p, at)
		return nil
	case isBodyText(p, at):
		return j.collectText(p)
	}
	j.attachOrUnpack(p, at)
	return nil
}

// collectText reads a text part that is shown, not attached.
func (j *job) collectText(p *mimewalk.Part) []segment {
	if p.Type == "text/html" {
		t := j.text(p)
		return []segment{{html: t, hasHTML: strings.TrimSpace(t) != "", hasPlain: strings.TrimSpace(t) == ""}}
	}
	return []segment{{plain: j.plainText(p), hasPlain: true}}
}

// collectRaw keeps a container that could not be taken apart: as text where there is no other.
func (j *job) collectRaw(p *mimewalk.Part, at place) []segment {
	if at.container == "" || at.first {
		return []segment{{plain: plainLines(j.text(p)), hasPlain: true}}
	}
	j.attachRaw(p)
	return nil
}

// collectMultipart reads a container's children by its kind (RFC 2046 §5.1). Kinds that are not
// known are read as mixed.
// Of multipart/signed the content is the first child; the signature becomes an attachment. Nothing is verified.
func (j *job) collectMultipart(index int, p *mimewalk.Part) []segment {
	switch p.Type {
	case "multipart/alternative":
		return j.collectAlternative(index)
	case "multipart/encrypted":
		j.m.Encrypted = true
	}
	root := index + 1
	if p.Type == "multipart/related" {
		root = j.relatedRoot(index, p)
	}
	var out []segment
	j.children(index, func(child int, _ bool) {
		out = append(out, j.collect(child, place{container: p.Type, first: child == root})...)
	})
	return out
}

// relatedRoot finds the part of a multipart/related that the others belong to (RFC 2387 §3): the one that start=
// names, else the first that is of the type that type= says, else the first that shows something, else the first.
// All of it is a question of which text is shown and which is a file; senders leave start= and type= out or give wrong ones.
func (j *job) relatedRoot(index int, p *mimewalk.Part) int {
	start, kind := cleanMessageID(p.Param("start")), strings.ToLower(strings.TrimSpace(p.Param("type")))
	byStart, byType, byLook := 0, 0, 0
	keep := func(into *int, child int) {
		if *into == 0 {
			*into = child
		}
	}
	j.children(index, func(child int, _ bool) {
		c := &j.tree.Parts[child]
		if start != "" && cleanMessageID(header.Line(c.Get("Content-ID"), "")) == start {
			keep(&byStart, child)
		}
		if c.Type == kind && !isBlankText(c) {
			keep(&byType, child)
		}
		if c.Disposition != "attachment" && (strings.HasPrefix(c.Type, "multipart/") || c.Type == "text/html" || c.Type == "text/plain" && !isBlankText(c)) {
			keep(&byLook, child)
		}
	})
	for _, child := range []int{byStart, byType, byLook} {
		if child != 0 {
			return child
		}
	}
	return index + 1
}

// isBlankText reports whether a text part says nothing.
func isBlankText(p *mimewalk.Part) bool {
	return p.Type == "text/plain" && len(bytes.TrimSpace(p.Body)) == 0
}

// collectAlternative makes one segment of the forms of the same content. Forms beyond plain text
// and HTML (invitations, AMP) become attachments.
// The first form of each kind counts, though RFC 2046 §5.1.4 prefers the last one: what comes twice is mostly the same, and a
// different plain text is kept behind the first.
func (j *job) collectAlternative(index int) []segment {
	var s segment
	var extra []segment
	j.children(index, func(child int, first bool) {
		forms := j.collect(child, place{container: "multipart/alternative", first: first, isBody: true})
		h, t := joinHTML(forms), joinText(forms)
		switch {
		case h != "" && !s.hasHTML:
			s.html, s.hasHTML = h, true
			if t != "" && !s.hasPlain {
				s.plain, s.hasPlain = t, true
			}
		case h == "" && t != "" && !s.hasPlain:
			s.plain, s.hasPlain = t, true
		case h == "" && strings.TrimSpace(t) != "" && strings.TrimSpace(t) != strings.TrimSpace(s.plain):
			extra = append(extra, segment{plain: t, hasPlain: true})
		}
	})
	if s.hasHTML && strings.TrimSpace(s.plain) == "" {
		s.plain, s.hasPlain = "", false
	}
	if !s.hasHTML && !s.hasPlain {
		return extra
	}
	return append([]segment{s}, extra...)
}

// children visits the direct children of a container.
func (j *job) children(index int, visit func(child int, first bool)) {
	parts := j.tree.Parts
	for c := index + 1; c < parts[index].End; c = parts[c].End {
		visit(c, c == index+1)
	}
}

// isBodyText reports whether a text part is shown: not when it is meant as a file (RFC 8621 §4.1.4
// reads it the same way).
// Of a container the first text is the message; later ones are so only without a file name, since mailing lists and
// scanners add a footer as a part of its own.
func isBodyText(p *mimewalk.Part, at place) bool {
	switch p.Type {
	case "text/plain", "text/html":
	case "text/enriched", "text/richtext", "text/markdown", "text/x-markdown", "text/flowed":
		if at.container == "multipart/alternative" {
			return false
		}
	default:
		return false
	}
	if p.Disposition == "attachment" {
		return at.container == "" && partFileName(p, "") == ""
	}
	if at.container == "multipart/digest" || at.container == "multipart/encrypted" {
		return false
	}
	return at.first || at.isBody || at.container == "" || partFileName(p, "") == "" && at.container != "multipart/related"
}

// isEncryptedPart knows PGP content, which cannot be read here.
func isEncryptedPart(p *mimewalk.Part) bool {
	return p.Type == "application/pgp-encrypted" || p.Type == "application/pgp"
}
