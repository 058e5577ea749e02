// Package formatted reads the words of a formatted mail, so that what must not be shown is found in it however it is spread over tags.
package formatted

import (
	"strings"

	"golang.org/x/net/html"
)

// tokenMax bounds one tag or text, in bytes. What is longer ends the reading.
const tokenMax = 1 << 20

// Words are the words of HTML twice: with a space in place of each tag, and with nothing there. A number may be spread over tags, or be two
// numbers in two cells. Of tags the values of attributes that people see or that name somebody are among them. It reads each byte once.
func Words(src string) (spaced, unbound string) {
	var a, b, beside strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	z.SetMaxBuf(tokenMax)
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return a.String() + beside.String(), b.String() + beside.String()
		case html.TextToken:
			text := html.UnescapeString(string(z.Raw()))
			a.WriteString(text)
			b.WriteString(text)
		case html.StartTagToken, html.SelfClosingTagToken:
			a.WriteByte(' ')
			for _, attribute := range z.Token().Attr {
				if said(attribute.Key) {
					beside.WriteString("\n" + attribute.Val)
				}
			}
		default:
			a.WriteByte(' ')
		}
	}
}

// said reports whether an attribute may hold words, or an address.
func said(attribute string) bool {
	switch attribute {
	case "alt", "title", "href", "src":
		return true
	}
	return false
}
