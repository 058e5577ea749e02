package compose

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

var updateSMTPGolden = flag.Bool("update-smtp", false, "rewrite testdata/smtp")

func testConfig() Config {
	return Config{
		From: message.Address{Kind: message.Email, Value: "support@desk.example", Name: "ACME 客服"},
		Now:  time.Date(2026, 5, 4, 17, 30, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

// written is a mail as it goes over the wire.
func written(out channels.Outbound, cfg Config) ([]byte, error) {
	l, err := Mail(out, cfg)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := l.Write(context.Background(), &raw); err != nil {
		return nil, err
	}
	if int64(raw.Len()) != l.Size() {
		return nil, fmt.Errorf("%d bytes, and %d were announced", raw.Len(), l.Size())
	}
	return raw.Bytes(), nil
}

func decoded(t testing.TB, v string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(v)
	if err != nil {
		t.Fatalf("decoding %q: %v", v, err)
	}
	return s
}

func TestComposeGolden(t *testing.T) {
	for name, out := range map[string]channels.Outbound{
		"ack-en": {
			To:        message.Address{Value: "lina@customer.example", Name: "Li Na"},
			Subject:   "Re: Payment failed twice, order 88213-0042, please help me as soon as you can [#T-12-9f3a]",
			Text:      "Hello Li Na,\n\nwe have received your message = ticket T-12.\nWe answer by Tue 5 May 10:00.\n.\nFrom here on you need do nothing.\n",
			MessageID: "ack.12.0123456789abcdef.fedcba9876543210@desk.example",
			InReplyTo: "q2@customer.example", References: []string{"q1@customer.example"},
			ReplyTo: "support+t12.9f3a@desk.example", Automatic: true, Language: "en",
		},
		"ack-zh": {
			To:        message.Address{Value: "李娜的邮箱@customer.example"},
			Subject:   "回复：付款失败两次，订单 88213-0042，请尽快帮我处理这个问题，谢谢 [#T-12-9f3a]",
			Text:      "您好，\n\n我们已收到您的来信，工单编号 T-12。\n我们将在 5 月 5 日（周二）10:00 前回复您。\n",
			MessageID: "ack.12.0123456789abcdef.fedcba9876543210@desk.example",
			InReplyTo: "q2@customer.example", Automatic: true, Language: "zh-Hans",
		},
		"reply": {
			To:        message.Address{Value: "Lina.O'Hara+x@例え.example"},
			Subject:   "Re: refund",
			Text:      "Done.",
			MessageID: "reply.12.a.b@desk.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			cfg.UTF8 = name == "ack-zh"
			got, err := written(out, cfg)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "smtp", name+".eml")
			if *updateSMTPGolden {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("mail (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComposeAutomaticMailIsMarked(t *testing.T) {
	out := emailtest.Mail()
	raw, err := written(out, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	h, _ := emailtest.Read(t, raw)
	for name, want := range map[string]string{
		"Auto-Submitted":           "auto-replied",
		"X-Auto-Response-Suppress": "All",
		"X-Loop":                   "support@desk.example",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Return-Receipt-To", "Disposition-Notification-To", "Cc", "Bcc", "Sender", "Precedence"} {
		if _, ok := h[name]; ok {
			t.Errorf("%s is there", name)
		}
	}
	out.Automatic = false
	raw, _ = written(out, testConfig())
	h, _ = emailtest.Read(t, raw)
	for _, name := range []string{"Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop"} {
		if got := h.Get(name); got != "" {
			t.Errorf("a person's mail has %s: %q", name, got)
		}
	}
}

func TestComposeNoValueAddsAHeader(t *testing.T) {
	evil := "x\r\nBcc: victim@example.org\r\n\r\nbody\x00\x1b\u2028y\n"
	out := emailtest.Mail()
	out.Subject, out.Text, out.Language, out.InReplyTo = evil, evil, evil, evil
	out.References = []string{evil, "ok@x", "a b@c", "<z@z>"}
	out.To.Name = evil
	cfg := testConfig()
	cfg.From.Name, cfg.Loop = evil, evil
	raw, err := written(out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	h, body := emailtest.Read(t, raw)
	if _, ok := h["Bcc"]; ok {
		t.Error("a value added a header")
	}
	if got, want := decoded(t, h.Get("Subject")), "x Bcc: victim@example.org body y"; got != want {
		t.Errorf("subject = %q, want %q", got, want)
	}
	if got := h.Get("References"); got != "<ok@x>" {
		t.Errorf("references = %q, want the one good id", got)
	}
	if _, ok := h["In-Reply-To"]; ok {
		t.Error("an unusable parent was named")
	}
	if bytes.ContainsAny(raw, "\x00\x1b") || strings.ContainsAny(body, "\x00\x1b") {
		t.Error("control characters were sent")
	}
}

func TestComposeRefusesAddresses(t *testing.T) {
	for name, change := range map[string]func(*channels.Outbound, *Config){
		"no recipient":                      func(o *channels.Outbound, _ *Config) { o.To.Value = "" },
		"two recipients":                    func(o *channels.Outbound, _ *Config) { o.To.Value = "a@b.example, c@d.example" },
		"a space without quotes":            func(o *channels.Outbound, _ *Config) { o.To.Value = "a b@c.example" },
		"a line break in the recipient":     func(o *channels.Outbound, _ *Config) { o.To.Value = "a@b.example\r\nRCPT TO:<c@d>" },
		"angle brackets in the domain":      func(o *channels.Outbound, _ *Config) { o.To.Value = "a@b.example> NOTIFY=X" },
		"an empty label":                    func(o *channels.Outbound, _ *Config) { o.To.Value = "a@b..example" },
		"an impossible international name":  func(o *channels.Outbound, _ *Config) { o.To.Value = "a@-中国.example" },
		"a local part of 65 bytes":          func(o *channels.Outbound, _ *Config) { o.To.Value = strings.Repeat("a", 65) + "@b.example" },
		"a Chinese local part without UTF8": func(o *channels.Outbound, _ *Config) { o.To.Value = "李娜@b.example" },
		"invalid UTF-8":                     func(o *channels.Outbound, _ *Config) { o.To.Value = "a\xff@b.example" },
		"a bad reply address":               func(o *channels.Outbound, _ *Config) { o.ReplyTo = "nowhere" },
		"no sender":                         func(_ *channels.Outbound, c *Config) { c.From.Value = "" },
		"no message id":                     func(o *channels.Outbound, _ *Config) { o.MessageID = "" },
		"a message id with brackets":        func(o *channels.Outbound, _ *Config) { o.MessageID = "<a@b>" },
	} {
		t.Run(name, func(t *testing.T) {
			out, cfg := emailtest.Mail(), testConfig()
			change(&out, &cfg)
			_, err := Mail(out, cfg)
			var ce *channels.Error
			if !errors.As(err, &ce) || ce.Class != channels.Permanent {
				t.Errorf("error = %v, want a permanent one", err)
			}
		})
	}
}

func TestComposeAddresses(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "a.b@c.example", "a.b@c.example"},
		{"the domain is lowered, the local part kept", "Li.Na@Customer.EXAMPLE", "Li.Na@customer.example"},
		{"an international domain becomes ASCII", "a@中国.example", "a@xn--fiqs8s.example"},
		{"two dots in a row are quoted, as carriers want them", "a..b@docomo.example", `"a..b"@docomo.example`},
		{"a dot at the end is quoted", "ab.@docomo.example", `"ab."@docomo.example`},
		{"a quoted local part stays quoted", `"a b"@c.example`, `"a b"@c.example`},
		{"needless quotes go", `"ab"@c.example`, "ab@c.example"},
		{"quotes within are escaped", `"a\"b"@c.example`, `"a\"b"@c.example`},
		{"an at sign within", `"a@b"@c.example`, `"a@b"@c.example`},
		{"an underscore in a domain is seen in the wild", "a@b_c.example", "a@b_c.example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := ParseAddress(tc.in, false)
			if err != nil {
				t.Fatal(err)
			}
			if a.Spec() != tc.want {
				t.Errorf("address = %s, want %s", a.Spec(), tc.want)
			}
			if p, err := mail.ParseAddress("<" + a.Spec() + ">"); err != nil {
				t.Errorf("%s does not parse again: %v", a.Spec(), err)
			} else if p.Address == "" {
				t.Error("empty address")
			}
		})
	}
}

func TestComposeReferences(t *testing.T) {
	ids := make([]string, 60)
	for i := range ids {
		ids[i] = fmt.Sprintf("%d@customer.example", i)
	}
	for _, tc := range []struct {
		name   string
		refs   []string
		parent string
		want   []string
	}{
		{"none", nil, "", nil},
		{"the parent alone", nil, "p@x", []string{"<p@x>"}},
		{"the parent comes last", []string{"a@x"}, "p@x", []string{"<a@x>", "<p@x>"}},
		{"the parent is not named twice", []string{"a@x", "p@x"}, "p@x", []string{"<a@x>", "<p@x>"}},
		{"a Message-ID without @ is kept", []string{"strange"}, "", []string{"<strange>"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, references(tc.refs, tc.parent)); diff != "" {
				t.Errorf("references (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("of many, the first and the last are kept", func(t *testing.T) {
		got := references(ids, "p@x")
		if len(got) != 20 || got[0] != "<0@customer.example>" || got[1] != "<42@customer.example>" || got[19] != "<p@x>" {
			t.Errorf("references = %v", got)
		}
	})
	t.Run("the caller's list is left alone", func(t *testing.T) {
		refs := make([]string, 1, 2)
		refs[0] = "a@x"
		references(refs, "p@x")
		if refs[:2][1] != "" {
			t.Error("the parent was written behind the caller's list")
		}
	})
}

func TestComposeNames(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"words", "ACME Support", "ACME Support"},
		{"none", "", ""},
		{"specials are quoted", `ACME, Inc. "Support"`, `"ACME, Inc. \"Support\""`},
		{"Chinese is encoded", "客服", "=?UTF-8?B?5a6i5pyN?="},
		{"what looks encoded is shown as written", "=?utf-8?q?x?=", "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?="},
		{"line breaks become spaces", "a\r\nb", "a b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(phrase(tc.in), " "); got != tc.want {
				t.Errorf("phrase = %s, want %s", got, tc.want)
			}
		})
	}
}

// check is what must hold for every composed mail.
func check(t *testing.T, raw []byte, out channels.Outbound) {
	t.Helper()
	head, _, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		t.Fatal("no end of header")
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("bad line %q", line)
		}
	}
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if len(line) > 76 {
			t.Fatalf("body line of %d bytes", len(line))
		}
	}
	if bytes.ContainsFunc(raw, func(r rune) bool { return r > unicode.MaxASCII }) {
		t.Fatal("8-bit bytes")
	}
	seen := map[string]int{}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if line[0] != ' ' {
			name, _, _ := strings.Cut(string(line), ":")
			seen[name]++
		} else if len(bytes.TrimSpace(line)) == 0 {
			t.Fatal("empty continuation line")
		}
	}
	allowed := "From To Reply-To Subject Date Message-ID In-Reply-To References Auto-Submitted " +
		"X-Auto-Response-Suppress X-Loop Content-Language MIME-Version Content-Type Content-Transfer-Encoding"
	for name, n := range seen {
		if n > 1 || !strings.Contains(" "+allowed+" ", " "+name+" ") {
			t.Fatalf("field %q is there %d times", name, n)
		}
	}
	h, _ := emailtest.Read(t, raw)
	if got := decoded(t, h.Get("Subject")); utf8.ValidString(out.Subject) && got != clean(out.Subject) {
		t.Fatalf("subject reads %q, want %q", got, clean(out.Subject))
	}
	if to, err := h.AddressList("To"); err != nil || len(to) != 1 {
		t.Fatalf("To = %v, %v, want one address", to, err)
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("a@b.example", "subject", "text", "parent@x", "name", "en", "a@x b@x")
	f.Add("a..b@例え.example", "=?utf-8?q?=41?= 付款失败", "长文本\r\n.\r\n\x00", "<>", "N, \"q\"", "zh-Hans", "")
	f.Add("a@b\r\nBcc: c@d", "x\r\nBcc: c@d", "\r\r\n\n", " ", "\u2028", "x y", "\r\n")
	f.Fuzz(func(t *testing.T, to, subject, text, parent, name, lang, refs string) {
		out := channels.Outbound{To: message.Address{Value: to}, Subject: subject, Text: text, MessageID: "m@desk.example",
			InReplyTo: parent, References: strings.Split(refs, " "), Language: lang, Automatic: true}
		cfg := testConfig()
		cfg.From.Name, cfg.Loop = name, name
		raw, err := written(out, cfg)
		if err != nil {
			var ce *channels.Error
			if !errors.As(err, &ce) || ce.Class != channels.Permanent {
				t.Fatalf("error = %v, want a permanent one", err)
			}
			return
		}
		check(t, raw, out)
	})
}

func BenchmarkCompose(b *testing.B) {
	out, cfg := emailtest.Mail(), testConfig()
	out.Subject = "回复：付款失败两次 [#T-12-9f3a]"
	out.Text = strings.Repeat("我们已收到您的来信，工单编号 T-12。\n", 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Mail(out, cfg); err != nil {
			b.Fatal(err)
		}
	}
}

// TestComposeNoControlCharacterLeaves07: whatever control character or line separator of any script stands in a name, subject,
// address, language, id or text, the mail has the fields that Compose wrote and no other, and none of them is in a header.
func TestComposeNoControlCharacterLeaves07(t *testing.T) {
	breaks := []string{"\r\n", "\n", "\r", "\r\n ", "\n\t", "\r\r\n", "\u0085", "\u2028", "\u2029", "\x00", "\x0b", "\x0c", "\x1b", "\x7f", "\x1c", "\x1d", "\x1e", "\u009b",
		"%0d%0a", "\\r\\n", "=0D=0A", "=?utf-8?q?=0D=0A?=", "\xc0\x8a", "\xe5\x98\x8a\xe5\x98\x8d"}
	plain, err := written(emailtest.Mail(), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	want := fields(t, plain)
	for _, b := range breaks {
		evil := "Refund" + b + "Bcc: victim@example.org" + b + b + "Buy now"
		out, cfg := emailtest.Mail(), testConfig()
		out.Subject, out.Text, out.To.Name, cfg.From.Name = evil, evil, evil, evil
		out.References, out.InReplyTo = append(out.References, "x"+b+"Bcc: a@b"), out.InReplyTo+b
		if out.Language += b; b[0] >= ' ' && b[0] < 0x7f {
			out.Language, out.InReplyTo = emailtest.Mail().Language, emailtest.Mail().InReplyTo // printable: the parent may be named so
		}
		raw, err := written(out, cfg)
		if err != nil {
			t.Errorf("%q: %v", b, err)
			continue
		}
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		for i, c := range head {
			if c >= 0x7f || c < ' ' && c != '\r' && c != '\n' {
				t.Fatalf("%q: byte %#x at %d of the header", b, c, i)
			}
		}
		for _, name := range fields(t, raw) {
			if !strings.Contains(strings.Join(want, " "), name) {
				t.Errorf("%q added the field %s", b, name)
			}
		}
		h, _ := emailtest.Read(t, raw)
		if s := decoded(t, h.Get("Subject")); strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsAny(s, "\u2028\u2029") {
			t.Errorf("%q: the subject reads %q", b, s)
		}
		for _, bad := range []func(){func() { out.To.Value = "a" + b + "@b.example" }, func() { out.ReplyTo = "a@b" + b + ".example" }, func() { out.MessageID = "a" + b + "@b" }} {
			if out = emailtest.Mail(); strings.ContainsFunc(b, unicode.IsControl) {
				if bad(); sends(out) {
					t.Errorf("%q goes into an address or a Message-ID: %+v", b, out.To)
				}
			}
		}
	}
}

// fields are the names of a mail's fields.
func fields(t *testing.T, raw []byte) (names []string) {
	t.Helper()
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && line[0] != ' ' {
			names = append(names, string(name))
		}
	}
	return names
}

func sends(out channels.Outbound) bool {
	_, err := Mail(out, testConfig())
	return err == nil
}

// A domain that somebody writes costs no more than its length.
func TestDomainsToBeWrittenCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	doubling.Check(t, 3<<9, func(n int) func() {
		d := emailtest.ManyLetters(n) + ".example"
		return func() { ParseAddress("a@"+d, true) }
	})
}
