package letter

import (
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extended "github.com/yuin/goldmark/extension/ast"
)

// HTML is the text formatted, as the content of a page's body: paragraphs, lists, quotes, code, emphasis, links to http, https, mailto and
// tel, and pasted images under the address that image gives for their names. One without an address stands as its words. No other address is
// in it, so whoever reads it fetches nothing from anybody.
func (l Letter) HTML(image func(name string) string) string {
	if image == nil {
		image = func(string) string { return "" }
	}
	w := &page{source: l.source, image: image}
	if l.tree == nil {
		w.typed(string(l.source))
	} else {
		w.blocks(l.tree)
	}
	return strings.TrimRight(w.b.String(), "\n")
}

// page writes HTML.
type page struct {
	b      strings.Builder
	source []byte
	image  func(string) string
	linked bool // within a link, which holds no other
}

// typed writes a text that is not read: its paragraphs and lines alone.
func (w *page) typed(s string) {
	for part := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if part = strings.Trim(part, "\n"); part != "" {
			w.b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>\n") + "</p>\n")
		}
	}
}

func (w *page) blocks(of ast.Node) {
	for n := of.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
}

func (w *page) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		w.around("p", "\n", func() { w.inline(n) })
	case *ast.TextBlock:
		w.inline(n)
		if n.NextSibling() != nil {
			w.b.WriteString("\n")
		}
	case *ast.Heading: // a letter has no headings of a page: the line stands out
		w.b.WriteString("<p>")
		w.around("strong", "", func() { w.inline(n) })
		w.b.WriteString("</p>\n")
	case *ast.ThematicBreak:
		w.b.WriteString("<hr>\n")
	case *ast.FencedCodeBlock:
		w.b.WriteString("<pre><code>" + html.EscapeString(lines(n, w.source)) + "</code></pre>\n")
	case *ast.Blockquote:
		w.around("blockquote", "\n", func() { w.blocks(n) })
	case *ast.List:
		name := "ul"
		if n.IsOrdered() {
			name = "ol"
		}
		w.b.WriteString("<" + name)
		if n.IsOrdered() && n.Start != 1 {
			w.b.WriteString(` start="` + strconv.Itoa(n.Start) + `"`)
		}
		w.b.WriteString(">\n")
		w.blocks(n)
		w.b.WriteString("</" + name + ">\n")
	case *ast.ListItem:
		w.around("li", "\n", func() { w.blocks(n) })
	default:
		w.blocks(n)
	}
}

func (w *page) around(name, behind string, f func()) {
	w.b.WriteString("<" + name + ">")
	f()
	w.b.WriteString("</" + name + ">" + behind)
}

func (w *page) inline(of ast.Node) {
	for at := of.FirstChild(); at != nil; at = at.NextSibling() {
		switch n := at.(type) {
		case *ast.Text:
			words, last := run(n, w.source)
			w.words(words)
			if broken(last) {
				w.b.WriteString("<br>\n")
			}
			at = last
		case *ast.CodeSpan:
			w.b.WriteString("<code>" + html.EscapeString(code(n, w.source)) + "</code>")
		case *ast.Emphasis:
			name, mark := "em", "*"
			if n.Level == 2 {
				name, mark = "strong", "**"
			}
			if literal(n, w.source) {
				w.b.WriteString(mark)
				w.inline(n)
				w.b.WriteString(mark)
				continue
			}
			w.around(name, "", func() { w.inline(n) })
		case *extended.Strikethrough:
			w.around("del", "", func() { w.inline(n) })
		case *ast.Link:
			w.link(string(n.Destination), func() { w.inline(n) })
		case *ast.AutoLink:
			w.link(address(n, w.source), func() { w.b.WriteString(html.EscapeString(string(n.Label(w.source)))) })
		case *ast.Image:
			w.picture(n)
		default:
			w.inline(n)
		}
	}
}

// words writes a text, with the addresses in it as links.
func (w *page) words(s string) {
	for s != "" {
		before, found, after := firstAddress(s)
		w.b.WriteString(html.EscapeString(before))
		if found != "" {
			w.link(found, func() { w.b.WriteString(html.EscapeString(found)) })
		}
		s = after
	}
}

// link writes a link, or its words alone where it leads nowhere that it may.
func (w *page) link(to string, words func()) {
	to, may := safe(to)
	if !may || w.linked {
		words()
		return
	}
	w.linked = true
	w.b.WriteString(`<a href="` + html.EscapeString(to) + `">`)
	words()
	w.b.WriteString("</a>")
	w.linked = false
}

// picture writes a pasted image. Where it is none, or is not there, its words stand for it.
func (w *page) picture(n *ast.Image) {
	words, src := plain(n, w.source), ""
	if name, is := pasted(string(n.Destination)); is {
		src = w.image(name)
	}
	if src == "" {
		w.b.WriteString(html.EscapeString("[" + words + "]"))
		return
	}
	w.b.WriteString(`<img src="` + html.EscapeString(src) + `" alt="` + html.EscapeString(words) + `">`)
}
