package normalize

import (
	"testing"
)

func TestCore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"English letter", "Dear Sir or Madam,\n\nmy card was declined.\n\nBest regards,\nAnna Example\nAccountant", "my card was declined."},
		{"English note", "Hi,\nI can't log in\nThanks", "I can't log in"},
		{"greeting on the same line", "Hello there, where is my refund?", "where is my refund?"},
		{"greeting with a name", "Hi Anna! The transfer failed.", "The transfer failed."},
		{"two greetings", "Hello,\nGood morning,\nit fails", "it fails"},
		{"thanks at the end of the last line", "Please check my order. Thank you!", "Please check my order."},
		{"thanks as a part of the sentence", "I only want to say thanks", "I only want to say thanks"},
		{"no thanks", "no thanks", "no thanks"},
		{"Chinese letter", "尊敬的客服：\n您好！\n我的钱没到账。\n此致\n敬礼\n张三\n2026年11月20日", "我的钱没到账。"},
		{"Chinese greeting on the same line", "您好，我想申请退款，谢谢！", "我想申请退款"},
		{"Chinese greeting with a space", "你好 订单没发货", "订单没发货"},
		{"Chinese question of presence", "在吗？在吗", "在吗？在吗"},
		{"Traditional Chinese", "您好，\n請問何時退款？\n謝謝您\n陳小姐", "請問何時退款？"},
		{"thanks in Chinese without a mark stay", "我想感谢", "我想感谢"},
		{"German", "Sehr geehrte Damen und Herren,\ndie Zahlung ist fehlgeschlagen.\nMit freundlichen Grüßen\nMax Muster", "die Zahlung ist fehlgeschlagen."},
		{"French", "Bonjour,\nmon paiement a échoué.\nCordialement,\nMarie", "mon paiement a échoué."},
		{"Japanese", "お世話になっております。\n返金されていません。\nよろしくお願いいたします。\n山田", "返金されていません。"},
		{"a word that begins like a greeting", "History of my payments is empty", "History of my payments is empty"},
		{"a question in the greeting line", "Hello, order 7?\nstill nothing", "order 7?\nstill nothing"},
		{"nothing but politeness", "Thanks!", "Thanks!"},
		{"nothing but a greeting", "您好", "您好"},
		{"a number after a closing is no name", "It fails.\nThanks\nOrder number: 12345 is still open, see above please", "It fails.\nThanks\nOrder number: 12345 is still open, see above please"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Core(c.in); got != c.want {
				t.Errorf("core is %q, want %q", got, c.want)
			}
		})
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, base       string
		reply, forward bool
	}{
		{"Refund", "refund", false, false},
		{"Re: Refund", "refund", true, false},
		{"RE: FW: re[2]: AW: Refund  of  order", "refund of order", true, false},
		{"Fwd: Refund", "refund", false, true},
		{"WG: Antw: Konto", "konto", false, true},
		{"答复: 退款", "退款", true, false},
		{"回复：转发：退款", "退款", true, false},
		{"轉寄: 退款", "退款", false, true},
		{"RE：ＲＥＦＵＮＤ", "refund", true, false},
		{"[EXTERNAL] Re: [#T-123-ab9x] Refund", "refund", true, false},
		{"Re: Refund [#T-123-ab9x]", "refund", true, false},
		{"【外部邮件】回复: 退款", "退款", true, false},
		{"[订单123] 退款", "[订单123] 退款", false, false},
		{"[users] Re: Question", "question", true, false},
		{"Re: ", "re:", true, false},
		{"Re: \u202eRefund\u200b of\u2069 order", "refund of order", true, false},
		{"Regarding: my order", "regarding: my order", false, false},
		{"Re: I: need help", "need help", true, false},
		{"12:30 meeting", "12:30 meeting", false, false},
		{"", "", false, false},
	} {
		if got := Subject(c.in); got != c.base {
			t.Errorf("base of %q is %q, want %q", c.in, got, c.base)
		}
		if got := ReplyPrefix(c.in); got != c.reply {
			t.Errorf("%q is a reply: %v", c.in, got)
		}
		if got := isForward(c.in); got != c.forward {
			t.Errorf("%q is a forward: %v", c.in, got)
		}
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"Where is my refund?", "where is my   REFUND", "Where is my refund!!\n"},
		{"Order 12345 is late", "order 9 is late", "Order 12 345 is late."},
		{"我的钱，没到账！", "我的钱 没到账", "我的钱没到账\u200b。"},
		{"ＡＢＣ１２３", "abc1"},
		{"café", "cafe\u0301"},
	}
	for _, group := range same {
		for _, s := range group[1:] {
			if Fingerprint(s) != Fingerprint(group[0]) {
				t.Errorf("%q and %q differ: %q, %q", group[0], s, Fingerprint(group[0]), Fingerprint(s))
			}
		}
	}
	for _, pair := range [][2]string{{"退款", "付款"}, {"refund", "refunds"}, {"👍", "❤"}, {"a b", "ab"}} {
		if Fingerprint(pair[0]) == Fingerprint(pair[1]) {
			t.Errorf("%q and %q are the same: %q", pair[0], pair[1], Fingerprint(pair[0]))
		}
	}
	if got, want := Fingerprint("Order №12, 订单 34 号！"), "order no0订单0号"; got != want {
		t.Errorf("fingerprint is %q, want %q", got, want)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Where is my refund? I have been waiting for two weeks.", "en"},
		{"card declined", "en"},
		{"hello", "en"},
		{"我的钱为什么还没有到账？", "zh-Hans"},
		{"我的錢為什麼還沒有到賬？", "zh-Hant"},
		{"退款", "zh-Hans"},
		{"退款什麼時候到", "zh-Hant"},
		{"我的 PayPal account 被 locked 了，please help", "zh-Hans"},
		{"请帮我看一下 my PayPal account balance is wrong", "zh-Hans"},
		{"我付款时提示：Your card was declined. Please contact your bank for more information", "zh-Hans"},
		{"訂單 order 12345 顯示 payment failed", "zh-Hant"},
		{"iPhone 15 Pro Max 256GB 订单没发货", "zh-Hans"},
		{"https://shop.example/very/long/path?with=words 打不开", "zh-Hans"},
		{"Hi, I am 张三, please refund my order", "en"},
		{"My name is 张三丰 and I cannot log in to my account", "en"},
		{"The product page of 京东 says that the refund was sent", "en"},
		{"返金はいつ届きますか？", "ja"},
		{"注文番号123の返金", "ja"},
		{"我要退鲜の每日的订单", "zh-Hans"},
		{"환불은 언제 되나요?", "ko"},
		{"Когда вернут мои деньги?", "ru"},
		{"Коли повернуть мої гроші? Я чекаю вже два тижні", "uk"},
		{"متى سيتم رد أموالي؟", "ar"},
		{"เมื่อไหร่จะได้เงินคืน", "th"},
		{"¿Dónde está mi reembolso? No he recibido el dinero.", "es"},
		{"Mon paiement a échoué mais mon compte a été débité", "fr"},
		{"Die Zahlung ist fehlgeschlagen, aber mein Konto wurde belastet", "de"},
		{"Não recebi o meu reembolso, por favor ajudem", "pt"},
		{"Non ho ricevuto il rimborso del mio ordine", "it"},
		{"Ik heb mijn geld nog niet ontvangen", "nl"},
		{"Tôi chưa nhận được tiền hoàn lại", "vi"},
		{"Ödeme yapıldı ama sipariş yok", "tr"},
		{"Nie otrzymałem zwrotu pieniędzy za zamówienie", "pl"},
		{"Pembayaran saya gagal tetapi uang sudah terpotong", "id"},
		{"", ""},
		{"12345 !!! ???", ""},
		{"anna@customer.example https://x.example/a", ""},
		{"ORD-2026-XYZ", ""},
		{"👍", ""},
	} {
		if got := Language(c.in); got != c.want {
			t.Errorf("language of %q is %q, want %q", c.in, got, c.want)
		}
	}
}

func BenchmarkLanguage(b *testing.B) {
	for name, s := range map[string]string{
		"en": "Hello, I tried to top up my account yesterday but the money has still not arrived. Can you help me?",
		"zh": "您好，我昨天充值了三百元，银行已经扣款，但是账户余额没有变化，请帮我查一下是什么原因，谢谢。",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Language(s)
			}
		})
	}
}

func BenchmarkFingerprint(b *testing.B) {
	s := "Hello, I tried to top up my account yesterday but the money has still not arrived. 您好，我昨天充值了三百元。"
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Fingerprint(s)
	}
}
