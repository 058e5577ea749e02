package screen

import "testing"

// TestPeopleWhoWriteLikeServers: through lists that hand on what they write, with the words of refusals, and programs
// whose events are of payments and parcels.
func TestPeopleWhoWriteLikeServers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, fname, subject, text string
		h                                []string
	}{
		{"a customer's list that rewrites From", "team@customer.example", "Anna via Team", "My payment", "My payment was rejected twice.", []string{"List-Id", "<team.customer.example>"}},
		{"a Google Group that rewrites From", "team@customer.example", "'Anna' via Team", "card", "The parcel is being held by customs.", []string{"List-Id", "Team <team.customer.example>", "X-Original-From", "anna@customer.example"}},
		{"an admin whose mails can be unsubscribed", "shop-admin@customer.example", "Anna", "login", "I am not permitted to post a transfer, it says not a member.", []string{"List-Unsubscribe", "<mailto:x@y>"}},
		{"an owner whose mails can be unsubscribed", "site-owner@customer.example", "Anna", "transfer", "My transfer has been rejected", []string{"List-Unsubscribe", "<https://x>"}},
		{"a help address", "it-help@customer.example", "IT", "refund", "Refund was rejected, unrecognized command in the app", []string{"List-Unsubscribe", "<https://x>"}},
		{"a request address", "order-request@customer.example", "Bo", "order", "Your post to our address is being held", []string{"List-Unsubscribe", "<https://x>"}},
		{"somebody at lists@", "lists@customer.example", "Bo", "order", "The order was rejected", []string{"List-Id", "<x.y>"}},
		{"a payment's event", "alerts@customer.example", "Bo", "bug", "{\"status\":\"failed\",\"type\":\"payment\"}", nil},
		{"a failed amount", "api@customer.example", "Bo", "bug", "{\"event\":\"failed\",\"amount\":3}\n", nil},
		{"a parcel's event", "delivery@shop.example", "Bo", "parcel", "{\"status\":\"delivered\",\"parcel\":\"123\",\"question\":\"where is it\"}", nil},
		{"an order's event", "bot@shop.example", "Bo", "order", "{\"event\":\"rejected\",\"order\":\"77\",\"reason\":\"payment\"}", nil},
		{"a person with the heading of a report", "anna@customer.example", "Anna", "Report domain: my card was used on x", "please", nil},
	} {
		m := mailOf(c.from, "", c.subject, c.text)
		m.From.Name = c.fname
		for i := 0; i+1 < len(c.h); i += 2 {
			field(c.h[i], c.h[i+1])(&m)
		}
		if got := Check(m, Facts{}, settings); got.Park != "" {
			t.Errorf("%s: %+v %v", c.name, verdictOf(got), got.Reasons)
		}
	}
}

// TestReactionsByLanguage: the sign stands beside the sentence.
func TestReactionsByLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		subject, text string
		answer, want  bool
	}{
		{"Re: Your ticket", "👍 Kim Li reacted via Gmail", true, true},
		{"Re: 工单", "👍\n\n李明 通过 Gmail 做出了回应", true, true},
		{"Re: Ticket", "❤️ Anna hat über Gmail reagiert", true, true},
		{"Re: x", "👍 Anna ha reaccionado mediante Gmail", true, true},
		{"Re: x", "👍 Anna reagiu pelo Gmail", true, true},
		{"Re: x", "👍 Anna ha reagito tramite Gmail", true, true},
		{"Re: x", "👍 Анна отреагировала через Gmail", true, true},
		{"Re: x", "👍 Anna zareagowała przez Gmaila", true, true},
		{"Re: x", "👍 Anna, Gmail üzerinden tepki verdi", true, true},
		{"Re: x", "👍 Anna heeft gereageerd via Gmail", true, true},
		{"Re: x", "👍 Anna đã bày tỏ cảm xúc qua Gmail", true, true},
		{"Re: x", "👍 Anna さんが Gmail でリアクションしました", true, true},
		{"Re: x", "👍 Anna님이 Gmail을 통해 반응했습니다", true, true},
		{"Re: x", "OK👌", true, false},
		{"Re: x", "谢谢👍", true, false},
		{"Re: x", "👎", true, false},
		{"Re: x", "😡", true, false},
		{"Re: x", "👍?", true, false},
		{"Re: x", "Anna reacted to your message: my card is gone", true, false},
		{"Re: x", "Nobody reacted to your message about my card", true, false},
		{"Re: x", "He reacted with anger", true, false},
		{"Re: x", "Bitte, niemand hat auf Ihre Nachricht reagiert", true, false},
	} {
		m := mailOf("anna@customer.example", "", c.subject, c.text)
		if c.answer {
			m.InReplyTo = []string{"x@desk.example"}
		}
		if got := Check(m, Facts{}, settings); (got.Kind == Reaction) != c.want {
			t.Errorf("%q: %+v", c.text, verdictOf(got))
		}
	}
}

// TestReceiptsByLanguage: the heading goes on with the subject of what was read.
func TestReceiptsByLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		subject, text string
		want          bool
	}{
		{"Read: my complaint of Monday", "It was read on Monday, and nobody answers. Where is my money?", false},
		{"Deleted: my account", "My account was deleted without being read, why?", false},
		{"Not read: Ticket", "Your message was deleted without being read on Monday.", true},
		{"Lido: Pedido", "A sua mensagem foi lida em segunda.", true},
		{"Gelezen: Vraag", "Uw bericht is gelezen op maandag.", true},
		{"Okundu: Talep", "İletiniz okundu.", true},
		{"อ่านแล้ว: คำขอ", "ข้อความของคุณถูกอ่านเมื่อวันจันทร์", true},
		{"Đã đọc: Yêu cầu", "Thư của bạn đã được đọc.", true},
		{"Dibaca: Permintaan", "Pesan Anda telah dibaca.", true},
		{"مقروء: طلب", "تمت قراءة رسالتك.", true},
		{"נקרא: פנייה", "ההודעה שלך נקראה.", true},
		{"Αναγνώστηκε: Αίτημα", "Το μήνυμα διαβάστηκε.", true},
		{"未读", "我的未读短信已于昨天消失", false},
		{"已读不回", "消息已被阅读，但没人回复，我的钱呢？", false},
		{"Lu: votre lettre", "J'ai lu votre lettre. Où est mon argent ?", false},
		{"Leído", "El contrato fue leído. Firmen ya.", false},
	} {
		m := mailOf("anna@customer.example", "", c.subject, c.text)
		if got := Check(m, Facts{}, settings); (got.Kind == MDN) != c.want {
			t.Errorf("%q %q: %+v", c.subject, c.text, verdictOf(got))
		}
	}
}
