package parse

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// hidden is a mail that has an address in one place alone, and not as it is written.
func hidden(head, body string) string {
	return strings.ReplaceAll("From: Bob <bob@y.example>\nTo: support@desk.example\nMIME-Version: 1.0\n"+head+"\n\n"+body+"\n", "\n", "\r\n")
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// wide is a text in UTF-16 with a byte order mark.
func wide(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestTextsFindWhatPeopleRead(t *testing.T) {
	const name, text = "ann@x.example", "please write to ann@x.example, thank you"
	inner := hidden("Content-Type: text/plain\nContent-Transfer-Encoding: base64", b64(text))
	multipart := "Content-Type: multipart/mixed; boundary=b"
	for _, c := range []struct {
		name, mail string
	}{
		{"a text in base64", hidden("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b64(text))},
		{"base64 in lines of any length", hidden("Content-Type: text/plain\nContent-Transfer-Encoding: BASE64", b64(text)[:17]+"\n"+b64(text)[17:])},
		{"a soft line break within it", hidden("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable", "write to ann@x.ex=\nample")},
		{"a letter in hexadecimal", hidden("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable", "write to ann=40x.example")},
		{"an encoded subject", hidden("Subject: =?utf-8?B?"+b64(text)+"?=", "hello")},
		{"a name that is an address, encoded", hidden("Cc: =?utf-8?Q?ann=40x.example?= <c@z.example>", "hello")},
		{"references of HTML", hidden("Content-Type: text/html", "<p>ann&#64;x&#46;example</p>")},
		{"references of HTML in base64", hidden("Content-Type: text/html\nContent-Transfer-Encoding: base64", b64("<p>ann&#x40;x.example</p>"))},
		{"another charset", hidden("Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64", b64(wide(text)))},
		{"the second part of an alternative", hidden(multipart, "--b\nContent-Type: text/plain\n\nhello\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"+b64(text)+"\n--b--")},
		{"an attached list", hidden(multipart, "--b\n\nhello\n--b\nContent-Type: application/octet-stream; name=a.csv\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"+b64("1;ann@x.example;\r\n")+"\n--b--")},
		{"a mail within the mail", hidden(multipart, "--b\n\nhello\n--b\nContent-Type: message/rfc822\n\n"+inner+"\n--b--")},
		{"a mail within the mail, encoded as a whole", hidden(multipart, "--b\n\nhello\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"+b64(inner)+"\n--b--")},
		{"a multipart that is encoded as a whole", hidden(multipart+"\nContent-Transfer-Encoding: base64", b64("--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"+b64(text)+"\r\n--b--\r\n"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.mail, name) {
				t.Fatal("the mail has it as it is read")
			}
			for got := range Texts([]byte(c.mail)) {
				if strings.Contains(got, name) {
					return
				}
			}
			t.Error("it is not found")
		})
	}
}

func TestTextsLeaveOutWhatStandsAsItIs(t *testing.T) {
	mail := hidden("Subject: hello\nContent-Type: text/plain; charset=utf-8", "您好 ann@x.example")
	for got := range Texts([]byte(mail)) {
		t.Errorf("%q is in the mail itself", got)
	}
}

// TestTextsAreLinear: in mails within mails, and in many small parts.
func TestTextsAreLinear(t *testing.T) {
	for name, make := range map[string]func(n int) string{
		"parts": func(n int) string {
			return hidden("Content-Type: multipart/mixed; boundary=b", strings.Repeat("--b\nContent-Transfer-Encoding: base64\n\nYW5u\n", n/40)+"--b--")
		},
		"base64": func(n int) string {
			return hidden("Content-Transfer-Encoding: base64", strings.Repeat("YW5uQHgu\n", n/9))
		},
		"encoded words": func(n int) string { return hidden("Subject: "+strings.Repeat("=?utf-8?B?YW5u?= ", n/17), "x") },
		"mails within":  func(n int) string { return strings.Repeat("Content-Type: message/rfc822\r\n\r\n", n/32) },
	} {
		t.Run(name, func(t *testing.T) {
			twice(t, 1<<18, func(n int) func() {
				mail := []byte(make(n))
				return func() {
					for range Texts(mail) {
					}
				}
			})
		})
	}
}

// FuzzTexts: whatever bytes stand around, a mail is walked to its end; and what was put into base64 is found.
func FuzzTexts(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?a?=\r\n\r\n--b--"), "ann@x.example")
	f.Add([]byte("Content-Transfer-Encoding: base64\r\n\r\n===="), "")
	f.Fuzz(func(t *testing.T, raw []byte, word string) {
		for text := range Texts(raw) {
			if !utf8.ValidString(text) {
				t.Errorf("%q is no text", text)
			}
		}
		word = strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' || r == '&' {
				return -1
			}
			return r
		}, word)
		if len(word) < 8 {
			return
		}
		found := false
		for text := range Texts([]byte(hidden("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b64(word)))) {
			found = found || strings.Contains(text, word)
		}
		if !found {
			t.Errorf("%q is not found", word)
		}
	})
}
