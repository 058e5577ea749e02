package screen

import "strings"

// clip cuts s to at most n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// fold lower-cases and folds white space.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(clip(s, 2000))), " ")
}

func hasAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// noticeSubjects start the subject of an automatic reply and are followed by a mark or nothing.
var noticeSubjects = []string{
	"automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
	"auto", "auto: re", "vacation", "vacation reply", "vacation response", "on vacation", "away from office", "ooo", "out of office reply",
	"自动回复", "自動回覆", "自动答复", "自動答覆", "自動回复", "自动应答", "外出自动回复", "休假自动回复", "不在办公室", "不在辦公室",
	"automatische antwort", "automatische antwort (abwesenheit)", "autoreply", "réponse automatique", "réponse automatisée", "respuesta automática", "respuesta automatica",
	"resposta automática", "resposta automatica", "risposta automatica", "automatisch antwoord", "automatische beantwoording", "автоответ", "автоматический ответ", "автовідповідь",
	"自動返信", "自動応答", "不在通知", "자동 회신", "자동회신", "자동 응답", "부재중 자동 회신", "automatiskt svar", "automatisk svar", "autosvar", "automaattinen vastaus",
	"odpowiedź automatyczna", "automatyczna odpowiedź", "otomatik yanıt", "otomatik cevap", "trả lời tự động", "balasan otomatis", "automatická odpověď", "automatikus válasz", "răspuns automat",
}

// absenceSubjects start the subject of an absence notice, whatever follows.
var absenceSubjects = []string{
	"out of office", "out of the office", "out-of-office", "i am out of the office", "i'm out of the office", "abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheit", "abwesend",
	"absence du bureau", "absent du bureau", "message d'absence", "fuera de la oficina", "fuera de oficina", "ausencia", "fora do escritório", "ausência do escritório",
	"fuori sede", "assenza dall'ufficio", "afwezig", "afwezigheid", "вне офиса", "нет на работе", "отсутствую", "不在のお知らせ", "不在にしております", "부재중", "frånvarande", "frånvaro", "fravær", "poissa", "poza biurem", "nieobecność",
	"休假通知", "外出通知", "出差通知", "请假通知",
}

// noticeTexts stand in the first lines of an automatic answer to a mail.
var noticeTexts = []string{
	"i am out of the office", "i'm out of the office", "i will be out of the office", "i am currently out of", "i'm currently out of", "i am away from the office", "currently out of office", "out of office until",
	"i am on annual leave", "i'm on annual leave", "i am on vacation", "i'm on vacation", "i am on leave", "with limited access to email", "limited access to my email", "no access to my email",
	"this is an automatic reply", "this is an automated reply", "this is an automated response", "this is an automatic response", "this is an auto-reply", "this is an auto reply", "this is an automatically generated", "this is an auto-generated",
	"这是自动回复", "这是一封自动回复", "此为自动回复", "此邮件为自动回复", "本邮件为自动回复", "自动回复：", "自动回复:", "【自动回复】", "[自动回复]", "这是来自qq邮箱的假期自动回复邮件", "假期自动回复", "系统自动回复", "我正在休假", "我目前不在办公室", "我现在不在办公室", "我暂时无法及时回复",
	"這是自動回覆", "此為自動回覆", "我目前不在辦公室", "我正在休假中",
	"ich bin derzeit nicht im büro", "ich bin zurzeit nicht im büro", "ich bin bis", "ich befinde mich im urlaub", "dies ist eine automatische antwort", "diese nachricht wurde automatisch", "bin ich nicht erreichbar",
	"je suis absent", "je suis actuellement absent", "je suis en congé", "ceci est une réponse automatique", "estoy fuera de la oficina", "estaré fuera de la oficina", "esta es una respuesta automática",
	"estou fora do escritório", "estou de férias", "esta é uma resposta automática", "sono fuori sede", "sono assente", "questa è una risposta automatica", "ik ben afwezig", "ik ben momenteel afwezig", "dit is een automatisch",
	"я в отпуске", "нахожусь в отпуске", "это автоматический ответ", "このメールは自動返信", "自動返信です", "不在にしております", "자동 회신", "부재중입니다",
}

// bounceSubjects are words in the subjects of delivery reports.
var bounceSubjects = []string{
	"undelivered mail", "undeliverable", "undelivered", "undeliver", "delivery status notification", "delivery failure", "delivery notification", "delivery report", "delivery has failed", "delivery failed", "delivery delayed",
	"mail delivery", "message delivery", "failure notice", "failure notification", "failed mail", "failure delivery", "mail failure", "mail failed", "mail error", "mail system error", "mail status report", "mail not delivered", "not delivered",
	"returned mail", "returned to sender", "return to sender", "returned e-mail", "returned message", "nondeliverable", "non-delivery", "nondelivery", "non delivery", "non remis", "could not be delivered", "could not send message", "couldn't be delivered",
	"cannot be delivered", "unable to deliver", "undeliverable mail", "user unknown", "unknown user", "unknown recipient", "bounced mail", "bounce message", "delivery error", "delivery problem", "delivery incomplete", "message status", "message not delivered", "smtp error",
	"warning: could not send", "warning: message", "dsn:", "ndn:", "status de la remise", "notification d'échec", "échec de la remise", "non remis :", "unzustellbar", "unzustellbare", "zustellung fehlgeschlagen", "nicht zustellbar", "mailzustellung", "rückläufer",
	"no se puede entregar", "no entregado", "devuelto", "não entregue", "não foi possível entregar", "mancato recapito", "impossibile recapitare", "niet bezorgd", "onbestelbaar", "не доставлено", "недоставленное", "недоставлено", "сообщение не доставлено",
	"退信", "系统退信", "邮件投递失败", "投递失败", "无法投递", "未送达", "無法傳遞", "無法投遞", "投遞失敗", "退回", "配信不能", "配信エラー", "送信エラー", "配送失敗", "メール配信", "エラー通知", "배달 실패", "전송 실패", "반송",
	"mailbox unavailable", "mail could not be", "error sending", "message undeliverable", "permanent delivery", "failed delivery", "email delivery", "recipient rejected", "delivery to the following",
}

// bounceWords are words in the texts of delivery reports.
var bounceWords = []string{
	"could not be delivered", "couldn't be delivered", "cannot be delivered", "can not be delivered", "was not delivered", "wasn't delivered", "not been delivered", "not be delivered", "unable to deliver", "undeliverable", "undelivered",
	"delivery to the following", "delivery failed", "delivery failure", "delivery has failed", "delivery status notification", "failed to deliver", "failed permanently", "permanent failure", "permanent error", "permanent fatal errors", "fatal error", "transient non-fatal",
	"user unknown", "unknown user", "no such user", "user not found", "recipient not found", "unknown recipient", "recipient address rejected", "does not exist", "mailbox unavailable", "mailbox full", "mailbox is full", "over quota", "quota exceeded", "exceeded its quota", "mailbox not found",
	"final-recipient:", "diagnostic-code:", "reporting-mta:", "original-recipient:", "remote host said", "said: 5", "smtp error", "smtp; 5", "(#5.", "550 5.", "554 5.", "550 ", "host not found", "host unknown", "returned mail", "returned to sender", "return to sender", "bounced",
	"the following address", "following recipients", "following recipient", "your message did not reach", "did not reach", "message has been rejected", "mail system at host", "mail delivery system", "message was rejected", "rejected your message", "has been blocked",
	"could not deliver", "couldn't deliver", "not able to deliver", "problems delivering", "retry timeout exceeded", "relay access denied", "unrouteable", "unroutable", "address error", "bad address", "invalid address", "invalid recipient", "inactive", "expired", "message could not be sent",
	"退信", "投递失败", "无法投递", "未能送达", "无法送达", "被退回", "收件人不存在", "無法傳遞", "無法投遞", "配信できません", "配信されません", "送信できません", "届けることができません", "宛先不明", "nicht zugestellt", "unzustellbar", "n'a pas pu être", "no se pudo entregar", "não foi entregue", "impossibile recapitare",
	"не может быть доставлено", "не было доставлено", "не удалось доставить", "배달되지",
}

// optWords are the whole texts of short messages with which a customer leaves or comes back.
// "help" is not among them: to a service desk it is a cry for help.
var optWords = map[string]string{
	"stop": "stop", "stopall": "stop", "stop all": "stop", "unsubscribe": "stop", "optout": "stop", "opt out": "stop", "opt-out": "stop", "revoke": "stop", "arret": "stop", "baja": "stop",
	"退订": "stop", "退訂": "stop", "取消订阅": "stop", "取消訂閱": "stop", "td": "stop", "t": "stop", "tdhf": "stop", "回t": "stop", "拒收": "stop",
	"start": "start", "unstop": "start", "subscribe": "start", "订阅": "start", "訂閱": "start", "恢复接收": "start",
}

// carrierWords make a carrier or Twilio stop deliveries, though the customer may have meant an
// order: no message can be sent any more, but a ticket is opened.
var carrierWords = map[string]bool{"cancel": true, "end": true, "quit": true}
