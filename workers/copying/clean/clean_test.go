package clean

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"frontdesk/internal/doubling"
)

// TestNothingOfAMailRunsLoadsOrLeads is D42's list of attacks, and more of the kind.
func TestNothingOfAMailRunsLoadsOrLeads(t *testing.T) {
	c := New()
	for _, a := range []struct{ name, in, want string }{
		{"words and their shape stay", `<p>Hello <b>you</b></p><ul><li>one</ul>`, `<p>Hello <b>you</b></p><ul><li>one</ul>`},
		{"D42: a script", `a<script>alert(1)</script>b`, `ab`},
		{"D42: SVG with a script", `<svg onload=alert(1)><script>alert(2)</script></svg>x`, `x`},
		{"D42: a javascript: link", `<a href="javascript:alert(1)">click</a>`, `click`},
		{"a javascript: link in disguise", `<a href=" jAva` + "\t" + `script&colon;alert(1)">click</a>`, `click`},
		{"D42: a data: link", `<a href="data:text/html,<script>alert(1)</script>">click</a>`, `click`},
		{"a vbscript: link", `<a href="vbscript:msgbox(1)">click</a>`, `click`},
		{"an image of a data: address", `<img src="data:image/svg+xml,<svg onload=alert(1)>" alt="logo">`, `[logo]`},
		{"a remote image, which would tell that it was read", `<img src="https://evil.example/1.gif" alt="">`, ``},
		{"an attribute that runs", `<p onclick="x()" onmouseover=y()>a</p>`, `<p>a</p>`},
		{"an image that runs when it fails", `<img src=x onerror=alert(1)>`, ``},
		{"a form", `<form action=https://evil.example><input name=pin><button>Go</button></form>`, `Go`},
		{"a frame", `<iframe src=//evil.example></iframe>x`, `x`},
		{"an object", `<object data=//evil.example/x.swf><embed src=//evil.example/x.swf></object>x`, `x`},
		{"a style sheet", `<style>@import url(//evil.example)</style><link rel=stylesheet href=//evil.example>x`, `x`},
		{"a style that loads", `<p style="background:url(//evil.example/1.gif);color:red">x</p>`, `<p style="color: red">x</p>`},
		{"a style that lies over the page", `<div style="position:fixed;top:0;left:0;width:100%">x</div>`, `<div>x</div>`},
		{"a base, which would turn addresses around", `<base href=//evil.example/><p>x</p>`, `<p>x</p>`},
		{"a refresh", `<meta http-equiv=refresh content="0;url=//evil.example">x`, `x`},
		{"a comment of old browsers", `<!--[if IE]><script>alert(1)</script><![endif]-->x`, `x`},
		{"tags within tags", `<scr<script>ipt>alert(1)</scr</script>ipt>`, `ipt&gt;alert(1)ipt&gt;`},
		{"a name in the page", `<p id="reply-form" name="key" class="btn">x</p>`, `<p>x</p>`},
		{"MathML that turns into markup", `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>`, `<table></table>`},
		{"a title with markup in it", `<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`, `&#34;&gt;`},
		{"a link says where it leads", `<a href="https://evil.example/pay">https://bank.example</a>`, `https://bank.example <small>‹https://evil.example/pay›</small>`},
		{"a link whose words are its address", `<a href="https://shop.example/">https://shop.example</a>`, `https://shop.example`},
		{"an address to write to", `<a href="mailto:a@b.example">Ann</a>`, `Ann <small>‹a@b.example›</small>`},
		{"a link that nobody has closed", `<a href="https://a.example">x`, `x <small>‹https://a.example›</small>`},
		{"an image of the mail's own", `<img src="cid:logo@x" alt="Our &quot;logo&quot;" width=40 height="30px">`, `<img src="files/2" alt="Our &#34;logo&#34;" width="40">`},
		{"an image of no file", `<img src="cid:none" alt="gone">`, `[gone]`},
	} {
		if got := c.HTML(a.in, map[string]int{"logo@x": 2}); got != a.want {
			t.Errorf("%s: %s became\n%s, want\n%s", a.name, a.in, got, a.want)
		}
	}
}

func TestFilesAreEmbedded(t *testing.T) {
	copied := New().HTML(`<p>see <img src="cid:a" alt="one"> and <img src="cid:b" alt="<two>"></p>`, map[string]int{"a": 0, "b": 1})
	got := Embed(copied, func(n int) string {
		return []string{"data:image/png;base64,AA==", ""}[n]
	})
	if want := `<p>see <img src="data:image/png;base64,AA==" alt="one"> and [&lt;two&gt;]</p>`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMakingMarkupHarmlessIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what cleaning costs, which the race detector would distort")
	}
	c := New()
	units := append(doubling.Units(), "<b>", "<a href='http://x'>", "<a href=x>a</a>", "<svg>", "<p style='color:red;color:blue'>", "<", "<!--", "&amp;&", "<script>", "<img src=cid:a>")
	// What is written is five times what is read: beyond 64 KiB it would leave the caches, which costs twice as much a byte.
	doubling.Text(t, 1<<12, "", "", units, func(text string) { c.HTML(text, nil) })
}

// allowed are the elements that may come out, and kept the attributes.
var (
	allowed = regexp.MustCompile(`^(p|div|br|hr|span|b|strong|i|em|u|s|strike|del|ins|sub|sup|small|big|center|font|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|pre|code|table|caption|colgroup|col|thead|tbody|tfoot|tr|td|th|img|html|head|body)$`)
	kept    = regexp.MustCompile(`^(colspan|rowspan|width|height|align|valign|dir|lang|alt|src|style)$`)
)

// stray is what of HTML, as a browser reads it, may not stand in a copy.
func stray(out string) (found []string) {
	doc, err := html.Parse(strings.NewReader(out))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode || n.Type == html.ElementNode && !allowed.MatchString(n.Data) {
			found = append(found, n.Data)
		}
		for _, a := range n.Attr {
			if !kept.MatchString(a.Key) || a.Key == "src" && a.Val != "files/0" || a.Key == "style" && strings.ContainsAny(a.Val, "\\@<") || a.Key == "style" && strings.Contains(strings.ToLower(a.Val), "url") {
				found = append(found, a.Key+"="+a.Val)
			}
		}
	}
	return found
}

func FuzzClean(f *testing.F) {
	f.Add(`<a href="javascript:x()" title=">">a</a><img src=cid:a onerror=x><p style="color:red;background:url(x)">`)
	f.Add(`<svg><style><img src=x onerror=y></style></svg><noscript><p title='</noscript><img src=x onerror=y>'>`)
	c := New()
	f.Fuzz(func(t *testing.T, src string) {
		out := c.HTML(src, map[string]int{"a": 0})
		if found := stray(out); len(found) > 0 {
			t.Errorf("%q became %q, with %q", src, out, found)
		}
		if embedded := Embed(out, func(int) string { return "" }); strings.Contains(embedded, "<img") {
			t.Errorf("%q has an image left: %q", out, embedded)
		}
	})
}
