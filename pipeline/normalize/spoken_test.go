package normalize

import (
	"testing"

	"frontdesk/internal/doubling"
)

// Notices that companies and mail programs put above and below what a person wrote.
const (
	noticeEnglish  = "This e-mail and any attachments are confidential and intended solely for the addressee. If you have received this message in error please notify the sender and delete it immediately. The company accepts no liability for damage caused by any virus."
	noticeGerman   = "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte den Absender und vernichten Sie diese Mail."
	noticeFrench   = "Ce message est confidentiel. Si vous n'êtes pas le destinataire ou l'avez reçu par erreur, merci d'avertir l'expéditeur et de le détruire."
	noticeChinese  = "本邮件包含机密信息，仅供收件人使用。如您误收本邮件，请立即删除并通知发件人。未经授权禁止复制。"
	noticeJapanese = "このメールには秘密情報が含まれている場合があります。誤って受信された場合は、直ちに削除してください。"
	noticeRussian  = "Это сообщение содержит конфиденциальную информацию. Если вы не адресат и получили его по ошибке, удалите его."
	bannerEnglish  = "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender."
	bannerChinese  = "【外部邮件】此邮件来自公司外部，请谨慎点击链接。"
	bannerOutlook  = "You don't often get email from li@c.example. Learn why this is important"
)

func TestSpeaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		reply               bool
		want                string
		latin               bool
	}{
		{"Chinese over an English notice", "退款", "退款什么时候到账？\n\n" + noticeEnglish, false, "zh-Hans", false},
		{"Chinese over an English notice without an empty line", "退款", "退款什么时候到账？\n" + noticeEnglish, false, "zh-Hans", false},
		{"Chinese over a German notice", "", "请问我的退款到账了吗？\n\n" + noticeGerman + "\n\n" + noticeEnglish, false, "zh-Hans", false},
		{"traditional Chinese below an English banner", "退款問題", bannerEnglish + "\n\n請問退款什麼時候到帳？", false, "zh-Hant", false},
		{"Chinese below Outlook's banner", "", bannerOutlook + "\n\n我的钱还没有到账", false, "zh-Hans", false},
		{"English over a Chinese notice", "Refund", "Where is my refund?\n\n" + noticeChinese, false, "en", true},
		{"English below a Chinese banner", "Card", bannerChinese + "\n\nMy card was not delivered.", false, "en", true},
		{"German over an English notice", "Frage", "Wo ist mein Geld?\n\n" + noticeEnglish, false, "de", true},
		{"French over an English notice", "Remboursement", "Où est mon argent ?\n\n" + noticeEnglish + "\n\n" + noticeFrench, false, "fr", true},
		{"Spanish over a long English notice", "", "¿Dónde está mi dinero? Necesito ayuda.\n\n" + noticeEnglish + noticeEnglish, false, "es", true},
		{"English over a French notice", "", "I did not get the money.\n\n" + noticeFrench, false, "en", true},
		{"Japanese over an English notice", "", "返金はいつになりますか。\n\n" + noticeEnglish, false, "ja", false},
		{"English over a Japanese notice", "", "When is the refund?\n\n" + noticeJapanese, false, "en", true},
		{"Korean over an English notice", "", "환불은 언제 되나요?\n\n" + noticeEnglish, false, "ko", false},
		{"Russian over an English notice", "", "Где мои деньги?\n\n" + noticeEnglish, false, "ru", true},
		{"English over a Russian notice", "", "Where is my money?\n\n" + noticeRussian, false, "en", true},
		{"Thai over an English notice", "", "ยังไม่ได้รับเงินคืน\n\n" + noticeEnglish, false, "th", true},
		{"Arabic over an English notice", "", "أين أموالي؟\n\n" + noticeEnglish, false, "ar", true},
		{"Chinese over an English signature", "", "请帮忙查一下这笔款项\n\nAnna Li\nHead of Treasury and Payments\nExample Holdings International Limited\nThe Pavilion, 12 Long Road, London", false, "zh-Hans", false},
		{"an answer in Chinese under an English subject", "Re: We have received your message about the refund", "好的，金额是三百二十元", true, "zh-Hans", false},
		{"an answer in English under a Chinese subject", "回复：我们已收到您的来信", "Yes, it was 320 in total", true, "en", true},
		{"an answer of an amount alone follows the subject", "Re: Where is my refund?", "320", true, "en", true},
		{"a notice and nothing else", "", noticeEnglish, false, "en", true},
		{"a customer who writes about confidential errors", "", "You disclosed my confidential data in error to the wrong addressee, please call me.", false, "en", true},
		{"a greeting that alone tells", "IBAN", "Guten Tag,\n\nDE12 500", false, "de", true},
		{"a Czech word that nobody knows", "", "Vraceni penez", false, "", true},
		{"a Swahili question", "", "Pesa zangu ziko wapi", false, "", true},
		{"Serbian, which is not told apart", "", "Где је мој новац? Чекам већ недељу дана на повраћај", false, "", true},
		{"a brand", "", "PayPal", false, "", false},
		{"letters that are no word", "", "OK", false, "", false},
		{"a code", "TX-9921", "9921", false, "", false},
		{"nothing", "", "", false, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Speaks(c.subject, Core(c.text), c.text, c.reply)
			if got != (Spoken{Language: c.want, Letters: c.latin}) {
				t.Errorf("got %+v, want %q, in letters %v", got, c.want, c.latin)
			}
		})
	}
}

func TestEveryBeginningOfANoticeIsLookedAtWhole(t *testing.T) {
	for _, begin := range noticeBegins {
		if len(begin) > maxBegin || !isNotice("*** "+begin+" and so on") {
			t.Errorf("%q has %d bytes and is not found", begin, len(begin))
		}
	}
}

func TestSpeaksCostsLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	doubling.Text(t, 16<<10, "", "", append(doubling.Units(), "confidential ", "\n\n", "a\n\n", "机密", "external\n"), func(s string) {
		Speaks(s, s, s, false)
		isNotice(s)
	})
}
