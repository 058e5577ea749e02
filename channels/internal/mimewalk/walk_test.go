package mimewalk

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline draws a tree as "type=body" lines, indented by depth.
func outline(t Tree) string {
	var b strings.Builder
	for i := range t.Parts {
		p := &t.Parts[i]
		b.WriteString(strings.Repeat(" ", p.Depth) + p.Type)
		if p.Broken {
			b.WriteString(" broken")
		}
		if p.Unread {
			b.WriteString(" unread")
		}
		if !p.IsMultipart() {
			fmt.Fprintf(&b, "=%q", p.Body)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestWalkStructure(t *testing.T) {
	cases := []struct{ name, raw, want string }{
		{"a plain text without header", "only a body\n", "text/plain=\"only a body\\n\"\n"},
		{"an empty line before a text without header", "\r\nonly a body\r\n", "text/plain=\"only a body\\r\\n\"\n"},
		{"an empty line before the header", "\r\n\r\nSubject: x\r\n\r\nhi", "text/plain=\"hi\"\n"},
		{"a byte order mark", "\xef\xbb\xbfSubject: x\n\nhi", "text/plain=\"hi\"\n"},
		{"an mbox line", "From a@b Sun Nov 22\nSubject: x\n\nhi", "text/plain=\"hi\"\n"},
		{"CR CR LF as line end", "Subject: x\r\r\nContent-Type: text/html\r\r\n\r\r\nhi", "text/html=\"hi\"\n"},
		{"CR alone as line end", "Subject: x\rContent-Type: text/html\r\rhi\rho", "text/html=\"hi\\nho\"\n"},
		{"a line without colon inside the header", "Subject: x\nno colon here\nContent-Type: text/html\n\nhi", "text/html=\"hi\"\n"},
		{"several lines without colon before a well-known field", "Subject: x\nqwe\nasd\nContent-Type: text/html\n\nhi", "text/html=\"hi\"\n"},
		{"a header that passes into the body without empty line", "Subject: x\nHello there\nhow are you\n\nbye", "text/plain=\"Hello there\\nhow are you\\n\\nbye\"\n"},
		{"space before the colon", "Content-Type : text/html\n\nhi", "text/html=\"hi\"\n"},
		{"a line of spaces instead of the empty line", "Content-Type: text/html\n  \nHi there\n", "text/html=\"Hi there\\n\"\n"},
		{"a type without subtype", "Content-Type: text\n\nhi", "text/plain=\"hi\"\n"},
		{"a type that is none", "Content-Type: ;;;\n\nhi", "text/plain=\"hi\"\n"},
		{"two parts, preamble and epilogue", "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\nepi\n",
			"multipart/mixed\n text/plain=\"one\"\n text/html=\"two\"\n"},
		{"the delimiter at the start of the body", "Content-Type: multipart/mixed; boundary=b\n\n--b\r\n\r\none\r\n--b--", "multipart/mixed\n text/plain=\"one\"\n"},
		{"an empty part", "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\ntwo\n--b--\n", "multipart/mixed\n text/plain=\"\"\n text/plain=\"two\"\n"},
		{"white space after the delimiter", "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b \t\n\none\n--b-- \n", "multipart/mixed\n text/plain=\"one\"\n"},
		{"a boundary that begins like another", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\nin\n--ab--\n--a\n\nout\n--a--\n",
			"multipart/mixed\n multipart/mixed\n  text/plain=\"in\"\n text/plain=\"out\"\n"},
		{"a line that only begins like the delimiter", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bc\n--b--\n", "multipart/mixed\n text/plain=\"--bc\"\n"},
		{"no closing delimiter", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n", "multipart/mixed\n text/plain=\"one\\n\"\n"},
		{"the inner multipart is not closed", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nin\n--a\n\nout\n--a--\n",
			"multipart/mixed\n multipart/mixed\n  text/plain=\"in\"\n text/plain=\"out\"\n"},
		{"the same boundary inside itself", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nin\n--b--\n--b\n\nout\n--b--\n",
			"multipart/mixed\n multipart/mixed\n  text/plain=\"in\"\n text/plain=\"out\"\n"},
		{"no boundary at all", "Content-Type: multipart/mixed\n\njust text", "multipart/mixed broken=\"just text\"\n"},
		{"no boundary parameter, but delimiters", "Content-Type: multipart/mixed\n\n--x\nContent-Type: text/html\n\nhi\n--x--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a wrong boundary parameter", "Content-Type: multipart/mixed; boundary=y\n\n--x\nContent-Type: text/html\n\nhi\n--x--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"no boundary parameter, and a preamble", "Content-Type: multipart/mixed\n\nThis is MIME.\n\n------Part77\nContent-Type: text/html\n\nhi\n------Part77--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a wrong boundary parameter, and a Chinese preamble", "Content-Type: multipart/mixed; boundary=\"----Other\"\n\n这是一封多部分邮件。\n\n--x\ncontent-type: text/html\n\nhi\n--x--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a boundary of another case", "Content-Type: multipart/mixed; boundary=ABC\n\n--abc\nContent-Type: text/html\n\nhi\n--abc--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a boundary parameter that was cut", "Content-Type: multipart/mixed; boundary=----Part_1\n\n------Part_1_7.12\nContent-Type: text/html\n\nhi\n------Part_1_7.12--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"an inner multipart with a wrong boundary", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=y\n\npre\n--x\nContent-Type: text/html\n\nhi\n--x--\n--a\n\nout\n--a--\n",
			"multipart/mixed\n multipart/alternative\n  text/html=\"hi\"\n text/plain=\"out\"\n"},
		{"an inner multipart without parts", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=y\n\nwords\n--a\nContent-Type: text/html\n\nout\n--a--\n",
			"multipart/mixed\n multipart/alternative broken=\"words\"\n text/html=\"out\"\n"},
		{"a boundary in pieces", "Content-Type: multipart/mixed; boundary*1=\"_ab\";\n boundary*0=\"--=_P\"\n\npre\n----=_P_ab\nContent-Type: text/html\n\nhi\n----=_P_ab--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"an extended boundary", "Content-Type: multipart/mixed; boundary*=us-ascii'en'a%20b\n\n--a b\nContent-Type: text/html\n\nhi\n--a b--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a boundary in pieces of both kinds", "Content-Type: multipart/mixed; boundary*0*=utf-8''a%2D; boundary*1=b%\n\n--a-b%\nContent-Type: text/html\n\nhi\n--a-b%--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a signature's dashes in the preamble are no delimiter", "Content-Type: multipart/mixed; boundary=b\n\n-- \nContent-free greetings\n--b\nContent-Type: text/html\n\nhi\n--b--\n", "multipart/mixed\n text/html=\"hi\"\n"},
		{"a boundary that never comes", "Content-Type: multipart/mixed; boundary=y\n\njust text\n", "multipart/mixed broken=\"just text\\n\"\n"},
		{"only a closing delimiter", "Content-Type: multipart/mixed; boundary=y\n\nno parts\n--y--\n", "multipart/mixed broken=\"no parts\"\n"},
		{"a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nhi\n--b--", "multipart/digest\n message/rfc822=\"Subject: in\\n\\nhi\"\n"},
		{"an attached message stays whole", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nhi\n--c--\n--b--",
			"multipart/mixed\n message/rfc822=\"Content-Type: multipart/mixed; boundary=c\\n\\n--c\\n\\nhi\\n--c--\"\n"},
		{"a delimiter right after the header of a part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b--\n", "multipart/mixed\n text/html=\"\"\n"},
		{"a header and nothing else", "Subject: x", "text/plain=\"\"\n"},
		{"nothing", "", "text/plain=\"\"\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outline(Walk([]byte(c.raw), Limits{}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWalkFields(t *testing.T) {
	raw := "Subject: one\r\n two\r\nX-Empty:\r\nnonsense\r\n\tmore nonsense\r\nFrom : a@b\r\n\r\nbody"
	got := Walk([]byte(raw), Limits{}).Parts[0].Fields
	want := []Field{{"Subject", " one\r\n two"}, {"X-Empty", ""}, {"From", " a@b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// many is a multipart of n parts.
func many(n int) []byte {
	return append([]byte("Content-Type: multipart/mixed; boundary=b\n\n"), bytes.Repeat([]byte("--b\n\n\n"), n)...)
}

// nest is n multiparts inside each other.
func nest(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\ninnermost\n")
	return b.Bytes()
}

func TestWalkLimits(t *testing.T) {
	cases := []struct {
		name   string
		raw    []byte
		limits Limits
		parts  int
		want   []Limit
		unread int
	}{
		{"100 000 empty parts stop at the default", many(100_000), Limits{}, 1001, []Limit{LimitParts}, 1},
		{"100 000 empty parts within a higher limit", many(100_000), Limits{Parts: 200_000}, 100_001, nil, 0},
		{"as many parts as the limit allows", many(9), Limits{Parts: 10}, 10, nil, 0},
		{"one part too many", many(10), Limits{Parts: 10}, 11, []Limit{LimitParts}, 1},
		{"3 000 nested parts stop at the default", nest(3000), Limits{}, 51, []Limit{LimitDepth}, 1},
		{"3 000 nested parts within a higher limit", nest(3000), Limits{Parts: 4000, Depth: 4000}, 3001, nil, 0},
		{"a header over the byte limit", []byte("X-Big: " + strings.Repeat("x", 3<<20) + "\nContent-Type: text/html\n\nhi"), Limits{}, 1, []Limit{LimitHeader}, 0},
		{"a header over the field limit", []byte(strings.Repeat("X-H: v\n", 100_000) + "Content-Type: text/html\n\nhi"), Limits{}, 1, []Limit{LimitHeader}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree := Walk(c.raw, c.limits)
			unread := 0
			for _, p := range tree.Parts {
				if p.Unread {
					unread++
				}
			}
			if len(tree.Parts) != c.parts || unread != c.unread {
				t.Errorf("%d parts, %d unread, want %d and %d", len(tree.Parts), unread, c.parts, c.unread)
			}
			if diff := cmp.Diff(c.want, tree.Exceeded); diff != "" {
				t.Error(diff)
			}
			if len(c.want) > 0 && len(tree.Problems) == 0 {
				t.Error("a limit was exceeded and no problem told")
			}
		})
	}
}

func TestWalkKeepsTheBodyBehindAnOversizeHeader(t *testing.T) {
	raw := "Subject: x\n" + strings.Repeat("X-H: v\n", 2000) + "Content-Type: multipart/mixed;\n boundary=b\n\n--b\nContent-Type: text/html\n\nhi\n--b--\n"
	tree := Walk([]byte(raw), Limits{})
	if got, want := outline(tree), "multipart/mixed\n text/html=\"hi\"\n"; got != want {
		t.Errorf("got %s", got)
	}
	if n := len(tree.Parts[0].Fields); n != 1001 {
		t.Errorf("%d fields kept, want 1 000 and Content-Type", n)
	}
}

// TestWalkCopiesNoBody checks that every body is a piece of the input.
func TestWalkCopiesNoBody(t *testing.T) {
	raw := []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--")
	tree := Walk(raw, Limits{})
	for i := range raw {
		raw[i] = '#'
	}
	if got := string(tree.Parts[1].Body) + string(tree.Parts[2].Body); got != "######" {
		t.Errorf("bodies are %q", got)
	}
	small, big := many(1), append(many(1), bytes.Repeat([]byte("0123456789\n"), 100_000)...)
	count := func(raw []byte) float64 { return testing.AllocsPerRun(10, func() { Walk(raw, Limits{}) }) }
	if a, b := count(small), count(big); a != b {
		t.Errorf("%v allocations for a small body, %v for a big one", a, b)
	}
}

func FuzzWalk(f *testing.F) {
	for _, seed := range []string{
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
		"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n--a--\n",
		"Content-Type: multipart/digest\n\n--x\nContent-Type: multipart/digest; boundary=\"\\\"\n\n", "From x\r\r\n: y\n\n", "\rA:b\r\r",
		"Subject: " + strings.Repeat("=?utf-8?B?5byg?= ", 20) + "\nTo: " + strings.Repeat("a@b,\n ", 40) + "\nContent-Type: text/html\n\nhi",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree := Walk(raw, Limits{Parts: 20, Depth: 5, HeaderBytes: 200, HeaderFields: 5})
		if len(tree.Parts) == 0 || len(tree.Parts) > 21 {
			t.Fatalf("%d parts", len(tree.Parts))
		}
		for i := range tree.Parts {
			p := &tree.Parts[i]
			if p.Parent >= i || i == 0 != (p.Parent < 0) || p.End <= i || p.End > len(tree.Parts) || p.Depth > 6 {
				t.Fatalf("part %d of %d has parent %d, end %d, depth %d", i, len(tree.Parts), p.Parent, p.End, p.Depth)
			}
			if p.Parent >= 0 && (tree.Parts[p.Parent].End < p.End || !tree.Parts[p.Parent].IsMultipart()) {
				t.Fatalf("part %d is not inside its parent", i)
			}
			kept := 0
			for _, f := range p.Fields {
				kept += len(f.Name) + len(f.Value)
			}
			if kept > 200+extraFields*extraBytes || len(p.Fields) > 5+extraFields {
				t.Fatalf("part %d keeps %d fields of %d bytes", i, len(p.Fields), kept)
			}
			Decode(p.Encoding, p.Body)
		}
	})
}

func BenchmarkWalkManyParts(b *testing.B) { benchWalk(b, many(100_000), Limits{Parts: 200_000}) }
func BenchmarkWalkNested(b *testing.B)    { benchWalk(b, nest(3000), Limits{Parts: 4000, Depth: 4000}) }
func BenchmarkWalkDashes(b *testing.B) {
	benchWalk(b, append(nest(40), bytes.Repeat([]byte("--\n"), 1<<20)...), Limits{})
}

func benchWalk(b *testing.B, raw []byte, l Limits) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Walk(raw, l)
	}
}
