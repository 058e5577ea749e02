package message

import (
	"strings"
	"testing"
)

func TestMailboxesAndTheirSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"an address", "anna@customer.example", "anna@customer.example"},
		{"a tag", "anna+shop@customer.example", "anna@customer.example"},
		{"two tags", "anna+a+b@customer.example", "anna@customer.example"},
		{"nothing but a tag", "+shop@customer.example", "+shop@customer.example"},
		{"points stay", "a.nna@customer.example", "a.nna@customer.example"},
		{"points at Gmail go", "a.n.n.a@gmail.com", "anna@gmail.com"},
		{"Gmail's other domain", "anna@googlemail.com", "anna@gmail.com"},
		{"points and a tag at Gmail", "An.Na+x.y@GoogleMail.com", "anna@gmail.com"},
		{"nothing but points at Gmail", "...@gmail.com", "...@gmail.com"},
		{"a domain that ends like Gmail's", "a.b@notgmail.com", "a.b@notgmail.com"},
		{"capitals", "ANNA@Customer.Example", "anna@customer.example"},
		{"two signs", "a@b@customer.example", "a@b@customer.example"},
		{"no sign", "anna", "anna"},
		{"Chinese", "安娜+x@customer.example", "安娜@customer.example"},
		{"nothing", "", ""},
	} {
		got := Identity{Kind: Email, Value: c.in}.Mailbox()
		if got.Value != c.want || got.Kind != Email {
			t.Errorf("%s: %q is the mailbox %q, want %q", c.name, c.in, got.Value, c.want)
		}
		if again := got.Mailbox(); again != got {
			t.Errorf("%s: the mailbox of a mailbox is %q", c.name, again.Value)
		}
	}
	for _, kind := range []AddressKind{Phone, "telegram", ""} {
		id := Identity{Kind: kind, Value: "a.b+c@gmail.com"}
		if id.Mailbox() != id {
			t.Errorf("an address of %q becomes %v", kind, id.Mailbox())
		}
	}
}

func TestFieldsByTheirNames(t *testing.T) {
	t.Parallel()
	h := Headers{{"Received", "a"}, {"SUBJECT", "退款"}, {"received", "b"}, {"X-Empty", ""}, {"Received-SPF", "c"}}
	for _, c := range []struct {
		name, get string
		has       bool
	}{
		{"Received", "a", true},
		{"RECEIVED", "a", true},
		{"subject", "退款", true},
		{"x-empty", "", true},
		{"Received-", "", false},
		{"", "", false},
	} {
		if got := h.Get(c.name); got != c.get {
			t.Errorf("%q is %q, want %q", c.name, got, c.get)
		}
		if got := h.Has(c.name); got != c.has {
			t.Errorf("%q is there: %v", c.name, got)
		}
	}
	var none Headers
	if none.Has("a") || none.Get("a") != "" {
		t.Error("something stands in no header")
	}
}

// TestEachDeadCodeIsGone, and no other one is, whatever words stand beside it.
func TestEachDeadCodeIsGone(t *testing.T) {
	t.Parallel()
	for _, code := range DeadCodes() {
		if !(&Report{Kind: DSN, Action: "failed", Status: code}).Gone() {
			t.Errorf("%s is not gone", code)
		}
		for _, r := range []Report{{Kind: DSN, Action: "delayed", Status: code}, {Kind: MDN, Action: "failed", Status: code}, {Kind: DSN, Action: "delivered", Status: code}} {
			if r.Gone() {
				t.Errorf("%+v is gone", r)
			}
		}
	}
	for _, code := range []string{"5.2.2", "5.7.1", "4.1.1", "5.3.4", "5.4.1", "5.1.8", "2.0.0", "5.1.11", "5"} {
		if (&Report{Kind: DSN, Action: "failed", Status: code, Diagnostic: "user unknown"}).Gone() {
			t.Errorf("%s is gone", code)
		}
	}
	for _, words := range deadWords {
		for _, status := range []string{"", "5.0.0", "5.1.0", "5.2.0", "5.5.0"} {
			r := Report{Kind: DSN, Action: "failed", Status: status, Diagnostic: "550 " + strings.ToUpper(words) + "!"}
			if !r.Gone() {
				t.Errorf("%q with %q is not gone", words, status)
			}
			r.Diagnostic = "550 sender: " + words
			if r.Gone() {
				t.Errorf("a sender of whom it is said %q is gone", words)
			}
		}
	}
	var none *Report
	if none.Gone() || none.Failed() {
		t.Error("no report tells of a failure")
	}
	DeadCodes()[0] = "2.0.0"
	if DeadCodes()[0] == "2.0.0" {
		t.Error("who asks for the codes changes them")
	}
}

func TestNobodyIsNobody(t *testing.T) {
	t.Parallel()
	for _, a := range []Address{{}, {Kind: Email}, {Name: "Anna"}} {
		if !a.IsZero() || !a.Identity().IsZero() {
			t.Errorf("%+v is somebody", a)
		}
	}
	if (Address{Kind: Email, Value: "a@b.example"}).IsZero() {
		t.Error("somebody is nobody")
	}
}
