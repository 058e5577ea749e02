package telegram

import (
	"frontdesk/channels/descriptor"
)

// open makes the connector of an inbox.
func open(s descriptor.Setup) (descriptor.Ends, error) {
	bot := s.Section.(*Section).Telegram
	c, err := New(Config{Roots: s.Roots, Inbox: s.Inbox, Token: bot.Token.Reveal(), WebhookSecret: bot.Secret.Reveal(), BaseURL: bot.BaseURL})
	if err != nil {
		return descriptor.Ends{}, err
	}
	out := descriptor.Ends{Decoder: c, Sender: c, Media: c, Probes: []descriptor.Probe{{What: "Telegram bot", At: "telegram", Prober: c}}}
	if bot.Mode == byWebhook {
		out.Hooks = []descriptor.Hook{{Path: "/hooks/" + s.Inbox, Webhook: c}}
	} else {
		out.Streams = []descriptor.Stream{{Name: "updates", Fetcher: c}}
	}
	return out, nil
}
