package screen

import (
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// absence is an absence notice in one language: the heading that programs write, one that people write, and two
// texts.
type absence struct{ language, tag, heading, text, long string }

// absences are in the languages of customers.
var absences = []absence{
	{"Simplified Chinese", "自动答复", "休假通知", "我正在休假，5月12日回来后回复您。", "您好：\n我目前不在办公室。紧急事项请联系同事李四 lisi@firm.example。\n谢谢"},
	{"Traditional Chinese", "自動回覆", "外出通知", "我目前不在辦公室，週一返回。", "您好：\n我正在休假中，無法即時回覆。緊急事項請聯絡 lisi@firm.example。\n謝謝"},
	{"English", "Automatic reply", "Out of office", "I am out of the office until Monday.", "Hello,\n\nI am on annual leave with limited access to email. For urgent matters please contact kim@firm.example.\n\nKind regards,\nKim"},
	{"Japanese", "自動応答", "不在のお知らせ", "5月12日まで休暇中です。", "お世話になっております。\n出張中のため不在にしております。お急ぎの場合は kim@firm.example までご連絡ください。\nよろしくお願いいたします。"},
	{"Korean", "자동 회신", "부재중", "휴가 중입니다. 월요일에 회신하겠습니다.", "안녕하세요.\n출장 중이라 회신이 늦어질 수 있습니다. 급한 용무는 kim@firm.example 으로 연락 주세요.\n감사합니다."},
	{"Thai", "ตอบกลับอัตโนมัติ", "ไม่อยู่ที่สำนักงาน", "ขณะนี้ลาพักร้อน จะกลับวันจันทร์", "สวัสดีค่ะ\nดิฉันไม่อยู่ที่สำนักงาน กรณีเร่งด่วนติดต่อ kim@firm.example\nขอบคุณค่ะ"},
	{"Malay", "Balasan automatik", "Sedang bercuti", "Saya sedang bercuti sehingga Isnin.", "Salam,\nSaya tiada di pejabat. Untuk hal kecemasan sila hubungi kim@firm.example.\nTerima kasih"},
	{"Indonesian", "Balasan otomatis", "Sedang cuti", "Saya sedang cuti sampai Senin.", "Selamat pagi,\nSaya tidak berada di kantor. Untuk hal mendesak hubungi kim@firm.example.\nTerima kasih"},
	{"Vietnamese", "Trả lời tự động", "Nghỉ phép", "Tôi đang nghỉ phép đến ngày 12/5.", "Xin chào,\nTôi không có mặt tại văn phòng. Việc khẩn xin liên hệ kim@firm.example.\nTrân trọng"},
	{"German", "Automatische Antwort", "Abwesenheit", "Ich bin bis Montag nicht im Büro.", "Guten Tag,\nich bin im Urlaub und nicht erreichbar. In dringenden Fällen wenden Sie sich bitte an kim@firma.example.\nMit freundlichen Grüßen\nKim"},
	{"French", "Réponse automatique", "Absent du bureau", "Je suis absent jusqu'au 12 mai.", "Bonjour,\nJe suis en congé. En cas d'urgence, veuillez joindre kim@firme.example.\nCordialement"},
	{"Spanish", "Respuesta automática", "Fuera de la oficina", "Estaré fuera de la oficina hasta el lunes.", "Hola:\nEstoy de vacaciones. Para asuntos urgentes, póngase en contacto con kim@empresa.example.\nUn saludo"},
	{"Portuguese", "Resposta automática", "Fora do escritório", "Estou de férias até segunda-feira.", "Olá,\nEstou ausente do escritório. Em caso de urgência, contate kim@empresa.example.\nObrigado"},
	{"Italian", "Risposta automatica", "Fuori sede", "Sono in ferie fino al 12 maggio.", "Buongiorno,\nsono assente. Per urgenze contattare kim@azienda.example.\nCordiali saluti"},
	{"Dutch", "Automatisch antwoord", "Afwezig", "Ik ben afwezig tot maandag.", "Beste,\nIk ben met vakantie. Voor dringende zaken kunt u contact opnemen met kim@firma.example.\nMet vriendelijke groet"},
	{"Polish", "Odpowiedź automatyczna", "Nieobecność", "Jestem na urlopie do dnia 12 maja.", "Dzień dobry,\nprzebywam poza biurem. W pilnych sprawach proszę o kontakt: kim@firma.example.\nPozdrawiam"},
	{"Russian", "Автоматический ответ", "Отсутствую", "Я в отпуске до 12 мая.", "Здравствуйте!\nЯ нахожусь в командировке. По срочным вопросам обращайтесь: kim@firma.example.\nС уважением"},
	{"Turkish", "Otomatik Yanıt", "Ofis dışında", "Pazartesiye kadar izindeyim.", "Merhaba,\nŞu anda ofis dışındayım. Acil durumlar için kim@firma.example ile iletişime geçiniz.\nSaygılarımla"},
	{"Arabic", "رد تلقائي", "خارج المكتب", "أنا في إجازة حتى يوم الاثنين.", "مرحبا،\nأنا خارج المكتب. للأمور العاجلة يرجى التواصل مع kim@firm.example.\nشكرا"},
	{"Hebrew", "מענה אוטומטי", "מחוץ למשרד", "אני בחופשה עד יום שני.", "שלום,\nאינני במשרד. בנושאים דחופים נא לפנות אל kim@firm.example.\nתודה"},
	{"Greek", "Αυτόματη απάντηση", "Εκτός γραφείου", "Βρίσκομαι σε άδεια μέχρι τη Δευτέρα.", "Γεια σας,\nΑπουσιάζω. Για επείγοντα θέματα επικοινωνήστε με kim@firm.example.\nΕυχαριστώ"},
}

// tags are what gateways put before a subject.
var tags = []string{"", "[External] ", "[EXT] ", "外部邮件：", "【外部邮件】", "***SPAM*** ", "EXTERN: ", "(External) ", "[External][Suspicious] "}

func TestAbsenceNoticesInTheLanguagesOfCustomers(t *testing.T) {
	t.Parallel()
	for i, a := range absences {
		t.Run(a.language, func(t *testing.T) {
			for _, heading := range []string{a.tag, a.heading} {
				for _, text := range []string{a.text, a.long} {
					subject := tags[i%len(tags)] + heading + ": Your ticket"
					check1(t, mailOf("kim@firm.example", "", subject, text), Facts{}, verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdRobotText})
				}
			}
			for _, tag := range tags {
				check1(t, mailOf("kim@firm.example", "", tag+a.tag+"：Your ticket", "..."), Facts{}, verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdRobotText})
			}
			answer := mailOf("kim@firm.example", "", "Re: Your ticket", a.text)
			answer.InReplyTo = []string{"x@desk.example"}
			want := verdict{Kind: Auto, Withhold: withholdOwnReply}
			want.Withhold = withholdRobotText
			check1(t, answer, Facts{OwnAcknowledgement: true, TicketReference: true, Prompt: true}, want)
			// In a ticket it goes on, and is kept there.
			check1(t, mailOf("kim@firm.example", "", a.tag+": Your ticket", a.text), Facts{TicketReference: true}, want)
			// A first mail with the same words and no heading is a person's.
			check1(t, mailOf("kim@firm.example", "", "My card", a.text), Facts{}, verdict{Kind: Human})
		})
	}
}

// TestPeopleWhoWriteOfAbsence: they ask for something, or their subject only begins like a notice.
func TestPeopleWhoWriteOfAbsence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		answer              bool
	}{
		{"English, out of hours", "Out of office hours, whom can I call?", "My card was stolen at 10 pm.", false},
		{"English, a heading of one's own", "On vacation: card refused", "I am in Spain and my card is refused everywhere.", false},
		{"English, auto", "Auto: top-up failed again", "The automatic top-up was charged twice.", false},
		{"English, automatic payments", "Automatic reply to my payment order?", "I got none.", false},
		{"English, a vacation", "Vacation payment", "I paid for my vacation and the hotel got nothing.", false},
		{"English, an answer from a holiday", "Re: Your card", "I am on holiday until Friday and the card does not work. Unblock it today.", true},
		{"English, an answer with a question", "Re: Your ticket", "I'm out of the office until Monday. Can you call me on Tuesday about the refund?", true},
		{"English, somebody has left", "Re: Your account", "The person who opened our account is no longer with the company. Please move my account to this address.", true},
		{"English, quickly", "Re: Your ticket", "Thank you for your message, but my money is still missing.", true},
		{"Simplified Chinese, a subject", "自动回复的功能怎么关闭", "请问怎么关掉自动回复。", false},
		{"Simplified Chinese, an answer", "Re: 您的卡", "我正在休假，人在国外，卡刷不了，请马上解除冻结。", true},
		{"Simplified Chinese, absence of a clerk", "不在办公室收快递，卡寄到哪里了", "我不在办公室，快递把卡退回去了。", false},
		{"Traditional Chinese", "Re: 您的帳戶", "我目前不在辦公室，請把轉帳先停掉。", true},
		{"German", "Abwesenheit: Karte im Urlaub gesperrt", "Meine Karte wurde im Urlaub gesperrt, bitte entsperren.", false},
		{"German, an answer", "Re: Ihre Karte", "Ich bin im Urlaub und meine Karte geht nicht.", true},
		{"French", "Absence de virement", "Je ne vois pas le virement d'hier.", false},
		{"French, an answer", "Re: Votre carte", "Je suis en congé à l'étranger et ma carte est bloquée.", true},
		{"Spanish", "Ausencia de abono en mi cuenta", "No veo el abono de ayer.", false},
		{"Italian", "Assenza di accredito", "Non vedo l'accredito di ieri.", false},
		{"Portuguese, an answer", "Re: O seu cartão", "Estou de férias e o cartão foi recusado. Desbloqueiem por favor.", true},
		{"Dutch, an answer", "Re: Uw pas", "Ik ben op vakantie en mijn betaling wordt geweigerd.", true},
		{"Japanese, an answer", "Re: カードについて", "出張中ですが、カードが使えません。至急解除してください。", true},
		{"Korean, an answer", "Re: 카드", "휴가 중인데 카드가 안 됩니다. 풀어 주세요.", true},
		{"Russian", "Отсутствие перевода на счёт", "Перевод не пришёл со вчерашнего дня.", false},
		{"Polish", "Urlop a płatność kartą", "Jestem na urlopie i płatność kartą nie działa.", false},
		{"Turkish, an answer", "Re: Kartınız", "İzindeyim ve kartım çalışmıyor, lütfen açın.", true},
		{"Greek, an answer", "Re: Η κάρτα σας", "Βρίσκομαι σε άδεια και η κάρτα μου δεν λειτουργεί.", true},
		{"Thai, an answer", "Re: บัตร", "ลาพักร้อนอยู่ต่างประเทศ บัตรใช้ไม่ได้", true},
		{"Arabic, an answer", "Re: بطاقتك", "أنا في إجازة والبطاقة لا تعمل.", true},
		{"Vietnamese", "Vắng mặt khi giao thẻ", "Tôi vắng mặt nên thẻ bị trả lại.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf("anna@customer.example", "", c.subject, c.text)
			f := Facts{}
			want := verdict{Kind: Human}
			if c.answer {
				m.InReplyTo = []string{"x@desk.example"}
				f, want.Withhold = Facts{OwnAcknowledgement: true, TicketReference: true, Prompt: true}, withholdOwnReply
			}
			check1(t, m, f, want)
		})
	}
}

// TestAHeadingOverATextThatSaysMore is neither clearly a program's nor clearly a person's: a ticket, unanswered.
func TestAHeadingOverATextThatSaysMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, subject, text string }{
		{"English", "Automatic reply: your invoice", "I keep getting this from you. Where is my money?"},
		{"Simplified Chinese", "自动回复：您的工单", "你们一直发自动回复，我的钱到底什么时候退？"},
		{"German", "Automatische Antwort: Ihre Karte", "Meine Karte ist gesperrt."},
		{"French", "Réponse automatique : votre demande", "Où est mon remboursement ?"},
		{"Spanish", "Respuesta automática: su consulta", "¿Dónde está mi pago?"},
		{"Japanese", "自動返信: お問い合わせ", "返金はいつですか？"},
		{"Korean", "자동 회신: 문의", "환불은 언제 되나요?"},
		{"Russian", "Автоответ: ваш запрос", "Где мои деньги?"},
		{"Vietnamese", "Trả lời tự động: yêu cầu", "Tiền của tôi đâu?"},
		{"Dutch", "Automatisch antwoord: uw vraag", "Waar blijft mijn terugbetaling?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check1(t, mailOf("anna@customer.example", "", c.subject, c.text), Facts{}, verdict{Kind: Human, Withhold: withholdRobotText})
		})
	}
}

// TestVendorsHeaders each say by themselves that a program wrote.
func TestVendorsHeaders(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"Auto-Submitted": "auto-replied", "X-Autoreply": "yes", "X-Autorespond": "Re: x", "X-Auto-Reply": "1", "X-Autoresponder": "vacation", "X-Mail-Autoreply": "yes", "X-Vacation": "yes", "X-Auto-Reply-From": "kim@firm.example", "X-Autogenerated": "Reply", "Precedence": "auto_reply", "X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent", "X-MS-Exchange-Inbox-Rules-Loop": "kim@firm.example", "X-Netease-Autoreply": "1", "X-Zoho-Vacation": "1"} {
		got := Check(human(field(name, value)), Facts{TicketReference: true}, settings)
		if want := name != "X-MS-Exchange-Inbox-Rules-Loop" && name != "X-Netease-Autoreply" && name != "X-Zoho-Vacation" && name != "X-MS-Exchange-Generated-Message-Source"; (got.Kind == Auto) != want {
			t.Errorf("%s: %s: kind %s", name, value, got.Kind)
		}
	}
	// Exchange puts X-Auto-Response-Suppress on people's mail, too: it takes an answer with the words of a notice.
	m := mailOf("kim@firm.example", "", "Re: Your ticket", "I am away, so long Kim Li of the second floor helps you.")
	m.InReplyTo = []string{"x@desk.example"}
	field("X-Auto-Response-Suppress", "All")(&m)
	check1(t, m, Facts{TicketReference: true}, verdict{Kind: Auto, Withhold: withholdSuppressHeader})
	m.Text = "Please block the card at once."
	check1(t, m, Facts{TicketReference: true}, verdict{Kind: Human, Withhold: withholdSuppressHeader})
}

// TestLotusNotes writes headings of its own.
func TestLotusNotes(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"Kim Li is out of the office (returning 12.05.2026)", "AUTO: Kim Li is out of the office (returning 12.05.2026)", "[External] AUTO: Kim Li ist außer Haus (Rückkehr am 12.05.2026)", "AUTO: Kim Li est absent(e) (retour 12/05/2026)"} {
		check1(t, mailOf("kim@firm.example", "", subject, "I am out of the office until 12.05.2026.\n\nNote: This is an automated response to your message."), Facts{}, verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdRobotText})
	}
	check1(t, mailOf("kim@firm.example", "", "Kim Li is out of the office, who pays?", "Our invoice is due."), Facts{}, verdict{Kind: Human})
}

// TestReactions open nothing; a person's sign that asks does.
func TestReactions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, channel, subject, text string
		answer, want                 bool
	}{
		{"a thumb in an answer", "email", "Re: Your ticket", "👍", true, true},
		{"a thumb of another colour", "email", "Re: Your ticket", "👍🏽 !", true, true},
		{"Gmail's sentence", "email", "Re: Your ticket", "👍 Kim Li reacted via Gmail\n", true, true},
		{"Outlook's sentence", "email", "Kim Li reacted to your message", "Kim Li reacted to your message:\n❤️ Heart", false, true},
		{"Outlook's sentence in German", "email", "Re: Ihr Ticket", "Kim Li hat auf Ihre Nachricht reagiert: 👍", true, true},
		{"Outlook's sentence in French", "email", "Re: Votre demande", "Kim Li a réagi à votre message : 👍", true, true},
		{"Outlook's sentence in Chinese", "email", "Re: 您的工单", "李明对您的邮件做出了回应 👍", true, true},
		{"Outlook's sentence in Japanese", "email", "Re: お問い合わせ", "李さんがリアクションしました 👍", true, true},
		{"Outlook's sentence in Spanish", "email", "Re: Su consulta", "Kim Li ha reaccionado a tu mensaje 👍", true, true},
		{"an iPhone's sentence", "sms", "", "Liked “We have received your message. T-12”", true, true},
		{"an Android's sentence", "sms", "", "👍 to “We have received your message. T-12”", true, true},
		{"an iPhone's sentence in Chinese", "sms", "", "赞了“我们已收到您的消息”", true, true},
		{"hands at the beginning of a chat", "telegram", "", "🙏🙏", true, false},
		{"a heart at the beginning of an SMS", "sms", "", "❤️", true, false},
		{"a sign that asks", "telegram", "", "🆘", true, false},
		{"a broken heart", "email", "Re: Your ticket", "💔", true, false},
		{"a thumb with words", "email", "Re: Your ticket", "👍 but my card is still blocked", true, false},
		{"a person who liked something", "sms", "", "Liked your app, but it lost my money", false, false},
		{"a question about a reaction", "email", "Re: Your ticket", "Who reacted to your message with my card?", true, false},
		{"a first mail of a sign", "email", "Hello", "👍", false, false},
		{"a question mark", "sms", "", "?", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf("anna@customer.example", "", c.subject, c.text)
			by(&m, c.channel)
			if c.answer && c.channel == "email" {
				m.InReplyTo = []string{"x@desk.example"}
			}
			got := Check(m, Facts{}, settings)
			if (got.Kind == Reaction) != c.want || (got.Suppress == SuppressReaction) != c.want {
				t.Errorf("%+v, want a reaction: %v", verdictOf(got), c.want)
			}
			if got := Check(m, Facts{TicketReference: true}, settings); c.want && (got.Suppress != "" || got.Park != "") {
				t.Errorf("%+v in a ticket, want to be kept there", verdictOf(got))
			}
		})
	}
	hands := mailOf("anna@customer.example", "", "", "🙏🙏")
	by(&hands, "telegram")
	check1(t, hands, Facts{TicketReference: true}, verdict{Kind: Reaction})
	m := mailOf("anna@customer.example", "", "Re: Your ticket", "👍 reagiert")
	m.Attachments = []message.Attachment{{MediaType: "text/vnd.google.email-reaction+json"}}
	check1(t, m, Facts{}, verdict{Kind: Reaction, Suppress: SuppressReaction, Withhold: withholdSuppressed})
}

// TestReceiptsWithoutAReport are known by heading and sentence together.
func TestReceiptsWithoutAReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		want                bool
	}{
		{"English", "Read: Your ticket", "Your message\n  To: Kim\n  Subject: Your ticket\nwas read on Monday.", true},
		{"Thunderbird", "Return Receipt (displayed) - Your ticket", "This is a Return Receipt for the mail that you sent to kim@firm.example.", true},
		{"Simplified Chinese", "已读：您的工单", "您的邮件已被阅读。", true},
		{"Traditional Chinese", "已讀: 您的工單", "您的郵件已被讀取。", true},
		{"German", "Gelesen: Ihr Ticket", "Ihre Nachricht wurde am Montag gelesen.", true},
		{"French", "Lu : Votre demande", "Votre message a été lu le lundi.", true},
		{"Spanish", "Leído: Su consulta", "Su mensaje ha sido leído.", true},
		{"Italian", "Letto: La sua richiesta", "Il suo messaggio è stato letto.", true},
		{"Japanese", "開封済み: お問い合わせ", "メッセージは開封されました。", true},
		{"Russian", "Прочитано: ваш запрос", "Ваше сообщение было прочитано.", true},
		{"Polish", "Przeczytano: zgłoszenie", "Wiadomość została przeczytana.", true},
		{"Korean", "읽음: 문의", "메일을 읽었습니다.", true},
		{"a person's heading", "Read: your terms are wrong", "I have read them. Where is my money?", false},
		{"a person who has read", "Read this please", "My card was read on Monday by a stranger.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Check(mailOf("kim@firm.example", "", c.subject, c.text), Facts{}, settings)
			if (got.Suppress == SuppressReceipt) != c.want {
				t.Errorf("%+v, want a receipt: %v", verdictOf(got), c.want)
			}
		})
	}
}

// TestOneSentenceMoreMakesAPerson: an answer that says that somebody is away and one thing besides is a person's.
func TestOneSentenceMoreMakesAPerson(t *testing.T) {
	t.Parallel()
	for _, more := range []string{"My phone is gone", "I need to change my contact information", "should I call support", "it still says pending", "why is it still not there", "yes, go on", "验证码一直收不到", "快递写“查无此人”", "Das Gerät ist weg", "Ma demande est urgente et sans suite", "No me llega el código", "コードが届きません", "코드가 안 와요", "Код не приходит", "Kod gelmiyor"} {
		m := mailOf("anna@customer.example", "", "Re: Your ticket", "Hello,\nI am on vacation. "+more+".\nAnna")
		m.InReplyTo = []string{"x@desk.example"}
		check1(t, m, Facts{OwnAcknowledgement: true, TicketReference: true, Prompt: true}, verdict{Kind: Human, Withhold: withholdOwnReply})
		if got := Check(mailOf("anna@customer.example", "", "Out of office: a question", more+"."), Facts{}, settings); got.Kind != Human || got.Park != "" {
			t.Errorf("%q under a heading: %+v", more, verdictOf(got))
		}
	}
}
