package letter

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func TestWhatGoesOut(t *testing.T) {
	for _, c := range []struct {
		name, typed, text, html string
	}{
		{"nothing", "", "", ""},
		{"words", "Hello Ann,\nit is done.\n\nWang", "Hello Ann,\nit is done.\n\nWang", "<p>Hello Ann,<br>\nit is done.</p>\n<p>Wang</p>"},
		{"words stand as they were typed", "  two\n\n\n   words ", "  two\n\n\n   words ", "<p>two</p>\n<p>words</p>"},
		{"Chinese", "您好：\n退款**今天**到账。", "您好：\n退款今天到账。", "<p>您好：<br>\n退款<strong>今天</strong>到账。</p>"},
		{"emphasis", "*a* and **b** and ~~c~~ and `d*e*`", "a and b and ~~c~~ and d*e*", "<p><em>a</em> and <strong>b</strong> and <del>c</del> and <code>d*e*</code></p>"},
		{"arithmetic is none", "2*3*4 = 24 and part x*12*y", "2*3*4 = 24 and part x*12*y", "<p>2*3*4 = 24 and part x*12*y</p>"},
		{"names with lines below are none", "my_file_name", "my_file_name", "<p>my_file_name</p>"},
		{"a sign that is to stand", `\*not\* this, C:\temp`, `*not* this, C:\temp`, `<p>*not* this, C:\temp</p>`},
		{"a list", "Please send:\n\n- the number\n- the date\n  - of the order", "Please send:\n\n- the number\n- the date\n  - of the order",
			"<p>Please send:</p>\n<ul>\n<li>the number</li>\n<li>the date\n<ul>\n<li>of the order</li>\n</ul>\n</li>\n</ul>"},
		{"steps", "3. open\n4. close", "3. open\n4. close", "<ol start=\"3\">\n<li>open</li>\n<li>close</li>\n</ol>"},
		{"a list with air", "- a\n\n- b", "- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>"},
		{"a quote", "> what you wrote\n> of it\n\nYes.", "> what you wrote\n> of it\n\nYes.", "<blockquote><p>what you wrote<br>\nof it</p>\n</blockquote>\n<p>Yes.</p>"},
		{"a line that stands out", "# Steps\nfirst", "Steps\n\nfirst", "<p><strong>Steps</strong></p>\n<p>first</p>"},
		{"a number is none", "#123 is yours", "#123 is yours", "<p>#123 is yours</p>"},
		{"a line of dashes", "a\n\n---\nb", "a\n\n———\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"},
		{"code", "```\nx < y\n```", "x < y", "<pre><code>x &lt; y\n</code></pre>"},
		{"a link", "[the form](https://example.com/f?a=1&b=2)", "the form (https://example.com/f?a=1&b=2)", `<p><a href="https://example.com/f?a=1&amp;b=2">the form</a></p>`},
		{"a link that says its address", "[https://example.com](https://example.com)", "https://example.com", `<p><a href="https://example.com">https://example.com</a></p>`},
		{"an address of mail", "[us](mailto:help@example.com) <help@example.com>", "us (help@example.com) help@example.com",
			`<p><a href="mailto:help@example.com">us</a> <a href="mailto:help@example.com">help@example.com</a></p>`},
		{"an address in a sentence", "See https://example.com/a_b_c(1)).", "See https://example.com/a_b_c(1)).", `<p>See <a href="https://example.com/a_b_c(1)">https://example.com/a_b_c(1)</a>).</p>`},
		{"an address in a Chinese sentence", "请看https://example.com/a，谢谢", "请看https://example.com/a，谢谢", `<p>请看<a href="https://example.com/a">https://example.com/a</a>，谢谢</p>`},
		{"a script is text", "<script>alert(1)</script>", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"a link that runs something is words", "[x](javascript:alert(1)) [y](data:text/html,a) <javascript:alert(1)>", "x y javascript:alert(1)", "<p>x y javascript:alert(1)</p>"},
		{"a link within the house is words", "[x](/desk) [y](//evil.example)", "x y", "<p>x y</p>"},
		{"an address with a name in it is words", "[bank](https://bank.example@evil.example)", "bank", "<p>bank</p>"},
		{"a pasted image", "Here:\n![a screen](file:17)", "Here:\n[a screen]", `<p>Here:<br>` + "\n" + `<img src="cid:17" alt="a screen"></p>`},
		{"one that is not there", "![a screen](file:99)", "[a screen]", `<p>[a screen]</p>`},
		{"an image from elsewhere is words", "![a](https://example.com/pixel.png)![b](file:../x)", "[a][b]", `<p>[a][b]</p>`},
		{"entities are what was typed", "AT&T &lt;b&gt;", "AT&T &lt;b&gt;", "<p>AT&amp;T &amp;lt;b&amp;gt;</p>"},
		{"a link in a link is one", "[see https://a.example](https://b.example)", "see https://a.example (https://b.example)", `<p><a href="https://b.example">see https://a.example</a></p>`},
	} {
		l := Read(c.typed)
		if diff := cmp.Diff(c.text, l.Text()); diff != "" {
			t.Errorf("%s, as text: %s", c.name, diff)
		}
		html := l.HTML(func(name string) string {
			if name == "17" {
				return "cid:17"
			}
			return ""
		})
		if diff := cmp.Diff(c.html, html); diff != "" {
			t.Errorf("%s, formatted: %s", c.name, diff)
		}
	}
}

func TestImagesThatATextShows(t *testing.T) {
	l := Read(Image("a [screen].png", "17") + " and ![b](file:4) and " + Image("", "17") + " `![c](file:5)`")
	if diff := cmp.Diff([]string{"17", "4"}, l.Images()); diff != "" {
		t.Error(diff)
	}
}

// hostile are texts over which parsers of Markdown have cost time in proportion to a square, or depth.
func hostile() map[string]func(n int) string {
	of := func(s string) func(int) string {
		return func(n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }
	}
	halves := func(a, b string) func(int) string {
		return func(n int) string { return of(a)(n/2) + of(b)(n/2) }
	}
	return map[string]func(int) string{
		"brackets": of("["), "pairs of brackets": halves("[", "]"), "links begun": of("[a]("), "stars": of("*a "), "openers and closers": halves("*a ", "b_ "),
		"marks without end": of("*a_ "), "quotes": of(">"), "quotes in lines": of("> > > > > > > > > > > >\n"), "lists": of("- "), "lists over empty lines": halves("- - - - - - - - - - - a", "\n"),
		"ticks": func(n int) string {
			var b strings.Builder
			for i := 1; b.Len() < n; i++ {
				b.WriteString(strings.Repeat("`", i%700+1) + "a")
			}
			return b.String()[:n]
		},
		"addresses": of("https://a.example/)))"), "colons": of("http://"), "backslashes": of(`\`), "words": of("word and "), "lines": of("a\n"), "pointed": of("<a"), "tildes": of("~~a "), "pictures": of("![a](file:1)"),
		"steps inwards": func(n int) string {
			var b strings.Builder
			for i := 0; b.Len() < n; i++ {
				b.WriteString(strings.Repeat(" ", 2*(i%400)) + "- a\n")
			}
			return b.String()[:n]
		},
	}
}

func TestBoundsOfWhatIsReadAsMarkdown(t *testing.T) {
	steps := func(deep int) (typed string) {
		for i := range deep {
			typed += strings.Repeat("  ", i) + "- a\n"
		}
		return typed
	}
	for name, c := range map[string]struct {
		typed string
		read  bool
	}{
		"three lists in each other":                      {steps(3), true},
		"a list, and two thousand lines behind it":       {"- a\n\n" + strings.Repeat("b\n\n", 2000), true},
		"thirty lists in each other":                     {steps(30), false},
		"deep lists, and twenty thousand empty lines":    {steps(10) + strings.Repeat("\n", 20_000), false},
		"more bytes than a person types into one answer": {strings.Repeat("word ", mostBytes/5+1), false},
	} {
		t.Run(name, func(t *testing.T) {
			l := Read(c.typed)
			if read := l.tree != nil; read != c.read {
				t.Errorf("read as Markdown: %v", read)
			}
			if got := l.Text(); strings.Count(got, "a") != strings.Count(c.typed, "a") || strings.Count(got, "word") != strings.Count(c.typed, "word") {
				t.Error("letters are lost")
			}
		})
	}
}

func TestReadingCostsTimeInProportion(t *testing.T) {
	for name, make := range hostile() {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, mostBytes/16, func(n int) func() {
				typed := make(n)
				return func() {
					l := Read(typed)
					l.Text()
					l.HTML(nil)
					l.Images()
				}
			})
		})
	}
}

// FuzzLetter holds what goes out to its closed list: elements, attributes and addresses.
func FuzzLetter(f *testing.F) {
	for _, s := range []string{"**a** [b](https://example.com) ![c](file:1)", "<script>", "[a](javascript:x)", "> - 1. a\n\n```\nx\n```", "\x00\xff~~`", "[<img src=x onerror=1>](mailto:a@b.example \"onclick\")", "![](file:1)![\"><b>](file:2)"} {
		f.Add(s)
	}
	may := map[string]string{"p": "", "br": "", "strong": "", "em": "", "del": "", "code": "", "pre": "", "hr": "", "blockquote": "", "ul": "", "ol": "start", "li": "", "a": "href", "img": "src alt"}
	f.Fuzz(func(t *testing.T, typed string) {
		l := Read(typed)
		page := l.HTML(func(name string) string { return "cid:" + name + "@example.com" })
		for z := html.NewTokenizer(strings.NewReader(page)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			token := z.Token()
			if kind == html.CommentToken || kind == html.DoctypeToken {
				t.Fatalf("%q holds %s", typed, token)
			}
			if kind == html.TextToken {
				continue
			}
			allowed, known := may[token.Data]
			if !known {
				t.Fatalf("%q holds <%s>: %s", typed, token.Data, page)
			}
			for _, a := range token.Attr {
				if !strings.Contains(" "+allowed+" ", " "+a.Key+" ") {
					t.Fatalf("%q has %s in <%s>", typed, a.Key, token.Data)
				}
				if a.Key == "src" && !strings.HasPrefix(a.Val, "cid:") {
					t.Fatalf("%q shows %q", typed, a.Val)
				}
				if _, ok := safe(a.Val); a.Key == "href" && !ok {
					t.Fatalf("%q leads to %q", typed, a.Val)
				}
			}
		}
		if strings.ContainsRune(l.Text(), 0) {
			t.Fatalf("%q keeps what no database takes", typed)
		}
		if again := Read(typed).HTML(nil); strings.Contains(again, "<img") {
			t.Fatalf("%q shows an image that nobody has: %s", typed, again)
		}
	})
}
