package markup

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/normalize/tidy"
)

// tag is an element that matters to the text; all others are tagNone.
type tag uint8

const (
	// A new element gets a constant here, its names in tagOf, and is looked at in block, void and silent.
	tagNone tag = iota
	tagA
	tagBlockquote
	tagBody
	tagBr
	tagDiv
	tagHead
	tagHeading
	tagHr
	tagImg
	tagInline // span, font, center, …: may be hidden or mark a quote
	tagLi
	tagList
	tagP
	tagPre
	tagScript
	tagSection
	tagStyle
	tagTable
	tagTd
	tagTitle
	tagTr
	// tagCount is how many there are.
	tagCount
)

// tagOf finds the tag of a lower-case element name.
// Names that do not matter to the text are tagNone: their content is read as if they were not there.
func tagOf(name string) tag {
	switch name {
	case "a":
		return tagA
	case "blockquote":
		return tagBlockquote
	case "body":
		return tagBody
	case "br":
		return tagBr
	case "div":
		return tagDiv
	case "head":
		return tagHead
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return tagHeading
	case "hr":
		return tagHr
	case "img":
		return tagImg
	case "span", "font", "b", "strong", "u", "i", "em", "small":
		return tagInline
	case "li", "dt", "dd":
		return tagLi
	case "ul", "ol", "dl":
		return tagList
	case "p":
		return tagP
	case "pre":
		return tagPre
	case "script", "iframe", "noembed", "noframes", "template", "object", "svg":
		return tagScript
	case "section", "article", "header", "footer", "main", "center", "form", "fieldset", "address", "includetail", "aside":
		return tagSection
	case "style":
		return tagStyle
	case "table", "tbody", "thead":
		return tagTable
	case "td", "th":
		return tagTd
	case "title":
		return tagTitle
	case "tr":
		return tagTr
	}
	return tagNone
}

// block reports whether the element stands on lines of its own.
func (t tag) block() bool {
	switch t {
	case tagNone, tagA, tagBr, tagImg, tagInline, tagHr, tagScript, tagStyle, tagTitle, tagHead:
		return false
	}
	return true
}

// void reports whether the element has no end tag.
func (t tag) void() bool { return t == tagBr || t == tagHr || t == tagImg }

// silent reports whether the element's text is never shown.
func (t tag) silent() bool { return t == tagScript || t == tagStyle || t == tagTitle }

// endsHead reports whether the element can only be in the body, so that a head that was never
// closed does not swallow the mail.
func endsHead(t tag) bool {
	return t != tagNone && t != tagStyle && t != tagScript && t != tagTitle && t != tagHead
}

// attributes are the few attributes that matter.
type attributes struct {
	// style is squeezed; href is empty unless a person could open it; kind is the attribute type.
	class, id, style, href, alt, name, kind string
	off                                     bool // the hidden attribute
}

// attributeKey is the name of an attribute that matters; a bit set.
type attributeKey uint8

const (
	// Each is one bit, so that a tag's attributes are noted as seen in one number.
	keyClass attributeKey = 1 << iota
	keyID
	keyStyle
	keyHref
	keyAlt
	keyName
	keyType
	keyHidden
)

// keyOf finds the key of a lower-case name; 0 for attributes that do not matter.
func keyOf(name string) attributeKey {
	switch name {
	case "class":
		return keyClass
	case "id":
		return keyID
	case "style":
		return keyStyle
	case "href":
		return keyHref
	case "alt":
		return keyAlt
	case "name":
		return keyName
	case "type":
		return keyType
	case "hidden":
		return keyHidden
	}
	return 0
}

// set keeps an attribute if it matters.
func (a *attributes) set(key attributeKey, value string) {
	switch key {
	case keyClass:
		a.class = value
	case keyID:
		a.id = value
	case keyStyle:
		a.style = squeeze(value)
	case keyHref:
		a.href = webLink(value)
	case keyAlt:
		a.alt = strings.TrimSpace(value)
	case keyName:
		a.name = value
	case keyType:
		a.kind = value
	case keyHidden:
		a.off = true
	}
}

// squeeze drops the white space of a style and lower-cases it.
// 2048 bytes are more than a person's program writes into one style. A character that is cut there matches nothing.
func squeeze(v string) string {
	if len(v) > 2048 {
		v = v[:2048]
	}
	out := make([]byte, 0, len(v))
	for i := range len(v) {
		switch c := v[i]; {
		case c >= utf8.RuneSelf:
			return strings.ToLower(strings.Join(strings.Fields(v), ""))
		case 'A' <= c && c <= 'Z':
			out = append(out, c|0x20)
		case c != ' ' && (c < '\t' || c > '\r'):
			out = append(out, c)
		}
	}
	return string(out)
}

// webLink keeps targets that a person could open.
// A target with blanks or brackets could break out of the "<…>" in which it is written.
func webLink(v string) string {
	s := strings.TrimSpace(v)
	if len(s) > maxURL || strings.ContainsAny(s, "<> \n\r\t") {
		return ""
	}
	if l := strings.ToLower(tidy.Clip(s, 8)); strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") {
		return s
	}
	return ""
}

// hidden reports whether the element is not shown: preheaders and padding of mailings.
// Only what hides for certain counts: a white text or a tiny one (font-size:1px) may be words of the customer's.
func (a *attributes) hidden() bool {
	if a.off {
		return true
	}
	s := a.style
	if s == "" {
		return false
	}
	return strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") ||
		strings.Contains(s, "mso-hide:all") || zero(s, "font-size:") ||
		(zero(s, "max-height:") || zero(s, "height:")) && strings.Contains(s, "overflow:hidden")
}

// zero reports whether the style sets that property to nought.
func zero(style, property string) bool {
	i := strings.Index(style, property)
	if i < 0 || i > 0 && style[i-1] != ';' {
		return false
	}
	v, _, _ := strings.Cut(style[i+len(property):], ";")
	v, _, _ = strings.Cut(v, "!")
	switch v {
	case "0", "0px", "0pt", "0em", "0%", "0rem":
		return true
	}
	return false
}

// quoteClasses and quoteIDs are the marks that mail clients leave on quoted history.
var (
	quoteClasses     = markLists.Words("quote classes")
	quoteIDs         = markLists.Words("quote ids")
	signatureClasses = markLists.Words("signatures")
	// endMarks stand before the history, which then reaches to the end of the mail.
	endMarks = markLists.Words("end marks")
)

// quote reports whether a mail client has marked this element as quoted history.
// The marks are those of marks.txt. cite on a blockquote is HTML's own.
func (a *attributes) quote(t tag) bool {
	if t == tagBlockquote && strings.EqualFold(a.kind, "cite") {
		return true
	}
	if a.id == "" && a.class == "" && a.name != "quote" {
		return false
	}
	return a.name == "quote" && t.block() || marked(a.id, quoteIDs) || marked(a.class, quoteClasses)
}

// signature reports whether the element is a signature. Below the history it is no answer.
func (a *attributes) signature() bool {
	return marked(a.class, signatureClasses) || marked(a.id, signatureClasses)
}

// toEnd reports whether everything after this element is quoted too.
func (a *attributes) toEnd() bool { return marked(a.id, endMarks) || marked(a.class, endMarks) }

// marked reports whether one of the white-space separated values is, or for ids rewritten by
// another client ("x_divRplyFwdMsg", "m_123divRplyFwdMsg") ends with, one of the marks.
func marked(values string, marks []string) bool {
	if values == "" {
		return false
	}
	for v := range strings.FieldsSeq(tidy.Clip(values, 512)) {
		for _, m := range marks {
			if v == m || len(m) > 4 && strings.HasPrefix(v, "x_") && strings.HasSuffix(v, m) || m == "yahoo_quoted" && strings.HasPrefix(v, m) {
				return true
			}
		}
	}
	return false
}
