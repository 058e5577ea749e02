package configs

import "frontdesk/channels"

// Inbox is one account that customers write to.
type Inbox struct {
	// Name, for ever: it is part of every message's key. Letters, digits, - and _.
	Name string `yaml:"name" check:"required"`
	// Kind of medium.
	Channel string `yaml:"channel" check:"required" enum:"@channels"`
	// Our address on that medium: mail address, telephone number with +, bot name.
	Address string `yaml:"address"`
	// Further addresses that reach the same inbox.
	Aliases []string `yaml:"aliases"`
	// Name beside the address in what we send.
	DisplayName string `yaml:"display_name"`
	// Language to assume when the message does not show it (BCP 47).
	Language string `yaml:"language"`
	// Queue of tickets that no routing rule and no category claims.
	Queue string `yaml:"queue"`
	// Share of the work against the other inboxes' while all have much to do: 1 to 100. Default: 1.
	Weight int `yaml:"weight"`
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
	// Show its messages to the scanners, where any are configured. Default: true.
	Scan *bool `yaml:"scan"`
	// Section is what the channel's own keys say; nil for a channel that has none.
	Section channels.Section
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
	Password Secret `yaml:"password"`
	// How to sign in.
	Auth string `yaml:"auth" enum:"password,xoauth2,oauthbearer"`
	// Token source for xoauth2 and oauthbearer.
	OAuth *OAuth `yaml:"oauth"`
	// Folders to read.
	Folders []string `yaml:"folders"`
	// Mail that the server received before this date is history: never fetched unless imported. Empty: the day of the first connection.
	Since Date `yaml:"since"`
	// What to do to a mail once it is safely recorded.
	PostAction string `yaml:"post_action" enum:"none,seen,flag,move"`
	// Folder for post_action move.
	MoveTo string `yaml:"move_to"`
	// Wait for news with IDLE, at most this long at a time; 0s turns IDLE off.
	Idle *Duration `yaml:"idle"`
	// Look for mail at least this often.
	Poll Duration `yaml:"poll"`
	// Largest mail fetched whole. Empty: limits.max_message.
	MaxSize Size `yaml:"max_size"`
}

// OAuth says where access tokens come from.
type OAuth struct {
	// Known providers have their token_url and scopes built in.
	Provider string `yaml:"provider" check:"required" enum:"google,microsoft,custom"`
	// Client id of your application.
	ClientID string `yaml:"client_id" check:"required"`
	// Client secret of your application.
	ClientSecret Secret `yaml:"client_secret"`
	// Refresh token of the mailbox. Without it the client signs in for itself (Microsoft, app-only).
	RefreshToken Secret `yaml:"refresh_token"`
	// Directory (tenant) id, for Microsoft.
	Tenant string `yaml:"tenant"`
	// Token endpoint, for custom.
	TokenURL string `yaml:"token_url"`
	// Scopes to ask for, when the built-in ones do not fit.
	Scopes []string `yaml:"scopes"`
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
	Password Secret `yaml:"password"`
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
