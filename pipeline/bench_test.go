package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/templates/home"
)

// desk is a whole service: the built-in categories with their facts and answers, and promises that are
// counted in office hours.
func desk(t testing.TB) *pipeline.Settings {
	t.Helper()
	s := settings(t)
	folder := classify.NewFolder()
	policy := prioritize.Default()
	policy.Categories = map[string]prioritize.Level{}
	for _, k := range home.Categories() {
		policy.Categories[k.Key] = prioritize.Level(k.Priority)
		s.Desk[k.Key] = shelved(t, s.Finder, k)
	}
	var err error
	if s.Prioritize, err = prioritize.New(policy, folder.Fold); err != nil {
		t.Fatal(err)
	}
	office := promise.Calendar{Name: "office", Zone: time.FixedZone("HKT", 8*3600)}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Week[day] = []promise.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	hours, err := office.Compile()
	if err != nil {
		t.Fatal(err)
	}
	s.Promise = promise.Policy{Calendars: map[string]*promise.Hours{"office": hours}, Default: "office", Warn: []float64{0.5, 0.8}, Rules: []promise.Rule{
		{Kind: promise.Acknowledgement, Within: 24 * time.Hour, Clock: promise.Wall}, {Kind: promise.FirstReply, Within: 8 * time.Hour, Clock: promise.Business},
		{Kind: promise.Resolution, Within: 40 * time.Hour, Clock: promise.Business}}}
	return s
}

func shelved(t testing.TB, finder *answer.Finder, k home.Category) pipeline.Category {
	t.Helper()
	out := pipeline.Category{Queue: k.Queue, Facts: map[string]*answer.Checklist{}}
	facts := map[string][]answer.Fact{}
	for _, f := range k.Facts {
		for lang, ask := range f.Ask {
			facts[lang] = append(facts[lang], answer.Fact{Key: f.Key, Ask: ask})
		}
	}
	for lang, list := range facts {
		checklist, err := finder.Checklist(list)
		if err != nil {
			t.Fatal(err)
		}
		out.Facts[lang] = checklist
	}
	return out
}

func sms(id int64, text string) message.Message {
	return message.Message{ID: id, Inbox: "hotline", Channel: "sms", Key: fmt.Sprint("SM", id), At: now.Add(time.Duration(id) * time.Second), Proven: true,
		From: message.Address{Kind: message.Phone, Value: fmt.Sprintf("+861380%07d", id)}, Thread: fmt.Sprint("t", id), Text: text}
}

func englishTexts() []string {
	return []string{
		"My payment for order T000451234 failed but 120 dollars were taken from my account. Please check.",
		"I was charged twice for order T093451234, 77 dollars each time. I want one of them back.",
		"Where is my refund for order T493451234? It has been two weeks and 3100 dollars are still missing.",
		"I cannot sign in since yesterday, the page says my account is locked. Last order T093451239 over 560.",
		"How long does a transfer to Hong Kong take? Reference T193451239, amount 880.",
		"The app crashes when I open payment T393451239 over 12. Android 14, newest version.",
		"Somebody paid 410 with my account and it was not me, order T393451239. Please stop it!",
		"Please change the phone number on my account. My last payment was T000451233 over 91.",
	}
}

func chineseTexts() []string {
	return []string{
		"订单 T000451234 付款失败，但是银行卡已经扣了 120 元，请尽快帮我查一下。",
		"我的退款还没有到账，订单号 T093451234，金额 77 元，已经等了十天了。",
		"账户被锁定了登录不了，最近一笔交易是 T493451234，金额 3100，麻烦解锁。",
		"同一笔订单 T193451239 被扣款两次，每次 880 元，请把多扣的退回来。",
		"跨境汇款 T393451239 什么时候能到？金额 410 美元，收款方在香港。",
		"您好，想咨询一下优惠活动，订单 T000451233 满 91 元为什么没有减？",
	}
}

// letter is a mail as mail programs write them: the words as plain text, and once more as HTML with a
// quoted history that makes it some 12 KB long.
func letter(id int64) message.Message {
	texts := append(englishTexts(), chineseTexts()...)
	first, second := texts[int(id)%len(texts)], texts[int(id*7+3)%len(texts)]
	m := mail(id, "support", fmt.Sprintf("c%d@mail%d.example", id, id%5), fmt.Sprintf("Question about my payment %08x", id*2654435761%(1<<32)),
		"Dear support team,\r\n\r\n"+first+"\r\n\r\n"+second+"\r\n\r\nKind regards\r\nCustomer 17\r\n")
	var b strings.Builder
	fmt.Fprintf(&b, "<html><head><style>p { margin: 0; font-family: sans-serif }</style></head><body>\r\n<p>Dear support team,</p><p>%s</p><p>%s</p>"+
		"<p>Kind regards<br>Customer 17</p><blockquote type=\"cite\">\r\n", first, second)
	for i := 0; b.Len() < 10<<10; i++ {
		fmt.Fprintf(&b, "<p style=\"margin:0;color:#444444\"><span lang=\"en\">%s</span></p>\r\n", texts[i%len(texts)])
	}
	b.WriteString("</blockquote>\r\n</body></html>")
	m.HTML = b.String()
	m.Headers = append(m.Headers, message.Header{Name: "Date", Value: "Fri, 20 Nov 2026 10:00:00 +0000"}, message.Header{Name: "MIME-Version", Value: "1.0"},
		message.Header{Name: "Subject", Value: m.Subject}, message.Header{Name: "Content-Type", Value: "multipart/alternative; boundary=b"})
	return m
}

// BenchmarkMessage is what reading and deciding one message costs the processor, with the settings of a
// whole desk.
func BenchmarkMessage(b *testing.B) {
	s := desk(b)
	var english, chinese, letters []message.Message
	for i, text := range englishTexts() {
		english = append(english, sms(int64(i+1), text))
	}
	for i, text := range chineseTexts() {
		chinese = append(chinese, sms(int64(i+1), text))
	}
	for i := range 14 {
		letters = append(letters, letter(int64(i+1)))
	}
	for _, c := range []struct {
		name     string
		messages []message.Message
	}{{"English SMS", english}, {"Chinese SMS", chinese}, {"mail of 12 KB", letters}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			facts := pipeline.NewFacts()
			for i := 0; b.Loop(); i++ {
				m := c.messages[i%len(c.messages)]
				read := pipeline.Read(m, s, now)
				decided := pipeline.Decide(read, facts.For(m, read.Asks))
				if decided.Plan.State != messages.Ticketed {
					b.Fatalf("%s %s", decided.Plan.State, decided.Plan.Cause)
				}
			}
		})
	}
}
