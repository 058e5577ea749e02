package identify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
)

func TestEnvelopesAndTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, address              string
		rewritten, encoded, server bool
		bare                       string
	}{
		{"a person's", "anna@customer.example", false, false, false, "anna@customer.example"},
		{"in brackets and capitals", " <Anna@Customer.example> ", false, false, false, "anna@customer.example"},
		{"a tag of his own", "anna+shop@customer.example", false, false, false, "anna+shop@customer.example"},
		{"rewritten by a forwarder", "SRS0=abc=de=customer.example=anna@fwd.example", true, true, false, "srs0=abc=de=customer.example=anna@fwd.example"},
		{"rewritten with another sign", "srs0+abc=de=customer.example=anna@fwd.example", true, true, false, "srs0+abc=de=customer.example=anna@fwd.example"},
		{"rewritten twice", "srs1=abc=fwd.example==de=ef=customer.example=anna@second.example", true, true, false, "srs1=abc=fwd.example==de=ef=customer.example=anna@second.example"},
		{"a name that only begins so", "srs0x@customer.example", false, false, false, "srs0x@customer.example"},
		{"the whole of that name", "srs0@customer.example", false, false, false, "srs0@customer.example"},
		{"rewritten by Exchange", "old+srs=abcde=fg=customer.example=anna@firm.example", true, true, false, "old+srs=abcde=fg=customer.example=anna@firm.example"},
		{"rewritten by Gmail", "old+caf_=anna=customer.example@gmail.example", true, true, false, "old+caf_=anna=customer.example@gmail.example"},
		{"protected against forged bounces", "prvs=123456789a=anna@customer.example", false, false, false, "anna@customer.example"},
		{"protected with a tag of another length", "prvs=1234=anna@customer.example", false, false, false, "prvs=1234=anna@customer.example"},
		{"for bounces", "bounces+123-abc@mail.example", false, true, false, "bounces+123-abc@mail.example"},
		{"for bounces by its domain", "anna@bounce.customer.example", false, true, false, "anna@bounce.customer.example"},
		{"of a long number", "1234567890123456@mail.example", false, true, false, "1234567890123456@mail.example"},
		{"of a number", "123456789012345@qq.example", false, false, false, "123456789012345@qq.example"},
		{"a web server's", "www-data@site.example", false, false, true, "www-data@site.example"},
		{"a web server's user with a name beside it", "www-data2@site.example", false, false, false, "www-data2@site.example"},
		{"nobody's", "nobody@site.example", false, false, true, "nobody@site.example"},
		{"none", "", false, false, false, ""},
		{"the null sender", "<>", false, false, false, ""},
	} {
		lower := strings.ToLower(strings.Trim(c.address, "<> "))
		if got := rewritten(lower); got != c.rewritten {
			t.Errorf("%s: %q is rewritten: %v", c.name, c.address, got)
		}
		if got := encoded(lower); got != c.encoded {
			t.Errorf("%s: %q is encoded: %v", c.name, c.address, got)
		}
		if got := server(lower); got != c.server {
			t.Errorf("%s: %q is a server's: %v", c.name, c.address, got)
		}
		if got := bare(c.address); got != c.bare {
			t.Errorf("%s: %q is %q without its dress, want %q", c.name, c.address, got, c.bare)
		}
	}
}

func TestAddressesInFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"one", "anna@customer.example", []string{"anna@customer.example"}},
		{"in brackets", "Anna <Anna@Customer.example>", []string{"anna@customer.example"}},
		{"in quotation marks", `"anna@customer.example"`, []string{"anna@customer.example"}},
		{"several", "a@x.example, <b@x.example>; (c@x.example)", []string{"a@x.example", "b@x.example", "c@x.example"}},
		{"behind a scheme", "<mailto:anna@customer.example?subject=x>", []string{"anna@customer.example"}},
		{"in a Chinese sentence", "发给 安娜@customer.example 的", []string{"安娜@customer.example"}},
		{"a sign alone", "@", nil},
		{"no name", "@customer.example", nil},
		{"no domain", "anna@", nil},
		{"none", "by mx.example with ESMTP id 1", nil},
		{"nothing", "", nil},
		{"behind the end of what is read", strings.Repeat("x ", maxField) + "anna@customer.example", nil},
	} {
		var got []string
		for a := range addresses(c.value) {
			got = append(got, a)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for range addresses(c.value) {
			break // who has found his address asks no more
		}
		if contains(c.value, "anna@customer.example") != slices.Contains(c.want, "anna@customer.example") {
			t.Errorf("%s: it is found otherwise when it is looked for", c.name)
		}
	}
	for in, want := range map[string]string{
		"from a by b for <x@y.example>; Fri":    "<x@y.example>",
		"from a for b@c by d for <x@y.example>": "<x@y.example>",
		"from a by b":                           "",
		"for x@y.example":                       "",
		"from a (for b) by c for d;":            "d",
	} {
		if got := strings.TrimSpace(behindFor(in)); got != want {
			t.Errorf("behind \"for\" in %q stands %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"'Lee' via Support": "Lee", "Lee via A via B": "Lee via A", "\"Lee\" via x": "Lee", "via x": "", " via x": "", "Lee": "", "李雷 via 客服": "李雷", "": ""} {
		if got := through(in); got != want {
			t.Errorf("%q writes through as %q, want %q", in, got, want)
		}
	}
	if got := mailbox(`"Lee" <Lee@Cust.example>, x@y.example`); got.Value != "lee@cust.example" || got.Name != "Lee" || mailbox("none") != (message.Address{}) {
		t.Errorf("the first of a field is %+v", got)
	}
}

func TestFieldsOfTheRoad(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"Received":                          receivedFor,
		"RECEIVED":                          receivedFor,
		"Delivered-To":                      deliveredTo,
		"X-Original-To":                     deliveredTo,
		"Envelope-To":                       deliveredTo,
		"X-Forwarded-To":                    handedOn,
		"X-Forwarded-For":                   handedOn,
		"Resent-From":                       handedOn,
		"X-QQ-FORWARD":                      handedOn,
		"X-MS-Exchange-Inbox-Rules-Loop":    handedOn,
		"Redirected-By":                     handedOn,
		"From":                              noRoad,
		"Subject":                           noRoad,
		"Received-SPF":                      noRoad,
		"":                                  noRoad,
		"Resent":                            noRoad,
		strings.Repeat("x", 60) + "forward": noRoad,
	} {
		if got := roadField(message.Header{Name: name}); got != want {
			t.Errorf("%q is %d, want %d", name, got, want)
		}
	}
}

// TestAWordOfAStrangerProvesNothing: whatever a stranger writes into names and fields, nobody is proven by it and no other's address is
// written to.
func TestAWordOfAStrangerProvesNothing(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"anna@c.example", "support@desk.example", "form@site.example", "x@forms.example", "www-data@www.desk.example", "mailer-daemon@mx.example", ""} {
		for _, reply := range []string{"", "victim@third.example", "support@desk.example"} {
			for _, envelope := range []string{"", "anna@c.example", "srs0=a=b=c.example=anna@fwd.example", "bounces-1@esp.example", "support@desk.example"} {
				for _, field := range []message.Header{{}, {Name: "List-Id", Value: "<support.desk.example>"}, {Name: "List-Post", Value: "<mailto:list@other.example>"}, {Name: "X-Original-From", Value: "victim@third.example"}, {Name: "X-Forwarded-To", Value: "support@desk.example"}} {
					m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: from}, Envelope: message.Envelope{MailFrom: envelope, HasMailFrom: true}}
					if reply != "" {
						m.ReplyTo = []message.Address{{Kind: message.Email, Value: reply}}
					}
					if field.Name != "" {
						m.Headers = message.Headers{field}
					}
					name := fmt.Sprintf("from %q, reply to %q, envelope %q, %s", from, reply, envelope, field.Name)
					a := WhoWrote(m, desk)
					if a.Proven {
						t.Errorf("%s: proven", name)
					}
					if a.From.Value != from && a.From.Value != "" && a.Via == Direct {
						t.Errorf("%s: %q wrote, and nobody has handed it on", name, a.From.Value)
					}
					if a.Via != Direct && a.Reason == "" {
						t.Errorf("%s: by %s without a reason", name, a.Via)
					}
					if strings.ContainsAny(a.Reason, "@<") {
						t.Errorf("%s: the reason %q names somebody", name, a.Reason)
					}
					m.Proven = true
					if a := WhoWrote(m, desk); a.Proven && a.From.Value != from {
						t.Errorf("%s: what vouches for %q vouches for %q", name, from, a.From.Value)
					}
				}
			}
		}
	}
}

func TestAFormThatNamesNobody(t *testing.T) {
	t.Parallel()
	m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: "form@site.example", Name: "'Lee' via Site"}, Envelope: message.Envelope{MailFrom: "form@site.example", HasMailFrom: true}}
	a := WhoWrote(m, desk)
	if a.From != (message.Address{}) || a.Via != Form || !a.Named || !strings.Contains(a.Reason, "nobody") {
		t.Errorf("%+v", a)
	}
}

func TestOtherChannelsHaveNoRoads(t *testing.T) {
	t.Parallel()
	m := message.Message{Channel: "sms", From: message.Address{Kind: message.Phone, Value: "+8613800138000"}, Proven: true, ReplyTo: []message.Address{{Kind: message.Email, Value: "x@y.example"}}, Headers: message.Headers{{Name: "X-Forwarded-To", Value: "support@desk.example"}}}
	if a := WhoWrote(m, desk); a.From != m.From || !a.Proven || a.Via != Direct || a.Reason != "" {
		t.Errorf("%+v", a)
	}
}
