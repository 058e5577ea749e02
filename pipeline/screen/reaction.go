package screen

import (
	"slices"
	"strings"
	"unicode"

	"frontdesk/pipeline/words"
)

// A reaction says that somebody has read and likes what we wrote; a receipt says that he has read it. Neither asks
// for anything, so neither opens a ticket nor opens one again.

// reacted recognises a reaction: Gmail's part, the sentence of Outlook, Gmail or a telephone with the text that it
// is about, or an answer of nothing but friendly signs.
func (c *check) reacted() bool {
	for _, a := range c.m.Attachments {
		if strings.EqualFold(a.MediaType, "text/vnd.google.email-reaction+json") {
			c.is(Reaction, "a mail program's reaction")
			return true
		}
	}
	if len(c.m.Attachments) > 0 || c.text == "" {
		return false
	}
	switch {
	case c.mail() && !c.answers() && !reactionSubject(c.subject), !friendly(c.text) && !tapback(c.text):
		return false
	case !c.mail() && !c.f.TicketReference && friendly(c.text): // we have written nothing: it is how a talk begins
		return false
	}
	c.is(Reaction, "nothing but a reaction to what we wrote")
	return true
}

// friendly reports whether a text is nothing but signs of thanks and consent. Others, such as a question mark, a
// broken heart or an SOS, ask for something.
func friendly(text string) bool {
	signs := 0
	for _, r := range text {
		switch {
		case friendlySign(r):
			signs++
		case unicode.IsSpace(r) || r == '\ufe0f' || r == '\ufe0e' || r == '\u200d' || r >= 0x1f3fb && r <= 0x1f3ff || r == '!' || r == '.':
		default:
			return false
		}
	}
	return signs > 0 && signs <= 12
}

const friendlySigns = "👍👌🙏❤♥💙💚💛🧡💜🖤🤍😊🙂😀😃😄😁😆🎉✅✔👏💯🌹🤝😍🥰💪😂🙌☺🤗😉😘👋✌🫡🫶⭐🌟💐"

// friendlySign reports whether a character is such a sign. Letters, which nearly all characters are, are none at a glance.
func friendlySign(r rune) bool {
	return r >= 0x2600 && !words.Han(r) && strings.ContainsRune(friendlySigns, r)
}

// tapback recognises the sentences by which programs tell a reaction to who cannot see it: `Liked “Your ticket…”`,
// `👍 to “…”`, "Kim reacted to your message: 👍", "Kim reacted via Gmail".
func tapback(text string) bool {
	if len(text) > 1000 {
		return false
	}
	for _, p := range tapbacks {
		if rest, ok := strings.CutPrefix(text, p); ok && quoted(rest) {
			return true
		}
	}
	return len(text) <= 300 && strings.ContainsFunc(text, friendlySign) && len(strings.Fields(text)) <= 16 && !strings.ContainsAny(text, "?？") && !matter(text) && reactions.In(text, nil)
}

// quoted reports whether a text is a quotation and nothing behind it.
func quoted(s string) bool {
	s = strings.TrimSpace(s)
	for _, marks := range [][2]string{{"“", "”"}, {"\"", "\""}, {"«", "»"}, {"„", "“"}, {"「", "」"}, {"”", "”"}} {
		if strings.HasPrefix(s, marks[0]) && (strings.HasSuffix(s, marks[1]) || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...")) && len(s) > len(marks[0])+len(marks[1]) {
			return true
		}
	}
	return slices.Contains([]string{"an image", "a photo", "a message", "an attachment", "a link"}, s)
}

// tapbacks are the first words of a telephone's reaction, before the text that it is about.
var tapbacks = []string{
	"liked ", "loved ", "laughed at ", "emphasized ", "emphasised ", "disliked ", "👍 to ", "👍🏻 to ", "❤️ to ", "❤ to ", "😂 to ", "😮 to ", "🙏 to ", "👍 ", "❤️ ", "reacted 👍 to ", "reacted ❤️ to ", "reacted 😂 to ", "reacted 🙏 to ",
	"赞了", "喜欢了", "觉得很赞：", "「いいね」しました：", "gefällt ", "hat gefallen: ", "a aimé ", "a adoré ", "le gustó ", "le encantó ", "curtiu ", "amou ", "ha messo mi piace a ", "vond leuk: ", "polubił ", "лайк ", "beğendi: ", "أعجب بـ ", "אהב/ה ", "άρεσε ",
}

// reactions are how programs tell one, beside its sign.
var reactions = words.NewList("通过 gmail", "通过gmail", "透過 gmail", "ha reaccionado", "reagiu", "ha reagito", "отреагировал", "zareagował", "tepki verdi", "gereageerd", "bày tỏ cảm xúc", "リアクション", "반응", "memberikan reaksi", "bereaksi", "แสดงความรู้สึก", "تفاعل", "הגיב", "αντέδρασε", "reacted to your message", "reacted via gmail", "reacted to your email", "reacted with", "reacted to:", "对你的邮件做出了回应", "对您的邮件做出了回应", "对您的消息做出了反应", "对你的消息做出了反应", "對您的訊息做出回應", "對您的郵件做出反應",
	"さんがリアクション", "にリアクションしました", "님이 반응", "반응을 보였습니다", "hat auf ihre nachricht reagiert", "hat auf deine nachricht reagiert", "hat über gmail reagiert", "a réagi à votre message", "a réagi via gmail", "ha reaccionado a tu mensaje", "reaccionó a tu mensaje", "reaccionó a su mensaje", "reagiu à sua mensagem", "reagiu à mensagem", "ha reagito al tuo messaggio",
	"heeft gereageerd op uw bericht met", "zareagował na", "zareagowała na", "отреагировал на", "отреагировала на", "mesajınıza tepki", "تفاعل مع رسالتك", "הגיב/ה להודעה", "αντέδρασε στο μήνυμ", "แสดงความรู้สึกต่อข้อความ", "bereaksi terhadap pesan", "bertindak balas terhadap mesej", "đã bày tỏ cảm xúc", "đã phản ứng với tin nhắn")

func reactionSubject(subject string) bool { return reactions.In(subject, nil) }

// subjectFollows reports whether a heading goes on with the subject of what was read, as receipts' headings do.
func subjectFollows(rest string) bool {
	for _, mark := range []string{":", "：", " :", " ：", " -", " –"} {
		if tail, ok := strings.CutPrefix(rest, mark); ok {
			return strings.TrimSpace(tail) != ""
		}
	}
	return false
}

// receipt recognises a read receipt that is no RFC 8098 report: the heading of a receipt over its sentence.
func (c *check) receipt() bool {
	return headed(c.subject, receipted, subjectFollows) && receipts.In(clip(c.text, 800), nil) && !c.wants()
}

var receiptTags = []string{
	"read", "read receipt", "return receipt", "return receipt (displayed)", "disposition notification", "message read", "not read", "deleted", "已读", "已读回执", "阅读回执", "读取回执", "未读", "已讀", "讀取回條", "已讀回條", "开封通知", "開封済み", "開封確認", "開封通知", "読み取り確認", "읽음", "읽음 확인", "อ่านแล้ว", "dibaca", "telah dibaca", "đã đọc", "xác nhận đã đọc",
	"gelesen", "lesebestätigung", "empfangsbestätigung (angezeigt)", "ungelesen", "lu", "accusé de lecture", "accusé de réception", "leído", "leido", "confirmación de lectura", "acuse de lectura", "lida", "lido", "lidas", "confirmação de leitura", "recibo de leitura", "letto", "conferma di lettura", "ricevuta di ritorno", "gelezen", "leesbevestiging",
	"przeczytano", "potwierdzenie odczytu", "прочитано", "прочтено", "уведомление о прочтении", "подтверждение прочтения", "okundu", "okundu bilgisi", "مقروء", "تمت القراءة", "إشعار قراءة", "נקרא", "אישור קריאה", "αναγνώστηκε", "αναγνωσμένο", "απόδειξη ανάγνωσης", "läst", "läskvitto", "læst", "lest", "luettu", "přečteno", "olvasva", "citit",
}

var receipts = words.NewList("was read on", "was read by", "was displayed on", "has been read", "has been displayed", "was deleted without being read", "this is a return receipt", "this is a receipt for the mail", "read your message", "已被阅读", "已阅读", "已于", "已被打开", "已讀取", "已被讀取", "この受信確認は", "開封されました", "読まれました", "表示されました", "읽었습니다", "읽음", "ถูกอ่าน", "อ่านเมื่อ", "telah dibaca", "dibaca pada", "đã được đọc", "đã đọc",
	"wurde gelesen", "gelesen am", "angezeigt wurde", "wurde am", "a été lu", "a été affiché", "fue leído", "ha sido leído", "se leyó", "foi lida", "foi lido", "è stato letto", "è stata letta", "is gelezen", "werd gelezen", "została przeczytana", "została odczytana", "было прочитано", "прочитано", "прочтено", "okundu", "tarihinde oku", "تمت قراءة", "تم قراءة", "نقرئت", "נקראה", "נקרא", "αναγνώσθηκε", "διαβάστηκε", "lästes", "blev læst", "ble lest", "on luettu", "byla přečtena")
