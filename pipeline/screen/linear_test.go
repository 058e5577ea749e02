package screen

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// TestScreeningIsLinear: whatever somebody writes into the parts of a mail that are looked at.
func TestScreeningIsLinear(t *testing.T) {
	settings := Settings{Own: []string{"support@desk.example"}, Roles: []string{"postmaster@desk.example"}, Blocked: []string{"junk.example", "x@y.example"}, SpamThreshold: 5, FloodPerHour: 10, LoopID: "desk"}
	work := map[string]func(m *message.Message, s string){
		"subject":         func(m *message.Message, s string) { m.Subject = s },
		"text":            func(m *message.Message, s string) { m.Text = s },
		"sender":          func(m *message.Message, s string) { m.From.Value, m.From.Name = s, s },
		"envelope sender": func(m *message.Message, s string) { m.Envelope.MailFrom = s },
		"recipient":       func(m *message.Message, s string) { m.To = []message.Address{{Kind: message.Email, Value: s}} },
		"media type":      func(m *message.Message, s string) { m.Attachments = []message.Attachment{{MediaType: s}} },
		"name of a field": func(m *message.Message, s string) { m.Headers = message.Headers{{Name: s, Value: "x"}} },
		"fields":          func(m *message.Message, s string) { m.Headers = allFields(s) },
		"many fields": func(m *message.Message, s string) {
			all := allFields("")
			for i := 0; i < len(s); i += 64 {
				m.Headers = append(m.Headers, message.Header{Name: all[i/64%len(all)].Name, Value: s[i:min(len(s), i+64)]})
			}
		},
	}
	units := append(doubling.Units(), "()", "(a)", "(a) ", "((", "a;", "a=b;", "report-type=x;", "prvs=", "=a", "srs0=", "==", "+a", "no-reply", "bounce-", "mailer-daemon", "auto-reply: ", "out of office ", "自动回复 ", "undelivered mail ", "<>", "all,", "i am away, ", "and i ", "please ", "请", "{\"a\":[", "550 5.1.1 ", "a@b: ")
	for _, name := range slices.Sorted(maps.Keys(work)) {
		t.Run(name, func(t *testing.T) {
			for _, frame := range [][2]string{{"", ""}, {"prvs=a=", "@x.example"}, {"no (", ") no"}} {
				doubling.Text(t, 2<<10, frame[0], frame[1], units, func(s string) {
					m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: "li@customer.example"}, Subject: "Re: x", Text: "hello"}
					m.Envelope.HasMailFrom, m.Envelope.MailFrom = true, "li@customer.example"
					work[name](&m, s)
					Check(m, Facts{}, settings)
					unwrap(m.Envelope.MailFrom)
				})
			}
		})
	}
}

// allFields gives one value to every field that is looked at.
func allFields(value string) message.Headers {
	var out message.Headers
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		out = append(out, message.Header{Name: name, Value: value})
	}
	return out
}

// TestOpinionsAreLinear: a scanner's words come from outside too.
func TestOpinionsAreLinear(t *testing.T) {
	doubling.Check(t, 1<<10, func(n int) func() {
		list := make([]Opinion, n)
		for i := range list {
			list[i] = Opinion{Scanner: "a", Verdict: OpinionClean, Detail: strings.Repeat("x", 20)}
		}
		return func() { Heard(list) }
	})
}
