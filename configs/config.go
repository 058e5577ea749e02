// Package configs reads the one configuration file of an installation: strictly, with every
// problem reported at once and by line, with environment variables inside values, and with secrets
// that cannot be printed. It opens no connection, and knows no channel: what an inbox of
// one configures is said in the channel's folder.
//
// The comment above a field is also its description in frontdesk.schema.json; the schema is
// written by "go test ./configs -run TestSchema -update".
package configs

import (
	"net/url"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

// Roles of a process.
const (
	RoleIntake = "intake" // listeners and fetchers
	RoleWork   = "work"   // deciding, delivering, sweeping
	RoleDesk   = "desk"   // the operator's pages
)

// Config is everything one configuration file says. Load and Default fill every default in, so
// that readers need none of their own.
type Config struct {
	// Kinds are the channels that the file was read for: those that the program has.
	Kinds descriptor.Kinds `json:"-"`
	// Who the desk is and in which languages it speaks.
	Desk Desk `yaml:"desk" check:"required"`
	// Folder for the SQLite file, blobs and keys of this installation.
	DataDir string `yaml:"data_dir" check:"path"`
	// Certificates (PEM) of authorities of your own. They are believed beside the system's wherever Frontdesk connects to another server with TLS: IMAP, relays, PostgreSQL, Redis, scanners, providers, webhooks.
	CAFile string `yaml:"ca_file" check:"path,exists"`
	// The database: the truth of everything that came in and what became of it.
	Database Database `yaml:"database"`
	// The task queue's Redis. Without it an in-process one is used, for a single process.
	Redis Redis `yaml:"redis"`
	// Where large bodies and attachments are kept, encrypted.
	Blobs Blobs `yaml:"blobs"`
	// Master keys that wrap the data keys of originals and blobs.
	Keys Keys `yaml:"keys" check:"required"`
	// Addresses to listen on.
	Listen Listen `yaml:"listen"`
	// What this process does. Part of the roles needs PostgreSQL and a real Redis.
	Roles []string `yaml:"roles" enum:"intake,work,desk"`
	// The accounts that customers write to.
	Inboxes []Inbox `yaml:"inboxes"`
	// Shared are the keys at the top of the file that belong to channels, by channel: what its inboxes have in common.
	Shared map[string]descriptor.Shared
	// Business calendars by name. Without any, "office" is Monday to Friday, 09:00-12:00 and 13:00-18:00 in the desk's time zone.
	Calendars map[string]rules.Calendar `yaml:"calendars"`
	// What is promised to whom. For each kind of promise the first rule that matches and names it wins.
	Promises []rules.Promise `yaml:"promises"`
	// What is done about what is promised and still owed, when so much of its time is used. All that match are done, each once.
	Escalations []rules.Escalation `yaml:"escalations"`
	// The lines of waiting tickets. Without any, the built-in ones are used: payments, refunds, accounts, security, cross-border, complaints, marketing, technical, general. A built-in category whose queue is not among them goes to default_queue.
	Queues []rules.Queue `yaml:"queues"`
	// How much those who answer have in hand, and who gets what.
	Agents rules.Agents `yaml:"agents"`
	// How people get into the desk, and what is kept from them there.
	Access rules.Access `yaml:"access"`
	// How the people of the desk are told outside of it what they have chosen to know.
	Alerts Alerts `yaml:"alerts"`
	// Queue of every ticket that nothing else routes.
	DefaultQueue string `yaml:"default_queue"`
	// Kinds of request. They add to the built-in categories; one with the same key replaces the built-in one.
	Categories []rules.Category `yaml:"categories"`
	// How it is told what a message is about.
	Classify rules.Classify `yaml:"classify"`
	// Rules that choose the queue; the first that matches wins, then the category's queue, then the inbox's, then default_queue.
	Routing []rules.Route `yaml:"routing"`
	// Groups of contacts, which rules of promises and routing may ask for. Whoever is in several belongs to the first.
	ContactGroups []rules.ContactGroup `yaml:"contact_groups"`
	// Guards against floods, loops and spam, and the windows in which messages belong together.
	Screening rules.Screening `yaml:"screening"`
	// What is masked before a message is stored, and what stays readable.
	Redaction rules.Redaction `yaml:"redaction"`
	// What agents may not send, or only knowingly.
	Outgoing Outgoing `yaml:"outgoing"`
	// Daemons that are asked about a message before it is decided.
	Scanners Scanners `yaml:"scanners"`
	// The automatic "received" to the customer.
	Acknowledgements rules.Acknowledgements `yaml:"acknowledgements"`
	// Which telephone numbers get a text, and what that may cost.
	SMS rules.SMS `yaml:"sms"`
	// How long things are kept.
	Retention Retention `yaml:"retention"`
	// The books that the service makes of itself.
	Audit Audit `yaml:"audit"`
	// Signed calls to systems of your own, for warnings.
	Webhooks []Webhook `yaml:"webhooks"`
	// How customers show who they are.
	Identity Identity `yaml:"identity"`
	// The process's own log.
	Log Log `yaml:"log"`
	// Sizes and times that nothing may exceed.
	Limits Limits `yaml:"limits"`
}

// Desk is who writes back.
type Desk struct {
	// Name of the desk, as customers read it.
	Name string `yaml:"name" check:"required"`
	// The name in single languages (BCP 47), in the place of name.
	Names map[string]string `yaml:"names"`
	// Domain of our Message-IDs and signed reply addresses. It must be yours.
	Domain string `yaml:"domain" check:"required"`
	// Language used when a customer's is not known (BCP 47).
	DefaultLanguage string `yaml:"default_language"`
	// Languages the desk answers in (BCP 47).
	Languages []string `yaml:"languages"`
	// Time zone of dates shown to customers and of calendars without their own (IANA name).
	Timezone string `yaml:"timezone"`
}

// Database says where the truth is kept.
type Database struct {
	// Path of a SQLite file, or postgres://user:password@host/name. Empty: frontdesk.db in data_dir.
	URL values.Secret `yaml:"url"`
	// Most connections open at once (PostgreSQL).
	MaxConnections int `yaml:"max_connections"`
}

// Redis says which Redis wakes the workers. At most one of URL, Sentinel and Cluster is set; none
// means the in-process one.
type Redis struct {
	// One server: redis://user:password@host:6379/0, rediss:// with TLS, or unix:///path.
	URL values.Secret `yaml:"url"`
	// Certificates (PEM) of the authorities that vouch for the servers, in place of the system's and of ca_file at the top. For rediss:// and tls: true.
	CAFile string `yaml:"ca_file" check:"path,exists"`
	// Servers watched by Redis Sentinel.
	Sentinel *RedisSentinel `yaml:"sentinel"`
	// A Redis Cluster.
	Cluster *RedisCluster `yaml:"cluster"`
}

// RedisSentinel is a set of servers watched by Redis Sentinel.
type RedisSentinel struct {
	// Name of the master, as the sentinels know it.
	Master string `yaml:"master" check:"required"`
	// host:port of each sentinel.
	Addrs []string `yaml:"addrs" check:"required"`
	// User of the Redis servers.
	Username string `yaml:"username"`
	// Password of the Redis servers.
	Password values.Secret `yaml:"password"`
	// Password of the sentinels themselves.
	SentinelPassword values.Secret `yaml:"sentinel_password"`
	// Number of the database.
	DB int `yaml:"db"`
	// Connect with TLS.
	TLS bool `yaml:"tls"`
}

// RedisCluster is a Redis Cluster.
type RedisCluster struct {
	// host:port of some of the nodes.
	Addrs []string `yaml:"addrs" check:"required"`
	// User of the nodes.
	Username string `yaml:"username"`
	// Password of the nodes.
	Password values.Secret `yaml:"password"`
	// Connect with TLS.
	TLS bool `yaml:"tls"`
}

// Embedded reports whether the in-process Redis is meant.
func (r Redis) Embedded() bool { return r.URL.Empty() && r.Sentinel == nil && r.Cluster == nil }

// Blobs says where large bodies and attachments are kept.
type Blobs struct {
	// Folder of the blobs. Empty: blobs in data_dir.
	Dir string `yaml:"dir" check:"path"`
}

// Keys lists the master keys.
type Keys struct {
	// The first one is used for everything new; the others only open what is older.
	Master []MasterKey `yaml:"master" check:"required"`
	// Intake keys, made of the master keys of the same names by "frontdesk keys intake". A process with the role intake alone reads these in place of the master keys: it can record, and cannot read what is recorded.
	Intake []IntakeKey `yaml:"intake"`
}

// IntakeKey names one intake key and where it is: in a file or in an environment variable.
type IntakeKey struct {
	// Name of the master key that it was made of.
	Name string `yaml:"name" check:"required"`
	// File that holds the key, as "frontdesk keys intake" prints it.
	File string `yaml:"file" check:"path"`
	// Environment variable that holds the key.
	Env string `yaml:"env"`
}

// MasterKey names one master key and where it is: in a file or in an environment variable, as 32
// random bytes in base64.
type MasterKey struct {
	// Name that is stored beside everything the key protects. Never use a name again for another key.
	Name string `yaml:"name" check:"required"`
	// File that holds the key (32 random bytes in base64).
	File string `yaml:"file" check:"path"`
	// Environment variable that holds the key.
	Env string `yaml:"env"`
}

// Listen holds the addresses of the listeners, as host:port. Port 0 picks a free one.
type Listen struct {
	// Public HTTP: webhooks and forms.
	HTTP string `yaml:"http"`
	// The operator's HTTP: page, sink, queue view, metrics. It always needs a secret. Anything but loopback needs ops_token.
	Ops string `yaml:"ops"`
	// Token that opens the operator's pages. Empty: the first start makes one, keeps it in ops.token in data_dir, and shows a link that signs in once.
	OpsToken values.Secret `yaml:"ops_token"`
	// Token that opens /metrics on the operator's listener and nothing else, for whoever collects metrics.
	MetricsToken values.Secret `yaml:"metrics_token"`
	// Host names under which operators reach the page, besides addresses, localhost and this machine's name.
	OpsNames []string `yaml:"ops_names"`
	// The desk's HTTP, at which agents sign in and work. Empty: none. It speaks no TLS: put a proxy with TLS before anything but loopback.
	Desk string `yaml:"desk"`
	// Host names under which agents reach the desk, besides addresses, localhost and this machine's name. Links for new users name the first one, by https, and passkeys are bound to it: another first one makes them useless.
	DeskNames []string `yaml:"desk_names"`
	// SMTP, for inboxes with smtp_door. Empty: none.
	SMTP string `yaml:"smtp"`
	// LMTP, for a mail server that hands over to us; host:port or unix:/path. Empty: none.
	LMTP string `yaml:"lmtp"`
	// Addresses or networks of reverse proxies whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies"`
	// Address at which customers and providers reach the public HTTP listener, e.g. https://desk.example.com.
	PublicURL string `yaml:"public_url"`
	// Certificate (PEM) for STARTTLS on the SMTP listener.
	TLSCert string `yaml:"tls_cert" check:"path,exists"`
	// Private key (PEM) of that certificate.
	TLSKey string `yaml:"tls_key" check:"path,exists"`
}

// Log says how the process logs.
type Log struct {
	// json for machines, text for people.
	Format string `yaml:"format" enum:"text,json"`
	// Least important level that is written.
	Level string `yaml:"level" enum:"debug,info,warn,error"`
}

// Limits holds sizes and times that nothing may exceed.
type Limits struct {
	// Largest body of one webhook, form or API call.
	MaxBody values.Size `yaml:"max_body"`
	// Largest mail taken in whole; of a larger one the head is kept and the message is parked.
	MaxMessage values.Size `yaml:"max_message"`
	// Bytes of bodies and mails that are taken in at a time; never below a quarter more than the largest.
	MaxInFlight values.Size `yaml:"max_inflight"`
	// Largest file fetched from a provider.
	MaxMedia values.Size `yaml:"max_media"`
	// Undecided messages of one inbox at which its source is not read further.
	MaxUndecided int `yaml:"max_undecided"`
	// Connections to the public HTTP listener at once.
	Connections int `yaml:"max_connections"`
	// Of those, from one IPv4 address or one IPv6 /64; also calls of one client at once, where a trusted proxy names it.
	ConnectionsPerAddress int `yaml:"max_connections_per_address"`
	// Of those, from one IPv6 /48.
	ConnectionsPerNetwork int `yaml:"max_connections_per_network"`
	// SMTP sessions from one remote address at once.
	SMTPSessions int `yaml:"smtp_sessions_per_remote"`
	// Messages accepted by SMTP from one remote address a minute.
	SMTPRate int `yaml:"smtp_messages_per_minute"`
	// How long a stop may take to finish or hand back what is running.
	Shutdown values.Duration `yaml:"shutdown"`
}

// Retention says how long things are kept.
type Retention struct {
	// Raw originals and attachments, counted from the decision. Undecided and parked ones never expire.
	Originals values.Duration `yaml:"originals"`
	// Lines of the desk's log of who did and read what. What is older is cut off its beginning; the rest still proves that nobody has changed it.
	// 0: it is kept for ever.
	Log values.Duration `yaml:"log"`
}

// Audit says how the service audits itself.
type Audit struct {
	// How often what was recorded since the last clean audit is audited; once a day everything is.
	Every values.Duration `yaml:"every"`
}

// Webhook is one signed call to a system of yours.
type Webhook struct {
	// Where it goes; https unless it stays on this machine.
	URL string `yaml:"url" check:"required"`
	// Key of the HMAC-SHA256 signature: whsec_ and 24 to 64 bytes in base64, as Standard Webhooks writes it, or a text of your own.
	Secret values.Secret `yaml:"secret" check:"required"`
	// What it is told: moments for who runs the desk (the default), and events of tickets.
	Events []string `yaml:"events" enum:"promise.warning,promise.breach,inbox.failing,acknowledgements.held,share.unusual,ticket.opened,ticket.assigned,ticket.replied,ticket.closed,ticket.escalated"`
	// Of tickets, only those in these queues. Empty: in all.
	Queues values.OneOrMore `yaml:"queues"`
	// Its address may lie in a private network. Without, only the public Internet is called, and this machine where the url names it.
	Private bool `yaml:"private"`
}

// Local reports whether a webhook's address names this machine itself.
func (h Webhook) Local() bool {
	u, err := url.Parse(h.URL)
	return err == nil && values.IsLoopback(u.Hostname())
}
