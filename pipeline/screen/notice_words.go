package screen

// machineTags stand before the colon of a subject that a program wrote: nobody types them there. By language, with
// the words of Exchange, Outlook, QQ, NetEase and the autoresponders of web hosters.
var machineTags = []string{
	// Chinese
	"自动回复", "自动答复", "自动应答", "自動回覆", "自動回復", "自動答覆", "自動回复", "自動應答", "外出自动回复", "休假自动回复", "假期自动回复", "系统自动回复", "自动回信", "自動回信",
	// English
	"automatic reply", "automatic response", "automated reply", "automated response", "automatic answer", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
	"auto responder", "autoresponder", "out of office autoreply", "out of office auto-reply", "out of office automatic reply", "out-of-office reply", "out of office reply", "vacation reply", "vacation response", "vacation autoreply", "away message",
	// Japanese, Korean
	"自動返信", "自動応答", "自動送信", "自動返答", "不在通知", "不在自動応答", "不在応答", "自動返信メール", "자동 회신", "자동회신", "자동 응답", "자동응답", "자동 답장", "자동답장", "부재중 자동 회신", "부재 중 자동 회신",
	// Thai, Malay, Indonesian, Vietnamese
	"การตอบกลับอัตโนมัติ", "ตอบกลับอัตโนมัติ", "การตอบอัตโนมัติ", "ตอบอัตโนมัติ", "ข้อความตอบกลับอัตโนมัติ", "ข้อความอัตโนมัติ", "balasan automatik", "jawapan automatik", "respons automatik", "balasan otomatis", "jawaban otomatis", "respons otomatis",
	"trả lời tự động", "thư trả lời tự động", "phản hồi tự động", "hồi đáp tự động",
	// German, French, Spanish, Portuguese, Italian, Dutch
	"automatische antwort", "automatische antwort (abwesenheit)", "automatische rückmeldung", "autoantwort", "abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent",
	"réponse automatique", "réponse automatisée", "reponse automatique", "message automatique", "réponse d'absence", "message d'absence", "notification d'absence",
	"respuesta automática", "respuesta automatica", "contestación automática", "mensaje automático", "resposta automática", "resposta automatica", "mensagem automática",
	"risposta automatica", "messaggio automatico", "automatisch antwoord", "automatische beantwoording", "automatische reactie", "afwezigheidsbericht", "afwezigheidsassistent",
	// Polish, Russian, Ukrainian, Turkish
	"odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "автоответ", "автоматический ответ", "автоматическое сообщение", "автовідповідь", "автоматична відповідь",
	"otomatik yanıt", "otomatik cevap", "otomatik yanit", "otomatik ileti",
	// Arabic, Hebrew, Greek
	"رد تلقائي", "الرد التلقائي", "رد آلي", "الرد الآلي", "إجابة تلقائية", "מענה אוטומטי", "תשובה אוטומטית", "תגובה אוטומטית", "αυτόματη απάντηση", "αυτοματη απαντηση", "αυτόματο μήνυμα",
	// The other languages of Exchange
	"automatická odpověď", "automatická odpoveď", "automatikus válasz", "răspuns automat", "automatiskt svar", "autosvar", "automatisk svar", "automaattinen vastaus", "автоматичен отговор", "automatski odgovor", "samodejni odgovor",
	"automatinis atsakymas", "automātiskā atbilde", "automātiska atbilde", "automaatvastus", "resposta automàtica", "पुनः स्वचालित", "स्वचालित उत्तर", "पاسخ خودکار", "پاسخ خودکار",
}

// absenceTags head the subject of an absence notice, and now and then of a customer's mail: they count only
// where the text says nothing else.
var absenceTags = []string{
	"out of office", "out of the office", "out-of-office", "ooo", "oof", "on vacation", "vacation", "on holiday", "on leave", "annual leave", "on annual leave", "away", "away from office", "away from the office", "absence", "auto",
	"i am out of the office", "i'm out of the office", "i am out of office", "i'm out of office", "i am currently out of the office", "i am on vacation", "i am on annual leave", "i am away",
	"不在办公室", "不在辦公室", "休假通知", "外出通知", "出差通知", "请假通知", "請假通知", "休假中", "出差中", "外出中", "请假", "休假", "不在", "不在のお知らせ", "不在にしております", "休暇のお知らせ", "外出中です", "休業のお知らせ",
	"부재중", "부재 중", "부재", "휴가", "휴가 중", "휴가중", "출장 중", "출장중", "ไม่อยู่ที่สำนักงาน", "ไม่อยู่ในสำนักงาน", "ไม่อยู่ที่ทำงาน", "ลาพักร้อน", "ลาหยุด", "ไม่อยู่", "di luar pejabat", "tiada di pejabat", "bercuti", "sedang bercuti", "di luar kantor", "sedang cuti", "cuti", "tidak di kantor",
	"vắng mặt", "ngoài văn phòng", "không có mặt tại văn phòng", "nghỉ phép", "đang nghỉ phép", "đi công tác",
	"abwesenheit", "abwesend", "nicht im büro", "außer haus", "urlaub", "im urlaub", "absence du bureau", "absent du bureau", "absent", "en congé", "en congés", "absent(e)", "hors du bureau",
	"fuera de la oficina", "fuera de oficina", "ausencia", "ausente", "ausente de la oficina", "de vacaciones", "vacaciones", "fora do escritório", "fora do escritorio", "ausência do escritório", "ausência", "de férias", "férias", "ausente do escritório",
	"fuori sede", "fuori ufficio", "assenza dall'ufficio", "assente", "in ferie", "assenza", "assente dall'ufficio", "afwezig", "afwezigheid", "niet aanwezig", "niet op kantoor", "op vakantie", "vakantie",
	"poza biurem", "nieobecność", "nieobecny", "nieobecna", "urlop", "jestem na urlopie", "вне офиса", "нет на работе", "отсутствую", "отсутствие", "отпуск", "я в отпуске", "в отпуске", "немає в офісі", "відпустка",
	"ofis dışında", "ofis dışındayım", "ofiste değilim", "izinde", "izindeyim", "yıllık izin", "خارج المكتب", "في إجازة", "إجازة", "غائب عن المكتب", "מחוץ למשרד", "לא במשרד", "בחופשה", "חופשה", "היעדרות", "εκτός γραφείου", "εκτος γραφειου", "σε άδεια", "απουσία", "άδεια",
	"frånvarande", "frånvaro", "på semester", "fravær", "ikke til stede", "på ferie", "poissa", "lomalla", "mimo kancelář", "mimo kanceláře", "házon kívül", "szabadság", "în afara biroului", "în concediu",
}

// noticePhrases say that the writer is away. They stand in absence notices; in a person's mail they stand beside what
// he wants. They are whole words, but for those that end in a star: after it the word may go on.
var noticePhrases = []string{
	// English
	"out of the office", "out of office", "away from the office", "away from my desk", "not in the office", "on annual leave", "on vacation", "on holiday", "on leave", "on maternity leave", "on parental leave", "on sick leave", "on a business trip", "travelling on business", "traveling on business",
	"limited access to email*", "limited access to my email", "limited access to e-mail", "limited email access", "no access to email*", "no access to e-mail", "i am away", "i'm away", "i will be away", "currently away", "i am currently unavailable", "currently out of", "our office is closed", "our offices are closed", "will be closed from", "will be closed until",
	"i have left", "i've left", "left the firm", "back in the office", "out sick", "on paternity leave", "away on business", "covering for me", "no longer with the company", "no longer work*", "has left the company", "is no longer used", "is not used any more", "is not monitored", "is no longer monitored", "this mailbox is",
	// Chinese
	"不在办公室", "不在辦公室", "因公出差", "休假至", "休假到", "目前休假", "正在休假", "休假中", "外出中", "出差中", "正在出差", "请假中", "正在请假", "正在度假", "年假", "暂时无法及时回复", "無法即時回覆", "无法及时回复", "不能及时回复", "暂时不能回复", "无法立即回复", "無法立即回覆", "已离职", "已經離職", "放假期间", "放假期間", "公司放假",
	// Japanese, Korean
	"不在にして", "休暇中", "休暇を", "休業", "出張中", "外出中", "お休みをいただ", "席を外して", "夏季休業", "休暇のため", "不在です", "不在となり", "不在のため", "休みを取", "부재중", "부재 중", "휴가 중", "휴가중", "휴가로", "휴가 기간", "부재로", "출장으로", "출장 중", "출장중", "자리를 비", "휴무", "사무실을 비",
	// Thai, Malay, Indonesian, Vietnamese
	"ไม่อยู่ที่สำนักงาน", "ไม่อยู่ในสำนักงาน", "ไม่อยู่ที่ทำงาน", "ลาพักร้อน", "ลาพัก", "ลาหยุด", "หยุดพักผ่อน", "อยู่ระหว่างการลา", "เดินทางไปต่างประเทศ", "ไม่สามารถตอบอีเมล", "di luar pejabat", "tiada di pejabat", "sedang bercuti", "bercuti", "di luar kantor", "sedang cuti", "tidak berada di kantor", "tidak di kantor", "dinas luar", "sedang dinas",
	"vắng mặt", "không có mặt tại văn phòng", "ngoài văn phòng", "nghỉ phép", "đi công tác", "không ở văn phòng", "đang nghỉ lễ", "đi vắng",
	// German
	"nicht im büro", "nicht im haus", "außer haus", "im urlaub", "bin abwesend", "abwesend", "nicht erreichbar", "nicht am arbeitsplatz", "in elternzeit", "auf dienstreise", "keinen zugriff auf meine e-mail", "nicht mehr im unternehmen", "nicht weitergeleitet",
	// French
	"je suis absent", "actuellement absent", "je serai absent", "suis absente", "serai absente", "en congé", "en congés", "absent du bureau", "absente du bureau", "absent jusqu*", "absente jusqu*", "absent du", "absente du", "absent(e)", "hors du bureau*", "en déplacement", "en vacances", "ne fait plus partie",
	// Spanish
	"fuera de la oficina", "fuera de oficina", "estoy de vacaciones", "estaré de vacaciones", "de vacaciones hasta", "estaré ausente", "estoy ausente", "me encuentro ausente", "de baja", "de permiso", "de viaje de trabajo",
	// Portuguese
	"fora do escritório", "fora do escritorio", "estou de férias", "estarei de férias", "de férias", "estarei ausente", "estou ausente", "encontro-me ausente", "ausente do escritório",
	// Italian
	"fuori sede", "fuori ufficio", "sono in ferie", "sarò in ferie", "in ferie", "sono assente", "sarò assente", "assente dall'ufficio",
	// Dutch
	"afwezig*", "niet op kantoor", "weer aanwezig", "weer bereikbaar", "niet aanwezig", "op vakantie", "met vakantie", "met verlof", "buiten kantoor",
	// Polish
	"poza biurem", "jestem nieobecn*", "będę nieobecn*", "na urlopie", "przebywam na urlopie", "w delegacji", "nieobecny", "nieobecna",
	// Russian, Ukrainian
	"в отпуске", "в отпуск*", "в командировк*", "отсутствую", "нахожусь вне офиса*", "вне офиса", "нет на рабочем месте", "у відпустці", "у відрядженні", "відсутн*",
	// Turkish
	"ofis dışında*", "ofiste değil*", "izindeyim", "izinde olaca*", "izinliyim", "yıllık izin*", "tatildeyim", "seyahatte*",
	// Arabic, Hebrew, Greek
	"خارج المكتب", "في إجازة", "إجازتي", "في اجازة", "لست في المكتب", "غائب", "مسافر في مهمة", "מחוץ למשרד", "לא במשרד", "בחופשה", "בחופשת", "נעדר", "אינני במשרד", "εκτός γραφείου", "σε άδεια", "απουσιάζω", "λείπω", "θα απουσιάζω", "εκτός έδρας",
	// Nordic and others
	"inte på kontoret", "på semester", "frånvarande", "ikke på kontoret", "på ferie", "ikke til stede", "fraværende", "en ole toimistolla", "lomalla", "poissa", "mimo kancelář*", "na dovolené", "házon kívül", "szabadságon", "nu sunt la birou", "în concediu",
}

// selfPhrases are how an automatic answer calls itself.
var selfPhrases = []string{
	"this is an automatic reply", "this is an automated reply", "this is an automated response", "this is an automatic response", "this is an auto-reply", "this is an auto reply", "this is an autoreply", "this is an automatically generated", "this is an auto-generated", "this message was generated automatically", "this is an automated message", "this is an automatic message", "this is an automatic answer",
	"这是自动回复", "这是一封自动回复", "此为自动回复", "此邮件为自动回复", "本邮件为自动回复", "此邮件由系统自动", "本邮件由系统自动", "這是自動回覆", "此為自動回覆", "此郵件為自動回覆",
	"このメールは自動返信", "自動返信です", "自動的に返信", "自動送信", "자동으로 발송", "thư trả lời tự động",
	"dies ist eine automatische", "diese nachricht wurde automatisch", "diese e-mail wurde automatisch", "automatisch generierte", "ceci est une réponse automatique", "ceci est un message automatique", "esta es una respuesta automática", "este es un mensaje automático",
	"esta é uma resposta automática", "esta é uma mensagem automática", "questa è una risposta automatica", "questo è un messaggio automatico", "dit is een automatisch", "automatisch gegenereerd", "to jest automatyczna odpowiedź", "wiadomość wygenerowana automatycznie",
	"это автоматический ответ", "это автоматическое", "автоматическая рассылка", "це автоматична", "bu otomatik bir", "otomatik olarak gönderil", "هذا رد تلقائي", "هذه رسالة تلقائية", "זוהי תשובה אוטומטית", "זהו מענה אוטומטי",
	"detta är ett automatiskt", "dette er et automatisk", "tämä on automaattinen", "toto je automatická", "ez egy automatikus", "acesta este un răspuns automat",
	"这是来自qq邮箱的", "此邮件是自动回复", "本邮件是自动回复", "이 메일은 자동", "본 메일은 자동", "자동으로 회신", "อีเมลฉบับนี้เป็นการตอบกลับอัตโนมัติ", "นี่คือข้อความตอบกลับอัตโนมัติ", "ini adalah balasan", "ini adalah mesej", "ini adalah pesan", "đây là thư trả lời tự động", "đây là email tự động", "هذا الرد تلقائي", "זו תשובה אוטומטית", "זוהי הודעה אוטומטית", "αυτό είναι ένα αυτόματο", "αυτή είναι μια αυτόματη", "to jest automatyczna", "to automatyczna odpowiedź", "bu bir otomatik",
}

// labelPhrases head an automatic answer's text. Within a sentence they are the words of somebody who has got one.
var labelPhrases = []string{
	"自动回复", "假期自动回复", "系统自动回复", "自动回复邮件", "系統自動回覆", "自動回覆郵件", "自動返信メール", "자동 회신", "자동회신", "자동 응답", "자동 발송", "ตอบกลับอัตโนมัติ", "ข้อความอัตโนมัติ", "อีเมลอัตโนมัติ", "balasan automatik", "mesej automatik", "balasan otomatis", "pesan otomatis", "email otomatis", "trả lời tự động", "email tự động", "automatische antwort", "réponse automatique", "message automatique", "respuesta automática", "resposta automática", "risposta automatica", "automatyczna odpowiedź", "автоматический ответ", "otomatik yanıt", "رد تلقائي", "رد آلي", "הודעה אוטומטית", "תשובה אוטומטית", "מענה אוטומטי", "αυτόματη απάντηση", "αυτόματο μήνυμα", "自動回覆", "auto-reply", "auto reply", "automatic reply", "automated reply", "automatisch antwoord", "自動返信",
}

// confirmPhrases are how another desk's program confirms. They count only in an answer to our acknowledgement
// that came within minutes.
var confirmPhrases = []string{
	"we have received your", "we've received your", "has been received", "thank you for contacting", "thanks for contacting", "thank you for your message", "thank you for your email", "thank you for your e-mail", "we will get back to you", "we'll get back to you", "do not reply", "your request has been", "a ticket has been", "will reply as soon as", "will respond as soon as", "as soon as possible",
	"已收到您的", "我们已收到", "我們已收到", "您的邮件我已收到", "来信已收到", "邮件已收到", "已收到", "会尽快回复", "將盡快回覆", "将尽快回复", "尽快与您联系", "请勿回复", "請勿回覆", "感谢您的来信", "感謝您的來信", "受け付けました", "お問い合わせありがとう", "접수되었습니다", "문의해 주셔서",
	"vielen dank für ihre nachricht", "vielen dank für ihre anfrage", "wir haben ihre", "eingegangen", "merci de nous avoir contact", "nous avons bien reçu", "votre message a bien été", "hemos recibido su", "gracias por contactar", "gracias por su mensaje", "recebemos sua", "recebemos a sua", "obrigado pelo seu contato", "abbiamo ricevuto", "grazie per averci contattato",
	"bedankt voor uw bericht", "wij hebben uw", "otrzymaliśmy", "dziękujemy za", "ваше обращение", "получили ваше", "спасибо за обращение", "mesajınız alınmıştır", "mesajınızı aldık", "talebiniz alın", "لقد تلقينا", "تم استلام", "שלום, קיבלנו", "קיבלנו את", "λάβαμε", "ได้รับข้อความ", "ได้รับอีเมล", "kami telah menerima", "telah kami terima", "chúng tôi đã nhận",
}

// coveringPhrases stand in the sentences that a notice has besides: when the writer is back, whom to ask meanwhile.
var coveringPhrases = []string{
	"please contact", "contact my", "contact our", "you can contact", "you may contact", "be contacted", "reach me", "be reached", "you can reach", "urgent matter", "urgent request", "in urgent cases", "if urgent", "emergency", "emergencies", "in my absence", "during my absence", "my colleague", "back on", "be back", "back in the office", "i return", "i will return", "my return", "will reply", "i will respond", "reply to your", "respond to your", "answer your", "answers", "get back to you", "will be forwarded", "is forwarded", "returning",
	"请联系", "請聯繫", "請聯絡", "请联络", "可联系", "可致电", "紧急事", "緊急事", "急事请", "急事請", "返回", "回来后", "回來後", "后回复", "後回覆", "尽快回复", "盡快回覆", "及时回复", "答复您", "回复您", "回覆您", "收到您的", "已收到", "见谅", "見諒", "谅解", "休假期间", "期间如有",
	"ご連絡", "連絡先", "お急ぎ", "至急", "戻り", "返信", "ご了承", "連絡", "연락", "급한", "긴급", "돌아", "회신", "답변", "ติดต่อ", "ด่วน", "เร่งด่วน", "กลับ", "ตอบ", "hubungi", "kecemasan", "kembali", "membalas", "mendesak", "darurat",
	"liên hệ", "khẩn", "trở lại", "quay lại", "trả lời", "wenden sie sich", "dringenden fällen", "dringende", "in dringend", "erreichbar", "zurück", "antwort", "kontakt", "vertretung", "kolleg", "contacter", "cas d'urgence", "demandes urgentes", "sujets urgents", "retour", "répond", "joindre", "contactar", "contacte", "póngase", "asuntos urgentes", "caso de urgencia", "caso urgente", "si es urgente", "regres", "volver", "vuelta", "respond",
	"contate", "contatar", "urgência", "retorn", "regresso", "contatt", "urgenz", "rientr", "rispond", "contact op", "dringende", "spoed", "terug", "beantwoord", "kontakt", "pilne", "pilnych", "wracam", "wrócę", "powrót", "odpowie", "odpisz", "свяж", "связ", "обращ", "срочн", "вернусь", "возвра", "отвеч", "отвечу",
	"iletişim", "ulaş", "acil", "döne", "dönüş", "yanıtla", "cevap", "للاتصال", "التواصل", "تواصل", "الاتصال", "عاجل", "العودة", "أعود", "سأعود", "الرد", "לפנות", "פנו", "דחוף", "אשוב", "חוזר", "אחזור", "אענה", "επικοινων", "επείγ", "επιστρ", "απαντ",
	"please note", "please be aware", "kindly note", "be advised", "due to", "for your message", "for your email", "for your e-mail", "for contacting", "limited access", "access to", "返岗", "返崗", "回到办公室", "回辦公室", "来信", "來信", "无法查收", "für ihre nachricht", "für ihre e-mail", "pour votre message", "pour votre mail", "por su mensaje", "por su correo", "pela sua mensagem", "per il suo messaggio", "voor uw bericht", "za wiadomość", "за ваше письмо", "за обращение", "mesajınız için", "ขอบคุณสำหรับ", "atas e-mel", "atas email", "đã gửi email", "على رسالت", "על פנייתך", "για το μήνυμά",
}

// greetings open and close a notice.
var greetings = []string{
	"hello", "hi", "hey", "dear", "good morning", "good day", "good afternoon", "greetings", "regards", "kind regards", "best regards", "best wishes", "sincerely", "yours", "cheers", "best", "thanks", "thank you", "many thanks",
	"你好", "您好", "尊敬的", "此致", "敬礼", "祝好", "谢谢", "謝謝", "顺祝", "こんにちは", "お世話になって", "いつもお世話", "敬具", "よろしくお願い", "안녕하세요", "안녕하십니까", "감사합니다", "สวัสดี", "เรียน", "ขอแสดงความนับถือ", "selamat", "salam", "yth", "hormat", "xin chào", "kính gửi", "trân trọng", "chào",
	"guten tag", "hallo", "sehr geehrte", "liebe", "mit freundlichen", "freundliche", "viele grüße", "beste grüße", "bonjour", "madame", "monsieur", "cordialement", "bien à vous", "hola", "buenos", "buenas", "estimad", "saludos", "atentamente", "un saludo", "olá", "ola", "bom dia", "boa tarde", "prezad", "caro", "cara", "atenciosamente", "cumprimentos", "abraço",
	"buongiorno", "salve", "ciao", "gentile", "cordiali", "distinti", "saluti", "beste", "geachte", "goedendag", "met vriendelijke", "groet", "dzień dobry", "witam", "szanown", "z poważaniem", "pozdrawiam", "здравствуйте", "добрый день", "уважаем", "с уважением", "привет", "доброго дня", "merhaba", "sayın", "iyi günler", "saygılarımla", "مرحبا", "السلام عليكم", "تحية", "مع التحية", "عزيزي", "שלום", "בברכה", "לכבוד", "γεια", "καλημέρα", "αγαπητ", "με εκτίμηση",
}

// matterWords name what customers of a desk write about. A text that has one says more than that somebody is away.
var matterWords = []string{
	"card", "my account", "our account", "account number", "account is", "account was", "account has", "money", "payment", "transfer", "refund", "charged", "charges on", "charging me", "stolen", "blocked", "password", "my order", "payout", "invoice", "my balance", "deposit", "withdraw", "unblock", "log in", "login", "fraud", "parcel", "subscription", "the app",
	"卡", "账户", "账号", "帐户", "帳戶", "帳號", "转账", "轉賬", "轉帳", "付款", "退款", "支付", "扣款", "扣了", "订单", "訂單", "到账", "余额", "餘額", "冻结", "凍結", "密码", "密碼", "被盗", "充值", "提现", "我的钱", "钱没", "钱还", "钱被", "钱在", "钱不", "钱去", "錢沒", "錢還", "我的錢",
	"カード", "口座", "入金", "送金", "返金", "支払", "残高", "注文", "ログイン", "パスワード", "카드", "계좌", "송금", "결제", "환불", "입금", "잔액", "주문", "비밀번호", "บัตร", "บัญชี", "เงิน", "โอน", "ชำระ", "คืนเงิน", "kad saya", "akaun", "wang saya", "duit", "bayaran", "kartu", "rekening saya", "uang", "pembayaran", "dana saya", "thẻ", "tài khoản", "tiền", "thanh toán", "chuyển khoản", "hoàn tiền",
	"karte", "konto", "geld", "zahlung", "überweisung", "erstattung", "gesperrt", "passwort", "carte", "mon compte", "le compte", "compte bancaire", "argent", "paiement", "virement", "remboursement", "bloqué", "tarjeta", "mi cuenta", "la cuenta", "dinero", "pago", "transferencia", "reembolso", "bloquead", "cartão", "minha conta", "a conta", "dinheiro", "pagamento", "transferência", "bloquead",
	"mia carta", "la carta", "mio conto", "il conto", "soldi", "denaro", "bonifico", "rimborso", "bloccat", "kaart", "mijn rekening", "rekeningnummer", "betaling", "overschrijving", "terugbetaling", "geblokkeerd", "kart", "konto", "pieniądz", "płatność", "przelew", "zwrot pieni", "zwrotu pieni", "карт", "счет", "счёт", "деньги", "платеж", "платёж", "мой перевод", "перевод не", "перевод дене", "возврат денег", "заблок",
	"hesab", "paramı", "param ", "parayı", "ödeme", "havale", "iade", "بطاق", "حساب", "المال", "أموال", "الدفع", "تحويل", "استرداد", "כרטיס", "חשבון", "כסף", "תשלום", "העברה", "החזר", "κάρτα", "λογαριασμ", "χρήματα", "πληρωμή", "μεταφορά", "επιστροφή χρημάτων",
	// What does not work, is lost, missing or wanted, by language.
	"i need", "i want", "i would like to", "i'd like to", "should i", "what should", "who do i", "how do i", "how can i", "stolen", "i lost", "is lost", "is missing", "is gone", "help me", "please help", "doesn't work", "does not work", "not working", "can't use", "cannot use", "unable to", "refused", "declined", "still waiting", "i tried", "please block", "please change", "please send", "please check", "my phone", "my pin",
	"收不到", "没收到", "没有收到", "失败", "失敗", "怎么", "怎麼", "为什么", "為什麼", "补发", "補發", "帮我", "幫我", "请查", "查一下", "丢了", "丟了", "用不了", "不能用", "着急", "请马上", "請馬上", "退回", "使えません", "できません", "届きません", "紛失", "盗まれ", "困って", "안 됩니다", "안됩니다", "분실", "도난", "도와", "받지 못", "ใช้ไม่ได้", "หาย", "ขโมย", "ไม่ได้รับ", "tidak bisa", "hilang", "dicuri", "belum terima", "belum menerima", "không dùng được", "bị mất", "chưa nhận",
	"geht nicht", "funktioniert nicht", "verloren", "gestohlen", "fehlt", "warum", "ne marche", "ne fonctionne", "perdu", "volé", "pourquoi", "il manque", "no funciona", "perdí", "robaron", "robado", "me falta", "não funciona", "perdi ", "roubad", "non funziona", "ho perso", "rubat", "werkt niet", "kwijt", "gestolen", "ontbreekt", "waarom", "nie działa", "zgubi", "skradzi", "brakuje", "dlaczego",
	"не работает", "потерял", "украли", "почему", "не приш", "не получил", "не працює", "çalışmıyor", "kayboldu", "çalındı", "neden", "gelmedi", "لا تعمل", "لا يعمل", "فقدت", "سرق", "لماذا", "لم يصل", "לא עובד", "איבדתי", "נגנב", "לא הגיע", "δεν λειτουργεί", "έχασα", "κλάπηκε", "γιατί", "δεν έλαβα",
}

// askingPhrases ask the reader for something, by language.
var askingPhrases = []string{
	"please*", "kindly", "could you", "can you", "would you", "will you", "请*", "請*", "麻烦*", "麻煩*", "帮*", "幫*", "能否*", "能不能*", "可否*", "可以吗*", "ください*", "下さい*", "お願い*", "いただけ*", "ほしい*", "欲しい*", "주세요*", "주십시오*", "주시기*", "바랍니다*", "부탁*", "해줘*",
	"ขอเ*", "ขอใ*", "ขอร*", "ขอค*", "ขอก*", "ขอย*", "ขอส*", "ช่วย*", "รบกวน*", "กรุณา*", "โปรด*", "sila", "tolong", "mohon", "harap", "silakan", "minta", "giúp tôi", "giúp mình", "xin hãy", "vui lòng", "làm ơn", "bitte", "könnten sie", "können sie", "ich bitte",
	"merci de", "merci d'*", "veuillez", "prière de", "svp", "s'il vous plaît", "pouvez-vous", "pourriez-vous", "je vous prie", "por favor", "favor de", "ruego*", "les pido", "le pido", "pueden", "podrían", "peço*", "solicito", "podem", "poderiam", "per favore", "per cortesia", "vi prego", "la prego", "si prega di", "potete", "potreste",
	"graag", "gelieve", "alstublieft", "a.u.b", "aub", "wilt u", "kunt u", "proszę", "prosimy", "prośba", "czy mogą", "пожалуйста", "прошу", "просьба", "можете", "будь ласка", "lütfen", "rica ed*", "يرجى", "الرجاء", "أرجو", "ارجو", "من فضلك", "נא", "אנא", "בבקשה", "אבקש", "παρακαλώ", "παρακαλούμε", "μπορείτε",
}

// contactPhrases are what an absence notice asks for: to turn to somebody, to wait, to understand.
var contactPhrases = []string{
	"contact*", "call", "reach", "email", "e-mail", "write to", "direct your", "direct any", "speak", "refer", "note", "be aware", "be advised", "feel free", "allow", "expect", "bear with", "accept my", "phone", "reply to this", "hesitate", "get in touch", "turn to", "dial", "be patient", "be informed",
	"联系*", "聯繫*", "聯絡*", "联络*", "致电*", "致電*", "拨打*", "撥打*", "见谅*", "見諒*", "谅解*", "諒解*", "知悉*", "耐心*", "稍候*", "稍等*", "勿回*", "不要回*", "发邮件至*", "洽*", "请假*", "請假*", "請求*", "連絡*", "問い合わせ*", "問合せ*", "お電話*", "了承*", "お待ち*", "宜しくお願い*", "よろしくお願い*", "연락*", "문의*", "전화*", "양해*", "이해*", "참고*", "기다려*",
	"ติดต่อ*", "โทร*", "อภัย*", "รอ*", "hubungi*", "menghubungi*", "maklum*", "menunggu", "bersabar*", "liên hệ", "liên lạc", "gọi", "thông cảm", "chờ", "wenden*", "kontakt*", "rufen", "anrufen", "schreiben", "beachten", "verständnis", "geduld", "richten", "melden", "contacter", "joindre", "adresser", "noter", "patienter", "appeler", "écrire", "excuser", "agréer", "prendre contact", "contacte*", "póngase*", "comuní*", "diríja*", "escriba*", "llame*", "disculpe*", "tenga en cuenta",
	"contate*", "contato", "contactar", "dirija*", "ligue", "escreva", "aguarde*", "contattare", "contatti*", "rivolge*", "rivolga", "scrivere", "chiamare", "scusare", "contact opnemen", "mailen", "bellen", "terecht", "zich wenden", "kontaktować", "skontaktować", "dzwonić", "pisać", "zwracać", "kierować", "cierpliwość", "wyrozumiałość", "обращ*", "обрат*", "свяж*", "связ*", "звон*", "писать", "пишите", "напишите", "адрес*", "извин*", "звертай*",
	"iletişim*", "ulaş*", "arayın*", "arayabil*", "başvur*", "yazın*", "التواصل", "الاتصال", "تواصل*", "مراسلة", "الانتظار", "לפנות", "פנו", "קשר", "להתקשר", "להמתין", "επικοινων*", "απευθυν*", "καλέστε", "γράψτε", "περιμένετε",
}

// urgentPhrases open the sentence that names the deputy.
var urgentPhrases = []string{
	"urgent*", "emergenc*", "immediate*", "in my absence", "during my absence", "meantime", "colleague*", "紧急*", "緊急*", "急事*", "期间*", "期間*", "同事*", "至急*", "お急ぎ*", "급한*", "긴급*", "ด่วน*", "เร่งด่วน*", "kecemasan", "mendesak", "darurat", "segera", "khẩn*", "dringend*", "vertretung", "kolleg*", "urgence*", "absence", "collègue*", "ausencia", "compañer*", "urgência*", "colega*", "urgenz*", "assenza", "collega*", "spoed*", "pilnych", "pilne*", "nieobecności", "срочн*", "коллег*", "acil*", "عاجل*", "للأمور العاجلة", "דחופ*", "דחוף", "επείγ*", "επειγ*", "απουσία*",
}

// minePhrases say that it is the writer who is to be turned to, or for whom something is to be done.
var minePhrases = []string{
	"contact me", "call me", "reach me", "email me", "e-mail me", "phone me", "write to me", "联系我", "聯絡我", "致电我", "打给我*", "打電話給我*", "给我*", "給我*", "發給我*", "私に*", "こちらに*", "저에게*", "제게*", "ติดต่อฉัน*", "ติดต่อดิฉัน*", "ติดต่อผม*", "โทรหา*", "hubungi saya", "liên hệ với tôi", "gọi cho tôi", "gọi lại", "mich", "mir", "me contacter", "me joindre", "me rappeler", "m'appeler", "rappelez*", "llámenme", "llámeme", "contáctenme", "contactarme", "me ligue*", "me contat*", "mi contatti", "contattarmi", "richiam*", "mij", "ze mną", "со мной", "мне", "beni", "bana", "بي", "معي", "אליי", "איתי", "אלי", "μαζί μου", "με καλέσετε", "me back",
}

// commandVerbs are what a desk is told to do.
var commandVerbs = wordSet("send ship hold stop raise increase deliver change block unblock cancel close open refund pay tell give let make keep use put move delete remove update activate check resend confirm fix explain transfer")

// joins are words that join one sentence to another.
var joins = wordSet("and e y but so because und aber denn weil et mais car donc y pero así mas porém ma però perché maar want omdat ale bo więc и но а поэтому але ve ama fakat çünkü και αλλά γιατί dan tapi tetapi jadi và nhưng nên")

// begins are words that begin a sentence about the writer, in languages that do not put them behind the verb.
var begins = wordSet("i i'm i’m i'll i’ll je j'ai estoy estaré estou estarei jestem я")

// leads are words that may stand before them.
var leads = wordSet("when if as until while since after before that because currently unfortunately presently please note quand lorsque actuellement malheureusement cuando actualmente quando atualmente obecnie niestety сейчас когда к сожалению")
