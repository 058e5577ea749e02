package effects

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/message"
)

var (
	before = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	now    = before.Add(time.Hour)
	later  = now.Add(time.Hour)
)

// row is an acknowledgement under way.
func row(state State) Effect {
	e := Effect{ID: 1, Key: "k", Kind: KindAcknowledgement, State: state, Attempts: 1, Next: before, Wake: before, Unknown: true, LastError: "421"}
	if e.Took() {
		e.Sent = before
	}
	return e
}

var states = []State{Due, Sending, Sent, Delivered, Failed, Fallback, Withheld}

// TestWhatASendMakesOfARow: the state that each step leads to from each state, "-" where it stays.
func TestWhatASendMakesOfARow(t *testing.T) {
	receipt := func(on Event) func(*Effect) {
		return func(e *Effect) { e.Told(Receipt{Event: on, At: before, Reason: "30003", Provider: "SM1"}, now) }
	}
	for _, c := range []struct {
		name string
		step func(*Effect)
		want []State // in the order of states; "" where the row stays where it is
	}{
		{"handed over", func(e *Effect) { e.HandedOver(false, now) }, []State{Sent, Sent, "", "", "", "", ""}},
		{"handed over and delivered", func(e *Effect) { e.HandedOver(true, now) }, []State{Delivered, Delivered, Delivered, "", "", "", ""}},
		{"tried again", func(e *Effect) { e.Retried(later, "421") }, []State{"", Due, "", "", "", "", ""}},
		{"gone on elsewhere", func(e *Effect) { e.FellBack("550") }, []State{Fallback, Fallback, Fallback, Fallback, Fallback, "", ""}},
		{"failed for good", func(e *Effect) { e.Ended(false, "550", "no such user") }, []State{Failed, Failed, Failed, Failed, "", "", ""}},
		{"withheld after all", func(e *Effect) { e.Ended(true, "opted-out", "") }, []State{Withheld, Withheld, "", "", Withheld, "", ""}},
		{"withheld for an erasure", func(e *Effect) { e.Withhold("erased") }, []State{Withheld, Withheld, "", "", Withheld, "", ""}},
		{"a receipt of sending", receipt(HandOver), []State{Sent, "", "", "", "", "", ""}},
		{"a receipt of delivery", receipt(Deliver), []State{Delivered, Delivered, Delivered, "", "", "", ""}},
		{"a receipt of failure", receipt(Fail), []State{Failed, Failed, Failed, Failed, "", "", ""}},
		{"a mail that came back", func(e *Effect) { e.Bounced("5.1.1", before, now) }, []State{Failed, Failed, Failed, Failed, "", "", ""}},
		{"a person lets it go", func(e *Effect) { e.Released(time.Minute, now) }, []State{"", "", "", "", "", "", Due}},
		{"a person takes that back", func(e *Effect) { e.Attempts = 0; e.HeldBack("capped") }, []State{Withheld, "", "", "", "", "", ""}},
	} {
		for i, state := range states {
			e := row(state)
			c.step(&e)
			want := c.want[i]
			if want == "" {
				want = state
			}
			if e.State != want {
				t.Errorf("%s: one that is %s becomes %s, want %s", c.name, state, e.State, want)
			}
		}
	}
}

// TestWhatIsSentWasSentOnce: the first time at which a provider had it stays.
func TestWhatIsSentWasSentOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		state State
		step  func(*Effect)
		sent  time.Time
	}{
		{"handed over now", Sending, func(e *Effect) { e.HandedOver(false, now) }, now},
		{"handed over before, and delivered now", Sent, func(e *Effect) { e.HandedOver(true, now) }, before},
		{"delivered by a receipt, by its time", Due, func(e *Effect) { e.Told(Receipt{Event: Deliver, At: before}, now) }, before},
		{"delivered by a receipt whose clock is ahead", Due, func(e *Effect) { e.Told(Receipt{Event: Deliver, At: later}, now) }, now},
		{"delivered by a receipt without a time", Due, func(e *Effect) { e.Told(Receipt{Event: Deliver}, now) }, now},
		{"failed by a receipt: it was handed over all the same", Due, func(e *Effect) { e.Told(Receipt{Event: Fail, At: before}, now) }, before},
		{"came back: it went out all the same", Sending, func(e *Effect) { e.Bounced("5.1.1", later, now) }, now},
		{"came back after it was sent", Sent, func(e *Effect) { e.Bounced("5.1.1", now, later) }, before},
		{"a receipt of sending while the attempt is under way", Sending, func(e *Effect) { e.Told(Receipt{Event: HandOver, At: before}, now) }, time.Time{}},
		{"a failed attempt", Sending, func(e *Effect) { e.Ended(false, "550", "") }, time.Time{}},
	} {
		e := row(c.state)
		if c.step(&e); !e.Sent.Equal(c.sent) {
			t.Errorf("%s: sent %s, want %s", c.name, e.Sent, c.sent)
		}
	}
}

// TestWhenTheSweepLooksAgain: a row that is over is out of its sight, and a failed acknowledgement is woken for its fallback.
func TestWhenTheSweepLooksAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     string
		step     func(*Effect)
		wake     time.Time
		fallback bool
	}{
		{"sent", KindAcknowledgement, func(e *Effect) { e.HandedOver(false, now) }, time.Time{}, false},
		{"tried again", KindAcknowledgement, func(e *Effect) { e.Retried(later, "421") }, later, false},
		{"gone on elsewhere", KindAcknowledgement, func(e *Effect) { e.FellBack("550") }, time.Time{}, false},
		{"an attempt has failed for good", KindAcknowledgement, func(e *Effect) { e.Ended(false, "550", "") }, time.Time{}, false},
		{"a provider says that an acknowledgement failed", KindAcknowledgement, func(e *Effect) { e.Told(Receipt{Event: Fail}, now) }, now, true},
		{"a provider says that a digest failed", KindDigest, func(e *Effect) { e.Told(Receipt{Event: Fail}, now) }, time.Time{}, false},
		{"an acknowledgement came back", KindAcknowledgement, func(e *Effect) { e.Bounced("5.1.1", before, now) }, now, true},
		{"a notice came back", KindNotice, func(e *Effect) { e.Bounced("5.1.1", before, now) }, time.Time{}, false},
		{"another address is not looked for any more", KindAcknowledgement, func(e *Effect) { e.Told(Receipt{Event: Fail}, now); e.NoFallback() }, time.Time{}, false},
		{"withheld", KindAcknowledgement, func(e *Effect) { e.Withhold("erased") }, time.Time{}, false},
	} {
		e := row(Sending)
		e.Kind = c.kind
		if c.step(&e); !e.Wake.Equal(c.wake) || !e.Next.Equal(c.wake) || e.NeedsFallback != c.fallback {
			t.Errorf("%s: next %s, wake %s, wants a fallback: %t", c.name, e.Next, e.Wake, e.NeedsFallback)
		}
	}
}

// TestInWhateverOrderWordsCome: what a provider and the attempt say of one row leads to one state, whoever is heard first.
func TestInWhateverOrderWordsCome(t *testing.T) {
	words := map[string]func(*Effect){
		"attempt":   func(e *Effect) { e.HandedOver(false, now) },
		"sent":      func(e *Effect) { e.Told(Receipt{Event: HandOver, At: now}, now) },
		"delivered": func(e *Effect) { e.Told(Receipt{Event: Deliver, At: now}, now) },
		"failed":    func(e *Effect) { e.Told(Receipt{Event: Fail, At: now}, now) },
	}
	for _, c := range []struct {
		said []string
		want State
	}{
		{[]string{"attempt", "sent"}, Sent}, {[]string{"attempt", "delivered"}, Delivered}, {[]string{"attempt", "sent", "delivered"}, Delivered},
		{[]string{"attempt", "failed"}, Failed}, {[]string{"attempt", "delivered", "failed"}, Failed}, {[]string{"attempt", "sent", "delivered", "failed"}, Failed},
	} {
		for _, order := range permutations(c.said) {
			e := row(Sending)
			for _, w := range order {
				words[w](&e)
			}
			if e.State != c.want || !e.Sent.Equal(now) {
				t.Errorf("%v: %s, sent %s", order, e.State, e.Sent)
			}
		}
	}
}

func permutations(of []string) (out [][]string) {
	if len(of) < 2 {
		return [][]string{of}
	}
	for i := range of {
		for _, rest := range permutations(slices.Delete(slices.Clone(of), i, i+1)) {
			out = append(out, append([]string{of[i]}, rest...))
		}
	}
	return out
}

func TestAProvidersNameIsTakenOnce(t *testing.T) {
	e := row(Sending)
	e.Told(Receipt{Event: HandOver, Provider: "SM1"}, now)
	e.Told(Receipt{Event: HandOver, Provider: "SM2"}, now)
	if e.Provider != "SM1" {
		t.Errorf("it is called %q", e.Provider)
	}
}

func TestWhatAReleaseMakesOfARow(t *testing.T) {
	e := Effect{Kind: KindAcknowledgement, State: Withheld, Cause: "capped"}
	if !e.Released(time.Minute, now) || e.Cause != "" || !e.Counted || !e.Due.Equal(now) || !e.Next.Equal(now.Add(time.Minute)) || !e.Wake.Equal(e.Next) {
		t.Errorf("released: %+v", e)
	}
	if e.Released(time.Minute, now) {
		t.Error("it is released twice")
	}
	if !e.HeldBack("capped") || e.Cause != "capped" || e.Counted || !e.Next.IsZero() || !e.Wake.IsZero() {
		t.Errorf("held back: %+v", e)
	}
	if e.HeldBack("capped") {
		t.Error("it is held back twice")
	}
	e.Released(0, now)
	if e.Attempts = 1; e.HeldBack("capped") {
		t.Error("it is held back after an attempt")
	}
}

func TestAPlanBegins(t *testing.T) {
	if got := (Plan{}).Start(); got != Due {
		t.Errorf("without a cause it begins %s", got)
	}
	if got := (Plan{Cause: "capped"}).Start(); got != Withheld {
		t.Errorf("with a cause it begins %s", got)
	}
}

func TestKeysOfAcknowledgements(t *testing.T) {
	digest := func(parts ...[]byte) string { return fmt.Sprintf("%-20s", parts[0]) }
	first := AcknowledgementKey(7)
	mail := FallbackKey(7, message.Identity{Kind: message.Email, Value: "li@x.example"}, digest)
	phone := FallbackKey(7, message.Identity{Kind: message.Phone, Value: "+8613800138000"}, digest)
	if keys := []string{first, mail, phone, AcknowledgementKey(8)}; len(slices.Compact(slices.Sorted(slices.Values(keys)))) != 4 {
		t.Errorf("keys are the same: %v", keys)
	}
	if mail != FallbackKey(7, message.Identity{Kind: message.Email, Value: "li@x.example"}, digest) || first != "acknowledgement:7" {
		t.Errorf("keys change: %s, %s", first, mail)
	}
}
