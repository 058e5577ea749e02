package markup

import (
	"strings"
	"testing"
)

// fragments are pieces of markup, whole and broken, as programs, people and attackers write them.
var fragments = []string{
	"a",
	"退款",
	" ",
	"\n",
	"&amp;",
	"&",
	"&#x4e2d",
	"<",
	"<<",
	"< p>",
	"<p>",
	"</p>",
	"</p >",
	"</ p>",
	"<p/>",
	"<P CLASS=x>",
	"<p class='gmail_quote'>",
	"<p class=\"gmail_signature\">",
	"<p style=\"display:none\">",
	"<p style=display:none >",
	"<p hidden>",
	"<p hidden=hidden>",
	"<p a=\"1\"b='2'>",
	"<p a=b/>",
	"<p a='>'>",
	"<p a=>",
	"<p =a>",
	"<p a b=c d>",
	"<p\tid\n=\nx>",
	"<p &=x>",
	"<p title='&quot;'>",
	"<p é=x>",
	"<pé>",
	"<p1>",
	"<1p>",
	"<br>",
	"<br/>",
	"</br>",
	"<hr>",
	"<div>",
	"</div>",
	"<b>",
	"</b>",
	"<td>",
	"<tr>",
	"<table>",
	"</table>",
	"<li>",
	"<blockquote type=cite>",
	"</blockquote>",
	"<pre>",
	"</pre>",
	"<a href=\"https://x.example/?a=1&amp;b=2\">",
	"<a href=https://x.example/>",
	"</a>",
	"<img alt=👍>",
	"<img alt='x' />",
	"<!-- c -->",
	"<!--->",
	"<!-->",
	"<!---->",
	"<!-- a --!>",
	"<!-- open",
	"<!DOCTYPE html>",
	"<![CDATA[x]]>",
	"<?php x ?>",
	"<script>",
	"</script>",
	"<style>p{}</style>",
	"<style>",
	"</STYLE>",
	"<title>t</title>",
	"<textarea>",
	"</textarea>",
	"<xmp>",
	"<noscript>",
	"<iframe>",
	"<plaintext>",
	"<head>",
	"</head>",
	"<body>",
	"<svg>",
	"<o:p>",
	"</o:p>",
	"<custom-tag x>",
	"\u200b",
	"\u00a0",
	"'",
	"\"",
	">",
	"/>",
	"--!>",
}

// TestEveryPairIsReadAsTheTokenizerReadsIt: any fragment behind any other one, and within an element.
func TestEveryPairIsReadAsTheTokenizerReadsIt(t *testing.T) {
	t.Parallel()
	for _, a := range fragments {
		for _, b := range fragments {
			checkReader(t, a+b)
			checkReader(t, "x "+a+" y "+b+" z")
		}
		if t.Failed() {
			t.Fatalf("behind %q", a)
		}
	}
}

// TestFragmentsInARow: long mixtures, in an order that is always the same.
func TestFragmentsInARow(t *testing.T) {
	t.Parallel()
	for step := range 40 {
		var b strings.Builder
		for i := range 60 {
			b.WriteString(fragments[(i*(step+1)+step*step)%len(fragments)])
		}
		checkReader(t, b.String())
		checkReader(t, "<div>"+b.String()+"</div>after")
	}
}

func TestAttributesThatAreReadHere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, key, value string
		end                  int
	}{
		{"in double quotes", `id="x" >`, "id", "x", 6},
		{"in single quotes", `id='x' >`, "id", "x", 6},
		{"without quotes", `id=x >`, "id", "x", 4},
		{"a number", `width=100% >`, "width", "100%", 10},
		{"a colour", `bgcolor=#ffffff>`, "bgcolor", "#ffffff", 15},
		{"in capitals", `ID="X">`, "id", "X", 6},
		{"with a dash", `data-x="1">`, "data-x", "1", 10},
		{"with a colon", `xml:lang="zh">`, "xml:lang", "zh", 13},
		{"without a value", `hidden>a`, "hidden", "", 6},
		{"without a value, before another", `hidden id=x>`, "hidden", "", 6},
		{"an empty value", `id="">`, "id", "", 5},
		{"a bracket in quotes", `id=">">`, "id", ">", 6},
		{"a value in Chinese", `alt="退款">`, "alt", "退款", 12},
		{"a slash behind quotes", `id="x"/>`, "id", "x", 6},
		{"a slash behind a value is left to others", `id=x/>`, "", "", 0},
		{"a link without quotes is left to others", `href=https://x >`, "", "", 0},
		{"spaces around the sign are left to others", `id = x>`, "", "", 0},
		{"no name", `="x">`, "", "", 0},
		{"quotes that nothing closes", `id="x>`, "", "", 0},
		{"a letter behind quotes", `id="x"y>`, "", "", 0},
		{"a name with a sign", `i&d=x>`, "", "", 0},
		{"an end within", `id`, "", "", 0},
		{"an end behind the sign", `id=`, "", "", 0},
	} {
		if key, value, end := attribute(c.in, 0); key != c.key || value != c.value || end != c.end {
			t.Errorf("%s: %q is %q=%q to %d, want %q=%q to %d", c.name, c.in, key, value, end, c.key, c.value, c.end)
		}
	}
}

func TestNamesOfTags(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>":      "p",
		"<P >":     "p",
		"<h1>":     "h1",
		"<br/>":    "br",
		"<p\n>":    "p",
		"<p":       "",
		"<>":       "",
		"<1>":      "",
		"<p-x>":    "",
		"<o:p>":    "",
		"<pé>":     "",
		"<table\t": "table",
		"< p>":     "",
	} {
		if got, _ := tagName(in, 1); got != want {
			t.Errorf("%q has the name %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{"<script>": true, "<SCRIPT x>": true, "<style/>": true, "<title>": true, "<textarea\n>": true, "<p>": false, "<scripts>": false, "<t\u0130tle>": false, "<xmp>": true, "<plaintext>": true} {
		if got := announcesRaw([]byte(in)); got != want {
			t.Errorf("%q announces what is no markup: %v", in, got)
		}
	}
}

func TestWhereATagBegins(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"":         0,
		"a":        1,
		"a<b>":     1,
		"<b>":      0,
		"a </b>":   2,
		"a <!--":   2,
		"a <?x":    2,
		"a < b":    5,
		"a <5":     4,
		"a << b>":  7,
		"a <<b>":   3,
		"a <":      3,
		"I <3 <b>": 5,
		"<":        1,
	} {
		if got := textEnd(in, 0); got != want {
			t.Errorf("the text of %q ends at %d, want %d", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "a", "a&amp;b": "a&b", "&amp;&amp;": "&&", "a&b": "", "&copy;": "", "&amp;copy;": "&copy;", "&amp": "", "": ""} {
		got, ok := unescaped(in)
		if ok && got != want || ok != (want != "" || in == "") {
			t.Errorf("%q is %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestCommentsThatAreReadHere(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"<!--a-->b":                   8,
		"<!-- a -->":                  10,
		"<!--[if mso]>x<![endif]-->y": 26,
		"<!-->":                       0,
		"<!--->":                      0,
		"<!---->":                     0,
		"<!--a--!>b-->":               0,
		"<!--a":                       0,
		"<!--a--":                     0,
		"<!--a->-->":                  10,
		"<!---a-->":                   0,
	} {
		r := newReader(in)
		if got := r.comment(in); got != (want > 0) || r.at != want {
			t.Errorf("%q is read to %d, want %d", in, r.at, want)
		}
	}
}

func TestWhichElementsAreWhat(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ block, void, silent, ends bool }{
		"p":          {true, false, false, true},
		"div":        {true, false, false, true},
		"td":         {true, false, false, true},
		"blockquote": {true, false, false, true},
		"pre":        {true, false, false, true},
		"br":         {false, true, false, true},
		"hr":         {false, true, false, true},
		"img":        {false, true, false, true},
		"span":       {false, false, false, true},
		"a":          {false, false, false, true},
		"script":     {false, false, true, false},
		"style":      {false, false, true, false},
		"title":      {false, false, true, false},
		"head":       {false, false, false, false},
		"nosuch":     {false, false, false, false},
		"":           {false, false, false, false},
	} {
		tg := tagOf(name)
		if tg.block() != want.block || tg.void() != want.void || tg.silent() != want.silent || endsHead(tg) != want.ends {
			t.Errorf("%q: block %v, void %v, silent %v, ends a head %v; want %+v", name, tg.block(), tg.void(), tg.silent(), endsHead(tg), want)
		}
	}
	for name, want := range map[string]attributeKey{"class": keyClass, "id": keyID, "style": keyStyle, "href": keyHref, "alt": keyAlt, "name": keyName, "type": keyType, "hidden": keyHidden, "title": 0, "": 0, "CLASS": 0} {
		if got := keyOf(name); got != want {
			t.Errorf("%q is the key %d, want %d", name, got, want)
		}
	}
}

// TestMarksOfClientsWithinOthers: a mark may stand among other classes, be passed on by another client, and be no mark within a word.
func TestMarksOfClientsWithinOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values string
		want   bool
	}{
		{"gmail_quote", true},
		{"a gmail_quote b", true},
		{"\tgmail_quote\n", true},
		{"x_gmail_quote", true},
		{"x_x_gmail_quote", true},
		{"GMAIL_QUOTE", false},
		{"gmail_quotes", false},
		{"my-gmail_quote", false},
		{"gmail quote", false},
		{"yahoo_quoted_123", true},
		{"yahoo_quotedx", true},
		{"xyahoo_quoted", false},
		{"qt", true},
		{"x_qt", false},
		{"", false},
		{strings.Repeat("a ", 300) + "gmail_quote", false},
		{strings.Repeat("a ", 200) + "gmail_quote", true},
	} {
		if got := marked(c.values, append(quoteClasses[:len(quoteClasses):len(quoteClasses)], quoteIDs...)); got != c.want {
			t.Errorf("%.60q is marked: %v", c.values, got)
		}
	}
}
