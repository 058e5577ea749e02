package screen

import (
	"testing"

	"frontdesk/pipeline/message"
)

// TestTheNullSenderAndAWordAreNoBounce: relays, web servers and programs without a From send people's mail. What they
// say of payments and parcels, with amounts and addresses at the heads of lines, is in no mail system's form.
func TestTheNullSenderAndAWordAreNoBounce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, envelope, display, subject, text string }{
		{"Simplified Chinese, an amount at the head of a line", "a@c.example", "<>", "", "转账问题", "您好\n500 元转账被退回，请查。"},
		{"English, an amount at the head of a line", "a@c.example", "<>", "", "Payment", "Hi\n550 euros were sent, payment was returned to sender."},
		{"English, an amount before a colon", "a@c.example", "<>", "", "Payment", "450 USD: undelivered card fee, could not be delivered"},
		{"an address before a colon", "a@c.example", "<>", "", "Card", "anna@c.example: my card was not delivered"},
		{"an address on a line of its own", "a@c.example", "<>", "", "Card", "Email:\nanna@c.example:\nMy card"},
		{"a form that puts the visitor first", "no-reply@shop.example", "", "", "Delivery failed", "anna@c.example (Anna): my card was not delivered, returned to sender"},
		{"a form with an amount in a field", "no-reply@shop.example", "", "", "Delivery problem: order 55", "Name: Anna\nEmail: anna@c.example\nMessage: 550 EUR order could not be delivered"},
		{"a form with an amount at the head of a line", "no-reply@shop.example", "", "", "Delivery error", "Name: Anna\n550 EUR could not be delivered"},
		{"a form in Chinese", "noreply@shop.example", "", "", "未送达", "姓名：安娜\n500 元的包裹被退回"},
		{"no From, English words of a report", "", "a@c.example", "", "Returned mail from bank", "My bank says returned"},
		{"no From, an English heading", "", "a@c.example", "", "Delivery failed", "My card was not delivered"},
		{"no From, Chinese words of a report", "", "a@c.example", "", "转账被退回", "钱没到"},
		{"no From, a Chinese heading", "", "a@c.example", "", "未送达", "卡没到，被退回"},
		{"a postmaster whose card did not come", "postmaster@firm.example", "", "", "Delivery failed: our card", "My card was not delivered."},
		{"a postmaster who tells of our mails", "postmaster@firm.example", "", "", "Undeliverable mails from you", "Your mails:\nkim@firm.example: does not exist\nPlease change our address."},
		{"English, a heading", "a@c.example", "<>", "", "Delivery failed", "The courier says: delivery failed, returned to sender."},
		{"Simplified Chinese, a heading", "a@c.example", "<>", "", "投递失败", "快递投递失败，被退回了"},
		{"German, a heading", "a@c.example", "<>", "", "Unzustellbar", "Meine Karte ist unzustellbar zurückgekommen."},
		{"Spanish, a heading", "a@c.example", "<>", "", "No entregado", "Mi tarjeta, no se pudo entregar."},
		{"Korean, a heading", "a@c.example", "<>", "", "반송", "카드가 배달되지 않고 반송"},
		{"a reason that the app gives", "a@c.example", "<>", "", "Transfer", "The app says: reason for failure: limit. This is a permanent error, it says."},
		{"Chinese, the words of a report in a sentence", "a@c.example", "<>", "", "提现", "系统提示退信原因不明，您的邮件被退回，钱也没到。"},
		{"a person with the name of a mail system", "a@c.example", "", "Mail Delivery Service Ltd", "Delivery failed", "The letter could not be delivered, 550 EUR are gone"},
		{"and with the null sender", "a@c.example", "<>", "Kim, Mail Delivery Services", "Card", "The letter could not be delivered"},
		{"an answer that quotes a report", "a@c.example", "", "", "Re: Your ticket", "> <kim@desk.example>: 550 5.1.1 unknown\nWhat is this?"},
		{"a bouncer who passes a report on", "bouncer@club.example", "", "", "Undelivered Mail Returned to Sender", "<kim@x.example>: 550 5.1.1 unknown\nhelp"},
		{"a mailer that is a shop", "mailer@shop.example", "", "", "Delivery failed", "My card was not delivered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf(c.from, c.envelope, c.subject, c.text)
			m.From.Name = c.display
			if c.from == "" {
				m.From = message.Address{}
			}
			if got := Check(m, Facts{}, settings); got.Kind != Human || got.Park != "" || got.Suppress != "" {
				t.Errorf("%+v %v, want a person's", verdictOf(got), got.Reasons)
			}
		})
	}
}

// TestMailSystemsInFurtherLanguages without a report part: Exchange's in the languages of customers, and others'.
func TestMailSystemsInFurtherLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, envelope, subject, text string }{
		{"DragonFly, without an address", "", "<>", "Mail delivery failed", "This is the DragonFly Mail Agent v0.13 at mx.example.\n\nThere was an error delivering your mail to <kim@gone.example>.\n\nDNS lookup failure: host gone.example not found"},
		{"OpenSMTPD, under a strange address", "poost@mx.example", "<>", "Delivery status notification: error", "Hi!\n\nThis is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\nAn error has occurred while attempting to deliver a message for\nthe following list of recipients:\n\nkim@gone.example: Envelope expired"},
		{"InterScan, with an envelope of its own", "postmaster@firm.example", "", "メッセージを配信できません。(1)", "Sent <<< RCPT TO:<kim@gone.example>\nReceived >>> 550 5.1.1 <kim@gone.example>... user unknown"},
		{"mimecast", "postmaster@firm.example", "<>", "[Postmaster] Email Delivery Failure", "We were unable to deliver your email to kim@firm.example\nReason: 550 Rejected by header based manually Blocked Senders"},
		{"proofpoint", "MAILER-DAEMON@mx.example", "<>", "Undeliverable mail: Your ticket", "Failed to deliver to 'kim@firm.example'"},
		{"zoho", "mailer-daemon@mail.zoho.example", "<>", "Undelivered Mail Returned to Sender", "This message was created automatically by mail delivery software. A message that you sent could not be delivered to one or more of its recipients."},
		{"yandex", "mailer-daemon@yandex.example", "<>", "Недоставленное сообщение", "Это письмо отправлено почтовым сервером yandex.\n\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может быть отправлено одному или нескольким адресатам."},
		{"mail.ru", "mailer-daemon@corp.mail.example", "<>", "Mail failure.", "A message that you sent could not be delivered\nkim@mail.example\n user not found"},
		{"naver", "postmaster@naver.example", "<>", "[Mail Delivery System]메일 전송 실패 안내", "메일이 전송되지 못했습니다.\n받는 사람: kim@naver.example 550 5.1.1 no such user"},
		{"daum", "MAILER-DAEMON@daum.example", "<>", "메일 발송 실패 안내", "다음 주소로 메일을 보낼 수 없습니다: kim@daum.example"},
		{"aliyun", "postmaster@aliyun.example", "<>", "系统退信：您的邮件未能送达", "您发送的邮件无法到达收件人 kim@aliyun.example\n退信原因：账号不存在"},
		{"coremail", "postmaster@coremail.example", "<>", "系统退信", "收件人 kim@x.example 550 User not found"},
		{"tencent exmail", "postmaster@tencent.example", "<>", "退信：Your ticket", "尊敬的用户，您的邮件发送失败\n收信地址：kim@x.example"},
		{"docomo", "mail-daemon@docomo.example", "<>", "Undelivered Mail", "Unknown user: kim@docomo.example"},
		{"ezweb", "", "<>", "メールの配送失敗", "次のあて先へのメッセージはエラーのため送信できませんでした。\n<kim@ez.example>: 550 unknown user"},
		{"gmail de", "mailer-daemon@googlemail.example", "<>", "Delivery Status Notification (Failure)", "** Die Adresse wurde nicht gefunden **\n\nIhre Nachricht wurde nicht an kim@x.example zugestellt"},
		{"gmail zh", "mailer-daemon@googlemail.example", "<>", "Delivery Status Notification (Failure)", "** 找不到地址 **\n您的邮件未送达 kim@x.example"},
		{"Exchange in French", "postmaster@firme.example", "<>", "Non remis : Votre demande", "Échec de la remise à ces destinataires ou groupes :\nkim@firme.example"},
		{"Exchange in Spanish", "postmaster@empresa.example", "<>", "No se puede entregar: Su consulta", "Error en la entrega a estos destinatarios o grupos:\nkim@empresa.example"},
		{"Exchange in Italian", "postmaster@azienda.example", "<>", "Non recapitabile: La richiesta", "Il recapito non è riuscito per i seguenti destinatari o gruppi:\nkim@azienda.example"},
		{"Exchange in Portuguese", "postmaster@empresa.example", "<>", "Não entregue: Sua consulta", "Falha na entrega a estes destinatários ou grupos:\nkim@e.example"},
		{"Exchange in Dutch", "postmaster@firma.example", "<>", "Onbestelbaar: Uw vraag", "Bezorging is mislukt voor deze geadresseerden of groepen:\nkim@f.example"},
		{"Exchange in Polish", "postmaster@firma.example", "<>", "Niedostarczone: zgłoszenie", "Nie można dostarczyć wiadomości do następujących adresatów lub grup:\nkim@f.example"},
		{"Exchange in Turkish", "postmaster@firma.example", "<>", "Teslim edilemedi: Talebiniz", "Şu alıcılara veya gruplara teslim başarısız oldu:\nkim@f.example"},
		{"Exchange in Japanese", "postmaster@firm.example", "<>", "配信不能: お問い合わせ", "次の受信者またはグループへの配信に失敗しました:\nkim@f.example"},
		{"Exchange in Korean", "postmaster@firm.example", "<>", "배달되지 않음: 문의", "다음 받는 사람 또는 그룹에게 배달하지 못했습니다.\nkim@f.example"},
		{"Exchange in Simplified Chinese", "postmaster@firm.example", "<>", "未传递: 您的工单", "未能向以下收件人或组传递邮件:\nkim@f.example"},
		{"Exchange in Traditional Chinese", "postmaster@firm.example", "<>", "無法傳遞: 您的工單", "無法傳遞給這些收件者或群組:\nkim@f.example"},
		{"Exchange in Arabic", "postmaster@firm.example", "<>", "غير قابل للتسليم: طلبك", "فشل التسليم إلى هؤلاء المستلمين أو المجموعات:\nkim@f.example"},
		{"Exchange in Hebrew", "postmaster@firm.example", "<>", "לא ניתן למסירה: הפנייה", "המסירה לנמענים או לקבוצות אלה נכשלה:\nkim@f.example"},
		{"Exchange in Greek", "postmaster@firm.example", "<>", "Δεν παραδόθηκε: Το αίτημα", "Η παράδοση απέτυχε σε αυτούς τους παραλήπτες ή ομάδες:\nkim@f.example"},
		{"Exchange in Vietnamese", "postmaster@firm.example", "<>", "Không thể gửi: Yêu cầu", "Gửi đến những người nhận hoặc nhóm này không thành công:\nkim@f.example"},
		{"Exchange in Thai", "postmaster@firm.example", "<>", "ไม่สามารถส่งได้: คำขอ", "การส่งไปยังผู้รับหรือกลุ่มเหล่านี้ล้มเหลว:\nkim@f.example"},
		{"Exchange in Indonesian", "postmaster@firm.example", "<>", "Tidak terkirim: Permintaan", "Pengiriman ke penerima atau grup berikut gagal:\nkim@f.example"},
		{"Exchange in Russian", "postmaster@firm.example", "<>", "Не удается доставить: Ваш запрос", "Сбой доставки следующим получателям или группам:\nkim@f.example"},
		{"james", "postmaster@james.example", "", "[BOUNCE] Your ticket", "Hi. This is the James mail server at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up."},
		{"courier", "postmaster@mx.example", "", "NOTICE: mail delivery status.", "This is a delivery status notification from mx.example,\nrunning the Courier mail server\n<kim@x.example>:\n 550 User unknown"},
		{"groupwise", "postmaster@firm.example", "", "Message status - undeliverable", "The message that you sent was undeliverable to the following:\n kim (user not found)"},
		{"mdaemon", "MDaemon@firm.example", "", "Permanent Delivery Failure", "The attached message had PERMANENT fatal delivery errors!\nkim@firm.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf(c.from, c.envelope, c.subject, c.text)
			if c.from == "" {
				m.From = message.Address{}
			}
			if got := Check(m, Facts{}, settings); got.Kind != DSN || got.Withhold == "" {
				t.Errorf("%+v %v, want a bounce", verdictOf(got), got.Reasons)
			}
		})
	}
}

// answerOf is the mail, as an answer to our acknowledgement within minutes where it is one.
func answerOf(subject, text string, answer bool) (message.Message, Facts) {
	m := mailOf("anna@customer.example", "", subject, text)
	if !answer {
		return m, Facts{}
	}
	m.InReplyTo = []string{"x@desk.example"}
	return m, Facts{OwnAcknowledgement: true, TicketReference: true, Prompt: true}
}

// TestPeopleWhoAreAwayAndWantSomething: behind a comma, in a bare imperative, or in the subject alone.
func TestPeopleWhoAreAwayAndWantSomething(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		answer              bool
	}{
		{"English, in the subject alone", "Away: card blocked since Monday", "", false},
		{"English, in the subject alone auto", "Auto: top-up failed again", "", false},
		{"English, vacation", "Vacation: my card is refused", "", false},
		{"Simplified Chinese", "请假: 我的卡被冻结", "", false},
		{"Simplified Chinese, ooo", "出差中，卡刷不了", "", false},
		{"Simplified Chinese, 休假", "休假中：密码忘了怎么办", "。", false},
		{"Japanese", "出張中、カードが使えません", "", false},
		{"Japanese 2", "不在、再配達", "不在だったので再配達をお願いします。", false},
		{"Japanese 3", "不在通知", "不在通知が入っていましたが、カードはどこですか。", false},
		{"Japanese 4", "不在通知: カードの再配達", "不在にしておりました。再配達をお願いします。", false},
		{"Korean", "부재중: 카드 배송", "부재중이라 카드를 못 받았어요. 다시 보내 주세요.", false},
		{"Korean, in the subject alone", "부재중: 카드 재배송 요청", "", false},
		{"Korean 2", "휴가 중, 카드 정지", "휴가 중입니다. 카드를 정지해 주세요.", false},
		{"German", "Abwesend: Paket", "Ich war abwesend, das Paket liegt beim Nachbarn.", false},
		{"German 2", "Urlaub: Limit erhöhen", "Bin im Urlaub. Bitte Limit auf 2000 erhöhen.", false},
		{"German 3", "Im Urlaub", "Ich bin im Urlaub in Bali. Der Automat hat alles eingezogen.", false},
		{"German 4", "Urlaub", "Bin bis Freitag im Urlaub. Bitte rufen Sie mich zurück.", false},
		{"French", "Absent: colis", "J'étais absent du bureau lors de la livraison. Merci de repasser.", false},
		{"French 2", "En congé", "Je suis en congé, merci de me rappeler lundi.", false},
		{"French 3", "Absence", "Mon fils est en vacances. Merci de bloquer ses achats.", false},
		{"Spanish", "Vacaciones", "Estoy de vacaciones. Suban el límite, gracias.", false},
		{"Spanish 2", "De vacaciones: límite", "", false},
		{"Portuguese", "Férias", "Estou de férias no Brasil. Aumentem o limite, obrigado.", false},
		{"Italian", "In ferie", "Sono in ferie e il bancomat mi chiede il codice.", false},
		{"Dutch", "Vakantie", "Ik ben op vakantie in Spanje. Graag de limiet verhogen. Bedankt.", false},
		{"Polish", "Urlop", "Jestem na urlopie. Proszę o podniesienie limitu.", false},
		{"Russian", "Отпуск", "Я в отпуске. Поднимите лимит, спасибо.", false},
		{"Turkish", "İzinde", "Tatildeyim. Limitimi artırın, teşekkürler.", false},
		{"Arabic", "إجازة", "أنا في إجازة. ارفعوا الحد شكرا.", false},
		{"Hebrew", "חופשה", "אני בחופשה. נא להעלות את המסגרת, תודה.", false},
		{"Greek", "Σε άδεια", "Είμαι σε άδεια. Αυξήστε το όριο, ευχαριστώ.", false},
		{"Thai", "ลาพักร้อน", "ลาพักร้อนอยู่ค่ะ ขอเพิ่มวงเงิน ขอบคุณ", false},
		{"Malay", "Bercuti", "Saya sedang bercuti. Tolong naikkan had, terima kasih.", false},
		{"Indonesian", "Cuti", "Saya sedang cuti. Tolong naikkan limit, terima kasih.", false},
		{"Vietnamese", "Nghỉ phép", "Tôi đang nghỉ phép. Nâng hạn mức giúp tôi, cảm ơn.", false},
		{"Simplified Chinese, limit", "休假", "我正在休假，请调高额度，谢谢。", false},
		{"English, limit", "On vacation", "I am on vacation in Rome. Please raise my limit, thanks.", false},
		{"English", "On holiday", "I am on holiday. Please call me back on +44 20 7183 8750.", false},
		{"English, an answer 1", "Re: Your ticket", "I'm out of the office now. Send it to my home address instead, thank you.", true},
		{"English, an answer 2", "Re: Your ticket", "I am away until Friday. Please hold the delivery until I am back.", true},
		{"English, an answer 3", "Re: Your ticket", "Thanks. I am on holiday, so ship it after the 12th.", true},
		{"Simplified Chinese, an answer 1", "Re: 您的工单", "我在出差中，请改寄到公司前台，谢谢。", true},
		{"Simplified Chinese, an answer 2", "Re: 您的工单", "我正在出差，不方便接电话，请发邮件。", true},
		{"Simplified Chinese, an answer 3", "Re: 您的工单", "已收到，谢谢。问题还在。", true},
		{"Japanese, an answer", "Re: お問い合わせ", "出張中ですので、来週まで発送を止めてください。よろしくお願いします。", true},
		{"Korean, an answer", "Re: 문의", "출장 중이니 다음 주까지 배송을 보류해 주세요. 감사합니다.", true},
		{"German, an answer", "Re: Ihr Ticket", "Ich bin bis Freitag im Urlaub. Liefern Sie bitte danach. Danke.", true},
		{"French, an answer", "Re: Votre demande", "Je suis en congé jusqu'au 12. Merci de livrer après mon retour.", true},
		{"Spanish, an answer", "Re: Su consulta", "Estoy de vacaciones hasta el lunes. Envíenlo después, gracias.", true},
		{"Portuguese, an answer", "Re: Sua consulta", "Estou de férias até segunda. Enviem depois, obrigado.", true},
		{"Italian, an answer", "Re: La richiesta", "Sono in ferie fino a lunedì. Spedite dopo, grazie.", true},
		{"Dutch, an answer", "Re: Uw vraag", "Ik ben tot maandag op vakantie. Graag daarna leveren, bedankt.", true},
		{"Polish, an answer", "Re: Zgłoszenie", "Jestem na urlopie do piątku. Proszę wysłać potem. Dziękuję.", true},
		{"Russian, an answer", "Re: Ваш запрос", "Я в отпуске до пятницы. Отправьте потом, спасибо.", true},
		{"Turkish, an answer", "Re: Talebiniz", "Cumaya kadar izindeyim. Sonra gönderin, teşekkürler.", true},
		{"Arabic, an answer", "Re: طلبك", "أنا في إجازة حتى الجمعة. أرسلوها بعد ذلك شكرا.", true},
		{"Hebrew, an answer", "Re: הפנייה", "אני בחופשה עד יום שישי. שלחו אחר כך, תודה.", true},
		{"Greek, an answer", "Re: Το αίτημα", "Είμαι σε άδεια μέχρι την Παρασκευή. Στείλτε το μετά, ευχαριστώ.", true},
		{"Thai, an answer", "Re: คำขอ", "ลาพักร้อนถึงวันศุกร์ ส่งหลังจากนั้นนะคะ ขอบคุณ", true},
		{"Malay, an answer", "Re: Permintaan", "Saya sedang bercuti sehingga Jumaat. Hantar selepas itu, terima kasih.", true},
		{"Indonesian, an answer", "Re: Permintaan", "Saya sedang cuti sampai Jumat. Kirim setelah itu, terima kasih.", true},
		{"Vietnamese, an answer", "Re: Yêu cầu", "Tôi đang nghỉ phép đến thứ Sáu. Gửi sau nhé, cảm ơn.", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, f := answerOf(c.subject, c.text, c.answer)
			if got := Check(m, f, settings); got.Kind != Human || got.Park != "" {
				t.Errorf("%+v, want a person's", verdictOf(got))
			}
		})
	}
}

// TestNoticesInTheirUsualWords: longer than the shortest, behind further gateways' tags, and without a heading.
func TestNoticesInTheirUsualWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		answer              bool
	}{
		{"Simplified Chinese again 2", "自动回复：您的工单", "您好，本人因公出差，5月12日返岗，期间无法查收邮件，如有急事请致电138****0000。", false},
		{"Simplified Chinese 2", "自动回复: 工单", "您好，我已收到您的邮件，会尽快给您回复！", false},
		{"Simplified Chinese, qq", "自动回复:工单", "这是来自QQ邮箱的假期自动回复邮件。您好，我最近正在休假中，无法亲自回复您的邮件。我将在假期结束后，尽快给您回复。", false},
		{"Traditional Chinese", "自動回覆: 工單", "您好，我目前休假，將於週一返回辦公室處理您的來信。", false},
		{"English again 2", "Automatic reply: Ticket", "Thank you for your email. I am currently out of the office with no access to email, returning Monday 12 May. Jane (jane@firm.example, +44 20 1234) is covering for me.", false},
		{"English 2", "Automatic reply: Ticket", "I have left the company. Contact jane@firm.example.", false},
		{"Japanese again 2", "自動応答: お問い合わせ", "メールありがとうございます。夏季休暇のため8/16まで不在です。休暇明けに順次対応いたします。", false},
		{"Korean again 2", "자동 회신: 문의", "현재 휴가로 인해 메일 확인이 어렵습니다. 복귀 후 회신드리겠습니다.", false},
		{"Thai again 2", "ตอบกลับอัตโนมัติ: คำขอ", "ขณะนี้อยู่ระหว่างวันหยุดพักผ่อน จะตอบกลับในวันจันทร์ที่ 12", false},
		{"Malay again 2", "Balasan automatik: Permintaan", "Terima kasih atas e-mel anda. Saya bercuti dari 10 hingga 12 Mei. Sila hubungi rakan saya Ali.", false},
		{"Indonesian again 2", "Balasan Otomatis: Permintaan", "Terima kasih atas email Anda. Saya sedang cuti tahunan dan akan kembali tanggal 12 Mei.", false},
		{"Vietnamese again 2", "Trả lời tự động: Yêu cầu", "Cảm ơn bạn đã gửi email. Tôi hiện đang đi vắng và sẽ phản hồi khi quay lại.", false},
		{"German again 2", "Automatische Antwort: Anfrage", "Vielen Dank für Ihre Nachricht. Ich bin erst am 12.05. wieder im Haus. Ihre E-Mail wird nicht weitergeleitet.", false},
		{"French again 2", "Réponse automatique : Demande", "Bonjour, je suis actuellement absent et serai de retour le 12 mai. Vos mails ne sont pas transférés.", false},
		{"Spanish again 2", "Respuesta automática: Consulta", "Gracias por su correo. Me encuentro fuera de la oficina y responderé a mi regreso el 12 de mayo.", false},
		{"Portuguese again 2", "Resposta automática: Pedido", "Obrigado pelo contacto. Estarei ausente até 12 de maio e responderei assim que possível.", false},
		{"Italian again 2", "Risposta automatica: Richiesta", "Sarò assente dall'ufficio fino al 12 maggio. Risponderò al mio rientro.", false},
		{"Dutch again 2", "Automatisch antwoord: Vraag", "Bedankt voor uw bericht. Ik ben op 12 mei weer aanwezig en zal dan antwoorden.", false},
		{"Polish again 2", "Odpowiedź automatyczna: Zgłoszenie", "Przebywam na urlopie do 12 maja. Na wiadomość odpowiem po powrocie.", false},
		{"Russian again 2", "Автоответ: Запрос", "Я нахожусь в отпуске до 12 мая. Отвечу на Ваше письмо после возвращения.", false},
		{"Turkish again 2", "Otomatik Yanıt: Talep", "12 Mayıs'a kadar yıllık izindeyim. Dönüşte yanıtlayacağım.", false},
		{"Arabic again 2", "رد تلقائي: طلب", "شكرا لرسالتكم. أنا في إجازة حتى 12 مايو وسأرد عند العودة.", false},
		{"Hebrew again 2", "תשובה אוטומטית: פנייה", "תודה על פנייתך. אני בחופשה עד 12 במאי ואשיב עם שובי.", false},
		{"Greek again 2", "Αυτόματη απάντηση: Αίτημα", "Σας ευχαριστώ για το μήνυμα. Απουσιάζω έως 12 Μαΐου και θα απαντήσω με την επιστροφή μου.", false},
		{"outlook ooo re", "Out of Office: Re: Ticket", "I am on annual leave until 12 May. For anything urgent contact jane@firm.example.", false},
		{"behind a gateway's tag , zh", "[外部邮件] 自动回复：工单", "休假中，12日回。", false},
		{"behind a gateway's tag 2", "CAUTION: Automatic reply: Ticket", "On leave until Monday.", false},
		{"behind a gateway's tag 3", "[EXTERNAL EMAIL] - Automatic reply: Ticket", "On leave until Monday.", false},
		{"behind a gateway's tag 4", "{SPAM?} Réponse automatique: x", "Je suis absente jusqu'à lundi.", false},
		{"behind a gateway's tag 5", "Externe : Réponse automatique : x", "Je suis absente jusqu'à lundi.", false},
		{"behind a gateway's tag 6", "⚠ EXTERNAL: Automatic reply: x", "I am on leave until Monday.", false},
		{"behind a gateway's tag 7", "[SPAM] [EXT] 自動応答: x", "休暇中です。", false},
		{"English, an answer", "Re: Your ticket", "Thanks for your email. I'm on annual leave until 12 May and will reply on my return. If it's urgent please call reception.", true},
		{"German, an answer again 2", "Re: Ihr Ticket", "Ich bin bis zum 12. Mai im Urlaub und antworte nach meiner Rückkehr.", true},
		{"French, an answer again 2", "Re: x", "Absent jusqu'au 12 mai, je suis en congé. Je vous répondrai à mon retour.", true},
		{"Japanese, an answer again 2", "Re: x", "現在出張中のため、返信が遅れます。", true},
		{"Simplified Chinese, an answer", "Re: x", "您好，我正在休假，回来后回复您。", true},
		{"Thai, an answer again 2", "Re: x", "ดิฉันลาพักร้อน จะติดต่อกลับวันจันทร์", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, f := answerOf(c.subject, c.text, c.answer)
			if got := Check(m, f, settings); got.Kind != Auto || got.Withhold == "" {
				t.Errorf("%+v, want a notice", verdictOf(got))
			}
		})
	}
}
