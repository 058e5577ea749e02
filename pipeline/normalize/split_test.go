package normalize

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/markup"
	"frontdesk/pipeline/normalize/tidy"
)

func folded(s string) string { return strings.Join(strings.Fields(s), " ") }

// visible is what is left of a plain mail.
func visible(s string) string { return Body(message.Message{Text: s}, 0).Visible }

// TestChineseClients holds replies as Chinese mail clients quote them, and negatives.
func TestChineseClients(t *testing.T) {
	t.Parallel()
	var cases []struct{ Name, Text, Want string }
	if err := json.Unmarshal([]byte(read(t, "testdata/zh-replies.json")), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if d := cmp.Diff(folded(c.Want), folded(visible(c.Text))); d != "" {
				t.Errorf("visible text (-want +got)\n%s", d)
			}
		})
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	const said, history = "钱还没到账，请再看一下。", "\n您好，已为您处理。\n"
	header := "发件人：客服 <s@desk.example>\n发送时间：2026年11月20日 15:20\n收件人：张三\n主题：Re: 订单\n"
	for _, c := range []struct{ name, in, want string }{
		{"NetEase Mail Master", said + "\n\n---- 回复的原邮件 ----\n" + header + history, said},
		{"NetEase Mail Master with a table of labels", said + "\n---- 回复的原邮件 ----\n| 发件人 | 客服 |\n| 日期 | 2026年11月20日 |\n" + history, said},
		{"139 mail", said + "\n\n----邮件原文----\n" + header + history, said},
		{"Outlook in Taiwan with full-width colons", said + "\n\n寄件者：客服\n寄件日期：2026年11月20日\n收件者：張三\n主旨：訂單\n" + history, said},
		{"Gmail in Taiwan", said + "\n\n客服 <s@desk.example> 於 2026年11月20日 週五 下午3:20寫道：\n\n> 已處理", said},
		{"Outlook for Android in Chinese", said + "\n\n获取 Outlook for Android\n________________________________\n" + header + history, said},
		{"Windows mail in Chinese", said + "\n\n从 Windows 版邮件发送\n\n" + header + history, said},
		{"iPhone signature in Chinese without history", said + "\n\n发自我的 iPhone", said},
		{"Huawei signature", said + "\n发自我的华为手机", said},
		{"Traditional Chinese iPhone signature", said + "\n\n從我的iPhone傳送", said},
		{"quoted with a full-width mark", said + "\n\n＞ 您好，已为您处理。", said},
		{"a Chinese forward is kept", said + "\n\n------------------ 转发邮件 ------------------\n" + header + history, said + "\n\n------------------ 转发邮件 ------------------\n" + header + strings.TrimRight(history, "\n")},
		{"a Chinese sentence that begins like a signature", "发自内心地感谢你们，但是钱还没到账。", "发自内心地感谢你们，但是钱还没到账。"},
		{"two labels are words", "主题：退款\n日期：昨天\n请处理", "主题：退款\n日期：昨天\n请处理"},
		{"three labels of an order are words", "Date: 3 May\nTo: Berlin\nCc: nobody\nplease change it", "Date: 3 May\nTo: Berlin\nCc: nobody\nplease change it"},
		{"a transfer from one account to another", "From: savings\nTo: current\nDate: Monday\nwhere is it?", "From: savings\nTo: current\nDate: Monday\nwhere is it?"},
		{"a sentence that ends with wrote", "On Monday your agent wrote:\nwe will refund you\nBut nothing came.", "On Monday your agent wrote:\nwe will refund you\nBut nothing came."},
		{"a sentence that ends with 写道", "你们的客服在邮件里写道：\n三天到账\n可是没有到", "你们的客服在邮件里写道：\n三天到账\n可是没有到"},
		{"answers between quotations", "On 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> Which order?\n7\n> Which bank?\nBank of Example", "> Which order?\n7\n> Which bank?\nBank of Example"},
		{"words before and below the history", "See below\n\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> Which order?\n\nIt is order 7.", "See below\n\n> Which order?\n\nIt is order 7."},
		{"the answer stands below the history", "> Which order?\n\nIt is order 7.", "It is order 7."},
		{"nothing but history", "> Which order?\n> Which bank?", "> Which order?\n> Which bank?"},
		{"nothing but a signature", "Sent from my iPhone", "Sent from my iPhone"},
		{"nothing but a header block", header + history, strings.TrimSpace(header + history)},
		{"a signature", "It fails.\n\n-- \nAnna Example\n+1 555 0100", "It fails."},
		{"a long text below two dashes", "It fails.\n--\n" + strings.Repeat("words\n", 20) + "end", "It fails.\n--\n" + strings.Repeat("words\n", 20) + "end"},
		{"a table with rulers", "Item  Price\n-----------\nPlan  12\n\nplease check", "Item  Price\n-----------\nPlan  12\n\nplease check"},
		{"a forward from a telephone", "FYI\n\nBegin forwarded message:\n\nFrom: Shop\nSubject: Receipt\nDate: today\n\nYou paid 12.", "FYI\n\nBegin forwarded message:\n\nFrom: Shop\nSubject: Receipt\nDate: today\n\nYou paid 12."},
		{"a forward inside the history goes with it", "No.\n\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> See\n> ---------- Forwarded message ----------\n> From: x", "No."},
		{"a forward below an answer to it", "Here.\n\n-----Original Message-----\nFrom: d@desk.example\n\n---------- Forwarded message ----------\nold", "Here."},
		{"German Outlook", "Geht nicht.\n\nVon: Desk <d@desk.example>\nGesendet: Freitag, 20. November 2026 15:20\nAn: Anna\nBetreff: AW: Konto\n\nHallo", "Geht nicht."},
		{"Portuguese Gmail", "Não funciona.\n\nEm sex., 20 de nov. de 2026 às 15:20, Desk <d@desk.example> escreveu:\n> Olá", "Não funciona."},
		{"Japanese Gmail", "届いていません。\n\n2026年11月20日(金) 15:20 Desk <d@desk.example>:\n> こんにちは", "届いていません。"},
		{"Korean Outlook", "안 됩니다.\n\n보낸 사람: Desk <d@desk.example>\n날짜: 2026년 11월 20일\n받는 사람: Kim\n제목: 주문\n\n안녕하세요", "안 됩니다."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, visible(c.in)); d != "" {
				t.Errorf("visible text (-want +got)\n%s", d)
			}
		})
	}
}

// TestVisibleByClient holds what the mail programs that customers use put below and above what they wrote.
func TestVisibleByClient(t *testing.T) {
	t.Parallel()
	const said = "The money has not arrived yet, please look again."
	const quote = "\n> Dear customer, we have looked into it.\n> Your case is closed.\n"
	cut := map[string]string{
		"Catalan":                        "El 23/11/2026 9:14, Desk <d@desk.example> ha escrit:" + quote,
		"Japanese":                       "2026/11/23 9:14、Desk <d@desk.example> のメッセージ:" + quote,
		"Polish, without address":        "W dniu 23.11.2026 o 09:14, Desk pisze:" + quote,
		"Galician":                       "O 23/11/2026 ás 9:14, Desk <d@desk.example> escribiu:" + quote,
		"Lithuanian":                     "2026-11-23 09:14, Desk <d@desk.example> rašė:" + quote,
		"Slovenian":                      "Dne 23.11.2026 ob 9:14 je Desk <d@desk.example> napisal(a):" + quote,
		"Persian":                        "در 23/11/2026 09:14، Desk <d@desk.example> نوشت:" + quote,
		"Hindi":                          "23/11/2026 09:14, Desk <d@desk.example> ने लिखा:" + quote,
		"Korean Apple Mail":              "2026. 11. 23. 오전 9:14, Desk <d@desk.example> 작성:" + quote,
		"Thai Gmail":                     "เมื่อ จ. 23 พ.ย. 2026 09:14 Desk <d@desk.example> เขียนว่า:" + quote,
		"Vietnamese Gmail":               "Vào Th 2, 23 thg 11, 2026 vào lúc 09:14 Desk <d@desk.example> đã viết:" + quote,
		"Turkish Gmail":                  "Desk <d@desk.example>, 23 Kas 2026 Pzt, 09:14 tarihinde şunu yazdı:" + quote,
		"Hebrew Gmail":                   "\u202bבתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:14 מאת \u202aDesk\u202c\u200f <\u202ad@desk.example\u202c\u200f>:\u202c" + quote,
		"English without colon":          "On Mon, 23 Nov 2026 09:14:43 +0800 Desk <d@desk.example> wrote\n\nDear customer, we have looked into it.",
		"French without colon":           "Le 23/11/2026 09:14, Desk <d@desk.example> a écrit\n\nBonjour, c'est fait.",
		"date, name and address":         "2026/11/23 Desk Team via Portal <d@desk.example>\n\n| Dear customer,\n| we have looked into it.\n|\n",
		"bars below an introduction":     "On 23 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n| Which card is it?\n|\n| And when?\n",
		"QQ Mail in English":             "------------------ Original ------------------\nFrom: \"Desk\"<d@desk.example>;\nDate: Mon, Nov 23, 2026 09:14 AM\nTo: \"Li\"<li@c.example>;\nSubject: Re: card\n\nDone.",
		"QQ Mail in Chinese":             "------------------\u00a0原始邮件\u00a0------------------\n发件人: \"客服\"<d@desk.example>;\n发送时间: 2026年11月23日(星期一) 上午9:14\n收件人: \"李\"<li@c.example>;\n主题: Re: 转账\n\n已处理",
		"WeChat Work mail":               "------------------ Original Message ------------------\n发件人: Desk<d@desk.example>\n发送时间: 2026年11月23日 09:14\n收件人: Li<li@c.example>\n主题: 转账\n\n已处理",
		"DingTalk mail":                  "------------------------------------------------------------------\n发件人：客服 <d@desk.example>\n发送时间：2026年11月23日(星期一) 09:14\n收件人：李四 <li@c.example>\n主　题：Re: 转账\n\n已处理",
		"Lark mail":                      "发件人: 客服 <d@desk.example>\n日期: 2026年11月23日 周一 09:14\n主题: Re: 转账\n收件人: 李四 <li@c.example>\n\n已处理",
		"Lark mail in English":           "From: Desk<d@desk.example>\nDate: Mon, Nov 23, 2026, 09:14\nSubject: Re: card\nTo: Li<li@c.example>\n\nDone.",
		"Outlook in Dutch":               "Van: Desk <d@desk.example>\nVerzonden: maandag 23 november 2026 09:14\nAan: Li\nOnderwerp: RE: kaart\n\nKlaar.",
		"Outlook in Swedish":             "Från: Desk <d@desk.example>\nSkickat: den 23 november 2026 09:14\nTill: Li\nÄmne: SV: kort\n\nKlart.",
		"Outlook in Polish":              "Od: Desk <d@desk.example>\nWysłano: poniedziałek, 23 listopada 2026 09:14\nDo: Li\nTemat: RE: karta\n\nGotowe.",
		"Outlook in Russian":             "От: Desk <d@desk.example>\nОтправлено: 23 ноября 2026 г. 9:14\nКому: Li\nТема: RE: карта\n\nГотово.",
		"Outlook in Turkish":             "Kimden: Desk <d@desk.example>\nGönderildi: 23 Kasım 2026 Pazartesi 09:14\nKime: Li\nKonu: YNT: kart\n\nTamam.",
		"Outlook in Italian":             "Da: Desk <d@desk.example>\nInviato: lunedì 23 novembre 2026 09:14\nA: Li\nOggetto: R: carta\n\nFatto.",
		"Outlook in Spanish":             "De: Desk <d@desk.example>\nEnviado: lunes, 23 de noviembre de 2026 9:14\nPara: Li\nAsunto: RE: tarjeta\n\nListo.",
		"Outlook in French":              "De : Desk <d@desk.example>\nEnvoyé : lundi 23 novembre 2026 09:14\nÀ : Li\nObjet : RE: carte\n\nFait.",
		"Outlook in Japanese":            "差出人: Desk <d@desk.example>\n送信日時: 2026年11月23日 9:14\n宛先: Li\n件名: RE: カード\n\n完了しました。",
		"Outlook in Arabic":              "من: Desk <d@desk.example>\nتاريخ الإرسال: 23 نوفمبر 2026\nإلى: Li\nالموضوع: RE: بطاقة\n\nتم.",
		"Outlook in Vietnamese":          "Từ: Desk <d@desk.example>\nĐã gửi: Thứ Hai, 23 Tháng 11, 2026\nĐến: Li\nChủ đề: RE: thẻ\n\nXong.",
		"From my iPhone 15":              "From my iPhone 15",
		"From my Galaxy S24 Ultra":       "From my Galaxy S24 Ultra",
		"a tablet, forgive":              "Sent from my tablet, forgive the mistakes.",
		"a phone with brevity":           "Sent from my iPhone. Please excuse brevity and typos.",
		"an excuse on its own line":      "Sent from my phone\nPlease excuse any typos.",
		"German Samsung":                 "Von meinem Samsung Galaxy Smartphone gesendet.",
		"French iPhone":                  "Envoyé de mon iPhone",
		"Spanish Huawei":                 "Enviado desde mi HUAWEI P60",
		"Portuguese Android":             "Enviado do meu Android",
		"Italian iPhone":                 "Inviato da iPhone",
		"Dutch iPhone":                   "Verstuurd vanaf mijn iPhone",
		"Japanese iPhone":                "iPhoneから送信",
		"Korean Galaxy":                  "내 Galaxy에서 보냄",
		"Turkish iPhone":                 "iPhone'umdan gönderildi",
		"a Xiaomi in Chinese":            "发自我的小米手机",
		"a Huawei in Chinese":            "来自 HUAWEI P60 Pro",
		"an OPPO in Chinese":             "来自OPPO手机",
		"a vivo in Chinese":              "发自vivo手机",
		"NetEase's own line":             "签名由 网易邮箱大师 定制",
		"NetEase's own line in English":  "Signature is customized by Netease Mail Master",
		"DingTalk's own line":            "来自钉钉专属商务邮箱",
		"an advert with a link":          "Get Example Mail for phoneshttps://mail.example/x",
		"an advert in Markdown":          "Get [Example Mail for tablets](https://mail.example/y)",
		"Outlook for Android":            "Get Outlook for Android<https://aka.ms/x>",
		"Mail for Windows":               "Sent from Mail<https://go.example/x> for Windows",
		"a name below a ruler":           "_______________________\nLi Si, Example Trading Ltd.",
		"a Chinese card below a ruler":   "-----------------\n李四\n示例贸易有限公司\n电话：021-5555 0100",
		"a German card below a ruler":    "----------\nJörg Müller\nBeispiel GmbH\nTel. +49 30 555 0100\nwww.beispiel.example",
		"NetEase's card":                 "| |\n李四\n|\n|\nlisi@customer.example\n|\n",
		"NetEase's card with a title":    "| |\n王芳\n销售经理\n|\n|\n邮箱：wang@customer.example\n电话：13800000000\n|\n签名由 网易邮箱大师 定制",
		"NetEase's card above a history": "| |\n李四\n|\n|\nlisi@customer.example\n|\n\n---- 回复的原邮件 ----\n| 发件人 | 客服 |\n| 日期 | 2026年12月5日 |\n已处理",
	}
	for name, below := range cut {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(said, visible(said+"\n\n"+below)); d != "" {
				t.Errorf("visible text (-want +got)\n%s", d)
			}
		})
	}
}

// TestVisibleKeepsWordsThatLookLikeAClients holds words of customers in the forms that programs use.
func TestVisibleKeepsWordsThatLookLikeAClients(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a table in Chinese":       "请查下面两笔：\n| 日期 | 金额 |\n| 11月20日 | 320 |\n| 11月21日 | 320 |",
		"a table with empty cells": "请查：\n| 日期 | |\n| 11月20日 | 320 |",
		"one bar at the end":       "see this |\n|",
		"a table below a name":     "Anna 23.11.2026:\n| a | b |",
		"an amount below a ruler":  "My payments:\n\n----------\nMonday 320\nFriday 55",
		"an order below a ruler":   "订单：\n\n----------\n订单号 20261123001",
		"a question below a ruler": "Hello\n\n_____\nWhere Is My Money?",
		"a sentence below a ruler": "Hello\n\n_____\nPlease send the money back to my account",
		"a ruler under a heading":  "Name\n-----\nLi Si",
		"money from an account":    "Two transfers failed:\nFrom my account to yours on Monday",
		"sent from a number":       "It was\nsent from my phone number, which is not registered any more, and that is why I ask you for help now.",
		"getting an app":           "I want to\nget a refund for Windows licences.",
		"a wrote without date":     "My wife d@desk.example wrote\nand you said nothing",
		"from a company":           "事情是这样的：\n来自华为的订单没有退款，请处理一下好吗",
		"a date and an address":    "Please change it to:\n2026/11/23 Li Si <li@c.example>\nThank you, and change the name too.",
		"an answer below bars":     "Hello.\n\n| a note of mine\n\nMy card ends in 42.",
		"typos in an order":        "Sorry for the typo in the address, it is number 5, and the order went to number 3, so please send it again to me.",
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(text, visible(text)); d != "" {
				t.Errorf("visible text (-want +got)\n%s", d)
			}
		})
	}
}

// TestAnswersBelowBarsStay: what is marked with bars is history only below an introduction, and the answer below it is not.
func TestAnswersBelowBarsStay(t *testing.T) {
	t.Parallel()
	const answer = "My card ends in 42 and I paid on Monday, please refund it."
	for name, c := range map[string]struct{ text, lacks string }{
		"two lines of introduction": {"In message <x1@desk.example> on 23/11/26(15:20)\nyou Desk Team <d@desk.example> wrote:\n|Which card is it?\n|And when?\n\n" + answer, "wrote:"},
		"a greeting above":          {"Hello.\n\nOn 23 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n| Which card is it?\n\n" + answer, "wrote:"},
		"German":                    {"Am 23.11.2026 um 15:20 schrieb Desk <d@desk.example>:\n| Welche Karte?\n\n" + answer, "Welche"},
		"Chinese":                   {"在 2026年11月23日 15:20，客服 <d@desk.example> 写道：\n| 哪张卡？\n\n" + answer, "哪张"},
		"Russian":                   {"23.11.2026 15:20, Desk <d@desk.example> пишет:\n| Какая карта?\n|\n\n" + answer, "Какая"},
	} {
		t.Run(name, func(t *testing.T) {
			got := visible(c.text)
			if !strings.Contains(got, answer) || strings.Contains(got, c.lacks) {
				t.Errorf("visible text is %q", got)
			}
		})
	}
}

func TestForwardedMailIsKeptWhole(t *testing.T) {
	t.Parallel()
	text := "FYI\n\nFrom: Shop <s@shop.example>\nSent: Friday\nTo: Anna\nSubject: Receipt\n\nYou paid 12."
	for subject, whole := range map[string]bool{"FW: Receipt": true, "转发：收据": true, "[Ext] Fwd: Receipt": true, "Re: Receipt": false, "RE: FW: Receipt": false} {
		got := Body(message.Message{Text: text, Subject: subject}, 0)
		if (got.Visible == text) != whole {
			t.Errorf("%q: visible text is %q", subject, got.Visible)
		}
	}
}

func TestQuotedAndSignatureAreKeptApart(t *testing.T) {
	t.Parallel()
	got := Body(message.Message{Text: "No.\n\n-- \nAnna\n\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> Hello"}, 0)
	want := Text{Full: got.Full, Visible: "No.", Signature: "-- \nAnna", Quoted: "On 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n> Hello"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("text (-want +got)\n%s", d)
	}
}

// corpus returns a folder of public replies, or skips the test.
func corpus(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public mail corpora are not at hand")
	}
	return filepath.Join(root, "corpora", name)
}

// TestDiscourseReplies measures the trimmer on the fixtures of another one. Three of them are
// different by intent: forwarded mails are kept here, and nothing is ever blank.
func TestDiscourseReplies(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus(t, "discourse-email_reply_trimmer"), "test")
	files, err := filepath.Glob(filepath.Join(root, "emails", "*.txt"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	exact := 0
	for _, f := range files {
		got, want := visible(read(t, f)), read(t, filepath.Join(root, "trimmed", filepath.Base(f)))
		if isBlank(got) && !isBlank(want) {
			t.Errorf("%s: nothing is visible", filepath.Base(f))
		}
		if folded(got) == folded(want) {
			exact++
		} else {
			t.Logf("%s differs", filepath.Base(f))
		}
	}
	t.Logf("%d of %d exact", exact, len(files))
	if exact*100 < len(files)*90 {
		t.Errorf("%d of %d exact, want 90 %%", exact, len(files))
	}
}

// TestPublicRepliesAreNeverBlank runs over the other corpora, which have no expected output.
func TestPublicRepliesAreNeverBlank(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"github-email_reply_parser/test/emails/*.txt", "crisp-email-reply-parser/test/fixtures/*.txt", "mailgun-talon/tests/fixtures/html_replies/*.html"} {
		files, err := filepath.Glob(corpus(t, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		shorter := 0
		for _, f := range files {
			m := message.Message{Text: read(t, f)}
			if strings.HasSuffix(f, ".html") {
				m = message.Message{HTML: m.Text}
			}
			got := Body(m, 0)
			if isBlank(got.Visible) {
				t.Errorf("%s: nothing is visible", filepath.Base(f))
			}
			if len(folded(got.Visible)) < len(folded(got.Full)) {
				shorter++
			}
		}
		t.Logf("%s: history or signature cut off in %d of %d", pattern, shorter, len(files))
	}
}

// TestTalonReplies checks replies whose visible text is one word.
func TestTalonReplies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(corpus(t, "mailgun-talon/tests/fixtures/html_replies/*.html"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	exact := 0
	for _, f := range files {
		got := Body(message.Message{HTML: read(t, f)}, 0)
		if strings.HasPrefix(got.Visible, "Hi. I am fine.") && len(got.Visible) < 80 {
			exact++
		} else {
			t.Logf("%s: %q", filepath.Base(f), tidy.Clip(got.Visible, 200))
		}
	}
	t.Logf("%d of %d exact", exact, len(files))
	if exact*100 < len(files)*75 {
		t.Errorf("%d of %d exact, want 75 %%", exact, len(files))
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("Hi\n\nOn 1 Jan 2026 at 10:00, X <x@y> wrote:\n> q\n\n-- \nsig", 5)
	f.Add("发件人：a\n发送时间：b\n收件人：c\n主题：d\n>", 0)
	f.Add("> wrote:\n<\n> a:\n---- x ----\n写道：", 3)
	f.Add("---------- Forwarded message ----------\n> > Begin forwarded message:\n--\n__\n", 1)
	f.Fuzz(func(t *testing.T, s string, quoteAt int) {
		s, _ = tidy.Text(s, 1<<16)
		p := split(markup.Page{Text: s, QuoteAt: quoteAt, SignAt: quoteAt - 3}, false)
		if isBlank(p.visible) && !isBlank(s) {
			t.Errorf("nothing is visible of %q", s)
		}
		if len(p.visible) > len(s) {
			t.Error("the visible text is longer than the whole")
		}
		if all := squeezed(p.visible) + squeezed(p.quoted) + squeezed(p.signature); all < squeezed(s) {
			t.Errorf("%d of %d bytes are somewhere: visible %q, quoted %q, signature %q of %q", all, squeezed(s), p.visible, p.quoted, p.signature, s)
		}
		Core(p.visible)
	})
}

// squeezed is how many bytes a text has without white space.
func squeezed(s string) int { return len(strings.Join(strings.Fields(s), "")) }

func BenchmarkVisible(b *testing.B) {
	s := strings.Repeat("I still cannot pay. The page says: error 12.\n", 20) + "\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n" + strings.Repeat("> We have looked into it: the bank refused the payment.\n", 100)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		split(plainPage(s, false), false)
	}
}

// TestPublicRepliesByHalves measures all public replies with expected words together, and each half of a random split: rules that learn
// examples by heart would do well on one alone.
func TestPublicRepliesByHalves(t *testing.T) {
	t.Parallel()
	type reply struct{ got, want string }
	var all []reply
	root := filepath.Join(corpus(t, "discourse-email_reply_trimmer"), "test")
	files, _ := filepath.Glob(filepath.Join(root, "emails", "*.txt"))
	for _, f := range files {
		all = append(all, reply{visible(read(t, f)), read(t, filepath.Join(root, "trimmed", filepath.Base(f)))})
	}
	bodies, _ := filepath.Glob(filepath.Join(corpus(t, "mailgun-talon"), "tests/fixtures/signature/emails/stripped/*_body"))
	for _, f := range bodies {
		body, signature := read(t, f), strings.TrimSpace(read(t, strings.TrimSuffix(f, "_body")+"_signature"))
		if strings.HasPrefix(signature, "--") {
			all = append(all, reply{visible(body), strings.TrimSuffix(strings.TrimSpace(body), signature)})
		}
	}
	pages, _ := filepath.Glob(filepath.Join(corpus(t, "mailgun-talon"), "tests/fixtures/html_replies/*.html"))
	for _, f := range pages {
		got := Body(message.Message{HTML: read(t, f)}, 0).Visible
		if strings.HasPrefix(got, "Hi. I am fine.") && len(got) < 80 {
			got = "Hi. I am fine."
		}
		all = append(all, reply{got, "Hi. I am fine."})
	}
	rand.New(rand.NewPCG(7, 7)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for half, part := range [][]reply{all[:len(all)/2], all[len(all)/2:]} {
		exact := 0
		for _, r := range part {
			if folded(r.got) == folded(r.want) {
				exact++
			}
		}
		t.Logf("half %d: %d of %d exact", half+1, exact, len(part))
		if exact*100 < len(part)*80 {
			t.Errorf("half %d: %d of %d exact, want 80 %%", half+1, exact, len(part))
		}
	}
}
