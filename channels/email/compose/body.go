package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/attach"
)

// entity is one part of a mail: a text, a file, or others together.
type entity struct {
	kind string // media type
	text string
	file *attach.File // of an attachment, or of a part that the HTML shows
	// shown says so of a file: it is part of the text and stands in no list of files.
	shown    bool
	boundary string
	parts    []entity
}

// body puts together what goes out: a text alone; a text and the same formatted as multipart/alternative, the plain one first (RFC 2046
// §5.1.4); with what the formatted one shows as multipart/related (RFC 2387); with files behind as multipart/mixed.
func body(out channels.Outbound) entity {
	all := entity{kind: "text/plain", text: out.Text}
	var shown, attached []entity
	for i := range out.Files {
		f := entity{file: &out.Files[i]}
		if id := f.file.ContentID; id != "" && shows(out.HTML, id) {
			f.shown = true
			shown = append(shown, f)
		} else {
			attached = append(attached, f)
		}
	}
	if out.HTML != "" {
		all = together("alternative", out.MessageID, all, entity{kind: "text/html", text: document(out)})
	}
	if len(shown) > 0 {
		all = together("related", out.MessageID, append([]entity{all}, shown...)...)
	}
	if len(attached) > 0 {
		all = together("mixed", out.MessageID, append([]entity{all}, attached...)...)
	}
	return all
}

// shows reports whether HTML names a part. One that it does not name would be seen by nobody, so it is attached like any file.
func shows(html, id string) bool {
	for rest := html; ; {
		_, after, found := strings.Cut(rest, "cid:"+id)
		if !found {
			return false
		}
		if after == "" || !attach.IsContentID(id+after[:1]) {
			return true // not the beginning of a longer name
		}
		rest = after
	}
}

// document is a whole page around what stands in its body.
func document(out channels.Outbound) string {
	lang := ""
	if language.MatchString(out.Language) {
		lang = ` lang="` + out.Language + `"`
	}
	return "<!DOCTYPE html>\n<html" + lang + "><head><meta charset=\"utf-8\"></head>\n<body>\n" + out.HTML + "\n</body></html>\n"
}

// together joins parts. The boundary depends on the mail and the kind, so that a repeat has the same, and cannot stand in a part: neither
// quoted-printable nor base64 has "=_" (RFC 2045 §6.7).
func together(kind, messageID string, parts ...entity) entity {
	sum := sha256.Sum256([]byte(kind + "\x00" + messageID))
	return entity{kind: "multipart/" + kind, boundary: "=_" + kind + "." + hex.EncodeToString(sum[:12]), parts: parts}
}

// write puts an entity behind what h has so far. Its fields come first.
func (l *Letter) write(e entity, h *headerWriter) {
	l.entity(e, h)
	l.add(h)
}

// entity writes one with all that is in it, each part behind its delimiter (RFC 2046 §5.1.1).
func (l *Letter) entity(e entity, h *headerWriter) {
	switch {
	case e.file != nil:
		h.file(e)
		l.add(h)
		l.pieces = append(l.pieces, piece{file: *e.file})
	case e.boundary == "":
		h.text(e.kind, e.text)
	default:
		kind := []string{e.kind + ";"}
		if e.kind == "multipart/related" { // RFC 2387 §3.1
			kind = append(kind, `type="`+e.parts[0].kind+`";`)
		}
		h.words("Content-Type", append(kind, `boundary="`+e.boundary+`"`)...)
		for _, part := range e.parts {
			h.b.WriteString("\r\n--" + e.boundary + "\r\n")
			l.entity(part, h)
		}
		h.b.WriteString("\r\n--" + e.boundary + "--\r\n")
	}
}

// file writes the fields of a file, up to its content.
func (h *headerWriter) file(e entity) {
	h.words("Content-Type", strings.Fields(attach.MediaType(e.file.Type))...)
	h.words("Content-Transfer-Encoding", "base64")
	disposition := "attachment;"
	if e.shown {
		disposition = "inline;"
	}
	h.words("Content-Disposition", slices.Concat([]string{disposition}, named(attach.FileName(e.file.Name)))...)
	if e.file.ContentID != "" {
		h.words("Content-ID", "<"+e.file.ContentID+">")
	}
	h.b.WriteString("\r\n")
}

// named is the parameter filename (RFC 2183 §2.3): a quoted string where the name is short and plain, else in the pieces and escapes of
// RFC 2231 §3 and §4, which hold any script.
func named(name string) []string {
	if nonASCII(name) == 0 && len(name) <= wordMax {
		return []string{`filename="` + name + `"`}
	}
	const piece = 48 // of escaped text, so that a line holds it with its own name
	var pieces []string
	escaped := "utf-8''"
	for _, r := range name { // some programs decode each piece alone, so none ends inside a character
		c := escape(r)
		if len(escaped)+len(c) > piece {
			pieces, escaped = append(pieces, escaped), ""
		}
		escaped += c
	}
	pieces = append(pieces, escaped)
	if len(pieces) == 1 {
		return []string{"filename*=" + pieces[0]}
	}
	for i, p := range pieces {
		pieces[i] = "filename*" + strconv.Itoa(i) + "*=" + p + ";"
	}
	last := &pieces[len(pieces)-1]
	*last = strings.TrimSuffix(*last, ";")
	return pieces
}

// escape writes a character as RFC 2231 §7 wants it: as it is where it is an attribute-char, else its bytes in hex.
func escape(r rune) string {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r < 0x80 && strings.ContainsRune("!#$&+-.^_`{|}~", r) {
		return string(r)
	}
	var out strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&out, "%%%02X", c)
	}
	return out.String()
}
