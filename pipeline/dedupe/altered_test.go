package dedupe

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// TestCompareCostsLinearTime: both texts are foreign, and chosen so that every beginning looks right.
func TestCompareCostsLinearTime(t *testing.T) {
	from := message.Address{Kind: message.Email, Value: "a@b.example"}
	for name, text := range map[string]func(n int) (a, b string){
		"two repetitions": func(n int) (string, string) { return strings.Repeat("a", n) + "b", strings.Repeat("a", 2*n) },
		"words": func(n int) (string, string) {
			return strings.Repeat("a ", n) + "b", "b" + strings.Repeat("a ", n) + "c"
		},
	} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<12, func(n int) func() {
				a, b := text(n)
				return func() { Compare(message.Message{From: from}, a, Twin{From: from.Identity(), Text: b}) }
			})
		})
	}
}

// TestALikenessKnowsNoSides: which of two texts came first is chance.
func TestALikenessKnowsNoSides(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want likeness
	}{
		{"", "", contained}, {"", "x", contained}, {"ok", "ok then", contained}, {"a b", "a new b", contained}, {"one", "two", different},
		{"the same beginning, then this", "the same beginning, then that other", similar},
		{strings.Repeat("x1 ", 30) + "left", "right" + strings.Repeat("x1 ", 30), similar},
	} {
		if got, back := alike([]byte(c.a), []byte(c.b)), alike([]byte(c.b), []byte(c.a)); got != c.want || back != c.want {
			t.Errorf("%q, %q: %v and %v, want %v", c.a, c.b, got, back, c.want)
		}
	}
}

// TestAlteredByTwoRoads: a gateway's warning before the one, a list's footer behind the other, by language. Two mails with
// the same greeting or the same signature are two.
func TestAlteredByTwoRoads(t *testing.T) {
	t.Parallel()
	for language, c := range map[string][4]string{
		"English":             {"CAUTION: This email originated from outside of the organization.", "Where is my refund for order 778899?", "____\nUsers mailing list\nhttps://lists.example/users", "My card was declined at the shop today."},
		"Simplified Chinese":  {"此邮件来自外部，请谨慎打开链接和附件。", "订单 778899 的退款什么时候到账？", "本邮件及附件含有保密信息。", "我的卡今天在商店被拒绝了。"},
		"Traditional Chinese": {"此郵件來自外部，請小心。", "訂單 778899 的退款何時到帳？", "本郵件含有機密資訊。", "我的卡今天被拒絕了。"},
		"German":              {"Achtung: externe E-Mail. Öffnen Sie keine Anhänge.", "Wo bleibt die Erstattung für 778899?", "Diese E-Mail ist vertraulich.", "Meine Karte wurde heute abgelehnt."},
		"French":              {"Attention : courriel externe.", "Où est mon remboursement pour 778899 ?", "Ce message est confidentiel.", "Ma carte a été refusée aujourd'hui."},
		"Japanese":            {"社外からのメールです。ご注意ください。", "注文 778899 の返金はいつ届きますか？", "このメールには秘密情報が含まれます。", "今日カードが使えませんでした。"},
		"Korean":              {"외부에서 온 메일입니다.", "주문 778899 환불은 언제 되나요?", "이 메일은 기밀입니다.", "오늘 카드가 거절되었습니다."},
		"Russian":             {"Внимание: внешняя почта.", "Где возврат за заказ 778899?", "Это письмо конфиденциально.", "Моя карта сегодня не прошла."},
		"Spanish":             {"Precaución: correo externo.", "¿Dónde está el reembolso de 778899?", "Este mensaje es confidencial.", "Mi tarjeta fue rechazada hoy."},
		"Thai":                {"อีเมลจากภายนอก โปรดระวัง", "เงินคืนของ 778899 จะมาเมื่อไหร่", "อีเมลนี้เป็นความลับ", "บัตรของฉันถูกปฏิเสธวันนี้"},
		"Arabic":              {"تنبيه: بريد خارجي.", "أين استرداد الطلب 778899؟", "هذه الرسالة سرية.", "بطاقتي رفضت اليوم."},
		"Turkish":             {"Dikkat: dış e-posta.", "778899 iadem nerede acaba?", "Bu ileti gizlidir.", "Kartım bugün reddedildi."},
	} {
		warning, words, footer, other := c[0], c[1], c[2], c[3]
		for name, pair := range map[string][2]string{
			"a warning and a footer": {warning + "\n" + words, words + "\n" + footer}, "a footer and nothing": {words, words + "\n" + footer}, "a warning and nothing": {words, warning + "\n" + words}, "both and nothing": {words, warning + "\n" + words + "\n" + footer},
		} {
			if got, back := alike(fold(pair[0]), fold(pair[1])), alike(fold(pair[1]), fold(pair[0])); got == different || got != back {
				t.Errorf("%s, %s: %v and %v", language, name, got, back)
			}
		}
		for name, pair := range map[string][2]string{
			"two mails": {words, other}, "two mails with one footer": {words + "\n" + footer, other + "\n" + footer}, "two mails with a warning and a footer": {warning + "\n" + words, other + "\n" + footer},
		} {
			if name == "two mails with one footer" && (len(footer)*10 >= len(words)*9 || len(footer)*10 >= len(other)*9) {
				continue // most of them is the footer
			}
			if got := alike(fold(pair[0]), fold(pair[1])); got != different {
				t.Errorf("%s, %s: %v", language, name, got)
			}
		}
	}
}
