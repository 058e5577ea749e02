package acknowledge

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

// signs are words of a machine's confirmation. A person may use one of them; so on their own they
// withhold nothing. They only keep two desks that know no loop headers from answering each other
// for ever: the same robot-like text is answered once a day and domain.
var signs = []string{
	"we have received your", "we've received your", "has been received", "your request has been", "ticket has been", "case has been",
	"ticket number", "case number", "ticket id", "reference number is", "reference:", "thank you for contacting", "thanks for contacting",
	"thank you for your message", "thank you for your e-mail", "thank you for your email", "automatic", "automated", "auto-reply", "autoreply",
	"thanks for reaching out", "thank you for reaching out", "we will get back to you", "we'll get back to you", "will get back to you as soon as",
	"do not reply", "out of office", "out of the office", "on vacation", "on annual leave", "currently away",
	"自动回复", "自动答复", "自動回覆", "自動回復", "系统自动", "系統自動", "请勿回复", "請勿回覆", "已收到您的", "我们已收到", "我們已收到", "工单号", "工單號",
	"工单编号", "受理编号", "感谢您的来信", "感謝您的來信", "感谢您的联系", "不在办公室", "休假",
	"vielen dank für ihre nachricht", "vielen dank für ihre anfrage", "wir haben ihre", "anfrage eingegangen", "ticketnummer", "vorgangsnummer",
	"merci de nous avoir contact", "nous avons bien reçu", "votre demande a été", "numéro de ticket", "réponse automatique",
	"gracias por contactar", "hemos recibido su", "su solicitud ha sido", "número de ticket", "respuesta automática",
	"obrigado pelo seu contato", "recebemos sua", "abbiamo ricevuto", "grazie per averci contattato",
	"お問い合わせありがとう", "受け付けました", "自動返信", "自動送信", "접수되었습니다", "자동 회신", "ваше обращение", "автоматический ответ",
}

// RobotLike reports whether a message is worded like a machine's confirmation or notice.
func RobotLike(subject, text string) bool {
	if len(text) > 2000 {
		text = text[:2000]
	}
	return robotSigns.In(message.Lower(subject+"\n"+text), nil)
}

var robotSigns = words.NewList(signs...)

// providers give mailboxes to everyone: that two senders share such a domain says nothing.
var providers = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com", "me.com", "mac.com", "aol.com",
	"proton.me", "protonmail.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "mail.com", "mail.ru", "yandex.com", "yandex.ru", "naver.com", "zoho.com",
	"qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn",
	"googlegroups.com", "wo.cn", "aliyun.com", "tom.com", "21cn.com", "hinet.net", "netvigator.com", "pchome.com.tw",
}

// SharedDomain reports whether a domain is a mail provider's: that two addresses share it says nothing.
func SharedDomain(domain string) bool {
	return slices.Contains(providers, domain) || strings.HasPrefix(domain, "yahoo.") || strings.HasPrefix(domain, "hotmail.")
}
