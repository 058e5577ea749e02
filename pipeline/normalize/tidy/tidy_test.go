package tidy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain text is the same string", "Hello, 你好 é €", "Hello, 你好 é €"},
		{"a line end of Windows is one line feed", "a\r\nb", "a\nb"},
		{"one of old Macs too", "a\rb", "a\nb"},
		{"two of them are an empty line", "a\r\rb", "a\n\nb"},
		{"a return before one of Windows", "a\r\r\nb", "a\n\nb"},
		{"a return at the very end", "a\r", "a\n"},
		{"a form feed ends a line", "a\fb", "a\nb"},
		{"the line separator of Unicode", "a\u2028b", "a\nb"},
		{"the paragraph separator", "a\u2029b", "a\nb"},
		{"next line", "a\u0085b", "a\nb"},
		{"NUL goes", "a\x00b", "ab"},
		{"a byte order mark goes, wherever it stands", "\ufeffa\ufeffb", "ab"},
		{"a zero-width space goes", "pay\u200bment", "payment"},
		{"a soft hyphen goes", "pay\u00adment", "payment"},
		{"the grapheme joiner goes", "a\u034fb", "ab"},
		{"joiners of Arabic and Persian stay: they change what is read", "می\u200cروم", "می\u200cروم"},
		{"the joiner of an emoji stays", "👨\u200d👩", "👨\u200d👩"},
		{"a no-break space stays", "a\u00a0b", "a\u00a0b"},
		{"letters that begin with the same byte stay", "® Í ‰ ﬁ", "® Í ‰ ﬁ"},
		{"a vertical tab stays", "a\vb", "a\vb"},
		{"a tab stays", "a\tb", "a\tb"},
		{"half a character at the end stays as it is", "a\xe2\x80", "a\xe2\x80"},
		{"several side by side", "\x00\u200b\r\n\ufeff", "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Marks(c.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   string
		n    int
		want string
	}{
		{"shorter than the limit", "abc", 4, "abc"},
		{"just as long", "abc", 3, "abc"},
		{"one byte longer", "abcd", 3, "abc"},
		{"to nothing", "abc", 0, ""},
		{"between two characters", "中文", 3, "中"},
		{"within the second", "中文", 5, "中"},
		{"within the first", "中文", 2, ""},
		{"within an emoji of four bytes", "a😀b", 4, "a"},
		{"behind it", "a😀b", 5, "a😀"},
		{"a mark upon a letter may be lost, a byte may not", "e\u0301", 2, "e"},
		{"of continuation bytes alone nothing is left", "\x80\x80\x80", 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clip(c.in, c.n); got != c.want {
				t.Errorf("Clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		in    string
		limit int
		want  string
		cut   bool
	}{
		{"as it is", "a\nb", 3, "a\nb", false},
		{"cut at the limit, before anything is taken out", "a\r\nb", 3, "a\n", true},
		{"what is taken out makes no room", "\u200b\u200babc", 6, "", true},
		{"broken bytes are shown as such, a run of them once", "a\xff\xfeb", 10, "a\ufffdb", false},
		{"a character cut by the limit is not broken", "a中", 3, "a", true},
		{"a good one beside a broken one", "中\xe4", 10, "中\ufffd", false},
		{"a surrogate in UTF-8 is broken", "\xed\xa0\x80", 10, "\ufffd", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, cut := Text(c.in, c.limit); got != c.want || cut != c.cut {
				t.Errorf("Text(%q, %d) = %q, %v; want %q, %v", c.in, c.limit, got, cut, c.want, c.cut)
			}
		})
	}
}

// FuzzMarks holds the walk over bytes, which is there for speed, against the plain way of doing the same.
func FuzzMarks(f *testing.F) {
	for _, s := range []string{"", "a\r\nb\rc\f\x00d", "x\u2028y\u2029z\u0085\u200b\ufeff\u00ad\u034f\u00ae", "\xc2\xe2\x80", "\xe2\x80\xa8\xe2"} {
		f.Add(s)
	}
	slow := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\f", "\n", "\u0085", "\n",
		"\x00", "", "\u200b", "", "\ufeff", "", "\u00ad", "", "\u034f", "")
	f.Fuzz(func(t *testing.T, s string) {
		got := Marks(s)
		if diff := cmp.Diff(slow.Replace(s), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if utf8.ValidString(s) && Marks(got) != got {
			t.Errorf("%q is not yet tidy", got)
		}
		if text, _ := Text(s, 64); !utf8.ValidString(text) {
			t.Errorf("Text made %q, which is no UTF-8", text)
		}
	})
}
