package markup

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// unbounded is larger than what is measured, so that no bound hides a square.
const unbounded = 1 << 30

// TestReadingMarkupIsLinear: elements that nothing closes, closings of nothing, attributes, references, tables, comments.
func TestReadingMarkupIsLinear(t *testing.T) {
	units := append(doubling.Units(), "<p>", "</p>", "<p>a", "<div>", "</div>", "<div><p>", "<b>", "</b>", "<a href=x>", "<a href='", "<table>", "<tr>", "<td>", "<table><tr><td>", "</table>", "<ul><li>", "<li>", "<blockquote>", "<blockquote type=cite>",
		"</blockquote>", "<blockquote>a</blockquote>", "<div class=gmail_quote>", "<div class=gmail_signature>", "<div class=gmail_signature>a</div>", "<div id=a style='display:none'>", "<div hidden>", "<span style=\"font-size:0\">", "<!--", "-->", "<!-- a -->", "<!>", "<!DOCTYPE", "<?", "<![CDATA[", "]]>", "<script>", "</script>", "<style>", "</style", "<title>",
		"<textarea>", "<pre>", "<pre>\n", "<svg>", "<math>", "<br>", "<hr>", "<img alt=x>", "<p a=b ", "<p a=b>", " a", " a=", " a='b'", "a=\"b\" ", "&#x41;", "&#65", "&notit;", "&amp;amp;", "&lt;p&gt;", "<plaintext>", "<xmp>", "<noscript>", "<h1>", "</", "</p", "<p/", "<o:p>", "<form>", "<select><option>", "<template>", "<font>", "<i><b></i>", "<t\u0130tle>")
	// Tags of up to maxPlain bytes are read here, longer ones and all behind many strange ones by the tokenizer: each
	// of the two is measured by itself.
	strange := strings.Repeat("<xmp></xmp>", maxStrange+1)
	r := newReader(strange + "x")
	if walkOn(r, unbounded, false); r.rest == nil {
		t.Fatalf("%q leaves only %d tokens to the tokenizer", strange, r.strange)
	}
	read := func(s string) { Text(s, unbounded) }
	for _, frame := range [][2]string{{"<p ", ">x</p>"}, {"<p style='", "'>x</p>"}, {"<a href=\"", "\">x</a>"}, {"<p>hello</p><div style=\"", ""}, {"<!--", "-->a"}} {
		doubling.Text(t, maxPlain/20, frame[0], frame[1], units, read)
		doubling.Text(t, 8<<10, strange+frame[0], frame[1], units, read)
	}
	for _, frame := range [][2]string{{"", ""}, {"<style>", "</style>a"}, {"<table><tr>", "</table>"}, {"<div hidden>", "</div>a"}, {"<blockquote>", "</blockquote>b"}} {
		doubling.Text(t, 16<<10, frame[0], frame[1], units, read)
		doubling.Text(t, 8<<10, strange+frame[0], frame[1], units, read)
	}
	doubling.Text(t, 16<<10, "<p>", "", units, read)
}

// TestReadingNestedMarkupIsLinear: what is opened is closed again, or closed in another order.
func TestReadingNestedMarkupIsLinear(t *testing.T) {
	for _, name := range []string{"p", "div", "b", "table", "td", "ul", "li", "blockquote", "a", "span", "pre", "svg", "font", "h1"} {
		for what, shape := range map[string]func(n int) string{
			"closed":           func(n int) string { return strings.Repeat("<"+name+">", n) + "x" + strings.Repeat("</"+name+">", n) },
			"closed by others": func(n int) string { return strings.Repeat("<"+name+">", n) + "x" + strings.Repeat("</i>", n) },
			"hidden": func(n int) string {
				return strings.Repeat("<"+name+" hidden>", n) + "x" + strings.Repeat("</"+name+">", n)
			},
			"quoted": func(n int) string {
				return strings.Repeat("<blockquote><"+name+">a", n) + strings.Repeat("</"+name+"></blockquote>", n)
			},
		} {
			doubling.Check(t, 1<<10, func(n int) func() {
				src := shape(n)
				return func() { Text(src, unbounded) }
			})
			if t.Failed() {
				t.Fatalf("%s, %s", name, what)
			}
		}
	}
}

// TestReadingLinksIsLinear: many that hold each other, around many words or many blanks.
func TestReadingLinksIsLinear(t *testing.T) {
	for _, inner := range []string{"word ", "<pre> \n\t</pre>", "<img alt=\"中\">", "<br>"} {
		for _, href := range []string{"http://a.b", "http://" + strings.Repeat("aaab", 200) + ".example", "word"} {
			doubling.Check(t, 1<<10, func(n int) func() {
				src := strings.Repeat("<a href=\""+href+"\">", min(n, 4<<10)) + strings.Repeat(inner, n) + strings.Repeat("</a>", min(n, 4<<10))
				return func() { Text(src, unbounded) }
			})
			if t.Failed() {
				t.Fatalf("%q in links to %q", inner, href)
			}
		}
	}
}

// TestReadingManyAttributesIsLinear, of one element and of as many as there may be, with names of their own.
func TestReadingManyAttributesIsLinear(t *testing.T) {
	for _, form := range []string{" a%d=b", " a%d='b'", " style%d", " a=%d", " class=c%d", " id='&#%d;'"} {
		doubling.Check(t, 2<<10, func(n int) func() {
			var b strings.Builder
			b.WriteString("<p =") // which only the tokenizer reads
			for i := range n {
				fmt.Fprintf(&b, form, i)
			}
			src := b.String() + ">x</p>"
			return func() { Text(src, unbounded) }
		})
		if t.Failed() {
			t.Fatal(form)
		}
	}
}
