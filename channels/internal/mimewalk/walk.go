package mimewalk

import (
	"bytes"
	"slices"
	"strings"
)

// Part is one entity of a message: its header and the bytes of its body, as they stand in the input.
type Part struct {
	// Fields are in the order of the message.
	Fields []Field
	Type   string  // media type in lower case, e.g. "text/plain"; the default where none is given
	Params []Param // parameters of Content-Type

	Disposition string  // "attachment", "inline", … in lower case; empty where none is given
	DispParams  []Param // parameters of Content-Disposition

	Body []byte // slice of the input, still transfer-encoded; of a multipart: everything inside
	// Encoding is Identity where none or an unknown one is given.
	Encoding Encoding
	Charset  string // charset parameter as given

	Parent int // index in Tree.Parts; -1 for the root
	End    int // index after the last descendant: the next sibling, if it has the same parent
	Depth  int // 0 for the root

	// HeaderCut marks a header of which something was left out, because it exceeds a limit.
	HeaderCut bool
	// Unread marks a body that lies beyond a limit: it may hold further parts.
	Unread bool
	// Broken marks a multipart in which no delimiter was found: its Body is read as one text.
	Broken bool
}

// IsMultipart reports whether the part is a container whose children were found.
func (p *Part) IsMultipart() bool {
	return strings.HasPrefix(p.Type, "multipart/") && !p.Broken && !p.Unread
}

// Param returns the parameter of that lower-case name of Content-Type, or "": the first of that name, else what
// the pieces of RFC 2231 give, decoded and without their charset.
func (p *Part) Param(name string) string {
	if v := find(p.Params, name); v != "" {
		return v
	}
	return extended(p.Params, name)
}

// find is the value of the first parameter of that name; "" for none.
func find(params []Param, name string) string {
	for _, p := range params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Tree is a walked message. Parts are in the order of the message, each before its children; there
// is always a root.
type Tree struct {
	// Parts are never empty; Parts[0] is the message itself. The children of Parts[i] lie between i+1 and Parts[i].End.
	Parts    []Part
	Problems []string // what was repaired or left out, in plain words
	Exceeded []Limit  // limits that cut the walk
}

// open is a multipart whose delimiters are being looked for.
type open struct {
	// part is its index in Tree.Parts, boundary without the leading "--".
	part     int
	boundary string
	inside   bool // its first delimiter was seen
}

// walker goes over the input once, line by line. It does not descend into parts: it keeps the open multiparts on a stack and asks of
// each line that begins with "--" which of them it belongs to. So depth costs no recursion, and a delimiter of an outer
// multipart ends the inner ones that forgot theirs, as RFC 2046 §5.1.2 wants it.
type walker struct {
	raw    []byte
	limits Limits
	tree   Tree
	stack  []open
	leaf   int            // index of the part whose body is running; -1 between parts
	lines  map[string]int // boundary → index in stack of the innermost multipart with it
	full   bool           // the parts limit was reached
}

// Walk finds the parts of a message. It runs in linear time, keeps references into raw, and never
// fails: at worst the root holds everything.
// It may be called at the same time by several; raw must not change as long as the Tree is used.
func Walk(raw []byte, limits Limits) Tree {
	w := &walker{raw: normalize(raw), limits: limits.WithDefaults(), leaf: -1}
	w.walk()
	return w.tree
}

// normalize cuts what stands before the header: byte order mark, mbox "From " line, empty lines. A
// message whose only line ends are CR is rewritten.
// Nothing is cut unless a header field follows: a text that begins with "From " may be all there is.
func normalize(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(raw, []byte{'\r'}, []byte{'\n'})
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	rest := bytes.TrimLeft(raw, "\r\n")
	if bytes.HasPrefix(rest, []byte("From ")) || bytes.HasPrefix(rest, []byte(">From ")) {
		if next, _ := lineEnd(rest, 0); next < len(rest) {
			rest = rest[next:]
		}
	}
	if len(rest) == len(raw) {
		return raw
	}
	_, stop := lineEnd(rest, 0)
	if colon, _ := fieldName(rest[:stop]); colon >= 0 {
		return rest
	}
	return raw
}

// problem notes a text once, however often it happens.
func (w *walker) problem(text string) {
	if slices.Contains(w.tree.Problems, text) {
		return
	}
	w.tree.Problems = append(w.tree.Problems, text)
}

// exceed notes a limit once; the first text for it counts.
func (w *walker) exceed(l Limit, text string) {
	if slices.Contains(w.tree.Exceeded, l) {
		return
	}
	w.tree.Exceeded = append(w.tree.Exceeded, l)
	w.problem(text)
}

// walk reads the whole input.
func (w *walker) walk() {
	pos := w.begin(0, -1)
	for len(w.stack) > 0 && !w.full && pos < len(w.raw) {
		next, stop := lineEnd(w.raw, pos)
		if line := w.raw[pos:stop]; len(line) > 2 && line[0] == '-' && line[1] == '-' {
			if at, last := w.delimiter(line); at >= 0 {
				pos = w.cross(at, last, pos, next)
				continue
			}
		}
		pos = next
	}
	w.closeDown(0, len(w.raw))
	w.endLeaf(len(w.raw))
}

// delimiter looks a line up among the open boundaries; at is the index in the stack or -1, last
// says that it is a closing one.
func (w *walker) delimiter(line []byte) (at int, last bool) {
	key := bytes.TrimRight(line[2:], " \t\r")
	if len(key) > maxBoundary+2 {
		return -1, false
	}
	if at, ok := w.lines[string(key)]; ok {
		return at, false
	}
	if k, ok := bytes.CutSuffix(key, []byte("--")); ok {
		if at, ok := w.lines[string(bytes.TrimRight(k, " \t"))]; ok {
			return at, true
		}
	}
	return -1, false
}

// maxBoundary is far above the 70 characters of RFC 2046 §5.1.1.
// A bound is needed because every line that begins with "--" is looked up.
const maxBoundary = 512

// cross handles a delimiter line that starts at pos: it ends what is open inside that multipart
// and begins its next part.
// A delimiter of an outer multipart closes all that are open inside of it.
func (w *walker) cross(at int, last bool, pos, next int) int {
	end := beforeLineEnd(w.raw, pos)
	w.closeDown(at+1, end)
	w.endLeaf(end)
	w.stack[at].inside = true
	if last {
		w.pop(end)
		return next
	}
	if len(w.tree.Parts) >= w.limits.Parts {
		w.full = true
		w.exceed(LimitParts, "more parts than the limit allows: the rest is kept as one")
		w.rest(next)
		return len(w.raw)
	}
	return w.begin(next, w.stack[at].part)
}

// begin reads a header at pos and starts that part; it returns where its body begins.
// The part's Body runs to the end of the input at first; finish cuts it when its end is known.
func (w *walker) begin(pos, parent int) int {
	h := headerScan{raw: w.raw, limits: w.limits, root: parent < 0}
	body := h.scan(pos)
	if h.over {
		w.exceed(LimitHeader, "header larger than the limit allows: part of it was left out")
	}
	if h.cut {
		const text = "header field longer than the limit allows: only its beginning was kept"
		w.exceed(LimitHeader, text)
		w.problem(text)
	}
	if h.broken {
		w.problem("header line without colon skipped")
	}
	w.tree.Parts = append(w.tree.Parts, Part{Fields: h.fields(), HeaderCut: h.over || h.cut, Parent: parent})
	index := len(w.tree.Parts) - 1
	p := &w.tree.Parts[index]
	w.describe(p)
	p.Body = w.raw[body:]
	w.leaf = index
	if strings.HasPrefix(p.Type, "multipart/") {
		w.enter(index)
	}
	return body
}

// describe reads the MIME fields of a part.
// Defaults are those of RFC 2045 §5.2, and of RFC 2046 §5.1.5 inside a digest. A type that cannot be read counts as none.
func (w *walker) describe(p *Part) {
	byDefault := "text/plain"
	if p.Parent >= 0 {
		p.Depth = w.tree.Parts[p.Parent].Depth + 1
		if w.tree.Parts[p.Parent].Type == "multipart/digest" {
			byDefault = "message/rfc822"
		}
	}
	p.Type = byDefault
	if v := p.Get("Content-Type"); v != "" {
		var main string
		main, p.Params = ParseParams(v)
		if p.Type = mediaType(main); p.Type == "" {
			p.Type = byDefault
			w.problem("Content-Type without a media type")
		}
		p.Charset = p.Param("charset")
	}
	if v := p.Get("Content-Disposition"); v != "" {
		p.Disposition, p.DispParams = ParseParams(v)
	}
	var known bool
	if p.Encoding, known = parseEncoding(p.Get("Content-Transfer-Encoding")); !known {
		w.problem("unknown Content-Transfer-Encoding read as 8bit")
	}
}

// enter opens a multipart, if it has a boundary and the depth allows it.
func (w *walker) enter(index int) {
	p := &w.tree.Parts[index]
	boundary := w.boundary(p)
	if boundary == "" {
		p.Broken = true
		w.problem("multipart without boundary read as text")
		return
	}
	if p.Depth >= w.limits.Depth {
		p.Unread = true
		w.exceed(LimitDepth, "parts nested deeper than the limit allows: the inner ones are kept as one")
		return
	}
	w.stack = append(w.stack, open{part: index, boundary: boundary})
	if w.lines == nil {
		w.lines = make(map[string]int, 4)
	}
	w.lines[boundary] = len(w.stack) - 1
	w.leaf = -1
}

// closeDown ends every open multipart from stack index from on: they lack their closing delimiter.
// A missing one is told, unless the walk was cut by a limit: then nobody has looked for it.
func (w *walker) closeDown(from, end int) {
	for len(w.stack) > from {
		if w.stack[len(w.stack)-1].inside && !w.full {
			w.problem("multipart without closing delimiter")
		}
		if w.leaf > w.stack[len(w.stack)-1].part {
			w.endLeaf(end)
		}
		w.pop(end)
	}
}

// pop ends the innermost multipart.
func (w *walker) pop(end int) {
	top := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	delete(w.lines, top.boundary)
	for i := range w.stack { // the same boundary used again inside itself
		if w.stack[i].boundary == top.boundary {
			w.lines[top.boundary] = i
		}
	}
	p := &w.tree.Parts[top.part]
	if len(w.tree.Parts) == top.part+1 {
		p.Broken = true
		w.problem("multipart without parts read as text")
	}
	w.finish(top.part, end)
}

// endLeaf ends the running part at end.
func (w *walker) endLeaf(end int) {
	if w.leaf >= 0 {
		w.finish(w.leaf, end)
		w.leaf = -1
	}
}

// finish sets the end of a part's body. Body was set to run to the end of the input.
func (w *walker) finish(index, end int) {
	p := &w.tree.Parts[index]
	start := len(w.raw) - len(p.Body)
	p.Body = w.raw[start:max(start, end):max(start, end)]
	p.End = len(w.tree.Parts)
}

// rest keeps everything from pos on as one unread part of the innermost multipart.
// So no byte is lost to the reader when there are too many parts.
func (w *walker) rest(pos int) {
	parent := w.stack[len(w.stack)-1].part
	w.tree.Parts = append(w.tree.Parts, Part{
		Type: "text/plain", Body: w.raw[pos:], Unread: true, Parent: parent, Depth: w.tree.Parts[parent].Depth + 1,
	})
	w.leaf = len(w.tree.Parts) - 1
}

// beforeLineEnd returns the end of the body before a delimiter line at pos: the line break belongs
// to the delimiter (RFC 2046 §5.1.1).
func beforeLineEnd(raw []byte, pos int) int {
	if pos > 0 && raw[pos-1] == '\n' {
		pos--
	}
	for pos > 0 && raw[pos-1] == '\r' {
		pos--
	}
	return pos
}
