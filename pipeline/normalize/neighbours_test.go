package normalize

import (
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/cards"
)

// answers are what customers write above a quotation, in their languages.
var answers = []string{
	"钱还没到账，请再看一下。",
	"錢還沒到帳，請再看一下。\n\n訂單 TP0012",
	"It still fails.",
	"Still nothing.\n\nI have waited for three weeks: please help!",
	"我的 card 还是 declined",
	"זה עדיין לא עובד",
	"لم يصل المبلغ بعد",
	"まだ届いていません。",
	"아직 안 왔어요",
	"👍 but where is it?",
	"1. first\n2. second\n- third",
	"１２３４５",
}

// histories are quotations as mail programs write them, and those that people make of them.
var histories = map[string]string{
	"Gmail":                          "On Fri, Nov 20, 2026 at 3:20 PM Desk <d@desk.example> wrote:\n\n> Which order?\n> Which bank?",
	"Gmail, folded":                  "On Fri, Nov 20, 2026 at 3:20 PM Desk with a long name indeed <d@desk.example>\nwrote:\n\n> Which order?",
	"Gmail, folded with empty lines": "On Fri, Nov 20, 2026 at 3:20 PM Desk\n\n<d@desk.example>\n\nwrote:\n\n> Which order?",
	"Gmail in Simplified":            "客服 <d@desk.example> 于2026年11月20日周五 15:20写道：\n\n> 哪个订单？",
	"Gmail in Traditional":           "客服 <d@desk.example> 於 2026年11月20日 週五 下午3:20寫道：\n\n> 哪個訂單？",
	"Gmail in German":                "Am Fr., 20. Nov. 2026 um 15:20 Uhr schrieb Desk <d@desk.example>:\n\n> Welche?",
	"Gmail in French":                "Le ven. 20 nov. 2026 à 15:20, Desk <d@desk.example> a écrit :\n\n> Laquelle ?",
	"Gmail in Spanish":               "El vie, 20 nov 2026 a las 15:20, Desk (<d@desk.example>) escribió:\n\n> ¿Cuál?",
	"Gmail in Italian":               "Il giorno ven 20 nov 2026 alle ore 15:20 Desk <d@desk.example> ha scritto:\n\n> Quale?",
	"Gmail in Dutch":                 "Op vr 20 nov 2026 om 15:20 schreef Desk <d@desk.example>:\n\n> Welke?",
	"Gmail in Russian":               "пт, 20 нояб. 2026 г. в 15:20, Desk <d@desk.example>:\n\n> Какой?",
	"Apple Mail":                     "> On 20 Nov 2026, at 15:20, Desk <d@desk.example> wrote:\n> \n> Which order?",
	"Outlook":                        "From: Desk <d@desk.example>\nSent: Friday, November 20, 2026 3:20 PM\nTo: Li <li@c.example>\nSubject: Re: card\n\nWhich order?",
	"Outlook with a ruler":           "________________________________\nFrom: Desk <d@desk.example>\nSent: Friday, November 20, 2026 3:20 PM\nTo: Li <li@c.example>\nSubject: Re: card\n\nWhich order?",
	"Outlook in Chinese":             "发件人: 客服 <d@desk.example>\n发送时间: 2026年11月20日 15:20\n收件人: 李四 <li@c.example>\n主题: Re: 订单\n\n哪个订单？",
	"Outlook in Traditional":         "寄件者: 客服 <d@desk.example>\n寄件日期: 2026年11月20日 下午 03:20\n收件者: 李四\n主旨: RE: 訂單\n\n哪個訂單？",
	"Outlook of old":                 "-----Original Message-----\nFrom: Desk\nSent: Friday\nTo: Li\nSubject: card\n\nWhich order?",
	"QQ":                             "------------------ 原始邮件 ------------------\n发件人: \"客服\" <d@desk.example>;\n发送时间: 2026年11月20日(星期五) 下午3:20\n收件人: \"李四\"<li@c.example>;\n主题: 回复: 订单\n\n哪个订单？",
	"NetEase":                        "At 2026-11-20 15:20:33, \"Desk\" <d@desk.example> wrote:\n>Which order?",
	"NetEase in Chinese":             "在 2026-11-20 15:20:33，\"客服\" <d@desk.example> 写道：\n>哪个订单？",
	"139":                            "----邮件原文----\n发件人：客服\n收件人：李四\n抄送：无\n发送时间：2026-11-20 15:20:33\n主题：订单\n\n哪个订单？",
	"Sina":                           "----- 原始邮件 -----\n发件人：客服<d@desk.example>\n收件人：李四<li@c.example>\n主题：订单\n日期：2026年11月20日 15点20分\n\n哪个订单？",
	"Yahoo":                          "On Friday, November 20, 2026 at 03:20:33 PM GMT+8, Desk <d@desk.example> wrote:\n\nWhich order?",
	"Thunderbird":                    "Am 20.11.2026 um 15:20 schrieb Desk:\n> Welche Bestellung?",
	"Zoho":                           "---- On Fri, 20 Nov 2026 15:20:33 +0800 Desk <d@desk.example> wrote ----\n\nWhich order?",
	"a quotation by itself":          "> Which order?\n> Which bank?",
	"a quotation of full width":      "＞ 哪个订单？\n＞ 哪家银行？",
	"a quotation of a quotation":     "On 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> It is open.\n>> On 19 Nov 2026 at 10:00, Li <li@c.example> wrote:\n>> Where is it?",
}

// trailers are what programs and people put below their words.
var trailers = map[string]string{
	"nothing":                    "",
	"a telephone":                "Sent from my iPhone",
	"a telephone in Chinese":     "发自我的iPhone",
	"a telephone in Traditional": "從我的iPhone傳送",
	"Outlook":                    "Get Outlook for iOS",
	"Huawei":                     "来自 HUAWEI P60",
	"a signature":                "-- \nAnna Li\n+1 555 0100",
	"NetEase":                    "发自网易邮箱大师",
	"empty lines":                "\n\n\n",
}

// TestWhatTheCustomerWroteNow: every answer above every history, with every ending between them; what is cut is kept apart, and nothing is lost.
func TestWhatTheCustomerWroteNow(t *testing.T) {
	t.Parallel()
	for _, answer := range answers {
		for client, history := range histories {
			for end, ending := range trailers {
				text := answer + "\n\n" + ending + "\n\n" + history
				got := Body(message.Message{Text: text}, 0)
				if want := answer; got.Visible != want {
					t.Errorf("%s, %s: %q is left, want %q", client, end, got.Visible, want)
					continue
				}
				for _, part := range []struct{ name, in, want string }{{"history", got.Quoted, history}, {"ending", got.Signature, strings.TrimSpace(strings.TrimPrefix(ending, "-- \n"))}} {
					if !strings.Contains(folded(part.in), folded(part.want)) {
						t.Errorf("%s, %s: the %s is %q, want %q", client, end, part.name, part.in, part.want)
					}
				}
				if again := visible(got.Visible); again != got.Visible {
					t.Errorf("%s, %s: what is left is cut again: %q", client, end, again)
				}
			}
		}
	}
}

// TestNothingIsLost: each line of a text is among its visible, quoted or signature lines, or is a ruler or an introduction.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for client, history := range histories {
		for _, answer := range answers {
			for _, text := range []string{answer + "\n\n" + history, history + "\n\n" + answer, history, answer, answer + "\n" + history + "\n" + answer + "\n" + history, strings.ReplaceAll(answer+"\n\n"+history, "\n", "\r\n"), "\ufeff" + answer + "\u200b\n" + history} {
				got := Body(message.Message{Text: text}, 0)
				if got.Visible == "" {
					t.Errorf("%s: nothing is left of %q", client, text)
				}
				all := folded(got.Visible + "\n" + got.Quoted + "\n" + got.Signature)
				for line := range strings.Lines(got.Full) {
					if line = folded(line); line != "" && strings.Trim(line, "-_=> ") != "" && !strings.Contains(all, line) {
						t.Errorf("%s: the line %q of %q is lost", client, line, text)
					}
				}
			}
		}
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"On Monday I wrote:\nplease help",
		"He wrote: 5 > 3",
		"我在 11月20日 写道：请退款，但没有回复",
		"From Berlin to Paris\nDate of travel: Monday\nSubject to change",
		"From: Berlin\nTo: Paris",
		"发件人写错了\n主题也写错了",
		"Order   Price\n-------------\nShoes   20\n-------------\nTotal   20",
		"a > b and b > c",
		"I paid 20 > 15",
		"原始邮件我已经删了",
		"Original message was deleted",
		"| Item | Price |\n| Shoes | 20 |",
		"Sent from my bank account to yours: 200 USD",
		"Sent from Berlin on Monday, it has not arrived",
		"Get my money back!",
		"来自朋友的转账没有到",
		"发自内心感谢，但是钱没到，请查",
		"Regards to your team; where is my card?",
		"-- no, not that one",
		"I wrote to d@desk.example at 15:20 on Monday:\nno answer came",
	} {
		if got := visible(text); got != text {
			t.Errorf("%q is cut to %q", text, got)
		}
	}
}

func TestPiecesOfIntroductions(t *testing.T) {
	t.Parallel()
	check := func(what string, is func(string) bool, yes, no []string) {
		t.Helper()
		for _, s := range yes {
			if !is(s) {
				t.Errorf("%q has no %s", s, what)
			}
		}
		for _, s := range no {
			if is(s) {
				t.Errorf("%q has a %s", s, what)
			}
		}
	}
	check("time", hasTime, []string{"at 15:20", "3:20 pm", "um 15.20 uhr", "15:20:33", "下午3点20", "15時20分", "9时"}, []string{"", "15", "1:2", ":20", "a:bc", "15:2", "1.234", "x.yz", "点20"})
	check("year", hasYear, []string{"2026", "in 1999", "x2026x", "20260101"}, []string{"", "202", "1899", "3026", "19a9", "20 26"})
	check("date at its beginning", startsWithDate, []string{"2026-11-20 15:20", "20 nov 2026", "fri, 20 nov", "пт, 20 нояб", "pe 20. lokakuuta", "wednesday, 17 november"}, []string{"", "at 15:20", "um 15:20", "desk <d@desk.example> 20", "one two three 4", "a-very-long-word-indeed 20"})
	check("bare date", isBareDate, []string{"2016-03-03 17:21 GMT+01:00 Some One", "2016-03-03 17:21 GMT-08:00 Desk:"}, []string{"", "2016-03-03 17:21 Some One and more", "2016/03/03 17:21 GMT+01:00 Some One", "x016-03-03 17:21 GMT+01:00 Some One", "2016-03-03 17:21 GMT"})
	check("ruler", isRule, []string{"---", "-----", "___", "=====", "* * *", "———", "───", "#####"}, []string{"", "--", " ---", "-a-", "--- x", "1111", strings.Repeat("-", 401)})
	check("dash of a signature", isSignatureDash, []string{"--", "- -", "—", "––", "__"}, []string{"", "-", "---", "-- x", "----"})
	check("address with a date", isDatedAddress, []string{"2026/11/23 Some One <x@y.example>", "23 nov 2026 <x@y.example>"}, []string{"Some One <x@y.example>", "2026/11/23 Some One", "2026/11/23 <some one>"})
	check("line of a card", isCardLine, []string{"Anna Li", "Tel: +86 138 0013 8000", "www.shop.example", "anna@c.example", "Head of Sales", "+1 555 0100", "北京某某公司", "张三", "销售经理", "Mob 0170 1234567", "微信：abc123"},
		[]string{"please call me", "I paid 200 USD", "订单 12345", "我的钱还没到账请尽快处理", "Where is it?", "Thanks!", strings.Repeat("Anna ", 20)})
	check("capitals", cards.Titled, []string{"Anna Li", "Head of Sales", "ACME Ltd", "Ärztin Müller"}, []string{"", "anna li", "Anna likes it here", "123"})
	check("bars", isBar, []string{"|", "| |", "|||", " | \t"}, []string{"", "| a |", "-", "a|"})
}

func TestLabelsOfLines(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]labelKind{
		"From: Anna":     labelFrom,
		"*From:* Anna":   labelFrom,
		"FROM : Anna":    labelFrom,
		"发件人：张三":         labelFrom,
		"发 件 人：张三":       labelFrom,
		"主　题：退款":         labelSubject,
		"Sent: today":    labelDate | labelSent,
		"Date: today":    labelDate,
		"To: x":          labelTo,
		"Cc: x":          labelCc,
		"Reply-To: x":    labelReplyTo,
		"Attachments: x": labelOther,
		"[From]: x":      labelFrom,
		"From Anna":      0,
		"Fromage: x":     0,
		": x":            0,
		"":               0,
		"x: From: y":     0,
		"http://x":       0,
		strings.Repeat("x", maxLabel) + "From: x": 0,
		"从：x":    labelFrom,
		"De: x":  labelFrom,
		"Von: x": labelFrom,
	} {
		if got := labelOf(in); got != want {
			t.Errorf("%q is the label %b, want %b", in, got, want)
		}
	}
}

func TestSubjectsAndTheirBases(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Refund":                       "refund",
		"  Refund  ":                   "refund",
		"RE:Refund":                    "refund",
		"Re：Refund":                    "refund",
		"Re: Re: Re: Refund":           "refund",
		"Re[3]: Refund":                "refund",
		"Re(3): Refund":                "refund",
		"Re^3: Refund":                 "refund",
		"Re [3]: Refund":               "refund",
		"回复: 答复: 退款":                   "退款",
		"回覆：退款":                        "退款",
		"转发: Fwd: 退款":                  "退款",
		"ＲＥ：退款":                        "退款",
		"Re: [#T-12-ab] Refund":        "refund",
		"[#T-12-ab] Re: Refund":        "refund",
		"Refund [#T-12-ab]":            "refund",
		"Refund [#T-12-ab] [#T-13-cd]": "refund",
		"[External] Refund":            "refund",
		"[EXT][SPAM] Re: Refund":       "refund",
		"【外部】退款":                       "退款",
		"[Order 12] Refund":            "[order 12] refund",
		"[desk] Re: [desk] Refund":     "refund",
		"Re":                           "re",
		"Re:":                          "re:",
		"[desk]":                       "[desk]",
		"Re: [desk]":                   "re: [desk]",
		"Refund [1]":                   "refund [1]",
		"Reply: Refund":                "reply: refund",
		"Rest: Refund":                 "rest: refund",
		"re refund":                    "re refund",
		"12:30":                        "12:30",
		"a: b: c":                      "a: b: c",
		"Re: 12:30":                    "12:30",
		"Re:\u200b Refund":             "refund",
		"Re:\nRefund":                  "refund",
		"Re: Refund\x00":               "refund\x00",
		"🙏 Re: Refund":                 "🙏 re: refund",
		"رد: x":                        "x",
		"":                             "",
		" ":                            "",
		"[":                            "[",
		"[]":                           "[]",
		"】":                            "】",
		"【":                            "【",
	} {
		if got := Subject(in); got != want {
			t.Errorf("base of %q is %q, want %q", in, got, want)
		}
		if once := Subject(in); Subject(once) != once {
			t.Errorf("base of the base of %q is %q", in, Subject(once))
		}
	}
	long := strings.Repeat("Re: ", 400) + "Refund"
	if got := Subject(long); got != "refund" {
		t.Errorf("%d prefixes leave %q", 400, got)
	}
	if got := Subject(strings.Repeat("退", 5000)); len(got) > maxSubject || !utf8.ValidString(got) {
		t.Errorf("a long subject has %d bytes", len(got))
	}
}

func TestFingerprintsOfTheSameAndOfOthers(t *testing.T) {
	t.Parallel()
	for _, alike := range [][]string{
		{"Where is my refund?", "WHERE IS MY REFUND", "  where   is my\nrefund ", "Where is my refund...", "ｗｈｅｒｅ is my refund", "where is\u200b my refund", "“Where is my refund”"},
		{"订单 123 没到", "订单９没到", "订单 45678 没到！", "订单1没到。"},
		{"我的钱没到账", "我的 钱 没到账", "我的钱，没到账！", "我的钱\n没到账"},
		{"12 34", "5", "1,299.00", "٣"},
		{"café", "cafe\u0301", "CAFÉ"},
	} {
		for _, s := range alike[1:] {
			if Fingerprint(s) != Fingerprint(alike[0]) {
				t.Errorf("%q is %q, %q is %q", s, Fingerprint(s), alike[0], Fingerprint(alike[0]))
			}
		}
	}
	seen := map[string]string{}
	for _, s := range []string{"refund", "refunds", "re fund", "退款", "退款吗", "退钱", "👍", "👎", "❤", "cafe", "café", "a1", "1a", "no", "No. 5", "帳戶", "账户", "مبلغ", "החזר", ""} {
		f := Fingerprint(s)
		if other, there := seen[f]; there {
			t.Errorf("%q and %q are both %q", s, other, f)
		}
		seen[f] = s
		if Fingerprint(f) != f {
			t.Errorf("the fingerprint of %q is %q, and of that %q", s, f, Fingerprint(f))
		}
	}
}

func TestCoresAreCutOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"a greeting and a matter", "您好，我的卡丢了", "我的卡丢了"},
		{"a greeting with a name", "王小姐您好，我的卡丢了", "王小姐您好，我的卡丢了"},
		{"Traditional", "您好！\n我的卡不見了，謝謝", "我的卡不見了"},
		{"English and Chinese", "Hi, 您好，我的卡丢了", "我的卡丢了"},
		{"a greeting within a word", "历史您好", "历史您好"},
		{"a greeting that is the matter", "您好吗", "您好吗"},
		{"a name that is long", "Dear Customer Service Team of the Bank of Somewhere, my card is lost", "Dear Customer Service Team of the Bank of Somewhere, my card is lost"},
		{"a closing and names", "My card is lost.\n\nBest regards\nAnna Li\nSales\nACME", "My card is lost."},
		{"a closing and too many names", "My card is lost.\n\nBest regards" + strings.Repeat("\nab", 11), "My card is lost.\n\nBest regards" + strings.Repeat("\nab", 11)},
		{"a closing and a question", "My card is lost.\n\nThanks\nCan I get a new one?", "My card is lost.\n\nThanks\nCan I get a new one?"},
		{"a closing in the first line", "Thanks\nmy card is lost", "Thanks\nmy card is lost"},
		{"thanks in the middle", "Thanks for the refund, but the card is lost", "Thanks for the refund, but the card is lost"},
		{"thanks at the end", "卡丢了，请处理。谢谢！", "卡丢了，请处理。"},
		{"thanks without a mark", "卡丢了谢谢", "卡丢了谢谢"},
		{"thanks behind a space", "卡丢了 谢谢", "卡丢了"},
		{"a number is a matter", "您好，12345", "12345"},
		{"from right to left", "שלום,\nהכרטיס אבד\nתודה", "הכרטיס אבד"},
		{"only thanks", "谢谢！", "谢谢！"},
		{"only a picture", "🙏", "🙏"},
		{"a capital that gets longer in small letters", "İstanbul, thanks", "İstanbul, thanks"},
	} {
		got := Core(c.in)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if again := Core(got); again != got {
			t.Errorf("%s: cut again it is %q", c.name, again)
		}
	}
}

func TestLanguagesOfShortAndMixedTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"退款":          "zh-Hans",
		"我要退款":        "zh-Hans",
		"請問退款進度":      "zh-Hant",
		"请问退款进度":      "zh-Hans",
		"臺灣":          "zh-Hant",
		"我的iPhone被偷了": "zh-Hans",
		"card 被盗":     "zh-Hans",
		"我嘅錢呢":        "zh-Hant",
		"OK 谢谢":       "zh-Hans",
		"微信 pay failed, please help me with it": "en",
		"返金してください":                              "ja",
		"カード":                                   "ja",
		"カードをなくしました":                            "ja",
		"환불해 주세요":                               "ko",
		"카드":                                    "ko",
		"возврат":                               "ru",
		"повернення грошей її":                  "uk",
		"استرداد":                               "ar",
		"החזר":                                  "he",
		"เงินคืน":                               "th",
		"επιστροφή":                             "el",
		"धनवापसी":                               "hi",
		"please help":                           "en",
		"my card was stolen":                    "en",
		"mi tarjeta no funciona":                "es",
		"ma carte ne marche pas":                "fr",
		"meine Karte ist weg":                   "de",
		"o meu cartão não funciona":             "pt",
		"la mia carta non funziona":             "it",
		"mijn kaart werkt niet":                 "nl",
		"kartu saya tidak bisa":                 "id",
		"thẻ của tôi bị mất":                    "vi",
		"kartım çalışmıyor lütfen":              "tr",
		"moja karta nie działa proszę":          "pl",
		"👍":                                     "",
		"123":                                   "",
		"TP0012":                                "",
		"":                                      "",
		"a@b.example":                           "",
		"…":                                     "",
		"\xff":                                  "",
		"https://x.example/退款":                  "",
		"ｐｌｅａｓｅ ｈｅｌｐ":                           "",
	} {
		if got := Language(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
		if got := Language("  " + text + " 🙏\n"); got != want {
			t.Errorf("%q with a picture is %q, want %q", text, got, want)
		}
	}
}

func TestWhichPartOfAMailIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, html, want string }{
		{"the plain one", "退款", "", "退款"},
		{"the other", "", "<p>退款</p>", "退款"},
		{"the plain one of two", "plain words", "<p>plain words</p>", "plain words"},
		{"the other, where the plain one is a notice", "Please use an HTML viewer.", "<p>my refund has not come</p>", "my refund has not come"},
		{"the other, where the plain one is markup", "<html><p>x</p>", "<p>my refund</p>", "my refund"},
		{"the other, where the plain one is a link", "https://x.example", "<p>" + strings.Repeat("my refund has not come ", 5) + "</p>", strings.TrimSpace(strings.Repeat("my refund has not come ", 5))},
		{"the other, where it marks the history", "answer\nold", "<p>answer</p><div class=gmail_quote>old</div>", "answer"},
		{"the plain one, where the other is empty", "plain", "<p> </p>", "plain"},
		{"neither", "", "<p></p>", ""},
		{"white space", " \n", " ", ""},
	} {
		got := Body(message.Message{Text: c.text, HTML: c.html}, 0)
		if got.Visible != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.Visible, c.want)
		}
	}
	for limit := range 40 {
		got := Body(message.Message{Text: "我的退款 has not come"}, limit+1)
		if len(got.Full) > limit+1 || !utf8.ValidString(got.Full) || got.Truncated != (limit+1 < len("我的退款 has not come")) {
			t.Errorf("to %d bytes: %+v", limit+1, got)
		}
	}
}

func TestCommandsOfChats(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"/start":                            true,
		"/START":                            true,
		"/start abc_-9":                     true,
		"/start@desk_bot":                   true,
		"/start@desk_bot abc":               true,
		"/menu":                             true,
		"/start " + strings.Repeat("a", 64): true,
		"/start " + strings.Repeat("a", 65): false,
		"/start a b":                        false,
		"/start 退款":                         false,
		"/menu abc":                         false,
		"/refund":                           false,
		"start":                             false,
		"//start":                           false,
		"/ start":                           false,
		"/stop":                             false,
	} {
		if got := SaysNothing(text); got != want {
			t.Errorf("%q says nothing: %v", text, got)
		}
	}
}
