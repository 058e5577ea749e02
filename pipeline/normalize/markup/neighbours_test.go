package markup

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestMarksAreReadAndMark(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("tags.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range markLists.Names() {
		if !strings.Contains(string(code), "("+strconv.Quote(name)+")") {
			t.Errorf("nothing reads [%s]", name)
		}
	}
	for list, attribute := range map[string]string{"quote classes": "class", "quote ids": "id"} {
		for _, mark := range markLists.Words(list) {
			for _, in := range []string{
				`<p>my answer</p><div ` + attribute + `="` + mark + `">old words</div>`, `<p>my answer</p><div ` + attribute + `='a ` + mark + ` b'><p>old words</p></div><br>`,
				`my answer<blockquote ` + attribute + `="` + mark + `">old words</blockquote>`, `<div>my answer<div ` + attribute + `=` + mark + `>old words`,
			} {
				p := Text(in, 1000)
				if got := strings.TrimSpace(p.Text[:p.QuoteAt]); got != "my answer" {
					t.Errorf("%s %q: %q stands before the history in %q", attribute, mark, got, p.Text)
				}
			}
			for _, other := range []string{"not" + mark, mark + "-x", strings.ReplaceAll(mark, mark[:1], mark[:1]+"_")} {
				if mark == "yahoo_quoted" && strings.HasPrefix(other, mark) {
					continue
				}
				if p := Text(`<p>my answer</p><div `+attribute+`="`+other+`">more words</div>`, 1000); p.QuoteAt < len(p.Text) {
					t.Errorf("%s %q, which is not %q, is history", attribute, other, mark)
				}
			}
		}
	}
	for _, mark := range markLists.Words("signatures") {
		for _, attribute := range []string{"class", "id"} {
			p := Text(`<p>my answer</p><div `+attribute+`="`+mark+`">Anna Li</div>`, 1000)
			if got := strings.TrimSpace(p.Text[:p.SignAt]); got != "my answer" || p.QuoteAt != len(p.Text) {
				t.Errorf("%s %q: %q stands before the signature in %q", attribute, mark, got, p.Text)
			}
		}
	}
	for _, mark := range markLists.Words("end marks") {
		for _, attribute := range []string{"class", "id"} {
			a := attributes{}
			a.set(keyOf(attribute), mark)
			if !a.toEnd() {
				t.Errorf("%s %q does not reach to the end", attribute, mark)
			}
			if a.quote(tagDiv) {
				p := Text(`<p>my answer</p><div `+attribute+`="`+mark+`">head</div><p>old words</p>`, 1000)
				if got := strings.TrimSpace(p.Text[:p.QuoteAt]); got != "my answer" {
					t.Errorf("%s %q: %q stands before the history", attribute, mark, got)
				}
			}
		}
	}
}

// TestElementsByWhatTheyDo: every element that is known, in one sentence.
func TestElementsByWhatTheyDo(t *testing.T) {
	t.Parallel()
	for want, names := range map[string]string{
		"a b c":     "span font b strong u i em small a o:p ins del mark code tt sub sup label abbr unknown",
		"a\nb\nc":   "div p section article header footer main center form fieldset address aside includetail h1 h2 h3 h4 h5 h6 table tbody thead body",
		"a\n- b\nc": "li dt dd",
		"a c":       "script style title iframe noembed noframes object svg template",
	} {
		for name := range strings.FieldsSeq(names) {
			for _, form := range []string{name, strings.ToUpper(name)} {
				in := "a <" + form + ">b</" + form + "> c"
				if name == "template" || name == "object" || name == "svg" {
					in = "a <" + form + "><b>b</b></" + form + "> c"
				}
				if got := strings.TrimSpace(Text(in, 1000).Text); got != want {
					t.Errorf("%s: %q, want %q", form, got, want)
				}
				attributed := strings.Replace(in, "<"+form+">", "<"+form+" data-x=\"1 > 2\" lang='zh' >", 1)
				if got := strings.TrimSpace(Text(attributed, 1000).Text); got != want {
					t.Errorf("%s with attributes: %q, want %q", form, got, want)
				}
			}
		}
	}
}

func TestTextsOfPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"Chinese", "<p>我的退款</p><p>还没到</p>", "我的退款\n还没到"},
		{"Traditional as references", "&#36864;&#27454;", "退款"},
		{"mixed scripts in one line", "<b>我的</b>card<i>被</i>declined", "我的card被declined"},
		{"digits of full width", "<td>１２３</td><td>４５６</td>", "１２３\t４５６"},
		{"from right to left", `<p dir="rtl">החזר <b>כספי</b></p>`, "החזר כספי"},
		{"a picture of letters", "<p>👨‍👩‍👧 ok</p>", "👨‍👩‍👧 ok"},
		{"a flag", "🇭🇰", "🇭🇰"},
		{"a name's reference in capitals", "&AMP;&LT;", "&<"},
		{"a reference without its semicolon", "&lt p &amp q", "< p & q"},
		{"a reference beyond Unicode", "&#x110000;", "\ufffd"},
		{"a reference to nothing", "&#0;", "\ufffd"},
		{"a surrogate", "&#xD800;", "\ufffd"},
		{"a null byte", "a\x00b", "ab"},
		{"bytes that are no text", "a\xffb", "a\ufffdb"},
		{"half a character at the end", "款\xe6\xac", "款\ufffd"},
		{"control characters within a word", "a\x01b", "a\x01b"},
		{"line ends of three kinds", "<pre>a\r\nb\rc\nd</pre>", "a\nb\nc\nd"},
		{"a tabulator in a paragraph", "<p>a\tb</p>", "a b"},
		{"a vertical tabulator is no white space of HTML", "a\vb", "a\vb"},
		{"an ideographic space stays", "退\u3000款", "退\u3000款"},
		{"only white space", "<p> \n\t </p>", ""},
		{"only tags", "<div><p><br></p></div>", ""},
		{"less than", "1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"less than before a digit", "a <5 b", "a <5 b"},
		{"a heart", "I <3 you", "I <3 you"},
		{"an address in brackets", "Anna <anna@x.example>", "Anna"},
		{"an address as a reference", "Anna &lt;anna@x.example&gt;", "Anna <anna@x.example>"},
		{"a tag that nothing ends", "a <b", "a"},
		{"a tag at the end", "a <", "a <"},
		{"a slash alone", "a </", "a </"},
		{"an end without a name", "a </> b", "a b"},
		{"a declaration", "<!DOCTYPE html><p>a", "a"},
		{"an instruction", "<?xml version='1.0'?><p>a", "a"},
		{"a comment that nothing ends", "a<!-- b", "a"},
		{"a comment in a comment", "a<!-- <!-- -->b", "ab"},
		{"an empty comment", "a<!---->b", "ab"},
		{"a comment that ends oddly", "a<!--b--!>c", "ac"},
		{"marked text of XML", "<![CDATA[a]]>b", "b"},
		{"a script that writes a tag", "<script>'</p>'</script>a", "a"},
		{"a style that nothing closes", "a<style>b", "a"},
		{"a title in the text", "a<title>b</title>c", "ac"},
		{"a text field", "<textarea><b>a</b></textarea>", "<b>a</b>"},
		{"a button", "<button>Pay</button>", "Pay"},
		{"a choice", "<select><option>a<option>b</select>", "ab"},
		{"a picture without a word", "<img src=x>", ""},
		{"two pictures of letters", `<img alt="😀"><img alt="🙏">`, "😀🙏"},
		{"a list in a list", "<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n- b\n- c"},
		{"a table in a table", "<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>", "a\tb\nc"},
		{"a row that nothing ends", "<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"},
		{"a quotation with an empty line", "<blockquote>a<br><br>b</blockquote>", "> a\n> \n> b"},
		{"a list in a quotation", "<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b"},
		{"a link around Chinese", `<a href="https://x.example/a">点这里</a>`, "点这里 <https://x.example/a>"},
		{"a link around a picture", `<a href="https://x.example/a"><img alt="👍"></a>`, "👍 <https://x.example/a>"},
		{"a link in a link", `<a href="https://x.example/a">a<a href="https://y.example/b">b</a></a>`, "ab <https://y.example/b> <https://x.example/a>"},
		{"a link with a reference", `<a href="https://x.example/?a=1&amp;b=2">go</a>`, "go <https://x.example/?a=1&b=2>"},
		{"a link that is told otherwise than it goes", `<a href="https://evil.example/">https://bank.example/</a>`, "https://bank.example/ <https://evil.example/>"},
		{"a link with a tab in it", "<a href=\"java\tscript:x\">go</a>", "go"},
		{"a link to a file", `<a href="file:///etc/passwd">go</a>`, "go"},
		{"a link of data", `<a href="data:text/html,x">go</a>`, "go"},
		{"an attribute twice", `<div hidden style="display:block" style="display:none">a</div>b`, "b"},
		{"of two styles the first counts", `<div style="color:red" style="display:none">a</div>b`, "a\nb"},
		{"a style in capitals", `<DIV STYLE="Display:None">a</DIV>b`, "b"},
		{"an attribute with a bracket in it", `<div title="a>b">c</div>`, "c"},
		{"an attribute without quotes", `<div style=display:none>a</div>b`, "b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, strings.TrimRight(Text(c.in, 1<<20).Text, "\n")); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// TestTextIsReadAsTextAgain: what was read and is written as markup is read as the same.
func TestTextIsReadAsTextAgain(t *testing.T) {
	t.Parallel()
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	for _, in := range []string{"<p>a</p><p>b &amp; c</p>", "<pre>a  b\n c</pre>", "<ul><li>a<li>b</ul>", "我的 <b>退款</b> &lt;5", "<table><tr><td>a<td>b</table>", "a<br><br>b", "<blockquote>a</blockquote>"} {
		once := Text(in, 1000).Text
		twice := Text("<pre>"+escape.Replace(once)+"</pre>", 1000).Text
		if diff := cmp.Diff(strings.TrimRight(once, "\n"), strings.TrimRight(twice, "\n")); diff != "" {
			t.Errorf("%q (-once +twice):\n%s", in, diff)
		}
	}
}

// steps reads markup and counts what it costs: tokens, and the elements that were open at most.
func steps(src string) (tokens, deepest int) {
	r := newReader(src)
	w := walker{limit: unbounded, lineStart: true, quoteAt: -1, signAt: -1}
	for r.next(&w) {
		tokens++
		deepest = max(deepest, len(w.stack))
	}
	return tokens, deepest
}

// TestStepsGrowWithTheMarkup: sixteen times the markup is sixteen times the tokens, no more; each takes some bytes away, and the
// memory of open elements has its bound. No clock is asked.
func TestStepsGrowWithTheMarkup(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{
		"a", "<p>", "</p>", "<p>a", "<b>", "<div>", "</div>", "<a href=x>", "<a href='", "<!--", "<!-- a -->", "<![CDATA[", "<?", "&amp;", "&#", "<", "</", "<<", ">", "<br>", "<td>", "<blockquote>", "<script>", "</script>", "<style>a</style>",
		"<textarea>", "<xmp>", "<plaintext>", "\"", "'", "=", "<p a=b ", "<p a='b' ", "退", "👍", "\xff", "\x00", "\u200b", " ", "\n", "<img alt=👍>", "<p style=display:none>", "<div class=gmail_quote>", "<title>",
	} {
		for _, before := range []string{"", "<p ", "<!--", "<style>", "<div hidden>", "<a href=\"", strings.Repeat("<xmp></xmp>", maxStrange+1)} {
			small, _ := steps(before + strings.Repeat(unit, 500))
			large, deepest := steps(before + strings.Repeat(unit, 8000))
			if large > 16*small+32*maxStrange {
				t.Errorf("%q behind %.12q: %d tokens, sixteen times as much has %d", unit, before, small, large)
			}
			if n := len(before) + 8000*len(unit); large > n {
				t.Errorf("%q behind %.12q: %d tokens of %d bytes", unit, before, large, n)
			}
			if deepest > maxDepth {
				t.Errorf("%q behind %.12q: %d elements are open", unit, before, deepest)
			}
		}
	}
}

// TestAReaderMovesOn: every token takes something away, so that no markup is read for ever.
func TestAReaderMovesOn(t *testing.T) {
	t.Parallel()
	for _, src := range markups() {
		r := newReader(src)
		w := walker{limit: unbounded, lineStart: true, quoteAt: -1, signAt: -1}
		for at := 0; r.rest == nil && r.next(&w); at = r.at {
			if r.rest == nil && r.at <= at {
				t.Fatalf("%q is read again from %d", src, at)
			}
		}
	}
}

// TestPlacesLieWithinTheText for each limit, at each character.
func TestPlacesLieWithinTheText(t *testing.T) {
	t.Parallel()
	src := `<p>我的 answer 👍</p><div class=gmail_signature>李</div><div class=gmail_quote>old 话</div>`
	whole := Text(src, 1000)
	for limit := range len(whole.Text) + 2 {
		p := Text(src, limit)
		if len(p.Text) > limit || !utf8.ValidString(p.Text) || !strings.HasPrefix(whole.Text, p.Text) {
			t.Errorf("to %d bytes it is %q", limit, p.Text)
		}
		if p.SignAt < 0 || p.SignAt > p.QuoteAt || p.QuoteAt > len(p.Text) || p.Truncated != (len(p.Text) < len(whole.Text)) {
			t.Errorf("to %d bytes: %+v", limit, p)
		}
	}
}

func TestTargetsOfLinks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://x.example":    "https://x.example",
		" http://x.example/a ": "http://x.example/a",
		"HTTP://X":             "HTTP://X",
		"ftp://x":              "",
		"//x.example":          "",
		"/a":                   "",
		"#a":                   "",
		"javascript:alert(1)":  "",
		"mailto:a@b.example":   "",
		"https:/x":             "",
		"https://a b":          "",
		"https://a\nb":         "",
		"https://a<b":          "",
		"https://a>b":          "",
		"":                     "",
		"https://退款.example":   "https://退款.example",
		"https://x.example/" + strings.Repeat("a", maxURL): "",
	} {
		if got := webLink(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestPropertiesThatAreNought(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		style string
		want  bool
	}{
		{"height:0", true},
		{"height:0px", true},
		{"height:0pt;color:red", true},
		{"color:red;height:0", true},
		{"height:0!important", true},
		{"height:0%", true},
		{"height:0em", true},
		{"height:0rem", true},
		{"height:00", false},
		{"height:0.5em", false},
		{"height:10px", false},
		{"line-height:0", false},
		{"max-height:0", false},
		{"height:", false},
		{"", false},
		{"xheight:0", false},
	} {
		if got := zero(c.style, "height:"); got != c.want {
			t.Errorf("%q: %v", c.style, got)
		}
	}
}

func TestStylesAreSqueezed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Display : None":           "display:none",
		"a\tb\nc\rd\fe\vf":         "abcdef",
		"":                         "",
		"  ":                       "",
		"FONT-family: 宋体 ; x":      "font-family:宋体;x",
		"\u00a0a":                  "a",
		strings.Repeat("a ", 3000): strings.Repeat("a", 1024),
	} {
		if got := squeeze(in); got != want {
			t.Errorf("%.40q is %.40q, want %.40q", in, got, want)
		}
	}
}
