// Package clean makes a mail's HTML harmless: nothing in it runs, loads or leads anywhere. A second fence, the sandbox in which it is shown,
// stands around what comes out of here.
package clean

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// tokenMax bounds one tag or text, in bytes. What is longer ends the text.
	tokenMax = 1 << 20
	// linksOpen bounds how many links may be open within each other, which no mail program writes.
	linksOpen = 16
)

// Cleaner knows what stays. It is safe for concurrent use.
type Cleaner struct{ policy *bluemonday.Policy }

// New makes a Cleaner.
func New() *Cleaner {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "br", "hr", "span", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sub", "sup", "small", "big", "center", "font", "h1", "h2", "h3", "h4", "h5", "h6",
		"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", "a", "img")
	p.AllowNoAttrs().OnElements("span", "font", "a", "img")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[1-9][0-9]?$`)).OnElements("td", "th")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[1-9][0-9]{0,3}%?$`)).OnElements("img", "table", "td", "th", "col")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`(?i)^(left|right|center|justify)$`)).OnElements("p", "div", "table", "tr", "td", "th", "img", "h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("valign").Matching(regexp.MustCompile(`(?i)^(top|middle|bottom|baseline)$`)).OnElements("tr", "td", "th")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`(?i)^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z0-9-]{2,35}$`)).Globally()
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("src").OnElements("img")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.RequireParseableURLs(true)
	p.AllowStyles("color", "background-color", "text-align", "text-decoration", "font-weight", "font-style").Globally()
	return &Cleaner{p}
}

// HTML is a mail's HTML made harmless. parts are the numbers of its own files by Content-ID: an image that is one of them has the address
// "files/N" and a place for Embed; any other stands as its words. A link cannot be followed: its address stands behind its words. The
// cost is linear in src.
func (c *Cleaner) HTML(src string, parts map[string]int) string {
	var out strings.Builder
	var open []link
	walk(c.policy.Sanitize(src), func(kind html.TokenType, t html.Token, raw string) {
		switch {
		case kind == html.CommentToken || kind == html.DoctypeToken:
		case t.DataAtom == atom.A && kind == html.EndTagToken:
			if n := len(open); n > 0 {
				open[n-1].end(&out)
				open = open[:n-1]
			}
		case t.DataAtom == atom.A:
			if len(open) < linksOpen {
				open = append(open, link{to: valueOf(t, "href"), from: out.Len()})
			}
		case t.DataAtom == atom.Img && kind != html.EndTagToken:
			image(&out, t, parts)
		case t.DataAtom == atom.Img:
		default:
			out.WriteString(raw)
		}
	})
	for i := range open {
		open[len(open)-1-i].end(&out)
	}
	return out.String()
}

// walk goes through HTML token by token.
func walk(src string, each func(kind html.TokenType, t html.Token, raw string)) {
	z := html.NewTokenizer(strings.NewReader(src))
	z.SetMaxBuf(tokenMax)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if err := z.Err(); err != nil && !errors.Is(err, io.EOF) {
				each(html.TextToken, html.Token{Type: html.TextToken}, "…")
			}
			return
		}
		raw := string(z.Raw())
		each(kind, z.Token(), raw)
	}
}

// link is one that is open: where it leads, and where in the text it has begun.
type link struct {
	to   string
	from int
}

// end writes where a link leads, unless its words say so.
func (l link) end(out *strings.Builder) {
	to := strings.TrimPrefix(strings.TrimPrefix(l.to, "mailto:"), "tel:")
	if to == "" || strings.HasPrefix(to, "cid:") || strings.TrimSuffix(html.UnescapeString(strings.TrimSpace(out.String()[l.from:])), "/") == strings.TrimSuffix(to, "/") {
		return
	}
	out.WriteString(" <small>‹" + html.EscapeString(to) + "›</small>")
}

// image writes an image that the mail brings itself, and the words of any other.
func image(out *strings.Builder, t html.Token, parts map[string]int) {
	words := strings.TrimSpace(valueOf(t, "alt"))
	id, own := strings.CutPrefix(valueOf(t, "src"), "cid:")
	n, known := parts[id]
	if !own || !known {
		if words != "" {
			out.WriteString("[" + html.EscapeString(words) + "]")
		}
		return
	}
	out.WriteString(`<img src="files/` + strconv.Itoa(n) + `" alt="` + html.EscapeString(words) + `"`)
	for _, size := range []string{"width", "height"} {
		if v := valueOf(t, size); v != "" {
			out.WriteString(` ` + size + `="` + html.EscapeString(v) + `"`)
		}
	}
	out.WriteString(">")
}

func valueOf(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Embed puts content in the place of the files that a copy shows. picture gives the address of one ("data:image/png;base64,…"); "": it is
// not shown, and its words stand for it.
func Embed(copied string, picture func(n int) string) string {
	var out strings.Builder
	walk(copied, func(kind html.TokenType, t html.Token, raw string) {
		if t.DataAtom != atom.Img || kind == html.TextToken {
			out.WriteString(raw)
			return
		}
		n, err := strconv.Atoi(strings.TrimPrefix(valueOf(t, "src"), "files/"))
		src := ""
		if err == nil {
			src = picture(n)
		}
		if src == "" {
			out.WriteString("[" + html.EscapeString(valueOf(t, "alt")) + "]")
			return
		}
		out.WriteString(strings.Replace(raw, `src="files/`+strconv.Itoa(n)+`"`, `src="`+html.EscapeString(src)+`"`, 1))
	})
	return out.String()
}
