package normalize

import "testing"

const clientSaid = "The money has not arrived yet, please look again."

// checkClients sees that what a mail program puts below a text is cut off it.
func checkClients(t *testing.T, below map[string]string) {
	t.Helper()
	for name, words := range below {
		if got := visible(clientSaid + "\n\n" + words); got != clientSaid {
			t.Errorf("%s: visible text is %q", name, got)
		}
	}
}

// TestHeadersOfMoreClients: headers and introductions by the language of the program.
func TestHeadersOfMoreClients(t *testing.T) {
	t.Parallel()
	checkClients(t, map[string]string{
		"da":             "Fra: Desk <d@desk.example>\nSendt: 23. november 2026 09:14\nTil: Li\nEmne: SV: kort\n\nFærdig.",
		"nb":             "Fra: Desk <d@desk.example>\nSendt: mandag 23. november 2026 09:14\nTil: Li\nEmne: SV: kort\n\nFerdig.",
		"fi":             "Lähettäjä: Desk <d@desk.example>\nLähetetty: maanantai 23. marraskuuta 2026 9.14\nVastaanottaja: Li\nAihe: VS: kortti\n\nValmis.",
		"cs":             "Od: Desk <d@desk.example>\nOdesláno: pondělí 23. listopadu 2026 9:14\nKomu: Li\nPředmět: RE: karta\n\nHotovo.",
		"hu":             "Feladó: Desk <d@desk.example>\nElküldve: 2026. november 23., hétfő 9:14\nCímzett: Li\nTárgy: RE: kártya\n\nKész.",
		"el":             "Από: Desk <d@desk.example>\nΣτάλθηκε: Δευτέρα, 23 Νοεμβρίου 2026 9:14 πμ\nΠρος: Li\nΘέμα: RE: κάρτα\n\nΕντάξει.",
		"ko":             "보낸 사람: Desk <d@desk.example>\n보낸 날짜: 2026년 11월 23일 월요일 오전 9:14\n받는 사람: Li\n제목: RE: 카드\n\n완료.",
		"ptbr":           "De: Desk <d@desk.example>\nEnviada em: segunda-feira, 23 de novembro de 2026 09:14\nPara: Li\nAssunto: RES: cartão\n\nPronto.",
		"tw":             "寄件者: Desk <d@desk.example>\n寄件日期: 2026年11月23日 上午 09:14\n收件者: Li\n主旨: RE: 卡片\n\n完成",
		"th":             "จาก: Desk <d@desk.example>\nส่ง: วันจันทร์ 23 พฤศจิกายน 2569 9:14\nถึง: Li\nเรื่อง: RE: บัตร\n\nเสร็จ",
		"id":             "Dari: Desk <d@desk.example>\nDikirim: Senin, 23 November 2026 09:14\nKepada: Li\nPerihal: RE: kartu\n\nSelesai.",
		"ms":             "Daripada: Desk <d@desk.example>\nDihantar: Isnin, 23 November 2026 09:14\nKepada: Li\nSubjek: RE: kad\n\nSelesai.",
		"he":             "מאת: Desk <d@desk.example>\nנשלח: יום שני 23 נובמבר 2026 09:14\nאל: Li\nנושא: RE: כרטיס\n\nבוצע.",
		"ro":             "De la: Desk <d@desk.example>\nTrimis: luni, 23 noiembrie 2026 09:14\nCătre: Li\nSubiect: RE: card\n\nGata.",
		"uk":             "Від: Desk <d@desk.example>\nНадіслано: 23 листопада 2026 р. 9:14\nКому: Li\nТема: RE: картка\n\nГотово.",
		"de bold":        "*Von:* Desk <d@desk.example>\n*Gesendet:* Montag, 23. November 2026 09:14\n*An:* Li\n*Betreff:* AW: Karte\n\nFertig.",
		"yahoo":          "On Monday, November 23, 2026 at 09:14:43 AM GMT+8, Desk <d@desk.example> wrote:  \n\n\n Dear customer, done.",
		"thunderbird de": "Am 23.11.26 um 09:14 schrieb Desk:\n> fertig",
		"thunderbird fr": "Le 23/11/2026 à 09:14, Desk a écrit :\n> fini",
		"thunderbird ja": "On 2026/11/23 9:14, Desk wrote:\n> done",
		"thunderbird zh": "在 2026/11/23 9:14, Desk 写道:\n> 好",
		"apple zh":       "在 2026年11月23日，09:14，Desk <d@desk.example> 写道：\n\n好的",
		"apple ja":       "2026/11/23 9:14、Desk <d@desk.example>のメール:\n\n完了",
		"apple ko":       "2026. 11. 23. 오전 9:14, Desk <d@desk.example> 작성:\n\n완료",
		"apple ru":       "23 нояб. 2026 г., в 09:14, Desk <d@desk.example> написал(а):\n\nготово",
		"apple es":       "El 23 nov 2026, a las 9:14, Desk <d@desk.example> escribió:\n\nlisto",
		"apple it":       "Il giorno 23 nov 2026, alle ore 09:14, Desk <d@desk.example> ha scritto:\n\nfatto",
		"apple pt":       "No dia 23 de nov. de 2026, às 09:14, Desk <d@desk.example> escreveu:\n\npronto",
		"apple ar":       "في ٢٣ نوفمبر ٢٠٢٦، الساعة ٩:١٤ ص، كتب Desk <d@desk.example>:\n\nتم",
		"gmail id":       "Pada Sen, 23 Nov 2026 pukul 09.14 Desk <d@desk.example> menulis:\n\n> ok",
		"gmail ms":       "Pada Isn, 23 Nov 2026 pada 9:14 PG Desk <d@desk.example> menulis:\n\n> ok",
		"gmail th":       "ในวันที่ จ. 23 พ.ย. 2026 เวลา 09:14 Desk <d@desk.example> เขียนว่า:\n\n> ok",
		"gmail ja":       "2026年11月23日(月) 9:14 Desk <d@desk.example>:\n\n> ok",
		"gmail ko":       "2026년 11월 23일 (월) 오전 9:14, Desk <d@desk.example>님이 작성:\n\n> ok",
		"gmail ru":       "пн, 23 нояб. 2026 г. в 09:14, Desk <d@desk.example>:\n\n> ok",
		"gmail pl":       "pon., 23 lis 2026 o 09:14 Desk <d@desk.example> napisał(a):\n\n> ok",
		"gmail tr":       "Desk <d@desk.example>, 23 Kas 2026 Pzt, 09:14 tarihinde şunu yazdı:\n\n> ok",
		"gmail nl":       "Op ma 23 nov 2026 om 09:14 schreef Desk <d@desk.example>:\n\n> ok",
		"gmail ar":       "في الاثنين، 23 نوفمبر 2026 في 9:14 ص تمت كتابة ما يلي بواسطة ‪Desk‬‏ <‪d@desk.example‬‏>:\n\n> ok",
		"gmail el":       "Στις Δευ 23 Νοε 2026 στις 9:14 π.μ., ο χρήστης Desk <d@desk.example> έγραψε:\n\n> ok",
		"gmail uk":       "пн, 23 лист. 2026 р. о 09:14 Desk <d@desk.example> пише:\n\n> ok",
		"163 web":        "在 2026-11-23 09:14:43，\"Desk\" <d@desk.example> 写道：\n\n好的",
		"163 en":         "At 2026-11-23 09:14:43, \"Desk\" <d@desk.example> wrote:\n\ndone",
		"sina":           "----- 原始邮件 -----\n发件人：Desk <d@desk.example>\n收件人：Li\n主题：卡\n日期：2026年11月23日\n\n好",
		"foxmail":        "发件人： Desk\n发送时间： 2026-11-23 09:14\n收件人： Li\n主题： Re: 卡\n好",
		"foxmail en":     "From: Desk\nDate: 2026-11-23 09:14\nTo: Li\nSubject: Re: card\ndone",
		"mailru":         "Понедельник, 23 ноября 2026, 9:14 +03:00 от Desk <d@desk.example>:\n\nготово",
		"yandex":         "23.11.2026, 09:14, \"Desk\" <d@desk.example>:\n\nготово",
		"gmx":            "Gesendet: Montag, 23. November 2026 um 09:14 Uhr\nVon: \"Desk\" <d@desk.example>\nAn: Li\nBetreff: Re: Karte\nfertig",
		"naver":          "-----Original Message-----\nFrom: \"Desk\"<d@desk.example>\nTo: \"Li\"\nCc:\nSent: 2026-11-23 (월) 09:14:43 (GMT+09:00)\nSubject: Re: card\n\n완료",
		"daum":           "--------- 원본 메일 ---------\n보낸사람 : Desk <d@desk.example>\n받는사람 : Li\n날짜: 2026년 11월 23일\n제목: card\n\n완료",
		"tencent exmail": "------------------ 原始邮件 ------------------\n发件人: \"Desk\"<d@desk.example>;\n发送时间: 2026年11月23日(星期一) 上午9:14\n收件人: \"Li\";\n主题: Re: 卡\n\n好",
	})
}

// TestLinesOfMoreClients: what telephones and mail programs add by themselves.
func TestLinesOfMoreClients(t *testing.T) {
	t.Parallel()
	checkClients(t, map[string]string{
		"webde":      "Gesendet mit der WEB.DE Mail App",
		"xiaomi":     "发自我的小米",
		"honor":      "发自我的荣耀手机",
		"oppo en":    "Sent from my OPPO Reno10",
		"samsung fr": "Envoyé depuis mon appareil Galaxy",
		"samsung es": "Enviado desde mi Galaxy",
		"samsung pt": "Enviado do meu Galaxy",
		"samsung ko": "나의 Galaxy에서 보냄",
		"samsung zh": "从我的 Galaxy 设备发送",
		"huawei zh":  "发自我的华为 Mate 60",
		"ios vi":     "Đã gửi từ iPhone của tôi",
		"ios th":     "ส่งจาก iPhone ของฉัน",
		"ios ru":     "Отправлено с iPhone",
		"ios pl":     "Wysłane z iPhone'a",
		"ios ar":     "أُرسلت من الـ iPhone",
		"ios tw":     "從我的iPhone傳送",
		"ios ja":     "iPhoneから送信",
		"yahoo app":  "Sent from Yahoo Mail on Android",
		"yahoo app2": "Yahoo Mail: Search, Organize, Conquer",
		"protonmail": "Sent with Proton Mail secure email.",
		"lark":       "Sent from Lark",
		"feishu":     "发自飞书",
		"dingtalk":   "发自钉钉",
		"wecom":      "发自我的企业微信",
		"qqapp":      "发自我的QQ邮箱",
		"163 promo":  "---- 使用网易邮箱大师发送 ----",
	})
}
