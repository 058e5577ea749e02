package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/thread"
)

// greeted is a desk that promises a first reply within eight hours, and within one of fraud.
func greeted(t *testing.T) *pipeline.Settings {
	t.Helper()
	s := settings(t)
	s.Promise = promise.Policy{Rules: []promise.Rule{
		{Kind: promise.FirstReply, Rule: match.Rule{Categories: []string{"security-fraud"}}, Within: time.Hour, Clock: promise.Wall},
		{Kind: promise.FirstReply, Rule: match.Rule{Categories: []string{"suggestion"}}, Within: 100 * time.Hour, Clock: promise.Wall},
		{Kind: promise.FirstReply, Within: 8 * time.Hour, Clock: promise.Wall},
	}}
	s.Desk = map[string]pipeline.Category{"security-fraud": {Queue: "security"}, "refund": {Queue: "refunds"}}
	s.Prioritize = urgencies(t)
	return s
}

func urgencies(t *testing.T) *prioritize.Prioritizer {
	t.Helper()
	p, err := prioritize.New(prioritize.Policy{Categories: map[string]prioritize.Level{"security-fraud": prioritize.Urgent, "suggestion": prioritize.Low}, Repeats: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// chat is a text in a conversation.
func chat(id int64, text string, after time.Duration) message.Message {
	a := message.Address{Kind: message.Phone, Value: "+85260000001"}
	return message.Message{ID: id, Inbox: "hotline", Channel: "sms", Key: fmt.Sprint("k", id), At: now.Add(after), From: a, Proven: true, Text: text, Thread: a.Value}
}

// TestTheNextMessageDecidesAfterAGreeting: chats and mail, in several languages.
func TestTheNextMessageDecidesAfterAGreeting(t *testing.T) {
	t.Parallel()
	const stolen = "My card was stolen and somebody is using it right now, please block it!"
	for _, c := range []struct{ name, first, then string }{
		{"Hi", "Hi", stolen}, {"a Chinese greeting", "你好", "我的银行卡被盗刷了，请马上冻结"}, {"is anybody there", "在吗", "我的银行卡被盗刷了"}, {"a menu button", "/menu", stolen},
		{"a link's payload that sounds like a matter", "/start refund_campaign", stolen}, {"a test", "test", stolen}, {"a question mark", "?", stolen}, {"an emoji", "🙏", stolen}, {"a lone picture", "", stolen},
		{"Korean", "안녕하세요", stolen}, {"Japanese", "こんにちは", stolen}, {"Malay", "Selamat pagi", stolen}, {"Vietnamese", "Xin chào", stolen},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, facts, ids := greeted(t), pipeline.NewFacts(), counter{}
			first := batch(t, s, facts, ids, chat(1, c.first, 0))[0].Plan
			if first.State != messages.Ticketed || first.Ticket.Open.Category != "other" || first.Ticket.Open.Queue != "general" || first.Ticket.Open.Blank != now.Add(8*time.Hour) {
				t.Fatalf("a greeting opened %+v", first.Ticket.Open)
			}
			if len(first.Effects) != 1 || first.Effects[0].Cause != "" || !greeting(t, first.Effects[0]) {
				t.Errorf("a greeting is acknowledged as one: %+v", first.Effects)
			}
			then := batch(t, s, facts, ids, chat(2, c.then, 10*time.Second))[0].Plan
			got := facts.Tickets[first.Ticket.ID]
			if then.State != messages.Appended || got.Category != "security-fraud" || got.Queue != "security" || got.Priority != "urgent" || !got.Blank.IsZero() {
				t.Errorf("%s: ticket %+v", then.State, got)
			}
			if len(then.Promises) != 1 || then.Promises[0].Due != now.Add(time.Hour) || then.Ticket.Settle.Display != display(c.then) {
				t.Errorf("promises %+v, %+v", then.Promises, then.Ticket.Settle)
			}
			later := batch(t, s, facts, ids, chat(3, "退款什么时候到账？", time.Minute))[0].Plan
			if later.Ticket.Settle != nil || len(later.Promises) != 0 || facts.Tickets[first.Ticket.ID].Category != "security-fraud" {
				t.Errorf("a third message decides no more: %+v", later.Ticket)
			}
		})
	}
}

// display is how a ticket is called by a chat's text.
func display(text string) string {
	if r := []rune(text); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return text
}

// TestFieldsThatTellAMatter: who wrote and by what road says nothing; a topic or an order does.
func TestFieldsThatTellAMatter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fields map[string]string
		blank  bool
	}{
		{"his user name", map[string]string{"username": "li_wei"}, true},
		{"who he is", map[string]string{"name": "Li Wei", "email": "li@customer.example", "phone": "+85260000001", "order": " "}, true},
		{"what his program is", map[string]string{"appVersion": "4.2", "device": "Pixel 9", "userId": "77"}, true},
		{"a topic", map[string]string{"topic": "refund"}, false},
		{"an order", map[string]string{"order": "20261129001"}, false},
		{"a field of the desk's own", map[string]string{"branch": "Central"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := chat(1, "Hi", 0)
			m.Fields = c.fields
			if got := batch(t, greeted(t), pipeline.NewFacts(), counter{}, m)[0].Plan; got.Ticket.Open.Blank.IsZero() == c.blank {
				t.Errorf("blank until %v", got.Ticket.Open.Blank)
			}
		})
	}
}

func greeting(t *testing.T, e effects.Plan) bool {
	t.Helper()
	var p pipeline.AckPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		t.Fatal(err)
	}
	return p.Greeting && len(p.Missing) == 0
}

// TestWhatAGreetingDoesNotDo: it silences nobody, and takes nothing from what comes with it or much later.
func TestWhatAGreetingDoesNotDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		texts  []string
		after  time.Duration // of the last text
		closed bool
		ticket int64 // of the last text
		want   string
	}{
		{"a matter behind a greeting is decided at once", []string{"hi my card was stolen"}, 0, false, 1, "security-fraud"},
		{"a greeting alone stays a ticket", []string{"Hi"}, 0, false, 1, "other"},
		{"greetings in a row decide nothing", []string{"Hi", "在吗", "?", "我的银行卡被盗刷了"}, time.Hour, false, 1, "security-fraud"},
		{"a greeting after a matter changes nothing", []string{"我的银行卡被盗刷了", "你好"}, time.Minute, false, 1, "security-fraud"},
		{"once the greeting's promise is over the matter has a ticket of its own", []string{"Hi", "我的银行卡被盗刷了"}, 8 * time.Hour, false, 2, "security-fraud"},
		{"a greeting that somebody closed is over", []string{"Hi", "我的银行卡被盗刷了"}, time.Minute, true, 2, "security-fraud"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, facts, ids := greeted(t), pipeline.NewFacts(), counter{}
			var last pipeline.Plan
			for i, text := range c.texts {
				after := time.Duration(i) * time.Second
				if i == len(c.texts)-1 {
					after = c.after
				}
				last = batch(t, s, facts, ids, chat(int64(i+1), text, after))[0].Plan
				if c.closed {
					facts.Tickets[1].Status = tickets.Closed
				}
			}
			if got := facts.Tickets[c.ticket]; last.Ticket.ID != c.ticket || got == nil || got.Category != c.want {
				t.Errorf("ticket %d: %+v", last.Ticket.ID, got)
			}
			if c.ticket == 2 && (last.Ticket.Open.Follows != 1 || len(last.Effects) == 0) {
				t.Errorf("the second ticket follows the greeting's, and is acknowledged or listed: %+v", last)
			}
		})
	}
}

// TestAGreetingByMail: a subject counts as its writer's word, an answer's does not; another mail has a ticket of its own anyway.
func TestAGreetingByMail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, text string
		blank               bool
	}{
		{"no subject", "", "Hi", true}, {"a greeting as subject", "Hello", "你好，在吗", true}, {"nothing at all", "", "", true},
		{"a subject that says it", "Card stolen", "Hi", false}, {"a subject that says it, alone", "Where is my refund", "", false},
		{"a text that says it", "Hi", "Where is my refund?", false}, {"an order number", "", "20261129001", false}, {"an answer to somebody", "Re: refund", "hello", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, facts, ids := greeted(t), pipeline.NewFacts(), counter{}
			first := batch(t, s, facts, ids, proven(mail(1, "support", "li@customer.example", c.subject, c.text)))[0].Plan
			if got := !first.Ticket.Open.Blank.IsZero(); got != c.blank {
				t.Fatalf("blank is %v", got)
			}
			reply := proven(mail(2, "support", "li@customer.example", "Re: "+c.subject, "我的银行卡被盗刷了"))
			reply.InReplyTo = []string{thread.MessageID(mac, "ack", 1, "k", "desk.example")}
			then := batch(t, s, facts, ids, reply)[0].Plan
			if settled := then.Ticket.Settle != nil; then.Ticket.ID != 1 || settled != c.blank {
				t.Errorf("the answer settles: %v in ticket %d", settled, then.Ticket.ID)
			}
			thanks := proven(mail(3, "support", "li@customer.example", "Re: "+c.subject, "hello?"))
			thanks.InReplyTo = reply.InReplyTo
			if batch(t, s, facts, ids, thanks)[0].Plan.Ticket.Settle != nil {
				t.Error("a greeting settles nothing")
			}
		})
	}
}
