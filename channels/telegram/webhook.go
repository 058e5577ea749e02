package telegram

import (
	"errors"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/webhook"
)

// maxWebhook is far above one update: two texts of 4096 characters with their entities.
const maxWebhook = 256 << 10

// Admit refuses a call without the secret token, or one that is too large.
func (c *Connector) Admit(r webhook.Request, length int64) (int64, error) {
	if !signature.MatchText(c.cfg.WebhookSecret, r.Header.Get("X-Telegram-Bot-Api-Secret-Token")) {
		return 0, refuse(channels.Unauthorized, "the secret token is missing or wrong")
	}
	if length > maxWebhook {
		return 0, refuse(channels.TooLarge, "the body is too large")
	}
	return maxWebhook, nil
}

// Receive reads one call of Telegram. The secret given to setWebhook comes along in a header; the
// body itself is not signed, and no time is. A call that cannot be read is parked and answered with
// 200: Telegram would repeat it for a day and hold back the chat's next messages.
func (c *Connector) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	if !signature.MatchText(c.cfg.WebhookSecret, r.Header.Get("X-Telegram-Bot-Api-Secret-Token")) {
		return webhook.Received{}, refuse(channels.Unauthorized, "the secret token is missing or wrong")
	}
	if len(r.Body) > maxWebhook {
		return webhook.Received{}, refuse(channels.TooLarge, "the body is too large")
	}
	if len(r.Body) == 0 {
		return webhook.Received{}, refuse(channels.Permanent, "the body is empty")
	}
	d, ok := c.delivery(r.Body, now)
	switch {
	case !ok:
		return webhook.Received{}, nil
	case d.Cause != "":
		return webhook.Received{Bad: []channels.Delivery{d}}, nil
	}
	return webhook.Received{Deliveries: []channels.Delivery{d}}, nil
}

// refuse is an error whose text is fixed, so that nothing of a stranger's call gets into a log.
func refuse(class channels.Class, why string) *channels.Error {
	return &channels.Error{Op: "receiving a webhook", Class: class, Err: errors.New(why)}
}
