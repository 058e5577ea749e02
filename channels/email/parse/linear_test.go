package parse

import (
	"encoding/base64"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/internal/doubling"
)

// What a mail's parsers cost grows with its length, whatever somebody puts into it.
// Twice the size stays below where a field is cut, since what is cut is another text.
func TestParsersOfMailCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := map[string]string{}
	for _, u := range []string{"<", ">", "<,", "<a@b,", "(", ")", "()", `"`, `"a" `, `\`, `"\`, ",", ";", ":", "a:", "@", "a@b,", "a@b ", "=?", "=?utf-8?q?a?= ", "=?utf-8?b?YQ==?=", "=?utf-8?q?",
		"=", "a=b;", "a=b ", "; a*0=b", "; filename*1*=%61", "'", "''", "%", "%61", "\r\n ", "\r\n a", "\t", " ", "a", "a ", "1 ", "\x80", "中", "[", "]", ".", "-", "<a@b>", "<a@b> ", "<<", ">>", "x(", "(a)b", "=?x?", "\x1b$B", "&", "~"} {
		units[u] = u
	}
	parsers := map[string]func(string){
		"addresses":   func(s string) { parseAddresses(s, "gbk") },
		"one address": func(s string) { parseMailbox(s) },
		"words":       func(s string) { header.Words(s) },
		"header text": func(s string) { header.Text(s, "gbk") },
		"identifiers": func(s string) { messageIDs(s) },
		"date":        func(s string) { header.Date(s) },
		"results":     func(s string) { parseAuthResults(s) },
		"parameters": func(s string) {
			part := mimewalk.Walk([]byte("Content-Disposition: attachment; filename="+s+"\r\n\r\n"), mimewalk.Limits{}).Parts[0]
			partFileName(&part, "gbk")
		},
		"return path":  func(s string) { returnPath(s) },
		"an address":   func(s string) { isAddress(s); isAddress(s + "@x." + s); mended(parseAddresses(s, "")) },
		"file name":    func(s string) { safeFileName(s) },
		"display name": func(s string) { displayName(s) },
	}
	for name, parse := range parsers {
		t.Run(name, func(t *testing.T) {
			for u := range units {
				for _, frame := range [][2]string{{"", ""}, {"<", ">"}, {"a (", ") <a@b.example>"}} {
					twice(t, 60<<10, func(n int) func() {
						s := frame[0] + strings.Repeat(u, n/len(u)) + frame[1]
						return func() { parse(s) }
					})
					if t.Failed() {
						t.Fatalf("%q within %q", u, frame)
					}
				}
			}
		})
	}
}

// Fields of two halves: what is looked for at each byte of the one may be found only behind the other.
func TestAddressesCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := []string{"a", "@", ":", ",", "<", `"`, "(", " ", "=?", "a:", "<,"}
	for _, one := range units {
		for _, two := range units {
			for _, end := range []string{"", ">"} {
				twice(t, 60<<10, func(n int) func() {
					s := strings.Repeat(one, n/2/len(one)) + "@" + strings.Repeat(two, n/2/len(two)) + end
					return func() { parseAddresses(s, ""); parseMailbox(s) }
				})
				if t.Failed() {
					t.Fatalf("%q, %q, %q", one, two, end)
				}
			}
		}
	}
}

// The same for whole mails, through everything that reads one.
func TestReadingAMailCostsLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	const head = "From: a@b.example\r\nTo: c@d.example\r\n"
	rep := func(before, unit, after string) func(int) string {
		return func(n int) string { return before + strings.Repeat(unit, n/len(unit)) + after }
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, make := range map[string]func(int) string{
		"fields":                 rep(head, "X: a\r\n", "\r\n\r\nx"),
		"fields of addresses":    rep(head, "To: a@b, \r\n", "\r\n\r\nx"),
		"recipient fields":       rep(head, "Delivered-To: a@b.example\r\n", "\r\n\r\nx"),
		"references":             rep(head, "References: <a@b>\r\n", "\r\n\r\nx"),
		"folds":                  rep(head+"Subject: a\r\n", " a\r\n", "\r\nx"),
		"lines without a colon":  rep(head, "junk\r\n", "\r\nx"),
		"junk between fields":    rep(head, "junk\r\nX: a\r\n", "\r\nx"),
		"blank continuations":    rep(head, " \r\n", "\r\nx"),
		"only CR":                rep("From: a@b.example\r", "a\r", ""),
		"empty parts":            rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n", "--b--"),
		"parts":                  rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", "--b--"),
		"nested parts":           rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", "--b--"),
		"almost delimiters":      rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--c\r\n", "--b--"),
		"dashes":                 rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "-", "\r\n--b--"),
		"no delimiter":           rep(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--", "\r\n"),
		"base64":                 rep(head+"Content-Transfer-Encoding: base64\r\n\r\n", "YWFh\r\n", ""),
		"base64 pads":            rep(head+"Content-Transfer-Encoding: base64\r\n\r\n", "YQ==", ""),
		"quoted-printable":       rep(head+"Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n", ""),
		"quoted-printable space": rep(head+"Content-Transfer-Encoding: quoted-printable\r\n\r\n", " ", "x"),
		"uuencode":               rep(head+"\r\n", "begin 644 a\r\n", ""),
		"uuencode files":         rep(head+"\r\n", "begin 644 a\r\n#86%A\r\n`\r\nend\r\n", ""),
		"uuencode bodies":        rep(head+"\r\nbegin 644 a\r\n", "#86%A\r\n", ""),
		"declared uuencode":      rep(head+"Content-Transfer-Encoding: x-uuencode\r\n\r\n", "begin 644 a\r\n", ""),
		"iso-2022-jp":            rep(head+"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\x1b$B", ""),
		"utf-7":                  rep(head+"Content-Type: text/plain; charset=utf-7\r\n\r\n", "+", ""),
		"hz":                     rep(head+"Content-Type: text/plain; charset=hz-gb-2312\r\n\r\n", "~{", ""),
		"bytes of no charset":    rep(head+"\r\n", "\xff\xfe", ""),
		"half characters":        rep(head+"Content-Type: text/plain; charset=gb18030\r\n\r\n", "\x81", ""),
		"HTML tags":              rep(head+"Content-Type: text/html\r\n\r\n", "<a ", ""),
		"HTML nesting":           rep(head+"Content-Type: text/html\r\n\r\n", "<b>", ""),
		"HTML comments":          rep(head+"Content-Type: text/html\r\n\r\n", "<!--", ""),
		"HTML metas":             rep(head+"Content-Type: text/html\r\n\r\n", "<meta charset=", ""),
		"a delivery report":      rep(head+"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n", "Final-Recipient: rfc822; a@b\r\n\r\n", "--b--"),
		"a report in words":      rep("From: MAILER-DAEMON@b.example\r\nSubject: Undelivered Mail\r\n\r\n", "<a@b.example>: ", ""),
		"winmail.dat":            rep(head+"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"+b64("\x78\x9f\x3e\x22\x01\x00"), b64("\x01\x00\x00"), ""),
		"format=flowed":          rep(head+"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", "> \r\n", ""),
		"messages within":        rep(head+"Content-Type: message/rfc822\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			d := NewDecoder(DecoderConfig{TrustedAuthserv: []string{"mx.us.example"}})
			twice(t, 1<<20, func(n int) func() {
				raw := []byte(make(n))
				return func() { _, _ = d.Decode(channels.Delivery{Raw: raw}) }
			})
		})
	}
}

// twice checks that reading up to twice as many bytes as n costs time in proportion to them.
func twice(t testing.TB, n int, prepare func(n int) func()) {
	t.Helper()
	doubling.Check(t, n/8, prepare)
}
