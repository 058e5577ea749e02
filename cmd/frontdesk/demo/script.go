package demo

import (
	"fmt"
	"time"
)

// cardNumber is Visa's test number, as a customer types it.
const cardNumber = "4111 1111 1111 1111"

// script is what everybody sees who starts the demonstration: some six seconds in which customers
// write in three languages on five channels, and everything that needs a guard happens once.
// A time is what a scene waits for after the doors have opened, in milliseconds; they run side by side.
func (c *cast) script() []scene {
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	return append(c.guarded(at), []scene{
		c.letter(at(300), letter{name: "李伟", from: c.address("li.wei"), gb18030: true, subject: "支付失败，但是钱已经扣了",
			text: fmt.Sprintf("你好，\n\n我今天上午支付订单 %s 的时候提示支付失败，可是银行卡已经扣了 1,280.00 元。请尽快帮我查一下，谢谢。\n\n李伟\n", c.order())}),
		texted(at(1100), c.phone(), fmt.Sprintf("我昨天晚上转账 500 元给朋友，到现在还没到账，单号 %s，请帮我查一下钱去哪了。", c.order())),
		c.letter(at(1500), letter{name: "Emily Carter", from: c.address("emily.carter"), subject: "My account is locked",
			text: "Hello,\n\nI typed the wrong PIN too many times yesterday and now my account is locked.\nCould you please unlock it? I have to pay my rent on Friday.\n\nThank you\nEmily Carter\n"}),
		chatted(at(1900), c.chatter("陳家豪", "zh-hant"), fmt.Sprintf("你好，我上個月在網店買的耳機已經退貨，商家說退款已經處理，但我到現在還沒有收到退款。訂單編號 %s，金額 HK$860，請幫我查一下，謝謝。", c.order())),
		c.letter(at(2300), letter{name: "王芳", from: c.address("wang.fang"), subject: "请问可以跨境汇款到英国吗",
			text: "您好，我的女儿在英国留学，我想从钱包汇款英镑给她付学费，请问支持跨境汇款吗？手续费和汇率是怎么算的？\n\n王芳\n"}),
		chatted(at(3300), c.chatter("Daniel", "en"), "Help! My phone was stolen an hour ago and I think someone is using my wallet. There is a payment I did not make. Please block my account now!"),
		c.letter(at(4100), letter{name: "赵敏", from: c.address("zhao.min"), subject: "投诉：三次联系客服都没有结果",
			text: "我已经联系客服三次了，每次都说会有人回复，到现在没有任何人处理。你们的服务态度太差了，我要投诉！请主管给个说法。\n\n赵敏\n"}),
		c.letter(at(4700), letter{name: "孙丽", from: c.address("sun.li"), subject: "软件打不开，一直闪退", fileName: "闪退截图.png", file: screenshot(),
			text: "更新到最新版本以后，软件一打开就闪退，重装也没有用。手机是安卓 15，截图在附件里。\n\n孙丽\n"}),
		called(at(5200), map[string]any{"from": map[string]string{"email": c.address("noah.kim"), "name": "Noah Kim"}, "subject": "Verification",
			"text":     "I am signing up and the identity verification rejects my passport photo. How do I prove who I am?",
			"language": "en", "fields": map[string]string{"app_version": "8.4.1"}}),
		filled(at(900), "en", map[string]string{"name": "Olivia Brown", "email": c.address("olivia.brown"), "topic": "suggestion",
			"text": "I have an idea for the app: a dark mode would be great, the white screen is very bright at night. Please consider it."}),
	}...)
}

// guarded are those whom a guard meets: who says it twice, on two channels, a robot, a newsletter,
// a card number.
func (c *cast) guarded(at func(int) time.Duration) []scene {
	twice := c.raw(letter{name: "Grace Miller", from: c.address("grace.miller"), subject: "I was charged twice",
		text: fmt.Sprintf("Hi,\n\nI was charged twice for order %s: two debits of USD 59.90 on the same day.\nPlease return one of them.\n\nGrace Miller\n", c.order())})
	relay := []byte("Received: from mail.example.com by backup.example.com with ESMTP; " + time.Now().Format(time.RFC1123Z) + "\r\n")
	sent := func() []byte { return twice }
	relayed := func() []byte { return append(relay, twice...) }
	order, liu := c.order(), c.phone()
	return []scene{
		c.posted(at(700), c.address("grace.miller"), sent),
		c.posted(at(2100), c.address("grace.miller"), sent), // as a relay does that missed our 250: known by its key
		c.posted(at(3700), c.address("grace.miller"), relayed),
		texted(at(1300), liu, fmt.Sprintf("我昨天充值 300 元，银行已经扣款，可是余额没有变化，钱没到账。单号 %s。刘洋", order)),
		called(at(2000), map[string]any{"from": map[string]string{"phone": liu, "name": "刘洋"}, "language": "zh-Hans",
			"text": fmt.Sprintf("昨天充值的 300 元还没有到账，已经发过短信了，请帮忙看看。单号 %s。", order), "fields": map[string]string{"order": order, "app_version": "8.4.1"}}),
		c.posted(at(2600), "", func() []byte { return c.raw(outOfOffice(c.address("hr.department"))) }),
		c.letter(at(4400), newsletter(c.tag)),
		c.letter(at(2900), letter{name: "Jack Wilson", from: c.address("jack.wilson"), subject: "Payment failed with my card",
			text: "Hello,\n\nmy payment failed again. Here is my card so that you can try yourselves:\ncard number " + cardNumber + ", CVV 123, valid until 12/29.\n\nJack Wilson\n"}),
		texted(at(5500), c.phone(), "我的信用卡 4111-1111-1111-1111 绑定不上，请问支持哪些银行卡？"),
	}
}

// outOfOffice is a vacation notice as RFC 3834 wants it.
func outOfOffice(from string) letter {
	return letter{name: "HR department", from: from, subject: "Automatic reply: Your message",
		text:   "I am out of the office until Monday and will answer when I am back.\n",
		fields: []string{"Auto-Submitted: auto-replied", "In-Reply-To: " + messageID(), "X-Auto-Response-Suppress: All"}}
}

func newsletter(tag int) letter {
	return letter{name: "Shop Weekly", from: fmt.Sprintf("news%d@newsletter.example", tag), subject: "This week: 20% off everything",
		text: "Dear reader,\n\nour best offers of the week are waiting for you.\n\nUnsubscribe: https://newsletter.example/unsubscribe\n",
		fields: []string{"Precedence: bulk", "List-Id: Shop Weekly <weekly.newsletter.example>", "List-Unsubscribe: <https://newsletter.example/unsubscribe>",
			"Auto-Submitted: auto-generated"}}
}
