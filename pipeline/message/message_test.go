package message

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDomain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a    Address
		want string
	}{
		{"of a mail address", Address{Kind: Email, Value: "li@customer.example"}, "customer.example"},
		{"in small letters", Address{Kind: Email, Value: "Li@Customer.EXAMPLE"}, "customer.example"},
		{"behind the last at sign", Address{Kind: Email, Value: `"a@b"@customer.example`}, "customer.example"},
		{"of an address without one", Address{Kind: Email, Value: "root"}, ""},
		{"behind nothing", Address{Kind: Email, Value: "@customer.example"}, "customer.example"},
		{"nothing behind", Address{Kind: Email, Value: "li@"}, ""},
		{"of a number", Address{Kind: Phone, Value: "+852@x.example"}, ""},
		{"of a chat", Address{Kind: "chat", Value: "12"}, ""},
		{"of nobody", Address{}, ""},
	} {
		if got := c.a.Domain(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b Address
		same bool
	}{
		{"the display name does not count", Address{Email, "li@x.example", "Li"}, Address{Email, "li@x.example", "李"}, true},
		{"nor the case of a mail address", Address{Email, "Li@X.example", ""}, Address{Email, "li@x.Example", ""}, true},
		{"nor blanks around it", Address{Email, " li@x.example\t", ""}, Address{Email, "li@x.example", ""}, true},
		{"a tag does", Address{Email, "li+a@x.example", ""}, Address{Email, "li@x.example", ""}, false},
		{"the kind does", Address{Phone, "12", ""}, Address{"chat", "12", ""}, false},
		{"the case of other kinds does", Address{"chat", "Ab", ""}, Address{"chat", "ab", ""}, false},
	} {
		if got := c.a.Identity() == c.b.Identity(); got != c.same {
			t.Errorf("%s: %v and %v are the same: %v", c.name, c.a.Identity(), c.b.Identity(), got)
		}
	}
	if !(Address{Kind: Email, Value: " "}).Identity().IsZero() || (Address{Kind: Email, Value: "a"}).Identity().IsZero() {
		t.Error("an address of blanks is nobody, any other is somebody")
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"itself", "li@x.example", "li@x.example"},
		{"without its tag", "li+shop@x.example", "li@x.example"},
		{"without all tags", "li+shop+2@x.example", "li@x.example"},
		{"a tag alone stays", "+shop@x.example", "+shop@x.example"},
		{"dots count", "l.i@x.example", "l.i@x.example"},
		{"not at Gmail", "l.i+a@gmail.com", "li@gmail.com"},
		{"nor under its other domain", "L.I@GoogleMail.com", "li@gmail.com"},
		{"dots alone stay", "..@gmail.com", "..@gmail.com"},
		{"a domain below is another", "l.i@mail.gmail.com", "l.i@mail.gmail.com"},
		{"the last at sign parts", `"a@b"@x.example`, `"a@b"@x.example`},
		{"no address", "root", "root"},
	} {
		if got := (Identity{Email, c.in}).Mailbox(); got != (Identity{Email, c.want}) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	if id := (Identity{Phone, "+1+2@gmail.com"}); id.Mailbox() != id {
		t.Errorf("a number's mailbox is %v", id.Mailbox())
	}
}

// TestIdentitiesHaveOneOrder, by kind and then by value: rows are locked in it.
func TestIdentitiesHaveOneOrder(t *testing.T) {
	t.Parallel()
	want := []Identity{{}, {Email, "a@x.example"}, {Email, "b@x.example"}, {Phone, "+1"}, {Phone, "+2"}, {"telegram", "1"}}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Identity.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, a := range want {
		for j, b := range want {
			if (a.Compare(b) == 0) != (i == j) || a.Compare(b) != -b.Compare(a) {
				t.Errorf("Compare(%v, %v) = %d and %d", a, b, a.Compare(b), b.Compare(a))
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := Headers{{"Received", "first"}, {"X-Empty", ""}, {"RECEIVED", "second"}, {"Subject", "s"}}
	for _, c := range []struct {
		name, get string
		has       bool
	}{
		{"received", "first", true},
		{"Subject", "s", true},
		{"x-empty", "", true},
		{"X-None", "", false},
		{"", "", false},
		{"Receive", "", false},
	} {
		if got := h.Get(c.name); got != c.get {
			t.Errorf("Get(%q) = %q, want %q", c.name, got, c.get)
		}
		if got := h.Has(c.name); got != c.has {
			t.Errorf("Has(%q) = %v", c.name, got)
		}
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		r    *Report
		want bool
	}{
		{"no report", nil, false},
		{"failed", &Report{Kind: DSN, Action: "failed"}, true},
		{"in capitals", &Report{Kind: DSN, Action: "FAILED"}, true},
		{"failed for a while", &Report{Kind: DSN, Action: "delayed", Status: "5.1.1"}, false},
		{"delivered", &Report{Kind: DSN, Action: "delivered", Status: "2.1.5"}, false},
		{"handed on", &Report{Kind: DSN, Action: "relayed"}, false},
		{"a permanent code without an action", &Report{Kind: DSN, Status: "5.1.1"}, true},
		{"a temporary one", &Report{Kind: DSN, Status: "4.2.2"}, false},
		{"neither", &Report{Kind: DSN}, false},
		{"a read receipt", &Report{Kind: MDN, Action: "failed", Status: "5.1.1"}, false},
		{"a complaint", &Report{Kind: ARF, Action: "failed"}, false},
	} {
		if got := c.r.Failed(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
