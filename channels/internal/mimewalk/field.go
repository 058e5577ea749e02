package mimewalk

import (
	"bytes"
	"strings"
)

// Field is one header field as it stands in the message.
type Field struct {
	Name  string // as written, without the colon
	Value string // raw: still folded, still encoded, 8-bit bytes untouched
}

// Get returns the value of the first field of that name (compared without case), or "".
func (p *Part) Get(name string) string {
	for i := range p.Fields {
		if len(p.Fields[i].Name) == len(name) && strings.EqualFold(p.Fields[i].Name, name) {
			return p.Fields[i].Value
		}
	}
	return ""
}

// extraFields is how many Content-… fields are still kept beyond the limits of a header: without
// them the body behind an oversize header could not be read.
const extraFields = 16

// extraBytes bounds such a field.
// The longest useful one is a Content-Type with a file name in pieces (RFC 2231).
const extraBytes = 4 << 10

// fieldSpan is one field by its offsets in the input.
// name to nameEnd is the name, value (behind the colon) to end is the value with its folds. Strings are made only at the end (fields).
type fieldSpan struct{ name, nameEnd, value, end int }

// headerScan reads the header of one entity.
// It keeps offsets and copies nothing, so a header of a gigabyte costs its reading and no memory beyond the limits.
type headerScan struct {
	raw    []byte
	limits Limits
	root   bool // of the whole message, which cannot do without a header
	known  int  // up to here a header field is known to follow
	spans  []fieldSpan
	// extras counts the Content-… fields that were kept beyond the limits.
	extras int
	kept   int  // bytes of the settled fields
	open   bool // the last line belongs to the last of spans
	over   bool // fields beyond a limit were left out
	cut    bool // a field was shortened
	broken bool // a line was no header field

	settled int // how many of spans have their final length
}

// scan reads fields from start on and returns where the body begins.
//
// Mail in use breaks the form in four ways that are mended here: the empty line is missing before a delimiter, it holds spaces, a
// line without a colon stands in the middle (a broken fold), or the body follows without any empty line. For the whole
// message (root) a header is expected whatever comes, so junk is skipped; for a part the first such line begins the body.
func (h *headerScan) scan(start int) (body int) {
	defer h.settle()
	pos := start
	for pos < len(h.raw) {
		next, stop := lineEnd(h.raw, pos)
		line := h.raw[pos:stop]
		switch {
		case len(line) == 0:
			return next
		case !h.root && bytes.HasPrefix(line, []byte("--")): // a delimiter, where the empty line is missing
			return pos
		case line[0] == ' ' || line[0] == '\t':
			if h.endsHere(line, next) {
				return next
			}
			if h.open {
				h.spans[len(h.spans)-1].end = stop
			}
		default:
			colon, name := fieldName(line)
			if colon < 0 {
				if len(h.spans) == 0 && !h.root || !h.headerGoesOn(next) {
					return pos
				}
				h.broken, h.open = true, false
				break
			}
			h.add(fieldSpan{pos, pos + name, pos + colon + 1, stop})
		}
		pos = next
	}
	return len(h.raw)
}

// endsHere reports whether a line of mere white space is the end of the header: RFC 5322 §4.2 reads
// it as a continuation, some senders mean the empty line.
func (h *headerScan) endsHere(line []byte, next int) bool {
	if len(bytes.TrimLeft(line, " \t")) > 0 {
		return false
	}
	return !h.headerFollows(next)
}

// headerFollows reports whether what stands at pos still belongs to a header.
func (h *headerScan) headerFollows(pos int) bool {
	if pos >= len(h.raw) {
		return true
	}
	_, stop := lineEnd(h.raw, pos)
	line := h.raw[pos:stop]
	if len(line) == 0 || line[0] == ' ' || line[0] == '\t' {
		return true
	}
	colon, _ := fieldName(line)
	return colon >= 0
}

// maxJunkLines is how many lines without a colon may stand together in a header.
// It bounds the look ahead. known remembers its result, so that many junk lines in a row are not each looked behind again.
const maxJunkLines = 100

// headerGoesOn reports whether after a line without a colon, which ended at pos, the header goes
// on: the very next line belongs to one, or a well-known field comes before the empty line.
func (h *headerScan) headerGoesOn(pos int) bool {
	if pos <= h.known {
		return true
	}
	if len(h.spans) > 0 && h.headerFollows(pos) {
		return true
	}
	for n := 0; n < maxJunkLines && pos < len(h.raw); n++ {
		next, stop := lineEnd(h.raw, pos)
		line := h.raw[pos:stop]
		if len(line) == 0 {
			return false
		}
		if colon, name := fieldName(line); colon >= 0 && wellKnown(string(line[:name])) {
			h.known = pos
			return true
		}
		pos = next
	}
	return false
}

// wellKnown reports whether a word before a colon is surely the name of a header field.
// Text of people has colons, too ("Note: …"), so the look ahead believes only these.
func wellKnown(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "reply-to", "mime-version", "delivered-to", "references", "in-reply-to", "dkim-signature", "sender":
		return true
	}
	return strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "x-")
}

// add keeps a field, within the limits.
// From the first field that does not fit, all others are left out but Content-… (extraFields).
func (h *headerScan) add(f fieldSpan) {
	h.settle()
	h.over = h.over || h.room() < 2*(f.value-f.name) || len(h.spans) >= h.limits.HeaderFields
	h.open = true
	if h.over {
		name := h.raw[f.name:f.nameEnd]
		isContent := len(name) > 8 && bytes.EqualFold(name[:8], []byte("Content-"))
		h.open = isContent && f.value-f.name <= extraBytes && h.extras < extraFields
		if h.open {
			h.extras++
		}
	}
	if h.open {
		if h.spans == nil && h.root {
			h.spans = make([]fieldSpan, 0, 32)
		}
		h.spans = append(h.spans, f)
	}
}

// fields turns the spans into strings that share as few allocations as possible.
// One string is made of the whole header and the fields are pieces of it, unless most of it was left out: then it would be held
// in memory for nothing.
func (h *headerScan) fields() []Field {
	if len(h.spans) == 0 {
		return nil
	}
	first, last := h.spans[0].name, h.spans[len(h.spans)-1].end
	shared := ""
	if last-first <= 2*h.limits.HeaderBytes {
		shared = string(h.raw[first:last])
	}
	out := make([]Field, len(h.spans))
	for i, s := range h.spans {
		if shared != "" {
			out[i] = Field{shared[s.name-first : s.nameEnd-first], shared[s.value-first : s.end-first]}
		} else {
			out[i] = Field{string(h.raw[s.name:s.nameEnd]), string(h.raw[s.value:s.end])}
		}
	}
	return out
}

// fieldName finds the colon of a field line and the length of the name before it; colon is -1 if
// the line is no field. Space between name and colon is tolerated (RFC 5322 §4.5.8 obs-optional).
// A name may have any printable ASCII but the colon (RFC 5322 §2.2); 256 characters are more than any in use.
func fieldName(line []byte) (colon, name int) {
	for name < len(line) && line[name] > ' ' && line[name] < 0x7f && line[name] != ':' {
		name++
	}
	if name == 0 || name > 256 {
		return -1, 0
	}
	colon = name
	for colon < len(line) && (line[colon] == ' ' || line[colon] == '\t') {
		colon++
	}
	if colon == len(line) || line[colon] != ':' {
		return -1, 0
	}
	return colon, name
}

// lineEnd returns where the next line starts and where the text of this one stops: LF, CR LF and
// CR CR LF all end a line.
func lineEnd(raw []byte, pos int) (next, stop int) {
	i := bytes.IndexByte(raw[pos:], '\n')
	if i < 0 {
		next, stop = len(raw), len(raw)
	} else {
		next, stop = pos+i+1, pos+i
	}
	for stop > pos && raw[stop-1] == '\r' {
		stop--
	}
	return next, stop
}
