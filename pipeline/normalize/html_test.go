package normalize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
)

// TestBodyOfEveryClient reads replies as mail clients write them in HTML: testdata/html/x.html
// must become testdata/html/x.txt.
func TestBodyOfEveryClient(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/html/*.html")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".html"), func(t *testing.T) {
			want := read(t, strings.TrimSuffix(f, ".html")+".txt")
			got := Body(message.Message{HTML: read(t, f), Subject: "Re: Order"}, 0)
			if d := cmp.Diff(strings.TrimSpace(want), got.Visible); d != "" {
				t.Errorf("visible text (-want +got)\n%s\nfull:\n%s", d, got.Full)
			}
			if got.Truncated {
				t.Error("truncated")
			}
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBodyChoosesThePartThatSaysMore(t *testing.T) {
	t.Parallel()
	gmail := read(t, "testdata/html/gmail.html")
	for _, c := range []struct{ name, plain, page, want string }{
		{"plain text alone", "Hello\n\n> old", "", "Hello"},
		{"plain text beside equal HTML", "plain words", "<p>plain words</p>", "plain words"},
		{"HTML with marked history", "other words that no client marked", gmail, "It still does not work.\n\nOrder 7"},
		{"a notice in place of the plain text", "This message requires an HTML viewer.", "<p>Where is my money? I paid a week ago and have heard nothing.</p>", "Where is my money? I paid a week ago and have heard nothing."},
		{"a Chinese notice in place of the plain text", "您的邮件客户端不支持HTML格式", "<p>钱没到账</p>", "钱没到账"},
		{"raw markup in the plain text", "<html><body>Hello</body></html>", "<p>Hello</p>", "Hello"},
		{"an empty HTML part", "words", "<html><body> &nbsp; </body></html>", "words"},
		{"an unclosed style swallows the HTML", "words", "<style>p{<p>lost", "words"},
		{"nothing at all", " \n", "<p></p>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Body(message.Message{Text: c.plain, HTML: c.page}, 0); got.Visible != c.want {
				t.Errorf("visible text is %q, want %q", got.Visible, c.want)
			}
		})
	}
}

func TestBodyStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]message.Message{
		"plain text": {Text: strings.Repeat("退款", 1000)},
		"HTML":       {HTML: strings.Repeat("<p>退款</p>", 1000)},
	} {
		got := Body(m, 100)
		if len(got.Full) > 100 || len(got.Full) < 90 || !got.Truncated || strings.ContainsRune(got.Full, '\ufffd') {
			t.Errorf("%s: %d bytes, truncated %v: %q", name, len(got.Full), got.Truncated, got.Full)
		}
	}
	if got := Body(message.Message{Text: "short"}, 100); got.Truncated {
		t.Error("a short text counts as truncated")
	}
}

func TestBodyUnifiesLineEndsAndDropsPadding(t *testing.T) {
	t.Parallel()
	got := Body(message.Message{Text: "\ufeffone\r\ntwo\rthree\x00\u200b\xff"}, 0)
	if want := "one\ntwo\nthree\ufffd"; got.Full != want {
		t.Errorf("full text is %q, want %q", got.Full, want)
	}
}

// TestHostileHTMLIsLinear walks markup made to blow up parsers: each must end in time that grows
// no faster than its size. The bound is an order of magnitude above what a slow machine needs.
func TestHostileHTMLIsLinear(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"open divisions":         "<div>",
		"open quotations":        "<blockquote type=cite>x",
		"open spans":             "<span>",
		"crossed formatting":     "<b><div></b></div>",
		"end tags":               "</div></b></p>",
		"inline ends in a block": "<div><span></font>",
		"links":                  "<a href=https://x.example/1>",
		"attributes":             "<p a=1 b=2 class='x y z' style='color : red'>",
		"entities":               "&amp;&zwnj;&#8203;&bogus;",
		"comments":               "<!-- x --><![if !mso]>",
		"brackets":               "<<<<>",
		"line breaks":            "<br>",
		"list items":             "<li>",
	} {
		t.Run(name, func(t *testing.T) {
			src := strings.Repeat(unit, 256<<10/len(unit))
			start := time.Now()
			Body(message.Message{HTML: src}, 0)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(src), d)
			}
		})
	}
}

// TestHostileTextIsLinear does the same to the lines of plain text.
func TestHostileTextIsLinear(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"introductions":            "On 1 Jan 2026 at 10:00, X wrote:\n",
		"quotations and rulers":    "> q\n--\n",
		"signature separators":     "--\n",
		"labels":                   "From:\n",
		"labels with gaps":         "From: a\n\nTo: b\nx\n",
		"forwards":                 "> Begin forwarded message:\n\n",
		"colons":                   "a:\n",
		"angle brackets":           ">",
		"address tails":            "<\n",
		"dashes in one line":       "-- ",
		"blank lines":              "\n",
		"answers between quotes":   "> q\nx\n",
		"greetings":                "Hi, ",
		"closings":                 "Thanks\n",
		"brackets":                 "[x] ",
		"introductions and blanks": "X <x@y.example> wrote:\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			src := strings.Repeat(unit, 256<<10/len(unit))
			start := time.Now()
			got := Body(message.Message{Text: src, Subject: src}, 1<<20)
			Core(got.Visible)
			Fingerprint(got.Visible)
			Language(got.Visible)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(src), d)
			}
		})
	}
}
