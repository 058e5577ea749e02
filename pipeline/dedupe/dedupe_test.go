package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
)

// plain is a digest without a key, of parts that are parted so that no two lists of them are alike.
func plain(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func mail(change func(*message.Message)) message.Message {
	m := message.Message{ID: 2, Inbox: "support", Channel: "email", Traits: message.Traits{Mail: true}, MessageID: "m1@x.example", From: message.Address{Kind: message.Email, Value: "li@x.example"}, Subject: "Refund",
		Headers: message.Headers{{Name: "Date", Value: "Fri, 20 Nov 2026 10:00:00 +0000"}}}
	if change != nil {
		change(&m)
	}
	return m
}

// TestWhichMailsAreOne: copies of a mail have one content key, whatever relays do to it; two mails have two.
func TestWhichMailsAreOne(t *testing.T) {
	t.Parallel()
	const body = "My money, please.\n\nLi"
	without := func(change func(*message.Message)) message.Message {
		return mail(func(m *message.Message) {
			m.MessageID = ""
			if change != nil {
				change(m)
			}
		})
	}
	for _, c := range []struct {
		name         string
		a, b         message.Message
		aBody, bBody string
		same         bool
	}{
		{"the very mail", mail(nil), mail(nil), body, body, true},
		{"another inbox and delivery", mail(nil), mail(func(m *message.Message) { m.ID, m.Inbox, m.Key = 3, "billing", "k" }), body, body, true},
		{"lines broken otherwise", mail(nil), mail(nil), body, "  My money,\r\nplease. Li\n\n", true},
		{"a no-break space and a wide one", mail(nil), mail(nil), body, "My\u00a0money,\u3000please.\u2003Li", true},
		{"two words written together are other words", mail(nil), mail(nil), body, "Mymoney, please. Li", false},
		{"the case of words counts", mail(nil), mail(nil), body, "my money, please. Li", false},
		{"the case of the sender does not", mail(nil), mail(func(m *message.Message) { m.From.Value = "Li@X.example" }), body, body, true},
		{"another sender under the same Message-ID", mail(nil), mail(func(m *message.Message) { m.From.Value = "wang@x.example" }), body, body, false},
		{"another Message-ID", mail(nil), mail(func(m *message.Message) { m.MessageID = "m2@x.example" }), body, body, false},
		{"a file more", mail(nil), mail(func(m *message.Message) { m.Attachments = []message.Attachment{{Name: "a.png"}} }), body, body, false},
		{"two files are not one with a longer name", mail(func(m *message.Message) { m.Attachments = []message.Attachment{{Name: "a"}, {Name: "b"}} }),
			mail(func(m *message.Message) { m.Attachments = []message.Attachment{{Name: "ab"}} }), body, body, false},
		{"a subject that a list has changed", mail(nil), mail(func(m *message.Message) { m.Subject = "[list] Refund" }), body, body, true},
		{"without Message-IDs, all the same", without(nil), without(nil), body, body, true},
		{"without them, another subject", without(nil), without(func(m *message.Message) { m.Subject = "Again" }), body, body, false},
		{"without them, another date", without(nil), without(func(m *message.Message) { m.Headers = nil }), body, body, false},
		{"one with and one without", mail(nil), without(nil), body, body, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := Make(c.a, c.aBody, "", plain), Make(c.b, c.bBody, "", plain)
			if (a.Content == b.Content) != c.same || a.Content == "" {
				t.Errorf("the same: %v, want %v\n%s\n%s", a.Content == b.Content, c.same, a.Content, b.Content)
			}
		})
	}
}

func TestOtherChannelsHaveNoContentKey(t *testing.T) {
	t.Parallel()
	for _, traits := range []message.Traits{{}, {Typed: true}, {Carrier: true}} {
		k := Make(mail(func(m *message.Message) { m.Traits = traits }), "yes", "", plain)
		if k.Content != "" || k.Reference != "" {
			t.Errorf("%+v: %+v: two equal texts are two messages there", traits, k)
		}
	}
}

func TestFingerprintsNeedEightCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "seven77": false, "eight888": true, "七个字是太短了": false, "八个字就足够长了": true} {
		if got := Make(mail(nil), "", text, plain).Fingerprint; (got != "") != want || want && len(got) != 32 {
			t.Errorf("%q has the fingerprint %q", text, got)
		}
	}
}

// TestKeysAreApart: a digest for one purpose is no key of another's.
func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	li, wang := message.Identity{Kind: message.Email, Value: "li@x.example"}, message.Identity{Kind: message.Email, Value: "wang@x.example"}
	keys := map[string]string{
		"Reference": Reference("m1@x.example", plain), "Mine": Mine("m1@x.example", li, plain), "Mine of another": Mine("m1@x.example", wang, plain),
		"Vouched": Vouched("m1@x.example", plain), "Unread": Unread([]byte("m1@x.example"), plain),
	}
	seen := map[string]string{}
	for name, k := range keys {
		if other, twice := seen[k]; twice {
			t.Errorf("%s and %s are both %q", name, other, k)
		}
		seen[k] = name
	}
	if Reference("<m1@x.example>", plain) != Reference(" m1@x.example ", plain) {
		t.Error("brackets and blanks around a Message-ID count")
	}
}

func TestUnread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"line ends", "a\r\nb", "a\nb", true},
		{"empty lines at the end", "a\nb\r\n\r\n", "a\nb", true},
		{"empty lines within", "a\n\nb", "a\nb", false},
		{"blanks", "a b", "a  b", false},
		{"a return by itself", "a\rb", "a\nb", false},
	} {
		if got := Unread([]byte(c.a), plain) == Unread([]byte(c.b), plain); got != c.same {
			t.Errorf("%s: the same: %v", c.name, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		proven bool
		first  *Copy
		want   Finding
	}{
		{"none is known", false, nil, Finding{}},
		{"it is the first itself, decided again", false, &Copy{Message: 2, Inbox: "support", Erased: true}, Finding{}},
		{"the same inbox", false, &Copy{Message: 1, Inbox: "support", Ticket: 7}, Finding{Of: 1}},
		{"another inbox is told of the ticket", false, &Copy{Message: 1, Inbox: "billing", Ticket: 7}, Finding{Of: 1, Inform: true}},
		{"of no ticket nobody is told", false, &Copy{Message: 1, Inbox: "billing"}, Finding{Of: 1}},
		{"of an erased person's nobody is told", false, &Copy{Message: 1, Inbox: "billing", Ticket: 7, Erased: true}, Finding{Of: 1}},
		{"an owner's mail is no copy of a stranger's", true, &Copy{Message: 1, Inbox: "support", Ticket: 7, Unproven: true}, Finding{}},
		{"a stranger's is a copy of a stranger's", false, &Copy{Message: 1, Inbox: "support", Ticket: 7, Unproven: true}, Finding{Of: 1}},
		{"an owner's is a copy of his own", true, &Copy{Message: 1, Inbox: "support", Ticket: 7}, Finding{Of: 1}},
		{"erased goes before unproven", true, &Copy{Message: 1, Inbox: "support", Unproven: true, Erased: true}, Finding{Of: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Check(mail(func(m *message.Message) { m.Proven = c.proven }), c.first)
			if got.Reason == "" {
				t.Error("it gives no reason")
			}
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	if (*Copy)(nil).Told() != nil {
		t.Error("no copy is told")
	}
	proven := &Copy{Message: 1}
	if proven.Told() != proven {
		t.Error("one that its owner knows is copied")
	}
	unproven := &Copy{Message: 1, Ticket: 7, Unproven: true}
	if got := unproven.Told(); got.Unproven || got.Ticket != 7 || !unproven.Unproven {
		t.Errorf("told: %+v; before: %+v", got, unproven)
	}
}

// TestCompare: relays leave date and words, and add to the text or take from it.
func TestCompare(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	const text = "My payment of 200 dollars for order T000451234 has failed, and the money is gone. Please look."
	twin := Twin{Message: 1, Inbox: "support", Ticket: 7, From: message.Identity{Kind: message.Email, Value: "li@x.example"}, SentAt: sent, Text: text, Files: []string{"a.png"}}
	for _, c := range []struct {
		name             string
		text             string
		change           func(*message.Message, *Twin)
		ok, more, better bool
	}{
		{"the same", text, nil, true, false, false},
		{"a footer behind it", text + " -- Sent through the list", nil, true, false, false},
		{"a warning before it", "[EXTERNAL] " + text, nil, true, false, false},
		{"cut short", text[:60], nil, true, false, false},
		{"a footer and another date may be words of the sender's", text + " And one thing more.", func(m *message.Message, _ *Twin) { m.SentAt = sent.Add(time.Second) }, true, true, false},
		{"shorter with another date brings nothing", text[:60], func(m *message.Message, _ *Twin) { m.SentAt = sent.Add(time.Second) }, true, false, false},
		{"some words changed", strings.Replace(text, "200 dollars", "300 euros", 1), nil, true, true, false},
		{"some words changed and another date are two mails", strings.Replace(text, "200 dollars", "300 euros", 1), func(m *message.Message, _ *Twin) { m.SentAt = sent.Add(time.Second) }, false, false, false},
		{"no date is no sign", strings.Replace(text, "200 dollars", "300 euros", 1), func(m *message.Message, tw *Twin) { m.SentAt, tw.SentAt = time.Time{}, time.Time{} }, false, false, false},
		{"other words", "Something else altogether: where is my parcel, which you sent on Monday?", nil, false, false, false},
		{"another sender", text, func(m *message.Message, _ *Twin) { m.From.Value = "wang@x.example" }, false, false, false},
		{"nobody", text, func(m *message.Message, tw *Twin) { m.From, tw.From = message.Address{}, message.Identity{} }, false, false, false},
		{"a file more", text, func(m *message.Message, _ *Twin) {
			m.Attachments = []message.Attachment{{Name: "a.png"}, {Name: "b.png"}}
		}, true, true, false},
		{"a file less", text, nil, true, false, false},
		{"proven, where the first was not", text, func(m *message.Message, _ *Twin) { m.Proven = true }, true, false, true},
		{"both proven", text, func(m *message.Message, tw *Twin) { m.Proven, tw.Proven = true, true }, true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, first := mail(func(m *message.Message) { m.SentAt = sent }), twin
			if c.change != nil {
				c.change(&m, &first)
			}
			got, ok := Compare(m, c.text, first)
			if ok != c.ok || got.More != c.more || got.Better != c.better {
				t.Fatalf("%+v, %v; want more %v, better %v, %v", got, ok, c.more, c.better, c.ok)
			}
			if ok && (got.Of != 1 || got.Ticket != 7 || got.Inbox != "support") {
				t.Errorf("it is an alteration of %+v", got)
			}
			if f := Fold(m, got); ok && (f.Of != 0) != (!c.more && !c.better) {
				t.Errorf("it is folded into %d", f.Of)
			}
		})
	}
}
