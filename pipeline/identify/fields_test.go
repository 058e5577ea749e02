package identify

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

func ourDesk() Desk {
	return Desk{Ours: func(a string) bool { return a == "support@desk.example" }, Domains: []string{"desk.example"}, Forms: []string{"form@site.example", "@forms.example"}}
}

// TestAddressesInAField: whatever system wrote it.
func TestAddressesInAField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		want  []string
	}{
		{"", nil},
		{"no address here", nil},
		{"li@x.example", []string{"li@x.example"}},
		{"Li <Li@X.example>", []string{"li@x.example"}},
		{"<mailto:li@x.example?subject=hi>", []string{"li@x.example"}},
		{`"Li, Wei" <li@x.example>, (wang@y.example); 'q@z.example'`, []string{"li@x.example", "wang@y.example", "q@z.example"}},
		{"from a@b by c", []string{"a@b"}},
		{"@x.example li@ @", nil},
		{strings.Repeat("x", maxField) + " li@x.example", nil},
		{strings.Repeat("x", maxField-13) + " li@x.example", []string{"li@x.example"}},
	} {
		if got := slices.Collect(addresses(c.value)); !slices.Equal(got, c.want) {
			t.Errorf("%.60q: %q, want %q", c.value, got, c.want)
		}
	}
}

func TestMailboxOfAField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, address, name string }{
		{"Li Wei <li@x.example>", "li@x.example", "Li Wei"},
		{`"Li, Wei" <LI@x.example>`, "li@x.example", "Li, Wei"},
		{"'李雷' <li@x.example>", "li@x.example", "李雷"},
		{"li@x.example", "li@x.example", ""},
		{"nobody", "", ""},
	} {
		if got := mailbox(c.value); got.Value != c.address || got.Name != c.name {
			t.Errorf("%q: %+v, want %s %s", c.value, got, c.name, c.address)
		}
	}
}

// TestEnvelopeSenders: which are a person's own, and what others say.
func TestEnvelopeSenders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path                       string
		bare                       string
		rewritten, encoded, server bool
	}{
		{"<Li@X.example>", "li@x.example", false, false, false},
		{"", "", false, false, false},
		{"prvs=0123456789=li@x.example", "li@x.example", false, false, false},
		{"prvs=012345678=li@x.example", "prvs=012345678=li@x.example", false, false, false},
		{"btv1==0123==li@x.example", "btv1==0123==li@x.example", false, false, false},
		{"SRS0=Kf7x=WD=x.example=li@relay.example", "srs0=kf7x=wd=x.example=li@relay.example", true, true, false},
		{"srs1+ab=relay.example==x@other.example", "srs1+ab=relay.example==x@other.example", true, true, false},
		{"srs0@x.example", "srs0@x.example", false, false, false},
		{"srs0x@x.example", "srs0x@x.example", false, false, false},
		{"li+srs=ab=cd@x.example", "li+srs=ab=cd@x.example", true, true, false},
		{"li+caf_=support=desk.example@gmail.com", "li+caf_=support=desk.example@gmail.com", true, true, false},
		{"bounce+12-li=x.example@shop.example", "bounce+12-li=x.example@shop.example", false, true, false},
		{"li@bounces.shop.example", "li@bounces.shop.example", false, true, false},
		{"0102018f1234567890ab@amazonses.example", "0102018f1234567890ab@amazonses.example", false, true, false},
		{"123456789012345@x.example", "123456789012345@x.example", false, false, false},
		{"1234567890123456@x.example", "1234567890123456@x.example", false, true, false},
		{"www-data@host.example", "www-data@host.example", false, false, true},
		{"apache@host.example", "apache@host.example", false, false, true},
		{"webmaster@host.example", "webmaster@host.example", false, false, false},
	} {
		got := bare(c.path)
		if got != c.bare || rewritten(got) != c.rewritten || encoded(got) != c.encoded || server(got) != c.server {
			t.Errorf("%q: %q, rewritten %v, encoded %v, server %v; want %q, %v, %v, %v", c.path, got, rewritten(got), encoded(got), server(got), c.bare, c.rewritten, c.encoded, c.server)
		}
	}
}

// TestWhatAFieldSaysOfTheRoad, whoever has named it.
func TestWhatAFieldSaysOfTheRoad(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"Received": receivedFor, "RECEIVED": receivedFor, "Received-SPF": noRoad, "Delivered-To": deliveredTo, "X-Original-To": deliveredTo, "envelope-to": deliveredTo,
		"X-Loop": deliveredTo, "X-Forwarded-To": handedOn, "X-Forwarded-For": handedOn, "Resent-From": handedOn, "X-MS-Exchange-Inbox-Rules-Loop": handedOn,
		"Redirected-By": handedOn, "X-Autoforwarded": handedOn, "To": noRoad, "": noRoad, "Resent": noRoad, strings.Repeat("forward", 7): noRoad,
	} {
		if got := roadField(message.Header{Name: name}); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func TestBehindFor(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"from a by b for <li@x.example>; Fri, 20 Nov 2026": "<li@x.example>",
		"from a (envelope for x@y) by b for li@x.example":  "li@x.example",
		"from a by b; Fri, 20 Nov 2026":                    "",
		"":                                                 "",
		"before li@x.example":                              "",
	} {
		if got := behindFor(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

// TestForwarded: by the envelope or by a field, and by nothing else.
func TestForwarded(t *testing.T) {
	t.Parallel()
	to := func(values ...string) (out []message.Address) {
		for _, v := range values {
			out = append(out, message.Address{Kind: message.Email, Value: v})
		}
		return out
	}
	for _, c := range []struct {
		name     string
		envelope string
		to       []message.Address
		headers  message.Headers
		want     bool
	}{
		{"straight from its author", "li@x.example", to("support@desk.example"), nil, false},
		{"under another spelling of his mailbox", "li+bounces@x.example", to("li+bounces@x.example"), nil, false},
		{"from another address of his", "li@y.example", to("support@desk.example"), nil, false},
		{"the envelope is one of ours", "support@desk.example", nil, nil, true},
		{"the envelope is whom the mail was written to", "info@shop.example", to("Info@Shop.example"), nil, true},
		{"the envelope is made of another", "srs0=ab=cd=x.example=li@relay.example", nil, nil, true},
		{"a field says so", "li@x.example", nil, message.Headers{{Name: "X-Forwarded-To", Value: "support@desk.example"}}, true},
		{"a web proxy's field of that name", "li@x.example", nil, message.Headers{{Name: "X-Forwarded-For", Value: "192.0.2.1"}}, false},
		{"Gmail says it with a digest", "li@x.example", nil, message.Headers{{Name: "X-Forwarded-Encrypted", Value: "i=1; AJvYcC"}}, true},
		{"it had been delivered to the envelope", "info@shop.example", nil, message.Headers{{Name: "Delivered-To", Value: "info@shop.example"}}, true},
		{"to somebody else", "info@shop.example", nil, message.Headers{{Name: "Delivered-To", Value: "support@desk.example"}}, false},
		{"it had been received for the envelope", "info@shop.example", nil, message.Headers{{Name: "Received", Value: "from x by y for <info@shop.example>; today"}}, true},
		{"it came from the envelope", "info@shop.example", nil, message.Headers{{Name: "Received", Value: "from x (info@shop.example) by y for <support@desk.example>"}}, false},
		{"the envelope is From's and it was delivered there before", "li@x.example", nil, message.Headers{{Name: "Delivered-To", Value: "li@x.example"}}, false},
		{"no envelope is known", "", nil, message.Headers{{Name: "Delivered-To", Value: ""}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := message.Message{From: message.Address{Kind: message.Email, Value: "li@x.example"}, To: c.to, Headers: c.headers}
			if got := ourDesk().forwarded(m, c.envelope); got != c.want {
				t.Errorf("forwarded: %v, want %v", got, c.want)
			}
		})
	}
}

func TestOwnLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		ours, list  bool
	}{
		{"List-Id", "<support.desk.example>", true, true},
		{"List-Id", `"Our list" <support.desk.example>`, true, true},
		{"List-Id", "support.desk.example", true, true},
		{"List-Id", "<sales.desk.example>", false, true},
		{"List-Id", "<support>", false, true},
		{"List-Post", "<mailto:support@desk.example>", true, true},
		{"list-post", "NO", false, true},
		{"Mailing-List", "list support@desk.example; contact x@y.example", true, true},
		{"X-BeenThere", "support@desk.example", true, true},
		{"X-BeenThere", "users@lists.example", false, true},
		{"List-Unsubscribe", "<mailto:support@desk.example>", false, false},
		{"To", "support@desk.example", false, false},
	} {
		h := message.Headers{{Name: c.name, Value: c.value}}
		if got := ourDesk().ownList(h); got != c.ours {
			t.Errorf("%s: %s is our list: %v", c.name, c.value, got)
		}
		if got := listed(h); got != c.list {
			t.Errorf("%s is a list's field: %v", c.name, got)
		}
	}
}

func TestNamesOfCarriers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"'Lee' via Support": "Lee", "Lee via a via Support": "Lee via a", "via Support": "", " via Support": "", "Lee": "", "": "", `"李雷" via 客服`: "李雷"} {
		if got := through(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for address, want := range map[string]bool{"MAILER-DAEMON@x.example": true, "mailer-daemon-2@x": true, "postmaster@x.example": true, "postmasters@x.example": false, "li@postmaster.example": false, "": false} {
		if got := mechanic(address); got != want {
			t.Errorf("a mail system writes under %q: %v", address, got)
		}
	}
	d := ourDesk()
	for domain, want := range map[string]bool{"desk.example": true, "mail.desk.example": true, "notdesk.example": false, "example": false, "": false} {
		if got := d.within(domain); got != want {
			t.Errorf("%q is ours: %v", domain, got)
		}
	}
	for address, want := range map[string]bool{"form@site.example": true, "FORM@Site.example": true, "x@forms.example": true, "x@sub.forms.example": false, "other@site.example": false, "": false} {
		if got := d.form(address); got != want {
			t.Errorf("%q writes for others: %v", address, got)
		}
	}
}
