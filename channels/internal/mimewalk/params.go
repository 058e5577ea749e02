package mimewalk

import (
	"strconv"
	"strings"
)

// Param is one parameter of a structured field, not yet decoded (RFC 2231 and 2047 are the
// caller's). The same name may come more than once.
type Param struct {
	Name  string // lower case
	Value string // without quotes and escapes
}

// ParseParams splits the value of Content-Type or Content-Disposition into its main value (lower
// case, without white space and comments) and its parameters. It never fails: missing semicolons,
// stray ones, unterminated quotes and unquoted values with spaces are read as they are meant.
// At most 64 parameters are read. Order and repetition are kept: callers decide which of several counts.
func ParseParams(value string) (string, []Param) {
	s := paramScan{s: unfold(value)}
	main := s.until(";")
	if i := strings.IndexByte(main, '('); i >= 0 {
		main = dropComments(main)
	}
	var params []Param
	if eq := strings.IndexByte(main, '='); eq >= 0 { // a parameter follows without semicolon
		cut := strings.LastIndexAny(strings.TrimRight(main[:eq], " \t"), " \t")
		s.pos = max(0, strings.Index(s.s, main[cut+1:]))
		main = main[:cut+1]
	}
	for len(params) < 64 && s.skipTo() {
		if p, ok := s.param(); ok {
			params = append(params, p)
		}
	}
	return compact(main), params
}

// mediaType normalizes the main value of a Content-Type: "text" alone becomes text/plain, what has
// no form at all becomes "".
// An unknown but well-formed type is kept as it is.
func mediaType(main string) string {
	major, minor, _ := strings.Cut(main, "/")
	minor, _, _ = strings.Cut(minor, "/")
	if major == "text" && minor == "" {
		return "text/plain"
	}
	if major == "multipart" && minor == "" {
		return "multipart/mixed"
	}
	if !isToken(major) || !isToken(minor) {
		return ""
	}
	if len(main) == len(major)+1+len(minor) {
		return main
	}
	return major + "/" + minor
}

// paramScan reads parameters from left to right; pos never goes back, but for a missing semicolon.
type paramScan struct {
	s   string
	pos int
}

// until consumes up to one of the stop bytes and returns what was before it.
func (p *paramScan) until(stops string) string {
	start := p.pos
	if i := strings.IndexAny(p.s[start:], stops); i >= 0 {
		p.pos = start + i
	} else {
		p.pos = len(p.s)
	}
	return p.s[start:p.pos]
}

// skipTo moves to the start of the next parameter and reports whether there is one.
func (p *paramScan) skipTo() bool {
	for p.pos < len(p.s) && strings.IndexByte("; \t\r\n,", p.s[p.pos]) >= 0 {
		p.pos++
	}
	return p.pos < len(p.s)
}

// param reads one parameter; what has no value is skipped.
func (p *paramScan) param() (Param, bool) {
	if p.s[p.pos] == '(' {
		p.comment()
		return Param{}, false
	}
	name := strings.ToLower(strings.TrimSpace(p.until("=;")))
	if p.pos == len(p.s) || p.s[p.pos] == ';' {
		return Param{}, false
	}
	p.pos++ // "="
	for p.pos < len(p.s) && (p.s[p.pos] == ' ' || p.s[p.pos] == '\t') {
		p.pos++
	}
	if p.pos < len(p.s) && p.s[p.pos] == '"' {
		return Param{name, p.quoted()}, name != ""
	}
	return Param{name, p.bare(name)}, name != ""
}

// comment consumes a parenthesized comment.
func (p *paramScan) comment() {
	depth := 0
	for ; p.pos < len(p.s); p.pos++ {
		switch p.s[p.pos] {
		case '\\':
			p.pos++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
	}
	p.pos = min(p.pos, len(p.s))
}

// quoted reads a quoted string. Only \" and \\ are escapes: senders leave the backslashes of
// Windows paths bare.
func (p *paramScan) quoted() string {
	p.pos++
	start := p.pos
	escaped := false
	for p.pos < len(p.s) && p.s[p.pos] != '"' {
		if p.s[p.pos] == '\\' && p.pos+1 < len(p.s) && (p.s[p.pos+1] == '"' || p.s[p.pos+1] == '\\') {
			escaped = true
			p.pos++
		}
		p.pos++
	}
	p.pos = min(p.pos, len(p.s))
	v := p.s[start:p.pos]
	if p.pos < len(p.s) {
		p.pos++
	}
	if escaped {
		v = unescape(v)
	}
	return v
}

// bare reads an unquoted value: up to the semicolon, or up to the next thing that looks like a
// parameter. A comment ends it, except in a file name.
func (p *paramScan) bare(name string) string {
	start := p.pos
	v := p.until(";")
	if i := nextParam(v); i >= 0 {
		v = v[:i]
		p.pos = start + i
	}
	if i := strings.IndexByte(v, '('); i >= 0 && !strings.HasPrefix(name, "name") && !strings.HasPrefix(name, "filename") {
		v = v[:i]
	}
	return strings.Trim(strings.TrimSpace(v), `"`)
}

// nextParam finds white space that is followed by "token=", the sign of a missing semicolon.
func nextParam(v string) int {
	if len(v) > extraBytes { // no sender writes that, and the search below is not linear
		return -1
	}
	for from := 0; ; {
		i := strings.IndexAny(v[from:], " \t")
		if i < 0 {
			return -1
		}
		i += from
		rest := strings.TrimLeft(v[i:], " \t")
		eq := strings.IndexByte(rest, '=')
		if eq < 0 {
			return -1
		}
		if eq > 0 && eq+1 < len(rest) && rest[eq+1] != '?' && isToken(rest[:eq]) && strings.IndexByte(rest[:eq], '?') < 0 {
			return i
		}
		from = len(v) - len(rest)
	}
}

// unescape removes the backslash of \" and \\.
func unescape(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\') {
			i++
		}
		b.WriteByte(v[i])
	}
	return b.String()
}

// dropComments removes parenthesized comments.
func dropComments(v string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// compact lower-cases and removes white space.
func compact(v string) string {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	if strings.ContainsAny(v, " \t\r\n") {
		v = strings.Join(strings.Fields(v), "")
	}
	return strings.ToLower(v)
}

// unfold joins folded lines.
func unfold(v string) string {
	v = strings.TrimSpace(v)
	if strings.IndexByte(v, '\n') < 0 {
		return v
	}
	var b strings.Builder
	b.Grow(len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '\r' && v[i] != '\n' {
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

// isToken reports whether v is a non-empty token without the separators that end one.
func isToken(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] <= ' ' || v[i] >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]=`, v[i]) >= 0 {
			return false
		}
	}
	return v != ""
}

// maxPieces bounds the pieces of one parameter.
// A file name of a thousand bytes takes some fifteen pieces.
const maxPieces = 64

// extended joins the pieces of a parameter in the forms of RFC 2231 (name*, name*0, name*0*), in the order of their
// numbers. What a charset the value is in is for the caller; a boundary has none that matters.
// Pieces that are missing leave nothing; of two with one number the first counts.
func extended(params []Param, name string) string {
	var pieces [maxPieces]string
	last := -1
	for _, p := range params {
		suffix, ok := strings.CutPrefix(p.Name, name+"*")
		if !ok {
			continue
		}
		number, percent := strings.CutSuffix(suffix, "*")
		n := 0
		if number != "" {
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 0 || n >= maxPieces {
				continue
			}
		}
		v := p.Value
		if percent || suffix == "" {
			v = unpercent(withoutCharset(v, n))
		}
		if pieces[n] == "" {
			pieces[n], last = v, max(last, n)
		}
	}
	return strings.Join(pieces[:last+1], "")
}

// withoutCharset cuts the charset and the language off the first piece.
func withoutCharset(v string, piece int) string {
	if parts := strings.SplitN(v, "'", 3); piece == 0 && len(parts) == 3 {
		return parts[2]
	}
	return v
}

// unpercent decodes %XX; what is no escape stays.
func unpercent(v string) string {
	if strings.IndexByte(v, '%') < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			if hi, lo := hexValue(v[i+1]), hexValue(v[i+2]); hi < 16 && lo < 16 {
				out, i = append(out, hi<<4|lo), i+2
				continue
			}
		}
		out = append(out, v[i])
	}
	return string(out)
}
