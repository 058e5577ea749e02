package telegram

import (
	"cmp"
	"regexp"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

// Section is what a Telegram inbox configures.
type Section struct {
	// Telegram bot.
	Telegram *Bot `yaml:"telegram"`
}

// Bot is one bot.
type Bot struct {
	// Token of the bot.
	Token values.Secret `yaml:"token" check:"required"`
	// Ask for news (poll) or be called (webhook).
	Mode string `yaml:"mode" enum:"poll,webhook"`
	// Secret token that Telegram shows with each webhook call: 1-256 of A-Z a-z 0-9 _ -.
	Secret values.Secret `yaml:"secret"`
	// Address of the API, for tests and a local Bot API server.
	BaseURL string `yaml:"base_url"`
}

var (
	// The forms are those of setWebhook's secret_token, and of the tokens that BotFather gives.
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	tokenForm  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
)

// byWebhook is the mode in which Telegram calls us.
const byWebhook = "webhook"

// Fill implements descriptor.Section.
func (s *Section) Fill(descriptor.Around) {
	if s.Telegram != nil {
		s.Telegram.Mode = cmp.Or(s.Telegram.Mode, "poll")
		s.Telegram.BaseURL = cmp.Or(s.Telegram.BaseURL, "https://api.telegram.org")
	}
}

// Validate implements descriptor.Section.
func (s *Section) Validate(c *descriptor.Check) {
	t := s.Telegram
	if t == nil {
		c.Add("telegram", "the value is missing", "add telegram with the token that BotFather gave")
		return
	}
	c.Web("telegram.base_url", t.BaseURL)
	if !t.Token.Empty() && !tokenForm.MatchString(t.Token.Reveal()) {
		c.Add("telegram.token", "this is no token of a bot", "copy it whole from BotFather: digits, a colon, then letters A-Z a-z, digits, _ and -")
	}
	if t.Mode != byWebhook && !t.Secret.Empty() && !secretForm.MatchString(t.Secret.Reveal()) {
		c.Add("telegram.secret", "Telegram takes 1-256 letters A-Z a-z 0-9 _ -", "make one with: openssl rand -hex 32, or remove it: it is not used with mode: poll")
	}
	if t.Mode != byWebhook {
		return
	}
	c.Called("telegram")
	if !secretForm.MatchString(t.Secret.Reveal()) {
		c.Add("telegram.secret", "a webhook needs a secret of 1-256 letters A-Z a-z 0-9 _ -", "make one with: openssl rand -hex 32")
	}
}

// Facts implements descriptor.Section.
func (s *Section) Facts() descriptor.Facts {
	if s.Telegram == nil {
		return descriptor.Facts{}
	}
	out := descriptor.Facts{URLs: map[string]string{"telegram.base_url": s.Telegram.BaseURL}}
	if s.Telegram.Mode == byWebhook {
		out.Called, out.Secrets = true, map[string]values.Secret{"telegram.secret": s.Telegram.Secret}
	}
	return out
}

// Renew implements descriptor.Renewer: token and secret of the same bot may be exchanged.
func (s *Section) Renew(next descriptor.Section) descriptor.Section {
	n, ok := next.(*Section)
	if !ok || s.Telegram == nil || n.Telegram == nil || s.Telegram.id() != n.Telegram.id() {
		return s
	}
	t := *s.Telegram
	t.Token, t.Secret = n.Telegram.Token, n.Telegram.Secret
	return &Section{Telegram: &t}
}

// id is the bot's number, which begins its token.
func (t *Bot) id() string {
	id, _, _ := strings.Cut(t.Token.Reveal(), ":")
	return id
}
