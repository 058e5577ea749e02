package acknowledge

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// TestTheReasonSaysTheCause, and can be read back: the trace of a decision keeps the reason alone.
func TestTheReasonSaysTheCause(t *testing.T) {
	t.Parallel()
	li := mail("li@customer.example", "li@customer.example")
	for _, c := range []struct {
		in    Input
		cause string
		ok    bool
	}{
		{Input{Message: li, Opened: true}, "", false},
		{Input{Message: li}, "", false},
		{Input{Message: li, Opened: true, Withhold: "list"}, "list", true},
		{Input{Message: li, Opened: true, Sent: Sent{Hour: 1}}, causes.SenderCap, true},
		{Input{Message: message.Message{Channel: "email", Traits: message.Traits{Mail: true}}, Opened: true}, causes.NoAddress, true},
	} {
		f := Decide(addressed(c.in), DefaultCaps())
		if cause, ok := WithheldFor(f.Reason); cause != c.cause && c.ok || ok != c.ok || f.Cause != c.cause {
			t.Errorf("%q tells %q, %v; the cause is %q", f.Reason, cause, ok, f.Cause)
		}
	}
}

// TestWhichCauseGoesFirst: of several the one that no figure decides.
func TestWhichCauseGoesFirst(t *testing.T) {
	t.Parallel()
	all := Input{Message: mail("li@customer.example", "li@customer.example"), Opened: true, Disabled: true, Withhold: "list", History: true, OptedOut: true, Failed: true, Sent: Sent{Hour: 1}}
	for _, c := range []struct {
		want string
		drop func(*Input)
	}{
		{causes.Disabled, func(in *Input) { in.Disabled = false }},
		{"list", func(in *Input) { in.Withhold = "" }},
		{causes.History, func(in *Input) { in.History = false }},
		{causes.OptedOut, func(in *Input) { in.OptedOut = false }},
		{causes.AddressFailed, func(in *Input) { in.Failed = false }},
		{causes.SenderCap, func(in *Input) { in.Sent = Sent{} }},
		{"", func(*Input) {}},
	} {
		if got := Decide(addressed(all), DefaultCaps()).Cause; got != c.want {
			t.Errorf("cause %q, want %q", got, c.want)
		}
		c.drop(&all)
	}
}

// TestCapsHoldFromTheirVeryFigure, and not where they are switched off.
func TestCapsHoldFromTheirVeryFigure(t *testing.T) {
	t.Parallel()
	caps := Caps{SenderHour: 2, SenderDay: 5, SameText: 3, FormLetter: 7, DomainHour: 4, StrangerHour: 10, StrangerDay: 20}
	for _, c := range []struct {
		name    string
		in      Input
		below   Sent
		at      Sent
		cause   string
		trusted bool
	}{
		{"the sender's hour", Input{}, Sent{Hour: 1}, Sent{Hour: 2}, causes.SenderCap, true},
		{"the sender's day", Input{}, Sent{Day: 4}, Sent{Day: 5}, causes.SenderCap, true},
		{"a robot's text", Input{RobotLike: true}, Sent{SameText: 2}, Sent{SameText: 3}, causes.RepeatedText, true},
		{"robots of a domain", Input{RobotLike: true}, Sent{DomainHour: 3}, Sent{DomainHour: 4}, causes.DomainCap, true},
		{"a form letter", Input{Stranger: true, Length: 60}, Sent{SameText: 6}, Sent{SameText: 7}, causes.RepeatedText, true},
		{"a text of 59 characters is no letter", Input{Stranger: true, Length: 59}, Sent{SameText: 7}, Sent{SameText: 99, Hour: 2}, causes.SenderCap, true},
		{"strangers' hour", Input{}, Sent{StrangerHour: 9}, Sent{StrangerHour: 10}, causes.StrangerCap, false},
		{"strangers' day", Input{}, Sent{StrangerDay: 19}, Sent{StrangerDay: 20}, causes.StrangerCap, false},
		{"an echo within the day", Input{Numbers: true}, Sent{Day: 1, Repeats: 2}, Sent{Day: 1, Repeats: 3}, causes.RepeatedText, true},
		{"an echo without numbers", Input{}, Sent{Day: 1}, Sent{Day: 1, Week: 1}, causes.RepeatedText, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := c.in
			in.Message, in.Opened, in.Trusted = mail("li@customer.example", "li@customer.example"), true, c.trusted
			in.Message.Proven = c.trusted
			in = addressed(in)
			in.Sent = c.below
			if got := Decide(in, caps).Cause; got != "" {
				t.Errorf("below the figure: %q", got)
			}
			in.Sent = c.at
			if got := Decide(in, caps).Cause; got != c.cause {
				t.Errorf("at the figure: %q, want %q", got, c.cause)
			}
		})
	}
	off := addressed(Input{Message: mail("li@customer.example", "li@customer.example"), Opened: true, RobotLike: true, Stranger: true, Length: 90,
		Sent: Sent{Hour: 99, SameText: 9999, DomainHour: 99, StrangerHour: 99, StrangerDay: 99}})
	if got := Decide(off, Caps{}).Cause; got != "" {
		t.Errorf("with all caps switched off: %q", got)
	}
}

func TestPlanDigest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		at   time.Duration // before now
		sent Sent
		due  time.Duration // after now
		part string
	}{
		{"the first of a day is early", 0, Sent{}, time.Hour, digestPartEarly},
		{"early counts from now, however old the message is", 9 * time.Hour, Sent{}, time.Hour, digestPartEarly},
		{"behind it a late one, well within the day", 0, Sent{Digest: true}, 20 * time.Hour, digestPartLate},
		{"which counts from the source", 5 * time.Hour, Sent{Digest: true}, 15 * time.Hour, digestPartLate},
		{"of what came too late the soonest that is a late one", 30 * time.Hour, Sent{Digest: true}, 61 * time.Minute, digestPartLate},
		{"one that waits is joined", 0, Sent{Digest: true, Late: now.Add(3 * time.Hour)}, 3 * time.Hour, digestPartLate},
		{"not in its last five minutes", 0, Sent{Digest: true, Late: now.Add(5 * time.Minute)}, 20*time.Hour + 5*time.Minute, digestPartLate},
		{"but a second before them", 0, Sent{Digest: true, Late: now.Add(5*time.Minute + time.Second)}, 5*time.Minute + time.Second, digestPartLate},
		{"behind one that has gone the next is as far away", 10 * time.Hour, Sent{Digest: true, Late: now.Add(-time.Hour)}, 19 * time.Hour, digestPartLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(Digest{Due: now.Add(c.due), Part: c.part}, PlanDigest(now.Add(-c.at), now, c.sent)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for after, want := range map[time.Duration]bool{time.Hour: false, time.Hour + time.Second: true, 61 * time.Minute: true, 0: false} {
		if got := Late(now, now.Add(after)); got != want {
			t.Errorf("one that is due %s later is late: %v", after, got)
		}
	}
}

func TestDigestKeys(t *testing.T) {
	t.Parallel()
	morning, evening := time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC), time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	early := func(at time.Time) string { return DigestKey("li", Digest{Due: at, Part: digestPartEarly}) }
	late := func(at time.Time) string { return DigestKey("li", Digest{Due: at, Part: digestPartLate}) }
	for name, pair := range map[string][2]string{
		"early ones of two days": {early(morning), early(morning.AddDate(0, 0, 1))}, "late ones of one day": {late(morning), late(evening)},
		"an early and a late one": {early(morning), late(morning)}, "those of two people": {early(morning), DigestKey("wang", Digest{Due: morning, Part: digestPartEarly})},
	} {
		if pair[0] == pair[1] {
			t.Errorf("%s have one key: %s", name, pair[0])
		}
	}
	if early(morning) != early(evening) {
		t.Error("two early ones of a day have two keys")
	}
	if hk := time.FixedZone("HKT", 8*3600); early(morning) != early(morning.In(hk)) {
		t.Error("the zone of the clock changes the key")
	}
}

// TestWhoIsCountedApart: what is proven and what is typed never meet.
func TestWhoIsCountedApart(t *testing.T) {
	t.Parallel()
	li := message.Identity{Kind: message.Email, Value: "li+a@x.example"}
	if CountedAs(li, true) != li || CountedAs(li, false) == li || CountedAs(li, false).Value != li.Value || !CountedAs(message.Identity{}, false).IsZero() {
		t.Errorf("proven %v, typed %v", CountedAs(li, true), CountedAs(li, false))
	}
	if CountedDomain("x.example", true) != "x.example" || CountedDomain("x.example", false) == "x.example" || CountedDomain("", false) != "" {
		t.Error("domains")
	}
	if got := DigestTo(li, true); got != li {
		t.Errorf("a proven sender's digest is for %v", got)
	}
	if a, b := DigestTo(li, false), DigestTo(message.Identity{Kind: message.Email, Value: "LI+b@x.example"}, false); a != b || a == li {
		t.Errorf("two spellings that somebody typed have digests of their own: %v, %v", a, b)
	}
}

func TestWhoIsTrusted(t *testing.T) {
	t.Parallel()
	li, wang := message.Address{Kind: message.Email, Value: "li@x.example"}, message.Address{Kind: message.Email, Value: "wang@x.example"}
	for _, c := range []struct {
		proven bool
		to     message.Address
		want   bool
	}{{true, li, true}, {true, message.Address{Kind: message.Email, Value: "LI@x.example", Name: "x"}, true}, {false, li, false}, {true, wang, false}, {true, message.Address{}, false}} {
		if got := Trusted(message.Message{From: li, Proven: c.proven}, c.to); got != c.want {
			t.Errorf("proven %v, to %v: %v", c.proven, c.to, got)
		}
	}
	if Trusted(message.Message{Proven: true}, message.Address{}) {
		t.Error("nobody is trusted")
	}
}

// TestPlainIDs: no sentence and no link is repeated in a stranger's name.
func TestPlainIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"CAF+x=7_a.b-c$d@mail.x.example": true, "azAZ09@azAZ09": true, "20261130.1@x": true, "a@b@c": false, "a": false, "@x": false, "a@": false, "": false,
		"your prize@evil.example": false, "http://evil.example/@x": false, "a@evil.example/path": false, "中奖@x.example": false, "a@x_y": false, "a\n@x": false,
		strings.Repeat("a", 198) + "@x": true, strings.Repeat("a", 199) + "@x": false,
	} {
		got := PlainID(id)
		if (got != "") != want || want && got != id {
			t.Errorf("%.40q is given on as %.40q", id, got)
		}
	}
}

func TestSharedDomains(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]bool{"gmail.com": true, "qq.com": true, "yahoo.co.jp": true, "yahoo.example": true, "hotmail.fr": true, "customer.example": false, "notgmail.com": false, "mail.gmail.com": false, "myyahoo.com": false, "": false} {
		if got := SharedDomain(domain); got != want {
			t.Errorf("%q is shared: %v", domain, got)
		}
	}
}

// TestNumbersWithoutABound are written to without end.
func TestNumbersWithoutABound(t *testing.T) {
	t.Parallel()
	m := message.Message{Channel: "sms", Traits: message.Traits{Carrier: true}, Proven: true, From: message.Address{Kind: message.Phone, Value: "+85291234567"}}
	for _, shown := range []bool{true, false} {
		in := addressed(Input{Message: m, Opened: true, Trusted: true, Shown: shown, ClaimedSMS: true, SMS: SMS{Look: look}, Sent: Sent{Prefix: 9999, Spent: 1 << 40}})
		if f := Decide(in, DefaultCaps()); f.Cause != "" {
			t.Errorf("shown %v: %q", shown, f.Cause)
		}
	}
}

// TestWhatASendUsesUp: of which scopes, and how much room others have meanwhile.
func TestWhatASendUsesUp(t *testing.T) {
	t.Parallel()
	sms := SMS{Look: look, ClaimedPrefix: 10, ShownPrefix: 500, Budget: 1_000_000}
	caps := Caps{StrangerHour: 10, StrangerDay: 100}
	li, number := mail("li@customer.example", "li@customer.example"), message.Message{Channel: "form", Traits: message.Traits{Typed: true}, From: message.Address{Kind: message.Phone, Value: "+85291234567"}}
	for _, c := range []struct {
		name string
		in   Input
		f    Finding
		want []Count
	}{
		{"to a proven address nothing of the desk's", Input{Message: li, Trusted: true}, Finding{Owed: true}, nil},
		{"to a stranger one of the hour's", Input{Message: li, Sent: Sent{StrangerHour: 3, StrangerDay: 30}}, Finding{Owed: true}, []Count{{ScopeStranger, 1, 6}}},
		{"the day's binds where less of it is left", Input{Message: li, Sent: Sent{StrangerHour: 3, StrangerDay: 97}}, Finding{Owed: true}, []Count{{ScopeStranger, 1, 2}}},
		{"the last one leaves no room", Input{Message: li, Sent: Sent{StrangerHour: 9}}, Finding{Owed: true}, []Count{{ScopeStranger, 1, 0}}},
		{"what is withheld uses nothing up", Input{Message: li}, Finding{Owed: true, Cause: causes.OptedOut}, nil},
		{"what is not owed neither", Input{Message: li}, Finding{}, nil},
		{"a digest to a stranger does", Input{Message: li}, Finding{Owed: true, Cause: causes.SenderCap, Digest: true}, []Count{{ScopeStranger, 1, 9}}},
		{"one that waits already does not", Input{Message: li, Sent: Sent{Digest: true, Late: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)}}, Finding{Owed: true, Cause: causes.SenderCap, Digest: true}, nil},
		{"a text to a typed number costs money", Input{Message: number, SMS: sms, Sent: Sent{Spent: 200_000, Prefix: 4}}, Finding{Owed: true},
			[]Count{{ScopeStranger, 1, 9}, {ScopeMoney, 150_000, 650_000}, {"sms?:+852912", 1, 5}}},
		{"one to a number that wrote counts for its range", Input{Message: number, SMS: sms, Trusted: true, Shown: true, Sent: Sent{Prefix: 4}}, Finding{Owed: true}, []Count{{"sms:+852912", 1, 495}}},
		{"without a policy for numbers", Input{Message: number, Trusted: true}, Finding{Owed: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := addressed(c.in)
			c.f.To = in.To
			if diff := cmp.Diff(c.want, Counts(in, c.f, caps)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	unbound := Counts(addressed(Input{Message: li}), Finding{Owed: true}, Caps{})
	if len(unbound) != 1 || unbound[0].Room < 1<<40 {
		t.Errorf("without caps: %+v", unbound)
	}
}
