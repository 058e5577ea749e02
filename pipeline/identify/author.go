package identify

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// Via is the road by which a mail came to us, where that is not straight from its author.
type Via string

// The roads.
const (
	Direct  Via = ""
	Form    Via = "form"    // a web site wrote it for a visitor, who is in Reply-To
	List    Via = "list"    // a group or list that is one of our own addresses handed it on
	Forward Via = "forward" // another mailbox handed it on: the envelope is that mailbox's, not the author's
)

// Desk is what is known of ourselves.
type Desk struct {
	// Ours reports whether an address reaches this desk.
	Ours func(address string) bool
	// Domains are our own, lower-case, with all below them. The domains of mailbox providers are nobody's own.
	Domains []string
	// Forms are the senders that write for others: addresses, and "@domain" for all of a domain.
	Forms []string
}

// Author is who wrote a message and how it came.
type Author struct {
	From   message.Address // zero where a form names nobody
	Proven bool            // the channel vouches for From
	Via    Via
	// Named says that the operator has named the form's sender.
	Named bool
	// Back is the envelope sender, where that may be the author's own address; zero where it is a mechanism's.
	Back message.Address
	// Reason is for the trace; empty for a mail that came straight from its author.
	Reason string
}

// WhoWrote finds the author of a mail behind what carried it. From says who that is (RFC 5322 §3.6.2), except in
// mail that a site of ours, or a list that rewrites From, wrote for somebody else: there Reply-To does. Such an author is
// never proven: what vouches for the mail vouches for its carrier.
//
// The roads are told apart by who stands in From, in Reply-To and on the envelope, and by fields that forwarders and lists add (road.go). A
// wrong guess would answer a web server, or let a form's visitor pass for proven: so Reply-To counts only where From is one of ours, a
// configured form, or a server's own user. docs/channels/email-roads.md shows each road with an example.
func WhoWrote(m message.Message, d Desk) Author {
	a := Author{From: m.From, Proven: m.Proven, Back: message.Address{Kind: message.Email, Value: bare(m.Envelope.MailFrom)}}
	if !m.Traits.Mail || m.Report != nil && (!m.Report.Told || mechanic(m.From.Value)) {
		return a // what was read out of words may be a visitor's or a customer's
	}
	switch {
	case d.form(m.From.Value) || d.form(a.Back.Value):
		return a.by(d.visitor(m), m.From, Form, true)
	case d.Ours(m.From.Value) || d.within(m.From.Domain()) || server(strings.ToLower(m.From.Value)):
		list := listed(m.Headers)
		if c := d.customer(m, list); !c.IsZero() && !mechanic(m.From.Value) { // a site of ours, or a web server's user, who is nobody
			via := Form
			if list {
				via = List
			}
			return a.by(c, m.From, via, false)
		}
	}
	switch {
	case d.ownList(m.Headers):
		a.Via, a.Back, a.Reason = List, message.Address{}, "it came through a list that is our own address"
	case d.forwarded(m, a.Back.Value):
		a.Via, a.Back, a.Reason = Forward, message.Address{}, "another mailbox handed it on, and the envelope is that mailbox's"
	case d.within(a.Back.Domain()) && !d.within(m.From.Domain()):
		a.Via, a.Back, a.Reason = Form, message.Address{}, "a server of ours sent it in its author's name"
	case encoded(a.Back.Value) || server(a.Back.Value):
		a.Back = message.Address{}
	}
	return a
}

// by is the author whom a carrier names.
func (a Author) by(customer, carrier message.Address, via Via, named bool) Author {
	if customer.Name == "" {
		customer.Name = through(carrier.Name)
	}
	out := Author{From: customer, Via: via, Named: named, Reason: "a site wrote it for somebody else: its author is in Reply-To"}
	if via == List {
		out.Reason = "a list wrote itself into From: its author is in Reply-To or in the list's own field"
	}
	if customer.Value == "" {
		out.From = message.Address{}
		out.Reason = "a site wrote it for somebody else and names nobody in Reply-To"
	}
	return out
}

// through is the name in "'Lee' via Support".
func through(name string) string {
	if i := strings.LastIndex(name, " via "); i > 0 {
		return strings.Trim(name[:i], `'" `)
	}
	return ""
}

// visitor is whom a form names: in Reply-To, or where the envelope is the form's, in From.
func (d Desk) visitor(m message.Message) message.Address {
	if a := d.customer(m, false); !a.IsZero() || d.form(m.From.Value) || d.Ours(m.From.Value) {
		return a
	}
	return m.From
}

// customer is the first whom the mail names as the one to be answered and who is not of us.
func (d Desk) customer(m message.Message, list bool) message.Address {
	named := m.ReplyTo
	if list {
		named = slices.Clone(named)
		for _, field := range []string{"X-Original-From", "X-Original-Sender", "X-MailFrom"} {
			named = append(named, mailbox(m.Headers.Get(field)))
		}
		named = append(named, namesake(m.Cc, through(m.From.Name))) // where Mailman lets answers go to the list
	}
	for _, a := range named {
		if a.Domain() != "" && a.Identity() != m.From.Identity() && !d.Ours(a.Value) && !d.form(a.Value) {
			return a
		}
	}
	return message.Address{}
}

// namesake is the address that bears a name.
func namesake(list []message.Address, name string) message.Address {
	for _, a := range list {
		if name != "" && a.Name == name {
			return a
		}
	}
	return message.Address{}
}

// form reports whether an address is one of the senders that write for others.
func (d Desk) form(address string) bool {
	address = strings.ToLower(address)
	return slices.ContainsFunc(d.Forms, func(f string) bool { return f == address || strings.HasPrefix(f, "@") && strings.HasSuffix(address, f) })
}

// within reports whether a domain is one of ours or below one.
func (d Desk) within(domain string) bool {
	for _, own := range d.Domains {
		if domain == own || strings.HasSuffix(domain, "."+own) {
			return domain != ""
		}
	}
	return false
}

// mechanic reports whether a mail system writes under an address: what it reports is nobody's mail.
func mechanic(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	return strings.HasPrefix(local, "mailer-daemon") || local == "postmaster"
}
