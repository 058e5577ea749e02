package letter

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// run is the text of a node and of those that follow it on the same line, and the last of these: marks that mark nothing part a text.
func run(n *ast.Text, source []byte) (string, *ast.Text) {
	var b strings.Builder
	for {
		b.WriteString(unescaped(string(n.Segment.Value(source))))
		next, is := n.NextSibling().(*ast.Text)
		if !is || broken(n) {
			return b.String(), n
		}
		n = next
	}
}

// broken reports whether a line ends behind a text. In a letter a line that was typed is a line.
func broken(n *ast.Text) bool { return n.SoftLineBreak() || n.HardLineBreak() }

// unescaped takes the backslashes away that keep a sign from being a mark. Others stay: people write paths, too.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("*_`[]()#>~!", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// plain is what stands below a node, without breaks.
func plain(n ast.Node, source []byte) string {
	return strings.Join(strings.Fields(inline(n, source)), " ")
}

// code is what stands in a code span.
func code(n *ast.CodeSpan, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, is := c.(*ast.Text); is {
			b.WriteString(strings.ReplaceAll(string(t.Segment.Value(source)), "\n", " "))
		}
	}
	return b.String()
}

// lines are those of a block of code.
func lines(n ast.Node, source []byte) string { return string(n.Lines().Value(source)) }

// address is that of a link in pointed brackets.
func address(n *ast.AutoLink, source []byte) string {
	if n.AutoLinkType == ast.AutoLinkEmail {
		return "mailto:" + string(n.Label(source))
	}
	return string(n.URL(source))
}

// literal reports whether an emphasis stands between letters or digits of ASCII, as in 2*3*4: that is arithmetic, or a part's number.
func literal(n *ast.Emphasis, source []byte) bool {
	first, last := n.FirstChild(), n.LastChild()
	from, isFirst := first.(*ast.Text)
	to, isLast := last.(*ast.Text)
	if n.Level != 1 || !isFirst || !isLast {
		return false
	}
	before, after := from.Segment.Start-2, to.Segment.Stop+1
	return before >= 0 && after < len(source) && alnum(source[before]) && alnum(source[after])
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// safe is an address as a link may have it: a whole one, of a kind that runs nothing and shows nothing of this machine.
func safe(to string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(to))
	if err != nil {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" || u.User != nil {
			return "", false
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return "", false
		}
	default:
		return "", false
	}
	return u.String(), true
}

// inAddress are the signs of an address (RFC 3986 §2); those of other scripts end it, since a sentence goes on behind it without a space.
const inAddress = "-._~:/?#[]@!$&'()*+,;=%"

// firstAddress cuts a text at the first address of the web in it. What ends a sentence does not belong to it.
func firstAddress(s string) (before, found, after string) {
	for from := 0; ; {
		i := strings.Index(s[from:], "://")
		if i < 0 {
			return s, "", ""
		}
		i += from
		start := i
		for start > 0 && alnum(s[start-1]) && i-start < 6 {
			start--
		}
		if scheme := strings.ToLower(s[start:i]); scheme == "http" || scheme == "https" {
			end := i + len("://")
			for end < len(s) && (alnum(s[end]) || strings.IndexByte(inAddress, s[end]) >= 0) {
				end++
			}
			end = i + len("://") + len(trimmed(s[i+len("://"):end]))
			if end > i+len("://") {
				return s[:start], s[start:end], s[end:]
			}
		}
		from = i + len("://")
	}
}

// trimmed is an address without the signs that end a sentence, and without a bracket that it does not open.
func trimmed(s string) string {
	round, square := strings.Count(s, ")")-strings.Count(s, "("), strings.Count(s, "]")-strings.Count(s, "[")
	for s != "" {
		last := s[len(s)-1]
		switch {
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		case strings.IndexByte(".,;:!?'*_~", last) < 0:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}
