package configs

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"frontdesk/channels"
	"frontdesk/configs/values"
)

var inboxName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

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
	traits := v.kinds.Traits()[in.Channel]
	if traits.Mail {
		v.email(at, in, c)
	}
	if in.Section != nil {
		below := func(path string) string { return at + "." + path }
		in.Section.Validate(&channels.Check{Around: c.around(in),
			Add:  func(path, mistake, remedy string) { v.add(below(path), mistake, remedy) },
			Word: func(path, word, what string, allowed []string) { v.word(below(path), word, what, allowed) }})
	}
}

// sections reports parts of an inbox that are mail's, in another.
func (v *validation) sections(at string, in Inbox) {
	mail := namesOf(v.kinds, func(t channels.Traits) bool { return t.Mail })
	for _, s := range []struct {
		key   string
		given bool
	}{
		{"imap", in.IMAP != nil}, {"smtp_door", in.SMTPDoor}, {"relay", in.Relay != ""},
		{"trusted_authserv", len(in.TrustedAuthserv) > 0}, {"reply_to_from", len(in.ReplyToFrom) > 0},
	} {
		if s.given && in.Channel != "" && !v.kinds.Traits()[in.Channel].Mail {
			v.add(at+"."+s.key, "this belongs to an inbox of channel "+strings.Join(mail, ", "), "remove it, or correct the channel")
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
		if !values.IsMail(address) {
			where := at + ".address"
			if i > 0 {
				where = fmt.Sprintf("%s.aliases[%d]", at, i-1)
			}
			v.add(where, "this is no mail address", "write it as name@example.com")
		}
	}
	for i, sender := range in.ReplyToFrom {
		if domain, all := strings.CutPrefix(sender, "@"); !values.IsMail(sender) && !(all && values.IsDomain(domain)) {
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
		if r.TLS == "none" && r.Host != "" && !values.IsLoopback(r.Host) {
			v.add(at+".tls", "mail and password would travel unencrypted to another machine", "set tls: starttls or implicit; none is for a relay on this machine")
		}
		if slices.Contains([]string{"plain", "login"}, r.Auth) && (r.User == "" || r.Password.Empty()) {
			v.add(at, "auth: "+r.Auth+" needs user and password", "add both, or set auth: none")
		}
		for j, key := range r.DKIM {
			if key.Domain != "" && !values.IsDomain(key.Domain) {
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
		case u.Scheme == "http" && !values.IsLoopback(u.Hostname()):
			v.add(at, "the call would travel unencrypted", "write https://…")
		}
	}
}
