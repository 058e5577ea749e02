package charset

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	zh = "您好，我的订单还没有收到，请帮忙查询一下。谢谢！"
	tw = "您好，我的訂單還沒有收到，請幫忙查詢一下。謝謝！"
	ja = "お世話になっております。注文の商品がまだ届いていません。"
	ko = "안녕하세요, 주문한 상품을 아직 받지 못했습니다. 확인 부탁드립니다."
	ru = "Здравствуйте, мой заказ ещё не пришёл. Проверьте, пожалуйста."
	de = "Schöne Grüße aus München"
)

func enc(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDecode(t *testing.T) {
	gb := simplifiedchinese.GB18030
	cases := []struct {
		name, label, in, want string
		followed              bool
	}{
		{"GBK by its label", "gbk", enc(t, gb, zh), zh, true},
		{"gb2312 label with GBK characters", "gb2312", enc(t, gb, "喆镕堃"+zh), "喆镕堃" + zh, true},
		{"gb2312 label with GB18030 four-byte characters", "GB2312", enc(t, gb, "㐀龍㎡–"+zh), "㐀龍㎡–" + zh, true},
		{"a code page number", "936", enc(t, gb, zh), zh, true},
		{"UTF-8 under a gb2312 label", "gb2312", zh, zh, false},
		{"short GBK that is UTF-8 by accident", "gb2312", "\xc4\xa3", "模", true},
		{"UTF-8 without label", "", zh, zh, true},
		{"UTF-8 under us-ascii", "us-ascii", zh, zh, false},
		{"UTF-8 under latin1", "iso-8859-1", zh, zh, false},
		{"UTF-8 with a byte order mark", "utf-8", "\ufeff" + zh, zh, true},
		{"UTF-8 cut inside a character", "utf-8", zh[:len(zh)-1], strings.TrimSuffix(zh, "！") + "�", true},
		{"English with one byte of Latin-1 in it", "utf-8", "I can’t find it, it’s 30€ short. \xffLi", "I can’t find it, it’s 30€ short. \ufffdLi", true},
		{"German with one byte of Latin-1 in it", "utf-8", "Größe falsch, bitte zur\xfccknehmen", "Größe falsch, bitte zur\ufffdcknehmen", true},
		{"Chinese with one lost byte", "utf-8", "退款\xe8没有到账", "退款\ufffd没有到账", true},
		{"Russian with a broken byte and no label", "", "перевод \xff не пришёл", "перевод \ufffd не пришёл", true},
		{"German letters of two characters under gbk", "gbk", "U\u0308berweisung zuru\u0308ck", "U\u0308berweisung zuru\u0308ck", false},
		{"Japanese with a broken byte under iso-8859-1", "iso-8859-1", "返金がまだです\xff", "返金がまだです\ufffd", false},
		{"Chinese with a broken byte under gb2312", "gb2312", "退款还没有到账，请查一下\xff", "退款还没有到账，请查一下\ufffd", false},
		{"one accent and one broken byte", "utf-8", "caf\u00e9 cr\xe8me", "café cr\ufffdme", true},
		{"French of Latin-1 under utf-8", "utf-8", enc(t, charmap.Windows1252, "élève réglé, café, déjà payé"), "élève réglé, café, déjà payé", false},
		{"two GBK characters under utf-8", "utf-8", enc(t, gb, "模板"), "模板", false},
		{"German UTF-8 under gb2312", "gb2312", "die Überweisung fehlt, bitte prüfen", "die Überweisung fehlt, bitte prüfen", false},
		{"German UTF-8 under big5", "big5", "die Überweisung fehlt, bitte prüfen", "die Überweisung fehlt, bitte prüfen", false},
		{"French UTF-8 under shift_jis", "shift_jis", "déjà payé à la Société", "déjà payé à la Société", false},
		{"Russian UTF-8 under gbk", "gbk", "Здравствуйте, перевод не пришёл", "Здравствуйте, перевод не пришёл", false},
		{"Ukrainian UTF-8 under gb18030", "gb18030", "переказ не надійшов", "переказ не надійшов", false},
		{"Greek UTF-8 under euc-kr", "euc-kr", "δεν έφτασε", "δεν έφτασε", false},
		{"Hebrew UTF-8 under big5", "big5", "שלום", "שלום", false},
		{"Arabic UTF-8 under gbk", "gbk", "لم يصل", "لم يصل", false},
		{"Polish UTF-8 under gbk", "gbk", "Wpłata nie dotarła, proszę sprawdzić", "Wpłata nie dotarła, proszę sprawdzić", false},
		{"Turkish UTF-8 under shift_jis", "shift_jis", "Ödeme ulaşmadı", "Ödeme ulaşmadı", false},
		{"Spanish UTF-8 under euc-jp", "euc-jp", "¿Dónde está mi dinero?", "¿Dónde está mi dinero?", false},
		{"a price in UTF-8 under gbk", "gbk", "£30 paid twice", "£30 paid twice", false},
		{"a German name under gbk", "gbk", "Jörg Müller", "Jörg Müller", false},
		{"a French name in capitals under big5", "big5", "Élodie", "Élodie", false},
		{"two GBK characters that are UTF-8 by accident", "gbk", enc(t, gb, "学校"), "学校", true},
		{"three GBK characters that are UTF-8 by accident", "gbk", enc(t, gb, "小学校"), "小学校", true},
		{"GBK behind a number that is UTF-8 by accident", "gbk", enc(t, gb, "3模"), "3模", true},
		{"GBK under utf-8", "utf-8", enc(t, gb, zh), zh, false},
		{"latin1 under utf-8", "utf-8", enc(t, charmap.Windows1252, de+de), de + de, false},
		{"GBK without label", "", enc(t, gb, zh), zh, true},
		{"GBK under an unknown label", "x-nonsense", enc(t, gb, zh), zh, false},
		{"GBK under latin1", "iso-8859-1", enc(t, gb, zh), zh, false},
		{"Big5 without label", "", enc(t, traditionalchinese.Big5, tw+tw), tw + tw, true},
		{"Shift_JIS without label", "default", enc(t, japanese.ShiftJIS, ja), ja, true},
		{"EUC-JP without label", "unknown-8bit", enc(t, japanese.EUCJP, ja), ja, true},
		{"EUC-KR without label", "", enc(t, korean.EUCKR, ko+ko), ko + ko, true},
		{"windows-1251 without label", "", enc(t, charmap.Windows1251, ru), ru, true},
		{"KOI8-R without label", "", enc(t, charmap.KOI8R, ru), ru, true},
		{"windows-1252 without label", "", enc(t, charmap.Windows1252, de), de, true},
		{"latin1 means windows-1252", "latin1", "\x93It\x92s \x80 5\x94", "“It’s € 5”", true},
		{"Shift_JIS by a vendor label", "cp932", enc(t, japanese.ShiftJIS, ja), ja, true},
		{"UHC by a vendor label", "ms949", enc(t, korean.EUCKR, ko), ko, true},
		{"ISO-2022-JP", "iso-2022-jp", enc(t, japanese.ISO2022JP, ja), ja, true},
		{"ISO-2022-JP without label", "", enc(t, japanese.ISO2022JP, ja), ja, false},
		{"a label with an escape sequence", "_iso-2022-jp$ESC", enc(t, japanese.ISO2022JP, ja), ja, true},
		{"UTF-8 under iso-2022-jp", "iso-2022-jp", ja, ja, false},
		{"ISO-2022-KR", "iso-2022-kr", "\x1b$)C\x0e>H3g\x0f!\n", "안녕!\n", true},
		{"ISO-2022-CN", "iso-2022-cn", "\x1b$)A\x0e=;;;\x0f", "交换", true},
		{"HZ", "hz-gb-2312", enc(t, simplifiedchinese.HZGB2312, "我的订单"), "我的订单", true},
		{"UTF-7", "utf-7", "Gr+APwA3w-e +- 1 + 1 +ZjU-", "Grüße + 1 + 1 昵", true},
		{"UTF-7 under its old name", "unicode-1-1-utf-7", "+ANw-bermittlung", "Übermittlung", true},
		{"UTF-7 broken off", "utf-7", "x +Z", "x ", true},
		{"UTF-16 with a mark", "utf-16", "\xfe\xff" + enc(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), zh), zh, true},
		{"UTF-16 big-endian without mark", "utf-16", enc(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), zh), zh, true},
		{"UTF-16 little-endian without mark", "utf-16", enc(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), zh), zh, true},
		{"UTF-16LE by its label", "utf-16le", enc(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "abc"), "abc", true},
		{"UTF-8 under utf-16", "utf-16", zh, zh, false},
		{"Thai", "tis-620", "\xca\xc7\xd1\xca\xb4\xd5", "สวัสดี", true},
		{"a DOS code page", "ibm850", "\x84\x94\x81", "äöü", true},
		{"Hebrew in visual-order label", "iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום", true},
		{"ASCII under any label", "big5", "plain", "plain", true},
		{"NUL bytes", "utf-8", "be\x00fore", "before", true},
		{"a quoted label with a language", `"utf-8*zh"`, zh, zh, true},
		{"nothing", "gbk", "", "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, followed := Decode(c.label, []byte(c.in))
			if got != c.want || followed != c.followed {
				t.Errorf("got %q (as labelled %v), want %q (%v)", got, followed, c.want, c.followed)
			}
		})
	}
}

func TestLookupKnowsTheLabels(t *testing.T) {
	for _, label := range strings.Fields("gb2312 GBK gb18030 x-gbk cp936 936 ms949 ks_c_5601-1987 cp949 uhc cp932 x-sjis windows-31j big5-hkscs euc-tw big5 " +
		"iso-8859-1 iso-8859-2 iso_8859-5 iso8859-15 windows-1250 cp1251 cp1252 win-1251 1252 koi8-r koi8-u macintosh x-mac-cyrillic cp437 ibm866 cp850 tis-620 iso-8859-11 windows-874 iso-8859-8-i viscii") {
		if e, f := lookup(label); e == nil || f == unknownLabel {
			if label != "euc-tw" && label != "viscii" { // no decoder exists in golang.org/x/text
				t.Errorf("%q is not known", label)
			}
		}
	}
	for _, label := range []string{"", "us-ascii", "ANSI_X3.4-1968", "default", "x-unknown", "unknown-8bit", "none-of-these"} {
		if !Vague(label) || Known(label) {
			t.Errorf("%q is taken for the name of a charset", label)
		}
	}
}

func FuzzCharset(f *testing.F) {
	f.Add("gb2312", []byte("\xc4\xfa\xba\xc3"))
	f.Add("utf-7", []byte("+ANw-b+"))
	f.Add("iso-2022-kr", []byte("\x1b$)C\x0e>H"))
	f.Add("utf-16", []byte("\xfe\xffa"))
	f.Add("", []byte("\x82\xa0\x82"))
	f.Fuzz(func(t *testing.T, label string, in []byte) {
		got, _ := Decode(label, in)
		if !utf8.ValidString(got) || strings.IndexByte(got, 0) >= 0 {
			t.Errorf("%q under %q gives %q", in, label, got)
		}
	})
}
