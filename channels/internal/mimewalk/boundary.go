package mimewalk

import (
	"bytes"
	"strings"
)

// boundaryWindow is how far into a body its first delimiter is looked for, in bytes.
// A preamble is a line or two; a longer search would let each part of a hostile mail cost the whole body.
const boundaryWindow = 16 << 10

// boundary finds the delimiter of a multipart: its parameter, unless that is missing or stands nowhere where the
// first delimiter should be while something else that looks like one does. Then that is taken.
// A parameter that is wrong would make one text of the whole mail; one that is right is never given up.
func (w *walker) boundary(p *Part) string {
	given := strings.TrimRight(p.Param("boundary"), " \t")
	if len(given) > maxBoundary {
		given = ""
	}
	head := p.Body[:min(len(p.Body), boundaryWindow)]
	if given != "" && hasDelimiter(head, given) {
		return given
	}
	found := w.sniff(head)
	switch {
	case found == "":
		return given
	case given == "":
		w.problem("multipart without boundary parameter")
	default:
		w.problem("boundary parameter did not match the delimiters")
	}
	return found
}

// hasDelimiter reports whether a line of the body is that delimiter, opening or closing.
// A delimiter may have white space behind it (RFC 2046 §5.1.1).
func hasDelimiter(body []byte, boundary string) bool {
	mark := []byte("--" + boundary)
	for pos := 0; ; {
		i := bytes.Index(body[pos:], mark)
		if i < 0 {
			return false
		}
		at := pos + i
		pos = at + len(mark)
		_, stop := lineEnd(body, pos)
		tail := bytes.TrimRight(body[pos:stop], " \t\r")
		if (at == 0 || body[at-1] == '\n') && (len(tail) == 0 || string(tail) == "--") {
			return true
		}
	}
}

// sniff reads a boundary off a body, behind whatever stands before its first part: the first line that is a delimiter
// by its form, with the header of a part below it. A delimiter of the multiparts around ends the search.
func (w *walker) sniff(body []byte) string {
	for pos := 0; pos < len(body); {
		next, stop := lineEnd(body, pos)
		line := bytes.TrimRight(body[pos:stop], " \t")
		if len(line) > 2 && len(line) <= maxBoundary && line[0] == '-' && line[1] == '-' {
			if at, _ := w.delimiter(line); at >= 0 {
				return ""
			}
			if beginsPart(body, next) {
				return string(line[2:])
			}
		}
		pos = next
	}
	return ""
}

// beginsPart reports whether the header of a part begins at pos.
func beginsPart(body []byte, pos int) bool {
	const field = "Content-"
	return len(body)-pos >= len(field) && bytes.EqualFold(body[pos:pos+len(field)], []byte(field))
}
