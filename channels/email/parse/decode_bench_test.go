package parse

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"frontdesk/channels"
)

// chineseMail is a two-part mail of about 12 KB as a mainland client sends it.
func chineseMail() []byte {
	text := strings.Repeat("您好，我的订单2026112233还没有收到，请帮忙查询一下。谢谢！\n", 40)
	html := "<html><body>" + strings.Repeat("<div>您好，我的订单还没有收到，<b>请帮忙</b>查询一下。</div>", 40) + "</body></html>"
	var b bytes.Buffer
	b.WriteString("Return-Path: <zhang@example.cn>\r\nDelivered-To: support@example.com\r\nReceived: from mx.example.cn (mx.example.cn [192.0.2.1])\r\n\tby mail.example.com with ESMTPS id 1234\r\n\tfor <support@example.com>; Sun, 22 Nov 2026 09:00:00 +0800 (CST)\r\n")
	b.WriteString("From: =?utf-8?B?5byg5LiJ?= <zhang@example.cn>\r\nTo: support@example.com\r\nSubject: =?utf-8?B?5oKo5aW977yM5oiR55qE6A==?=\r\n =?utf-8?B?rqLljZXov5jmsqHmnInmlLbliLA=?=\r\nDate: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <20261122090000.1@example.cn>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n\tboundary=\"----=_Part_1\"\r\n\r\n")
	for _, part := range [][2]string{{"plain", text}, {"html", html}} {
		fmt.Fprintf(&b, "------=_Part_1\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", part[0])
		e := base64.StdEncoding.EncodeToString([]byte(part[1]))
		for len(e) > 76 {
			b.WriteString(e[:76] + "\r\n")
			e = e[76:]
		}
		b.WriteString(e + "\r\n")
	}
	b.WriteString("------=_Part_1--\r\n")
	return b.Bytes()
}

func benchDecode(b *testing.B, raw []byte) {
	d := NewDecoder(DecoderConfig{})
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(channels.Delivery{Raw: raw}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeChinese(b *testing.B) { benchDecode(b, chineseMail()) }

func BenchmarkDecodeGBK(b *testing.B) {
	raw, err := os.ReadFile("testdata/matrix/cs-gbk-base64.eml")
	if err != nil {
		b.Fatal(err)
	}
	benchDecode(b, raw)
}

// nested is a mail of n multiparts inside each other.
func nested(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Subject: deep\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\ninnermost\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\n", i)
	}
	return b.Bytes()
}

// emptyParts is a mail of n parts that hold nothing.
func emptyParts(n int) []byte {
	return append([]byte("Subject: many\nContent-Type: multipart/mixed; boundary=b\n\n"), bytes.Repeat([]byte("--b\n\n\n"), n)...)
}

func BenchmarkDecodeNested3000(b *testing.B)  { benchDecode(b, nested(3000)) }
func BenchmarkDecodeEmpty100000(b *testing.B) { benchDecode(b, emptyParts(100_000)) }

func BenchmarkDecodeAttachment25MB(b *testing.B) {
	var m bytes.Buffer
	m.WriteString("Subject: big\nContent-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n")
	line := strings.Repeat("QUJD", 19) + "\r\n"
	for m.Len() < 25<<20 {
		m.WriteString(line)
	}
	benchDecode(b, m.Bytes())
}
