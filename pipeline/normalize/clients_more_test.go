package normalize

import "testing"

// TestOutlookAndOthersByLanguage: reply headers of Outlook in the languages of customers, of Chinese services, and the
// introductions of telephones and web mail.
func TestOutlookAndOthersByLanguage(t *testing.T) {
	t.Parallel()
	checkClients(t, map[string]string{
		"outlook en":       "From: Desk <d@desk.example>\nSent: Monday, November 23, 2026 9:14 AM\nTo: Li <li@c.example>\nSubject: Re: card\n\nDone.",
		"outlook en-gb":    "From: Desk <d@desk.example> \nSent: 23 November 2026 09:14\nTo: Li\nCc: Bo\nSubject: Re: card\n\nDone.",
		"outlook de":       "Von: Desk <d@desk.example>\nGesendet: Montag, 23. November 2026 09:14\nAn: Li\nBetreff: AW: Karte\n\nFertig.",
		"outlook fr":       "De : Desk <d@desk.example>\nEnvoyé : lundi 23 novembre 2026 09:14\nÀ : Li\nObjet : RE: carte\n\nFait.",
		"outlook fr2":      "De : Desk <d@desk.example>\nDate : lundi, 23 novembre 2026 à 09:14\nÀ : Li\nObjet : RE: carte\n\nFait.",
		"outlook es":       "De: Desk <d@desk.example>\nEnviado el: lunes, 23 de noviembre de 2026 9:14\nPara: Li\nAsunto: RE: tarjeta\n\nListo.",
		"outlook es2":      "De: Desk <d@desk.example>\nEnviado: lunes, 23 de noviembre de 2026 9:14\nPara: Li\nAsunto: RE: tarjeta\n\nListo.",
		"outlook it":       "Da: Desk <d@desk.example>\nInviato: lunedì 23 novembre 2026 09:14\nA: Li\nOggetto: R: carta\n\nFatto.",
		"outlook nl":       "Van: Desk <d@desk.example>\nVerzonden: maandag 23 november 2026 09:14\nAan: Li\nOnderwerp: RE: kaart\n\nKlaar.",
		"outlook pl":       "Od: Desk <d@desk.example>\nWysłano: poniedziałek, 23 listopada 2026 09:14\nDo: Li\nTemat: ODP: karta\n\nGotowe.",
		"outlook pt":       "De: Desk <d@desk.example>\nEnviada: 23 de novembro de 2026 09:14\nPara: Li\nAssunto: RE: cartão\n\nPronto.",
		"outlook ru":       "От: Desk <d@desk.example>\nОтправлено: 23 ноября 2026 г. 9:14\nКому: Li\nТема: RE: карта\n\nГотово.",
		"outlook tr":       "Kimden: Desk <d@desk.example>\nGönderildi: 23 Kasım 2026 Pazartesi 09:14\nKime: Li\nKonu: YNT: kart\n\nTamam.",
		"outlook ja":       "差出人: Desk <d@desk.example>\n送信日時: 2026年11月23日月曜日 9:14\n宛先: Li\n件名: RE: カード\n\n完了",
		"outlook ko":       "보낸 사람: Desk <d@desk.example>\n보낸 날짜: 2026년 11월 23일\n받는 사람: Li\n제목: RE: 카드\n\n완료",
		"outlook zh":       "发件人: Desk <d@desk.example>\n发送时间: 2026年11月23日 9:14\n收件人: Li\n主题: 答复: 卡\n\n好",
		"outlook tw":       "寄件者: Desk <d@desk.example>\n日期: 2026年11月23日 9:14\n收件者: Li\n主旨: 回覆: 卡\n\n好",
		"outlook ar":       "من: Desk <d@desk.example>\nتم الإرسال: 23 نوفمبر 2026 9:14\nإلى: Li\nالموضوع: رد: بطاقة\n\nتم",
		"outlook vi":       "Từ: Desk <d@desk.example>\nĐã gửi: 23 Tháng Mười Một 2026 9:14\nTới: Li\nChủ đề: RE: thẻ\n\nXong",
		"outlook sv":       "Från: Desk <d@desk.example>\nSkickat: den 23 november 2026 09:14\nTill: Li\nÄmne: SV: kort\n\nKlart",
		"outlook bg":       "От: Desk <d@desk.example>\nИзпратено: 23 ноември 2026 г. 9:14\nДо: Li\nОтносно: RE: карта\n\nГотово",
		"outlook mac en":   "From: Desk <d@desk.example>\nDate: Monday, 23 November 2026 at 09:14\nTo: Li <li@c.example>\nSubject: Re: card\nDone.",
		"outlook mac zh":   "发件人: Desk <d@desk.example>\n日期: 星期一, 2026年11月23日 09:14\n收件人: Li\n主题: Re: 卡\n好",
		"outlook mac de":   "Von: Desk <d@desk.example>\nDatum: Montag, 23. November 2026 um 09:14\nAn: Li\nBetreff: Re: Karte\nFertig",
		"outlook line":     "________________________________\nFrom: Desk <d@desk.example>\nSent: Monday\nTo: Li\nSubject: Re: card\n\nDone.",
		"outlook orig":     "-----Original Message-----\nFrom: Desk\nSent: Monday\nTo: Li\nSubject: card\n\nDone",
		"orig de":          "-----Ursprüngliche Nachricht-----\nVon: Desk\nGesendet: Montag\nAn: Li\nBetreff: Karte\n\nFertig",
		"orig fr":          "-----Message d'origine-----\nDe : Desk\nEnvoyé : lundi\nÀ : Li\nObjet : carte\n\nFait",
		"orig zh":          "-----邮件原件-----\n发件人: Desk\n发送时间: 周一\n收件人: Li\n主题: 卡\n\n好",
		"orig ja":          "-----元のメッセージ-----\n差出人: Desk\n\n完了",
		"orig it":          "-----Messaggio originale-----\nDa: Desk\n\nFatto",
		"orig nl":          "-----Oorspronkelijk bericht-----\nVan: Desk\n\nKlaar",
		"orig es":          "-----Mensaje original-----\nDe: Desk\n\nListo",
		"orig pl":          "-----Wiadomość oryginalna-----\nOd: Desk\n\nGotowe",
		"orig ru":          "-----Исходное сообщение-----\nОт: Desk\n\nГотово",
		"orig tr":          "-----Özgün İleti-----\nKimden: Desk\n\nTamam",
		"orig ko":          "-----원본 메시지-----\n보낸 사람: Desk\n\n완료",
		"dingtalk":         "------------------------------------------------------------------\n发件人：Desk <d@desk.example>\n日　期：2026年11月23日 09:14:43\n收件人：Li\n主　题：回复：卡\n\n好",
		"alimail":          "------------------------------------------------------------------\n发件人：Desk<d@desk.example>\n发送时间：2026年11月23日(星期一) 09:14\n收件人：Li\n主　题：回复：卡\n\n好",
		"feishu":           "发件人：\"Desk\"<d@desk.example>\n日期：周一, 2026年11月23日 09:14\n主题：卡\n收件人：\"Li\"\n\n好",
		"lark":             "From: \"Desk\"<d@desk.example>\nDate: Mon, Nov 23, 2026, 09:14\nSubject: card\nTo: \"Li\"\n\nok",
		"wecom":            "------------------ 原始邮件 ------------------\n发件人：Desk <d@desk.example>\n发件时间：2026年11月23日 09:14\n收件人：Li\n主题：卡\n\n好",
		"qq app":           "---原始邮件---\n发件人: \"Desk\"<d@desk.example>\n发送时间: 2026年11月23日(周一) 上午9:14\n收件人: \"Li\";\n主题: 卡\n\n好",
		"netease master":   "---- 回复的原邮件 ----\n| 发件人 | Desk<d@desk.example> |\n| 发送日期 | 2026年11月23日 09:14 |\n| 收件人 | Li |\n| 主题 | Re: 卡 |\n好",
		"netease master 2": "| |\nLi Ming\n|\n|\nliming@163.example\n|\n---- 回复的原邮件 ----\n| 发件人 | Desk |\n| 日期 | 2026年11月23日 |\n| 收件人 | Li |\n| 抄送至 | |\n| 主题 | 卡 |\n好",
		"netease en":       "---- Replied Message ----\n| From | Desk<d@desk.example> |\n| Date | 11/23/2026 09:14 |\n| To | Li |\n| Subject | Re: card |\nok",
		"huawei mail":      "-------- 原始邮件 --------\n发件人： Desk <d@desk.example>\n日期： 2026年11月23日周一 09:14\n收件人： Li\n主 题： 卡\n好",
		"xiaomi mail":      "在 Desk <d@desk.example>，2026年11月23日 09:14写道：\n\n好",
		"samsung":          "-------- Original message --------\nFrom: Desk <d@desk.example>\nDate: 23/11/2026 09:14 (GMT+08:00)\nTo: Li\nSubject: card\n\nok",
		"samsung de":       "-------- Ursprüngliche Nachricht --------\nVon: Desk <d@desk.example>\nDatum: 23.11.26 09:14 (GMT+01:00)\nAn: Li\nBetreff: Karte\n\nok",
		"samsung ko":       "-------- 원본 이메일 --------\n발신: Desk <d@desk.example>\n날짜: 26/11/23 09:14 (GMT+09:00)\n받은 사람: Li\n제목: 카드\n\nok",
		"ios en":           "On 23 Nov 2026, at 09:14, Desk <d@desk.example> wrote:\n\n> ok",
		"ios de":           "Am 23.11.2026 um 09:14 schrieb Desk <d@desk.example>:\n\n> ok",
		"ios fr":           "Le 23 nov. 2026 à 09:14, Desk <d@desk.example> a écrit :\n\n> ok",
		"ios nl":           "Op 23 nov 2026 om 09:14 heeft Desk <d@desk.example> het volgende geschreven:\n\n> ok",
		"ios pl":           "Wiadomość napisana przez Desk <d@desk.example> w dniu 23.11.2026, o godz. 09:14:\n\n> ok",
		"ios tr":           "Desk <d@desk.example> şunları yazdı (23 Kas 2026 09:14):\n\n> ok",
		"ios vi":           "Vào 09:14, 23 thg 11, 2026, Desk <d@desk.example> đã viết:\n\n> ok",
		"ios th":           "ในวันที่ 23 พ.ย. 2569 เวลา 09:14 Desk <d@desk.example> เขียนว่า:\n\n> ok",
		"ios tw":           "Desk <d@desk.example> 於 2026年11月23日 上午9:14 寫道：\n\n> ok",
		"ios he":           "‫ב-23 בנוב׳ 2026, בשעה 9:14, ‏Desk <d@desk.example> כתב/ה:‬\n\n> ok",
		"gmail zh":         "Desk <d@desk.example> 于2026年11月23日周一 09:14写道：\n\n> ok",
		"gmail tw":         "Desk <d@desk.example> 於 2026年11月23日 週一 上午9:14寫道：\n\n> ok",
		"gmail de":         "Am Mo., 23. Nov. 2026 um 09:14 Uhr schrieb Desk <d@desk.example>:\n\n> ok",
		"gmail fr":         "Le lun. 23 nov. 2026 à 09:14, Desk <d@desk.example> a écrit :\n\n> ok",
		"gmail es":         "El lun, 23 nov 2026 a las 9:14, Desk (<d@desk.example>) escribió:\n\n> ok",
		"gmail pt":         "Em seg., 23 de nov. de 2026 às 09:14, Desk <d@desk.example> escreveu:\n\n> ok",
		"gmail it":         "Il giorno lun 23 nov 2026 alle ore 09:14 Desk <d@desk.example> ha scritto:\n\n> ok",
		"gmail vi":         "Vào Th 2, 23 thg 11, 2026 vào lúc 09:14 Desk <d@desk.example> đã viết:\n\n> ok",
		"gmail he":         "‫בתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:14 מאת ‪Desk‬‏ <‪d@desk.example‬‏>:‬\n\n> ok",
		"gmail wrapped":    "On Mon, Nov 23, 2026 at 9:14 AM Desk Team of the long name\n<d@desk.example> wrote:\n\n> ok",
		"gmail fwd-like":   "On Mon, Nov 23, 2026 at 9:14 AM 'Desk' via Support <\nsupport@desk.example> wrote:\n\n> ok",
		"tb it":            "Il 23/11/2026 09:14, Desk ha scritto:\n> ok",
		"tb es":            "El 23/11/2026 a las 9:14, Desk escribió:\n> ok",
		"tb pl":            "W dniu 23.11.2026 o 09:14, Desk pisze:\n> ok",
		"tb ru":            "23.11.2026 09:14, Desk пишет:\n> ok",
		"tb nl":            "Op 23-11-2026 om 09:14 schreef Desk:\n> ok",
		"tb pt":            "Em 23/11/2026 09:14, Desk escreveu:\n> ok",
		"tb ko":            "2026-11-23 오전 9:14에 Desk 이(가) 쓴 글:\n> ok",
		"tb fi":            "Desk kirjoitti 23.11.2026 klo 9.14:\n> ok",
		"tb cs":            "Dne 23. 11. 26 v 9:14 Desk napsal(a):\n> ok",
		"proton":           "On Monday, November 23rd, 2026 at 9:14 AM, Desk <d@desk.example> wrote:\n\n> ok",
		"proton sent":      "Sent with Proton Mail secure email.\n\nOn Monday, November 23rd, 2026 at 9:14 AM, Desk <d@desk.example> wrote:\n\n> ok",
		"zoho":             "---- On Mon, 23 Nov 2026 09:14:43 +0800 Desk <d@desk.example> wrote ---\n\nok",
		"spark":            "On 23 Nov 2026 at 9:14 AM +0800, Desk <d@desk.example>, wrote:\n> ok",
		"hey":              "On November 23, 2026, Desk <d@desk.example> wrote:\n> ok",
		"sogou/139":        "----邮件原文----\n发件人：Desk <d@desk.example>\n收件人：Li\n抄 送： (无)\n发送时间：2026-11-23 09:14:43\n主题：卡\n\n好",
		"aliyun 189":       "原始邮件\n发件人：\"Desk\"< d@desk.example >;\n发件时间：2026/11/23 09:14\n收件人：\"Li\";\n主题：卡\n\n好",
	})
}

// TestSignaturesOfDevices: what telephones and their mail programs add, by maker and language.
func TestSignaturesOfDevices(t *testing.T) {
	t.Parallel()
	checkClients(t, map[string]string{
		"ios en": "Sent from my iPhone", "ios zh": "发自我的 iPhone", "ios de": "Von meinem iPhone gesendet", "ios fr": "Envoyé de mon iPhone", "ios es": "Enviado desde mi iPhone", "ios it": "Inviato da iPhone", "ios pt": "Enviado do meu iPhone", "ios nl": "Verstuurd vanaf mijn iPhone", "ios tr": "iPhone’umdan gönderildi", "ios ko": "나의 iPhone에서 보냄", "ios id": "Dikirim dari iPhone saya", "ios ms": "Dihantar dari iPhone saya", "ios el": "Στάλθηκε από το iPhone μου", "ios he": "נשלח מה-iPhone שלי", "ios sv": "Skickat från min iPhone", "ios uk": "Надіслано з iPhone", "ios cs": "Odesláno z iPhonu",
		"outlook ios": "Get Outlook for iOS", "outlook android zh": "获取 Outlook for Android", "outlook ios de": "Outlook für iOS beziehen", "outlook ios fr": "Obtenir Outlook pour iOS", "outlook ios es": "Obtener Outlook para iOS", "outlook ios link": "Get Outlook for iOS<https://aka.ms/o0ukef>", "outlook ja": "Outlook for iOS を入手", "outlook tw": "取得 iOS 版 Outlook", "outlook ios it": "Scarica Outlook per iOS",
		"vivo": "发自我的vivo智能手机", "oppo": "来自我的OPPO手机", "mi en": "Sent from Mi Mail", "meizu": "发自我的魅族手机", "huawei en": "Sent from my HUAWEI P40", "163": "发自我的网易邮箱大师", "163b": "发自网易邮箱大师", "qq": "发送自我的QQ邮箱 iPhone版", "oneplus": "发自我的 OnePlus", "pixel": "Sent from my Pixel 8", "blackberry": "Sent from my BlackBerry 10 smartphone.", "samsung de": "Von meinem Samsung Galaxy Smartphone gesendet.", "samsung it": "Inviato dal mio Galaxy", "samsung ru": "Отправлено с моего Galaxy", "samsung ja": "Galaxyから送信", "samsung tr": "Galaxy cihazımdan gönderildi", "gmail": "Sent from Gmail Mobile", "aqua": "Sent from Aqua Mail for Android", "bluemail": "Get BlueMail for Android", "mailru": "Отправлено из мобильной Почты Mail.ru", "yandex": "Отправлено из мобильного приложения Яндекс.Почты", "yahoo de": "Von Yahoo Mail auf Android gesendet", "yahoo es": "Enviado desde Yahoo Mail para Android", "gmx": "Gesendet mit der GMX Mail App", "tonline": "Gesendet mit der Telekom Mail App", "honor2": "来自我的荣耀手机", "realme": "发自我的realme手机", "huawei2": "来自我的华为手机", "wx": "来自微信邮箱", "foxmail": "来自Foxmail", "win": "Sent from Mail for Windows", "win10": "Sent from Mail for Windows 10", "win zh": "从 Windows 版邮件发送", "win de": "Gesendet von Mail für Windows", "win fr": "Envoyé à partir de Courrier pour Windows",
	})
}

// TestWordsThatOnlyLookLikeAClients are kept, for they are the customer's.
func TestWordsThatOnlyLookLikeAClients(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{
		"a form of fields":              "From: Madrid\nTo: Paris\nWhich card works there?",
		"a table":                       "| Date | Amount |\n| 23.11. | 30 |\nWhich of these is right?",
		"a telephone that is named":     "My phone is a Galaxy, and the app crashes on it.",
		"a program that is named":       "Outlook for iOS does not open your mail.",
		"where money came from":         "钱来自微信，不是银行卡。",
		"where a code was sent":         "发自你们的验证码我没有收到，怎么办？",
		"somebody wrote":                "On Monday your colleague wrote to me: the money is there. It is not.",
		"somebody wrote, in German":     "Am Montag schrieb mir Ihr Kollege: alles in Ordnung. Das stimmt nicht.",
		"somebody wrote, in Chinese":    "你们的客服在 11 月 23 日写道：已经退款。但是没有。",
		"somebody wrote, in Finnish":    "Asiakaspalvelu kirjoitti 23.11.2026 klo 9.14: rahat tulevat. Ei tullut.",
		"somebody wrote, in Polish":     "W dniu 23.11.2026 Desk napisał do mnie, że pieniądze są.",
		"an original mail is asked for": "原始邮件我已经删除了，能重发吗？",
		"a date and an address":         "On 23 November I wrote to d@desk.example and got no answer.",
		"a ruler in a text":             "First question: where is it?\n-----\nSecond question: how much is it?",
		"thanks with a name":            "Sent from my bank to yours on Monday, and nothing came.",
	} {
		if got := visible(words); got != words {
			t.Errorf("%s: visible text is %q", name, got)
		}
		if got := visible("Hello,\n\n" + words); got != "Hello,\n\n"+words {
			t.Errorf("%s, below a greeting: visible text is %q", name, got)
		}
	}
}

// TestAnswersInsideAndBelowOtherQuotations are seen, by the ways in which programs quote.
func TestAnswersInsideAndBelowOtherQuotations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"below, in German":       {"Am 23.11.2026 um 09:14 schrieb Desk:\n> Wie ist die Nummer?\n\nDie Nummer ist 778899.", "Die Nummer ist 778899."},
		"below, in Japanese":     {"2026年11月23日(月) 9:14 Desk <d@desk.example>:\n> 番号は？\n\n778899です。", "778899です。"},
		"below, in Russian":      {"23.11.2026 09:14, Desk пишет:\n> Номер?\n\nНомер 778899.", "Номер 778899."},
		"below, in Korean":       {"2026-11-23 오전 9:14에 Desk 이(가) 쓴 글:\n> 번호는?\n\n778899입니다.", "778899입니다."},
		"below, in Polish":       {"W dniu 23.11.2026 o 09:14, Desk pisze:\n> Numer?\n\nNumer 778899.", "Numer 778899."},
		"inside, in English":     {"On 23 Nov 2026, at 09:14, Desk <d@desk.example> wrote:\n> Which number?\n\n778899\n\n> Which day?\n\nMonday", "> Which number?\n\n778899\n\n> Which day?\n\nMonday"},
		"inside, with two marks": {"On 23 Nov 2026, at 09:14, Desk <d@desk.example> wrote:\n>> Which number?\n778899\n>> Which day?\nMonday", ">> Which number?\n778899\n>> Which day?\nMonday"},
		"inside, in Chinese":     {"在 2026-11-23 09:14:43，\"Desk\" <d@desk.example> 写道：\n> 单号？\n778899\n> 哪天？\n周一", "> 单号？\n778899\n> 哪天？\n周一"},
	} {
		if got := visible(c.text); got != c.want {
			t.Errorf("%s: visible text is %q, want %q", name, got, c.want)
		}
	}
}
