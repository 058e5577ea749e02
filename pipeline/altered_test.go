package pipeline_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/message"
)

const paidTwice = "I paid twice for order 4711. Please refund the second payment."

// sameMail is a mail that comes a second time, under the Message-ID and date of the first.
func sameMail(id int64, text string, changes ...change) message.Message {
	m := mail(id, "support", kim, "Paid twice", text)
	m.MessageID, m.SentAt = "same@firm.example", now.Add(-time.Minute)
	for _, c := range changes {
		c(&m)
	}
	return m
}

func in(inbox string) change {
	return func(m *message.Message) {
		m.Inbox, m.Envelope.Recipients = inbox, []string{inbox + "@desk.example"}
	}
}
func files(names ...string) change {
	return func(m *message.Message) {
		for _, n := range names {
			m.Attachments = append(m.Attachments, message.Attachment{Name: n, MediaType: "application/pdf"})
		}
	}
}
func writtenAt(at time.Time) change { return func(m *message.Message) { m.SentAt = at } }
func by(from string) change {
	return func(m *message.Message) {
		m.From = message.Address{Kind: message.Email, Value: from}
		m.Envelope.MailFrom = from
	}
}

// byOurList is a mail as a list that is our own address hands it on.
func byOurList(m *message.Message) {
	m.ReplyTo = addresses(m.From.Value)
	by("support@desk.example")(m)
	header("List-Id", "<support.desk.example>")(m)
}

// TestOneMailAlteredOnTheWayIsOneTicket: nothing that it brings is lost, and nothing that another mail brings is taken for it.
func TestOneMailAlteredOnTheWayIsOneTicket(t *testing.T) {
	long := strings.Repeat("On the fifth I ordered a lamp, and it came broken. ", 12)
	for _, tc := range []struct {
		name          string
		first, second message.Message
		want          string
	}{
		{"a list's footer", sameMail(1, paidTwice), sameMail(2, paidTwice+"\n_______________________\nteam mailing list\nteam@lists.firm.example"), "duplicate 0"},
		{"a list's footer, to another inbox", sameMail(1, paidTwice), sameMail(2, paidTwice+"\n___\nteam mailing list", in("billing")), "duplicate 0"},
		{"the footer first", sameMail(1, paidTwice+"\n_______________________\nteam mailing list"), sameMail(2, paidTwice), "duplicate 0"},
		{"a gateway's banner", sameMail(1, paidTwice), sameMail(2, "[EXTERNAL] Caution: this mail comes from outside.\n\n"+paidTwice), "duplicate 0"},
		{"a banner in Chinese", sameMail(1, "我重复付款了，请退款。订单 4711"), sameMail(2, "【外部邮件】请注意来源。\n我重复付款了，请退款。订单 4711"), "duplicate 0"},
		{"a banner to one, a footer to the other", sameMail(1, "Caution: outside.\n"+long), sameMail(2, long+"\n--\nteam list"), "appended 1"},
		{"two footers", sameMail(1, long+"\n___\nlist one"), sameMail(2, long+"\n___\nthe other list"), "appended 1"},
		{"a note in the middle", sameMail(1, "My receipt: it is 20 EUR."), sameMail(2, "My receipt: [image removed by the gateway] it is 20 EUR."), "duplicate 0"},
		{"a file that was taken out", sameMail(1, paidTwice, files("receipt.pdf")), sameMail(2, paidTwice+"\n[receipt.pdf was removed]"), "duplicate 0"},
		{"a file that the first had lost", sameMail(1, paidTwice+"\n[receipt.pdf was removed]"), sameMail(2, paidTwice, files("receipt.pdf")), "appended 1"},
		{"lines that were wrapped again", sameMail(1, paidTwice), sameMail(2, strings.ReplaceAll(paidTwice, " ", "\n")+"\nfooter of a list"), "duplicate 0"},
		{"a list's subject", sameMail(1, paidTwice), sameMail(2, paidTwice+"\n___\nlist", func(m *message.Message) { m.Subject = "[team] Paid twice" }), "duplicate 0"},
		{"only a file, and a footer", sameMail(1, "", files("scan.pdf")), sameMail(2, "___\nteam list", files("scan.pdf")), "duplicate 0"},
		{"the list's copy first, which nothing proves, and of which its writer was told", sameMail(1, paidTwice+"\n___\nlist"), sameMail(2, paidTwice, vouched), "appended 1"},
		{"somebody's copy first, of which its writer was told nothing", sameMail(1, paidTwice+"\n___\nlist", envelope(mal)), sameMail(2, paidTwice, vouched), "ticketed 2"},
		{"the list's copy behind the proven mail", sameMail(1, paidTwice, vouched), sameMail(2, paidTwice+"\n___\nlist"), "duplicate 0"},
		{"our list's copy, which rewrites From, behind the mail itself", sameMail(1, paidTwice, vouched), sameMail(2, paidTwice+"\n___\nlist", byOurList), "duplicate 0"},
		{"our list's copy before the mail itself", sameMail(1, paidTwice+"\n___\nlist", byOurList), sameMail(2, paidTwice, vouched), "appended 1"},
		{"a forwarder's copy", sameMail(1, paidTwice), sameMail(2, paidTwice+"\n[forwarded]", envelope("box@old.example"), header("X-Forwarded-To", "support@desk.example")), "duplicate 0"},

		{"another mail under the same ID", sameMail(1, paidTwice), sameMail(2, "My card was stolen in Rome, please block it now."), "ticketed 2"},
		{"another order in the same words", sameMail(1, "Order 471123 never came, please look for it.", writtenAt(now)),
			sameMail(2, "Order 882210 never came, please look for it.", writtenAt(now.Add(time.Hour))), "ticketed 2"},
		{"more words another day", sameMail(1, paidTwice), sameMail(2, paidTwice+"\nAnd my address has changed.", writtenAt(now)), "appended 1"},
		{"without a date, more words", sameMail(1, paidTwice, writtenAt(time.Time{})), sameMail(2, paidTwice+"\nfooter", writtenAt(time.Time{})), "appended 1"},
		{"another person's mail under the same ID", sameMail(1, paidTwice), sameMail(2, paidTwice+"\n___\nlist", by("lu@other.example")), "ticketed 2"},
		{"an unproven one with a file behind a proven one", sameMail(1, paidTwice, vouched), sameMail(2, paidTwice, files("invoice.pdf")), "ticketed 2"},
		{"somebody who was there first in the customer's name", sameMail(1, paidTwice, envelope(mal)), sameMail(2, paidTwice+"!", vouched), "ticketed 2"},
		{"the same, with himself in Cc", sameMail(1, paidTwice, copied(mal)), sameMail(2, paidTwice+"!", vouched), "ticketed 2"},
		{"the same, and the customer proves nothing", sameMail(1, paidTwice, envelope(mal)), sameMail(2, paidTwice+"!"), "ticketed 2"},
		{"colleagues whom both name", sameMail(1, paidTwice, copied(bo)), sameMail(2, paidTwice+"\n___\nlist", copied(bo)), "duplicate 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(t, tc.first, tc.second); got != tc.want {
				t.Errorf("second: %s, want %s", got, tc.want)
			}
		})
	}
}
