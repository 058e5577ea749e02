package ops

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/service"
)

// mostClicks is how far from the overview a support lead finds the answer to each of his questions.
const mostClicks = 2

// shown is how many rows each part of the overview has.
const shown = 12

// reader reads the pages as a person does: he sees their words, follows their links, and counts his clicks.
type reader struct {
	*rig
	t      *testing.T
	lang   string
	at     *url.URL
	page   *html.Node
	clicks int
}

// opened is a reader who looks at the overview.
func (r *rig) opened(t *testing.T, lang string) *reader {
	t.Helper()
	p := &reader{rig: r, t: t, lang: lang, at: &url.URL{Path: "/"}}
	p.get(p.at)
	return p
}

func (p *reader) get(to *url.URL) {
	p.t.Helper()
	w := p.ask(http.MethodGet, to.RequestURI(), func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "frontdesk_lang", Value: p.lang}) })
	page, err := html.Parse(w.Body)
	if err != nil || w.Code != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v", to, w.Code, err)
	}
	p.at, p.page = to, page
}

// click follows the first link of the page whose words are those, or begin with them.
func (p *reader) click(words string) {
	p.t.Helper()
	for n := range p.page.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" || !strings.HasPrefix(visible(n), words) {
			continue
		}
		to, err := p.at.Parse(attr(n, "href"))
		if err != nil || to.Host != "" {
			p.t.Fatalf("%s: %q leads to %q", p.at, words, attr(n, "href"))
		}
		if p.clicks++; p.clicks > mostClicks {
			p.t.Fatalf("%q is click %d", words, p.clicks)
		}
		p.get(to)
		return
	}
	p.t.Fatalf("%s has no link %q:\n%s", p.at, words, visible(p.page))
}

// sees fails unless the page says all of it.
func (p *reader) sees(parts ...string) {
	p.t.Helper()
	words := visible(p.page)
	for _, part := range parts {
		if !strings.Contains(words, part) {
			p.t.Errorf("%s does not say %q:\n%s", p.at, part, words)
		}
	}
}

// canPress fails unless there is a button with those words in a form that posts to there.
func (p *reader) canPress(words, action string) {
	p.t.Helper()
	for n := range p.page.Descendants() {
		if n.Data == "form" && attr(n, "action") == action && attr(n, "method") == "post" && strings.Contains(visible(n), words) {
			return
		}
	}
	p.t.Errorf("%s has no button %q that posts to %s", p.at, words, action)
}

// line is the words of the smallest list item or table row that says that.
func (p *reader) line(words string) string {
	found := ""
	for n := range p.page.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "li" || n.Data == "tr") {
			if text := visible(n); strings.Contains(text, words) && (found == "" || len(text) < len(found)) {
				found = text
			}
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// visible are the words below a node, without scripts and styles, with single spaces.
func visible(n *html.Node) string {
	var words []string
	for c := range n.Descendants() {
		if c.Type == html.TextNode && !slices.Contains([]string{"script", "style", "title", "noscript"}, c.Parent.Data) {
			words = append(words, strings.Fields(c.Data)...)
		}
	}
	return strings.Join(words, " ")
}

// knownThings is the desk that the questions are asked of.
type knownThings struct {
	oldest, earlier, failed, held pipeline.Plan
	machine, spam, dismissed      int64
	promised                      time.Time
}

// oldMail makes a plan a mail of somebody whom nothing proves, who wrote hours ago.
func oldMail(ago time.Duration, subject, text string) func(*pipeline.Plan) {
	return func(p *pipeline.Plan) {
		from := message.Address{Kind: message.Email, Value: "wang@example.cn", Name: "Wang Xiaoming"}
		p.Contact.Add = []contacts.Claim{{Address: from}}
		p.Row.From, p.Row.Proven, p.Row.Subject, p.Row.Visible = from, false, subject, text
		p.Ticket.Display, p.Ticket.Open.Claimed, p.Ticket.Open.OpenedAt = subject, true, time.Now().Add(-ago)
		p.Effects[0].To = from
	}
}

// knownDesk fills a desk: an old ticket behind many urgent ones, a send that failed and one that is held, what was set aside, an inbox
// that fails, and what people did.
func knownDesk(t *testing.T) (*rig, knownThings) {
	r := newRig(t, opens(decide.Original{Text: "From: Wang\n\nThe whole letter"}))
	k := knownThings{promised: time.Now().Add(26 * time.Hour)}
	k.earlier = r.decide("earlier", oldMail(50*time.Hour, "An invoice, please", "An invoice for May"))
	digest, err := r.config.Store.Files.PutBlob(t.Context(), []byte("receipt"))
	must(t, err)
	k.oldest = r.decide("oldest", func(p *pipeline.Plan) {
		oldMail(49*time.Hour, "Refund of A-20417", "Where is my refund?")(p)
		p.Promises = append(p.Promises, promises.Plan{Kind: "first-reply", Due: k.promised, Calendar: "always"})
		p.Row.Attachments = []message.Attachment{{Name: "receipt.txt", MediaType: "text/plain", Size: 7, Digest: digest}}
	})
	must(t, r.config.Store.Acts.CloseTicket(t.Context(), k.earlier.Ticket.ID, time.Now(), "Li"))
	for n := range shown + 1 {
		r.decide(fmt.Sprint("urgent ", n), func(p *pipeline.Plan) { p.Ticket.Open.Priority = "urgent" })
	}
	k.failed = r.decide("failed", nil)
	k.held = r.hold("held", "stranger-cap")
	r.sent(k.oldest, commands.SendEnded{State: effects.Sent, ProviderID: "p1"})
	r.sent(k.failed, commands.SendEnded{State: effects.Failed, Code: "30007", Detail: "carrier filtered", Void: "no-address"})
	k.machine, k.spam, k.dismissed = r.park("machine", "automated").Message, r.park("spam", "spam").Message, r.park("dismissed", "spam").Message
	must(t, r.config.Store.Acts.Looked(t.Context(), k.oldest.Message, "text", time.Now(), "Zhou"))
	must(t, r.config.Store.Acts.Dismiss(t.Context(), k.dismissed, time.Now(), "Zhou"))
	must(t, r.config.Store.Service.InboxSeen(t.Context(), []service.InboxStatus{{Inbox: "support", Channel: "email", Address: "support@desk.example", State: workers.InboxFailing,
		Contact: time.Now().Add(-3 * time.Hour), Err: "sign-in refused"}}, time.Now()))
	mail := intake.Item{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: "mail", At: time.Now(), Raw: []byte("mail")}}
	_, err = r.config.Store.Intake.Record(t.Context(), intake.Lot{Items: []intake.Item{mail}}, time.Now())
	must(t, err)
	return r, k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sent settles the acknowledgement of a plan.
func (r *rig) sent(p pipeline.Plan, o commands.SendEnded) {
	r.t.Helper()
	o.ID, o.Attempt = r.row(p).ID, 1
	if o.State == effects.Sent {
		o.Words = r.config.Store.Outbox.SealWords(o.ID, 1, outbox.Words{Subject: "We have your request", Text: "Dear Mr. Wang, a colleague looks for A-20417.", Language: "en"})
	}
	rows, err := r.config.Store.Outbox.ClaimEffects(r.t.Context(), []int64{o.ID}, "test", time.Now(), time.Now().Add(time.Minute))
	if err != nil || len(rows) != 1 {
		r.t.Fatalf("claiming: %v, %d rows", err, len(rows))
	}
	if err := r.config.Store.Outbox.Settle(r.t.Context(), []commands.SendEnded{o}, time.Now()); err != nil {
		r.t.Fatal(err)
	}
}

// TestASupportLeadFindsEachAnswerWithinTwoClicks: from the overview, by links alone, in both languages.
func TestASupportLeadFindsEachAnswerWithinTwoClicks(t *testing.T) {
	r, k := knownDesk(t)
	for lang, say := range map[string]func(en, zh string) string{"en": func(en, _ string) string { return en }, "zh": func(_, zh string) string { return zh }} {
		for name, ask := range questions(k, say) {
			t.Run(lang+": "+name, func(t *testing.T) { ask(r.opened(t, lang)) })
		}
	}
}

// questions are what a support lead asks, each with the way to its answer.
func questions(k knownThings, say func(en, zh string) string) map[string]func(*reader) {
	oldest := thread.TicketNumber(k.oldest.Ticket.ID)
	due := k.promised.In(time.FixedZone("", 8*3600)).Format("15:04")
	return map[string]func(*reader){
		"who waits longest": func(p *reader) {
			p.sees(say("Waits longest: ", "等待最久： ")+oldest+" · Wang Xiaoming", say("2 d 1 h", "2 天 1 小时"))
			p.click(say("Open tickets", "未结工单"))
			p.click(say("Open, longest waiting first", "未结（等待最久优先）"))
			p.sees(oldest + " Refund of A-20417 Wang Xiaoming wang@example.cn")
		},
		"what was promised to him, and by when": func(p *reader) {
			p.click(oldest)
			p.sees(say("first reply", "首次答复"), due, say("All times are those of Asia/Shanghai.", "页面时间均为 Asia/Shanghai 时区时间。"))
		},
		"what did we write him, and did it arrive": func(p *reader) {
			p.click(oldest)
			if line := p.line("wang@example.cn " + say("sent", "已发送")); !strings.Contains(line, say("acknowledgement", "回执")) {
				p.t.Errorf("what became of the acknowledgement is not said: %q", line)
			}
			p.click(say("What we wrote", "查看发送内容"))
			p.sees("We have your request", "Dear Mr. Wang, a colleague looks for A-20417.")
		},
		"what did he send": func(p *reader) {
			p.click(oldest)
			p.sees("Where is my refund?", "receipt.txt", say("not scanned", "未经扫描"))
			p.click(say("Read the original", "查看原件"))
			p.sees("The whole letter")
		},
		"what failed, and why": func(p *reader) {
			p.click(say("Outbox", "发件箱"))
			p.click(say("failed", "失败"))
			p.sees(thread.TicketNumber(k.failed.Ticket.ID), "30007")
		},
		"what is held back, and how do I let it go": func(p *reader) {
			p.click(say("Held acknowledgements", "暂缓的回执"))
			p.sees(thread.TicketNumber(k.held.Ticket.ID), say("cap for unproven senders", "未验证来信上限"))
			p.canPress(say("Release", "放行"), "/outbox/release")
			p.canPress(say("Release", "放行"), "/outbox/"+id(p.row(k.held).ID)+"/release")
		},
		"what was set aside, and how do I bring it back": func(p *reader) {
			p.click(say("Set aside", "待人工"))
			p.sees(say("sent by a machine", "机器发送"), say("spam", "垃圾信息"))
			for _, m := range []int64{k.machine, k.spam} {
				p.canPress(say("Release", "放行"), "/parked/"+id(m)+"/release")
			}
		},
		"how do I take back what somebody dismissed": func(p *reader) {
			p.click(say("dismissed", "已忽略"))
			p.click("#" + id(k.dismissed))
			p.canPress(say("Set aside again", "恢复为待人工"), "/parked/"+id(k.dismissed)+"/undismiss")
		},
		"is an inbox broken, and since when": func(p *reader) {
			p.sees(say("1 failing", "1 个异常"))
			p.click(say("Inboxes", "收件渠道"))
			since := time.Now().Add(-3 * time.Hour).In(time.FixedZone("", 8*3600)).Format("15:")
			if line := p.line("sign-in refused"); !strings.Contains(line, "support") || !strings.Contains(line, say("Failing; last worked", "异常；最后正常")) || !strings.Contains(line, since) {
				p.t.Errorf("the inbox says %q", line)
			}
		},
		"who of us did what": func(p *reader) {
			p.click(say("Journal", "操作日志"))
			p.sees("Li "+say("closed", "关闭")+" "+thread.TicketNumber(k.earlier.Ticket.ID), "Zhou "+say("dismissed", "忽略")+" "+say("spam", "垃圾信息"),
				"Zhou "+say("read original as text", "查看 原件（纯文本）"))
		},
		"what came from him before": func(p *reader) {
			p.click(oldest)
			p.sees(say("More of this customer", "该客户的其他工单"), "An invoice, please")
			p.click(thread.TicketNumber(k.earlier.Ticket.ID))
			p.sees("An invoice for May")
		},
		"how many came today, by channel": func(p *reader) {
			sms := shown + 8 // recorded by the rig
			p.sees(fmt.Sprintf("%s %s 1 %s %d %s %d", say("Today since 00:00:", "今日（自 00:00 起）："), say("E-mail", "邮件"), say("SMS", "短信"), sms, say("in all", "合计"), sms+1))
		},
	}
}
