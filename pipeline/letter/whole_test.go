package letter

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var monday = time.Date(2026, 11, 30, 14, 5, 0, 0, time.UTC)

func TestWhatStandsBelow(t *testing.T) {
	quote := Quote("en", monday, "Ann  Smith", "Where is *it*?\n\n> On Friday you wrote:\n> Soon.\n<b>Ann</b>\n")
	for _, c := range []struct {
		name       string
		of         Whole
		said, html string
	}{
		{"nothing", Whole{Text: "**Here**"}, "Here", "<p><strong>Here</strong></p>"},
		{"a signature once, behind the line that programs know", Whole{Text: "Here.", Signature: "Wang, **Desk**\n"}, "Here.\n\n-- \nWang, Desk", "<p>Here.</p>\n<p>-- </p>\n<p>Wang, <strong>Desk</strong></p>"},
		{"the signature above the quote, and of the quote the customer's own words as he wrote them", Whole{Text: "Here.", Signature: "Wang", Quote: quote},
			"Here.\n\n-- \nWang\n\nOn 30 November 2026, 14:05, Ann Smith wrote:\n> Where is *it*?\n>\n> <b>Ann</b>",
			"<p>Here.</p>\n<p>-- </p>\n<p>Wang</p>\n<p>On 30 November 2026, 14:05, Ann Smith wrote:</p>\n<blockquote><p>Where is *it*?</p>\n<p>&lt;b&gt;Ann&lt;/b&gt;</p></blockquote>"},
		{"what is no letter", Whole{Text: "**Here**", Plain: true}, "**Here**", "<p>**Here**</p>"},
	} {
		if diff := cmp.Diff(c.said, c.of.Said()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.html, c.of.HTML(nil)); diff != "" {
			t.Errorf("%s, formatted: %s", c.name, diff)
		}
	}
	if html := (Whole{Text: strings.Repeat("&", 250<<10)}).HTML(nil); html != "" {
		t.Errorf("%d bytes of HTML, which no channel takes", len(html))
	}
}

func TestAQuote(t *testing.T) {
	for _, c := range []struct{ name, language, words, want string }{
		{"in English", "en-GB", "Hi", "On 30 November 2026, 14:05, 王芳 wrote:\nHi"},
		{"in Chinese", "zh", "你好", "2026年11月30日 14:05，王芳 写道：\n你好"},
		{"in Traditional Chinese", "zh-Hant-TW", "你好", "2026年11月30日 14:05，王芳 寫道：\n你好"},
		{"in a language of which there are no words", "fr", "Salut", "On 30 November 2026, 14:05, 王芳 wrote:\nSalut"},
		{"of nothing", "en", "  \n", ""},
		{"of nothing but quotes", "en", "> a\n > b", ""},
	} {
		if got := Quote(c.language, monday, "王芳\n", c.words); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	for name, words := range map[string]string{"many lines": strings.Repeat("a\n", 5000), "a long text": strings.Repeat(strings.Repeat("款", 40)+"\n", 1000), "one long line": strings.Repeat("款", 10000)} {
		q := Quote("zh", monday, "A", words)
		if len(q) > longestQuote+200 || strings.Count(q, "\n") > mostQuoted+2 || !utf8.ValidString(q) {
			t.Errorf("%s: %d bytes, %d lines", name, len(q), strings.Count(q, "\n"))
		}
	}
	if q := Quote("zh", monday, "A", strings.Repeat("款", 10000)); !strings.Contains(q, "款款") || !strings.HasSuffix(q, "[…]") {
		t.Errorf("of one long line nothing is quoted: %.60q", q)
	}
}

func TestVariables(t *testing.T) {
	got := Fill("{agent} of {desk}, {other} {a b} {}", map[string]string{"agent": "W*ng\n_x", "desk": "Topay"})
	if want := `W\*ng \_x of Topay, {other} {a b} {}`; got != want {
		t.Errorf("%s", got)
	}
	if Read(got).Text() != "W*ng _x of Topay, {other} {a b} {}" {
		t.Errorf("a name's signs are marks: %s", Read(got).Text())
	}
	if diff := cmp.Diff([]string{"other", "Third"}, Unknown("{agent} {other} {Third} {other} { x }", "agent")); diff != "" {
		t.Error(diff)
	}
	if fmt.Sprint(OfSignature()) != "[agent desk]" {
		t.Error("other variables than are documented")
	}
}
