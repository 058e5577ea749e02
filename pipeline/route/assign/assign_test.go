package assign

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/desk"
)

var now = time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// ticket is one that has waited so long, of the category refund.
func ticket(n int64, waited time.Duration, change ...func(*Waiting)) Waiting {
	w := Waiting{Ticket: n, Queue: "payments", Language: "zh-Hans", Category: "refund", Channel: "email", Since: ago(waited), Rank: ago(waited), Half: now.Add(4*time.Hour - waited)}
	for _, c := range change {
		c(&w)
	}
	return w
}

func of(category string) func(*Waiting) { return func(w *Waiting) { w.Category = category } }

// knows is a member of payments who knows Chinese, refunds as his own, passwords as his second.
func knows(user int64, change ...func(*Agent)) Agent {
	a := Agent{User: user, Queues: map[string]Level{"payments": Own}, Languages: []string{"zh"}, Categories: map[string]Level{"refund": Own, "password": Secondary}}
	for _, c := range change {
		c(&a)
	}
	return a
}

func holding(all ...Held) func(*Agent) { return func(a *Agent) { a.Hands = all } }

var rules = Rules{Weights: map[string]int64{"chat": 2}, Channels: map[string]int64{"chat": 4}, Queues: map[string]Queue{"payments": {Push: true}, "cards": {Limit: 1}, "ahead": {Push: true, Ahead: 1}}}

func TestWhoMayGetWhat(t *testing.T) {
	one := Held{"payments", "email", 1}
	for _, c := range []struct {
		name       string
		agent      Agent
		ticket     Waiting
		pull, push bool
		class      Class
	}{
		{"his own matter", knows(1), ticket(1, time.Minute), true, true, Skilled},
		{"his second", knows(1), ticket(1, time.Minute, of("password")), true, true, Second},
		{"what he does not know, before it has waited for others", knows(1), ticket(1, RelaxAfter-1, of("fraud")), false, false, 0},
		{"what he does not know, when it has", knows(1), ticket(1, RelaxAfter, of("fraud")), true, true, Unskilled},
		{"any, if nothing is said of what he knows", knows(1, func(a *Agent) { a.Categories = nil }), ticket(1, 0, of("fraud")), true, true, Skilled},
		{"one without a matter", knows(1), ticket(1, 0, of("")), true, true, Skilled},
		{"what has used half of its time", knows(1), ticket(1, 4*time.Hour, of("password")), true, true, Hot},
		{"no other language, however long it waits", knows(1), ticket(1, 24*time.Hour, func(w *Waiting) { w.Language = "en" }), false, false, 0},
		{"one whose language is not known", knows(1), ticket(1, 0, func(w *Waiting) { w.Language = "und" }), true, true, Skilled},
		{"no other queue", knows(1), ticket(1, time.Hour, func(w *Waiting) { w.Queue = "cards" }), false, false, 0},
		{"a queue that comes second", knows(1, func(a *Agent) { a.Queues = map[string]Level{"payments": Secondary} }), ticket(1, 0), true, true, Second},
		{"no other channel", knows(1, func(a *Agent) { a.Channels = []string{"chat"} }), ticket(1, time.Hour), false, false, 0},
		{"one whose channel is not known", knows(1, func(a *Agent) { a.Channels = []string{"chat"} }), ticket(1, 0, func(w *Waiting) { w.Channel = "" }), true, true, Skilled},
		{"who is at work asks for more, and is given nothing unasked", knows(1, holding(one)), ticket(1, 0), true, false, Skilled},
		{"one ahead, where the queue says so", knows(1, holding(one), func(a *Agent) { a.Queues = map[string]Level{"ahead": Own} }), ticket(1, 0, func(w *Waiting) { w.Queue = "ahead" }), true, true, Skilled},
		{"who gave it back may ask for it, and is not given it", knows(1), ticket(1, 0, func(w *Waiting) { w.Declined = 1 }), true, false, Skilled},
		{"who is member of no queue is given nothing unasked", knows(1, func(a *Agent) { a.Queues = nil }), ticket(1, 0), true, false, Skilled},
		{"where a queue is pulled nobody is given anything", knows(1, func(a *Agent) { a.Queues = map[string]Level{"cards": Own} }), ticket(1, 0, func(w *Waiting) { w.Queue = "cards" }), true, false, Skilled},
	} {
		pulled, pull := rules.Pull(c.agent, c.ticket, now)
		_, push := rules.Push(c.agent, c.ticket, now)
		if pull != c.pull || push != c.push || pull && pulled.Class != c.class {
			t.Errorf("%s: pull %t, push %t, class %d; want %t, %t, %d", c.name, pull, push, pulled.Class, c.pull, c.push, c.class)
		}
	}
}

func TestWhatFitsIntoHands(t *testing.T) {
	many := func(n int, h Held) (out []Held) {
		for range n {
			out = append(out, h)
		}
		return out
	}
	mail, chat := Held{"payments", "email", 1}, Held{"payments", "chat", 2}
	for _, c := range []struct {
		name           string
		agent          Agent
		queue, channel string
		want           bool
	}{
		{"the sixth", knows(1, holding(many(5, mail)...)), "payments", "email", true},
		{"no seventh", knows(1, holding(many(6, mail)...)), "payments", "email", false},
		{"no chat, which weighs two, beside five", knows(1, holding(many(5, mail)...)), "payments", "chat", false},
		{"two chats", knows(1, holding(chat)), "payments", "chat", true},
		{"no third chat, though there were room", knows(1, holding(chat, chat)), "payments", "chat", false},
		{"a mail beside two chats", knows(1, holding(chat, chat)), "payments", "email", true},
		{"one of a queue with a limit of one", knows(1), "cards", "email", true},
		{"no second of it", knows(1, holding(Held{"cards", "email", 1})), "cards", "email", false},
		{"into a room of his own", knows(1, holding(mail), func(a *Agent) { a.Room = 1 }), "payments", "email", false},
		{"the heaviest where nothing else is", knows(1, func(a *Agent) { a.Room = 1 }), "payments", "chat", true},
	} {
		if got := rules.Room(c.agent, c.queue, c.channel); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestWhatComesFirst(t *testing.T) {
	offer := func(a Agent, w Waiting) Offer {
		o, ok := rules.Match(a, w, now)
		if !ok {
			t.Fatalf("%+v does not fit %+v", a, w)
		}
		return o
	}
	urgent := func(w *Waiting) { w.Half = now.AddDate(-10, 0, 0) }
	for _, c := range []struct {
		name          string
		first, second Offer
	}{
		{"what is urgent goes before an older one of one's own", offer(knows(1), ticket(2, time.Minute, of("password"), urgent)), offer(knows(1), ticket(1, time.Hour))},
		{"so does what has used half of its time", offer(knows(1), ticket(2, 5*time.Hour, of("password"))), offer(knows(1), ticket(1, time.Hour))},
		{"of these, that with which it was so first", offer(knows(1), ticket(2, 6*time.Hour)), offer(knows(1), ticket(1, 5*time.Hour))},
		{"at one moment, that which waits longer", offer(knows(1), ticket(2, 6*time.Hour, func(w *Waiting) { w.Half = ago(time.Hour) })), offer(knows(1), ticket(1, 5*time.Hour, func(w *Waiting) { w.Half = ago(time.Hour) }))},
		{"one's own before an older second", offer(knows(1), ticket(2, time.Minute)), offer(knows(1), ticket(1, time.Hour, of("password")))},
		{"one's second before what one does not know", offer(knows(1), ticket(2, time.Minute, of("password"))), offer(knows(1), ticket(1, time.Hour, of("fraud")))},
		{"the older of one's own", offer(knows(1), ticket(2, time.Hour)), offer(knows(1), ticket(1, time.Minute))},
		{"one ticket goes to who had it before", offer(knows(2, holding(Held{"payments", "email", 1})), ticket(1, 0, func(w *Waiting) { w.LastOwner = 2 })), offer(knows(1), ticket(1, 0, func(w *Waiting) { w.LastOwner = 2 }))},
		{"else to whose matter it is", offer(knows(2, holding(Held{"payments", "email", 1})), ticket(1, 0)), offer(knows(1, func(a *Agent) { a.Categories = map[string]Level{"refund": Secondary} }), ticket(1, 0))},
		{"a hot one, too", offer(knows(2), ticket(1, 5*time.Hour)), offer(knows(1, func(a *Agent) { a.Categories = map[string]Level{"refund": Secondary} }), ticket(1, 5*time.Hour))},
		{"else to whose hands are emptier", offer(knows(2), ticket(1, 0)), offer(knows(1, holding(Held{"payments", "email", 1})), ticket(1, 0))},
		{"else to who has got nothing for longest", offer(knows(2, func(a *Agent) { a.Got = ago(time.Hour) }), ticket(1, 0)), offer(knows(1, func(a *Agent) { a.Got = ago(time.Minute) }), ticket(1, 0))},
	} {
		if Before(c.first, c.second) >= 0 || Before(c.second, c.first) <= 0 {
			t.Errorf("%s: not so", c.name)
		}
	}
}

func TestWhySomebodyGetsATicket(t *testing.T) {
	for _, c := range []struct {
		want   string
		ticket Waiting
	}{
		{desk.ReasonRank, ticket(1, time.Minute)}, {desk.ReasonHalf, ticket(1, 5*time.Hour, of("password"))}, {ReasonSecondary, ticket(1, time.Minute, of("password"))},
		{ReasonRelaxed, ticket(1, time.Hour, of("fraud"))}, {ReasonBefore, ticket(1, time.Hour, func(w *Waiting) { w.LastOwner = 1 })},
	} {
		if o, _ := rules.Match(knows(1), c.ticket, now); o.Reason() != c.want {
			t.Errorf("%+v: %s, want %s", c.ticket, o.Reason(), c.want)
		}
	}
}

func TestWhatOverflows(t *testing.T) {
	r := Rules{Queues: map[string]Queue{"payments": {Overflow: "general", After: time.Hour}, "cards": {Overflow: "cards"}}, Waited: func(since, now time.Time) time.Duration { return now.Sub(since) / 2 }}
	for _, c := range []struct {
		name   string
		ticket Waiting
		want   bool
	}{
		{"what has waited so long, in working hours", ticket(1, 2*time.Hour), true},
		{"nothing before", ticket(1, 2*time.Hour-1), false},
		{"nothing of a queue without one", ticket(1, 9*time.Hour, func(w *Waiting) { w.Queue = "other" }), false},
		{"nothing into its own queue", ticket(1, 9*time.Hour, func(w *Waiting) { w.Queue = "cards" }), false},
	} {
		if _, got := r.Overflows(c.ticket, now); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
