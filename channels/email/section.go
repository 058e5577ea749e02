package email

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

// Section is what an inbox of mail configures.
type Section struct {
	// Mail: fetch from this IMAP account.
	IMAP *IMAP `yaml:"imap"`
	// Mail: accept mail for the address at our SMTP and LMTP listeners.
	SMTPDoor bool `yaml:"smtp_door"`
	// Mail: name of the relay that sends for this inbox. Empty: kept in the mail sink.
	Relay string `yaml:"relay"`
	// Mail: authserv-ids whose Authentication-Results are believed, e.g. mx.google.com, or *.messagingengine.com for all
	// hosts of a provider. Without any, nobody is proven to be the sender of what IMAP or LMTP bring.
	TrustedAuthserv []string `yaml:"trusted_authserv"`
	// Mail: senders that write for others, such as the form of a web site: addresses, and @domain for all of one. Whoever
	// is in Reply-To is the customer then. Needed for senders outside of our own domains.
	ReplyToFrom []string `yaml:"reply_to_from"`
}

// IMAP is one IMAP account.
type IMAP struct {
	// Host name of the server.
	Host string `yaml:"host" check:"required"`
	// Port; 993 with implicit TLS, else 143.
	Port int `yaml:"port"`
	// How the connection is protected; none only for a server on this machine or network.
	TLS string `yaml:"tls" enum:"implicit,starttls,none"`
	// Certificates (PEM) of the authorities that vouch for this server, in place of the system's and of ca_file at the top.
	CAFile string `yaml:"ca_file" check:"path,exists"`
	// User name.
	User string `yaml:"user" check:"required"`
	// Password, app password or authorization code.
	Password values.Secret `yaml:"password"`
	// How to sign in.
	Auth string `yaml:"auth" enum:"password,xoauth2,oauthbearer"`
	// Token source for xoauth2 and oauthbearer.
	OAuth *OAuth `yaml:"oauth"`
	// Folders to read.
	Folders []string `yaml:"folders"`
	// Mail that the server received before this date is history: never fetched unless imported. Empty: the day of the first connection.
	Since values.Date `yaml:"since"`
	// What to do to a mail once it is safely recorded.
	PostAction string `yaml:"post_action" enum:"none,seen,flag,move"`
	// Folder for post_action move.
	MoveTo string `yaml:"move_to"`
	// Wait for news with IDLE, at most this long at a time; 0s turns IDLE off.
	Idle *values.Duration `yaml:"idle"`
	// Look for mail at least this often.
	Poll values.Duration `yaml:"poll"`
	// Largest mail fetched whole. Empty: limits.max_message.
	MaxSize values.Size `yaml:"max_size"`
}

// OAuth says where access tokens come from.
type OAuth struct {
	// Known providers have their token_url and scopes built in.
	Provider string `yaml:"provider" check:"required" enum:"google,microsoft,custom"`
	// Client id of your application.
	ClientID string `yaml:"client_id" check:"required"`
	// Client secret of your application.
	ClientSecret values.Secret `yaml:"client_secret"`
	// Refresh token of the mailbox. Without it the client signs in for itself (Microsoft, app-only).
	RefreshToken values.Secret `yaml:"refresh_token"`
	// Directory (tenant) id, for Microsoft.
	Tenant string `yaml:"tenant"`
	// Token endpoint, for custom.
	TokenURL string `yaml:"token_url"`
	// Scopes to ask for, when the built-in ones do not fit.
	Scopes []string `yaml:"scopes"`
}

// Fill implements descriptor.Section.
func (s *Section) Fill(a descriptor.Around) {
	m := s.IMAP
	if m == nil {
		return
	}
	m.Host = bare(m.Host)
	m.TLS = cmp.Or(m.TLS, "implicit")
	if m.Port == 0 {
		m.Port = 143
		if m.TLS == "implicit" {
			m.Port = 993
		}
	}
	m.Auth = cmp.Or(m.Auth, "password")
	if len(m.Folders) == 0 {
		m.Folders = []string{"INBOX"}
	}
	m.PostAction = cmp.Or(m.PostAction, "none")
	if m.Idle == nil {
		idle := values.Duration(4 * time.Minute) // so a server that falls silent is noticed within five
		m.Idle = &idle
	}
	m.Poll = cmp.Or(m.Poll, values.Duration(time.Minute))
	m.MaxSize = cmp.Or(m.MaxSize, a.MaxMessage)
}

// bare is a host without the brackets in which people write an IPv6 address before a port: certificates and sockets know it without them.
func bare(host string) string {
	if inside, ok := strings.CutPrefix(host, "["); ok && strings.HasSuffix(inside, "]") {
		return strings.TrimSuffix(inside, "]")
	}
	return host
}

// Validate implements descriptor.Section.
func (s *Section) Validate(c *descriptor.Check) {
	for i, address := range append([]string{c.Address}, c.Aliases...) {
		if !values.IsMail(address) {
			where := "address"
			if i > 0 {
				where = fmt.Sprintf("aliases[%d]", i-1)
			}
			c.Add(where, "this is no mail address", "write it as name@example.com")
		}
	}
	for i, sender := range s.ReplyToFrom {
		if domain, all := strings.CutPrefix(sender, "@"); !values.IsMail(sender) && !(all && values.IsDomain(domain)) {
			c.Add(fmt.Sprintf("reply_to_from[%d]", i), "this is no sender of mail", "write wordpress@www.example.com, or @www.example.com for all of that domain")
		}
	}
	if s.IMAP == nil && !s.SMTPDoor {
		c.Add("", "no mail can come in", "give imap, or set smtp_door: true")
	}
	if s.SMTPDoor && !c.SMTP && !c.LMTP {
		c.Add("smtp_door", "nothing listens for this mail", "set listen.smtp or listen.lmtp")
	}
	if s.Relay != "" {
		c.Word("relay", s.Relay, "relay", relays(c.Around).names())
	}
	if s.IMAP != nil {
		s.IMAP.validate(c)
	}
}

// validate checks what the tags cannot: what belongs together, and times within which servers and firewalls behave.
func (m *IMAP) validate(c *descriptor.Check) {
	port(c, "imap", m.Port)
	unneededAuthorities(c, "imap", m.TLS, m.CAFile)
	if m.Auth == "password" && m.Password.Empty() {
		c.Add("imap.password", "the value is missing", "add password or password_file, or set auth: xoauth2 with oauth")
	}
	m.OAuth.validate(c, "imap", m.Auth)
	if (m.PostAction == "move") != (m.MoveTo != "") {
		c.Add("imap.post_action", "post_action: move and move_to go together", "name the folder in move_to, or remove it")
	}
	if m.Idle.Std() < 0 || m.Idle.Std().Minutes() > 9 {
		c.Add("imap.idle", "firewalls forget a connection that idles for ten minutes", "write at most 9m; with 4m a server that falls silent is noticed within five minutes")
	}
	if m.Poll.Std().Seconds() < 5 {
		c.Add("imap.poll", "so short a poll would trouble the server", "write at least 5s")
	}
}

// unneededAuthorities refuses a file of authorities that nobody would look at.
func unneededAuthorities(c *descriptor.Check, at, tls, file string) {
	if file != "" && tls == "none" {
		c.Add(at+".ca_file", "the connection goes without TLS, so nobody's certificate is looked at", "set tls: implicit or starttls, or leave ca_file out")
	}
}

// port runs after Fill, so 0 was written by somebody.
func port(c *descriptor.Check, at string, port int) {
	if port < 1 || port > 65535 {
		c.Add(at+".port", "this is no port", "write a number from 1 to 65535")
	}
}

// validate checks that a token source is there where it is needed, and complete.
func (o *OAuth) validate(c *descriptor.Check, at, auth string) {
	needed := auth == "xoauth2" || auth == "oauthbearer"
	switch {
	case needed && o == nil:
		c.Add(at+".oauth", "auth: "+auth+" needs a token source", "add oauth with provider, client_id and refresh_token")
	case !needed && o != nil:
		c.Add(at+".oauth", "oauth is given but auth does not use it", "set auth: xoauth2, or remove oauth")
	case o == nil:
	case o.Provider == "custom" && o.TokenURL == "":
		c.Add(at+".oauth.token_url", "the value is missing", "add the token endpoint of your provider")
	case o.Provider == "microsoft" && o.Tenant == "":
		c.Add(at+".oauth.tenant", "the value is missing", "add the directory (tenant) id from the Entra admin centre")
	case o.Provider != "microsoft" && o.RefreshToken.Empty():
		c.Add(at+".oauth.refresh_token", "the value is missing", "add refresh_token or refresh_token_file")
	case o.RefreshToken.Empty() && o.ClientSecret.Empty():
		c.Add(at+".oauth", "there is nothing to sign in with", "add refresh_token, or client_secret for an app-only sign-in")
	}
	if o != nil && o.TokenURL != "" {
		c.Web(at+".oauth.token_url", o.TokenURL)
	}
}

// Facts implements descriptor.Section.
func (s *Section) Facts() descriptor.Facts {
	out := descriptor.Facts{Handed: s.SMTPDoor, Trusted: s.TrustedAuthserv, Writers: s.ReplyToFrom}
	if m := s.IMAP; m != nil {
		out.Marks = m.PostAction != "none"
		if m.OAuth != nil {
			out.URLs = map[string]string{"imap.oauth.token_url": m.OAuth.TokenURL}
		}
		if m.CAFile != "" {
			out.Files = []descriptor.File{{Path: "imap.ca_file", Name: m.CAFile}}
		}
	}
	return out
}

// Renew implements descriptor.Renewer: how it is connected. What is done to mails, and which are taken, belongs to the workers, too, and
// waits.
func (s *Section) Renew(next descriptor.Section) descriptor.Section {
	n, ok := next.(*Section)
	if !ok {
		return s
	}
	out := *s
	if s.IMAP != nil && n.IMAP != nil {
		imap := *n.IMAP
		imap.Folders, imap.Since, imap.PostAction, imap.MoveTo = s.IMAP.Folders, s.IMAP.Since, s.IMAP.PostAction, s.IMAP.MoveTo
		out.IMAP = &imap
	}
	if s.Relay != "" && n.Relay != "" {
		out.Relay = n.Relay
	}
	return &out
}
