package parse

import (
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"
)

// said are sentences by language, to be wrapped in all ways that programs get wrong.
var said = map[string]string{
	"zh": "我的退款还没有到账，请帮我查一下。", "zht": "我的退款還沒有到帳，請幫我查一下。", "ja": "返金がまだ届いていません。", "ko": "환불이 아직 도착하지 않았습니다.", "ru": "Деньги ещё не пришли.", "ar": "لم تصل أموالي بعد", "he": "הכסף עדיין לא הגיע", "th": "เงินคืนยังไม่มา", "vi": "Tôi chưa nhận được tiền hoàn lại", "de": "Die Überweisung ist nicht angekommen, größer", "fr": "Où est mon remboursement, s’il vous plaît ?", "es": "¿Dónde está mi dinero?", "tr": "Param hâlâ gelmedi, lütfen bakın.", "pl": "Pieniądze jeszcze nie dotarły", "el": "Τα χρήματα δεν έφτασαν", "curly": "I can’t find my money, it’s 30€ short", "emoji": "My card 💳 is lost 😢", "uk": "Гроші ще не надійшли", "pt": "Não recebi o reembolso", "cs": "Peníze ještě nepřišly, žádám o řešení", "one": "是", "short de": "Größe",
}

// TestDecodeUTF8UnderOtherLabels: in text and in headers, in each transfer encoding.
func TestDecodeUTF8UnderOtherLabels(t *testing.T) {
	for lang, s := range said {
		for _, label := range []string{"gbk", "gb2312", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-8859-1", "us-ascii", "windows-1252", "iso-2022-jp"} {
			var qp strings.Builder
			w := quotedprintable.NewWriter(&qp)
			w.Write([]byte(s))
			w.Close()
			for enc, body := range map[string]string{"8bit": s, "base64": base64.StdEncoding.EncodeToString([]byte(s)), "quoted-printable": qp.String()} {
				m := decodeString(t, "From: a@b.example\nSubject: =?"+label+"?B?"+base64.StdEncoding.EncodeToString([]byte(s))+"?=\nContent-Type: text/plain; charset="+label+"\nContent-Transfer-Encoding: "+enc+"\n\n"+body+"\n")
				if strings.TrimSpace(m.Text) != s {
					t.Errorf("%s under %s %s: %q", lang, label, enc, m.Text)
				}
				if enc == "8bit" && m.Subject != s {
					t.Errorf("%s subject under %s: %q", lang, label, m.Subject)
				}
			}
		}
	}
}

// TestDecodeUTF8WithBrokenBytes: a byte too many, a character that was cut, a surrogate.
func TestDecodeUTF8WithBrokenBytes(t *testing.T) {
	for lang, s := range said {
		long := strings.Repeat(s+"\n", 3)
		for _, bad := range []string{"\xff", "\xe4\xbd", "\xc3", "\xed\xa0\x80", "\x93", "\xa0"} {
			for _, at := range []int{0, len(s) + 1} {
				raw := long[:at] + bad + long[at:]
				m := decodeString(t, "From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"+raw)
				if strings.Count(m.Text, s) != 3 {
					t.Errorf("%s bad %x at %d: %q", lang, bad, at, m.Text)
				}
			}
		}
	}
}

// TestDecodeBase64WithAFooter: at each length of the last group, with and without padding. The customer's words come whole,
// and the footer's last line is there, too.
func TestDecodeBase64WithAFooter(t *testing.T) {
	for lang, s := range said {
		for k := range 3 {
			words := s + strings.Repeat("x", k)
			for name, c := range map[string]struct{ footer, last string }{
				"a sentence behind an empty line": {"\n\nThis is a footer of the list.", "of the list."},
				"a sentence at once":              {"\nThis is a footer", "This is a footer"},
				"a list's ruler and address":      {"\n_______________________________________________\nUsers mailing list\nhttps://lists.example/users", "https://lists.example/users"},
				"a long address":                  {"\n\n\nhttp://www.lists.example/mailman/listinfo/users-of-cards-and-so-on", "users-of-cards-and-so-on"},
				"a dash and a word":               {"\n--\nfooter", "footer"},
				"in Chinese":                      {"\n\n本邮件来自外部，请注意。", "请注意。"},
				"in German":                       {"\n\nDiese E-Mail wurde geprüft.", "geprüft."},
				"a scanner's":                     {"\n\nScanned by MailGuard", "MailGuard"},
			} {
				m := decodeString(t, "From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"+lines76(words)+c.footer+"\n")
				if !strings.HasPrefix(m.Text, words) || !strings.Contains(m.Text, c.last) {
					t.Errorf("%s, %d more, %s: %q", lang, k, name, m.Text)
				}
			}
		}
	}
}

// lines76 encodes a text as encoders do: lines of 76 characters, the last one shorter.
func lines76(s string) string {
	b := base64.StdEncoding.EncodeToString([]byte(s))
	var out []string
	for ; len(b) > 76; b = b[76:] {
		out = append(out, b[:76])
	}
	return strings.Join(append(out, b), "\n")
}
