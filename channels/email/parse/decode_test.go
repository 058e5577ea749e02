package parse

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

func decodeString(t testing.TB, raw string) message.Message {
	t.Helper()
	m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: []byte(raw)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDecodeWholeMessage(t *testing.T) {
	raw := "Return-Path: <bounce@e.cn>\r\nDelivered-To: support+t1@us.example\r\nX-Original-To: Support@us.example\r\nDelivered-To: support@us.example\r\n" +
		"From: =?gb2312?B?1cXI/Q==?= <Zhang@E.cn>\r\nReply-To: z@e.cn\r\nTo: support@us.example, \"X\" <x@us.example>\r\nCc: y@e.cn\r\n" +
		"Subject: =?gb2312?B?tqm1pQ==?=\r\nDate: Sun, 22 Nov 2026 09:02:03 +0800\r\nMessage-ID: <1@e.cn>\r\nIn-Reply-To: <0@us.example>\r\nReferences: <a@us.example>\r\n <0@us.example>\r\n\r\n你好\r\n再见\r\n"
	at := time.Date(2026, 11, 22, 1, 2, 4, 0, time.UTC)
	got, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{
		Inbox: "support-mail", Channel: "email", Key: "INBOX:1:7", At: at, Raw: []byte(raw),
		Meta: map[string]string{meta.Remote: "192.0.2.1", meta.Recipients: "<support@us.example>\nother@us.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Headers); n != 13 || got.Headers.Get("subject") != "订单" || got.Headers.Get("References") != "<a@us.example> <0@us.example>" {
		t.Errorf("%d headers: %v", n, got.Headers)
	}
	got.Headers = nil
	want := message.Message{
		Inbox: "support-mail", Channel: "email", Key: "INBOX:1:7", At: at,
		SentAt: time.Date(2026, 11, 22, 9, 2, 3, 0, time.FixedZone("", 8*3600)),
		From:   addr("Zhang@e.cn", "张三"), ReplyTo: []message.Address{addr("z@e.cn", "")},
		To: []message.Address{addr("support@us.example", ""), addr("x@us.example", "X")}, Cc: []message.Address{addr("y@e.cn", "")},
		Envelope: message.Envelope{MailFrom: "bounce@e.cn", HasMailFrom: true, Remote: "192.0.2.1",
			Recipients: []string{"support@us.example", "other@us.example", "support+t1@us.example"}},
		Subject: "订单", Text: "你好\n再见\n", MessageID: "1@e.cn", InReplyTo: []string{"0@us.example"}, References: []string{"a@us.example", "0@us.example"},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeBodies(t *testing.T) {
	part := func(kind, body string) string { return "--b\nContent-Type: " + kind + "\n\n" + body + "\n" }
	mixed := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Join(parts, "") + "--b--\n"
	}
	alternative := "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nplain\n--c\nContent-Type: text/html\n\n<p>html</p>\n--c--\n"
	cases := []struct {
		name, raw, text, html string
		files                 []string // name=type
		encrypted             bool
	}{
		{"plain only", "\nplain\n", "plain\n", "", nil, false},
		{"HTML only leaves the text to the line", "Content-Type: text/html\n\n<p>x</p>", "", "<p>x</p>", nil, false},
		{"an alternative", mixed(alternative), "plain", "<p>html</p>", nil, false},
		{"an alternative whose plain form is blank", "Content-Type: multipart/alternative; boundary=b\n\n" + part("text/plain", " ") + part("text/html", "<p>x</p>") + "--b--", "", "<p>x</p>", nil, false},
		{"an alternative with an invitation", "Content-Type: multipart/alternative; boundary=b\n\n" + part("text/plain", "come") + part("text/calendar; method=REQUEST; name=invite.ics", "BEGIN:VCALENDAR") + "--b--", "come", "", []string{"invite.ics=text/calendar"}, false},
		{"an alternative of plain and related", "Content-Type: multipart/alternative; boundary=b\n\n" + part("text/plain", "plain") +
			"--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<img>\n--c\nContent-Type: image/png; name=i.png\nContent-ID: <i@x>\n\nPNG\n--c--\n--b--",
			"plain", "<img>", []string{"i.png=image/png inline"}, false},
		{"further text parts follow in order", mixed(part("text/plain", "one"), part("text/plain", "two")), "one\n\ntwo", "", nil, false},
		{"a footer after an alternative stands in both forms", mixed(alternative, part("text/plain", "foot <er>")), "plain\n\nfoot <er>", "<p>html</p>\n<pre>foot &lt;er&gt;</pre>", nil, false},
		{"an HTML part beside plain ones makes the plain form incomplete", mixed(part("text/plain", "one"), part("text/html", "<p>two</p>")), "", "<pre>one</pre>\n<p>two</p>", nil, false},
		{"a named text part after the first is a file", mixed(part("text/plain", "one"), part("text/plain; name=log.txt", "two")), "one", "", []string{"log.txt=text/plain"}, false},
		{"an attached text part is a file", mixed(part("text/plain\nContent-Disposition: attachment; filename=a.txt", "one"), part("text/plain", "two")), "two", "", []string{"a.txt=text/plain"}, false},
		{"an attached message is named after its subject", mixed(part("text/plain", "see"), part("message/rfc822", "Subject: a/b: c\n\ninner")), "see", "", []string{"a-b: c.eml=message/rfc822"}, false},
		{"a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\ninner\n--b--", "", "", []string{"one.eml=message/rfc822"}, false},
		{"a part named by its description", mixed(part("text/plain", "see"), part("message/delivery-status\nContent-Description: Delivery report", "x: y")), "see", "", []string{"Delivery report.txt=message/delivery-status"}, false},
		{"a signed message", "Content-Type: multipart/signed; boundary=b\n\n" + part("text/plain", "signed") + part("application/pkcs7-signature; name=smime.p7s", "x") + "--b--", "signed", "", []string{"smime.p7s=application/pkcs7-signature"}, false},
		{"S/MIME", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx", "", "", []string{"smime.p7m=application/pkcs7-mime"}, true},
		{"S/MIME certificates only", mixed(part("text/plain", "x"), part("application/pkcs7-mime; smime-type=certs-only; name=c.p7c", "x")), "x", "", []string{"c.p7c=application/pkcs7-mime"}, false},
		{"PGP/MIME", "Content-Type: multipart/encrypted; boundary=b\n\n" + part("application/pgp-encrypted", "Version: 1") + part("application/octet-stream; name=e.asc", "x") + "--b--", "", "", []string{"=application/pgp-encrypted", "e.asc=application/octet-stream"}, true},
		{"inline PGP", "\nhello\n-----BEGIN PGP MESSAGE-----\nx\n", "hello\n-----BEGIN PGP MESSAGE-----\nx\n", "", nil, true},
		{"AppleDouble keeps both forks", mixed(part("text/plain", "x"), "--b\nContent-Type: multipart/appledouble; boundary=c\n\n--c\nContent-Type: application/applefile; name=a.jpg\n\nR\n--c\nContent-Type: image/jpeg; name=a.jpg\n\nJ\n--c--\n"), "x", "", []string{"a.jpg=application/applefile", "a.jpg=image/jpeg"}, false},
		{"a piece of a message", "Content-Type: message/partial; number=2; total=3; id=x\n\nmiddle", "", "", []string{"=message/partial"}, false},
		{"uuencoded files leave the text", "\nsee\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\nbye\n", "see\nbye\n", "", []string{"a.txt=application/octet-stream"}, false},
		{"flowed text", "Content-Type: text/plain; format=flowed\n\none \ntwo\n> q1 \n> q2\n>> r\n-- \nsig \n", "one two\n> q1 q2\n>> r\n-- \nsig ", "", nil, false},
		{"flowed text with DelSp", "Content-Type: text/plain; format=flowed; DelSp=Yes\n\n您好 \n世界\n", "您好世界", "", nil, false},
		{"a charset that only HTML itself tells", "Content-Type: text/html\n\n<meta charset=\"gb2312\">\xb0\xa1", "", "<meta charset=\"gb2312\">啊", nil, false},
		{"a winmail.dat whose text is the only one", "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + "eJ8+IgEAAQyAAgAGAAAAaGVsbG8AAAA=", "hello", "", nil, false},
		{"a winmail.dat that cannot be read", "Content-Type: application/ms-tnef; name=winmail.dat\n\nnothing", "", "", []string{"winmail.dat=application/ms-tnef"}, false},
		{"multipart without boundary", "Content-Type: multipart/mixed\n\njust text", "just text", "", nil, false},
		{"no header at all", "only a body", "only a body", "", nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := decodeString(t, "Subject: x\n"+c.raw)
			if c.name == "no header at all" {
				m = decodeString(t, c.raw)
			}
			var files []string
			for _, a := range m.Attachments {
				f := a.Name + "=" + a.MediaType
				if a.Inline {
					f += " inline"
				}
				files = append(files, f)
			}
			if diff := cmp.Diff(c.files, files); diff != "" {
				t.Error(diff)
			}
			if m.Text != c.text || m.HTML != c.html || m.Encrypted != c.encrypted {
				t.Errorf("text %q, HTML %q, encrypted %v", m.Text, m.HTML, m.Encrypted)
			}
		})
	}
}

func TestDecodeSender(t *testing.T) {
	cases := []struct {
		name, raw string
		want      message.Address
		problem   string
	}{
		{"From", "From: Z <a@b.cn>\nSender: c@d.cn\n\nx", addr("a@b.cn", "Z"), ""},
		{"the first of two in From", "From: a@b.cn, c@d.cn\n\nx", addr("a@b.cn", ""), ""},
		{"a name in From, the address in Sender", "From: Zhang\nSender: c@d.cn\n\nx", addr("c@d.cn", "Zhang"), "no address in From: taken from Sender"},
		{"an empty From", "From: \nReturn-Path: <r@b.cn>\n\nx", addr("r@b.cn", ""), "no address in From: taken from Return-Path"},
		{"only Reply-To", "From: <>\nReply-To: r@b.cn\n\nx", addr("r@b.cn", ""), "no address in From: taken from Reply-To"},
		{"nobody", "Subject: x\n\nx", message.Address{}, "no sender address"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := decodeString(t, c.raw)
			if diff := cmp.Diff(c.want, m.From); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(m.Problems, ";"); got != c.problem {
				t.Errorf("problems %q, want %q", got, c.problem)
			}
		})
	}
}

func TestDecodeEnvelopeSender(t *testing.T) {
	cases := []struct {
		name, header string
		facts        map[string]string
		want         string
		has          bool
	}{
		{"nobody knows", "", nil, "", false},
		{"Return-Path", "Return-Path: <a@b.cn>\n", nil, "a@b.cn", true},
		{"the null sender", "Return-Path: <>\n", nil, "", true},
		{"an empty Return-Path says nothing", "Return-Path:\n", nil, "", false},
		{"the topmost Return-Path", "Return-Path: <a@b.cn>\nReturn-Path: <>\n", nil, "a@b.cn", true},
		{"our listener wins", "Return-Path: <a@b.cn>\n", map[string]string{meta.MailFrom: ""}, "", true},
		{"our listener with brackets", "", map[string]string{meta.MailFrom: "<a@B.cn>"}, "a@b.cn", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: []byte(c.header + "Subject: x\n\nx"), Meta: c.facts})
			if err != nil {
				t.Fatal(err)
			}
			if m.Envelope.MailFrom != c.want || m.Envelope.HasMailFrom != c.has {
				t.Errorf("got %q, %v", m.Envelope.MailFrom, m.Envelope.HasMailFrom)
			}
		})
	}
}

func TestDecodeProven(t *testing.T) {
	pass := map[string]string{meta.DMARC: "pass", meta.SPF: "pass"}
	const results = "Authentication-Results: mx.us.example; "
	ar := "Authentication-Results: mx.us.example; spf=pass; dkim=pass; dmarc=pass header.from="
	cases := []struct {
		name, header string
		facts        map[string]string
		want         bool
		dmarc        message.Verdict
	}{
		{"our listener says pass", "From: Z <a@e.cn>\n", pass, true, "pass"},
		{"our listener says fail, a field says pass", ar + "e.cn\nFrom: a@e.cn\n", map[string]string{meta.DMARC: "fail"}, false, "fail"},
		{"our listener only knows SPF", "From: a@e.cn\n", map[string]string{meta.SPF: "pass"}, false, ""},
		{"a trusted server says pass", ar + "e.cn\nFrom: a@E.cn\n", nil, true, "pass"},
		{"a trusted server judged another domain", ar + "evil.cn\nFrom: a@e.cn\n", nil, false, ""},
		{"our listener says that it is proven", "From: a@e.cn\n", map[string]string{meta.DMARC: "none", meta.DKIM: "pass", meta.Proven: "yes"}, true, "none"},
		{"our listener says that it is not", "From: a@e.cn\n", map[string]string{meta.DMARC: "pass", meta.Proven: "no"}, false, "pass"},
		{"a trusted server knows no policy, an aligned signature", results + "dkim=pass header.i=@mail.e.cn; dmarc=none header.from=e.cn\nFrom: a@e.cn\n", nil, true, "none"},
		{"a trusted server knows no policy, an aligned envelope", results + "spf=pass smtp.mailfrom=b@e.cn; dmarc=none\nFrom: a@e.cn\n", nil, true, "none"},
		{"a trusted server knows no policy, somebody else's signature", results + "dkim=pass header.d=evil.cn; dmarc=none\nFrom: a@e.cn\n", nil, false, "none"},
		{"a trusted server knows no policy, somebody else's envelope", results + "spf=pass smtp.mailfrom=b@evil.cn; dmarc=none\nFrom: a@e.cn\n", nil, false, "none"},
		{"the envelope's domain stands in another property", results + "spf=pass smtp.helo=e.cn; dmarc=none\nFrom: a@e.cn\n", nil, false, "none"},
		{"no word about the policy", results + "dkim=pass header.d=e.cn\nFrom: a@e.cn\n", nil, false, ""},
		{"an ARC seal is no DMARC", results + "arc=pass; dmarc=fail header.from=e.cn\nFrom: a@e.cn\n", nil, false, "fail"},
		{"an ARC field is no result", "ARC-" + ar + "e.cn\nFrom: a@e.cn\n", nil, false, ""},
		{"a temporary error", results + "dmarc=temperror header.from=e.cn\nFrom: a@e.cn\n", nil, false, "temperror"},
		{"a forged field above that of the server", ar + "e.cn\n" + results + "dmarc=fail header.from=e.cn\nFrom: a@e.cn\n", nil, false, "fail"},
		{"a forged field below that of the server", results + "dmarc=fail header.from=e.cn\n" + ar + "e.cn\nFrom: a@e.cn\n", nil, false, "fail"},
		{"a field of another server above", "Authentication-Results: evil.cn; dmarc=pass\n" + ar + "e.cn\nFrom: a@e.cn\n", nil, false, ""},
		{"two From fields of one domain", ar + "e.cn\nFrom: a@e.cn\nFrom: b@e.cn\n", nil, false, "permerror"},
		{"two From fields", "From: a@e.cn\nFrom: b@e.cn\n", pass, false, "pass"},
		{"two addresses in From", "From: a@e.cn, b@e.cn\n", pass, false, "pass"},
		{"a From that readers may take differently", "From: a@e.cn <b@e.cn> x\n", pass, false, "pass"},
		{"no From, Sender taken", "Sender: a@e.cn\n", pass, false, "pass"},
		{"an encoded name in an unknown charset", "From: =?x-y?Q?z?= <a@e.cn>\n", pass, true, "pass"},
		{"a result hidden in an encoded-word", "Authentication-Results: mx.us.example; spf=fail smtp.mailfrom==?us-ascii?Q?=3Bdmarc=3Dpass?=@evil.cn\nFrom: a@e.cn\n", nil, false, ""},
		{"nobody checked", "From: a@e.cn\n", nil, false, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder(DecoderConfig{TrustedAuthserv: []string{"mx.us.example"}})
			m, err := d.Decode(channels.Delivery{Raw: []byte(c.header + "Subject: x\n\nx"), Meta: c.facts})
			if err != nil {
				t.Fatal(err)
			}
			if m.Proven != c.want || m.Envelope.DMARC != c.dmarc {
				t.Errorf("proven %v, DMARC %q", m.Proven, m.Envelope.DMARC)
			}
		})
	}
}

func TestDecodeRefusesOnlyWhatIsNothing(t *testing.T) {
	cases := []struct {
		name, raw, cause string
		limits           mimewalk.Limits
	}{
		{"nothing", "", "unparsable", mimewalk.Limits{}},
		{"white space", " \r\n\t", "unparsable", mimewalk.Limits{}},
		{"a header beyond its limit and nothing else", "X-A: " + strings.Repeat("x", 1000) + "\n\n", "too-large", mimewalk.Limits{HeaderBytes: 100}},
		{"a header beyond its limit and a body", "X-A: " + strings.Repeat("x", 1000) + "\n\nbody", "", mimewalk.Limits{HeaderBytes: 100}},
		{"parts beyond the limit", string(emptyParts(10)), "", mimewalk.Limits{Parts: 5}},
		{"a body beyond the decoded bytes", "\n" + strings.Repeat("x", 1000), "", mimewalk.Limits{DecodedBytes: 100}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewDecoder(DecoderConfig{Limits: c.limits}).Decode(channels.Delivery{Raw: []byte(c.raw)})
			if c.cause == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Cause != c.cause || e.Class != channels.Permanent {
				t.Errorf("got %#v, want cause %q", err, c.cause)
			}
		})
	}
}

func TestDecodeWithinLimits(t *testing.T) {
	t.Run("decoded bytes", func(t *testing.T) {
		d := NewDecoder(DecoderConfig{Limits: mimewalk.Limits{DecodedBytes: 10}})
		m, err := d.Decode(channels.Delivery{Raw: []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n12345678\n--b\nContent-Type: a/b; name=x\n\n12345678\n--b--")})
		if err != nil || m.Text != "12345678" || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "12" || len(m.Problems) != 2 {
			t.Errorf("%+v, %v", m, err)
		}
	})
	t.Run("3 000 nested parts", func(t *testing.T) {
		m := decodeString(t, string(nested(3000)))
		if m.Subject != "deep" || !strings.Contains(m.Text, "innermost") || len(m.Problems) == 0 || m.Exceeded != "depth" {
			t.Errorf("subject %q, %d problems", m.Subject, len(m.Problems))
		}
	})
	t.Run("100 000 empty parts", func(t *testing.T) {
		m := decodeString(t, string(emptyParts(100_000)))
		if m.Subject != "many" || len(m.Attachments) > 1 || len(m.Problems) == 0 || m.Exceeded != "parts" {
			t.Errorf("subject %q, %d attachments", m.Subject, len(m.Attachments))
		}
	})
	t.Run("200 files", func(t *testing.T) {
		m := decodeString(t, "Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n", 200)+"--b--\n")
		if len(m.Attachments) != 200 || len(m.Problems) != 1 || m.Exceeded != "" {
			t.Errorf("%d attachments, problems %v", len(m.Attachments), m.Problems)
		}
	})
}

// TestDecodeHostileInTime decodes inputs that make careless code quadratic. Each would take minutes
// then, and trip the time limit of the test run.
func TestDecodeHostileInTime(t *testing.T) {
	header := func(s string) string { return strings.Repeat(s, 250_000/len(s)) } // just below the limit of a header
	body := func(s string) string { return strings.Repeat(s, 5_000_000/len(s)) }
	for name, raw := range map[string]string{
		"unterminated encoded-words":  "Subject: " + header("=?a?q?x") + "\n\nx",
		"encoded-words back to back":  "Subject: " + header("=?utf-8?q?a?= ") + "\n\nx",
		"open brackets":               "To: " + header("<a,") + "\n\nx",
		"open comments and quotes":    "From: " + header("(\"") + "\n\nx",
		"parameters":                  "Content-Type: text/plain" + header("; a=b") + "\n\nx",
		"words before an equals sign": "Content-Type: text/plain; a=" + header("b ") + "=\n\nx",
		"lines without colon":         "Subject: x\n" + body("no colon\nX-A: b\n") + "\nx",
		"delimiters of others":        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + body("--c\n"),
		"uuencoded files":             "Subject: x\n\n" + body("begin 644 a\n!80``\n`\nend\n"),
		"begin lines":                 "Subject: x\n\n" + body("begin 644 a\n"),
		"flowed quotes":               "Content-Type: text/plain; format=flowed\n\n" + body("> x \n"),
		"references":                  "References: " + header("<a@b>") + "\n\nx",
		"authentication results":      "Authentication-Results: " + header("a=b c= ") + "\n\nx",
		"blocks of a report":          "Content-Type: message/delivery-status\n\n" + body("Action: x\n\n"),
		"lines of a bounce":           "From: MAILER-DAEMON\nSubject: failure notice\n\n" + body("550 \n"),
	} {
		t.Run(name, func(t *testing.T) {
			d := NewDecoder(DecoderConfig{TrustedAuthserv: []string{TrustMicrosoft}})
			m, err := d.Decode(channels.Delivery{Raw: []byte(raw)})
			if err != nil && !strings.Contains(err.Error(), "exceeds the limits") {
				t.Fatal(err)
			}
			if len(m.Attachments) > 1001 || len(m.Problems) > maxProblems {
				t.Errorf("%d attachments, %d problems", len(m.Attachments), len(m.Problems))
			}
		})
	}
}

// TestScenario20ChineseLabels names scenario 20: GB2312 declared, GBK, GB18030 or UTF-8 inside.
func TestScenario20ChineseLabels(t *testing.T) {
	cases := []struct{ name, body, subject, wantText, wantSubject string }{
		{"GBK characters under gb2312", "\x88\xd2\xfd\x88", "=?gb2312?B?/Yg=?=", "堃龍", "龍"},
		{"a square metre and an en dash under gb2312", "\xa9\x4f\xa8\x43", "=?gb2312?B?qU8=?=", "\u33a1\u2013", "\u33a1"},
		{"UTF-8 under gb2312", "订单", "=?gb2312?B?6K6i5Y2V?=", "订单", "订单"},
		{"NUL bytes between characters", "\xb6\xa9\x00\xb5\xa5", "=?gb2312?Q?=B6=A9=00=B5=A5?=", "订单", "订单"},
		{"an encoded-word folded inside a character", "\xb6\xa9\xb5\xa5", "=?gb2312?B?tqk=?=\r\n =?gb2312?B?tQ==?=\r\n =?GB2312?B?pQ==?=", "订单", "订单"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := decodeString(t, "Subject: "+c.subject+"\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n"+c.body)
			if m.Text != c.wantText || m.Subject != c.wantSubject {
				t.Errorf("text %q, subject %q", m.Text, m.Subject)
			}
		})
	}
}

func TestDecodeSharesNothingThatChanges(t *testing.T) {
	raw := []byte("Subject: x\n\nbody")
	m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] = '#'
	}
	if m.Subject != "x" || m.Text != "body" {
		t.Errorf("subject %q, text %q", m.Subject, m.Text)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(chineseMail())
	f.Add([]byte("From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <a@b>\n--b--"))
	f.Add([]byte("Return-Path: <>\nSubject: failure notice\n\n<a@b.cn>:\n550 5.1.1 user unknown\n"))
	f.Add([]byte("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; format=flowed\n\n> a \nb\n--b\nContent-Type: text/html\n\n<p>\n--b\nContent-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x00\x00\n--b--"))
	d := NewDecoder(DecoderConfig{TrustedAuthserv: []string{TrustMicrosoft}, Limits: mimewalk.Limits{Parts: 30, Depth: 5, DecodedBytes: 1 << 16}})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := d.Decode(channels.Delivery{Raw: raw})
		if err != nil {
			if _, ok := errors.AsType[*channels.Error](err); !ok {
				t.Fatal(err)
			}
			return
		}
		checkStorable(t, "fuzzed", m)
		size := 0
		for _, a := range m.Attachments {
			size += len(a.Content)
			if strings.ContainsAny(a.Name, "/\\\r\n") {
				t.Errorf("file name %q", a.Name)
			}
		}
		if size > 1<<16 {
			t.Errorf("%d bytes of attachments", size)
		}
	})
}
