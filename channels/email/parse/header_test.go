package parse

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

func TestPartFileName(t *testing.T) {
	cases := []struct{ name, disposition, kind, want string }{
		{"a plain name", `attachment; filename="a.pdf"`, "", "a.pdf"},
		{"filename before name", `attachment; filename=a.pdf`, "a/b; name=b.pdf", "a.pdf"},
		{"only name", `attachment`, "a/b; name=b.pdf", "b.pdf"},
		{"RFC 2231", `attachment; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf`, "", "发票.pdf"},
		{"RFC 2231 in GBK", `attachment; filename*=GBK''%B7%A2%C6%B1.pdf`, "", "发票.pdf"},
		{"RFC 2231 before a plain fallback", `attachment; filename="x.pdf"; filename*=UTF-8''%E5%8F%91.pdf`, "", "发.pdf"},
		{"continuations in wrong order", `attachment; filename*1="b.pdf"; filename*0="a"`, "", "ab.pdf"},
		{"continuations, the first extended", `attachment; filename*0*=UTF-8''%E5%8F%91; filename*1="2026.pdf"`, "", "发2026.pdf"},
		{"a character cut between continuations", `attachment; filename*0*=UTF-8''%E5%8F; filename*1*=%91.pdf`, "", "发.pdf"},
		{"a repeated continuation", `attachment; filename*0="a"; filename*0="x"; filename*1=".pdf"`, "", "a.pdf"},
		{"continued encoded-words", `attachment; filename*0="=?utf-8?B?5Y+R?="; filename*1=".pdf"`, "", "发.pdf"},
		{"an encoded-word in quotes", `attachment; filename="=?gb2312?B?t6LGsS5wZGY=?="`, "", "发票.pdf"},
		{"an encoded-word without quotes", `attachment; filename==?gb2312?B?t6LGsS5wZGY=?=`, "", "发票.pdf"},
		{"raw GBK", "attachment; filename=\"\xb7\xa2\xc6\xb1\xc1\xd0\xb1\xed.pdf\"", "", "发票列表.pdf"},
		{"a percent sign that is no escape", `attachment; filename*=UTF-8''100%.pdf`, "", "100%.pdf"},
		{"no charset in RFC 2231", `attachment; filename*=%E5%8F%91.pdf`, "", "发.pdf"},
		{"a path of Unix", `attachment; filename="../../etc/passwd"`, "", "passwd"},
		{"a path of Windows", `attachment; filename="C:\Users\x\doc.pdf"`, "", "doc.pdf"},
		{"an encoded path", `attachment; filename*=UTF-8''..%2F..%2Fx.sh`, "", "x.sh"},
		{"only dots", `attachment; filename=".."`, "", ""},
		{"a name that runs backwards", "attachment; filename=\"invoice\u202efdp.exe\"", "", "invoicefdp.exe"},
		{"control characters", "attachment; filename*=UTF-8''a%00b%0Dc.pdf", "", "ab c.pdf"},
		{"nothing", "attachment", "a/b", ""},
		{"a very long name keeps its extension", `attachment; filename="` + strings.Repeat("票", 300) + `.pdf"`, "", strings.Repeat("票", 196) + ".pdf"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var p mimewalk.Part
			_, p.DispParams = mimewalk.ParseParams(c.disposition)
			_, p.Params = mimewalk.ParseParams(c.kind)
			if got := partFileName(&p, ""); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func addr(value, name string) message.Address {
	return message.Address{Kind: message.Email, Value: value, Name: name}
}

func TestParseAddresses(t *testing.T) {
	long := strings.Repeat("名", 200)
	cases := []struct {
		name, in string
		want     []message.Address
	}{
		{"a bare address", "a@B.Example", []message.Address{addr("a@b.example", "")}},
		{"a name and an address", "Zhang San <a@b.cn>", []message.Address{addr("a@b.cn", "Zhang San")}},
		{"a quoted name with comma and escape", `"San, \"Z\"" <a@b.cn>`, []message.Address{addr("a@b.cn", `San, "Z`)}},
		{"an encoded name", "=?gb2312?B?1cXI/Q==?= <a@b.cn>", []message.Address{addr("a@b.cn", "张三")}},
		{"an encoded name in quotes", `"=?gb2312?B?1cXI/Q==?=" <a@b.cn>`, []message.Address{addr("a@b.cn", "张三")}},
		{"a raw GBK name", "\xd5\xc5\xc8\xfd <a@b.cn>", []message.Address{addr("a@b.cn", "张三")}},
		{"a raw UTF-8 name without space", "张三<a@b.cn>", []message.Address{addr("a@b.cn", "张三")}},
		{"a name that is an address", "a@b.cn <c@d.cn>", []message.Address{addr("c@d.cn", "a@b.cn")}},
		{"a name that lies in quotes", `"boss@bank.cn" <c@d.cn>`, []message.Address{addr("c@d.cn", "boss@bank.cn")}},
		{"a comma in an unquoted name", "San, Zhang <a@b.cn>", []message.Address{addr("a@b.cn", "San, Zhang")}},
		{"a comment for a name", "a@b.cn (Zhang San)", []message.Address{addr("a@b.cn", "Zhang San")}},
		{"no brackets", "Zhang San a@b.cn", []message.Address{addr("a@b.cn", "Zhang San")}},
		{"an unclosed bracket", "Zhang <a@b.cn", []message.Address{addr("a@b.cn", "Zhang")}},
		{"doubled brackets", "Zhang <<a@b.cn>>", []message.Address{addr("a@b.cn", "Zhang")}},
		{"several, one of them empty", "a@b.cn,, <c@d.cn>", []message.Address{addr("a@b.cn", ""), addr("c@d.cn", "")}},
		{"semicolons between", "a@b.cn; c@d.cn;", []message.Address{addr("a@b.cn", ""), addr("c@d.cn", "")}},
		{"a group", "team: a@b.cn, Z <c@d.cn>;, e@f.cn", []message.Address{addr("a@b.cn", ""), addr("c@d.cn", "Z"), addr("e@f.cn", "")}},
		{"an empty group", "undisclosed-recipients:;", nil},
		{"a quoted local part", `"john doe"@b.cn`, []message.Address{addr(`"john doe"@b.cn`, "")}},
		{"a mailto link", "<mailto:a@b.cn>", []message.Address{addr("a@b.cn", "")}},
		{"a source route", "<@x.cn,@y.cn:a@b.cn>", []message.Address{addr("a@b.cn", "")}},
		{"spaces inside the address", "< a @ b.cn >", []message.Address{addr("a@b.cn", "")}},
		{"a dot at the end", "a@b.cn.", []message.Address{addr("a@b.cn", "")}},
		{"a mail system without domain", "MAILER-DAEMON (Mail Delivery System)", []message.Address{addr("MAILER-DAEMON", "Mail Delivery System")}},
		{"a mail system in brackets", "Mail Delivery <MAILER-DAEMON>", []message.Address{addr("MAILER-DAEMON", "Mail Delivery")}},
		{"the null sender", "<>", nil},
		{"only a name", "Zhang San", nil},
		{"a whole mailbox in one encoded-word", "=?utf-8?Q?Z_=3Ca=40b.cn=3E?=", []message.Address{addr("a@b.cn", "Z")}},
		{"a name longer than 140 characters", long + " <a@b.cn>", []message.Address{addr("a@b.cn", long)}},
		{"an unpaired quote", `"Zhang <a@b.cn>`, []message.Address{addr("a@b.cn", "Zhang")}},
		{"single quotes around the name", "'Zhang' <a@b.cn>", []message.Address{addr("a@b.cn", "Zhang")}},
		{"folded", "Zhang\r\n San\r\n <a@b.cn>", []message.Address{addr("a@b.cn", "Zhang San")}},
		{"a quote that hides an address", `"x <evil@e.cn>" <a@b.cn>`, []message.Address{addr("a@b.cn", "x <evil@e.cn>")}},
		{"an address that is too long", "<" + strings.Repeat("a", 2000) + "@b.cn>", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parseAddresses(c.in, "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseAddressesIsBounded(t *testing.T) {
	if got := parseAddresses(strings.Repeat("a@b.cn,", 1<<20), ""); len(got) != maxAddresses {
		t.Errorf("%d addresses", len(got))
	}
	parseAddresses(strings.Repeat("<a,", 1<<20), "")
	parseAddresses(strings.Repeat("(", 1<<20)+strings.Repeat("\"", 1<<20), "")
}

func TestMessageIDs(t *testing.T) {
	cases := []struct {
		name, in string
		want     []string
	}{
		{"one", "<a@b>", []string{"a@b"}},
		{"several, folded", "<a@b>\r\n\t<c@d><e@f>", []string{"a@b", "c@d", "e@f"}},
		{"one that comes twice", "<a@b> <a@b>", []string{"a@b"}},
		{"commas between", "<a@b>, <c@d>", []string{"a@b", "c@d"}},
		{"a fold inside", "<aaaa\r\n bbb@c>", []string{"aaaabbb@c"}},
		{"spaces inside", "< a@b >", []string{"a@b"}},
		{"no brackets", "a@b", []string{"a@b"}},
		{"several without brackets", "a@b c@d", []string{"a@b", "c@d"}},
		{"one without an at sign", "<20261122.1>", []string{"20261122.1"}},
		{"doubled brackets", "<<a@b>>", []string{"a@b"}},
		{"an unclosed bracket", "<a@b <c@d>", []string{"a@b", "c@d"}},
		{"an encoded-word", "=?utf-8?Q?=3Ca=40b=3E?=", []string{"a@b"}},
		{"the sentence of an old client", "Your message of Mon <a@b>", []string{"a@b"}},
		{"a sentence without identifier", "Message from a@b of Monday", nil},
		{"empty brackets", "<>", nil},
		{"nothing", "", nil},
		{"too long to be one", "<" + strings.Repeat("a", 1000) + "@b>", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, messageIDs(c.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessageIDsKeepTheRootOfALongThread(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		b.WriteString("<" + strings.Repeat("x", i+1) + "@b> ")
	}
	got := messageIDs(b.String())
	if len(got) != maxReferences || got[0] != "x@b" || len(got[maxReferences-1]) != 502 {
		t.Errorf("%d kept, first %q", len(got), got[0])
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("=?gb2312?B?1cXI/Q==?= x =?utf-8?Q?=E5?= =?utf-8?Q?=BC=A0?=", "")
	f.Add("\xd5\xc5\xc8\xfd", "gbk")
	f.Add("h>_\xdf\xdf", "x")
	f.Add("attachment; filename*0*=UTF-8''%E5; filename*1*=%8F%91", "")
	f.Fuzz(func(t *testing.T, in, hint string) {
		var p mimewalk.Part
		_, p.DispParams = mimewalk.ParseParams(in)
		if name := partFileName(&p, hint); strings.ContainsAny(name, "/\\\r\n\x00") || !utf8.ValidString(name) {
			t.Errorf("%q gives the file name %q", in, name)
		}
		for _, id := range messageIDs(in) {
			if strings.ContainsAny(id, "<>\r\n \x00") || !utf8.ValidString(id) {
				t.Errorf("%q gives the identifier %q", in, id)
			}
		}
	})
}

func FuzzAddress(f *testing.F) {
	f.Add(`"San, Z" <a@b.cn>, team: c@d;, (x) e@f`)
	f.Add("=?utf-8?Q?Z_=3Ca=40b.cn=3E?=")
	f.Add("<a,<b,\"\\\"")
	f.Fuzz(func(t *testing.T, in string) {
		for _, a := range parseAddresses(in, "") {
			if a.Value == "" || len(a.Value) > maxAddressLen+1 || !utf8.ValidString(a.Value+a.Name) || strings.ContainsAny(a.Value+a.Name, "\r\n\x00") {
				t.Errorf("%q gives %+v", in, a)
			}
		}
	})
}
