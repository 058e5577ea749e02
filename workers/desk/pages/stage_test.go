package pages

import (
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
)

// staged is a desk in the middle of a working day: tickets of many kinds, one with a long story.
func staged(f *fake) {
	now := f.now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	f.open(2319, "security", "telegram", "en", "Daniel Reed", "Someone is using my wallet right now", "Three transfers I did not make, the last one at 14:58. Please freeze it.", -12*time.Minute).Urgent = true
	f.open(2311, "payments", "email", "zh-Hans", "苏州明德贸易有限公司（华东大区结算中心）周倩", "商户结算款 11 月 26 日未到账", "附件是银行流水，麻烦今天给个准信，月底要关账。", 41*time.Minute).Category = "merchant"
	f.open(2298, "refund", "form", "zh-Hans", "刘思彤", "换手机号后收不到验证码", "旧号码已经注销了，身份证可以再拍一次。", 3*time.Hour)
	f.open(2290, "payments", "email", "en", "Priya Nair", "Why was my USD payout converted twice?", "The rate on the second line is not the one I accepted.", 4*time.Hour)
	f.open(2287, "refund", "webhook", "zh-Hans", "", "绑卡提示“银行暂不支持”", "招商银行的储蓄卡，昨天还可以。", 66*time.Hour)
	k := f.open(2304, "payments", "sms", "zh-Hans", "王建国", "同一笔订单扣了两次款", "您好，我昨天买机票付款时页面卡住，再付一次后发现扣了两笔。\n\n订单号 TP-20261125-8821。", 14*time.Minute)
	k.Category, k.owner, k.Owner = "double", lin.User, lin.Name
	k.Person.Addresses = []desk.Address{{Channel: "sms", Text: "+86 138 0013 5521", Proven: true}, {Channel: "email", Text: "wang.jianguo.with.a.very.long.address@mail.example", Proven: true}, {Channel: "telegram", Text: "@jianguo_w"}}
	k.Facts = []desk.Fact{{Key: "order-number", Value: "TP-20261125-8821"}, {Key: "amount", Value: "¥1,280.00 × 2"}, {Key: "transaction-number"}}
	k.Why = []desk.Reason{{Word: "words", Of: "扣了两笔"}, {Word: "category", Of: "double"}, {Word: "queue", Of: "payments"}, {Word: "language", Of: "zh-Hans"}, {Word: "given", Of: lin.Name}}
	k.Others = []desk.Other{{Number: 2201, Subject: "绑卡失败", Language: "zh-Hans", State: "open", At: ago(50 * time.Hour)}, {Number: 1800, Subject: "发票怎么开", Language: "zh-Hans", State: "closed", At: ago(2400 * time.Hour)}}
	k.Others[0].By = acts.Known{ID: 8, Channel: "email", Address: "wang.jianguo.with.a.very.long.address@mail.example"}
	k.Same = &acts.Same{May: true, Codes: true, Suggested: []acts.Suggested{{Number: 2290, Subject: "Why was my USD payout converted twice?", Who: acts.Known{ID: 9, Channel: "email", Address: "jianguo.wang.and.another.long.address@other.example"}, Evidence: []string{"wrote", "order"}, Why: contacts.WhyNumber}}, Own: acts.Known{ID: 7, Channel: "sms", Address: "+86 138 0013 5521"}, Contacts: []acts.Known{k.Others[0].By}, Joins: contacts.Joins(), Parts: contacts.Parts(),
		Steps: []acts.Step{{ID: 5, Kind: contacts.StepJoin, Who: k.Others[0].By, With: acts.Known{ID: 7, Channel: "sms", Address: "+86 138 0013 5521"}, Why: contacts.WhyTold, By: lin.Name, At: ago(20 * time.Hour)}}}
	k.Lines[0].At, k.Lines[0].New = ago(23*time.Hour), false
	for _, l := range []desk.Line{
		{At: ago(23 * time.Hour), Kind: desk.Event, Word: "opened"},
		{At: ago(23 * time.Hour), Kind: desk.Acknowledgement, Word: "acknowledged", Channel: "email", Text: "我们已收到您的来信，24 小时内回复。"},
		{At: ago(22 * time.Hour), Kind: desk.Event, Word: "moved", Detail: "payments"},
		{At: ago(22 * time.Hour), Kind: desk.Event, By: "Chen Jing", Word: "taken"},
		{At: ago(21 * time.Hour), Kind: desk.Reply, By: "Chen Jing", Channel: "email", Language: "zh-Hans", Text: "王先生您好，请把扣款短信或银行流水发给我们核对，收到后当天处理。", Sending: desk.Sending{State: "delivered"}},
		{At: ago(3 * time.Hour), Kind: desk.Event, By: "Chen Jing", Word: "handed-back"},
		{At: ago(40 * time.Minute), Kind: desk.Message, By: "王建国", Channel: "email", Language: "zh-Hans", Text: "流水截图在附件里。两笔都是 1,280.00 元，前后差 40 秒，订单只有一个。请尽快退第二笔。", New: true,
			Quote: "王先生您好，请把扣款短信或银行流水发给我们核对，收到后当天处理。\n陈静，Topay 客服", Files: []desk.File{{Name: "流水截图.png", Bytes: 290816, URL: "/desk/files/1"}}},
		{At: ago(30 * time.Minute), Kind: desk.Note, By: "赵敏", Text: "已查账：第二笔确认重复，15:20 前会原路退回，编号 TR-60417。"},
		{At: ago(20 * time.Minute), Kind: desk.Message, By: "王建国", Channel: "sms", Language: "zh-Hans", Text: "那个退款什么时候能到账啊？我看卡里还没有。以后发我短信就行。", New: true},
	} {
		f.say(k, l)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replies[77] = &outgone{Sent: desk.Sent{Reply: 77, Number: 2290, To: "孙悦"}, by: lin.User, until: now.Add(time.Hour), state: "held"}
}

// words are names of what an installation configures.
func words() map[string]map[string]string {
	return map[string]map[string]string{
		desk.English: {"queue.payments": "Payments", "queue.refund": "Refunds", "queue.accounts": "Accounts", "queue.security": "Security", "queue.cross-border": "Cross-border", "category.double": "Double charge", "category.merchant": "Merchants"},
		desk.Chinese: {"queue.payments": "支付与扣款", "queue.refund": "退款", "queue.accounts": "账户与实名", "queue.security": "安全与盗刷", "queue.cross-border": "跨境与外币", "category.double": "重复扣款", "category.merchant": "商户"},
	}
}

// crowded is a desk with long names, many cards, a very long ticket and a very long mail.
func crowded(f *fake) {
	for i := range 60 {
		k := f.open(int64(100+i), "payments", "email", "en", fmt.Sprintf("Customer with quite a long name, number %d", i), strings.Repeat("A subject that goes on ", 8), strings.Repeat("words without end ", 40), time.Duration(i)*17*time.Minute-time.Hour)
		k.owner, k.Owner = lin.User, lin.Name
	}
	k := f.open(90, "payments", "sms", "en", strings.Repeat("Donaudampfschifffahrt", 5), strings.Repeat("Unbreakable", 30), "first", 20*time.Minute)
	for i := range 5000 {
		f.say(k, desk.Line{Kind: []desk.Kind{desk.Message, desk.Event, desk.Note, desk.Reply}[i%4], By: "Somebody", Channel: "sms", Word: "taken", Text: fmt.Sprintf("line %d of a very long story", i)})
	}
	f.open(91, "payments", "email", "en", "Long Mail", "Two megabytes", strings.Repeat("a very long mail without an end\n", 65000), 30*time.Minute)
}
