package markup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/normalize/tidy"
)

// TestText reads what markup shows: line ends, white space, lists, tables, links, pictures.
func TestText(t *testing.T) {
	t.Parallel()
	long := "https://shop.example/" + strings.Repeat("a", maxURL)
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"words without markup", "hello  world", "hello world"},
		{"white space is one blank", "<p> a \t\n b </p>", "a b\n"},
		{"a blank between two elements of a line is kept", "<b>a</b> <i>b</i>", "a b"},
		{"none is made where none is", "<b>a</b><i>b</i>", "ab"},
		{"a no-break space is a character", "a&nbsp;&nbsp;b", "a\u00a0\u00a0b"},
		{"paragraphs are lines", "<p>a</p><p>b</p>", "a\nb\n"},
		{"a division is a line", "a<div>b</div>c", "a\nb\nc"},
		{"divisions within each other make no empty lines", "<div><div><div>a</div></div></div>b", "a\nb"},
		{"a break ends a line", "a<br>b<br/>c", "a\nb\nc"},
		{"two breaks leave an empty line", "a<br><br>b", "a\n\nb"},
		{"four leave no more than two", "a<br><br><br><br><br>b", "a\n\n\nb"},
		{"a break at the end of a paragraph is its end", "<p>a<br></p><p>b</p>", "a\nb\n"},
		{"a heading is a line", "<h1>a</h1>b", "a\nb"},
		{"a ruler is a line", "a<hr>b", "a\n----\nb"},
		{"items of a list", "<ul><li>a<li>b</ul>c", "- a\n- b\nc"},
		{"cells are parted by a tab", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc\n"},
		{"heads of columns as well", "<table><tr><th>a</th><th>b</th></tr></table>", "a\tb\n"},
		{"an empty first cell makes no tab", "<table><tr><td></td><td>b</td></tr></table>", "b\n"},
		{"what is formatted stands as it is written", "<pre>a  b\n\tc</pre>", "a  b\n\tc\n"},
		{"references are characters", "&lt;p&gt; &amp;amp; &#20013;&#x6587;", "<p> &amp; 中文"},
		{"a reference to nothing stays", "&nosuch; & &", "&nosuch; & &"},
		{"what nobody sees is taken out, written as references too", "pay&#8203;ment&shy;s&#xfeff;", "payments"},
		{"a quotation has its mark", "<blockquote>a<br>b</blockquote>c", "> a\n> b\nc"},
		{"many empty lines of a quotation are two, as elsewhere", "<blockquote>a<br><br><br><br><br><br><br>b</blockquote>", "> a\n> \n> \n> b"},
		{"two empty lines of a quotation stay", "<blockquote>a<br><br><br>b<br><br><br>c</blockquote>", "> a\n> \n> \n> b\n> \n> \n> c\n"},
		{"empty lines before, in and behind the end of a quotation are counted together", "<blockquote>a<br><br><br></blockquote><br><br><br>b", "> a\n> \n> \nb"},
		{"many empty paragraphs of a quotation", "<blockquote><p>a</p><p><br></p><p><br></p><p><br></p><p><br></p><p>b</p></blockquote>", "> a\n> \n> \n> b\n"},
		{"a quotation in a quotation has two", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n> > b\n"},
		{"a link says where it goes", `<a href="https://x.example/pay">here</a>`, "here <https://x.example/pay>"},
		{"not where its text says so", `<a href="https://x.example/">x.example</a>`, "x.example"},
		{"nor where the text is the target", `<a href="https://x.example/a">https://x.example/a</a>`, "https://x.example/a"},
		{"a link without text is none", `<a href="https://x.example/a"></a>b`, "b"},
		{"a link to an address is none that a browser opens", `<a href="mailto:a@x.example">write</a>`, "write"},
		{"nor is a program", `<a href="javascript:alert(1)">go</a>`, "go"},
		{"the scheme may be written in capitals", `<a href="HTTPS://x.example/a">go</a>`, "go <HTTPS://x.example/a>"},
		{"a target with a blank in it is none", `<a href="https://x.example/a b">go</a>`, "go"},
		{"one that is too long is left out", `<a href="` + long + `">go</a>`, "go"},
		{"an emoji that is a picture", `a<img alt="😀">b`, "a😀b"},
		{"a picture's name is none", `a<img alt="logo.png">b`, "ab"},
		{"nor is a slogan with an emoji", `a<img alt="Buy 😀">b`, "ab"},
		{"nor a long one in Chinese", `a<img alt="` + strings.Repeat("中", 11) + `">b`, "ab"},
		{"one of ten characters is", `a<img alt="` + strings.Repeat("中", 10) + `">b`, "a" + strings.Repeat("中", 10) + "b"},
		{"styles, scripts and titles are no text", "<title>t</title><style>p{}</style><script>x()</script>a", "a"},
		{"nor is the head", "<head><meta charset=utf-8>x</head><body>a", "a"},
		{"a head that nothing closes ends with the first element of a body", "<head><style>p{}</style><p>a", "a"},
		{"comments are no text", "a<!-- b -->c<!--[if mso]>d<![endif]-->e", "ace"},
		{"an element of no meaning changes nothing", "<o:p>a</o:p><custom>b</custom>", "ab"},
		{"a paragraph ends where a block begins", "<p>a<div>b</div>c", "a\nb\nc"},
		{"an end that nothing began is none", "a</div></b></p>b", "ab"},
		{"an inline end does not close a block", "<b><div>a</b>b</div>c", "ab\nc"},
		{"capitals in names", "<P>a</P><BR><DIV>b</DIV>", "a\n\nb\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.TrimRight(c.want, "\n"), strings.TrimRight(Text(c.in, 1<<20).Text, "\n")); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// TestWhatIsHidden: preheaders and padding are no words of the sender's, but what looks like hiding may not be.
func TestWhatIsHidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attribute string
		hidden    bool
	}{
		{`hidden`, true},
		{`style="display:none"`, true},
		{`style="DISPLAY : NONE"`, true},
		{`style="color:red; display:none !important"`, true},
		{`style="visibility:hidden"`, true},
		{`style="mso-hide:all"`, true},
		{`style="font-size:0"`, true},
		{`style="font-size:0px;color:#fff"`, true},
		{`style="font-size: 0 !important"`, true},
		{`style="max-height:0;overflow:hidden"`, true},
		{`style="height:0px;overflow:hidden"`, true},
		{`style="font-size:0.9em"`, false},
		{`style="font-size:10px"`, false},
		{`style="mso-font-size:0"`, false},
		{`style="max-height:0"`, false},
		{`style="overflow:hidden"`, false},
		{`style="line-height:0;overflow:hidden"`, false},
		{`style="display:block"`, false},
		{`class="hidden"`, false},
		{`aria-hidden="true"`, false},
		{``, false},
	} {
		t.Run(c.attribute, func(t *testing.T) {
			want := "seen secret"
			if c.hidden {
				want = "seen"
			}
			got := strings.Join(strings.Fields(Text("<p>seen</p><div "+c.attribute+"><b>secret</b></div>", 1000).Text), " ")
			if got != want {
				t.Errorf("%q is read as %q, want %q", c.attribute, got, want)
			}
		})
	}
}

// TestWhereEverythingIsHiddenItIsShown: a style that was never closed must not lose a customer's words.
func TestWhereEverythingIsHiddenItIsShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`<div style="display:none">my refund`, "my refund"},
		{`<div style="display:none">my refund</div> `, "my refund"},
		{`<div hidden>a<style>b</style></div>`, "a"},
		{`<div hidden>a</div>b`, "b"},
		{`<script>only this</script>`, ""},
	} {
		if got := strings.TrimSpace(Text(c.in, 1000).Text); got != c.want {
			t.Errorf("%q is read as %q, want %q", c.in, got, c.want)
		}
	}
}

// TestWhereTheHistoryBegins: by the marks of mail clients; what follows and is none undoes the mark, unless the mark reaches to
// the end by its nature. "‖" is where the history is expected.
func TestWhereTheHistoryBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"none", "<p>a</p>", "a"},
		{"a quotation that is none of a mail", "a<blockquote>b</blockquote>", "a\n> b"},
		{"a quotation of a mail", "a<blockquote type=cite>b</blockquote>", "a\n‖> b"},
		{"in capitals", "a<blockquote type=CITE>b</blockquote>", "a\n‖> b"},
		{"Gmail", "a<div class=gmail_quote>b</div>", "a\n‖b"},
		{"Gmail among other classes", `a<div class="x gmail_quote y">b</div>`, "a\n‖b"},
		{"a class that only looks like it", "a<div class=gmail_quoted>b</div>", "a\nb"},
		{"Yahoo with a number behind", "a<div class=yahoo_quoted_123>b</div>", "a\n‖b"},
		{"Outlook stands before the history", "a<div id=divRplyFwdMsg>From: x</div><p>b</p>", "a\n‖From: x\nb"},
		{"Outlook, passed on by another", "a<div id=x_divRplyFwdMsg>From: x</div>b", "a\n‖From: x\nb"},
		{"an id that ends alike without the mark of passing on", "a<div id=mydivRplyFwdMsg>b</div>", "a\nb"},
		{"words behind it undo it", "a<blockquote type=cite>b</blockquote><p>my answer</p>", "a\n> b\nmy answer"},
		{"blanks behind it do not", "a<blockquote type=cite>b</blockquote><p>&nbsp;</p>", "a\n‖> b\n\u00a0"},
		{"nor does another region", "a<div class=gmail_quote>b</div><blockquote type=cite>c</blockquote>", "a\n‖b\n> c"},
		{"of two regions with words between the second counts", "<blockquote type=cite>q</blockquote>answer<blockquote type=cite>r</blockquote>", "> q\nanswer\n‖> r"},
		{"one that is hidden is none", "a<div class=gmail_quote hidden>b</div>c", "a\nc"},
		{"a name", "a<div name=quote>b</div>", "a\n‖b"},
		{"a name at something that is no block", "a<a name=quote>b</a>", "ab"},
		{"all is history", "<div class=gmail_quote>b</div>", "‖b"},
		{"a region that nothing closes", "a<div class=gmail_quote>b<p>c", "a\n‖b\nc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Text(c.in, 1000)
			got := p.Text
			if p.QuoteAt < len(p.Text) {
				got = p.Text[:p.QuoteAt] + "‖" + p.Text[p.QuoteAt:]
			}
			if got = strings.TrimRight(got, "\n"); got != c.want {
				t.Errorf("%q is read as %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// TestWhereTheSignatureBegins, above the history. "§" is where it is expected.
func TestWhereTheSignatureBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"none", "<p>a</p>", "a"},
		{"Gmail", "a<div class=gmail_signature>Li</div>", "a\n§Li"},
		{"by its id", "a<div id=Signature>Li</div>", "a\n§Li"},
		{"words behind it undo it", "a<div class=gmail_signature>Li</div>b", "a\nLi\nb"},
		{"a no-break space behind it does not", "a<div class=gmail_signature>Li</div>&nbsp;", "a\n§Li\n\u00a0"},
		{"the history behind it does not", "a<div class=gmail_signature>Li</div><div class=gmail_quote>q</div>", "a\n§Li\n"},
		{"one within the history is of that", "a<div class=gmail_quote>q<div class=gmail_signature>Wang</div></div>", "a\n"},
		{"two of them are one", "a<div class=gmail_signature>Li</div><div class=moz-signature>Ltd</div>", "a\n§Li\nLtd"},
		{"one that is hidden is none", "a<div class=gmail_signature hidden>Li</div>", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Text(c.in, 1000)
			got := p.Text[:p.QuoteAt]
			if p.SignAt < p.QuoteAt {
				got = p.Text[:p.SignAt] + "§" + p.Text[p.SignAt:p.QuoteAt]
			}
			if p.QuoteAt == len(p.Text) {
				got = strings.TrimRight(got, "\n")
			}
			if got != c.want {
				t.Errorf("%q is read as %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// TestTextStopsAtItsLimit, between two characters, and says so.
func TestTextStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		limit int
		want  string
		cut   bool
	}{
		{"<p>abcdef", 6, "abcdef", false},
		{"<p>abcdefg", 6, "abcdef", true},
		{"中文字", 6, "中文", true},
		{"中文字", 8, "中文", true},
		{"ab<div class=gmail_quote>q</div>", 2, "ab", true},
		{"", 6, "", false},
	} {
		p := Text(c.in, c.limit)
		if p.Text != c.want || p.Truncated != c.cut || p.QuoteAt > len(p.Text) || p.SignAt > p.QuoteAt {
			t.Errorf("%q to %d bytes: %+v, want %q, cut %v", c.in, c.limit, p, c.want, c.cut)
		}
	}
	if p := Text("<p>"+strings.Repeat(" ", maxMarkup)+"x", 100); !p.Truncated {
		t.Errorf("what lies behind %d bytes of markup is not read, and nothing says so", maxMarkup)
	}
}

// TestDepthIsBounded: elements below the last that is remembered are read as text, and what follows is read on.
func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<div>", maxDepth+10)
	if got := strings.TrimSpace(Text(deep+"deep"+strings.Repeat("</div>", maxDepth+10)+"<p>after</p>", 100).Text); got != "deep\nafter" {
		t.Errorf("got %q", got)
	}
	got := Text(strings.Repeat("<blockquote>", maxQuote+5)+"q", 100).Text
	if n := strings.Count(got, "> "); n != maxQuote {
		t.Errorf("%d marks of quotation, want %d: %q", n, maxQuote, got)
	}
}

// TestThousandsOfOpenInlineElements: an end tag looks through so many and no more, and leaves the rest open.
func TestThousandsOfOpenInlineElements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		between int
		want    string
	}{{maxScan - 1, "text <https://x.example/a> more"}, {maxScan, "text more <https://x.example/a>"}} {
		in := `<p><a href="https://x.example/a">` + strings.Repeat("<b>", c.between) + "text</a> more</p>"
		if got := strings.TrimSpace(Text(in, 1000).Text); got != c.want {
			t.Errorf("with %d open elements between: %q, want %q", c.between, got, c.want)
		}
	}
}

// FuzzText: no markup makes more text than was asked for, nor places outside it.
func FuzzText(f *testing.F) {
	for _, src := range markups() {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p := Text(src, 1000)
		if len(p.Text) > 1000 || p.QuoteAt < 0 || p.QuoteAt > len(p.Text) || p.SignAt < 0 || p.SignAt > p.QuoteAt {
			t.Errorf("%d bytes of text, history at %d, signature at %d", len(p.Text), p.QuoteAt, p.SignAt)
		}
		short := tidy.Clip(src, 2048)
		if diff := cmp.Diff(strings.ToLower(strings.Join(strings.Fields(short), "")), squeeze(short)); diff != "" {
			t.Errorf("squeeze: %s", diff)
		}
	})
}

func BenchmarkText(b *testing.B) {
	var all strings.Builder
	files, err := filepath.Glob("../testdata/html/*.html")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(src)
	}
	src := strings.Repeat(all.String(), 4)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Text(src, 1<<20)
	}
}
