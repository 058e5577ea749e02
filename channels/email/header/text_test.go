package header

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestHeaderText(t *testing.T) {
	cases := []struct{ name, in, hint, want string }{
		{"plain text", "hello", "", "hello"},
		{"folded lines", " aaa\r\n bbb\r\n\tccc", "", "aaa bbb ccc"},
		{"a fold after trailing spaces", "aaa  \r\n   bbb", "", "aaa bbb"},
		{"a B word", "=?utf-8?B?5byg5LiJ?=", "", "张三"},
		{"a gb2312 word", "=?gb2312?B?1cXI/Q==?=", "", "张三"},
		{"a Q word", "=?iso-8859-1?q?Andr=E9_x?=", "", "André x"},
		{"spaces inside a Q word", "=?utf-8?Q?Hello world =C3=A9?=", "", "Hello world é"},
		{"a word inside a word", "Re:=?utf-8?B?5byg5LiJ?=!", "", "Re:张三!"},
		{"two words with space between", "=?utf-8?B?5byg?= =?utf-8?B?5LiJ?=", "", "张三"},
		{"two words without space", "=?utf-8?B?5byg?==?utf-8?B?5LiJ?=", "", "张三"},
		{"two words of different charset", "=?utf-8?B?5byg?= =?gb2312?B?yP0=?=", "", "张三"},
		{"text between words keeps its spaces", "=?utf-8?Q?a?= b =?utf-8?Q?c?=", "", "a b c"},
		{"a GBK character cut between two words", "=?GBK?B?1Q==?=\r\n =?gbk?B?xcj9?=", "", "张三"},
		{"a UTF-8 character cut between two Q words", "=?utf-8?Q?=E5=BC?= =?utf-8?Q?=A0?=", "", "张"},
		{"a group of base64 cut between two words", "=?utf-8?B?5byg5L?= =?utf-8?B?iJ?=", "", "张三"},
		{"words without padding", "=?utf-8?B?YQ?= =?utf-8?B?Yg?=", "", "ab"},
		{"too much padding", "=?utf-8?B?YQ====?=", "", "a"},
		{"a wrong padding", "=?utf-8?B?5byg5LiJ=?=", "", "张三"},
		{"a language suffix", "=?utf-8*zh?B?5byg5LiJ?=", "", "张三"},
		{"8-bit inside a word", "=?iso-8859-1?Q?Fr\xf6sche?=", "", "Frösche"},
		{"UTF-8 under a wrong label", "=?gb2312?B?5byg5LiJ?=", "", "张三"},
		{"an unknown charset", "=?x-foo?Q?abc?=", "", "abc"},
		{"an unknown encoding stays", "=?utf-8?X?abc?=", "", "=?utf-8?X?abc?="},
		{"an unterminated word", "=?utf-8?B?5byg5LiJ", "", "张三"},
		{"only the beginning of a word", "=?", "", "=?"},
		{"a question that looks like a word", "what =? this", "", "what =? this"},
		{"ISO-2022-JP in two words", "=?ISO-2022-JP?B?GyRCJCpAJBsoQg==?= =?ISO-2022-JP?B?GyRCJCobKEI=?=", "", "お世お"},
		{"raw GBK", "\xd5\xc5\xc8\xfd\xa3\xac\xc4\xe3\xba\xc3", "", "张三，你好"},
		{"raw Big5 under a hint", "\xb1i\xa4T", "big5", "張三"},
		{"raw UTF-8 whatever the hint says", "张三", "big5", "张三"},
		{"NUL and control characters", "a\x00b\x07c", "", "a b c"},
		{"an encoded line feed cannot start a new field", "=?utf-8?Q?a=0D=0ABcc:_x?=", "", "a  Bcc: x"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in, c.hint); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	want := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	for name, in := range map[string]string{
		"RFC 5322":                  "Sun, 22 Nov 2026 09:02:03 +0800",
		"without day of week":       "22 Nov 2026 01:02:03 +0000",
		"a comment after the zone":  "Sun, 22 Nov 2026 09:02:03 +0800 (CST)",
		"a zone name":               "Sun, 22 Nov 2026 01:02:03 GMT",
		"an American zone":          "Sat, 21 Nov 2026 20:02:03 EST",
		"GMT with offset":           "Sun, 22 Nov 2026 09:02:03 GMT+0800",
		"no zone":                   "Sun, 22 Nov 2026 01:02:03",
		"a colon in the zone":       "Sun, 22 Nov 2026 09:02:03 +08:00",
		"a two-digit year":          "22 Nov 26 01:02:03 +0000",
		"month before day":          "Nov 22, 2026 01:02:03 +0000",
		"the order of ctime":        "Sun Nov 22 01:02:03 2026",
		"hyphens":                   "22-Nov-2026 01:02:03 +0000",
		"a full month name":         "22 November 2026 01:02:03 +0000",
		"twelve hours":              "22 Nov 2026 1:02:03 AM",
		"ISO 8601":                  "2026-11-22T09:02:03+08:00",
		"ISO 8601 with space":       "2026-11-22 01:02:03",
		"folded":                    "Sun, 22 Nov 2026\r\n 01:02:03 +0000",
		"no space before the zone":  "Sun, 22 Nov 2026 09:02:03+0800",
		"a lower-case month":        "sun, 22 nov 2026 01:02:03 +0000",
		"no space after the commas": "Sun,22 Nov 2026 01:02:03 +0000",
	} {
		t.Run(name, func(t *testing.T) {
			if got := Date(in); !got.Equal(want) {
				t.Errorf("%q is %v", in, got)
			}
		})
	}
	for _, in := range []string{"", "yesterday", "Sun, 32 Foo 2026", "22 Nov 1901 00:00:00 +0000", "99:99:99", strings.Repeat("1 ", 500), "+", "a-b-c", "--", "::"} {
		if got := Date(in); !got.IsZero() {
			t.Errorf("%q is %v", in, got)
		}
	}
}

// FuzzText reads foreign text and dates of header fields: what comes out is valid and on one line.
func FuzzText(f *testing.F) {
	f.Add("=?gb2312?B?1cXI/Q==?= x =?utf-8?Q?=E5?= =?utf-8?Q?=BC=A0?=", "")
	f.Add("\xd5\xc5\xc8\xfd", "gbk")
	f.Add("h>_\xdf\xdf", "x")
	f.Add("Sun, 22 Nov 2026 09:02:03 +0800", "")
	f.Fuzz(func(t *testing.T, in, hint string) {
		got := Text(in, hint)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%q gives %q", in, got)
		}
		Date(in)
	})
}
