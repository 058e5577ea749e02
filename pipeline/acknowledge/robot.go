package acknowledge

import "strings"

// signs are words of a machine's confirmation. A person may use one of them; so on their own they
// withhold nothing. They only keep two desks that know no loop headers from answering each other
// for ever: the same robot-like text is answered once a day and domain.
var signs = []string{
	"we have received your", "we've received your", "has been received", "your request has been", "ticket has been", "case has been",
	"ticket number", "case number", "ticket id", "reference number is", "reference:", "thank you for contacting", "thanks for contacting",
	"thank you for your message", "thank you for your e-mail", "thank you for your email", "automatic", "automated", "auto-reply", "autoreply",
	"do not reply", "out of office", "out of the office", "on vacation", "on annual leave", "currently away",
	"自动回复", "自动答复", "自動回覆", "自動回復", "系统自动", "系統自動", "请勿回复", "請勿回覆", "已收到您的", "我们已收到", "我們已收到", "工单号", "工單號",
	"工单编号", "受理编号", "感谢您的来信", "感謝您的來信", "感谢您的联系", "不在办公室", "休假",
}

// RobotLike reports whether a message is worded like a machine's confirmation or notice.
func RobotLike(subject, text string) bool {
	if len(text) > 2000 {
		text = text[:2000]
	}
	words := strings.ToLower(subject + "\n" + text)
	for _, s := range signs {
		if strings.Contains(words, s) {
			return true
		}
	}
	return false
}
