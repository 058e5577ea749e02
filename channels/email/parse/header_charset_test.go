package parse

import (
	"encoding/base64"
	"frontdesk/channels/email/header"
	"testing"
)

// TestHeadersUnderTheWrongLabel: UTF-8 in encoded-words that say GBK, Big5 or Shift_JIS, and unlabelled in mails whose text
// does.
func TestHeadersUnderTheWrongLabel(t *testing.T) {
	word := func(label, s string) string {
		return "=?" + label + "?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	}
	for _, s := range []string{"Jörg Müller", "Überweisung fehlt", "перевод не пришёл", "возврат за заказ", "δεν έφτασε", "שלום לך", "لم يصل المبلغ", "退款还没有到账", "退款還沒有到帳", "返金がまだです", "환불이 아직입니다",
		"déjà payé", "¿Dónde está?", "Wpłata nie dotarła", "Ödeme ulaşmadı"} {
		for _, label := range []string{"gb2312", "gbk", "big5", "shift_jis", "euc-kr"} {
			if got := header.Text(word(label, s), ""); got != s {
				t.Errorf("%q in an encoded-word of %s is %q", s, label, got)
			}
			m := decodeString(t, "From: "+s+" <a@customer.example>\nSubject: "+s+"\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset="+label+
				"\n\nx\n--b\nContent-Type: application/pdf; name=\""+s+".pdf\"\n\nP\n--b--\n")
			if m.From.Name != s || m.Subject != s || len(m.Attachments) != 1 || m.Attachments[0].Name != s+".pdf" {
				t.Errorf("%q beside a text in %s: name %q, subject %q, files %q", s, label, m.From.Name, m.Subject, fileNames(m))
			}
		}
	}
	for raw, want := range map[string]string{
		"I can’t find it, it’s 30€ short\xff": "I can’t find it, it’s 30€ short\ufffd",
		"退款\xe8没有到账":                          "退款\ufffd没有到账",
	} {
		if m := decodeString(t, "Subject: "+raw+"\nContent-Type: text/plain; charset=utf-8\n\nx"); m.Subject != want {
			t.Errorf("subject %q, want %q", m.Subject, want)
		}
	}
}
