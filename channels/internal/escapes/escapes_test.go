package escapes

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

func TestJSON(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", ``, ``},
		{"no escape", `{"a":"b c"}`, `{"a":"b c"}`},
		{"a sign that need not be escaped", `"\u002b86\u0040x\/y"`, `"+86@x/y"`},
		{"capital digits", `"\u002B"`, `"+"`},
		{"Chinese characters", `"\u8bf7ann@x.example"`, `"请ann@x.example"`},
		{"an emoji, in two halves", `"\ud83d\ude00!"`, `"😀!"`},
		{"half an emoji, and another character", `"\ud83d\u0041"`, "\"\ufffdA\""},
		{"half an emoji at the end", `"\ud83d`, "\"\ufffd"},
		{"ends of lines", `"a\nb\tc"`, `"a b c"`},
		{"a quotation mark and a backslash", `"\"\\n"`, `""\n"`},
		{"a broken escape", `"\x \u12 \u12g4`, `"\x \u12 \u12g4`},
		{"a backslash at the end", `"a\`, `"a\`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := JSON([]byte(c.in)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestForm(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"a number with its plus sign", "From=%2B8613800138001&Body=x", "From=+8613800138001&Body=x"},
		{"a number behind an encoded character", "Body=%E5%8F%B78613800138001", "Body=号8613800138001"},
		{"small digits", "a%40b", "a@b"},
		{"a plus sign is a space", "a+b", "a b"},
		{"a broken escape", "50% %4", "50% %4"},
		{"a broken escape before a right one", "%%40 %g1", "%@ %g1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Form([]byte(c.in)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBody(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"JSON", "\ufeff {\"a\":\"\\u0040+\"}", []string{"\ufeff {\"a\":\"@+\"}"}},
		{"a list", `["\u0040"]`, []string{`["@"]`}},
		{"JSON without escapes", `{"a":"50%+1"}`, nil},
		{"a form", `a=%40`, []string{`a=@`}},
		{"a form without escapes", `a=b`, nil},
		{"nothing", ``, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := slices.Collect(Body([]byte(c.in))); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEscapesAreLinear(t *testing.T) {
	for name, c := range map[string]struct {
		unit string
		read func([]byte) string
	}{"code units": {`\ud83d`, JSON}, "backslashes": {`\`, JSON}, "percent signs": {"%", Form}} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<14, func(n int) func() {
				text := []byte(strings.Repeat(c.unit, n/len(c.unit)))
				return func() { c.read(text) }
			})
		})
	}
}

// FuzzEscapes: what was written by others is read back, and nothing else panics.
func FuzzEscapes(f *testing.F) {
	f.Add("ann@x.example +86 请😀 \\ \"")
	f.Add(`\ud83d\u`)
	f.Fuzz(func(t *testing.T, text string) {
		JSON([]byte(text))
		if got := Form([]byte(url.QueryEscape(text))); got != text {
			t.Errorf("form: got %q, want %q", got, text)
		}
		text = strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, text), "")
		written, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := JSON(written); got != `"`+text+`"` {
			t.Errorf("JSON: got %q, want %q", got, text)
		}
	})
}
