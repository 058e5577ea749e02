package normalize

import (
	"strings"

	"frontdesk/pipeline/normalize/tidy"
)

// labelKind is the header field that a label names; a bit set.
type labelKind uint8

const (
	labelFrom labelKind = 1 << iota
	labelDate
	labelTo
	labelCc
	labelSubject
	labelReplyTo
	labelOther
	labelSent // beside labelDate: the label says "sent", as only mail does
)

// labelOf reads the label of a line such as "*From:* Anna" or "发件人：张三"; 0 for all others.
func labelOf(t string) labelKind {
	head := tidy.Clip(t, maxLabel)
	i := strings.IndexAny(head, ":：")
	if i < 0 {
		return 0
	}
	name := strings.ToLower(strings.Trim(head[:i], "*_ \t\u00a0\u3000[]"))
	if name == "" {
		return 0
	}
	if k, ok := labels[name]; ok {
		return k
	}
	if name[0] >= 0x80 { // "主　题"
		return labels[strings.NewReplacer("\u3000", "", " ", "", "\u00a0", "").Replace(name)]
	}
	return 0
}

// labels are the header labels that mail clients write above a quoted or forwarded mail.
var labels = makeLabels(map[labelKind]string{
	labelFrom: "from|de|von|da|van|fra|från|fran|od|от|от кого|від|lähettäjä|nadawca|feladó|expéditeur|expediteur|remitente|mittente|" +
		"afzender|kimden|gönderen|dari|từ|người gửi|από|من|מאת|จาก|差出人|送信者|送信元|보낸 사람|보낸사람|보내는 사람|발신|발신자|" +
		"发件人|寄件人|寄件者|寄信人|发送人|发信人|发自|來自|发送者|daripada|發件人|發信人|remetente|expeditor|odesílatel|odosielateľ|šalje|pošiljatelj|de la|从",
	labelDate: "date|sent|sent on|sent at|datum|gesendet|gesendet am|envoyé|envoyé le|envoye|fecha|enviado|enviado el|enviado em|enviada em|" +
		"enviado a las|data|inviato|inviato il|data invio|verzonden|verzonden op|dato|sendt|skickat|datum och tid|päivämäärä|lähetetty|wysłano|" +
		"wysłane|data wysłania|дата|изпратено|отправлено|дата отправки|надіслано|küldve|elküldve|küldés ideje|dátum|dátuma|tarih|gönderilme|gönderilen tarih|gönderim tarihi|" +
		"tanggal|dikirim|dihantar|tarikh|تاريخ الإرسال|تم الإرسال|ngày|đã gửi|thời gian|ημερομηνία|στάλθηκε|تاريخ|التاريخ|נשלח|תאריך|วันที่|ส่ง|日時|送信日時|送信日|日付|보낸 날짜|보낸날짜|날짜|" +
		"发送时间|发送日期|日期|时间|時間|寄件日期|寄信时间|發送時間|發送日期|发信时间|odesláno|odoslané|trimis|poslano|message du|datum/tid",
	labelTo: "to|an|à|a|para|pour|naar|aan|til|till|do|кому|кому:|vastaanottaja|címzett|destinataire|destinatario|destinatário|alıcı|kime|" +
		"kepada|ke|đến|tới|người nhận|προς|إلى|אל|ถึง|宛先|受信者|받은 사람|수신|받는 사람|받는사람|收件人|收件者|收信人|komu|către|prima|za|до",
	labelCc: "cc|bcc|kopie|copie|copie à|cópia|copia|kopi|kopia|копия|kopio|másolat|másolatot kap|dw|do wiadomości|udw|bilgi|" +
		"tembusan|κοιν.|نسخة|העתק|สำเนา|참조|抄送|副本|密送|副本抄送|抄送人|cc:|ccn|cci",
	labelSubject: "subject|относно|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|amne|aihe|temat|тема|tárgy|konu|subjek|perihal|" +
		"chủ đề|tiêu đề|subjek:|θέμα|الموضوع|נושא|เรื่อง|หัวเรื่อง|件名|제목|主题|主題|主旨|标题|標題|předmět|predmet|subiect|zadeva|naslov|тема письма",
	labelReplyTo: "reply-to|reply to|antwort an|répondre à|responder a|risposta|rispondi a|antwoord aan|svar til|svara till|odpowiedz do|回复|回复给|回覆至|返信先|답장 받는 사람",
	labelSent: "sent|sent on|sent at|gesendet|gesendet am|envoyé|envoyé le|enviado el|enviado em|enviada em|inviato|inviato il|verzonden|verzonden op|sendt|skickat|lähetetty|wysłano|" +
		"отправлено|изпратено|надіслано|elküldve|gönderilme|dikirim|dihantar|đã gửi|تاريخ الإرسال|gönderim tarihi|发送时间|发送日期|發送時間|發送日期|寄件日期|送信日時|보낸 날짜|odesláno|odoslané",
	labelOther: "importance|priority|attachments|wichtigkeit|anlagen|anhänge|importancia|allegati|pièces jointes|重要性|附件|优先级|organization|list-id|添付ファイル|첨부",
})

func makeLabels(words map[labelKind]string) map[string]labelKind {
	out := make(map[string]labelKind, 256)
	for k, list := range words {
		for w := range strings.SplitSeq(list, "|") {
			out[w] |= k
		}
	}
	return out
}

func set(list string) map[string]bool {
	out := make(map[string]bool, 64)
	for w := range strings.SplitSeq(list, "|") {
		out[w] = true
	}
	return out
}

// originalMarks stand between rulers above a quoted mail.
var originalMarks = set("original|replied message|original message|original mail|original email|original e-mail|originalmessage|reply message|original appointment|ursprüngliche nachricht|" +
	"originalnachricht|original-nachricht|ursprüngliche mail|message d'origine|message d’origine|message original|mensaje original|mensagem original|" +
	"messaggio originale|oorspronkelijk bericht|original meddelelse|oprindelig meddelelse|oprindelig besked|opprinnelig melding|ursprungligt meddelande|originalmeddelande|" +
	"alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|исходное сообщение|оригинальное сообщение|исходное письмо|původní zpráva|" +
	"původní e-mail|pôvodná správa|eredeti üzenet|eredeti e-mail|orijinal ileti|orijinal mesaj|özgün ileti|pesan asli|thư gốc|tin nhắn gốc|" +
	"αρχικό μήνυμα|الرسالة الأصلية|הודעה מקורית|ข้อความต้นฉบับ|元のメッセージ|元のメール|オリジナルメッセージ|원본 메시지|원본 이메일|원본 메일|원본메일|original besked|" +
	"原始邮件|原始郵件|原邮件|原郵件|原始信件|原信件|原始信息|原始訊息|原始消息|回复的原邮件|回覆的原郵件|回复原邮件|邮件原件|郵件原件|邮件原文|郵件原文|原邮件信息|原郵件信息|原始郵件內容|" +
	"回复邮件信息|回复的邮件|mesaj original|izvorna poruka|izvirno sporočilo")

// forwardMarks stand between rulers above a forwarded mail.
var forwardMarks = set("forwarded message|forwarded mail|forwarded by|forward message|forward|weitergeleitete nachricht|message transféré|message transmis|mensaje reenviado|" +
	"mensagem encaminhada|mensagem reencaminhada|messaggio inoltrato|doorgestuurd bericht|videresendt meddelelse|videresendt melding|vidarebefordrat meddelande|" +
	"välitetty viesti|edelleenlähetetty viesti|wiadomość przekazana dalej|przekazana wiadomość|treść przekazanej wiadomości|пересылаемое сообщение|пересланное сообщение|" +
	"перенаправленное сообщение|переслане повідомлення|přeposlaná zpráva|preposlaná správa|továbbított levél|továbbított üzenet|iletilen mesaj|yönlendirilmiş mesaj|" +
	"pesan terusan|pesan yang diteruskan|thư đã chuyển tiếp|προωθημένο μήνυμα|رسالة معاد توجيهها|הודעה שהועברה|転送メッセージ|転送されたメッセージ|전달된 메시지|전달된 메일|" +
	"转发的邮件|轉寄的郵件|转发邮件|轉發郵件|轉寄郵件|转发邮件信息|轉寄郵件訊息|转发的原邮件|转发信息|被转发的邮件|已转发邮件|轉寄信件|forwarded email|mesaj redirecționat|proslijeđena poruka")

// forwardLines announce a forwarded mail without rulers, with a colon.
var forwardLines = set("begin forwarded message|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|début du message réexpédié|début du message transféré|" +
	"inizio messaggio inoltrato|inicio del mensaje reenviado|início da mensagem reencaminhada|início da mensagem encaminhada|begin doorgestuurd bericht|vidarebefordrat brev|" +
	"start på videresendt besked|videresendt melding|välitetty viesti alkaa|начало переадресованного сообщения|转发的邮件|下面是被转发的邮件|以下是转发的邮件|開始轉寄郵件|轉寄郵件|開始轉寄訊息|" +
	"転送されたメッセージ|次の転送メッセージを開始|전달된 메시지의 시작|전달된 메시지|přeposlaná zpráva|początek przekazywanej wiadomości|iletilen ileti başlangıcı|-------- forwarded message")

// signatureHeads begin a line that a mail program or telephone adds by itself, lower case.
var signatureHeads = []string{
	"sent from ", "sent via ", "sent with ", "sent using ", "sent by my ", "sent on the go", "get outlook for ", "get yahoo mail", "download outlook",
	"envoyé de mon ", "envoyé depuis ", "envoyé à partir de", "envoyé avec ", "envoyé via ", "télécharger outlook", "obtenir outlook",
	"von meinem ", "gesendet von ", "gesendet mit ", "gesendet über ", "diese nachricht wurde von meinem ", "outlook für ", "holen sie sich outlook",
	"enviado desde ", "enviado con ", "enviado do ", "enviado a partir do ", "enviado de mi ", "enviado pelo ", "enviado via ", "obtener outlook", "obter o outlook",
	"inviato da ", "inviato con ", "inviato dal ", "scarica outlook", "ottieni outlook",
	"verstuurd vanaf ", "verzonden vanaf ", "verzonden met ", "verstuurd met ", "outlook voor ", "download outlook voor",
	"skickat från ", "sendt fra ", "lähetetty ", "hanki outlook", "wysłane z ", "wysłano z ", "odesláno z ", "odoslané z ", "küldve ", "trimis de pe ",
	"отправлено с ", "отправлено из ", "надіслано з ", "iphone'umdan gönderildi", "dikirim dari ", "được gửi từ ", "gửi từ ", "στάλθηκε από ", "poslano z ", "poslano s ",
	"发自我的", "发自", "發自我的", "發自", "从我的", "來自我的", "来自我的", "寄自我的", "傳送自我的", "传送自", "傳送自", "通过我的", "从 windows", "从windows", "發送自", "发送自", "使用 outlook",
	"获取outlook", "获取 outlook", "下载outlook", "下载 outlook", "取得 outlook", "取得outlook", "适用于 ios 的 outlook",
	"签名由", "簽名由", "signature is customized by", "来自钉钉", "gesendet aus ", "mit outlook",
	"outlook for ios を入手", "outlook for android を入手", "取得 ios 版 outlook", "取得 android 版 outlook", "iphoneから送信", "ipadから送信", "androidから送信", "から送信", "나의 iphone에서 보냄", "내 iphone에서 보냄", "من جهازي", "أُرسلت من ", "أرسلت من ", "تم الإرسال من ", "đã gửi từ ", "dihantar dari ", "yahoo mail: search, organize, conquer", "使用网易邮箱大师", "使用網易郵箱大師", "נשלח מה", "ส่งจาก",
}

// signatureTails end such a line in languages that put the device first.
var signatureTails = []string{"gesendet", "から送信", "에서 보냄", "gönderildi", "发送", "傳送", "발송", "gesendet."}
