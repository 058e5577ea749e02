package readable

import (
	"errors"
	"html"
	"io"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainTags are the elements of a formatted mail that are shown, without any attribute but those of spans. What they hold is
// shown whatever they are; a mail's own style, links and pictures are not: nothing is loaded, and nothing is hidden.
var plainTags = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Hr: true, atom.Span: true, atom.B: true, atom.Strong: true, atom.I: true, atom.Em: true, atom.U: true, atom.S: true,
	atom.Sub: true, atom.Sup: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Ul: true, atom.Ol: true, atom.Li: true,
	atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Blockquote: true, atom.Pre: true, atom.Code: true, atom.Table: true, atom.Thead: true, atom.Tbody: true,
	atom.Tfoot: true, atom.Tr: true, atom.Td: true, atom.Th: true, atom.Caption: true, atom.Center: true, atom.Small: true,
}

// silentTags are those whose content is no text of the mail.
var silentTags = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Title: true, atom.Head: false, atom.Textarea: true, atom.Iframe: true, atom.Noframes: true, atom.Noembed: true, atom.Xmp: true,
	atom.Noscript: true, atom.Object: true, atom.Svg: true, atom.Math: true, atom.Template: true, atom.Select: true,
}

// Formatted is a mail's HTML made harmless, and its words: with a space at each tag, and without. Both are searched
// for what is to be masked, since a number may be spread over tags, or be two numbers in two cells.
type Formatted struct {
	HTML            string
	Spaced, Unbound string
}

// Harmless keeps the structure and the words of a mail's HTML. It reads each byte once and never fails. It builds
// anew what it knows and copies nothing: an element or attribute that is not listed cannot come through. A token of
// more than 1 MiB ends the text.
func Harmless(src string) Formatted {
	var out, spaced, unbound strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(src))
	z.SetMaxBuf(1 << 20)
	// A silent element ends with its own end tag; the same element within it is counted, so that an inner end does not
	// end the outer.
	silent, depth := atom.Atom(0), 0
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			if err := z.Err(); err != nil && !errors.Is(err, io.EOF) {
				out.WriteString("…")
			}
			break
		}
		t := z.Token()
		switch {
		case silent != 0:
			switch {
			case t.DataAtom == silent && kind == nethtml.StartTagToken:
				depth++
			case t.DataAtom == silent && kind == nethtml.EndTagToken:
				if depth--; depth == 0 {
					silent = 0
				}
			}
		case kind == nethtml.TextToken:
			out.WriteString(html.EscapeString(t.Data))
			spaced.WriteString(t.Data)
			unbound.WriteString(t.Data)
		case kind == nethtml.StartTagToken && silentTags[t.DataAtom]:
			silent, depth = t.DataAtom, 1
		case kind == nethtml.CommentToken || kind == nethtml.DoctypeToken:
		default:
			spaced.WriteByte(' ')
			shown := plainTag(kind, t)
			out.WriteString(shown)
			if t.DataAtom == atom.Img {
				spaced.WriteString(alternative(t))
				unbound.WriteString(alternative(t))
			}
		}
	}
	return Formatted{out.String(), spaced.String(), unbound.String()}
}

// plainTag writes a tag that is shown; "" for all others. Spans of cells are kept, up to two digits: a table without
// them cannot be read, and larger ones would make a page of any size.
func plainTag(kind nethtml.TokenType, t nethtml.Token) string {
	if t.DataAtom == atom.Img {
		return html.EscapeString(alternative(t))
	}
	if !plainTags[t.DataAtom] {
		return ""
	}
	if kind == nethtml.EndTagToken {
		return "</" + t.DataAtom.String() + ">"
	}
	var spans strings.Builder
	for _, a := range t.Attr {
		if (a.Key == "colspan" || a.Key == "rowspan") && len(a.Val) <= 2 && strings.Trim(a.Val, "0123456789") == "" && a.Val != "" {
			spans.WriteString(" " + a.Key + `="` + a.Val + `"`)
		}
	}
	return "<" + t.DataAtom.String() + spans.String() + ">"
}

// alternative is what stands for a picture.
func alternative(t nethtml.Token) string {
	for _, a := range t.Attr {
		if a.Key == "alt" && strings.TrimSpace(a.Val) != "" {
			return "[" + a.Val + "]"
		}
	}
	return "[…]"
}
