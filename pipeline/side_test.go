package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// TestSideThreadsOfAMessage: what is signed for a side thread names it, what is forged or signed for a ticket does not.
func TestSideThreadsOfAMessage(t *testing.T) {
	mac := func(parts ...[]byte) string {
		h := sha256.Sum256(bytes.Join(parts, []byte{0}))
		return hex.EncodeToString(h[:])
	}
	address := thread.SideAddress(mac, "support+x@desk.example", 7)
	id := thread.SideMessageID(mac, 8, "key", "desk.example")
	for _, c := range []struct {
		name string
		m    message.Message
		want []int64
	}{
		{"the signed address", message.Message{To: []message.Address{{Kind: message.Email, Value: strings.ToUpper(address)}}}, []int64{7}},
		{"the Message-ID", message.Message{InReplyTo: []string{id}}, []int64{8}},
		{"both, the address first", message.Message{References: []string{id}, Cc: []message.Address{{Kind: message.Email, Value: address}}}, []int64{7, 8}},
		{"another number under the same proof", message.Message{InReplyTo: []string{strings.Replace(id, ".8.", ".9.", 1)}}, nil},
		{"a ticket's address", message.Message{To: []message.Address{{Kind: message.Email, Value: thread.ReplyAddress(mac, "support@desk.example", 7)}}}, nil},
		{"a ticket's Message-ID", message.Message{InReplyTo: []string{thread.MessageID(mac, "side", 7, "key", "desk.example")}}, nil},
	} {
		c.m.Traits = message.Traits{Mail: true}
		if got := sides(&c.m, mac); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for _, ref := range append(c.m.InReplyTo, c.m.References...) {
			if _, ticket := thread.ParseMessageID(mac, ref); ticket && c.want != nil {
				t.Errorf("%s names a ticket, too", c.name)
			}
		}
	}
}

// TestWhoAnswersASideThread: a third party's answer is nobody's as a customer; a customer of the ticket is one whatever he has got hold of.
func TestWhoAnswersASideThread(t *testing.T) {
	ann, bank := message.Address{Kind: message.Email, Value: "ann@shop.example"}, message.Address{Kind: message.Email, Value: "desk@bank.example"}
	for _, c := range []struct {
		name  string
		from  message.Address
		side  *Side
		ended bool
		cause string
	}{
		{"who was asked", bank, &Side{ID: 7, Ticket: 3, Root: 3, Address: bank.Value, People: []message.Identity{ann.Identity()}}, true, causes.SideThread},
		{"a colleague of his", message.Address{Kind: message.Email, Value: "x@bank.example"}, &Side{ID: 7, Ticket: 3, Root: 3, Address: bank.Value, People: []message.Identity{ann.Identity()}}, true, causes.SideThread},
		{"who was asked, though the customer had written to him as well", bank, &Side{ID: 7, Ticket: 3, Root: 3, Address: bank.Value, People: []message.Identity{ann.Identity(), bank.Identity()}}, true, causes.SideThread},
		{"the customer", ann, &Side{ID: 7, Ticket: 3, Root: 3, Address: bank.Value, People: []message.Identity{ann.Identity()}}, false, ""},
		{"who was asked about somebody who was erased", bank, &Side{ID: 7, Ticket: 3, Root: 3, Erased: true}, true, causes.Erased},
		{"nobody's side thread", bank, nil, false, ""},
	} {
		k := &Case{Message: message.Message{From: c.from}, Known: Known{Side: c.side}}
		ended := takeAside(k)
		if ended != c.ended || k.Plan.Cause != c.cause || ended && k.Plan.State != messages.Suppressed {
			t.Errorf("%s: ended %v, %s %q", c.name, ended, k.Plan.State, k.Plan.Cause)
		}
		if (k.Plan.Side != nil) != (c.cause == causes.SideThread) || k.Plan.Contact.New || k.Plan.Ticket.ID != 0 || len(k.Plan.Effects) != 0 {
			t.Errorf("%s: the plan is %+v", c.name, k.Plan)
		}
	}
}
