package parse

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/internal/mimewalk"
	linear "frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// decodedForm is what a mail must be decoded to.
type decodedForm struct {
	name, raw, text, html string
	files                 []string
	encrypted             bool
}

func checkForms(t *testing.T, cases []decodedForm) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := decodeString(t, "Subject: x\n"+c.raw)
			if diff := cmp.Diff(c.files, fileNames(m)); diff != "" {
				t.Error(diff)
			}
			if strings.TrimSpace(m.Text) != c.text || m.HTML != c.html || m.Encrypted != c.encrypted {
				t.Errorf("text %q, HTML %q, encrypted %v", m.Text, m.HTML, m.Encrypted)
			}
		})
	}
}

func fileNames(m message.Message) (names []string) {
	for _, a := range m.Attachments {
		names = append(names, a.Name)
	}
	return names
}

func TestDecodeRelatedByItsRoot(t *testing.T) {
	png := "--b\nContent-Type: image/png; name=logo.png\nContent-ID: <logo>\n\nPNG\n"
	html := "--b\nContent-Type: text/html; charset=utf-8\nContent-ID: <root>\n\n<p>退款</p>\n"
	plain := "--b\nContent-Type: text/plain; charset=utf-8\n\n返金\n"
	alternative := "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nплатёж\n--c\nContent-Type: text/html\n\n<p>платёж</p>\n--c--\n"
	related := func(params string, parts ...string) string {
		return "Content-Type: multipart/related; boundary=b" + params + "\n\n" + strings.Join(parts, "") + "--b--\n"
	}
	checkForms(t, []decodedForm{
		{"the root is the first", related("", html, png), "", "<p>退款</p>", []string{"logo.png"}, false},
		{"the root comes last", related("", png, html), "", "<p>退款</p>", []string{"logo.png"}, false},
		{"start names it", related("; start=\"<root>\"", plain, png, html), "", "<p>退款</p>", []string{"", "logo.png"}, false},
		{"start without brackets", related("; start=root", png, html), "", "<p>退款</p>", []string{"logo.png"}, false},
		{"start in the form of RFC 2231", related("; start*=us-ascii''%3Croot%3E", png, html), "", "<p>退款</p>", []string{"logo.png"}, false},
		{"start that names nothing", related("; start=\"<other>\"", png, html), "", "<p>退款</p>", []string{"logo.png"}, false},
		{"type says what it is", related("; type=\"text/plain\"", png, html, plain), "返金", "", []string{"logo.png", ""}, false},
		{"an alternative behind an image", related("; type=\"multipart/alternative\"", png, alternative), "платёж", "<p>платёж</p>", []string{"logo.png"}, false},
		{"a blank text before the page", related("", "--b\nContent-Type: text/plain\n\n \n", html), "", "<p>退款</p>", nil, false},
		{"a Japanese text after an image", related("", png, plain), "返金", "", []string{"logo.png"}, false},
		{"images only", related("", png), "", "", []string{"logo.png"}, false},
		{"within a mixed one, before a file", "Content-Type: multipart/mixed; boundary=a\n\n--a\n" + related("", png, html) + "--a\nContent-Type: application/pdf; name=a.pdf\n\nP\n--a--\n", "", "<p>退款</p>", []string{"logo.png", "a.pdf"}, false},
		{"a signed one", "Content-Type: multipart/signed; boundary=a\n\n--a\n" + related("", png, html) + "--a\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nS\n--a--\n", "", "<p>退款</p>", []string{"logo.png", "smime.p7s"}, false},
	})
}

func TestDecodeTextThatStandsNowhereElse(t *testing.T) {
	checkForms(t, []decodedForm{
		{"a nameless text beside an encrypted-looking container", "Content-Type: multipart/related; type=\"image/png\"; boundary=b\n\n--b\nContent-Type: image/png\n\nPNG\n--b\nContent-Type: text/plain\n\nWhere is my refund?\n--b--\n", "Where is my refund?", "", []string{""}, false},
		{"a text with a name stays a file", "Content-Type: multipart/related; type=\"image/png\"; boundary=b\n\n--b\nContent-Type: image/png; name=a.png\n\nPNG\n--b\nContent-Type: text/plain; name=log.txt\n\nlines\n--b--\n", "", "", []string{"a.png", "log.txt"}, false},
	})
}

// signedCMS is an opaque signature around a MIME entity, in definite lengths and without signers.
func signedCMS(t testing.TB, entity string) string {
	t.Helper()
	der := func(class, tag int, compound bool, parts ...[]byte) []byte {
		v := asn1.RawValue{Class: class, Tag: tag, IsCompound: compound}
		for _, p := range parts {
			v.Bytes = append(v.Bytes, p...)
		}
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	id := func(last int) []byte {
		b, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, last})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	set := der(0, 17, true)
	content := der(0, 16, true, id(1), der(2, 0, true, der(0, 4, false, []byte(entity))))
	data := der(0, 16, true, []byte{2, 1, 1}, set, content, set)
	return string(der(0, 16, true, id(2), der(2, 0, true, data)))
}

func TestDecodeOpaqueSignatures(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	opaque := func(kind, packed string) string {
		return "Content-Type: " + kind + "\nContent-Transfer-Encoding: base64\n\n" + b64(packed) + "\n"
	}
	const smime = `application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"`
	text := "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	mixed := "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=gbk\r\n\r\n\xcd\xcb\xbf\xee\r\n--i\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nP\r\n--i--\r\n"
	once := signedCMS(t, text+"Где мой возврат?")
	again := once
	for range maxWithin + 1 {
		again = signedCMS(t, "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=in.p7m\r\n\r\n"+again)
	}
	checkForms(t, []decodedForm{
		{"a Russian text", opaque(smime, once), "Где мой возврат?", "", nil, false},
		{"a Chinese text and a file", opaque(smime, signedCMS(t, mixed)), "退款", "", []string{"a.pdf"}, false},
		{"a German page", opaque(smime, signedCMS(t, "Content-Type: text/html\r\n\r\n<p>Rückzahlung</p>")), "", "<p>Rückzahlung</p>", nil, false},
		{"the old name of the type, no smime-type", opaque("application/x-pkcs7-mime; name=smime.p7m", once), "Где мой возврат?", "", nil, false},
		{"a gateway's type of a file", opaque("application/octet-stream; name=smime.p7m", once), "Где мой возврат?", "", nil, false},
		{"base64 that nobody announced", "Content-Type: " + smime + "\n\n" + b64(once) + "\n", "Где мой возврат?", "", nil, false},
		{"inside a list's multipart with a footer", "Content-Type: multipart/mixed; boundary=o\n\n--o\n" + opaque(smime, once) + "--o\n\nA list.\n--o--\n", "Где мой возврат?\n\nA list.", "", nil, false},
		{"a signature around a signature", opaque(smime, signedCMS(t, opaque(smime, once))), "Где мой возврат?", "", nil, false},
		{"more signatures around each other than anybody sets", opaque(smime, again), "", "", []string{"in.p7m"}, false},
		{"encrypted under the name of signed", opaque(smime, strings.Replace(once, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 1)), "", "", []string{"smime.p7m"}, true},
		{"cut off", opaque(smime, once[:len(once)-9]), "", "", []string{"smime.p7m"}, true},
	})
}

func TestDecodeInlinePGP(t *testing.T) {
	signed := "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWo ist mein Geld?\n- -- \nJörg\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n=ab12\n-----END PGP SIGNATURE-----\n"
	checkForms(t, []decodedForm{
		{"a signed text", "Content-Type: text/plain; charset=utf-8\n\n" + signed, "Wo ist mein Geld?\n-- \nJörg", "", nil, false},
		{"words above and below the signed text", "Content-Type: text/plain; charset=utf-8\n\nabove\n" + signed + "below\n", "above\nWo ist mein Geld?\n-- \nJörg\nbelow", "", nil, false},
		{"a signature that is cut off", "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello", "", nil, false},
		{"an encrypted text", "\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n", "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----", "", nil, true},
		{"quoted armour is history", "\n> -----BEGIN PGP MESSAGE-----\n> x\n", "> -----BEGIN PGP MESSAGE-----\n> x", "", nil, false},
	})
	for raw, want := range map[string]string{
		"\n-----BEGIN PGP MESSAGE-----\n\nx\n":                            "inline PGP: the text is encrypted",
		"Content-Type: text/plain; charset=utf-8\n\n" + signed:            "inline PGP: a signature was taken off, and not checked",
		"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n\nThis is a list": "plain text around base64: 14 bytes",
	} {
		if m := decodeString(t, "Subject: x\nFrom: a@b.example\n"+raw); !cmp.Equal(m.Problems, []string{want}) {
			t.Errorf("problems %q, want %q", m.Problems, want)
		}
	}
}

func TestDecodeInvitations(t *testing.T) {
	ics := func(lines ...string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n" +
			strings.Join(lines, "\r\n") + "\r\nBEGIN:VALARM\r\nDESCRIPTION:REMINDER\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:second\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	alone := func(lines ...string) string { return "Content-Type: text/calendar; charset=utf-8\n\n" + ics(lines...) }
	file := []string{"invitation.ics"}
	checkForms(t, []decodedForm{
		{"in universal time", alone("SUMMARY:Call", "DTSTART:20261201T080000Z", "DTEND:20261201T090000Z", "LOCATION:Room 4"), "Call\n2026-12-01 08:00 UTC – 2026-12-01 09:00 UTC\nRoom 4", "", file, false},
		{"Chinese, in a zone", alone("SUMMARY;LANGUAGE=zh-CN:退款沟通", "DTSTART;TZID=China Standard Time:20261201T160000", "DESCRIPTION:订单 99123\\n请参加\\, 谢谢"), "退款沟通\n2026-12-01 16:00 China Standard Time\n\n订单 99123\n请参加, 谢谢", "", file, false},
		{"Japanese, folded inside a word", alone("SUMMARY:返金の", " ご相談", "DTSTART;VALUE=DATE:20261201"), "返金のご相談\n2026-12-01", "", file, false},
		{"a colon in a parameter", alone("ORGANIZER;CN=\"a:b\":mailto:a@b.example", "SUMMARY;X=\"c:d\":Rückzahlung"), "Rückzahlung", "", file, false},
		{"a description alone", alone("DESCRIPTION:Où est mon argent ?"), "Où est mon argent ?", "", file, false},
		{"a task", "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:Pay back\nDUE:20261201T080000Z\nEND:VTODO\nEND:VCALENDAR\n", "Pay back\n2026-12-01 08:00 UTC", "", file, false},
		{"vCalendar 1.0 in quoted-printable", alone("SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E9=80=80=E6=AC=BE"), "退款", "", file, false},
		{"with an empty plain form", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\n" + alone("SUMMARY:만남") + "\n--b--\n", "만남", "", file, false},
		{"with a text of its own", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\ncome\n--b\n" + alone("SUMMARY:Call") + "\n--b--\n", "come", "", file, false},
		{"under the name of a file", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar; name=invite.ics\nContent-Disposition: attachment\n\n" + ics("SUMMARY:Запись") + "\n--b--\n", "Запись", "", []string{"invite.ics"}, false},
		{"no calendar", "Content-Type: text/calendar\n\nhello\n", "", "", file, false},
	})
}

// tnefWith is a winmail.dat with one file of such an attachment property.
func tnefWith(kind uint16, value []byte) string {
	u16, u32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	attribute := func(out []byte, level byte, id uint32, data []byte) []byte {
		out = u32(u32(append(out, level), id), uint32(len(data)))
		return append(append(out, data...), 0, 0)
	}
	property := u32(u16(u16(u32(nil, 1), kind), 0x3701), 1)
	property = append(u32(property, uint32(len(value))), value...)
	property = append(property, make([]byte, (4-len(value)%4)%4)...)
	out := append(u32(nil, 0x223e9f78), 1, 0)
	out = attribute(out, 2, 0x00069002, make([]byte, 14))
	out = attribute(out, 2, 0x00018010, []byte("file.bin\x00"))
	if value != nil {
		out = attribute(out, 2, 0x00069005, property)
	}
	return string(out)
}

func TestDecodeNeverLosesAFileOfAWinmail(t *testing.T) {
	interfaces := make([]byte, 16)
	inner := tnefWith(0x0102, []byte("%PDF of the inner message"))
	withText := append([]byte(inner[:6]), 1, 0x0c, 0x80, 2, 0, 6, 0, 0, 0, 'h', 'e', 'l', 'l', 'o', 0, 0, 0)
	withText = append(withText, inner[6:]...)
	mail := func(packed string) string {
		return "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(packed))
	}
	checkForms(t, []decodedForm{
		{"a plain file needs no winmail.dat", mail(tnefWith(0x0102, []byte("%PDF"))), "", "", []string{"file.bin"}, false},
		{"a document of another program", mail(tnefWith(0x000d, append(interfaces, "\xd0\xcf\x11\xe0"...))), "", "", []string{"file.bin", "winmail.dat"}, false},
		{"a message with a file", mail(tnefWith(0x000d, append(interfaces, inner...))), "", "", []string{"file.bin", "winmail.dat"}, false},
		{"a message with a text and a file", mail(tnefWith(0x000d, append(interfaces, withText...))), "", "", []string{"file.bin.txt", "file.bin", "winmail.dat"}, false},
		{"an object without bytes", mail(tnefWith(0x000d, interfaces)), "", "", []string{"winmail.dat"}, false},
		{"a file that is only named", mail(tnefWith(0, nil)), "", "", []string{"winmail.dat"}, false},
		{"an empty file", mail(tnefWith(0x0102, []byte{})), "", "", []string{"file.bin"}, false},
		{"bytes of an unknown kind", mail(tnefWith(0x00fb, []byte("x"))), "", "", []string{"winmail.dat"}, false},
	})
}

func TestDecodeEncodedMultiparts(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	inner := "--k\nContent-Type: text/plain; charset=utf-8\n\n我的退款\n--k\nContent-Type: application/pdf; name=a.pdf\n\nP\n--k--\n"
	checkForms(t, []decodedForm{
		{"base64", "Content-Type: multipart/mixed; boundary=k\nContent-Transfer-Encoding: base64\n\n" + b64(inner), "我的退款", "", []string{"a.pdf"}, false},
		{"quoted-printable", "Content-Type: multipart/mixed; boundary=k\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.ReplaceAll(strings.ReplaceAll(inner, "=", "=3D"), "--k", "=2D-k"), "我的退款", "", []string{"a.pdf"}, false},
		{"inside another", "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=k\nContent-Transfer-Encoding: base64\n\n" + b64("--k\n\nplain\n--k\nContent-Type: text/html\n\n<p>x</p>\n--k--\n") + "\n--o--\n", "plain", "<p>x</p>", nil, false},
		{"that only says so", "Content-Type: multipart/mixed; boundary=k\nContent-Transfer-Encoding: base64\n\n" + inner, "我的退款", "", []string{"a.pdf"}, false},
		{"of words", "Content-Type: multipart/mixed; boundary=k\nContent-Transfer-Encoding: quoted-printable\n\nhello", "hello", "", nil, false},
	})
}

func TestDecodePartsPackedInPartsAreBounded(t *testing.T) {
	many := "Content-Type: multipart/mixed; boundary=k\n\n" + strings.Repeat("--k\n\nx\n", 90) + "--k--\n"
	raw := "Content-Type: multipart/mixed; boundary=o\n\n"
	for range 20 {
		raw += "--o\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=s.p7m\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(signedCMS(t, many))) + "\n"
	}
	m, err := NewDecoder(DecoderConfig{Limits: mimewalk.Limits{Parts: 300}}).Decode(channels.Delivery{Raw: []byte(raw + "--o--\n")})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Attachments) < 10 || strings.Count(m.Text, "x") > 300 {
		t.Errorf("%d files, %d texts", len(m.Attachments), strings.Count(m.Text, "x"))
	}
}

// Readers of what strangers write: each costs time in proportion to its length, and never fails.
func TestReadersOfFormsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	calendar := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:"
	units := append(linear.Units(), "\n ", "BEGIN:VEVENT\n", "END:VEVENT\n", "\\n", "\"", ";a=b", "DTSTART:1\n", "&", "&-", "&XfJ-", ",", "$Junk ", pgpMessage+"\n", pgpSigned+"\n\n", pgpSignature+"\n", pgpEnd+"\n", "\n- ")
	for name, read := range map[string]func(string){
		"invitation": func(s string) { invitationText(calendar + s) },
		"PGP":        func(s string) { (&job{}).readPGP(pgpSigned + "\n\n" + s) },
	} {
		t.Run(name, func(t *testing.T) { linear.Text(t, 16<<10, "", "", units, read) })
	}
}

func FuzzForms(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X=\"a:b\":Call\\, now\n  more\nDTSTART;TZID=x:20261201T080000\nEND:VEVENT\n")
	f.Add(pgpSigned + "\nHash: SHA256\n\n- -- \nx\n" + pgpSignature + "\nab\n" + pgpEnd + "\nrest")
	f.Fuzz(func(t *testing.T, s string) {
		if got := invitationText(s); len(got) > len(s)+64 {
			t.Errorf("an invitation of %d bytes says %d", len(s), len(got))
		}
		if got := (&job{}).readPGP(s); len(got) > len(s) {
			t.Errorf("%d bytes of a signed text become %d", len(s), len(got))
		}
	})
}
