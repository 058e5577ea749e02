package acknowledge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// inputs are decisions of every sort: each switch by itself and with each other one.
func inputs() []Input {
	base := mail("li@customer.example", "li@customer.example")
	at := time.Date(2026, 6, 12, 10, 0, 0, 0, time.UTC)
	changes := []func(*Input){
		func(*Input) {}, func(in *Input) { in.Opened = false }, func(in *Input) { in.Trusted = true }, func(in *Input) { in.Withhold = "list" }, func(in *Input) { in.RobotLike = true }, func(in *Input) { in.Stranger, in.Length = true, 90 },
		func(in *Input) { in.Numbers = true }, func(in *Input) { in.History = true }, func(in *Input) { in.Disabled = true }, func(in *Input) { in.OptedOut = true }, func(in *Input) { in.Failed = true }, func(in *Input) { in.To = message.Address{} },
		func(in *Input) { in.To = message.Address{Kind: message.Phone, Value: "+85291234567", Name: "Li"} }, func(in *Input) { in.To = message.Address{Kind: message.Phone, Value: "+88161234567"} }, func(in *Input) { in.To = message.Address{Kind: message.Phone, Value: "+37259012345"} },
		func(in *Input) { in.SMS = SMS{Look: look, ClaimedPrefix: 10, ShownPrefix: 500, Budget: 1_000_000} }, func(in *Input) { in.Shown = true }, func(in *Input) { in.ClaimedSMS = true }, func(in *Input) { in.Sent.Hour, in.Sent.Day = 1, 1 },
		func(in *Input) { in.Sent.Day = 4 }, func(in *Input) { in.Sent.SameText = 1000 }, func(in *Input) { in.Sent.DomainHour = 20 }, func(in *Input) { in.Sent.Repeats = 3 }, func(in *Input) { in.Sent.Week = 1 }, func(in *Input) { in.Sent.Digest = true },
		func(in *Input) { in.Sent.Digests = 6 }, func(in *Input) { in.Sent.Digest, in.Sent.Late = true, at.Add(10*time.Hour) }, func(in *Input) { in.Sent.StrangerHour = 200 }, func(in *Input) { in.Sent.StrangerDay = 1000 }, func(in *Input) { in.Sent.Prefix = 500 }, func(in *Input) { in.Sent.Spent = 1_000_000 },
	}
	var out []Input
	for i, a := range changes {
		for j, b := range changes[i:] {
			for _, c := range []func(*Input){changes[0], changes[(i*5+j*3)%len(changes)], changes[15], changes[18]} {
				in := Input{Message: base, To: message.Address{Kind: message.Email, Value: "li@customer.example", Name: "Li"}, Opened: true, At: at, Now: at.Add(time.Second)}
				a(&in)
				b(&in)
				c(&in)
				out = append(out, in)
			}
		}
	}
	return out
}

var known = []string{"", "list", causes.Disabled, causes.History, causes.NoAddress, causes.OptedOut, causes.AddressFailed, causes.PremiumNumber, causes.NoServiceArea, causes.UnprovenNumber, causes.RepeatedText, causes.DomainCap, causes.SenderCap, causes.StrangerCap, causes.DigestCap, causes.SMSPrefixCap, causes.SMSBudget}

// TestEveryDecisionIsWhole: it says whether something is owed, why it is not sent, and what it costs.
func TestEveryDecisionIsWhole(t *testing.T) {
	t.Parallel()
	for _, in := range inputs() {
		f := Decide(in, DefaultCaps())
		switch {
		case f.Reason == "":
			t.Errorf("no reason: %+v", f)
		case !in.Opened:
			if f.Owed || f.Send() || f.Digest || f.Cause != "" {
				t.Errorf("what continues a ticket is owed something: %+v", f)
			}
			continue
		case !f.Owed, !slices.Contains(known, f.Cause), f.Send() != (f.Cause == ""):
			t.Errorf("%+v of %+v", f, in)
		case f.Digest && f.Cause != causes.SenderCap:
			t.Errorf("%q is listed in a digest", f.Cause)
		case !in.Trusted && f.To.Name != "":
			t.Errorf("a stranger's name goes out: %+v", f.To)
		case f.Send() && (f.To.IsZero() || in.Disabled || in.Withhold != "" || in.History || in.OptedOut || in.Failed):
			t.Errorf("it is sent against %+v", in)
		}
		cause, withheld := WithheldFor(f.Reason)
		if withheld != (f.Cause != "") || cause != f.Cause && withheld {
			t.Errorf("the reason %q tells of %q, the cause is %q", f.Reason, cause, f.Cause)
		}
		counts := Counts(in, f, DefaultCaps())
		if !f.Send() && !f.Digest && len(counts) > 0 {
			t.Errorf("nothing is sent, and %+v is counted", counts)
		}
		for _, c := range counts {
			if c.Scope == "" || c.N < 0 || c.Room < 0 || in.Trusted && c.Scope == ScopeStranger {
				t.Errorf("%+v is counted for %+v", c, f)
			}
		}
	}
}

// TestMoreThatWentOutNeverSendsMore: whatever was withheld stays so when other counters have grown.
func TestMoreThatWentOutNeverSendsMore(t *testing.T) {
	t.Parallel()
	grow := map[string]func(*Sent){
		"hour":            func(s *Sent) { s.Hour += 5 },
		"day":             func(s *Sent) { s.Day += 5 },
		"same text":       func(s *Sent) { s.SameText += 2000 },
		"domain":          func(s *Sent) { s.DomainHour += 50 },
		"repeats":         func(s *Sent) { s.Repeats += 5 },
		"week":            func(s *Sent) { s.Week += 5 },
		"digest":          func(s *Sent) { s.Digest = true },
		"strangers":       func(s *Sent) { s.StrangerHour += 500 },
		"strangers a day": func(s *Sent) { s.StrangerDay += 5000 },
		"prefix":          func(s *Sent) { s.Prefix += 5000 },
		"money":           func(s *Sent) { s.Spent += 5_000_000 },
	}
	for _, in := range inputs() {
		if before := Decide(in, DefaultCaps()); before.Send() {
			continue
		}
		for name, more := range grow {
			after := in
			more(&after.Sent)
			if f := Decide(after, DefaultCaps()); f.Send() {
				t.Errorf("more of %s, and it is sent: %+v", name, after)
			}
		}
	}
}

// TestEachCapByItself: at its bound it withholds, one below it does not, and nought is no bound.
func TestEachCapByItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		set   func(*Caps, int)
		sent  func(*Sent, int)
		other func(*Input)
		cause string
	}{
		{"an address in an hour", func(c *Caps, n int) { c.SenderHour = n }, func(s *Sent, n int) { s.Hour = n }, nil, causes.SenderCap},
		{"an address in a day", func(c *Caps, n int) { c.SenderDay = n }, func(s *Sent, n int) { s.Day = n }, nil, causes.SenderCap},
		{"a robot's text", func(c *Caps, n int) { c.SameText = n }, func(s *Sent, n int) { s.SameText = n }, func(in *Input) { in.RobotLike = true }, causes.RepeatedText},
		{"a form letter", func(c *Caps, n int) { c.FormLetter = n }, func(s *Sent, n int) { s.SameText = n }, func(in *Input) { in.Stranger, in.Length = true, formLetterLength }, causes.RepeatedText},
		{"a domain in an hour", func(c *Caps, n int) { c.DomainHour = n }, func(s *Sent, n int) { s.DomainHour = n }, func(in *Input) { in.RobotLike = true }, causes.DomainCap},
		{"strangers in an hour", func(c *Caps, n int) { c.StrangerHour = n }, func(s *Sent, n int) { s.StrangerHour = n }, nil, causes.StrangerCap},
		{"strangers in a day", func(c *Caps, n int) { c.StrangerDay = n }, func(s *Sent, n int) { s.StrangerDay = n }, nil, causes.StrangerCap},
	} {
		for _, bound := range []int{1, 3, 100} {
			for sent, want := range map[int]string{bound - 1: "", bound: c.cause, bound + 1: c.cause, 100 * bound: c.cause} {
				caps := Caps{}
				c.set(&caps, bound)
				in := addressed(Input{Message: mail("li@customer.example", "li@customer.example"), Opened: true})
				if c.other != nil {
					c.other(&in)
				}
				c.sent(&in.Sent, sent)
				if got := Decide(in, caps).Cause; got != want {
					t.Errorf("%s: %d of %d: %q, want %q", c.name, sent, bound, got, want)
				}
				if got := Decide(in, Caps{}).Cause; got != "" {
					t.Errorf("%s: %d without a bound: %q", c.name, sent, got)
				}
			}
		}
	}
}

func TestDigestsAreInTimeAndApart(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 12, 23, 30, 0, 0, time.UTC)
	keys := map[string]string{}
	for _, late := range []time.Duration{0, time.Minute, time.Hour, 10 * time.Hour, 19 * time.Hour, 20 * time.Hour, 25 * time.Hour, 100 * time.Hour} {
		for name, sent := range map[string]Sent{
			"none":               {},
			"one went":           {Digest: true},
			"one waits":          {Digest: true, Late: at.Add(late + 3*time.Hour)},
			"one is about to go": {Digest: true, Late: at.Add(late + digestMargin)},
			"one went long ago":  {Digest: true, Late: at.Add(late - 30*time.Hour)},
		} {
			now := at.Add(late)
			d := PlanDigest(at, now, sent)
			if !d.Due.After(now) {
				t.Errorf("%s, %s late: due at %s, which is over", name, late, d.Due)
			}
			if (d.Part == digestPartEarly) != !sent.Digest || d.Part != digestPartEarly && d.Part != digestPartLate {
				t.Errorf("%s, %s late: it is %q", name, late, d.Part)
			}
			if sent.waits(now) != d.Due.Equal(sent.Late) {
				t.Errorf("%s, %s late: one waits until %s, this is due at %s", name, late, sent.Late, d.Due)
			}
			key := DigestKey("x", d)
			if was, there := keys[key]; there && d.Part == digestPartLate && was != fmt.Sprint(d.Due) {
				t.Errorf("%s: two digests have the key %s", name, key)
			}
			keys[key] = fmt.Sprint(d.Due)
			if other := DigestKey("y", d); other == key {
				t.Errorf("two addresses have the key %s", key)
			}
		}
	}
	for _, c := range []struct {
		delay time.Duration
		want  bool
	}{{0, false}, {digestEarly, false}, {digestEarly + time.Second, true}, {digestBehind, true}, {digestLate, true}, {-time.Hour, false}} {
		if got := Late(at, at.Add(c.delay)); got != c.want {
			t.Errorf("due after %s is late: %v", c.delay, got)
		}
	}
}

func TestEachWordOfARobot(t *testing.T) {
	t.Parallel()
	for _, w := range robotLists.Words("robots") {
		if w != message.Lower(w) {
			t.Errorf("%q is not in lower case", w)
		}
		for _, c := range []struct {
			subject, text string
			want          bool
		}{{w, "", true}, {strings.ToUpper(string([]rune(w)[:1])) + string([]rune(w)[1:]), "", true}, {"", "x " + w + " x", true}, {"", strings.Repeat("x", 1900) + w, true}, {"", strings.Repeat("x", 2000) + w, false}, {"", w[:len(w)-1], false}} {
			if !c.want && len(c.text) < 100 && RobotLike("", c.text) {
				continue // another word of the list is a part of it
			}
			if got := RobotLike(c.subject, c.text); got != c.want {
				t.Errorf("%q: RobotLike(%q, %.40q) = %v", w, c.subject, c.text, got)
			}
		}
	}
	for _, text := range []string{"", "请问我的退款什么时候到？", "請問退款何時到帳", "My card was stolen, please block it", "\x00\xff", strings.Repeat("字", 5000)} {
		if RobotLike("Refund", text) {
			t.Errorf("%.20q is a robot's", text)
		}
	}
}

func TestDomainsOfProviders(t *testing.T) {
	t.Parallel()
	for _, p := range robotLists.Words("providers") {
		if !SharedDomain(p) || SharedDomain("x"+p) || SharedDomain(p+".example") != (strings.HasPrefix(p, "yahoo.") || strings.HasPrefix(p, "hotmail.")) || strings.ToLower(p) != p || !strings.Contains(p, ".") {
			t.Errorf("%q is no provider's domain as it is compared", p)
		}
	}
	for domain, want := range map[string]bool{"yahoo.co.jp": true, "hotmail.fr": true, "yahoo": false, "myyahoo.com": false, "customer.example": false, "": false, "mail.qq.com": false} {
		if got := SharedDomain(domain); got != want {
			t.Errorf("%q: %v", domain, got)
		}
	}
}

func TestWhoIsCountedUnderWhichName(t *testing.T) {
	t.Parallel()
	id := message.Identity{Kind: message.Email, Value: "li+shop@customer.example"}
	if CountedAs(id, true) != id || CountedAs(id, false) == id || CountedAs(message.Identity{}, false) != (message.Identity{}) {
		t.Error("what is proven and what is not meet under one name")
	}
	if DigestTo(id, true) != id || DigestTo(id, false) != DigestTo(message.Identity{Kind: message.Email, Value: "li@customer.example"}, false) {
		t.Errorf("a digest is for %v and %v", DigestTo(id, true), DigestTo(id, false))
	}
	if CountedDomain("customer.example", true) == CountedDomain("customer.example", false) || CountedDomain("", false) != "" {
		t.Error("a domain that is proven and one that is not meet under one name")
	}
}
