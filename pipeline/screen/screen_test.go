package screen

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// settings are those of the desk in these tests.
var settings = Settings{
	Own:           []string{"support@desk.example", "help@desk.example", "+442071838750"},
	Blocked:       []string{"pest@example.org", "spam.example", "@junk.example", "+4915550001"},
	SpamThreshold: 8,
	FloodPerHour:  60,
	LoopID:        "frontdesk-desk.example",
}

// human is a mail that deserves an acknowledgement; change makes the case from it.
func human(change func(*message.Message)) message.Message {
	m := message.Message{
		Channel: "email", Traits: message.Traits{Mail: true}, Inbox: "support-mail",
		From:     message.Address{Kind: message.Email, Value: "anna@customer.example", Name: "Anna"},
		To:       []message.Address{{Kind: message.Email, Value: "support@desk.example"}},
		Envelope: message.Envelope{MailFrom: "anna@customer.example", HasMailFrom: true, Recipients: []string{"support@desk.example"}},
		Subject:  "Refund", Text: "Where is my refund?",
		MessageID: "1@customer.example",
	}
	if change != nil {
		change(&m)
	}
	return m
}

func field(name, value string) func(*message.Message) {
	return func(m *message.Message) { m.Headers = append(m.Headers, message.Header{Name: name, Value: value}) }
}

func from(address string) func(*message.Message) {
	return func(m *message.Message) {
		m.From.Value = address
		m.Envelope.MailFrom = address
	}
}

// verdict is the part of a finding that a case is about.
type verdict struct {
	Kind                     Kind
	Park, Suppress, Withhold string
}

func check1(t *testing.T, m message.Message, f Facts, want verdict) {
	t.Helper()
	got := Check(m, f, settings)
	if d := cmp.Diff(want, verdict{got.Kind, got.Park, got.Suppress, got.Withhold}); d != "" {
		t.Errorf("verdict (-want +got)\n%s%v", d, got.Reasons)
	}
	if want != (verdict{Kind: Human}) && len(got.Reasons) == 0 {
		t.Error("no reason is given")
	}
}

func TestHumanMailIsAcknowledged(t *testing.T) {
	t.Parallel()
	check1(t, human(nil), Facts{}, verdict{Kind: Human})
}

// TestNeverAcknowledge goes through the checklist: the number of a case is that of its rule.
func TestNeverAcknowledge(t *testing.T) {
	t.Parallel()
	score := 9.5
	auto := verdict{Kind: Auto, Park: causes.Automated}
	with := func(v verdict, cause string) verdict { v.Withhold = cause; return v }
	for _, c := range []struct {
		name   string
		change func(*message.Message)
		facts  Facts
		want   verdict
	}{
		{"1 null envelope sender", func(m *message.Message) { m.Envelope.MailFrom = "" }, Facts{}, verdict{Kind: Human, Withhold: withholdNullSender}},
		{"1 null Return-Path of a fetched mail", func(m *message.Message) { m.Envelope = message.Envelope{}; field("Return-Path", "<>")(m) }, Facts{}, verdict{Kind: Human, Withhold: withholdNullSender}},
		{"1 null envelope sender to the signed address of our envelope", func(m *message.Message) { m.Envelope.MailFrom = "" }, Facts{Returned: true}, with(auto, withholdNullSender)},
		{"2 no Return-Path at all, and no From to answer", func(m *message.Message) { m.Envelope, m.From.Value = message.Envelope{}, "anna" }, Facts{}, verdict{Kind: Human, Withhold: withholdNoReturnPath}},
		{"2 a Return-Path that is no address", func(m *message.Message) { m.Envelope.MailFrom = "anna" }, Facts{}, verdict{Kind: Human, Withhold: withholdNoReturnPath}},
		{"2 a Return-Path in the header is enough", func(m *message.Message) {
			m.Envelope = message.Envelope{}
			field("Return-Path", "<anna@customer.example>")(m)
		}, Facts{}, verdict{Kind: Human}},
		{"3 Auto-Submitted: auto-generated", field("Auto-Submitted", "auto-generated"), Facts{}, with(auto, withholdAutoSubmitted)},
		{"3 Auto-Submitted: auto-replied with comment and parameter", field("auto-submitted", "Auto-Replied (vacation); owner-email=\"x\""), Facts{}, with(auto, withholdAutoSubmitted)},
		{"3 Auto-Submitted: auto-notified", field("Auto-Submitted", "auto-notified"), Facts{}, with(auto, withholdAutoSubmitted)},
		{"3 Auto-Submitted with an unknown token", field("Auto-Submitted", "robot"), Facts{}, with(auto, withholdAutoSubmitted)},
		{"3 Auto-Submitted: no", field("Auto-Submitted", "NO (a person)"), Facts{}, verdict{Kind: Human}},
		{"4 multipart/report of a delivery status", field("Content-Type", `multipart/report; report-type="delivery-status"; boundary=x`), Facts{}, verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdReport}},
		{"4 multipart/report of a disposition", field("Content-Type", "Multipart/Report; boundary=x; report-type=disposition-notification"), Facts{}, verdict{Kind: MDN, Suppress: SuppressReceipt, Withhold: withholdReport}},
		{"4 multipart/report of an abuse", field("Content-Type", "multipart/report; report-type=feedback-report"), Facts{}, verdict{Kind: ARF, Park: causes.Automated, Withhold: withholdReport}},
		{"5 top-level delivery status", field("Content-Type", "message/delivery-status"), Facts{}, verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdReport}},
		{"5 top-level disposition notification", field("Content-Type", "message/disposition-notification"), Facts{}, verdict{Kind: MDN, Suppress: SuppressReceipt, Withhold: withholdReport}},
		{"6 List-Id", field("List-Id", "<users.example.org>"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"6 List-Post", field("List-Post", "NO"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"6 List-Help", field("List-Help", "<mailto:x@y>"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"6 List-Unsubscribe", field("List-Unsubscribe", "<mailto:x@y>"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"6 List-Owner", field("List-Owner", "<mailto:x@y>"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"6 List-Archive", field("List-Archive", "<https://y>"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"7 Precedence: bulk, which web servers put on what people write", field("Precedence", "Bulk"), Facts{}, verdict{Kind: Human, Withhold: withholdPrecedence}},
		{"7 Precedence: bulk of a newsletter", func(m *message.Message) { field("Precedence", "bulk")(m); field("List-Unsubscribe", "<mailto:x@y>")(m) }, Facts{}, with(auto, withholdList)},
		{"7 Precedence: bulk from an address that nobody reads", func(m *message.Message) { field("Precedence", "bulk")(m); from("noreply@shop.example")(m) }, Facts{}, with(auto, withholdPrecedence)},
		{"7 Precedence: list", field("Precedence", "list"), Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"7 Precedence: auto_reply", field("Precedence", "auto_reply"), Facts{}, with(auto, withholdPrecedence)},
		{"7 Precedence: bulk of an old mailing list", func(m *message.Message) { field("Precedence", "bulk")(m); field("List-Post", "<mailto:x@y>")(m) }, Facts{}, verdict{Kind: List, Withhold: withholdList}},
		{"8 X-Auto-Response-Suppress: All", field("X-Auto-Response-Suppress", "All"), Facts{}, verdict{Kind: Human, Withhold: withholdSuppressHeader}},
		{"8 X-Auto-Response-Suppress: DR, OOF, AutoReply", field("X-Auto-Response-Suppress", "DR, OOF, AutoReply"), Facts{}, verdict{Kind: Human, Withhold: withholdSuppressHeader}},
		{"8 X-Auto-Response-Suppress: DR, RN, NRN", field("X-Auto-Response-Suppress", "DR, RN, NRN"), Facts{}, verdict{Kind: Human}},
		{"8 X-Auto-Response-Suppress: None", field("X-Auto-Response-Suppress", "None"), Facts{}, verdict{Kind: Human}},
		{"9 X-Autoreply", field("X-Autoreply", "yes"), Facts{}, with(auto, withholdRobotHeader)},
		{"9 X-Autorespond", field("X-Autorespond", "Re: x"), Facts{}, with(auto, withholdRobotHeader)},
		{"9 X-Autogenerated", field("X-Autogenerated", "Reply"), Facts{}, with(auto, withholdRobotHeader)},
		{"9 X-Auto-Reply-From", field("X-Auto-Reply-From", "x@y"), Facts{}, with(auto, withholdRobotHeader)},
		{"9 X-Loop of our own", field("X-Loop", "frontdesk-desk.example"), Facts{}, verdict{Kind: Human, Park: causes.Loop, Withhold: withholdOwnAddress}},
		{"9 X-Loop of others", field("X-Loop", "someone else"), Facts{}, verdict{Kind: Human}},
		{"9 X-Failed-Recipients", field("X-Failed-Recipients", "x@y"), Facts{}, verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdReport}},
		{"9 X-Cron-Env", field("X-Cron-Env", "<SHELL=/bin/sh>"), Facts{}, with(auto, withholdRobotHeader)},
		{"9 Feedback-ID and List-Unsubscribe", func(m *message.Message) { field("Feedback-ID", "1:x")(m); field("List-Unsubscribe", "<https://y>")(m) }, Facts{}, with(auto, withholdList)},
		{"10 mailer-daemon", from("MAILER-DAEMON@mx.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 postmaster", from("postmaster@mx.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 root", from("root@host.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 no-reply", from("no-reply@shop.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 donotreply with a prefix", from("shop.do_not_reply@shop.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 owner of a list", from("owner-users@lists.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 requests of a list", from("users-request@lists.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 bounces of a list as envelope sender", func(m *message.Message) { m.Envelope.MailFrom = "users-bounces@lists.example" }, Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 variable bounce address", func(m *message.Message) { m.Envelope.MailFrom = "bounce+12-anna=customer.example@shop.example" }, Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 confirmations", from("order-confirm@shop.example"), Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 BATV around a person", func(m *message.Message) { m.Envelope.MailFrom = "prvs=0123456789=anna@customer.example" }, Facts{}, verdict{Kind: Human}},
		{"10 BATV that cannot be read", func(m *message.Message) { m.Envelope.MailFrom = "prvs=x@customer.example" }, Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 SRS around a person", func(m *message.Message) { m.Envelope.MailFrom = "SRS0=Kf7x=WD=customer.example=anna@relay.example" }, Facts{}, verdict{Kind: Human}},
		{"10 SRS around a robot", func(m *message.Message) { m.Envelope.MailFrom = "SRS0=Kf7x=WD=shop.example=noreply@relay.example" }, Facts{}, verdict{Kind: Human, Withhold: withholdRobotAddress}},
		{"10 a person whose name has noreply inside nothing", from("norbert@customer.example"), Facts{}, verdict{Kind: Human}},
		{"11 from our own address", from("Support@Desk.example"), Facts{}, verdict{Kind: Own, Park: causes.FromOwnAddress, Withhold: withholdOwnAddress}},
		{"11 from our own address with a plus-part", from("support+T123.ab@desk.example"), Facts{}, verdict{Kind: Own, Park: causes.FromOwnAddress, Withhold: withholdOwnAddress}},
		{"11 our own address as envelope sender", func(m *message.Message) { m.Envelope.MailFrom = "help@desk.example" }, Facts{}, verdict{Kind: Human, Withhold: withholdOwnAddress}},
		{"11 our own message comes back", nil, Facts{OwnMessage: true}, verdict{Kind: Echo, Suppress: SuppressEcho, Withhold: withholdOwnAddress}},
		{"11 an answer to our acknowledgement", nil, Facts{OwnAcknowledgement: true, TicketReference: true}, verdict{Kind: Human, Withhold: withholdOwnReply}},
		{"12 not addressed to us", func(m *message.Message) {
			m.To[0].Value = "all@customer.example"
			m.Envelope.Recipients = nil
		}, Facts{}, verdict{Kind: Human, Withhold: withholdNotToUs}},
		{"12 addressed to an alias in Cc", func(m *message.Message) {
			m.To, m.Cc = nil, []message.Address{{Kind: message.Email, Value: "help+x@desk.example"}}
			m.Envelope.Recipients = nil
		}, Facts{}, verdict{Kind: Human}},
		{"12 a blind copy that the envelope tells of", func(m *message.Message) { m.To = nil }, Facts{}, verdict{Kind: Human}},
		{"13 spam score over the threshold", func(m *message.Message) { m.Envelope.SpamScore = &score }, Facts{}, verdict{Kind: Human, Park: causes.Spam, Withhold: withholdSpam}},
		{"13 DMARC fails", func(m *message.Message) { m.Envelope.DMARC = message.VerdictFail }, Facts{}, verdict{Kind: Human, Withhold: withholdForged}},
		{"13 SPF fails without DKIM", func(m *message.Message) { m.Envelope.SPF = message.VerdictFail }, Facts{}, verdict{Kind: Human, Withhold: withholdForged}},
		{"13 SPF fails but DKIM passes", func(m *message.Message) {
			m.Envelope.SPF, m.Envelope.DKIM = message.VerdictFail, message.VerdictPass
		}, Facts{}, verdict{Kind: Human}},
		{"13 SPF fails but DMARC passes", func(m *message.Message) {
			m.Envelope.SPF, m.Envelope.DMARC = message.VerdictFail, message.VerdictPass
		}, Facts{}, verdict{Kind: Human}},
		{"19 what is set aside is not acknowledged", func(m *message.Message) { m.Envelope.Malware = "EICAR" }, Facts{}, verdict{Kind: Human, Park: causes.Malware, Withhold: withholdParked}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check1(t, human(c.change), c.facts, c.want)
		})
	}
}

// TestRule18EncryptedMailIsAnswered is rule 18 of the checklist.
func TestRule18EncryptedMailIsAnswered(t *testing.T) {
	t.Parallel()
	got := Check(human(func(m *message.Message) { m.Encrypted, m.Text, m.Subject = true, "", "" }), Facts{}, settings)
	if got.Withhold != "" || got.Kind != Human {
		t.Errorf("withheld for %q, kind %s", got.Withhold, got.Kind)
	}
}

func TestParking(t *testing.T) {
	t.Parallel()
	score := 8.0
	for _, c := range []struct {
		name  string
		m     message.Message
		facts Facts
		want  verdict
	}{
		{"a bounce of our own mail is suppressed", human(from("mailer-daemon@mx.example")), Facts{KnownBounce: true}, verdict{Kind: DSN, Suppress: SuppressBounce, Withhold: withholdReport}},
		{"a bounce from our own domain is no own mail", human(func(m *message.Message) {
			from("mailer-daemon@desk.example")(m)
			m.Report = &message.Report{Kind: message.DSN}
		}), Facts{KnownBounce: true}, verdict{Kind: DSN, Suppress: SuppressBounce, Withhold: withholdReport}},
		{"a bounce that names our own address as sender", human(func(m *message.Message) {
			from("support@desk.example")(m)
			m.Report = &message.Report{Kind: message.DSN}
		}), Facts{}, verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdReport}},
		{"a person who writes about a bounce", human(func(m *message.Message) {
			m.Subject, m.Text = "Re: Undelivered Mail Returned to Sender", "my mail could not be delivered, why?"
		}), Facts{}, verdict{Kind: Human}},
		{"an automatic reply in a ticket goes on", human(field("Auto-Submitted", "auto-replied")), Facts{TicketReference: true}, verdict{Kind: Auto, Withhold: withholdAutoSubmitted}},
		{"a blocked address", human(from("Pest@Example.org")), Facts{}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"an address that was blocked at the desk", human(from("a@fine.example")), Facts{Blocked: true}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"one that was let in and then blocked", human(from("a@fine.example")), Facts{Blocked: true, Excepted: true}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"a blocked domain and its subdomain", human(from("a@mail.spam.example")), Facts{}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"a domain that only ends like a blocked one", human(from("a@notspam.example")), Facts{}, verdict{Kind: Human}},
		{"a blocked domain written with @", human(from("a@junk.example")), Facts{}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"a score that reaches the threshold", human(func(m *message.Message) { m.Envelope.SpamScore = &score }), Facts{}, verdict{Kind: Human, Park: causes.Spam, Withhold: withholdSpam}},
		{"a flood", human(nil), Facts{Recent: 60}, verdict{Kind: Human, Park: causes.SenderFlood, Withhold: withholdParked}},
		{"fifty tickets of one company are no flood", human(nil), Facts{Recent: 49}, verdict{Kind: Human}},
		{"an empty mail", human(func(m *message.Message) { m.Subject, m.Text = " ", "\n" }), Facts{}, verdict{Kind: Empty}},
		{"a channel's post, as itself", human(func(m *message.Message) { by(m, "telegram"); m.Proven, m.OwnPost = true, true }), Facts{}, verdict{Kind: Echo, Suppress: SuppressOwnPost, Withhold: withholdOwnAddress}},
		{"a stop in a channel's post is nobody's", human(func(m *message.Message) { by(m, "telegram"); m.Proven, m.OwnPost, m.Text = true, true, "/stop" }), Facts{}, verdict{Kind: Echo, Suppress: SuppressOwnPost, Withhold: withholdOwnAddress}},
		{"an echo of the provider", human(func(m *message.Message) { by(m, "telegram"); m.Echo = true }), Facts{}, verdict{Kind: Echo, Suppress: SuppressEcho, Withhold: withholdOwnAddress}},
		{"a short message from our own number", human(func(m *message.Message) {
			by(m, "sms")
			m.From = message.Address{Kind: message.Phone, Value: "+442071838750"}
		}), Facts{}, verdict{Kind: Own, Park: causes.FromOwnAddress, Withhold: withholdOwnAddress}},
		{"a short message from a blocked number", human(func(m *message.Message) {
			by(m, "sms")
			m.From = message.Address{Kind: message.Phone, Value: "+4915550001"}
		}), Facts{}, verdict{Kind: Human, Park: causes.BlockedSender, Withhold: withholdParked}},
		{"a short message knows no rules of mail", message.Message{Channel: "sms", Traits: message.Traits{Carrier: true}, From: message.Address{Kind: message.Phone, Value: "+8613800138000"}, Text: "钱没到账"}, Facts{}, verdict{Kind: Human}},
		{"a form knows no rules of mail", message.Message{Channel: "form", Traits: message.Traits{Typed: true}, From: message.Address{Kind: message.Email, Value: "noreply@customer.example"}, Text: "help"}, Facts{}, verdict{Kind: Human}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check1(t, c.m, c.facts, c.want)
		})
	}
}

func TestAbsenceNoticesWithoutHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		answer              bool // the mail answers one of ours
		want                Kind
	}{
		{"English subject", "Automatic reply: Your ticket", "I am away", false, Auto},
		{"English out of office", "Out of Office Re: your request", "back on Monday", false, Auto},
		{"Simplified Chinese subject", "自动回复：Re: 订单", "您好，我正在休假", false, Auto},
		{"Traditional Chinese subject", "自動回覆: 訂單", "謝謝來信", false, Auto},
		{"German subject", "Abwesenheitsnotiz: Ihre Anfrage", "Ich bin im Urlaub", false, Auto},
		{"French subject", "Réponse automatique : Votre demande", "Je suis absent", false, Auto},
		{"Spanish subject", "Respuesta automática: su consulta", "", false, Auto},
		{"Japanese subject", "自動返信: お問い合わせ", "", false, Auto},
		{"English text in an answer", "Re: Your ticket", "Hello,\nI'm out of the office until Monday.", true, Auto},
		{"Chinese text in an answer", "Re: 工单", "您好，这是一封自动回复邮件，您的邮件我已收到。", true, Auto},
		{"the same text in a first mail", "Refund", "I am out of the office until Monday, please call me after that about my refund.", false, Human},
		{"a question about automatic replies", "自动回复的问题怎么解决", "请问", false, Human},
		{"a question about the automatic reply", "Automatic reply is missing", "I never got one", false, Human},
		{"an answer to an automatic reply", "Re: Automatic reply: Your ticket", "Thanks, but when?", true, Human},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := human(func(m *message.Message) {
				m.Subject, m.Text = c.subject, c.text
				if c.answer {
					m.InReplyTo = []string{"x@desk.example"}
				}
			})
			if got := Check(m, Facts{}, settings); got.Kind != c.want || (got.Withhold == "") != (c.want == Human) {
				t.Errorf("kind %s, acknowledge %v: %v", got.Kind, got.Withhold == "", got.Reasons)
			}
		})
	}
}

func TestOptOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, channel, text, provider string
		want                          string
		suppress                      string
	}{
		{"STOP", "sms", "STOP", "", "stop", SuppressOptOut},
		{"stop with a mark", "sms", " Stop. ", "", "stop", SuppressOptOut},
		{"UNSUBSCRIBE", "sms", "Unsubscribe", "", "stop", SuppressOptOut},
		{"退订", "sms", "退订", "", "stop", SuppressOptOut},
		{"TD", "sms", "td", "", "stop", SuppressOptOut},
		{"T", "sms", "T", "", "stop", SuppressOptOut},
		{"START", "sms", "START", "", "start", SuppressOptIn},
		{"the provider says so", "sms", "no more of this", "stop", "stop", SuppressOptOut},
		{"a carrier's word that may mean an order", "sms", "Cancel", "", "stop", ""},
		{"stop in a sentence", "sms", "please stop the payment", "", "", ""},
		{"退订 in a sentence", "sms", "我想退订会员并退款", "", "", ""},
		{"HELP, which Twilio answers", "sms", "HELP", "", "help", SuppressHelp},
		{"info with a mark", "sms", "Info!", "", "help", SuppressHelp},
		{"the provider says HELP", "sms", "帮助", "help", "help", SuppressHelp},
		{"a cry for help", "sms", "help, my card was stolen", "", "", ""},
		{"help in another language, which nobody answers", "sms", "帮助", "", "", ""},
		{"HELP in a chat", "telegram", "HELP", "", "", ""},
		{"full width", "sms", "ＳＴＯＰ", "", "stop", SuppressOptOut},
		{"full width with a mark and a space", "sms", "　ｓｔｏｐ！", "", "stop", SuppressOptOut},
		{"a picture behind it", "sms", "STOP🛑", "", "stop", SuppressOptOut},
		{"pictures around it", "sms", "🙏🏽 stop 😡😡", "", "stop", SuppressOptOut},
		{"zero width and no-break spaces", "sms", "\u200bST\u200dOP\u00a0", "", "stop", SuppressOptOut},
		{"quotes", "sms", "“STOP”", "", "stop", SuppressOptOut},
		{"French", "sms", "ARRÊT", "", "stop", SuppressOptOut},
		{"French, its accent a sign of its own", "sms", "arre\u0302t", "", "stop", SuppressOptOut},
		{"French without", "sms", "Arret", "", "stop", SuppressOptOut},
		{"Spanish", "sms", "Baja.", "", "stop", SuppressOptOut},
		{"Russian", "sms", "Стоп!", "", "stop", SuppressOptOut},
		{"Japanese", "sms", "ストップ", "", "stop", SuppressOptOut},
		{"Japanese in half width", "sms", "ｽﾄｯﾌﾟ", "", "stop", SuppressOptOut},
		{"Korean", "sms", "수신거부", "", "stop", SuppressOptOut},
		{"Arabic", "sms", "توقف", "", "stop", SuppressOptOut},
		{"Hindi", "sms", "रोकें", "", "stop", SuppressOptOut},
		{"Thai", "sms", "หยุด", "", "stop", SuppressOptOut},
		{"Vietnamese", "sms", "Từ chối", "", "stop", SuppressOptOut},
		{"opt-out", "sms", "Opt-Out", "", "stop", SuppressOptOut},
		{"TD退订", "sms", "TD退订", "", "stop", SuppressOptOut},
		{"退订回T", "sms", "退订回T", "", "stop", SuppressOptOut},
		{"退订回 TD。", "sms", "退订回 TD。", "", "stop", SuppressOptOut},
		{"回复TD", "sms", "回复ＴＤ", "", "stop", SuppressOptOut},
		{"拒收请回复R", "sms", "拒收请回复R", "", "stop", SuppressOptOut},
		{"R", "sms", "R", "", "stop", SuppressOptOut},
		{"退訂 in another script", "sms", "【退訂】", "", "stop", SuppressOptOut},
		{"a reply that asks for nothing", "sms", "请回复", "", "", ""},
		{"请回复我的短信", "sms", "请回复我的短信", "", "", ""},
		{"letters that only look like it", "sms", "TRT", "", "", ""},
		{"a number", "sms", "T2", "", "", ""},
		{"no letter at all", "sms", "🛑", "", "", ""},
		{"a word for an order, in another language", "sms", "取消", "", "", ""},
		{"do not stop", "sms", "don't stop", "", "", ""},
		{"the provider stops for a word that may mean an order", "sms", "CANCEL", "stop", "stop", ""},
		{"end with a mark", "sms", "END!", "", "stop", ""},
		{"YES from whom nobody stopped", "sms", "YES", "", "", ""},
		{"UNSTOP", "sms", "unstop ✅", "", "start", SuppressOptIn},
		{"a command to this bot in a group", "telegram", "/STOP@desk_bot", "", "stop", SuppressOptOut},
		{"a command and a sentence", "telegram", "/stop charging my card", "", "", ""},
		{"a command in a chat", "telegram", "/stop", "", "stop", SuppressOptOut},
		{"a command of an application's signed user", "api", "/stop", "", "stop", SuppressOptOut},
		{"STOP by mail", "email", "STOP", "", "", ""},
		{"a command in a form, whose visitor may be anybody", "form", "/stop", "", "", ""},
		{"a command in somebody's name by the API", "unsigned api", "/stop", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := human(func(m *message.Message) {
				by(m, strings.TrimPrefix(c.channel, "unsigned "))
				m.Text, m.OptOut = c.text, c.provider
				m.Proven = c.channel == "sms" || c.channel == "telegram" || c.channel == "api"
			})
			got := Check(m, Facts{}, settings)
			if got.OptOut != c.want || got.Suppress != c.suppress {
				t.Errorf("opt-out %q, suppressed for %q; want %q, %q", got.OptOut, got.Suppress, c.want, c.suppress)
			}
			if (got.OptOut != "") == (got.Withhold == "") { // none of them is answered
				t.Errorf("opt-out %q but acknowledge is %v", got.OptOut, got.Withhold == "")
			}
		})
	}
}

// TestComingBack: words that bring back only whom they can.
func TestComingBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, channel, text string
		want, suppress      string
	}{
		{"YES", "sms", "YES", "start", SuppressOptIn},
		{"yes with a picture", "sms", "Yes 👍", "start", SuppressOptIn},
		{"full width", "sms", "ＹＥＳ！", "start", SuppressOptIn},
		{"START", "sms", "start", "start", SuppressOptIn},
		{"in another language", "sms", "恢复", "start", SuppressOptIn},
		{"STOP once more", "sms", "STOP", "stop", SuppressOptOut},
		{"HELP brings nobody back", "sms", "HELP", "help", SuppressHelp},
		{"a yes in a sentence", "sms", "yes I paid twice", "", ""},
		{"no", "sms", "NO", "", ""},
		{"the command with which a chat begins", "telegram", "/start", "start", ""},
		{"from a link", "telegram", "/start order-88812", "start", ""},
		{"YES in a chat", "telegram", "YES", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := human(func(m *message.Message) { by(m, c.channel); m.Text, m.Proven = c.text, true })
			if got := Check(m, Facts{Stopped: true}, settings); got.OptOut != c.want || got.Suppress != c.suppress {
				t.Errorf("opt-out %q, suppressed for %q; want %q, %q", got.OptOut, got.Suppress, c.want, c.suppress)
			}
		})
	}
}

// TestTheWordsAreBare: a word that is written otherwise in its list is found all the same, and none is in two of them.
func TestTheWordsAreBare(t *testing.T) {
	t.Parallel()
	for word := range stopWords {
		if word == "" || bare(word) != word || startWords[word] || backWords[word] || helpWords[word] || carrierWords[word] {
			t.Errorf("%q is not bare, or in two lists", word)
		}
	}
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		ok       bool
	}{
		{"Anna@Customer.example", "anna@customer.example", true},
		{"prvs=0123456789=anna@customer.example", "anna@customer.example", true},
		{"prvs=anna=0123456789@customer.example", "anna@customer.example", true},
		{"SRS0=Kf7x=WD=customer.example=anna@relay.example", "anna@customer.example", true},
		{"SRS0+Kf7x=WD=customer.example=anna=b@relay.example", "anna=b@customer.example", true},
		{"SRS1=aB3d=relay.example==Kf7x=WD=customer.example=anna@second.example", "anna@customer.example", true},
		{"SRS0=broken@relay.example", "", false},
		{"nobody", "nobody", true},
	} {
		if got, ok := unwrap(c.in); got != c.want || ok != c.ok {
			t.Errorf("unwrap(%q) = %q, %v; want %q, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	m := human(func(m *message.Message) {
		for range 30 {
			field("Received", "from mx.example by desk.example")(m)
		}
		field("DKIM-Signature", "v=1; a=rsa-sha256")(m)
		field("Content-Type", "text/plain; charset=utf-8")(m)
	})
	b.ReportAllocs()
	for b.Loop() {
		Check(m, Facts{}, settings)
	}
}

// by makes a message one of a channel.
func by(m *message.Message, channel string) {
	m.Channel = channel
	m.Traits = map[string]message.Traits{"email": {Mail: true}, "sms": {Carrier: true}, "form": {Typed: true}, "api": {Typed: true}}[channel]
}
