package deliver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/outbox"
)

// TestACodeThatJoinsLeadsNowhere: whoever reads it may have nothing to do with the ticket, so nothing in it leads there but for what the customer's own code has.
func TestACodeThatJoinsLeadsNowhere(t *testing.T) {
	mac := func(parts ...[]byte) string {
		h := sha256.Sum256(bytes.Join(parts, []byte{0}))
		return hex.EncodeToString(h[:])
	}
	w := &Writer{MAC: mac, DeskName: "Acme", Domain: "desk.example", SignReply: true, Inboxes: map[string]pipeline.Inbox{"support": {Address: "support@desk.example"}}}
	for _, joins := range []bool{false, true} {
		payload, err := json.Marshal(checking.Payload{Check: 7, Language: "en", Joins: joins})
		if err != nil {
			t.Fatal(err)
		}
		row := outbox.EffectRow{Ticket: 3, Inbox: "support", Key: "code:7", Payload: payload, To: message.Address{Kind: message.Email, Value: "ann@customer.example"}}
		out, err := w.code(row)
		if err != nil {
			t.Fatal(err)
		}
		ticket, ours := thread.ParseMessageID(mac, out.MessageID)
		if names := strings.Contains(out.Subject, thread.SubjectToken(mac, 3)) || out.ReplyTo != "" || ours && ticket == 3; names == joins || out.MessageID == "" {
			t.Errorf("joins %t: subject %q, Reply-To %q, Message-ID %q", joins, out.Subject, out.ReplyTo, out.MessageID)
		}
		if !strings.Contains(out.Text, "tell it to nobody") || strings.Contains(out.Text, "pass for you") != joins {
			t.Errorf("joins %t: %q", joins, out.Text)
		}
	}
}
