package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
)

// header adds a field.
func header(name, value string) change {
	return func(m *message.Message) { m.Headers = append(m.Headers, message.Header{Name: name, Value: value}) }
}
func replyToThe(addr ...string) change {
	return func(m *message.Message) { m.ReplyTo = addresses(addr...) }
}
func to(addr ...string) change { return func(m *message.Message) { m.To = addresses(addr...) } }
func spf(v message.Verdict) change {
	return func(m *message.Message) { m.Envelope.SPF = v }
}
func dmarc(v message.Verdict) change {
	return func(m *message.Message) { m.Envelope.DMARC = v }
}
func nobodysEnvelope(m *message.Message) { m.Envelope = message.Envelope{} }

// roads are settings of a desk that knows its domain and one form elsewhere.
func roads(t *testing.T) *pipeline.Settings {
	s := settings(t)
	in := s.Inboxes["support"]
	in.ReplyToFrom = []string{"wordpress@shop.example", "@forms.example"}
	s.Inboxes["support"], s.Domains = in, []string{"desk.example"}
	return s
}

// heard says where the acknowledgement of a mail goes, or why nowhere.
func heard(t *testing.T, m message.Message) string {
	t.Helper()
	p := batch(t, roads(t), pipeline.NewFacts(), counter{}, m)[0].Plan
	if p.State != messages.Ticketed {
		return string(p.State) + " " + p.Cause
	}
	for _, e := range p.Effects {
		if e.Kind == effects.KindAcknowledgement && e.Cause == "" {
			return e.To.Value
		}
		return "withheld " + e.Cause
	}
	return "none"
}

// TestTheCustomerHearsThroughForwarders, and the forwarder never does.
func TestTheCustomerHearsThroughForwarders(t *testing.T) {
	const subject = "Cannot log in"
	for _, tc := range []struct {
		name string
		m    message.Message
		want string
	}{
		{"Gmail with its own envelope", note(1, kim, subject, to("topay.desk@gmail.com"), envelope("topay.desk+caf_=support=desk.example@gmail.com"), header("X-Forwarded-To", "support@desk.example")), kim},
		{"Gmail's envelope without its fields", note(1, kim, subject, envelope("topay.desk+caf_=support=desk.example@gmail.com")), kim},
		{"one of our own addresses", note(1, kim, subject, envelope("billing@desk.example")), kim},
		{"one of our own addresses with a tag", note(1, kim, subject, envelope("billing+x@desk.example")), kim},
		{"an old domain that notes whom it delivered to", note(1, kim, subject, to("kontakt@oldname.example"), envelope("kontakt@oldname.example"), header("Delivered-To", "kontakt@oldname.example")), kim},
		{"an old domain that is in To alone", note(1, kim, subject, to("kontakt@oldname.example"), envelope("kontakt@oldname.example")), kim},
		{"an old domain in Cc", note(1, kim, subject, copied("kontakt@oldname.example"), envelope("kontakt@oldname.example")), kim},
		{"Sieve, by the envelope of the mailbox", note(1, kim, subject, envelope("box@host.example"), header("X-Sieve-Redirected-From", "box@host.example")), kim},
		{"Sieve, by a Received line", note(1, kim, subject, envelope("box@host.example"), header("Received", "from a by b with LMTP id x for <box@host.example>; Sun, 29 Nov 2026 03:00:00 +0000")), kim},
		{"Outlook's redirect", note(1, kim, subject, envelope("bounces+SRS=x1y2z=AB@redirector.example")), kim},
		{"SRS0", note(1, kim, subject, envelope("SRS0=HHH=TT=firm.example=kim@forwarder.example")), kim},
		{"SRS1", note(1, kim, subject, envelope("SRS1=HHH=first.example==HHH=TT=firm.example=kim@second.example")), kim},
		{"Exchange's forwarding loop field", note(1, kim, subject, envelope("old@tenant.example"), header("X-MS-Exchange-ForwardingLoop", "old@tenant.example;8f3c")), kim},
		{"a mail that somebody resent", note(1, kim, subject, envelope("colleague@desk2.example"), header("Resent-From", "colleague@desk2.example")), kim},
		{"Postfix's alias", note(1, kim, subject, envelope("alias@host.example"), header("X-Original-To", "alias@host.example")), kim},
		{"a Chinese provider's forward", note(1, "li@163.com", subject, envelope("desk@qq.com"), header("X-QQ-Forwarded-For", "desk@qq.com")), "li@163.com"},
		{"a forwarder whose mailbox notes nothing else, to a mailbox that notes no recipient", note(1, kim, subject, to("kontakt@oldname.example"), header("X-Sieve-Redirected-From", "box@host.example"),
			func(m *message.Message) { m.Envelope.Recipients = nil }), kim},
		{"Gmail's own mark", note(1, kim, subject, envelope("x@tenant.example"), header("X-Forwarded-Encrypted", "i=1; AJvYcCX")), kim},
		{"a web proxy's field is no forwarder's", note(1, kim, subject, envelope("kim.private@mailhost.example"), header("X-Forwarded-For", "192.0.2.7")), "kim.private@mailhost.example"},
		{"a tag against forged bounces", note(1, kim, subject, envelope("prvs=123456789a=kim.private@mailhost.example")), "kim.private@mailhost.example"},
		{"a sending service's own mailbox for bounces", note(1, kim, subject, envelope("pm_bounces@pm.sender.example")), kim},
		{"a sending service's bounce address", note(1, kim, subject, envelope("0100018c-support=desk.example@mail.sender.example")), kim},
		{"a forwarder that keeps the envelope, which SPF then fails", note(1, kim, subject, header("X-Forwarded-To", "support@desk.example"), spf(message.VerdictFail)), kim},
		{"the same of a domain that disowns it", note(1, kim, subject, header("X-Forwarded-To", "support@desk.example"), spf(message.VerdictFail), dmarc(message.VerdictFail)), "withheld unauthenticated"},
		{"a forwarded mail whose signature still holds", note(1, kim, subject, envelope("kontakt@oldname.example"), spf(message.VerdictFail), dmarc(message.VerdictPass), vouched), kim},

		{"no forwarder: SPF fails", note(1, kim, subject, spf(message.VerdictFail)), "withheld unauthenticated"},
		{"no forwarder: another address of the person's", note(1, kim, subject, envelope("kim.private@mailhost.example")), "kim.private@mailhost.example"},
		{"no forwarder: a Received line with the sender's address", note(1, kim, subject, envelope("kim.private@mailhost.example"),
			header("Received", "from x (envelope-from <kim.private@mailhost.example>) by mx for <support@desk.example>; Sun, 29 Nov 2026 03:00:00 +0000")), "kim.private@mailhost.example"},
		{"no forwarder: the envelope is From with a tag", note(1, kim, subject, envelope("kim+tag@firm.example")), kim},
		{"a mailbox without Return-Path", note(1, "wang@firm.example", "退款", nobodysEnvelope), "wang@firm.example"},
		{"the null sender is not a missing one", note(1, kim, subject, envelope("")), "withheld null-sender"},
		{"a Return-Path that cannot be read", note(1, kim, subject, nobodysEnvelope, header("Return-Path", "kim")), "withheld no-return-path"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := heard(t, tc.m); got != tc.want {
				t.Errorf("heard: %s, want %s", got, tc.want)
			}
		})
	}
}

// TestTheCustomerHearsThroughOurLists, whether they rewrite From or not; of other people's lists nobody does.
func TestTheCustomerHearsThroughOurLists(t *testing.T) {
	const us, lee = "support@desk.example", "lee@cust.example"
	for _, tc := range []struct {
		name string
		m    message.Message
		want string
	}{
		{"a Google Group", note(1, lee, "Declined", envelope("support+bncBX@desk.example"), header("Precedence", "list"), header("List-ID", "<support.desk.example>"), header("List-Post", "<mailto:support@desk.example>")), lee},
		{"a Google Group by its Mailing-list field", note(1, lee, "Declined", envelope("support+bncBX@desk.example"), header("Mailing-list", "list support@desk.example; contact support+owners@desk.example")), lee},
		{"a Google Group with unsubscription", note(1, lee, "Declined", envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("List-Unsubscribe", "<mailto:googlegroups-manage+1+unsubscribe@googlegroups.com>")), lee},
		{"Mailman", note(1, lee, "Declined", envelope("support-bounces@desk.example"), header("X-BeenThere", us), header("Precedence", "list"), header("List-Id", "Support <support.desk.example>")), lee},
		{"the second of our addresses", note(1, lee, "Declined", envelope("billing+bncBX@desk.example"), header("List-Post", "<mailto:billing@desk.example>")), lee},
		{"a Google Group that rewrites From", note(1, us, "Declined", replyToThe(lee), envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("X-Original-From", "Lee <lee@cust.example>")), lee},
		{"the same without Reply-To", note(1, us, "Declined", envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("X-Original-From", "Lee <lee@cust.example>")), lee},
		{"the same with the sender's own field", note(1, us, "Declined", envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("X-Original-Sender", "lee@cust.example")), lee},
		{"Mailman 3, replies to the list", note(1, us, "Declined", replyToThe(us), envelope("support-bounces@desk.example"), header("List-Id", "<support.desk.example>"), header("X-MailFrom", "lee@cust.example")), lee},
		{"Mailman 2, replies to the list and the author in Cc", note(1, us, "Declined", replyToThe(us), func(m *message.Message) {
			m.From.Name, m.Cc = "Lee via Support", []message.Address{{Kind: message.Email, Value: "boss@cust.example", Name: "Boss"}, {Kind: message.Email, Value: lee, Name: "Lee"}}
		}, header("List-Id", "<support.desk.example>")), lee},
		{"replies to the list and the author", note(1, us, "Declined", replyToThe(us, lee), envelope("support-bounces@desk.example"), header("List-Id", "<support.desk.example>")), lee},
		{"a list that vouches for itself vouches not for him", note(1, us, "Declined", replyToThe(lee), vouched, header("List-Id", "<support.desk.example>")), lee},

		{"somebody else's list", note(1, lee, "Digest", envelope("team-bounces@lists.other.example"), header("List-Id", "<team.lists.other.example>"), header("Precedence", "list")), "withheld list"},
		{"somebody else's list that rewrites From", note(1, "team@lists.other.example", "Digest", replyToThe(lee), header("List-Id", "<team.lists.other.example>")), "withheld list"},
		{"a list of our domain that is not the desk's address", note(1, lee, "All staff", envelope("all+bnc@desk.example"), header("List-Id", "<all.desk.example>")), "withheld list"},
		{"a newsletter through our list", note(1, lee, "News", envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("Precedence", "bulk")), "parked automated"},
		{"an absence notice through our list", note(1, lee, "Away", envelope("support+bncBX@desk.example"), header("List-ID", "<support.desk.example>"), header("Auto-Submitted", "auto-replied")), "parked automated"},
		{"our own mail through our list", note(1, us, "Ticket", replyToThe("support+t1.abc@desk.example"), header("List-ID", "<support.desk.example>")), "parked from-own-address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := heard(t, tc.m); got != tc.want {
				t.Errorf("heard: %s, want %s", got, tc.want)
			}
		})
	}
}

// TestTheVisitorOfASiteHears, and the site's server never does.
func TestTheVisitorOfASiteHears(t *testing.T) {
	const us, pia = "support@desk.example", "pia@cust.example"
	form := func(from string, changes ...change) message.Message { return note(1, from, "Contact form", changes...) }
	for _, tc := range []struct {
		name string
		m    message.Message
		want string
	}{
		{"a site that writes in our name", form(us, replyToThe(pia)), pia},
		{"a site below our domain", form("wordpress@www.desk.example", replyToThe(pia)), pia},
		{"a site of our domain that wants no answers itself", form("noreply@desk.example", replyToThe(pia)), pia},
		{"a server's user below our domain", form("www-data@web1.desk.example", replyToThe(pia)), pia},
		{"our own address with a tag", form("support+form@desk.example", replyToThe(pia)), pia},
		{"a site that passes our SPF", form("wordpress@www.desk.example", replyToThe(pia), vouched), pia},
		{"several in Reply-To, ours first", form(us, replyToThe(us, pia)), pia},
		{"a named site elsewhere", form("wordpress@shop.example", replyToThe(pia)), pia},
		{"a named site in another case", form("WordPress@Shop.example", replyToThe(pia)), pia},
		{"any address of a named domain", form("form7@forms.example", replyToThe(pia)), pia},
		{"a site that puts the visitor into From, from a server of ours", form(pia, envelope("www-data@web1.desk.example")), pia},
		{"the same from a sender that takes no mail", form(pia, envelope("noreply@www.desk.example")), pia},
		{"the same from a named sender", form(pia, envelope("wordpress@shop.example"), header("Auto-Submitted", "auto-generated")), pia},
		{"the same from somebody's web server", form(pia, envelope("apache@host7.hoster.example")), pia},
		{"a named site with all signs of a machine", form("wordpress@shop.example", replyToThe(pia), envelope("www-data@shop.example"), header("Auto-Submitted", "auto-generated"), header("Precedence", "bulk"), header("X-Auto-Response-Suppress", "All")), pia},
		{"a named site with the null sender", form("wordpress@shop.example", replyToThe(pia), envelope("")), pia},
		{"a named site whose domain disowns its server", form("wordpress@shop.example", replyToThe(pia), dmarc(message.VerdictFail)), pia},
		{"a named site that names nobody", form("wordpress@shop.example"), "withheld no-address"},
		{"a named site that names itself", form("wordpress@shop.example", replyToThe("wordpress@shop.example")), "withheld no-address"},
		{"a named site that names us", form("wordpress@shop.example", replyToThe(us)), "withheld no-address"},
		{"a visitor who typed an address that nobody reads", form("wordpress@shop.example", replyToThe("noreply@cust.example")), "withheld robot-address"},
		{"a web server's user that nobody named", form("wordpress@elsewhere.example", replyToThe(pia)), pia},
		{"another one, as its own envelope", form("www-data@host.hoster.example", replyToThe(pia), envelope("www-data@host.hoster.example")), pia},
		{"a site that nobody named", form("contact@elsewhere.example", replyToThe(pia)), "contact@elsewhere.example"},
		{"a service that wants no answers, and that nobody named", form("noreply@elsewhere.example", replyToThe(pia)), "withheld robot-address"},
		{"a person who wants his answers elsewhere", form(kim, replyToThe(pia)), kim},
		{"our own address, and nobody in Reply-To", form(us), "parked from-own-address"},
		{"somebody in our name whom our policy disowns", form(us, replyToThe(pia), dmarc(message.VerdictFail)), "withheld unauthenticated"},
		{"a machine of ours that says so", form("cron@desk.example", replyToThe(pia), header("Auto-Submitted", "auto-generated")), "parked automated"},
		{"our mail system's report", form("mailer-daemon@desk.example", replyToThe(pia), envelope("")), "parked automated"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := heard(t, tc.m); got != tc.want {
				t.Errorf("heard: %s, want %s", got, tc.want)
			}
		})
	}
}

// TestWhoIsNamedByACarrierIsNeverProven: what vouches for a list or a site does not vouch for whom it names, so a
// stranger in his name finds nobody's contact and joins nothing.
func TestWhoIsNamedByACarrierIsNeverProven(t *testing.T) {
	for name, m := range map[string]message.Message{
		"by our list": note(2, "support@desk.example", "Re: Refund", replyToThe(kim), header("List-Id", "<support.desk.example>"), vouched),
		"by our site": note(2, "www@desk.example", "Re: Refund", replyToThe(kim), vouched),
		"by a form":   note(2, "wordpress@shop.example", "Re: Refund", replyToThe(kim), vouched),
	} {
		t.Run(name, func(t *testing.T) {
			got := batch(t, roads(t), pipeline.NewFacts(), counter{}, note(1, kim, "Refund", vouched), m)
			first, second := got[0].Plan, got[1].Plan
			if second.State != messages.Ticketed || second.Contact.ID == first.Contact.ID || second.Row.Proven || !second.Ticket.Open.Claimed || second.Row.From.Value != kim {
				t.Errorf("second: %s, contact %d (first %d), proven %v, claimed %v, from %s", second.State, second.Contact.ID, first.Contact.ID,
					second.Row.Proven, second.Ticket.Open.Claimed, second.Row.From.Value)
			}
			for _, e := range second.Effects {
				if !e.Unproven || e.To.Name != "" {
					t.Errorf("the acknowledgement to somebody who proved nothing: %+v", e)
				}
			}
		})
	}
}

// Two customers through one forwarder, or one site, are two: neither counts against the other, and no digest lists the
// one's ticket to the other.
func TestCustomersOfOneCarrierAreApart(t *testing.T) {
	for name, mails := range map[string][]message.Message{
		"a forwarder": {note(1, "jo@a.example", "Cannot log in", to("kontakt@old.example"), envelope("kontakt@old.example")),
			note(2, "max@b.example", "Card declined", to("kontakt@old.example"), envelope("kontakt@old.example"))},
		"a site": {note(1, "www@desk.example", "Contact", replyToThe("nia@a.example")), note(2, "www@desk.example", "Contact", replyToThe("otto@b.example"))},
	} {
		t.Run(name, func(t *testing.T) {
			for i, c := range batch(t, roads(t), pipeline.NewFacts(), counter{}, mails...) {
				if len(c.Plan.Effects) != 1 || c.Plan.Effects[0].Cause != "" {
					t.Errorf("mail %d: %+v", i+1, c.Plan.Effects)
				}
			}
		})
	}
}
