package policy

import (
	"testing"
	"time"

	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/configs"
	"frontdesk/configs/values"
)

// TestContinueWithinHoldsForEachChannel: the configuration's own span reaches the channel that it names, and no other.
func TestContinueWithinHoldsForEachChannel(t *testing.T) {
	t.Parallel()
	var c configs.Config
	c.Screening.ContinueWithin = map[string]values.Duration{twilio.Channel: values.Duration(time.Hour), telegram.Channel: values.Duration(48 * time.Hour)}
	w := windows(c)
	if w.Conversations["sms"] != time.Hour || w.Conversations["telegram"] != 48*time.Hour || w.Conversation != 72*time.Hour {
		t.Errorf("windows %+v", w)
	}
}
