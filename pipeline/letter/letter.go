// Package letter makes of what an agent has typed, in Markdown, what goes out: a plain text and the same formatted. It is the one place that
// knows goldmark, and takes of it the tree alone: whatever stands in the HTML was written by this package, from a closed list of elements
// and with two attributes, href and src. There is no HTML in the source, no definition of a link and no table, and indented text is text.
package letter

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds of what is read as Markdown. A text beyond them is shown as it was typed: what a person writes has none of it, and the parser
// takes time in proportion to their squares.
const (
	mostBytes = 64 << 10
	mostMarks = 4000      // signs that may be marks of something
	deepest   = 12        // lists and quotes in each other
	mostOpen  = 128 << 10 // lines, each counted once for itself and once for every list and quote that may be open there
)

// Letter is a text that was read. It is a value; nothing changes it.
type Letter struct {
	source []byte
	tree   ast.Node // nil: it is shown as it was typed
}

// Read reads a text. It takes time in proportion to its length, and fails for none.
func Read(markdown string) Letter {
	l := Letter{source: []byte(strings.ToValidUTF8(strings.ReplaceAll(markdown, "\x00", ""), "\uFFFD"))}
	if modest(l.source) {
		l.tree = reader().Parse(text.NewReader(l.source))
	}
	return l
}

// reader reads what people type in a box: no raw HTML, no headings by a line below, no code by indentation.
func reader() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewThematicBreakParser(), 200), util.Prioritized(parser.NewListParser(), 300), util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewATXHeadingParser(), 600), util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800), util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100), util.Prioritized(parser.NewLinkParser(), 200), util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500), util.Prioritized(extension.NewStrikethroughParser(), 500)))
}

// modest reports whether a text stays within the bounds.
func modest(source []byte) bool {
	if len(source) > mostBytes {
		return false
	}
	marks, open, depth := 0, 0, 0
	for line := range strings.Lines(string(source)) {
		if n := opens(line); n > 0 {
			depth = n + indent(line)/2
		}
		open += 1 + depth
		for _, c := range []byte(line) {
			if strings.IndexByte("*_~[]!`<", c) >= 0 {
				marks++
			}
		}
		if marks > mostMarks || depth > deepest || open > mostOpen {
			return false
		}
	}
	return true
}

// indent is how many columns of white space a line begins with. Two of them can put a list into another one.
func indent(line string) (n int) {
	for _, c := range []byte(line) {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// opens is how many lists and quotes a line may open. A row of one sign, such as dashes under a heading, opens nothing.
func opens(line string) (n int) {
	line = strings.TrimSpace(line)
	if line == "" || strings.Trim(line, line[:1]) == "" && line[0] != '>' {
		return 0
	}
	for _, c := range []byte(line) {
		switch {
		case strings.IndexByte(">-+*.)", c) >= 0:
			n++
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return n
		}
	}
	return n
}

// Images are the names of the pasted images that the text shows, each once and in its order: of "![words](file:NAME)" NAME.
func (l Letter) Images() (names []string) {
	if l.tree == nil {
		return nil
	}
	seen := map[string]bool{}
	walk(l.tree, func(n ast.Node) {
		if i, is := n.(*ast.Image); is {
			if name, ok := pasted(string(i.Destination)); ok && !seen[name] {
				seen[name], names = true, append(names, name)
			}
		}
	})
	return names
}

func walk(n ast.Node, f func(ast.Node)) {
	f(n)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		walk(c, f)
	}
}

// pasted is the name of an image that was pasted into the text: letters and digits.
func pasted(destination string) (string, bool) {
	name, is := strings.CutPrefix(destination, "file:")
	if !is || name == "" || len(name) > 40 || strings.Trim(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		return "", false
	}
	return name, true
}

// Image is how a text names a pasted image.
func Image(words, name string) string {
	words = strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]\\\n\r*_`~<>!", r) {
			return '-'
		}
		return r
	}, words)
	return "![" + words + "](file:" + name + ")"
}
