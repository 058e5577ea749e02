package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// signal is one sign of what a mail may be.
type signal struct {
	name   string
	change func(*message.Message)
	facts  func(*Facts)
}

func signals() []signal {
	header := func(name, value string) signal { return signal{name + ": " + value, field(name, value), nil} }
	said := func(name, subject, text string) signal {
		return signal{name, func(m *message.Message) { m.Subject, m.Text = subject, text }, nil}
	}
	fact := func(name string, change func(*Facts)) signal { return signal{name, nil, change} }
	score := 9.0
	return []signal{
		header("Auto-Submitted", "auto-replied"), header("Auto-Submitted", "no"), header("Precedence", "bulk"), header("Precedence", "list"), header("List-Id", "<news.shop.example>"),
		header("List-Unsubscribe", "<https://x.example>"), header("X-Auto-Response-Suppress", "All"), header("X-Autoreply", "yes"), header("X-Loop", "frontdesk-desk.example"), header("X-Failed-Recipients", "kim@gone.example"),
		header("Content-Type", "multipart/report; report-type=delivery-status"), header("Content-Type", "multipart/report; report-type=disposition-notification"), header("Feedback-ID", "1:2:3"), header("Return-Path", "<>"),
		{"the null sender", func(m *message.Message) { m.Envelope.MailFrom = "" }, nil},
		{"no envelope", func(m *message.Message) { m.Envelope = message.Envelope{} }, nil},
		{"a mail system", from("mailer-daemon@mx.example"), nil},
		{"a postmaster", from("postmaster@firm.example"), nil},
		{"nobody", from("no-reply@shop.example"), nil},
		{"ourselves", from("support@desk.example"), nil},
		{"a blocked sender", from("pest@example.org"), nil},
		{"no sender", func(m *message.Message) { m.From = message.Address{} }, nil},
		{"nobody of us among the recipients", func(m *message.Message) { m.To, m.Envelope.Recipients = nil, nil }, nil},
		{"a spam score", func(m *message.Message) { m.Envelope.SpamScore = &score }, nil},
		{"malware", func(m *message.Message) { m.Envelope.Malware = "X" }, nil},
		{"a failed check of its sender", func(m *message.Message) { m.Envelope.DMARC = message.VerdictFail }, nil},
		{"encrypted", func(m *message.Message) { m.Encrypted = true }, nil},
		{"a delivery report", func(m *message.Message) { m.Report = &message.Report{Kind: message.DSN} }, nil},
		{"a read receipt", func(m *message.Message) { m.Report = &message.Report{Kind: message.MDN} }, nil},
		{"an abuse report", func(m *message.Message) { m.Report = &message.Report{Kind: message.ARF} }, nil},
		{"an echo", func(m *message.Message) { m.Echo = true }, nil},
		{"an own post", func(m *message.Message) { m.OwnPost = true }, nil},
		said("a person's words", "退款", "请问我的退款什么时候到？"), said("an absence notice", "Automatic reply: Your ticket", "I am out of the office."), said("a returned mail", "Undelivered Mail Returned to Sender", "<kim@gone.example>: 550 5.1.1 user unknown"),
		said("nothing", "", ""), said("a thumb", "Re: Your ticket", "👍"), said("STOP", "", "STOP"), said("control characters", "\x00\x01", "\x00\u202e\xff"), said("a huge text", strings.Repeat("退", 3000), strings.Repeat("款 refund ", 30000)),
		fact("a bounce of a mail of ours", func(f *Facts) { f.KnownBounce = true }), fact("a ticket's reference", func(f *Facts) { f.TicketReference = true }), fact("a message of ours", func(f *Facts) { f.OwnMessage = true }),
		fact("an answer to our acknowledgement", func(f *Facts) { f.OwnAcknowledgement, f.Prompt = true, true }), fact("a flood", func(f *Facts) { f.Recent = 1000 }), fact("left", func(f *Facts) { f.Stopped = true }), fact("let in", func(f *Facts) { f.Excepted = true }), fact("blocked at the desk", func(f *Facts) { f.Blocked = true }),
		fact("a form", func(f *Facts) { f.Form = true }), fact("a named form", func(f *Facts) { f.Form, f.NamedForm = true, true }), fact("our own list", func(f *Facts) { f.OwnList = true }), fact("forwarded", func(f *Facts) { f.Forwarded = true }),
		fact("a scanner's malware", func(f *Facts) { f.Opinions = []Opinion{{Scanner: "clamd", Verdict: OpinionMalware}} }), fact("a matter", func(f *Facts) { f.Matter = func(string) bool { return true } }),
	}
}

var (
	kinds    = []Kind{Human, Auto, List, DSN, MDN, ARF, Own, Echo, Empty, Reaction}
	parked   = []string{"", causes.Malware, causes.Loop, causes.FromOwnAddress, causes.BlockedSender, causes.Spam, causes.Backscatter, causes.ServerNotice, causes.Automated, causes.SenderFlood}
	suppress = []string{"", SuppressBounce, SuppressReceipt, SuppressEcho, SuppressOwnPost, SuppressReaction, SuppressOptOut, SuppressOptIn, SuppressHelp}
)

// TestEveryVerdictIsWhole: any three signs at once, on each family of channels. A verdict says what it is, why, and never answers what
// it sets aside; its reasons hold nothing of anybody's words or addresses.
func TestEveryVerdictIsWhole(t *testing.T) {
	t.Parallel()
	all := signals()
	for _, channel := range []string{"email", "sms", "form", "telegram"} {
		for i := range all {
			for j := i; j < len(all); j++ {
				k := (i*31 + j*17) % len(all)
				m, f := human(func(m *message.Message) { by(m, channel) }), Facts{}
				name := channel
				for _, s := range []signal{all[i], all[j], all[k]} {
					if name += ", " + s.name; s.change != nil {
						s.change(&m)
					}
					if s.facts != nil {
						s.facts(&f)
					}
				}
				whole(t, name, m, f)
			}
		}
	}
}

func whole(t *testing.T, name string, m message.Message, f Facts) {
	t.Helper()
	got := Check(m, f, settings)
	if !slices.Contains(kinds, got.Kind) || !slices.Contains(parked, got.Park) || !slices.Contains(suppress, got.Suppress) {
		t.Errorf("%s: a verdict that is none: %+v", name, verdictOf(got))
	}
	if got.Withhold == "" && (got.Park != "" || got.Suppress != "" || got.OptOut == "stop") {
		t.Errorf("%s: acknowledged beside %+v", name, verdictOf(got))
	}
	if got.Park != "" && got.Suppress != "" && got.Park != causes.Malware {
		t.Errorf("%s: parked and suppressed: %+v", name, verdictOf(got))
	}
	if (m.Envelope.Malware != "" || Malware(f.Opinions) != "") && got.Park != causes.Malware && got.Kind != Echo {
		t.Errorf("%s: malware is let through: %+v", name, verdictOf(got))
	}
	if got.Withhold != "" && len(got.Reasons) == 0 {
		t.Errorf("%s: no reason for %+v", name, verdictOf(got))
	}
	for _, r := range got.Reasons {
		if r == "" || strings.Contains(r, "@") || strings.ContainsFunc(r, func(r rune) bool { return r >= 0x80 || r < ' ' }) {
			t.Errorf("%s: the reason %q", name, r)
		}
	}
	if diff := cmp.Diff(got, Check(m, f, settings)); diff != "" {
		t.Errorf("%s: looked at again it is another verdict:\n%s", name, diff)
	}
}

func TestNothingOfOursIsAnswered(t *testing.T) {
	t.Parallel()
	for _, s := range signals() {
		for _, ours := range []string{"support@desk.example", "SUPPORT@desk.example", "support+T-12@desk.example", "<help@desk.example>"} {
			m, f := human(from(ours)), Facts{}
			if s.change != nil && s.name != "no sender" {
				s.change(&m)
				m.From.Value = ours
			}
			if s.facts != nil {
				s.facts(&f)
			}
			if got := Check(m, f, settings); got.Withhold == "" {
				t.Errorf("%s with %s is acknowledged: %+v", ours, s.name, verdictOf(got))
			}
		}
	}
}

func TestWhoseAddressIsNobodys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address               string
		robot, daemon, person bool
	}{
		{"anna@customer.example", false, false, true},
		{"no-reply@shop.example", true, false, false},
		{"NoReply@shop.example", true, false, false},
		{"no_reply@shop.example", true, false, false},
		{"shop-no-reply@shop.example", true, false, false},
		{"noreply.shop@shop.example", true, false, false},
		{"do.not.reply@shop.example", true, false, false},
		{"donotreply-eu@shop.example", true, false, false},
		{"nichtantworten@firma.example", true, false, false},
		{"anoreplya@shop.example", false, false, true},
		{"norey@shop.example", false, false, true},
		{"reply@shop.example", false, false, true},
		{"mailer-daemon@mx.example", true, true, false},
		{"MAILER-DAEMON@mx.example", true, true, false},
		{"mailer_daemon@mx.example", true, true, false},
		{"mailer@shop.example", false, false, true},
		{"mail.admin@shop.example", false, false, true},
		{"postmaster@firm.example", true, false, false},
		{"postmaster2@firm.example", true, false, false},
		{"postman@firm.example", false, false, true},
		{"root@firm.example", true, false, false},
		{"rooter@firm.example", false, false, true},
		{"bounce@shop.example", true, false, false},
		{"bouncer@club.example", false, false, true},
		{"news-bounces@lists.example", true, false, false},
		{"prvs=0123456789=anna@customer.example", false, false, true},
		{"prvs=0123456789=mailer-daemon@mx.example", true, true, false},
		{"SRS0=Kf7x=WD=customer.example=anna@relay.example", false, false, true},
		{"SRS0=Kf7x=WD=mx.example=mailer-daemon@relay.example", true, true, false},
		{"SRS0=broken@relay.example", true, false, false},
		{"订单@shop.example", false, false, true},
		{"anna", false, false, true},
		{"", false, false, false},
	} {
		if got := robot(c.address); got != c.robot {
			t.Errorf("robot(%q) is %v", c.address, got)
		}
		if got := daemon(c.address); got != c.daemon {
			t.Errorf("daemon(%q) is %v", c.address, got)
		}
		if got := personal(c.address); got != c.person {
			t.Errorf("personal(%q) is %v", c.address, got)
		}
	}
}

func TestWhoIsBlocked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entry, address string
		want           bool
	}{
		{"pest@example.org", "pest@example.org", true},
		{"pest@example.org", "a-pest@example.org", false},
		{"example.org", "pest@example.org", true},
		{"@example.org", "pest@example.org", true},
		{"example.org", "pest@mail.example.org", true},
		{"example.org", "pest@notexample.org", false},
		{"example.org", "pest@example.org.evil.example", false},
		{"example.org", "example.org@customer.example", false},
		{"org", "pest@example.org", false},
		{"", "pest@example.org", false},
		{"pest@example.org", "", false},
		{"+4915550001", "+4915550001", true},
		{"+4915550001", "+49155500011", false},
		{"@", "pest@example.org", false},
		{".", "pest@example.org", false},
	} {
		if got := matches(c.entry, c.address); got != c.want {
			t.Errorf("%q names %q: %v", c.entry, c.address, got)
		}
	}
	for _, address := range []string{"PEST@example.org", "x@SPAM.example", "x@sub.spam.example", "x@junk.example"} {
		if got := Check(human(from(address)), Facts{}, settings); got.Park != causes.BlockedSender {
			t.Errorf("%s: %q", address, got.Park)
		}
	}
}

func TestValuesOfFields(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"auto-replied":            "auto-replied",
		"Auto-Replied":            "auto-replied",
		" auto-replied ; owner=x": "auto-replied",
		"auto-replied (vacation)": "auto-replied",
		"(a (nested) comment) no": "no",
		"no(comment)":             "no",
		"(open":                   "",
		"":                        "",
		";":                       "",
		"a)b(c)":                  "a)b",
		"a)b":                     "a)b",
		"(a)(b)x":                 "x",
		"x (;) y":                 "x",
	} {
		if got := token(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
	for _, c := range []struct{ value, want string }{
		{"multipart/report; report-type=delivery-status", "delivery-status"},
		{`multipart/report; REPORT-TYPE="Feedback-Report"`, "feedback-report"},
		{"multipart/report; boundary=x;report-type = disposition-notification ", "disposition-notification"},
		{"multipart/report", "default"},
		{"multipart/report; xreport-type=a", "default"},
		{"multipart/report; report-type", "default"},
	} {
		if got := parameter(c.value, "report-type", "default"); got != c.want {
			t.Errorf("%q has %q, want %q", c.value, got, c.want)
		}
	}
	for _, c := range []struct {
		name, value string
		want        bool
	}{{"All", "All", true}, {"one of several", "DR, AutoReply; RN", true}, {"OOF", "OOF", true}, {"others", "DR, NDR, RN, NRN", false}, {"a word that only begins so", "Allow", false}, {"nothing", "", false}} {
		if got := headersOf(message.Headers{{Name: "X-AUTO-RESPONSE-SUPPRESS", Value: c.value}}).suppressed(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if h := headersOf(message.Headers{{Name: strings.Repeat("x", 33), Value: "a"}, {Name: "Subject", Value: "b"}, {Name: "PRECEDENCE", Value: "Bulk (x)"}, {Name: "Precedence", Value: "list"}}); len(h) != 1 || !h.precedence("bulk") || !h.precedence("list") || h.precedence("junk") || !h.list() {
		t.Errorf("the fields are %v", h)
	}
}

func TestFieldsThatOnlyMachinesHave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fields []string
		want   string
	}{
		{"none", nil, ""},
		{"an autoresponder", []string{"X-Autoreply", "yes"}, "x-autoreply"},
		{"one that says no", []string{"X-Autoreply", "no"}, ""},
		{"one that says none", []string{"X-Vacation", "None"}, ""},
		{"one that says nothing", []string{"X-Autorespond", ""}, "x-autorespond"},
		{"a job", []string{"X-Cron-Env", "<SHELL=/bin/sh>"}, "x-cron-env"},
		{"iCloud's notice", []string{"X-Apple-Action", "vacation"}, "x-apple-action"},
		{"iCloud's rule", []string{"X-Apple-Action", "forward"}, ""},
		{"a campaign", []string{"Feedback-ID", "1:2", "List-Unsubscribe", "<https://x>"}, "feedback-id"},
		{"half a campaign", []string{"Feedback-ID", "1:2"}, ""},
		{"the other half", []string{"List-Unsubscribe", "<https://x>"}, ""},
	} {
		var h message.Headers
		for i := 0; i+1 < len(c.fields); i += 2 {
			h = append(h, message.Header{Name: c.fields[i], Value: c.fields[i+1]})
		}
		if got := headersOf(h).robotField(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSentencesAndTheirParts(t *testing.T) {
	t.Parallel()
	collect := func(each func(func(string) bool)) (out []string) {
		for s := range each {
			out = append(out, s)
		}
		return out
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"one", "i am away", []string{"i am away"}},
		{"two", "i am away. back on monday.", []string{"i am away", "back on monday"}},
		{"Chinese", "我不在。周一回来！谢谢；好", []string{"我不在", "周一回来", "谢谢", "好"}},
		{"lines", "a\r\nb\n\nc", []string{"a", "b", "c"}},
		{"a point in an address", "write to kim.li@firm.example please", []string{"write to kim.li@firm.example please"}},
		{"a point in a number", "version 5.2 is", []string{"version 5.2 is"}},
		{"a point behind a day", "am 12. mai zurück", []string{"am 12. mai zurück"}},
		{"a point behind a day and a number", "am 12. 5 tage", []string{"am 12", "5 tage"}},
		{"a question is no end", "why? because", []string{"why? because"}},
		{"nothing", "", nil},
		{"marks alone", "。！\n.", nil},
	} {
		if diff := cmp.Diff(c.want, collect(sentences(c.text))); diff != "" {
			t.Errorf("%s: sentences of %q (-want +got):\n%s", c.name, c.text, diff)
		}
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"one", "i am away", []string{"i am away"}},
		{"a comma", "i am away, please block my card", []string{"i am away", "please block my card"}},
		{"a Chinese comma", "我在休假，请冻结我的卡", []string{"我在休假", "请冻结我的卡"}},
		{"a list's comma", "我不在、请联系", []string{"我不在", "请联系"}},
		{"a joining word", "i am away and my card is lost", []string{"i am away", "my card is lost"}},
		{"a joining word in German", "ich bin weg aber die karte fehlt", []string{"ich bin weg", "die karte fehlt"}},
		{"a word that begins like one", "i am away android fails", []string{"i am away android fails"}},
		{"a word that begins a sentence", "hello i am away", []string{"hello", "i am away"}},
		{"a joining word at the end", "i am away and", []string{"i am away and"}},
		{"Thai has spaces there", "ลาพักร้อน บัตรหาย", []string{"ลาพักร้อน", "บัตรหาย"}},
		{"nothing", ",，", nil},
	} {
		if diff := cmp.Diff(c.want, collect(parts(c.text))); diff != "" {
			t.Errorf("%s: parts of %q (-want +got):\n%s", c.name, c.text, diff)
		}
	}
}

// TestARobotsWordsInAPersonsMail: words of absence notices, receipts, reports and servers, in what customers want.
func TestARobotsWordsInAPersonsMail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, subject, text string }{
		{"a holiday, Simplified", "休假期间扣款", "我休假期间银行卡被扣了500元，请查一下。"},
		{"a holiday, Traditional", "休假中被扣款", "我正在休假中，但是信用卡被盜刷，請盡快處理。"},
		{"a journey", "出差", "我出差中，手机丢了，请马上冻结账户。"},
		{"an office", "不在办公室", "我不在办公室的时候，有人用我的卡付了款，请退款。"},
		{"an automatic answer that was got", "你们的自动回复", "我收到自动回复说会联系我，可是三天了没人联系，请处理退款。"},
		{"an automatic answer that was got, English", "Your automatic reply", "I got your automatic reply, but nobody contacted me. Where is my refund?"},
		{"leave, English", "On leave", "I am on leave and my card was stolen, please block it."},
		{"leave, a comma", "Out of office", "I'm out of the office until Monday, can you refund me?"},
		{"leave and a wish behind it", "Vacation", "I am on vacation. I need my account unblocked today."},
		{"a mail that was read", "Read", "I read your message on Monday. My payment is still missing."},
		{"a mail that was read, Chinese", "已读", "我已阅读你们的邮件，但是钱还没到账。"},
		{"a thumb and a wish", "Re: Your ticket", "👍 but my card is still blocked"},
		{"a mail that came back", "退信", "我给你们发的邮件被退回来了，请告诉我正确的地址。"},
		{"a parcel that came back", "退回", "包裹被退回，收件人不存在，请退款。"},
		{"a list", "members only", "The app says members only, but I paid for the membership."},
		{"an event as JSON", "error", `{"event":"payment","message":"my card was refused twice"}`},
		{"a word for leaving, in a mail", "STOP", "Stop charging my card!"},
		{"a subject in capitals", "URGENT!!!", "MY CARD IS STOLEN"},
		{"a picture and a question", "Re: Your ticket", "🙏?"},
		{"from right to left", "אני בחופשה", "הכרטיס שלי נגנב, בבקשה לחסום"},
		{"full width", "ＯＵＴ　ＯＦ　ＯＦＦＩＣＥ", "ＭＹ　ＣＡＲＤ is stolen, please help"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, gateway := range []string{"", "[External] ", "外部邮件：", "***SPAM*** "} {
				got := Check(mailOf("anna@customer.example", "", gateway+c.subject, c.text), Facts{}, settings)
				if got.Park != "" || got.Suppress != "" || got.Kind != Human {
					t.Errorf("%q: %+v %v", gateway+c.subject, verdictOf(got), got.Reasons)
				}
			}
			answer := mailOf("anna@customer.example", "", "Re: Your ticket", c.text)
			answer.InReplyTo = []string{"x@desk.example"}
			if got := Check(answer, Facts{TicketReference: true, OwnAcknowledgement: true, Prompt: true}, settings); got.Kind != Human {
				t.Errorf("as an answer within minutes: %+v %v", verdictOf(got), got.Reasons)
			}
		})
	}
}

func TestFloodsAndThresholds(t *testing.T) {
	t.Parallel()
	for recent, park := range map[int]string{0: "", settings.FloodPerHour - 1: "", settings.FloodPerHour: causes.SenderFlood, 10000: causes.SenderFlood} {
		if got := Check(human(nil), Facts{Recent: recent}, settings); got.Park != park {
			t.Errorf("%d in an hour: %q, want %q", recent, got.Park, park)
		}
		never := settings
		never.FloodPerHour = 0
		if got := Check(human(nil), Facts{Recent: recent}, never); got.Park != "" {
			t.Errorf("%d in an hour without a limit: %q", recent, got.Park)
		}
	}
	for _, c := range []struct {
		score, threshold float64
		park             string
	}{{7.99, 8, ""}, {8, 8, causes.Spam}, {-5, 8, ""}, {100, 0, ""}, {0.1, 0.1, causes.Spam}} {
		s := settings
		s.SpamThreshold = c.threshold
		if got := Check(human(func(m *message.Message) { m.Envelope.SpamScore = &c.score }), Facts{}, s); got.Park != c.park {
			t.Errorf("score %v at threshold %v: %q", c.score, c.threshold, got.Park)
		}
	}
}

func TestWordsOfAnOpinion(t *testing.T) {
	t.Parallel()
	two := 2.5
	for _, c := range []struct {
		opinion Opinion
		want    string
	}{
		{Opinion{Scanner: "a", Verdict: OpinionClean}, "a: clean"},
		{Opinion{Scanner: "a", Verdict: OpinionSpam, Score: &two, Action: "reject"}, "a: spam, score 2.5, reject"},
		{Opinion{Scanner: "a", Verdict: OpinionMalware, Name: "Eicar"}, "a: malware, Eicar"},
		{Opinion{Scanner: "a", Verdict: OpinionTimeout}, "a: went on without its answer, timeout"},
		{Opinion{Scanner: "a", Verdict: "unavailable", Detail: "refused"}, "a: went on without its answer, unavailable, refused"},
	} {
		if got := c.opinion.Words(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	for _, c := range []struct {
		opinions []Opinion
		want     string
	}{
		{nil, ""},
		{[]Opinion{{Verdict: OpinionClean}}, ""},
		{[]Opinion{{Verdict: OpinionMalware}}, "unnamed"},
		{[]Opinion{{Verdict: OpinionSpam}, {Verdict: OpinionMalware, Name: "X"}}, "X"},
		{[]Opinion{{Verdict: OpinionMalware, Name: "X"}, {Verdict: OpinionMalware, Name: "Y"}}, "X"},
	} {
		if got := Malware(c.opinions); got != c.want {
			t.Errorf("%v: %q, want %q", c.opinions, got, c.want)
		}
	}
}

func TestEventsOfMailServicesAndTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"a bounce", `{"event":"bounce","email":"a@b.example"}`, true},
		{"a list of events", `[{"event":"delivered","email":"a@b.example"},{"event":"bounce","email":"a@b.example"}]`, true},
		{"a bounce's type", `{"notificationType":"Bounce","mail":{"source":"a@b.example"}}`, true},
		{"an envelope of a notification service", `{"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"mail\":{\"source\":\"a@b.example\"}}"}`, true},
		{"opened", `{"event":"open","email":"a@b.example"}`, true},
		{"opened, of no mail", `{"event":"open","door":"front"}`, false},
		{"a payment that failed", `{"event":"failed","amount":3}`, false},
		{"a payment of a mail's owner that failed", `{"status":"failed","email":"a@b.example"}`, false},
		{"an event with somebody's question", `{"event":"bounce","email":"a@b.example","message":"why does my card bounce?"}`, false},
		{"a form", `{"name":"Anna","email":"a@b.example","question":"where is my card"}`, false},
		{"with the service's footer", `{"event":"bounce","email":"a@b.example"}` + "\n-- \nsent by mail service", true},
		{"with a long text behind it", `{"event":"bounce","email":"a@b.example"}` + strings.Repeat(" words", 200), false},
		{"cut off", `{"event":"bounce","email":"a@b.example"`, false},
		{"too deep", strings.Repeat(`{"a":`, 12) + `{"event":"bounce","email":"a@b.example"}` + strings.Repeat("}", 12), false},
		{"no object", `"bounce"`, false},
		{"a number", `5`, false},
		{"words", `bounce`, false},
		{"nothing", ``, false},
	} {
		if got := mailEvent(c.text); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestAPersonsMailIsTheSameInEveryDress: what gateways, programs and people put around it does not make a machine of a person.
func TestAPersonsMailIsTheSameInEveryDress(t *testing.T) {
	t.Parallel()
	for i, text := range []string{"请问我的退款什么时候到账？", "請問我的退款何時到帳？", "Where is my refund?", "我的 card 被 declined 了", "אני רוצה החזר", "返金はいつですか", strings.Repeat("我的卡丢了。", 400), "💳❓", "٣٠٠ ريال"} {
		for _, around := range [][2]string{{"", ""}, {"您好，\n", "\n谢谢"}, {"Dear team,\n\n", "\n\nBest regards\nAnna"}, {"", "\n\nSent from my iPhone"}, {"", "\n-- \nAnna Li\nACME"}, {"\ufeff", "\u200b"}, {"> old words\n", ""}} {
			got := Check(mailOf(fmt.Sprintf("anna%d@customer.example", i), "", "", around[0]+text+around[1]), Facts{}, settings)
			if got.Kind != Human || got.Withhold != "" {
				t.Errorf("%.20q in %q: %+v %v", text, around, verdictOf(got), got.Reasons)
			}
		}
	}
}
