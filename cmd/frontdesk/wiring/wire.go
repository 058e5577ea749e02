// Package wiring makes connectors, senders and scanners of the configuration, with mail's doors and relays.
package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/imap"
	"frontdesk/channels/email/oauth"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/relay"
	"frontdesk/channels/email/sink"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/guard"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/workers/deliver"
	"frontdesk/workers/enrich"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
)

// Wiring is what the configured inboxes come to: every connector in the places where it is used.
type Wiring struct {
	Decoders  map[string]channels.Decoder
	Sources   []receive.Source
	Catchups  map[string]channels.Reconciler
	Routes    []receive.Route
	Outlets   deliver.Outlets
	Probes    []probe
	mailboxes map[string]string // address taken at our SMTP door → inbox
	Sink      *sink.Sink
	Scanners  []enrich.Scanner // asked before a decision
	Closers   []func() error
}

// probe is one connection that `frontdesk check` proves.
type probe struct {
	Inbox, What string
	At          string // its path in the configuration
	channels.Prober
}

// inboxPath is where an inbox stands in the configuration.
func inboxPath(c configs.Config, name string) string {
	return fmt.Sprintf("inboxes[%d]", slices.IndexFunc(c.Inboxes, func(in configs.Inbox) bool { return in.Name == name }))
}

// Needs is what connectors get from the installation.
type Needs struct {
	Config configs.Config
	Store  *store.Store // nil for `frontdesk check`, which keeps no tokens
	Digest channels.Digest
	Token  channels.Digest
	Logger *slog.Logger
	Port   func() string              // address of the public listener, for URLs when none is configured
	Remote func(*http.Request) string // a visitor's address behind trusted proxies
	Budget *channels.Budget           // what messages may take until they are recorded
	Shares *guard.Shares              // what one client may take of it

	Certificate *Certificate // of the listeners; nil for none

	Connectors map[string]Connect // by channel, in place of those that are built in; nil for none

	Decoding bool // only decoders are wanted: nothing is made that connects or writes
	Asking   bool // connections are asked and nothing is sent: the mail sink is left to whoever serves
}

// Connect joins an inbox to its connector.
type Connect func(*Wiring, configs.Inbox, Needs) error

// New is a Wiring that no inbox has joined yet.
func New(n Needs) *Wiring {
	return &Wiring{
		Decoders: map[string]channels.Decoder{}, Catchups: map[string]channels.Reconciler{}, mailboxes: map[string]string{},
		Outlets: deliver.Outlets{Senders: map[string]channels.Sender{}, Markers: map[string]channels.Marker{},
			Media: map[string]channels.MediaFetcher{}, Notices: map[string]deliver.NoticeSender{}, PerMinute: n.Config.Screening.AcksPerMinute, MediaLimit: int64(n.Config.Limits.MaxMedia)},
	}
}

// Join makes the connector of an inbox.
func (w *Wiring) Join(in configs.Inbox, n Needs) error {
	join := n.Connectors[in.Channel]
	if join == nil {
		join = Open
	}
	if err := join(w, in, n); err != nil {
		return fmt.Errorf("wiring inbox %s: %w", in.Name, err)
	}
	return nil
}

// Open connects an inbox as its channel says.
func Open(w *Wiring, in configs.Inbox, n Needs) error {
	kind, ok := n.Config.Kinds.Find(in.Channel)
	switch {
	case !ok:
		return fmt.Errorf("channel %q has no connector", in.Channel)
	case kind.Open == nil:
		return wireMail(w, in, n)
	}
	setup, err := n.setup(in)
	if err != nil {
		return err
	}
	ends, err := kind.Open(setup)
	if err != nil {
		return err
	}
	w.connect(in, ends, inboxPath(n.Config, in.Name))
	return nil
}

// setup is what the connector of an inbox gets.
func (n Needs) setup(in configs.Inbox) (channels.Setup, error) {
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return channels.Setup{}, err
	}
	peer := func(in configs.Inbox) channels.Peer {
		return channels.Peer{Inbox: in.Name, Address: in.Address, Section: in.Section}
	}
	out := channels.Setup{Peer: peer(in), URL: n.publicURL, Remote: n.Remote, Roots: believed, Digest: n.Digest, Token: n.Token, MaxBody: int64(n.Config.Limits.MaxBody),
		Desk: channels.Desk{Name: n.Config.Desk.Name, Names: n.Config.Desk.Names, Languages: n.Config.Desk.Languages}}
	traits := n.Config.Kinds.Line()
	for _, other := range n.Config.Inboxes {
		if other.Channel == in.Channel {
			out.Peers = append(out.Peers, peer(other))
		}
		if traits[other.Channel].Mail && out.Desk.Contact == "" {
			out.Desk.Contact = other.Address
		}
	}
	for _, k := range policy.Categories(n.Config) {
		out.Desk.Categories = append(out.Desk.Categories, channels.Category{Key: k.Key, Names: k.Names})
	}
	return out, nil
}

// connect puts what an inbox is connected with where it is used.
func (w *Wiring) connect(in configs.Inbox, e channels.Ends, path string) {
	w.Decoders[in.Name] = e.Decoder
	for _, s := range e.Streams {
		w.Sources = append(w.Sources, receive.Source{Inbox: in.Name, Channel: in.Channel, Address: in.Address, Stream: s.Name, Fetcher: s.Fetcher})
	}
	for _, h := range e.Hooks {
		if !slices.ContainsFunc(w.Routes, func(r receive.Route) bool { return r.Pattern == h.Path }) {
			w.Routes = append(w.Routes, receive.Route{Inbox: in.Name, Pattern: h.Path, Webhook: h.Webhook, Pages: h.Pages})
		}
	}
	for _, p := range e.Probes {
		w.Probes = append(w.Probes, probe{in.Name, p.What, path + "." + p.At, p.Prober})
	}
	if e.Catchup != nil {
		w.Catchups[in.Name] = e.Catchup
	}
	if e.Sender != nil {
		w.Outlets.Senders[in.Name] = e.Sender
	}
	if e.Media != nil {
		w.Outlets.Media[in.Name] = e.Media
	}
}

// All connects every inbox of the configuration, and its scanners.
func All(n Needs) (*Wiring, error) {
	w := New(n)
	for _, in := range n.Config.Inboxes {
		if err := w.Join(in, n); err != nil {
			return nil, err
		}
	}
	for address, inbox := range policy.RoleAddresses(n.Config) {
		if _, taken := w.mailboxes[address]; !taken && !n.Decoding {
			w.mailboxes[address] = inbox
		}
	}
	if err := JoinScanners(w, n); err != nil {
		return nil, err
	}
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return nil, err
	}
	for i, hook := range n.Config.Webhooks {
		w.Outlets.Notices[noticeName(i)] = &deliver.WebhookOut{URL: hook.URL, Secret: []byte(hook.Secret.Reveal()), Now: time.Now,
			Client: trust.Client(believed, 20*time.Second, false)}
	}
	return w, nil
}

func noticeName(i int) string { return "webhook-" + strconv.Itoa(i+1) }

// NoticesTo are the webhooks that are told of events.
func NoticesTo(c configs.Config) []deliver.NoticeTo {
	var out []deliver.NoticeTo
	for i, h := range c.Webhooks {
		out = append(out, deliver.NoticeTo{Name: noticeName(i), Events: h.Events})
	}
	return out
}

// Close ends what the wiring has opened.
func (w *Wiring) Close() {
	for _, c := range w.Closers {
		_ = c() // it is not used any more
	}
}

func (n Needs) publicURL(path string) string {
	base := strings.TrimSuffix(n.Config.Listen.PublicURL, "/")
	if base == "" && n.Port != nil {
		base = "http://" + n.Port()
	}
	return base + path
}

// --- mail

// wireMail connects an inbox of mail: its relays, doors and tokens are the whole desk's.
func wireMail(w *Wiring, in configs.Inbox, n Needs) error {
	w.Decoders[in.Name] = parse.NewDecoder(parse.DecoderConfig{TrustedAuthserv: in.TrustedAuthserv})
	if n.Decoding {
		return nil
	}
	if in.SMTPDoor {
		for _, address := range append([]string{in.Address}, in.Aliases...) {
			w.mailboxes[strings.ToLower(address)] = in.Name
		}
	}
	if in.IMAP != nil {
		if err := wireIMAP(w, in, n); err != nil {
			return err
		}
	}
	if in.Relay == "" && n.Asking {
		return nil
	}
	sender, err := mailSender(w, in, n)
	if err != nil {
		return err
	}
	w.Outlets.Senders[in.Name] = sender
	return nil
}

func wireIMAP(w *Wiring, in configs.Inbox, n Needs) error {
	var tokens oauth.TokenSource
	if in.IMAP.OAuth != nil {
		source, err := tokenSource("imap:"+in.Name, *in.IMAP.OAuth, n)
		if err != nil {
			return err
		}
		tokens = source
	}
	believed, err := trust.Roots(in.IMAP.CAFile, n.Config.CAFile)
	if err != nil {
		return err
	}
	for i, folder := range in.IMAP.Folders {
		c := imapConfig(in, folder, tokens)
		c.TLSConfig = trust.Believing(believed)
		f, err := imap.New(c)
		if err != nil {
			return fmt.Errorf("folder %s: %w", folder, err)
		}
		w.Sources = append(w.Sources, receive.Source{Inbox: in.Name, Channel: in.Channel, Address: in.Address, Stream: "imap:" + folder, Fetcher: f})
		w.Probes = append(w.Probes, probe{in.Name, "IMAP " + in.IMAP.Host, inboxPath(n.Config, in.Name) + ".imap", f})
		if i == 0 && in.IMAP.PostAction != "none" {
			w.Outlets.Markers[in.Name] = f
		}
	}
	return nil
}

func imapConfig(in configs.Inbox, folder string, tokens oauth.TokenSource) imap.Config {
	c := in.IMAP
	out := imap.Config{Inbox: in.Name, Host: c.Host, Port: c.Port, TLS: imapTLS[c.TLS], User: c.User, Password: c.Password.Reveal(),
		Auth: c.Auth, Tokens: tokens, Folder: folder, MaxSize: int64(c.MaxSize), Poll: time.Duration(c.Poll), Since: since(c.Since),
		PostAction: postAction(c), Insecure: c.TLS == "none"}
	if c.Idle != nil {
		out.IdleFor, out.NoIdle = c.Idle.Std(), *c.Idle == 0
	}
	return out
}

// since is the first moment of a day in UTC; zero for no day.
func since(d configs.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}

var imapTLS = map[string]string{"implicit": imap.TLS, "starttls": imap.StartTLS, "none": imap.Plain}

func postAction(c *configs.IMAP) string {
	switch c.PostAction {
	case "flag":
		return "flag:$Frontdesk"
	case "move":
		return "move:" + c.MoveTo
	case "seen":
		return imap.PostSeen
	default:
		return imap.PostNone
	}
}

// tokenSource keeps refresh tokens, which providers rotate, sealed in the database.
func tokenSource(name string, c configs.OAuth, n Needs) (*oauth.Source, error) {
	out := oauth.Config{Preset: map[string]string{"google": "gmail", "microsoft": "microsoft"}[c.Provider], Tenant: c.Tenant, TokenURL: c.TokenURL,
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Scopes: c.Scopes, Token: oauth.Token{RefreshToken: c.RefreshToken.Reveal()}}
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return nil, err
	}
	out.Client = trust.Client(believed, 30*time.Second, true)
	if n.Store != nil {
		origin := n.Digest([]byte("oauth origin"), []byte(c.RefreshToken.Reveal()))
		out.SaveToken = func(ctx context.Context, t oauth.Token) error {
			secret, err := json.Marshal(savedToken{t, origin})
			if err != nil {
				return fmt.Errorf("encoding token: %w", err)
			}
			return n.Store.Service.SaveToken(ctx, name, secret, time.Now())
		}
		saved, err := loadToken(n.Store, name)
		if err != nil {
			return nil, err
		}
		if saved.Origin == origin {
			out.Token = saved.Token
		}
	}
	return oauth.New(out)
}

// savedToken is a token with the digest of the configured one that it came from: once another is
// configured, because the first was revoked, what came from that is worth nothing.
type savedToken struct {
	oauth.Token
	Origin string
}

func loadToken(s *store.Store, name string) (saved savedToken, err error) {
	secret, err := s.Service.LoadToken(context.Background(), name)
	if err != nil {
		return saved, fmt.Errorf("reading the saved token: %w", err)
	}
	if len(secret) == 0 {
		return saved, nil
	}
	if err := json.Unmarshal(secret, &saved); err != nil {
		return saved, fmt.Errorf("decoding the saved token: %w", err)
	}
	return saved, nil
}

// mailSender is the inbox's relay, or the mail sink where it has none.
func mailSender(w *Wiring, in configs.Inbox, n Needs) (channels.Sender, error) {
	from := message.Address{Kind: message.Email, Value: in.Address, Name: in.DisplayName}
	if in.Relay == "" {
		return sinkSender(w, from, n)
	}
	for i, r := range n.Config.Relays {
		if r.Name != in.Relay {
			continue
		}
		s, err := submitter(r, from, n)
		if err != nil {
			return nil, fmt.Errorf("relay %s: %w", r.Name, err)
		}
		w.Closers = append(w.Closers, s.Close)
		w.Probes = append(w.Probes, probe{in.Name, "SMTP relay " + r.Host, fmt.Sprintf("relays[%d]", i), s})
		return s, nil
	}
	return nil, fmt.Errorf("relay %q is not configured", in.Relay)
}

func sinkSender(w *Wiring, from message.Address, n Needs) (channels.Sender, error) {
	if w.Sink == nil {
		sink, err := sink.New(n.Config.DataDir + "/sink")
		if err != nil {
			return nil, err
		}
		w.Sink = sink
	}
	return w.Sink.For(compose.Config{From: from}), nil
}

func submitter(r configs.Relay, from message.Address, n Needs) (*relay.Submitter, error) {
	c := relay.Config{Addr: r.Host + ":" + strconv.Itoa(r.Port), Security: map[string]string{"implicit": "tls", "starttls": "starttls", "none": "none"}[r.TLS],
		Hello: n.Config.Desk.Domain, From: from, Envelope: r.Envelope, Bounce: from.Value, MAC: n.Token}
	believed, err := trust.Roots(r.CAFile, n.Config.CAFile)
	if err != nil {
		return nil, err
	}
	c.TLSConfig = trust.Believing(believed)
	if strings.Contains(r.User, "@") {
		c.Mailbox = r.User
	}
	if r.Auth != "none" && r.User != "" {
		c.Auth = relay.Auth{Mechanism: r.Auth, Username: r.User, Password: r.Password.Reveal()}
	}
	if r.OAuth != nil {
		source, err := tokenSource("relay:"+r.Name, *r.OAuth, n)
		if err != nil {
			return nil, err
		}
		c.Auth.Token = func(ctx context.Context) (string, error) { return source.Token(ctx, false) }
	}
	for _, k := range r.DKIM {
		pem, err := os.ReadFile(k.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading DKIM key: %w", err)
		}
		key, err := compose.ParseDKIMKey(k.Domain, k.Selector, pem)
		if err != nil {
			return nil, err
		}
		c.DKIM = append(c.DKIM, key)
	}
	return relay.New(c)
}

// senderDNS is asked about senders. Go's own resolver ends with its caller's time; the C library's does not.
var senderDNS = &net.Resolver{PreferGo: true}

// MailDoors are the SMTP and LMTP listeners.
func MailDoors(w *Wiring, n Needs) ([]*smtpd.Listener, error) {
	var doors []*smtpd.Listener
	for _, d := range []struct {
		addr string
		lmtp bool
	}{{n.Config.Listen.SMTP, false}, {n.Config.Listen.LMTP, true}} {
		if d.addr == "" || len(w.mailboxes) == 0 {
			continue
		}
		c := smtpd.Config{Addr: d.addr, LMTP: d.lmtp, Domain: n.Config.Desk.Domain, MaxBytes: int64(n.Config.Limits.MaxMessage), Budget: n.Budget, Shares: n.Shares,
			Recipients: func(a string) (string, bool) { in, ok := w.mailboxes[a]; return in, ok },
			Limits:     smtpd.Limits{Sessions: n.Config.Limits.SMTPSessions, MessagesPerMinute: n.Config.Limits.SMTPRate},
			Digest:     n.Digest, Log: n.Logger}
		if !d.lmtp {
			c.Verdicts = verdict.NewChecker(senderDNS, 0)
		}
		if n.Certificate != nil {
			c.TLSConfig = n.Certificate.config()
		}
		l, err := smtpd.New(c)
		if err != nil && d.lmtp {
			return nil, err
		}
		if err != nil {
			return nil, Taken(err, "--smtp", "listen.smtp")
		}
		doors = append(doors, l)
	}
	return doors, nil
}

// Dry are what connectors get that are made to be asked or thrown away.
func Dry(c configs.Config) Needs {
	// Instead of what is derived from the keys, which a check needs no database to have: as long, and nothing is signed with it.
	blank := func(parts ...[]byte) string { return strings.Repeat("-", 32) }
	nobody := func(parts ...[]byte) string { return "" }
	return Needs{Config: c, Digest: nobody, Token: blank, Logger: slog.New(slog.DiscardHandler), Asking: true}
}

// Taken says what to do where another program has a port, or the system keeps it.
func Taken(err error, flag, path string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program listens there; stop it, write another address in %s, or start with %s 127.0.0.1:0, which takes a free port", err, path, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: ports below 1024 need the capability CAP_NET_BIND_SERVICE (deploy/frontdesk.service); or write another port in %s", err, path)
	}
	return err
}
