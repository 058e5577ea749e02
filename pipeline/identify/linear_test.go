package identify

import (
	"fmt"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
)

// TestFindingTheSenderIsLinear: names and addresses that somebody writes, and many of them.
func TestFindingTheSenderIsLinear(t *testing.T) {
	known := &contacts.Contact{ID: 1}
	for _, frame := range [][2]string{{"", ""}, {"Li ", "@customer.example"}} {
		doubling.Text(t, 2<<10, frame[0], frame[1], doubling.Units(), func(s string) {
			a := message.Address{Kind: message.Email, Value: s, Name: s}
			Sender(message.Message{From: a, Proven: true, Also: []message.Address{a, {Kind: message.Phone, Value: s}}}, known)
			known.Owns(a.Identity())
		})
	}
	doubling.Check(t, 256, func(n int) func() {
		m := message.Message{From: message.Address{Kind: message.Email, Value: "li@customer.example"}}
		for i := range n {
			m.Also = append(m.Also, message.Address{Kind: message.Email, Value: fmt.Sprintf("a%d@customer.example", i)})
		}
		return func() { Sender(m, nil) }
	})
}
