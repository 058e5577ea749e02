package screen

import (
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// mailOf is a mail with an ordinary envelope, unless envelope says otherwise: "<>" is the null sender.
func mailOf(from, envelope, subject, text string) message.Message {
	return human(func(m *message.Message) {
		m.From = message.Address{Kind: message.Email, Value: from}
		m.Envelope.MailFrom = from
		if envelope != "" {
			m.Envelope.MailFrom = strings.Trim(envelope, "<>")
		}
		m.Subject, m.Text = subject, text
	})
}

func verdictOf(f Finding) verdict { return verdict{f.Kind, f.Park, f.Suppress, f.Withhold} }

// TestCustomersWriteOfWhatWasReturned: the words of delivery reports are those of payments, cards and parcels.
func TestCustomersWriteOfWhatWasReturned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, subject, text string }{
		{"Simplified Chinese, a refund", "退回的退款没有到账", "商家说 550 元已经退回，我的账户里没有，退信通知也没有收到。"},
		{"Simplified Chinese, a parcel", "包裹投递失败", "快递显示收件人不存在，被退回，可是我一直在家。"},
		{"Traditional Chinese", "轉帳被退回", "銀行說收款帳號不存在，款項退回，請問錢在哪裡？"},
		{"English, a courier", "Delivery failed", "The courier marked my card as undeliverable, returned to sender. I was at home all day."},
		{"English, a bank's code", "Payment returned mail from bank", "My bank says: 5.1.1 invalid recipient, transfer rejected your message. What is wrong?"},
		{"English, a quoted report", "Undelivered Mail Returned to Sender", "I got this when I wrote to your colleague:\n<kim@desk.example>: 550 5.1.1 user unknown\nPlease give me the right address."},
		{"English, the beginning of a report's heading", "Mail delivery of my statement", "My statement was not delivered, the letter came back as address unknown."},
		{"German", "Überweisung unzustellbar", "Die Überweisung kam zurück: Empfänger unbekannt, nicht zugestellt. Wo ist mein Geld?"},
		{"French", "Paiement non remis", "Le virement n'a pas pu être effectué, il a été retourné. Où est mon argent ?"},
		{"Portuguese", "Pagamento devolvido", "O cartão não foi entregue, devolvido ao remetente."},
		{"Italian", "Mancato recapito della carta", "La carta non è arrivata: impossibile recapitare, dice il corriere."},
		{"Dutch", "Niet bezorgd", "Mijn pas is niet bezorgd, onbestelbaar volgens de koerier."},
		{"Russian", "Не доставлено", "Карта не доставлена, посылка возвращена отправителю."},
		{"Japanese", "送金エラー通知", "送金が宛先不明で返却されました。届けることができませんと表示されます。"},
		{"Korean", "카드 반송", "카드가 배달되지 않고 반송되었습니다."},
		{"Turkish", "İade edilen ödeme", "Ödeme alıcıya ulaşmadı, iade edildi."},
		{"Arabic", "تحويل مرتجع", "لم يتم تسليم البطاقة وعادت إلى المرسل."},
		{"Vietnamese", "Chuyển khoản bị trả lại", "Tiền bị trả lại vì tài khoản không tồn tại."},
		{"Polish", "Przelew zwrócony", "Przelew został zwrócony, konto nie istnieje."},
		{"Thai", "บัตรถูกส่งคืน", "บัตรส่งไม่ถึงและถูกส่งคืนผู้ส่ง"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check1(t, mailOf("anna@customer.example", "", c.subject, c.text), Facts{}, verdict{Kind: Human})
			// Some relays and web servers send with the null sender what people write: no answer, but a ticket.
			check1(t, mailOf("anna@customer.example", "<>", "About my payment", c.text+" "+c.subject), Facts{}, func() verdict {
				if strings.Contains(c.text, "<kim@") {
					return verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdNullSender}
				}
				return verdict{Kind: Human, Withhold: withholdNullSender}
			}())
		})
	}
}

// TestMailSystemsReportInTheirOwnForms: each has a sign of the transport and a failure in a mail system's form.
func TestMailSystemsReportInTheirOwnForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, envelope, subject, text string }{
		{"Postfix", "MAILER-DAEMON@mx.example", "<>", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.example.\n\n<kim@gone.example>: host mx.gone.example said: 550 5.1.1 unknown"},
		{"Exim", "Mailer-Daemon@mx.example", "<>", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\n  kim@gone.example\n    all relevant MX records point to non-existent hosts"},
		{"qmail", "MAILER-DAEMON@mx.example", "<>", "failure notice", "Hi. This is the qmail-send program at mx.example.\n<kim@gone.example>:\nSorry, no mailbox here by that name. (#5.1.1)"},
		{"sendmail", "MAILER-DAEMON@mx.example", "", "Returned mail: see transcript for details", "   ----- The following addresses had permanent fatal errors -----\n<kim@gone.example>"},
		{"Exchange by its postmaster", "postmaster@firm.example", "<>", "Undeliverable: Your ticket", "Delivery has failed to these recipients or groups:\n\nkim@firm.example"},
		{"Exchange of old, with an envelope of its own", "postmaster@firm.example", "", "Undeliverable: Your ticket", "Your message\n  Subject: Your ticket\ndid not reach the following recipient(s):\n\nkim@firm.example"},
		{"QQ mail", "PostMaster@qq.com", "<>", "系统退信/Systems bounce", "抱歉，您的邮件被退回来了……\n收件人邮件地址：kim@qq.com\n退信原因：收件人不存在"},
		{"NetEase", "postmaster@163.com", "<>", "系统退信", "很抱歉，您发送的邮件未能送达。\nkim@163.com 554 5.1.1 user unknown"},
		{"a Japanese carrier", "Mailer-Daemon@carrier.example", "", "メールエラー通知", "以下のメールアドレスへの配信に失敗しました。\nkim@carrier.example"},
		{"Yahoo, with a name for an address", "", "<>", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n<kim@yahoo.example>: 552 1 Requested mail action aborted, mailbox not found"},
		{"the null sender behind a person's address", "kim@gone.example", "<>", "Delivery failure", "<kim@gone.example>: 550 5.1.1 no such user"},
		{"Domino", "Postmaster@firm.example", "MAILER-DAEMON@mx.firm.example", "DELIVERY FAILURE: User kim not listed in Domino Directory", "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  kim@firm.example"},
		{"a German provider", "mailer-daemon@provider.example", "<>", "Unzustellbar: Ihre Anfrage", "Die Zustellung an folgende Empfänger ist fehlgeschlagen:\nkim@provider.example"},
		{"a list of failed recipients behind a gateway's tag", "mailer-daemon@mx.example", "<>", "[External] Undeliverable: Re: Ticket", "kim@gone.example\n550 5.4.1 recipient address rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Check(mailOf(c.from, c.envelope, c.subject, c.text), Facts{}, settings)
			if got.Kind != DSN || got.Park != causes.Backscatter || got.Withhold == "" {
				t.Errorf("%+v, want a bounce that is parked", verdictOf(got))
			}
			if got := Check(mailOf(c.from, c.envelope, c.subject, c.text), Facts{KnownBounce: true}, settings); got.Suppress != SuppressBounce {
				t.Errorf("%+v, want a bounce of our own mail", verdictOf(got))
			}
		})
	}
}

// TestAReportThatAPersonPassesOn: the part is there, but the sender is a person.
func TestAReportThatAPersonPassesOn(t *testing.T) {
	t.Parallel()
	m := mailOf("anna@customer.example", "", "Fwd: Undelivered Mail Returned to Sender", "I get this when I write to payouts@desk.example. Where is my payout?")
	m.Report = &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1"}
	m.Attachments = []message.Attachment{{MediaType: "message/delivery-status"}, {MediaType: "message/rfc822"}}
	check1(t, m, Facts{}, verdict{Kind: Human})
	m.From.Value, m.Envelope.MailFrom = "mailer-daemon@mx.example", ""
	check1(t, m, Facts{}, verdict{Kind: DSN, Park: causes.Backscatter, Withhold: withholdNullSender})
}

// TestAutomaticRepliesAreNoBounces: RFC 3834 wants the null sender of them, too.
func TestAutomaticRepliesAreNoBounces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, subject, text string }{
		{"English, a closed mailbox", "info@firm.example", "Re: Your ticket", "The mailbox info@firm.example does not exist any more. Please write to hello@firm.example."},
		{"English, a sentence that begins with an address", "info@firm.example", "Re: Your ticket", "info@firm.example does not exist any more.\nPlease write to hello@firm.example."},
		{"English, an expired offer", "no-reply@firm.example", "Thank you for your message", "Your offer has expired. Please call us."},
		{"English, a blocked sender list", "noreply@firm.example", "Message received", "This address has been blocked for incoming mail."},
		{"German", "noreply@firma.example", "Ihre Nachricht", "Dieses Postfach ist inaktiv und wird nicht gelesen."},
		{"French", "ne-pas-repondre@firme.example", "Votre message", "Cette boîte n'est plus utilisée."},
		{"Spanish", "noresponder@empresa.example", "Gracias", "Este buzón no se lee."},
		{"Simplified Chinese", "noreply@firm.example", "您好", "此邮箱已停用，收件人不存在，请联系客服。"},
		{"Japanese", "noreply@firm.example", "お問い合わせ", "このアドレスは使用されておりません。"},
		{"Russian", "noreply@firm.example", "Спасибо", "Этот ящик больше не используется."},
		{"Italian", "noreply@firm.example", "Grazie", "Questa casella non è più attiva."},
		{"Korean", "noreply@firm.example", "감사합니다", "이 메일함은 더 이상 사용하지 않습니다."},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf(c.from, "<>", c.subject, c.text)
			field("Auto-Submitted", "auto-replied")(&m)
			check1(t, m, Facts{}, verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdNullSender})
			check1(t, m, Facts{KnownBounce: true, TicketReference: true, Returned: true}, verdict{Kind: Auto, Withhold: withholdNullSender})
		})
	}
}

// TestPeopleAtMachineLikeAddresses get a ticket always; postmaster and the like no acknowledgement.
func TestPeopleAtMachineLikeAddresses(t *testing.T) {
	t.Parallel()
	answered := map[string]bool{}
	for _, a := range []string{"mail.admin@firm.example", "mailadmin@firm.example", "mail-admin@firm.example", "shop-owner@shop.example", "payment-request@firm.example", "order-request@firm.example", "list-admin@firm.example", "bouncer@club.example", "daemon.smith@firm.example", "confirmation.team@firm.example", "noreen@firm.example", "co-owner@firm.example", "request@firm.example", "mailer@firm.example", "owner-operator@trucks.example", "mailman.joe@firm.example", "pre-confirmation@firm.example", "bounce-house@club.example", "bounces.castle@club.example", "noreplay@band.example", "notifier.kim@firm.example", "system.lee@firm.example", "robotics@school.example", "alerts@firm.example", "list@firm.example", "lists@firm.example", "webmaster@firm.example", "abuse.team@firm.example", "administrator@firm.example", "delivery@shop.example", "mta.lee@transit.example", "bot@robots.example", "api@dev.example", "tracking@parcels.example", "feedback@firm.example", "cronje@firm.example", "rootes@cars.example"} {
		answered[a] = true
	}
	for _, a := range []string{"postmaster@firm.example", "root@firm.example", "bounces@firm.example", "hostmaster@firm.example", "users-request@lists.example", "bounces-12-kim=firm.example@mail.example", "bounce+a1b2@mail.example", "no-reply@firm.example", "list-owner@lists.example"} {
		answered[a] = false
	}
	for address, ack := range answered {
		for _, text := range []string{"My payout of yesterday is missing.", "Your notices do not reach us: the mailbox of our shop expired, user unknown, 550 5.1.1. Please write to this one.", "Undeliverable parcels were returned to sender, the address does not exist."} {
			got := Check(mailOf(address, "", "Payout missing", text), Facts{}, settings)
			if got.Kind != Human || got.Park != "" || (got.Withhold == "") != ack {
				t.Errorf("%s: %q: %+v, acknowledged %v, want %v", address, text, verdictOf(got), got.Withhold == "", ack)
			}
		}
	}
}

// TestAPostmasterWithTheNullSender is a person, too, unless he writes of mailboxes: no answer, but a ticket.
func TestAPostmasterWithTheNullSender(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"postmaster@firm.example", "root@firm.example", "Postmaster@firm.example", "daemon@firm.example"} {
		for _, text := range []string{"Our card was not delivered.", "Where is our payout of Monday?", "我们的退款还没到账", "Wo bleibt die Überweisung?", "Où est notre virement ?", "¿Dónde está nuestro pago?", "返金が届きません", "환불이 아직입니다", "Где наш перевод?", "نريد أموالنا"} {
			check1(t, mailOf(from, "<>", "Our payout", text), Facts{}, verdict{Kind: Human, Withhold: withholdNullSender})
		}
		check1(t, mailOf(from, "<>", "**Message you sent blocked by our bulk email filter**", "Your message to kim@firm.example was blocked by our Spam Firewall."), Facts{}, verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdNullSender})
	}
}

// TestServersNotices are set aside with their own cause; what a website's form sends is a customer's.
func TestServersNotices(t *testing.T) {
	t.Parallel()
	list := func(m *message.Message) { field("List-Id", "<cats.lists.example>")(m) }
	for _, c := range []struct {
		name, from, subject, text string
		change                    func(*message.Message)
		want                      bool
	}{
		{"an event", "no-reply@notify.example", "Notification", `{"event":"delivered","to":["kim@customer.example"]}`, nil, true},
		{"a notification service's envelope", "no-reply@sns.example", "Notification Message", `{"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"bounce\":{}}"}` + "\n\n--\nIf you wish to stop receiving notifications, click here.", nil, true},
		{"a list of events", "noreply@mail.example", "Webhook", `[{"email":"kim@customer.example","event":"spamreport"}]`, nil, true},
		{"an event with other names", "notifications@mail.example", "Bounce", `{"RecordType":"Bounce","x":1} `, nil, true},
		{"an event inside", "noreply@mail.example", "Event", `{"signature":{},"event-data":{"event":"permanent_fail"}}`, nil, true},
		{"an event in Event_Type", "noreply@mail.example", "Event", `{"Event_Type":"soft_bounce"}`, nil, true},
		{"a complaint by the null sender", "events@mail.example", "Event", `{"notificationType":"Complaint"}`, func(m *message.Message) { m.Envelope.MailFrom = "" }, true},
		{"a list's refusal in English", "cats-admin@lists.example", "Your post to the cats list", "Only subscribers may post to cats@lists.example.", list, true},
		{"a held post", "cats-bounces@lists.example", "Your message to cats awaits moderator approval", "Is being held until the list moderator can review it", list, true},
		{"a list's refusal in German", "owner-katzen@lists.example", "Katzen", "In dieser Liste dürfen nur Mitglieder schreiben.", list, true},
		{"a list's refusal in Japanese", "neko-admin@ml.example", "投稿できません", "メンバーではありません。", list, true},
		{"a list's refusal in Chinese", "mao-request@lists.example", "邮件列表", "您不是该列表的成员，邮件正在等待管理员审核。", list, true},
		{"a command that a list server does not know", "majordomo@lists.example", "Majordomo results", "**** Command not recognized.", list, true},
		{"the error log of Postfix", "MAILER-DAEMON@mx.example", "Postfix SMTP server: errors from unknown[192.0.2.1]", "Transcript of session follows.", nil, true},
		{"an event of a service under an address of its own", "notifier@mail.example", "Event", `{"type":"bounced","rcpt":"kim@customer.example"}`, nil, true},
		{"a refusal of a list under its own address", "neko@ml.example", "neko", "Only members may post.", func(m *message.Message) { field("X-ML-Name", "neko")(m) }, true},
		{"Listserv without the fields of a list", "LISTSERV@lists.example", "Rejected posting to CATS", "You are not a member of the list.", nil, true},
		{"an aggregate report", "noreply-dmarc@provider.example", "Report Domain: desk.example Submitter: provider.example Report-ID: 1", "", func(m *message.Message) { m.Attachments = []message.Attachment{{MediaType: "application/gzip"}} }, true},
		{"a report about TLS", "tls@provider.example", "Report", "", field("Content-Type", "multipart/report; report-type=tlsrpt"), true},
		{"a form whose request is open", "no-reply@shop.example", "Contact form", `{"status":"open","email":"anna@customer.example","message":"My card failed"}`, nil, false},
		{"a payment that failed", "no-reply@shop.example", "Payment", `{"status":"failed","email":"anna@customer.example"}`, nil, false},
		{"a website's form that writes JSON", "no-reply@shop.example", "Contact form", `{"name":"Anna","email":"anna@customer.example","type":"question","message":"My card was not delivered"}`, nil, false},
		{"a developer who shows an event", "dev@customer.example", "Webhook", `{"event":"delivered","id":1}`, nil, false},
		{"a person's post in a list", "anna@customer.example", "Only subscribers may post?", "Why am I not allowed to post to the forum?", list, false},
		{"JSON that is none", "no-reply@shop.example", "x", `{"event": delivered`, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailOf(c.from, "", c.subject, c.text)
			if c.change != nil {
				c.change(&m)
			}
			got := Check(m, Facts{}, settings)
			if (got.Park == causes.ServerNotice) != c.want || c.want && (got.Kind != Auto || got.Withhold == "") || !c.want && got.Park != "" {
				t.Errorf("%+v, want a server's notice: %v", verdictOf(got), c.want)
			}
		})
	}
}
