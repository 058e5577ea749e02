package mimewalk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	cases := []struct {
		name  string
		e     Encoding
		in    string
		want  string
		clean bool
	}{
		{"base64", Base64, "aGVsbG8gd29ybGQ=\r\n", "hello world", true},
		{"base64 over several lines", Base64, "aGVs\r\nbG8g\r\nd29ybGQ=", "hello world", true},
		{"base64 broken off inside a group of four", Base64, "aGVsbG8gd2\n9ybGQ", "hello world", true},
		{"base64 without padding", Base64, "aGk", "hi", true},
		{"base64 with padding in the middle", Base64, "aGk=aG8=", "hiho", true},
		{"base64 with garbage", Base64, "aGVsbG8gYmFzZTY0IHdvcmxkIHRl!!", "hello base64 world te", false},
		{"base64 with a lone last character", Base64, "aGVsbG8gd29ybGQhb", "hello world!", false},
		{"text that is labelled base64", Base64, "Dear all, this is no base64, is it?", "Dear all, this is no base64, is it?", false},
		{"empty base64", Base64, "", "", true},
		{"quoted-printable", QuotedPrintable, "caf=C3=A9 =3d x", "café = x", true},
		{"a soft line break", QuotedPrintable, "one =\r\ntwo=\nthree", "one twothree", true},
		{"a soft line break with spaces after it", QuotedPrintable, "one = \t\r\ntwo", "one two", true},
		{"an equals sign that is no escape", QuotedPrintable, "a=b =ZZ =C3=A9", "a=b =ZZ é", false},
		{"an equals sign at the end", QuotedPrintable, "a=", "a", true},
		{"half an escape at the end", QuotedPrintable, "a=C", "a=C", false},
		{"identity", Identity, "=41", "=41", true},
		{"uuencode", UUEncode, "begin 644 t\n%:&5L;&\\\n`\nend\n", "hello", true},
		{"uuencode that is none", UUEncode, "hello", "hello", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, clean := Decode(c.e, []byte(c.in))
			if string(got) != c.want || clean != c.clean {
				t.Errorf("got %q (clean %v), want %q (clean %v)", got, clean, c.want, c.clean)
			}
		})
	}
}

func TestParseEncoding(t *testing.T) {
	for in, want := range map[string]Encoding{
		"base64": Base64, " Base-64 ": Base64, "\"base64\"": Base64, "base64 (comment)": Base64, "quoted-printable;": QuotedPrintable,
		"Quoted_Printable": QuotedPrintable, "8 bit": Identity, "7-bit": Identity, "binary": Identity, "": Identity, "x-uuencode": UUEncode, "X-UUE": UUEncode,
	} {
		if got, known := parseEncoding(in); got != want || !known {
			t.Errorf("%q is %v (known %v), want %v", in, got, known, want)
		}
	}
	if _, known := parseEncoding("x-rot13"); known {
		t.Error("x-rot13 is known")
	}
}

func TestFindUU(t *testing.T) {
	file := "begin 644 注文 1.txt\n%:&5L;&\\\n`\nend\n"
	cases := []struct {
		name, in, file, content, left string
		ok                            bool
	}{
		{"a file between lines", "one\n" + file + "two\n", "注文 1.txt", "hello", "one\ntwo\n", true},
		{"a file without end", "one\nbegin 644 a\n%:&5L;&\\\n", "a", "hello", "one\n", true},
		{"a file that stops at a line of text", "begin 644 a\n%:&5L;&\\\nregards\n", "a", "hello", "regards\n", true},
		{"the word begin", "begin 644 words and more\nlike this\n", "", "", "", false},
		{"begin inside a line", "we begin 644 a\n%:&5L;&\\\nend\n", "", "", "", false},
		{"a mode that is none", "begin 999 a\n%:&5L;&\\\nend\n", "", "", "", false},
		{"nothing after begin", "begin 644 a", "", "", "", false},
		{"an empty file", "begin 644 a\n`\nend\n", "a", "", "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name, content, start, stop, ok := FindUU([]byte(c.in))
			if ok != c.ok || name != c.file || string(content) != c.content {
				t.Fatalf("got %q %q %v", name, content, ok)
			}
			if ok && c.in[:start]+c.in[stop:] != c.left {
				t.Errorf("left is %q, want %q", c.in[:start]+c.in[stop:], c.left)
			}
		})
	}
}

func TestParseParams(t *testing.T) {
	cases := []struct {
		name, in, main string
		want           []Param
	}{
		{"nothing but a type", "Text/PLAIN", "text/plain", nil},
		{"spaces and a comment", " text / plain ; charset =us-ascii (Plain text)", "text/plain", []Param{{"charset", "us-ascii"}}},
		{"a quoted value with a semicolon", `a/b; name="x;y.txt"; z=1`, "a/b", []Param{{"name", "x;y.txt"}, {"z", "1"}}},
		{"escaped quotes and a bare Windows path", `a/b; name="C:\temp\"x\".txt"`, "a/b", []Param{{"name", `C:\temp"x".txt`}}},
		{"an unterminated quote", `a/b; name="x y`, "a/b", []Param{{"name", "x y"}}},
		{"stray semicolons", `a/b; ; charset="utf-8"; ; format;`, "a/b", []Param{{"charset", "utf-8"}}},
		{"no semicolon between parameters", "message/external-body; access-type=mail-server\n\t server=\"x@y\"", "message/external-body", []Param{{"access-type", "mail-server"}, {"server", "x@y"}}},
		{"no semicolon after the type", "text/plain charset=utf-8", "text/plain", []Param{{"charset", "utf-8"}}},
		{"only a parameter", "charset=utf-8", "", []Param{{"charset", "utf-8"}}},
		{"an unquoted name with spaces and parentheses", "a/b; name=my file (1).pdf; x=y", "a/b", []Param{{"name", "my file (1).pdf"}, {"x", "y"}}},
		{"an unquoted encoded-word", "a/b; name==?utf-8?B?5Y+R?=", "a/b", []Param{{"name", "=?utf-8?B?5Y+R?="}}},
		{"a folded value", "multipart/mixed; boundary=\"foo\r\n bar\"", "multipart/mixed", []Param{{"boundary", "foo bar"}}},
		{"the same parameter twice", "a/b; name=a; name=b", "a/b", []Param{{"name", "a"}, {"name", "b"}}},
		{"an empty value", "text/plain; charset=", "text/plain", []Param{{"charset", ""}}},
		{"a comment where a parameter should be", "a/b; (note) x=y", "a/b", []Param{{"x", "y"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			main, params := ParseParams(c.in)
			if main != c.main {
				t.Errorf("main is %q, want %q", main, c.main)
			}
			if diff := cmp.Diff(c.want, params); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseParamsIsBounded(t *testing.T) {
	_, params := ParseParams("a/b" + strings.Repeat("; x=y", 100_000))
	if len(params) != 64 {
		t.Errorf("%d parameters", len(params))
	}
}
