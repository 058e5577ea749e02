package letter

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extended "github.com/yuin/goldmark/extension/ast"
)

// Text is the text without marks: emphasis is gone, a link's address stands behind its words, lists and quotes have their signs, an image
// is its words in brackets. What has no marks stands as it was typed.
func (l Letter) Text() string {
	if l.tree == nil || simple(l.tree) {
		return strings.Trim(unescaped(string(l.source)), "\n")
	}
	return strings.Trim(strings.Join(blocks(l.tree, l.source), "\n\n"), "\n")
}

// simple reports whether a text is nothing but paragraphs of words.
func simple(tree ast.Node) bool {
	for p := tree.FirstChild(); p != nil; p = p.NextSibling() {
		if _, is := p.(*ast.Paragraph); !is {
			return false
		}
		for n := p.FirstChild(); n != nil; n = n.NextSibling() {
			if _, is := n.(*ast.Text); !is {
				return false
			}
		}
	}
	return true
}

// blocks are the blocks below a node, each as its lines.
func blocks(of ast.Node, source []byte) (out []string) {
	for n := of.FirstChild(); n != nil; n = n.NextSibling() {
		if text := block(n, source); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func block(n ast.Node, source []byte) string {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		return inline(n, source)
	case *ast.ThematicBreak:
		return "———"
	case *ast.FencedCodeBlock:
		return strings.TrimRight(lines(n, source), "\n")
	case *ast.Blockquote:
		return indented(strings.Join(blocks(n, source), "\n\n"), "> ", "> ")
	case *ast.List:
		return list(n, source)
	}
	return strings.Join(blocks(n, source), "\n\n")
}

// list writes the items of a list with the signs that they have.
func list(l *ast.List, source []byte) string {
	var items []string
	number := l.Start
	for n := l.FirstChild(); n != nil; n = n.NextSibling() {
		sign := "- "
		if l.IsOrdered() {
			sign = strconv.Itoa(number) + string(l.Marker) + " "
			number++
		}
		between := "\n\n"
		if l.IsTight {
			between = "\n"
		}
		items = append(items, indented(strings.Join(blocks(n, source), between), sign, strings.Repeat(" ", len(sign))))
	}
	if l.IsTight {
		return strings.Join(items, "\n")
	}
	return strings.Join(items, "\n\n")
}

// indented puts first before the first line, and rest before the others.
func indented(text, first, rest string) string {
	return strings.ReplaceAll(first+strings.ReplaceAll(text, "\n", "\n"+rest), rest+"\n", strings.TrimRight(rest, " ")+"\n")
}

// inline is what stands in a paragraph.
func inline(of ast.Node, source []byte) string {
	var b strings.Builder
	for at := of.FirstChild(); at != nil; at = at.NextSibling() {
		switch n := at.(type) {
		case *ast.Text:
			words, last := run(n, source)
			b.WriteString(words)
			if broken(last) {
				b.WriteString("\n")
			}
			at = last
		case *ast.CodeSpan:
			b.WriteString(code(n, source))
		case *ast.Emphasis:
			mark := ""
			if literal(n, source) {
				mark = strings.Repeat("*", n.Level)
			}
			b.WriteString(mark + inline(n, source) + mark)
		case *extended.Strikethrough:
			b.WriteString("~~" + inline(n, source) + "~~") // without marks it would say what was taken back
		case *ast.Link:
			b.WriteString(named(inline(n, source), string(n.Destination)))
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.Image:
			b.WriteString("[" + plain(n, source) + "]")
		default:
			b.WriteString(inline(n, source))
		}
	}
	return b.String()
}

// named is a link in a plain text: its words, and behind them its address where they do not say it.
func named(words, to string) string {
	to, may := safe(to)
	switch bare := strings.TrimPrefix(strings.TrimPrefix(to, "mailto:"), "tel:"); {
	case !may, words == to, words == bare:
		return words
	case words == "":
		return bare
	default:
		return words + " (" + bare + ")"
	}
}
