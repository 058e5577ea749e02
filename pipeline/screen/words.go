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
	"не может быть доставлено", "не было доставлено", "не удалось доставить", "배달되지", "메일을 보낼 수 없습니다", "이 전송되지",
	// What Exchange writes over its list of recipients, by language.
	"échec de la remise", "error en la entrega", "recapito non è riuscito", "falha na entrega", "bezorging is mislukt", "nie można dostarczyć wiadomości", "сбой доставки", "teslim başarısız", "配信に失敗しました", "배달하지 못했습니다", "传递邮件", "无法传递", "فشل التسليم", "המסירה", "η παράδοση απέτυχε", "không thành công", "การส่งไปยังผู้รับ", "pengiriman ke penerima",
}

// reportSubjects are the headings of delivery reports, as mail systems write them.
var reportSubjects = []string{
	"undelivered mail", "undelivered message", "undeliverable", "undeliverable mail", "undeliverable message", "undelivered", "mail undeliverable", "message undeliverable", "delivery status notification", "delivery status", "delivery failure", "delivery has failed", "delivery failed", "delivery delayed", "delivery notification",
	"delivery report", "delivery error", "delivery problem", "delivery incomplete", "delivery unsuccessful", "mail delivery failed", "mail delivery failure", "mail delivery problem", "mail delivery system", "mail delivery subsystem", "mail delivery error", "mail delivery status", "mail delivery delayed", "mail delivery", "message delivery failure", "message delivery",
	"message delivery status", "message not delivered", "message could not be delivered", "message status", "your message could not be delivered", "your message wasn't delivered", "your message was not delivered", "your mail could not be delivered", "your email could not be delivered", "failure notice", "failure notification", "failed mail", "failed delivery", "failure delivery", "email delivery failure",
	"mail failure", "mail failed", "mail error", "mail system error", "mail status report", "mail not delivered", "mail could not be delivered", "email could not be delivered", "returned mail", "returned to sender", "returned e-mail", "returned email", "returned message", "return to sender", "nondeliverable", "non-delivery", "nondelivery", "non delivery", "non-deliverable", "non remis", "could not send message", "bounced mail", "bounce message",
	"user unknown", "unknown user", "unknown recipient", "recipient rejected", "smtp error", "warning: could not send message", "warning: message", "permanent delivery failure", "permanent delivery error", "error sending", "unable to deliver", "dsn", "ndn", "ndr", "delivery to the following recipient",
	"unzustellbar", "unzustellbare", "unzustellbare nachricht", "zustellung fehlgeschlagen", "nicht zustellbar", "mailzustellung", "rückläufer", "benachrichtigung zum übermittlungsstatus", "benachrichtung zum übermittlungsstatus", "status de la remise", "notification d'état de la remise", "notification d'échec", "échec de la remise", "échec de remise", "non remis", "message non remis", "courrier non remis",
	"no se puede entregar", "no entregado", "no se ha podido entregar", "correo devuelto", "mensaje devuelto", "notificación de estado de entrega", "não entregue", "não foi possível entregar", "mensagem não entregue", "mancato recapito", "impossibile recapitare", "non recapitabile", "niet bezorgd", "onbestelbaar", "не доставлено", "недоставленное", "недоставлено", "сообщение не доставлено", "недоставленное сообщение",
	"退信", "系统退信", "退信通知", "邮件投递失败", "邮件退信", "投递失败", "无法投递", "邮件未送达", "未送达", "邮件被退回", "邮件退回", "邮件发送失败", "未送達", "無法傳遞", "無法投遞", "投遞失敗", "郵件無法傳遞", "配信不能", "配信エラー", "送信エラー", "配送失敗", "メール配信", "エラー通知", "メールエラー", "배달 실패", "전송 실패", "메일 반송", "반송",
	"teslim edilemedi", "iletilemedi", "không gửi được", "không thể gửi", "nie dostarczono", "niedostarczone", "nie można dostarczyć", "nedoručiteln", "kézbesíthetetlen", "не удается доставить", "не удалось доставить", "не вдалося доставити", "배달되지 않음", "배달할 수 없음", "메일 전송 실패", "메일 발송 실패", "未传递", "无法送达", "未傳遞", "無法送達", "配信できませんでした", "メッセージを配信できません", "غير قابل للتسليم", "تعذر التسليم", "لم يتم التسليم", "לא ניתן למסירה", "לא נמסר",
	"δεν παραδόθηκε", "ανεπίδοτο", "δεν είναι δυνατή η παράδοση", "ไม่สามารถส่งได้", "ส่งไม่สำเร็จ", "tidak terkirim", "tidak dapat terkirim", "tidak dapat dikirim", "tidak dapat dihantar", "gagal dihantar", "kan niet worden bezorgd", "olevererbart", "kan ikke leveres", "toimittamatta", "notice: mail delivery status",
}

// reportOpenings are sentences that well-known mail systems begin or head their reports with, by the system: they
// are no sentences of a customer's.
var reportOpenings = []string{
	"this is the mail system at host", "this is the mail delivery system", "this message was created automatically by mail delivery software", "this message was created automatically by the mail system", "this is the qmail-send program", "this is the machine generated message", "this is an automatically generated delivery status notification", "this report relates to a message you sent",
	"i'm afraid i wasn't able to deliver your message", "i wasn't able to deliver your message", "i'm sorry to have to inform you", "the original message was received at", "transcript of session follows", "the following addresses had permanent fatal errors", "the following addresses had delivery problems", "the following addresses had transient", "the following address(es) failed",
	"delivery to the following recipient failed permanently", "delivery to the following recipients failed", "delivery has failed to these recipients", "delivery to the following address", "your message did not reach some or all of the intended recipients", "your message cannot be delivered to the following recipients", "your message could not be delivered to the following", "your message to the following recipients",
	"the following recipient(s) could not be reached", "the following recipients could not be reached", "the following message to <", "could not be delivered to one or more of its recipients", "could not be delivered to one or more recipients", "this is a permanent error", "i've given up. sorry it didn't work out", "a message that you sent could not be delivered", "a message that you have sent could not be delivered", "your mail message to the following address",
	"message from yahoo", "unable to deliver message to the following address", "unable to deliver message to <", "the mail system\n", "reason for failure", "remote host said:", "failed to deliver to '", "message could not be delivered due to", "<<< no message collected >>>", "generating server:", "diagnostic information for administrators", "undeliverable to the following", "recipient's mailbox is full",
	"抱歉，您的邮件被退回来了", "很抱歉，您发送的邮件", "您的邮件被退回", "未能投递到以下收件人", "邮件无法投递到", "以下收件人的邮件地址", "您发送的邮件未能送达", "您的邮件未送达", "您的電子郵件無法傳遞", "退信原因", "退信代码", "原始邮件信息", "以下のメールアドレスへの配信", "下記の宛先", "以下の宛先", "次の受信者に配信できません", "ihre nachricht konnte nicht an", "die zustellung an folgende empfänger", "diese nachricht wurde automatisch vom", "le message n'a pas pu être remis", "votre message n'a pas pu être", "no se ha podido entregar el mensaje", "não foi possível entregar sua mensagem",
	"this is the dragonfly mail agent", "there was an error delivering your mail to <", "this is the mailer-daemon, please do not reply", "an error has occurred while attempting to deliver a message", "was not delivered to:", "did not reach the following recipient", "could not be delivered to: <", "送信先のメールボックス", "あて先へのメール", "impossibile recapitare il messaggio", "сообщение не может быть доставлено", "ваше сообщение не может быть доставлено",
}

// mailboxPhrases are what mail servers say about a mailbox, a host or a mail. Payments, cards and parcels have none of
// them: they are returned, refused and not delivered in other words.
var mailboxPhrases = []string{
	"user unknown", "unknown user", "no such user", "user not found", "user doesn't exist", "user does not exist", "unknown local", "not a valid user", "unknown recipient", "recipient unknown", "recipient not found", "recipient rejected", "recipient address", "invalid recipient", "no such recipient", "bad recipient", "unknown address", "address unknown", "address rejected", "address error", "bad address", "no such address", "addressee unknown",
	"mailbox", "mail box", "mailaddress", "over quota", "quota exceeded", "exceeded its quota", "exceeded storage", "relay access denied", "relaying denied", "unable to relay", "not permitted to relay", "host unknown", "host not found", "unknown host", "domain not found", "domain does not exist", "no mx", "mail server", "mail exchanger", "mail loop", "hop count", "too many hops", "unrouteable", "unroutable", "retry timeout", "no route to host",
	"connection refused", "connection timed out", "spam", "blacklist", "blocklist", "blocked using", "spf", "dmarc", "message refused", "message rejected", "mail rejected", "sender rejected", "sender address", "sender denied", "requested action", "requested mail action", "transaction failed", "service unavailable", "message size", "message too large", "content rejected", "access denied", "policy", "remote host said", "smtp",
	"收件人", "用户不存在", "邮箱", "邮件", "郵箱", "信箱", "郵件", "宛先", "メールボックス", "사용자", "메일함", "empfänger", "postfach", "destinataire", "destinatario", "destinatário", "casella", "buzón", "postvak", "geadresseerde", "adresat", "skrzynka", "получател", "почтов", "alıcı", "posta kutusu",
}
