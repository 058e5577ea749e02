package normalize

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
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
			t.Logf("%s: %q", filepath.Base(f), clip(got.Visible, 200))
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
		s, _ = tidy(s, 1<<16)
		p := split(s, quoteAt, false)
		if isBlank(p.visible) && !isBlank(s) {
			t.Errorf("nothing is visible of %q", s)
		}
		if len(p.visible) > len(s) {
			t.Error("the visible text is longer than the whole")
		}
		Core(p.visible)
	})
}

func BenchmarkVisible(b *testing.B) {
	s := strings.Repeat("I still cannot pay. The page says: error 12.\n", 20) + "\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> wrote:\n" + strings.Repeat("> We have looked into it: the bank refused the payment.\n", 100)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		split(s, len(s), false)
	}
}
