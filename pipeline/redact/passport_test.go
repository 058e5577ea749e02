package redact

import (
	"strings"
	"testing"
)

// TestPassportsThatAWordAnnounces: letters and digits in the forms of several countries, before and behind the word, in both languages.
func TestPassportsThatAWordAnnounces(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"E12345678", "EA1234567", "G12345678", "K1234567", "TR1234567", "123456789", "M12345678", "12AB34567", "AB 123456", "E 1234 5678", "E-12345678", "e12345678", "Ｅ１２３４５６７８", "H0123456701"[:9]} {
		for _, around := range [][2]string{
			{"passport ", ""}, {"Passport No. ", " thanks"}, {"passport number: ", ", issued in 2019"}, {"my passport is ", "."}, {"passport #", " please"}, {"PASSPORT=", ""}, {"护照号", "。"}, {"护照号码：", "，谢谢"},
			{"我的护照是 ", "。"}, {"護照號碼為", "。"}, {"回乡证号 ", "。"}, {"台胞证:", " 谢谢"}, {"passeport ", ""}, {"Reisepass: ", ""}, {"паспорт ", ""},
		} {
			text := around[0] + number + around[1]
			got, found := Text(text)
			if len(found) != 1 || found[0].Kind != Passport || strings.Contains(got, number) || strings.Contains(got, "345") {
				t.Errorf("%q became %q, %v", text, got, found)
			}
			if again, more := Text(got); again != got || more != nil {
				t.Errorf("%q is masked again: %q, %v", got, again, more)
			}
		}
	}
	for _, text := range []string{"E12345678 is my passport", "E12345678是我的护照号", "G12345678（护照）"} {
		if got, found := Text(text); len(found) != 1 || strings.Contains(got, "345") {
			t.Errorf("%q became %q, %v", text, got, found)
		}
	}
}

// TestNumbersBesidePassportsStay: what has another number is none.
func TestNumbersBesidePassportsStay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"passport, order TP2026081500", "护照照片上传失败，订单号 88213377", "passport 2019", "passport upload failed 3 times", "passports for 2 adults and 123456789 reasons", "护照 13812345678", "my passport expires 2030-11-20",
		"passport page 12", "护照过期了，电话 91234567", "passport: see order 123456789012", "issued 20191120 passport", "order TP1234567 and my passport",
	} {
		if got, found := Text(text); found != nil {
			t.Errorf("%q became %q, %v", text, got, found)
		}
	}
}
