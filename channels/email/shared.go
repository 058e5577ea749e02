package email

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email/compose"
	"frontdesk/configs/values"
)

// Shared is what all inboxes of mail have in common. They name their relay.
type Shared struct {
	// Mail servers that send for us.
	Relays []Relay `yaml:"relays"`
}

// Relay is one mail server that sends for us.
type Relay struct {
	// Name that inboxes refer to.
	Name string `yaml:"name" check:"required"`
	// Host name of the server.
	Host string `yaml:"host" check:"required"`
	// Port; 465 with implicit TLS, else 587.
	Port int `yaml:"port"`
	// How the connection is protected.
	TLS string `yaml:"tls" enum:"implicit,starttls,none"`
	// Certificates (PEM) of the authorities that vouch for this server, in place of the system's and of ca_file at the top.
	CAFile string `yaml:"ca_file" check:"path,exists"`
	// User name; empty for a relay that trusts our address.
	User string `yaml:"user"`
	// Password.
	Password values.Secret `yaml:"password"`
	// How to sign in.
	Auth string `yaml:"auth" enum:"plain,login,xoauth2,none"`
	// Token source for xoauth2.
	OAuth *OAuth `yaml:"oauth"`
	// Envelope sender of automatic mail: the null sender, a signed bounce address (verp), or the mailbox that signs in, for relays that take no other.
	Envelope string `yaml:"envelope" enum:"null,verp,mailbox"`
	// Keys that sign what we send, e.g. one RSA and one Ed25519.
	DKIM []DKIM `yaml:"dkim"`
}

// DKIM is one signing key.
type DKIM struct {
	// Selector of the DNS record.
	Selector string `yaml:"selector" check:"required"`
	// Domain that signs. Empty: the domain of the desk.
	Domain string `yaml:"domain"`
	// Private key (PEM), RSA or Ed25519.
	KeyFile string `yaml:"key_file" check:"required,path,exists"`
}

// relays are those that are known around a section.
func relays(a descriptor.Around) *Shared {
	if s, ok := a.Shared.(*Shared); ok {
		return s
	}
	return &Shared{}
}

// names are in the order of the file, empty ones included.
func (s *Shared) names() []string {
	var names []string
	for _, r := range s.Relays {
		names = append(names, r.Name)
	}
	return names
}

// named is the relay of that name.
func (s *Shared) named(name string) (int, bool) {
	i := slices.IndexFunc(s.Relays, func(r Relay) bool { return r.Name == name })
	return i, i >= 0
}

// Fill implements descriptor.Section.
func (s *Shared) Fill(a descriptor.Around) {
	for i := range s.Relays {
		s.Relays[i].fill(a.Domain)
	}
}

// fill gives a relay submission with STARTTLS on port 587, or 465 with implicit TLS (RFC 8314). Without a user nobody signs in.
func (r *Relay) fill(domain string) {
	r.Host = bare(r.Host)
	r.TLS = cmp.Or(r.TLS, "starttls")
	if r.Port == 0 {
		r.Port = 587
		if r.TLS == "implicit" {
			r.Port = 465
		}
	}
	if r.Auth == "" {
		r.Auth = "plain"
		if r.User == "" {
			r.Auth = "none"
		}
	}
	r.Envelope = cmp.Or(r.Envelope, "null")
	for i := range r.DKIM {
		r.DKIM[i].Domain = cmp.Or(r.DKIM[i].Domain, domain)
	}
}

// Validate implements descriptor.Section.
func (s *Shared) Validate(c *descriptor.Check) {
	c.Unique(s.names(), func(i int) string { return fmt.Sprintf("relays[%d].name", i) }, "relay name")
	for i, r := range s.Relays {
		r.validate(c, fmt.Sprintf("relays[%d]", i))
	}
}

// validate is stricter than for IMAP: without TLS a relay is taken on this machine alone, since mails of all customers pass it.
func (r Relay) validate(c *descriptor.Check, at string) {
	port(c, at, r.Port)
	unneededAuthorities(c, at, r.TLS, r.CAFile)
	r.OAuth.validate(c, at, r.Auth)
	if r.TLS == "none" && r.Host != "" && !values.IsLoopback(r.Host) {
		c.Add(at+".tls", "mail and password would travel unencrypted to another machine", "set tls: starttls or implicit; none is for a relay on this machine")
	}
	if slices.Contains([]string{"plain", "login"}, r.Auth) && (r.User == "" || r.Password.Empty()) {
		c.Add(at, "auth: "+r.Auth+" needs user and password", "add both, or set auth: none")
	}
	for j, key := range r.DKIM {
		if key.Domain != "" && !values.IsDomain(key.Domain) {
			c.Add(fmt.Sprintf("%s.dkim[%d].domain", at, j), "this is no domain name", "write a name such as example.com")
		}
	}
}

// Facts implements descriptor.Section.
func (s *Shared) Facts() descriptor.Facts {
	out := descriptor.Facts{URLs: map[string]string{}}
	for i, r := range s.Relays {
		at := fmt.Sprintf("relays[%d]", i)
		if r.OAuth != nil {
			out.URLs[at+".oauth.token_url"] = r.OAuth.TokenURL
		}
		if r.CAFile != "" {
			out.Files = append(out.Files, descriptor.File{Path: at + ".ca_file", Name: r.CAFile})
		}
		for j, key := range r.DKIM {
			out.Files = append(out.Files, descriptor.File{Path: fmt.Sprintf("%s.dkim[%d].key_file", at, j), Name: key.KeyFile, Secret: true})
		}
	}
	return out
}

// Review implements descriptor.Reviewer.
func (s *Shared) Review(f *descriptor.Findings) {
	for i, r := range s.Relays {
		at := fmt.Sprintf("relays[%d]", i)
		plain(f, at, r.Host, r.TLS)
		for j, k := range r.DKIM {
			pem, err := os.ReadFile(k.KeyFile)
			if err == nil {
				_, err = compose.ParseDKIMKey(k.Domain, k.Selector, pem)
			}
			f.Fails(fmt.Sprintf("%s.dkim[%d].key_file", at, j), err)
		}
	}
}

// plain finds a connection to another host that can be listened to.
func plain(f *descriptor.Findings, at, host, tls string) {
	if tls == "none" && values.IsElsewhere(host) {
		f.Weak(at+".tls", "password and mail go to another host without TLS", "write implicit or starttls; none is accepted for a server on this machine")
	}
}

// Part implements descriptor.Shared: the relay of the inbox.
func (s *Shared) Part(inbox descriptor.Section) descriptor.Section {
	out := &Shared{}
	if in, ok := inbox.(*Section); ok {
		if i, known := s.named(in.Relay); known {
			out.Relays = s.Relays[i : i+1]
		}
	}
	return out
}

// Renew implements descriptor.Shared.
// A relay that inboxes still name is kept until they name another.
func (s *Shared) Renew(next descriptor.Shared, inboxes []descriptor.Section) descriptor.Shared {
	n, ok := next.(*Shared)
	if !ok {
		return s
	}
	out := &Shared{Relays: slices.Clone(n.Relays)}
	for _, inbox := range inboxes {
		in, ok := inbox.(*Section)
		if !ok {
			continue
		}
		if _, there := out.named(in.Relay); there {
			continue
		}
		if i, known := s.named(in.Relay); known {
			out.Relays = append(out.Relays, s.Relays[i]) // what waits for a restart still sends
		}
	}
	return out
}

// mailbox reports whether a relay signs in with a mail address.
func (r Relay) mailbox() bool { return strings.Contains(r.User, "@") }
