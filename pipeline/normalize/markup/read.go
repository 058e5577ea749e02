package markup

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// reader takes markup apart. What nearly every mail is made of, text, plain tags and comments, it reads
// itself, without a copy; everything else it leaves to the tokenizer of x/net/html, one token at a time.
// Both say the same of the same markup: see FuzzReader. The markup is tidied: it holds neither carriage
// returns nor NUL.
type reader struct {
	// at is where src is read on.
	src     string
	at      int
	strange int             // tokens that were left to a tokenizer
	rest    *html.Tokenizer // reads all that follows, where it is set
}

// newReader leaves markup with a possibly giant token to the tokenizer from the beginning.
func newReader(src string) *reader {
	r := &reader{src: src}
	if len(src) >= maxToken {
		r.rest = tokenizer(src) // which stops at a token that is too long
	}
	return r
}

// tokenizer is one of x/net/html whose tokens are bounded.
func tokenizer(src string) *html.Tokenizer {
	z := html.NewTokenizer(strings.NewReader(src))
	z.SetMaxBuf(maxToken)
	return z
}

// maxStrange is how many tokens are left to a tokenizer of their own, which costs as much as some
// hundred bytes of markup; then one of them reads all that follows.
const maxStrange = 16

// next hands one text or tag to the walker; false at the end.
func (r *reader) next(w *walker) bool {
	switch {
	case r.rest != nil:
		return hand(w, r.rest, r.rest.Next())
	case r.at >= len(r.src):
		return false
	}
	if end := textEnd(r.src, r.at); end > r.at {
		text := r.src[r.at:end]
		r.at = end
		w.text(text)
		return true
	}
	return r.plain(w) || r.other(w)
}

// textEnd is where the next tag, comment or declaration begins.
// A < before anything else, such as a space or a figure, is text, as in "a < b".
func textEnd(s string, i int) int {
	for {
		at := strings.IndexByte(s[i:], '<')
		if at < 0 || i+at+1 >= len(s) {
			return len(s)
		}
		i += at
		if c := s[i+1]; isLetter(c) || c == '/' || c == '!' || c == '?' {
			return i
		}
		i++
	}
}

// isDigit and isLetter are those of ASCII.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// ascii reports whether s has nothing but bytes of ASCII: the lower case of any other letter may be one of them.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// other leaves one token to the tokenizer, with the raw text that it announces.
// A new tokenizer begins in the middle of the page, so it has to be told nothing of what was before: only raw text depends on it, which is
// therefore read with its tag.
func (r *reader) other(w *walker) bool {
	z := tokenizer(r.src[r.at:])
	if r.strange++; r.strange > maxStrange {
		r.rest = z
		return r.next(w)
	}
	tt := z.Next()
	raw := false
	if tt == html.StartTagToken || tt == html.SelfClosingTagToken {
		raw = announcesRaw(z.Raw())
	}
	r.at += len(z.Raw())
	if !hand(w, z, tt) {
		return false
	}
	if raw && len(w.out) <= w.limit {
		tt = z.Next()
		r.at += len(z.Raw())
		return hand(w, z, tt)
	}
	return true
}

// announcesRaw reports whether what follows a start tag is no markup.
func announcesRaw(tag []byte) bool {
	end := 1
	for end < len(tag) && !delimits(tag[end]) {
		end++
	}
	name := string(tag[1:end])
	return ascii(name) && isRaw(strings.ToLower(name))
}

// delimits reports whether a byte ends the name of a tag.
func delimits(c byte) bool { return isBlankByte(c) || c == '/' || c == '>' }

// isBlankByte is the white space of HTML, which has no vertical tab.
func isBlankByte(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r' }

// isRaw names the elements whose content is no markup.
// They are those that the tokenizer of x/net/html reads so.
func isRaw(name string) bool {
	switch name {
	case "iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp":
		return true
	}
	return false
}

// hand gives a token of the tokenizer to the walker; false at the end.
// A self-closing tag of HTML is a start tag. Attributes are read only of tags that matter.
func hand(w *walker, z *html.Tokenizer, tt html.TokenType) bool {
	switch tt {
	case html.ErrorToken:
		return false
	case html.TextToken:
		if w.hidden == 0 && !w.inHead {
			w.words(string(z.Text()))
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		name, more := z.TagName()
		t := tagOf(string(name))
		var a attributes
		for more && t != tagNone && t != tagHead {
			var k, v []byte
			k, v, more = z.TagAttr()
			a.set(keyOf(string(k)), string(v))
		}
		w.start(t, &a)
	case html.EndTagToken:
		name, _ := z.TagName()
		w.end(tagOf(string(name)))
	}
	return true
}

// plain reads a tag or a comment in its usual form. It gives up, and has done nothing, on all others.
func (r *reader) plain(w *walker) bool {
	s := r.src[r.at:min(len(r.src), r.at+maxPlain)]
	if strings.HasPrefix(s, "<!--") {
		return r.comment(s)
	}
	if strings.HasPrefix(s, "</") {
		return r.endTag(w, s)
	}
	return r.startTag(w, s)
}

// maxPlain bounds the tags and comments that are read here, in bytes.
// A longer one is looked at once here and once by the tokenizer.
const maxPlain = 64 << 10

// comment steps over a comment that ends as comments should, and holds no other end.
// Which other ends a comment has is the tokenizer's matter.
func (r *reader) comment(s string) bool {
	body := s[len("<!--"):]
	end := strings.Index(body, "-->")
	if end <= 0 || body[0] == '>' || body[0] == '-' || strings.Contains(body[:end], "--!") {
		return false
	}
	r.at += len("<!--") + end + len("-->")
	return true
}

// endTag reads </name> with white space at most before the bracket.
func (r *reader) endTag(w *walker, s string) bool {
	name, i := tagName(s, 2)
	i = skipBlanks(s, i)
	if name == "" || i >= len(s) || s[i] != '>' {
		return false
	}
	r.at += i + 1
	w.end(tagOf(name))
	return true
}

// startTag reads <name key="value" key='value' key=value key>, also with a slash at its end.
// It gives up at the first thing that is not in this form, and then has not called the walker: the tokenizer reads the tag anew.
func (r *reader) startTag(w *walker, s string) bool {
	name, i := tagName(s, 1)
	if name == "" || isRaw(name) {
		return false
	}
	t := tagOf(name)
	var a attributes
	var seen attributeKey
	for {
		blanks := i
		i = skipBlanks(s, i)
		if strings.HasPrefix(s[i:], ">") || strings.HasPrefix(s[i:], "/>") {
			break
		}
		var key, value string
		if key, value, i = attribute(s, i); key == "" || blanks == i {
			return false
		}
		k := keyOf(key)
		if t == tagNone || k == 0 || seen&k != 0 {
			continue // of two attributes of one name the first one counts
		}
		seen |= k
		value, ok := unescaped(value)
		if !ok {
			return false
		}
		a.set(k, value)
	}
	r.at += i + strings.IndexByte(s[i:], '>') + 1
	w.start(t, &a)
	return true
}

// tagName reads a name of ASCII letters and digits at i, in lower case, and returns where it ends;
// empty where a letter stands at its end that is neither blank, slash nor bracket.
func tagName(s string, i int) (name string, end int) {
	end = i
	for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) && end > i) {
		end++
	}
	if end >= len(s) || !delimits(s[end]) {
		return "", i
	}
	return strings.ToLower(s[i:end]), end
}

// skipBlanks is where the white space ends that stands at i.
func skipBlanks(s string, i int) int {
	for i < len(s) && isBlankByte(s[i]) {
		i++
	}
	return i
}

// attribute reads one attribute at i and returns where it ends, at a blank or a bracket; the key is in
// lower case, and empty where the attribute has another form than these.
func attribute(s string, i int) (key, value string, end int) {
	end = i
	for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || s[end] == '-' || s[end] == ':' || s[end] == '_') {
		end++
	}
	if end == i || end+1 >= len(s) {
		return "", "", i
	}
	key = strings.ToLower(s[i:end])
	switch {
	case s[end] == '>':
		return key, "", end
	case isBlankByte(s[end]):
		if next := skipBlanks(s, end); next < len(s) && s[next] != '=' && s[next] != '/' {
			return key, "", end
		}
		return "", "", i
	case s[end] != '=':
		return "", "", i
	}
	value, end = attributeValue(s, end+1)
	if end >= len(s) || !delimits(s[end]) || s[end] == '/' && !strings.HasPrefix(s[end:], "/>") {
		return "", "", i
	}
	return key, value, end
}

// attributeValue reads a value in quotes, or one of letters and digits; end is len(s) for all others.
func attributeValue(s string, i int) (value string, end int) {
	if s[i] == '"' || s[i] == '\'' {
		n := strings.IndexByte(s[i+1:], s[i])
		if n < 0 {
			return "", len(s)
		}
		return s[i+1 : i+1+n], i + n + 2
	}
	end = i
	for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || s[end] == '-' || s[end] == '#' || s[end] == '%' || s[end] == '.') {
		end++
	}
	if end == i || end < len(s) && s[end] == '/' {
		return "", len(s)
	}
	return s[i:end], end
}

// unescaped resolves the one character reference that attributes are full of; ok is false where there
// are others.
// All others are for the tokenizer, which knows their names.
func unescaped(value string) (string, bool) {
	if strings.IndexByte(value, '&') < 0 {
		return value, true
	}
	plain := strings.ReplaceAll(value, "&amp;", "&")
	return plain, strings.Count(value, "&") == strings.Count(value, "&amp;")
}
