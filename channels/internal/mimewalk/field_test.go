package mimewalk

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestWalkKeepsTheBeginningOfAnOverlongField checks what is left of a field that no limit can hold,
// and that the fields behind it are still there.
func TestWalkKeepsTheBeginningOfAnOverlongField(t *testing.T) {
	cases := []struct{ name, value, ends string }{
		{"without any boundary", strings.Repeat("x", 1<<20), "x"},
		{"words", strings.Repeat("Re: ", 100_000), "Re:"},
		{"folded lines", strings.Repeat("Re: Fwd:\r\n ", 100_000), "Re: Fwd:"},
		{"folded lines of spaces", "a\n " + strings.Repeat(" \n ", 200_000) + "z", "a"},
		{"encoded words", strings.Repeat("=?utf-8?B?5byg5LiJ?= ", 20_000), "?="},
		{"encoded words without space", strings.Repeat("=?utf-8?Q?=E5=BC=A0?=", 20_000), "=A0?="},
		{"addresses", strings.Repeat("someone@b.example,", 100_000), "someone@b.example"},
		{"addresses with names", strings.Repeat("San Zhang <someone@b.example>, ", 100_000), "<someone@b.example>"},
		{"characters of three bytes", strings.Repeat("张", 200_000), "张"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree := Walk([]byte("X-First: 1\nSubject: "+c.value+"\nFrom: a@b\nContent-Type: text/html\n\nhi"), Limits{})
			p := &tree.Parts[0]
			got := strings.TrimSpace(p.Get("Subject"))
			if got == "" || len(got) > 128<<10 || !strings.HasPrefix(c.value, got) || !strings.HasSuffix(got, c.ends) {
				t.Errorf("%d bytes kept, ending with %q", len(got), got[max(0, len(got)-40):])
			}
			if p.Get("From") != " a@b" || p.Type != "text/html" || string(p.Body) != "hi" || !p.HeaderCut {
				t.Errorf("From %q, type %q, body %q, cut %v", p.Get("From"), p.Type, p.Body, p.HeaderCut)
			}
			if !slices.Equal(tree.Exceeded, []Limit{LimitHeader}) || len(tree.Problems) != 1 {
				t.Errorf("exceeded %v, problems %v", tree.Exceeded, tree.Problems)
			}
		})
	}
}

func TestWalkKeepsFieldsBehindSeveralOverlongOnes(t *testing.T) {
	long := "X-Long: " + strings.Repeat("word ", 200_000) + "\n"
	tree := Walk([]byte(strings.Repeat(long, 5)+"Subject: x\nFrom: a@b\n\nhi"), Limits{})
	kept := 0
	for _, f := range tree.Parts[0].Fields {
		kept += len(f.Name) + len(f.Value)
	}
	if len(tree.Parts[0].Fields) != 7 || tree.Parts[0].Get("Subject") != " x" || kept > 256<<10 {
		t.Errorf("%d fields of %d bytes, subject %q", len(tree.Parts[0].Fields), kept, tree.Parts[0].Get("Subject"))
	}
}

func TestWalkKeepsAFieldThatFits(t *testing.T) {
	value := strings.Repeat("word ", 20_000) + "end"
	p := Walk([]byte("Subject: "+value+"\n\nhi"), Limits{}).Parts[0]
	if p.Get("Subject") != " "+value || p.HeaderCut {
		t.Errorf("%d bytes kept, cut %v", len(p.Get("Subject")), p.HeaderCut)
	}
}

// TestWalkHoldsTheHeaderLimit counts what is kept of headers that exceed every limit.
func TestWalkHoldsTheHeaderLimit(t *testing.T) {
	for name, field := range map[string]string{
		"long fields":         "X-H: " + strings.Repeat("v ", 5000) + "\n",
		"long folded fields":  "X-H: " + strings.Repeat("v\n ", 5000) + "\n",
		"content fields":      "Content-X: " + strings.Repeat("v ", 5000) + "\n",
		"fields without text": "X:\n",
	} {
		t.Run(name, func(t *testing.T) {
			tree := Walk(append(bytes.Repeat([]byte(field), 2000), "\nhi"...), Limits{HeaderBytes: 20_000})
			kept := 0
			for _, f := range tree.Parts[0].Fields {
				kept += len(f.Name) + len(f.Value)
			}
			if kept == 0 || kept > 20_000+extraFields*extraBytes || !tree.Parts[0].HeaderCut {
				t.Errorf("%d bytes kept, cut %v", kept, tree.Parts[0].HeaderCut)
			}
		})
	}
}

func TestCutField(t *testing.T) {
	cases := []struct {
		name, in string
		max      int
		want     string
	}{
		{"what fits stays", "a b c", 5, "a b c"},
		{"at a fold before anything else", "aaaaaaaa\r\n b, c d", 14, "aaaaaaaa"},
		{"at a comma with space before a space", "aaaaaaaa, b c d e", 14, "aaaaaaaa"},
		{"at a space", "aaaaaaaa bbbbbb", 14, "aaaaaaaa"},
		{"between encoded words", "=?a?q?=E5?==?a?q?=E5?=", 17, "=?a?q?=E5?="},
		{"at a comma", "aaaaaaa@b,ccc@dddd", 14, "aaaaaaa@b"},
		{"never inside a character", "张张张", 8, "张张"},
		{"bytes that are no UTF-8", "\xbf\xbf\xbf\xbf\xbf\xbf\xbf\xbf", 6, "\xbf\xbf\xbf\xbf\xbf\xbf"},
		{"nothing may be left", "aaa", 0, ""},
		{"less than nothing may be left", "aaa", -1, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := CutField(c.in, c.max); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
