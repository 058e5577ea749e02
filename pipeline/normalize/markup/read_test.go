package markup

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/normalize/tidy"
)

// markups are what the reader reads itself, and what it leaves to the tokenizer.
func markups() []string {
	return []string{
		"", "a < b <", "a</", "x<5<<b>y</b>", "<p>one<br/>two<br />three</p >", "<P CLASS=gmail_quote ID='x'>t</P>", "<div style=\"display:none\" style='color:red'>hidden</div>shown",
		"<div style='color:red' style=\"display:none\">shown</div>", "<div hidden>a</div><div hidden =x>b</div><div hidden/>c", "<a href=\"https://x.example/?a=1&amp;b=2\">link</a>",
		"<a href=\"https://x.example/?a=1&b=2&copy;\">link</a>", "<a href=https://x.example/a/>link</a>", "<a href='https://x.example/'class=x>link</a>", "<a title='&copy;' href=\"http://y.example\">z</a>",
		"<!-- comment -->a<!-->b--><!--->c--><!-- a --!> b --><!-- <p> -- > -->d<!-- open", "<!DOCTYPE html><?xml version=1?><![if !mso]>x<![endif]></>y</ p>z",
		"<style>p > a { b: c }</style>t<title>a&lt;b</title><script>if (a<b) '</p>'</script>u<textarea><p>&amp;</textarea>v<xmp><b></xmp>w", "<style/>a</style>b", "<t\u0130tle>a<b>c", "<style>never closed <p>x",
		"<plaintext><p>all", "<noscript><img alt=x></noscript>", "<blockquote type=cite>q</blockquote>", "<blockquote type=\"cite\"><p>q</blockquote>after", "<p\n\tid = 'x'>a", "<p id= 'x'>b", "<p =x>c", "<p a=b=c>d", "<p a='b>c",
		"<o:p>&nbsp;</o:p>", "<td nowrap width=100%>a<td>b", "<img alt=\"\U0001F600\"/><img alt='&#128512;'>", "&lt;p&gt; &amp;amp; &notit; &#x41;&#13;&#0;", "<p", "<p ", "<p a", "<p a=", "<p a=\"", "</p", "<!", "<!-", "<p/", strings.Repeat("<!>", 40) + "<p hidden>x</p>y",
		"<head><title>t</title></head><body>b<svg><p>c</svg>d", "<h1>a</h1><pre> b\n  c</pre><ul><li>d<li>e</ul><hr>f", strings.Repeat("<p a0>x", 20) + strings.Repeat("<a b='&x'>y", 20) + "<b>z",
	}
}

// checkReader compares the reader with the tokenizer that it spares.
func checkReader(t *testing.T, src string) {
	t.Helper()
	src, _ = tidy.Text(src, maxMarkup)
	for _, limit := range []int{10, 1 << 20} {
		for _, hidden := range []bool{false, true} {
			want := walkOn(&reader{src: src, rest: tokenizer(src)}, limit, hidden)
			if diff := cmp.Diff(want, walk(src, limit, hidden)); diff != "" {
				t.Errorf("%q, at most %d bytes, hidden shown %v: %s", src, limit, hidden, diff)
			}
		}
	}
}

func TestReaderReadsAsTheTokenizerDoes(t *testing.T) {
	for _, src := range markups() {
		checkReader(t, src)
	}
	checkReader(t, "<p>"+strings.Repeat("long ", maxToken/5)+"</p><b>after</b>")
}

// TestReaderReadsPlainMarkupItself: or it would spare nothing.
func TestReaderReadsPlainMarkupItself(t *testing.T) {
	r := newReader(`<html><body class="a b"><!-- x --><p style="margin:0" data-x='&copy;'>one<br/>two &amp; three</p><td nowrap width=100>x</td></body></html>`)
	w := walker{limit: 1000, lineStart: true, quoteAt: -1}
	for r.next(&w) {
	}
	if r.strange != 0 || len(w.out) == 0 {
		t.Errorf("%d tokens were left to the tokenizer; the text is %q", r.strange, w.out)
	}
}

func FuzzReader(f *testing.F) {
	for _, src := range markups() {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) { checkReader(t, src) })
}
