package deliver

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/outbox"
)

func TestWhatBefellCopiesIsNotedWithTheAttempt(t *testing.T) {
	row := outbox.EffectRow{ID: 7}
	for _, c := range []struct {
		name    string
		receipt channels.Receipt
		want    commands.SendEnded
	}{
		{"all went out", channels.Receipt{ProviderID: "p", Status: channels.StatusSent}, commands.SendEnded{ID: 7, State: effects.Sent, ProviderID: "p"}},
		{"it arrived", channels.Receipt{ProviderID: "p", Status: channels.StatusDelivered}, commands.SendEnded{ID: 7, State: effects.Delivered, ProviderID: "p"}},
		{"copies were refused", channels.Receipt{ProviderID: "p", Status: channels.StatusSent, Reason: "copies refused: 550 5.1.1",
			Refused: []message.Address{{Kind: message.Email, Value: "a@x.example"}, {Kind: message.Email, Value: "b@x.example"}}},
			commands.SendEnded{ID: 7, State: effects.Sent, ProviderID: "p", Detail: "2 copies refused: 550 5.1.1"}},
	} {
		if diff := cmp.Diff(c.want, sent(row, c.receipt)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
