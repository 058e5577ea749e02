package telegram

import "frontdesk/channels"

// open makes the connector of an inbox.
func open(s channels.Setup) (channels.Ends, error) {
	bot := s.Section.(*Section).Telegram
	c, err := New(Config{Roots: s.Roots, Inbox: s.Inbox, Token: bot.Token.Reveal(), WebhookSecret: bot.Secret.Reveal(), BaseURL: bot.BaseURL})
	if err != nil {
		return channels.Ends{}, err
	}
	out := channels.Ends{Decoder: c, Sender: c, Media: c, Probes: []channels.Probe{{What: "Telegram bot", At: "telegram", Prober: c}}}
	if bot.Mode == webhook {
		out.Hooks = []channels.Hook{{Path: "/hooks/" + s.Inbox, Webhook: c}}
	} else {
		out.Streams = []channels.Stream{{Name: "updates", Fetcher: c}}
	}
	return out, nil
}
