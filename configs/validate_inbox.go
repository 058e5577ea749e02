package configs

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	inboxName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	phoneNumber   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	telegramToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	botToken      = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	twilioAccount = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	twilioService = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	// A number, a short code, or a sender name (GSM 03.40 has room for 11 letters).
	twilioFrom = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[0-9A-Za-z ]{1,11})$`)
)

func (v *validation) inboxes(c Config) {
	names := make([]string, len(c.Inboxes))
	for i, in := range c.Inboxes {
		names[i] = in.Name
		at := fmt.Sprintf("inboxes[%d]", i)
		v.inbox(at, in, c)
		v.sections(at, in)
	}
	v.unique(names, func(i int) string { return fmt.Sprintf("inboxes[%d].name", i) }, "inbox name")
	v.addresses(c.Inboxes)
}

func (v *validation) inbox(at string, in Inbox, c Config) {
	if in.Weight < 0 || in.Weight > 100 {
		v.add(at+".weight", fmt.Sprintf("%d is no weight", in.Weight), "give a number from 1 to 100")
	}
	if in.Name != "" && !inboxName.MatchString(in.Name) {
		v.add(at+".name", "the name has other letters than the addresses of pages allow", "use A-Z a-z 0-9 - and _, at most 64")
	}
	if in.Language != "" {
		v.language(at+".language", in.Language, c.Desk.Languages)
	}
	if in.Queue != "" {
		v.word(at+".queue", in.Queue, "queue", queueNames(c))
	}
	if in.Relay != "" {
		v.word(at+".relay", in.Relay, "relay", relayNames(c))
	}
	switch in.Channel {
	case ChannelEmail:
		v.email(at, in, c)
	case ChannelSMS:
		v.sms(at, in, c)
	case ChannelTelegram:
		v.telegram(at, in, c)
	case ChannelAPI:
		v.api(at, in)
	case ChannelForm:
		v.form(at, in, c)
	}
}

// sections reports parts of an inbox that belong to another channel.
func (v *validation) sections(at string, in Inbox) {
	for _, s := range []struct {
		key, channel string
		given        bool
	}{
		{"imap", ChannelEmail, in.IMAP != nil}, {"smtp_door", ChannelEmail, in.SMTPDoor}, {"relay", ChannelEmail, in.Relay != ""},
		{"trusted_authserv", ChannelEmail, len(in.TrustedAuthserv) > 0}, {"reply_to_from", ChannelEmail, len(in.ReplyToFrom) > 0},
		{"twilio", ChannelSMS, in.Twilio != nil},
		{"telegram", ChannelTelegram, in.Telegram != nil}, {"api", ChannelAPI, in.API != nil}, {"form", ChannelForm, in.Form != nil},
	} {
		if s.given && in.Channel != "" && in.Channel != s.channel {
			v.add(at+"."+s.key, fmt.Sprintf("this belongs to an inbox of channel %s", s.channel), "remove it, or correct the channel")
		}
	}
}

// addresses reports one mail address or number that two inboxes claim.
func (v *validation) addresses(inboxes []Inbox) {
	owner := map[string]string{}
	for i, in := range inboxes {
		for j, address := range append([]string{in.Address}, in.Aliases...) {
			key := in.Channel + " " + strings.ToLower(address)
			at := fmt.Sprintf("inboxes[%d].address", i)
			if j > 0 {
				at = fmt.Sprintf("inboxes[%d].aliases[%d]", i, j-1)
			}
			if first, taken := owner[key]; taken && address != "" {
				v.add(at, fmt.Sprintf("the inbox %q has this address already", first), "give each address to one inbox")
			}
			owner[key] = in.Name
		}
	}
}

func (v *validation) email(at string, in Inbox, c Config) {
	for i, address := range append([]string{in.Address}, in.Aliases...) {
		if !isMail(address) {
			where := at + ".address"
			if i > 0 {
				where = fmt.Sprintf("%s.aliases[%d]", at, i-1)
			}
			v.add(where, "this is no mail address", "write it as name@example.com")
		}
	}
	for i, sender := range in.ReplyToFrom {
		if domain, all := strings.CutPrefix(sender, "@"); !isMail(sender) && !(all && isDomain(domain)) {
			v.add(fmt.Sprintf("%s.reply_to_from[%d]", at, i), "this is no sender of mail", "write wordpress@www.example.com, or @www.example.com for all of that domain")
		}
	}
	if in.IMAP == nil && !in.SMTPDoor {
		v.add(at, "no mail can come in", "give imap, or set smtp_door: true")
	}
	if in.SMTPDoor && c.Listen.SMTP == "" && c.Listen.LMTP == "" {
		v.add(at+".smtp_door", "nothing listens for this mail", "set listen.smtp or listen.lmtp")
	}
	if in.IMAP != nil {
		v.imap(at+".imap", *in.IMAP)
	}
}

func isMail(address string) bool {
	got, err := mail.ParseAddress(address)
	return err == nil && got.Address == address && strings.Count(address, "@") == 1
}

func (v *validation) imap(at string, m IMAP) {
	v.port(at, m.Port)
	v.unneededAuthorities(at, m.TLS, m.CAFile)
	if m.Auth == "password" && m.Password.Empty() {
		v.add(at+".password", "the value is missing", "add password or password_file, or set auth: xoauth2 with oauth")
	}
	v.oauth(at, m.Auth, m.OAuth)
	if (m.PostAction == "move") != (m.MoveTo != "") {
		v.add(at+".post_action", "post_action: move and move_to go together", "name the folder in move_to, or remove it")
	}
	if m.Idle.Std() < 0 || m.Idle.Std().Minutes() > 9 {
		v.add(at+".idle", "firewalls forget a connection that idles for ten minutes", "write at most 9m; with 4m a server that falls silent is noticed within five minutes")
	}
	if m.Poll.Std().Seconds() < 5 {
		v.add(at+".poll", "so short a poll would trouble the server", "write at least 5s")
	}
}

// unneededAuthorities refuses a file of authorities that nobody would look at.
func (v *validation) unneededAuthorities(at, tls, file string) {
	if file != "" && tls == "none" {
		v.add(at+".ca_file", "the connection goes without TLS, so nobody's certificate is looked at", "set tls: implicit or starttls, or leave ca_file out")
	}
}

func (v *validation) port(at string, port int) {
	if port < 1 || port > 65535 {
		v.add(at+".port", "this is no port", "write a number from 1 to 65535")
	}
}

// oauth checks that token sources are there where they are needed, and complete.
func (v *validation) oauth(at, auth string, o *OAuth) {
	needed := auth == "xoauth2" || auth == "oauthbearer"
	switch {
	case needed && o == nil:
		v.add(at+".oauth", "auth: "+auth+" needs a token source", "add oauth with provider, client_id and refresh_token")
	case !needed && o != nil:
		v.add(at+".oauth", "oauth is given but auth does not use it", "set auth: xoauth2, or remove oauth")
	case o == nil:
	case o.Provider == "custom" && o.TokenURL == "":
		v.add(at+".oauth.token_url", "the value is missing", "add the token endpoint of your provider")
	case o.Provider == "microsoft" && o.Tenant == "":
		v.add(at+".oauth.tenant", "the value is missing", "add the directory (tenant) id from the Entra admin centre")
	case o.Provider != "microsoft" && o.RefreshToken.Empty():
		v.add(at+".oauth.refresh_token", "the value is missing", "add refresh_token or refresh_token_file")
	case o.RefreshToken.Empty() && o.ClientSecret.Empty():
		v.add(at+".oauth", "there is nothing to sign in with", "add refresh_token, or client_secret for an app-only sign-in")
	}
	if o != nil && o.TokenURL != "" {
		v.web(at+".oauth.token_url", o.TokenURL)
	}
}

// called reports an inbox that providers call while nobody told them where.
func (v *validation) called(at string, c Config) {
	if c.Listen.PublicURL == "" {
		v.add(at, "the provider has to reach us and signs the address it calls", "set listen.public_url")
	}
}

func (v *validation) sms(at string, in Inbox, c Config) {
	if strings.Contains(in.Address, ":") || in.Twilio != nil && strings.Contains(in.Twilio.From, ":") {
		v.add(at+".address", "senders of WhatsApp, Messenger and RCS are not connected yet", "write the number of an SMS sender, such as +85221234567")
	} else if in.Address == "" && (in.Twilio == nil || in.Twilio.From == "") || in.Address != "" && !phoneNumber.MatchString(in.Address) {
		v.add(at+".address", "this is no telephone number", "write it with + and country code, such as +85221234567")
	}
	if in.Twilio == nil {
		v.add(at+".twilio", "the value is missing", "add twilio with account_sid and auth_token")
		return
	}
	v.called(at+".twilio", c)
	v.web(at+".twilio.base_url", in.Twilio.BaseURL)
	if in.Twilio.From == "" && in.Twilio.MessagingServiceSID == "" {
		v.add(at+".twilio.from", "nothing says who sends", "give the inbox an address, or set from or messaging_service_sid")
	}
	v.twilioIDs(at+".twilio", *in.Twilio)
}

// twilioIDs checks what Twilio would answer each call with "not found" for.
func (v *validation) twilioIDs(at string, t Twilio) {
	for _, id := range []struct {
		key, value string
		form       *regexp.Regexp
		text, fix  string
	}{
		{"account_sid", t.AccountSID, twilioAccount, "this is no account SID", "copy it from Twilio's console: AC and 32 digits 0-9 a-f"},
		{"messaging_service_sid", t.MessagingServiceSID, twilioService, "this is no SID of a messaging service", "copy it from Twilio's console: MG and 32 digits 0-9 a-f"},
		{"from", t.From, twilioFrom, "this is no sender", "write a number with + and country code, a short code of 3 to 8 digits, or a sender name of at most 11 letters A-Z a-z, digits and spaces"},
	} {
		if id.value != "" && !id.form.MatchString(id.value) {
			v.add(at+"."+id.key, id.text, id.fix)
		}
	}
}

func (v *validation) telegram(at string, in Inbox, c Config) {
	if in.Telegram == nil {
		v.add(at+".telegram", "the value is missing", "add telegram with the token that BotFather gave")
		return
	}
	v.web(at+".telegram.base_url", in.Telegram.BaseURL)
	if token := in.Telegram.Token; !token.Empty() && !botToken.MatchString(token.Reveal()) {
		v.add(at+".telegram.token", "this is no token of a bot", "copy it whole from BotFather: digits, a colon, then letters A-Z a-z, digits, _ and -")
	}
	if secret := in.Telegram.Secret; in.Telegram.Mode != "webhook" && !secret.Empty() && !telegramToken.MatchString(secret.Reveal()) {
		v.add(at+".telegram.secret", "Telegram takes 1-256 letters A-Z a-z 0-9 _ -", "make one with: openssl rand -hex 32, or remove it: it is not used with mode: poll")
	}
	if in.Telegram.Mode != "webhook" {
		return
	}
	v.called(at+".telegram", c)
	if !telegramToken.MatchString(in.Telegram.Secret.Reveal()) {
		v.add(at+".telegram.secret", "a webhook needs a secret of 1-256 letters A-Z a-z 0-9 _ -", "make one with: openssl rand -hex 32")
	}
}

func (v *validation) api(at string, in Inbox) {
	if in.API == nil {
		v.add(at+".api", "the value is missing", "add api with tokens")
		return
	}
	for i, token := range in.API.Tokens {
		if token.Empty() {
			v.add(fmt.Sprintf("%s.api.tokens[%d]", at, i), "the value is missing", "remove it, or make one with: openssl rand -hex 16")
		}
	}
	for i, key := range in.API.IdentityKeys {
		where := fmt.Sprintf("%s.api.identity_keys[%d]", at, i)
		switch {
		case key.Empty():
			v.add(where, "the value is missing", "remove it, or make one with: openssl rand -hex 32")
		case len(key.Reveal()) < minIdentityKey:
			v.add(where, fmt.Sprintf("the key has fewer than %d characters", minIdentityKey), "make one with: openssl rand -hex 32")
		case slices.ContainsFunc(in.API.Tokens, key.Equal):
			v.add(where, "the key is one of the tokens, so whoever may post could sign for anybody", "make another with: openssl rand -hex 32, and keep it on your server")
		}
	}
}

// minIdentityKey is how many characters a key that signs identities has at least.
const minIdentityKey = 32

func (v *validation) form(at string, in Inbox, c Config) {
	if in.Form == nil {
		return
	}
	if len(in.Form.Languages) == 0 {
		v.add(at+".form.languages", "the page has no words in any of the desk's languages", "write some of: "+strings.Join(pageLanguages(), ", "))
	}
	for i, tag := range in.Form.Languages {
		v.word(fmt.Sprintf("%s.form.languages[%d]", at, i), tag, "language of the page", pageLanguages())
	}
	for i, key := range in.Form.Topics {
		v.word(fmt.Sprintf("%s.form.topics[%d]", at, i), key, "category", categoryKeys(c))
	}
	if in.Form.Difficulty < 1000 || in.Form.Difficulty > 10_000_000 {
		v.add(at+".form.difficulty", "this much work is nothing, or never done on a telephone", "write 1000 to 10000000; 50000 takes about a second")
	}
}

func relayNames(c Config) []string {
	var names []string
	for _, r := range c.Relays {
		names = append(names, r.Name)
	}
	return names
}

func (v *validation) relays(c Config) {
	v.unique(relayNames(c), func(i int) string { return fmt.Sprintf("relays[%d].name", i) }, "relay name")
	for i, r := range c.Relays {
		at := fmt.Sprintf("relays[%d]", i)
		v.port(at, r.Port)
		v.unneededAuthorities(at, r.TLS, r.CAFile)
		v.oauth(at, r.Auth, r.OAuth)
		if r.TLS == "none" && r.Host != "" && !isLoopback(r.Host) {
			v.add(at+".tls", "mail and password would travel unencrypted to another machine", "set tls: starttls or implicit; none is for a relay on this machine")
		}
		if slices.Contains([]string{"plain", "login"}, r.Auth) && (r.User == "" || r.Password.Empty()) {
			v.add(at, "auth: "+r.Auth+" needs user and password", "add both, or set auth: none")
		}
		for j, key := range r.DKIM {
			if key.Domain != "" && !isDomain(key.Domain) {
				v.add(fmt.Sprintf("%s.dkim[%d].domain", at, j), "this is no domain name", "write a name such as example.com")
			}
		}
	}
}

func (v *validation) webhooks(hooks []Webhook) {
	for i, h := range hooks {
		at := fmt.Sprintf("webhooks[%d].url", i)
		u, err := url.Parse(h.URL)
		switch {
		case h.URL == "":
		case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
			v.add(at, "this is no web address", "write https://host/path")
		case u.Scheme == "http" && !isLoopback(u.Hostname()):
			v.add(at, "the call would travel unencrypted", "write https://…")
		}
	}
}
